# The journal's commands: `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := _build
# A second process saves a tenth of the time and costs a fifth more work, since Sphinx's workers return their whole
# state every ten notes. `make html JOBS=auto` uses all processors.
JOBS ?= 1
# Sphinx fails in a locale that is not installed, and translates its warnings in others. In C, Python uses UTF-8.
SPHINX := LC_ALL=C $(BIN)/python -m sphinx -W --keep-going -j $(JOBS)
COMMAND := LC_ALL=C PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands
# With the trap, the shell waits for a command stopped by Ctrl-C, and make does not report a failure.
QUIET := trap : INT;
WORDS := _ext/fieldnotes/locale
# Tests wait for browsers and builds, so one process more than there are processors keeps all of them busy.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN || echo 2) + 1)
# Let Python keep compiled code: hundreds of processes of the tests load it.
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n $(WORKERS) --dist worksteal
WITH_STYLE_CHECKS = $(MAKE) -s style & style=$$!; $(1); tests=$$?; wait $$style || { echo "make style fails, see above"; exit 1; }; exit $$tests

# Make builds reproducible: take timestamps from the commit.
EPOCH := $(shell git log -1 --format=%ct 2>/dev/null)
ifneq ($(EPOCH),)
export SOURCE_DATE_EPOCH ?= $(EPOCH)
endif

# Take these from make's command line, not from the environment: WSL sets NAME.
$(foreach name,TITLE LANE TAGS NAME,$(if $(filter environment,$(origin $(name))),$(eval unexport $(name))$(eval $(name) :=)))

.DEFAULT_GOAL := html
.PHONY: help start update new bring live serve check test-fast test test-long style browser html deploy-check links linkcheck \
  sources stale lab labs format schema words pictures fonts requirements audit clean bench bench-10k bench-search bench-projects \
  bench-live

##@ Write
new: $(VENV)/site ## Create a note: make new TITLE="…" LANE=platform TAGS="Spark, YARN", or answer its questions.
	@$(COMMAND).new
bring: $(VENV)/live ## Import posts from another system: make bring FROM=folder LANE=platform; DRY=1 only reports.
	@FROM="$(FROM)" LANE="$(LANE)" OLD="$(OLD)" DRY="$(DRY)" $(COMMAND).bring
start: $(VENV)/site ## Turn this checkout into your own journal: make start NAME="…" TAGLINE="…" LANES="Platform, Data".
	@$(COMMAND).start $(foreach name,NAME TAGLINE LANES,$(if $(filter command,$(origin $(name))),$(name)))
live: $(VENV)/live ## Serve the journal, drafts included, and rebuild it on every save; without the search index.
	@$(QUIET) $(COMMAND).live
serve: html ## Serve the built site on http://127.0.0.1:8000.
	@$(QUIET) $(COMMAND).serve $(BUILD)/html

##@ Check
check: $(VENV)/live ## Check the texts against the rules in CONTRIBUTING; FORMAT=json is for programs.
	@$(COMMAND).check --format=$(or $(FORMAT),text)
test-fast: $(VENV)/tests ## Check style, types and spelling, and run the tests without a browser or a long build.
	@$(call WITH_STYLE_CHECKS,$(PYTEST) --dist loadfile -m "not browser and not slow")
test: $(VENV)/tests browser ## Check style, types and spelling, and run all tests.
	@$(call WITH_STYLE_CHECKS,$(PYTEST))
test-long: $(VENV)/tests ## Run longer random edits, longer labs, and tests of hosts and machines; needs nginx and busybox.
	@ROUNDS=25 $(PYTEST) tests/build/test_random_edits.py tests/build/test_recovery.py
	@LONG=1 $(PYTEST) tests/long tests/checks/test_outside_files.py tests/checks/test_check_and_build.py $(wildcard tests/journal/test_results.py)
