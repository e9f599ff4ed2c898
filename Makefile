# The journal's commands. `make help` lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILD := _build
# One process: a second saves a tenth of the time and costs a fifth more work, since Sphinx hands its whole state back
# for every ten notes. `make html JOBS=auto` takes them all.
JOBS ?= 1
SPHINX := $(BIN)/python -m sphinx -W --keep-going -j $(JOBS)
PINNED := requirements requirements-live tests/requirements bench/requirements labs/requirements tests/audit
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes -r
CODE := conf.py _ext _static tests bench labs

# What a build may know of time is when its commit was made, and the day (`fieldnotes_today` in conf.py).
EPOCH := $(shell git log -1 --format=%ct 2>/dev/null)
ifneq ($(EPOCH),)
export SOURCE_DATE_EPOCH ?= $(EPOCH)
endif

.DEFAULT_GOAL := html

.PHONY: html
html: $(VENV)/site ## Build the site into _build/html
	@$(SPHINX) -q -b html -d $(BUILD)/doctrees . $(BUILD)/html
	@echo "The site is $(BUILD)/html/index.html"

.PHONY: check
check: $(VENV)/live ## Say what is wrong with the notes, without a build: FORMAT=json for programs
	@PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands.check --format=$(or $(FORMAT),text)

.PHONY: test
test: $(VENV)/tests ## Run every check: style, types, spelling, and the tests with a browser
	@sh tests/browser.sh
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/mypy
	@for lab in labs/*/lab.py; do $(BIN)/mypy --no-error-summary $$lab || exit 1; done
	@$(BIN)/codespell
	@$(BIN)/pytest -n auto --dist worksteal

.PHONY: test-long
test-long: $(VENV)/tests ## Run the random edits for much longer than `make test` does
	@ROUNDS=25 $(BIN)/pytest -n auto tests/build/test_incremental.py
	@LONG=1 $(BIN)/pytest -n auto tests/sources/test_labs.py

.PHONY: format
format: $(VENV)/tests ## Put the code into the house's form
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)

.PHONY: labs
labs: .venv-labs/done ## Run every lab again, and tell which results are new (Spark's and Lucene's need Java 17)
	@.venv-labs/bin/python labs/run.py

.PHONY: lab
lab: .venv-labs/done ## Run one lab: make lab NAME=freshness-slo; RENEW=1 takes a run that is within the tolerance
	@.venv-labs/bin/python labs/run.py $(NAME) $(if $(RENEW),--renew)

.PHONY: bench
bench: .venv-bench/done ## Build a corpus with this and with its peers, and tell what it took (20 minutes)
	@.venv-bench/bin/python bench/run.py
	@.venv-bench/bin/python bench/report.py

.PHONY: bench-10k
bench-10k: .venv-bench/done ## The same for this alone at 10,000 notes (10 minutes)
	@.venv-bench/bin/python bench/run.py --sizes --large 10000
	@.venv-bench/bin/python bench/report.py

.PHONY: bench-search
bench-search: $(VENV)/tests ## Ask the search the committed queries, and tell what a first query loads (15 minutes)
	@sh tests/browser.sh
	@$(BIN)/python bench/search.py

.PHONY: bench-live
bench-live: $(VENV)/tests .venv-bench/done ## Measure how soon a saved note shows in the browser that `make live` feeds (3 minutes)
	@sh tests/browser.sh
	@$(BIN)/python bench/live.py
	@.venv-bench/bin/python bench/report.py

.PHONY: new
new: $(VENV)/site ## Begin a note: make new TITLE="…" LANE=bigdata TAGS="Spark, YARN", or answer
	@PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands.new

.PHONY: schema
schema: $(VENV)/site ## Write the front matter's JSON schema and CONTRIBUTING's table anew, after a change of its fields
	@PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands.schema

.PHONY: live
live: $(VENV)/live ## Show the journal with its drafts on a free port, again after every save (not the search)
	@PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands.live

.PHONY: stale
stale: $(VENV)/site ## List the notes that nobody has verified for more than a year
	@PYTHONPATH=_ext $(BIN)/python -m fieldnotes.commands.stale

.PHONY: audit
audit: .venv-audit/done ## Ask which of the pinned packages are known to be unsafe (needs the network)
	@for file in $(PINNED); do \
	  echo "$$file.txt:"; \
	  .venv-audit/bin/pip-audit --strict --require-hashes --disable-pip -r $$file.txt || unsafe=1; \
	done; exit $${unsafe:-0}

.PHONY: requirements
requirements: .venv-audit/done ## Pin what the .in files name, with hashes: UPGRADE=name, or =all, takes newer versions
	@for file in $(PINNED); do \
	  .venv-audit/bin/uv pip compile --quiet --universal --generate-hashes --annotation-style line \
	    --custom-compile-command 'make requirements' --python-version 3.11 \
	    $(if $(filter all,$(UPGRADE)),--upgrade,$(UPGRADE:%=--upgrade-package %)) \
	    $$file.in --output-file $$file.txt || exit 1; \
	done

.PHONY: linkcheck
linkcheck: $(VENV)/site ## Try every external link of the notes (needs the network)
	@$(SPHINX) -b linkcheck -d $(BUILD)/linkcheck/doctrees . $(BUILD)/linkcheck

.PHONY: serve
serve: html ## Serve the built site on http://127.0.0.1:8000
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(BUILD)/html 8000

.PHONY: deploy-check
deploy-check: $(VENV)/site ## Build as Read the Docs does, and crawl the result over http: links, sitemap, feeds, search
	@$(BIN)/python tests/deploy.py

.PHONY: pictures
pictures: html $(VENV)/tests ## Take README's pictures of the built site, and the one for links to it
	@sh tests/browser.sh
	@PYTHONPATH=_ext:bench $(BIN)/python tests/pictures.py

.PHONY: links
links: html $(VENV)/tests ## Add new addresses and headings to the list of those that must last
	@$(BIN)/python tests/published.py

.PHONY: fonts
fonts: $(VENV)/tests ## Make the faces of _static/fonts anew (needs npm and the network)
	@mkdir -p $(BUILD)/fonts && cd $(BUILD)/fonts && npm pack --silent source-serif@4.5.1 source-code-pro@2.42.0
	@cd $(BUILD)/fonts && for pack in *.tgz; do mkdir -p "$${pack%.tgz}" && tar xzf "$$pack" -C "$${pack%.tgz}"; done
	@$(BIN)/python _static/fonts/subset.py $(BUILD)/fonts

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BUILD)

.PHONY: help
help: ## List these commands
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

$(VENV)/site: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "The journal needs Python 3.11 or newer: make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(INSTALL) requirements.txt
	@touch $@

.venv-labs/done: labs/requirements.txt
	@test -x .venv-labs/bin/python || $(PYTHON) -m venv .venv-labs
	@.venv-labs/bin/python $(INSTALL) labs/requirements.txt
	@touch $@

.venv-audit/done: tests/audit.txt
	@test -x .venv-audit/bin/python || $(PYTHON) -m venv .venv-audit
	@.venv-audit/bin/python $(INSTALL) tests/audit.txt
	@touch $@

.venv-bench/done: bench/requirements.txt
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python $(INSTALL) bench/requirements.txt
	@touch $@

$(VENV)/live: $(VENV)/site requirements-live.txt
	@$(BIN)/python $(INSTALL) requirements-live.txt
	@touch $@

$(VENV)/tests: $(VENV)/live tests/requirements.txt
	@$(BIN)/python $(INSTALL) tests/requirements.txt
	@touch $@
