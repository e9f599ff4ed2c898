"""Sphinx settings of the journal. Its own extension is in _ext/fieldnotes/."""

import gc
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))
gc.set_threshold(100_000, 50, 10)  # before extensions are loaded; see build/initialize.py

# The journal's identity. CONTRIBUTING describes these settings, under "Make it yours".
project = "Built at Scale"
author = "the authors of Built at Scale"
fieldnotes_tagline = "Field notes for AI, data, and BigData builders."
fieldnotes_description = f"{fieldnotes_tagline} How data moves, and where distributed systems bend."
fieldnotes_text_license = ""
fieldnotes_code_license = "MIT <https://opensource.org/license/mit>"
fieldnotes_repository = ""
fieldnotes_accent = ("#9c3a0b", "#f2a65f")
fieldnotes_mark = "pictures/mark.svg"
fieldnotes_social = []
fieldnotes_navigation = []  # all lists and standalone pages
fieldnotes_rules = {}  # a rule is "off", "advice" or "error"
copyright = author
language = "en"

extensions = ["myst_parser", "sphinx_design", "sphinx_tags", "sphinx.ext.doctest", "fieldnotes"]
include_patterns = ["index.md", "lanes/**", "notes/**", "pages/**"]
# Exclude folders without documents: Sphinx walks through every other one, even through all of .venv and _build.
exclude_patterns = [
    *(".*", "**/.*", "_build", "_ext", "bench", "hosts", "labs", "node_modules", "pictures", "tests"),
    "fonts/*.py",
]
templates_path = ["_templates"]
nitpicky = True

myst_enable_extensions = [
    *("alert", "amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"),
    *("smartquotes", "strikethrough", "tasklist"),
]
myst_dmath_allow_space = False  # "$5 and $10" is not a formula
myst_dmath_allow_digits = False  # nor is "$5-$10"
myst_fence_as_directive = ["dot", "graphviz", "math", "mermaid"]
numfig = True  # per note, see build/domain.py
math_numfig = False  # Sphinx numbers formulas per document
myst_heading_anchors = 6
myst_footnote_transition = False  # footnotes are shown where they are referred to
smartquotes = False  # MyST's cost a third, and leave titles and summaries as written

# The build date, which decides which notes are published. Empty is today; set it to make a build reproducible.
fieldnotes_today = os.environ.get("FIELDNOTES_TODAY", "")
# The time zone of dates, and of times without an offset: UTC, or a name such as "Europe/Berlin".
fieldnotes_timezone = "UTC"
fieldnotes_drafts = False  # True shows drafts and scheduled notes, as `make live` does

# Words that the search treats as equal: `k8s` finds Kubernetes, and vice versa.
fieldnotes_synonyms = [
    "ai = artificial intelligence",
    "config = configuration",
    "cpp = c++",
    "csharp = c#",
    "db = database",
    "dotnet = .net",
    "elastic = elasticsearch",
    "emr = amazon emr",
    "gha = github actions",
    "golang = go",
    "hdfs = hadoop",
    "infosec = security",
    "js = javascript",
    "k8s = kubernetes",
    "llm = llms = large language model = large language models",
    "lucene = elasticsearch",
    "ml = machine learning",
    "o11y = observability",
    "osx = macos",
    "otel = opentelemetry",
    "postgres = postgresql = pg",
    "py = python",
    "repo = repository",
    "sli = service level indicator",
    "slo = service level objective",
    "sqlite = sqlite3",
    "sre = site reliability",
    "ts = typescript",
]

tags_create_tags = False
tags_output_dir = "tags"
tags_intro_text = "Tags:"

html_title = project
html_theme = "furo"
html_theme_options = {"top_of_page_buttons": []}
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "http://127.0.0.1:8000/")  # where `make serve` serves it
html_static_path = ["_static"]
html_extra_path = ["hosts/_headers", "hosts/.nojekyll"]
html_js_files = [(name, {"defer": "defer"}) for name in ("journal.js", "copy.js", "search/box.js")]
html_math_renderer = "mathml"
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_show_search_summary = False
latex_engine = "xelatex"  # the texts are in UTF-8
html_search_scorer = str(Path(__file__).parent / "_ext/fieldnotes/search/scorer.js")