style: $(VENV)/tests
	@sh tests/typescript.sh & scripts=$$!; \
	  $(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/codespell && $(BIN)/mypy; code=$$?; \
	  wait $$scripts && exit $$code
browser:
	@sh tests/browser.sh

##@ Publish
html: $(VENV)/site ## Build the site into _build/html.
	@[ -d $(BUILD)/html ] || [ ! -e $(BUILD)/html ] || { echo "$(BUILD)/html is a file; move it away, then build again"; exit 2; }
	@$(COMMAND).html $(BUILD) $(JOBS)
deploy-check: $(VENV)/tests ## Check the site as Read the Docs builds it, or as published at URL=https://…
	@PYTHONPATH=_ext $(BIN)/python tests/deploy.py $(if $(filter command,$(origin URL)),$(URL))
links: html $(VENV)/tests ## Add new addresses and headings to the list of permanent ones.
	@$(BIN)/python tests/published.py
linkcheck: $(VENV)/site ## Test every external link of the notes; needs the network.
	@$(SPHINX) -b linkcheck -d $(BUILD)/linkcheck/doctrees . $(BUILD)/linkcheck

##@ Maintain
sources: $(VENV)/site ## List each number that comes from a source, with the quotation that supports it.
	@$(COMMAND).sources
stale: $(VENV)/site ## List the notes not verified for more than a year.
	@$(COMMAND).stale
lab: .venv-labs/labs ## Run one lab: make lab NAME=my-lab; RENEW=1 also accepts a run within the tolerance.
	@.venv-labs/bin/python labs/run.py $(NAME) $(if $(RENEW),--renew)
labs: .venv-labs/labs ## Run every lab and report new results; some need Debian packages, which they name.
	@.venv-labs/bin/python labs/run.py
format: $(VENV)/tests ## Format the code.
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
schema: $(VENV)/site ## Write the front matter's JSON schema, and CONTRIBUTING's table of its fields.
	@$(COMMAND).schema
words: $(VENV)/site ## Extract the interface texts for translation into the languages of _ext/fieldnotes/locale.
	@mkdir -p $(BUILD)
	@$(BIN)/pybabel -q extract -F $(WORDS)/babel.cfg --add-location=file --sort-output -o $(BUILD)/fieldnotes.pot _ext/fieldnotes _templates _static
	@$(BIN)/pybabel -q update -N -D fieldnotes --ignore-obsolete --ignore-pot-creation-date -i $(BUILD)/fieldnotes.pot -d $(WORDS)
pictures: html $(VENV)/tests browser ## Take README's screenshots of the built site, and draw the preview image for links to it.
	@PYTHONPATH=_ext:bench $(BIN)/python tests/pictures.py
fonts: $(VENV)/tests ## Subset Adobe's fonts into _static/fonts; needs npm and the network.
	@$(BIN)/python _static/fonts/subset.py
requirements: .venv-audit/audit ## Pin the packages of the .in files; UPGRADE=name or UPGRADE=all allows newer versions.
	@.venv-audit/bin/python requirements/pin.py $(UPGRADE)
audit: .venv-audit/audit ## Report known vulnerabilities of pinned packages; needs the network.
	@.venv-audit/bin/python requirements/audit.py
clean: ## Delete the build folder.
	rm -rf $(BUILD)

update: ## Upgrade to a later version of the software, and keep your texts: make update FROM=software/main.
	@sh requirements/update.sh "$(FROM)"

##@ Measure
bench: .venv-bench/bench ## Compare builds of one corpus by this journal and by its peers (20 minutes).
	@.venv-bench/bin/python bench/run.py
	@.venv-bench/bin/python bench/report.py
bench-10k: .venv-bench/bench ## Build 10,000 notes with this journal only (10 minutes).
	@.venv-bench/bin/python bench/run.py --sizes --large 10000
	@.venv-bench/bin/python bench/report.py
bench-search: $(VENV)/tests browser ## Measure the ranking of both searches with the committed queries (15 minutes).
	@PYTHONPATH=_ext $(BIN)/python bench/search.py $(OPTIONS)
bench-projects: $(VENV)/tests browser ## Compare a single journal with one project per lane (3 minutes).
	@$(BIN)/python bench/projects.py
bench-live: $(VENV)/tests .venv-bench/bench browser ## Measure the time from a save to the text in the browser (3 minutes).
	@$(BIN)/python bench/live.py
	@.venv-bench/bin/python bench/report.py

help:
	@awk -F ':.*## ' '/^##@ / { print substr($$0, 4) } /^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# A virtual environment is current if its stamp file, which is empty, is newer than its pins.
$(VENV)/site: requirements.txt
$(VENV)/live: requirements/live.txt $(VENV)/site
$(VENV)/tests: requirements/tests.txt $(VENV)/live
.venv-labs/labs: requirements/labs.txt
.venv-bench/bench: requirements/bench.txt
.venv-audit/audit: requirements/audit.txt
$(VENV)/site $(VENV)/live $(VENV)/tests .venv-labs/labs .venv-bench/bench .venv-audit/audit:
	@$(PYTHON) requirements/install.py $(@D) $<
	@touch $@
