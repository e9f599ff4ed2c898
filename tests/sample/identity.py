# The settings with which the tests of the software replace the journal's own, at the end of conf.py.
project = html_title = "Sample Journal"
author = copyright = "Ada Sample"  # noqa: A001
fieldnotes_tagline = "Field notes for tests."
fieldnotes_description = "A journal on how data moves, and on where distributed systems bend."
fieldnotes_text_license = "CC BY 4.0 <https://creativecommons.org/licenses/by/4.0/>"
fieldnotes_code_license = "MIT"
fieldnotes_repository = "https://github.com/example/journal"
fieldnotes_accent = ("#1d5f8a", "#7db8e0")
fieldnotes_mark = "mark.svg"
fieldnotes_social = ["Forum <https://forum.example.org/@journal>"]
fieldnotes_navigation = None  # all lists and all standalone pages
fieldnotes_branch = "main"
fieldnotes_timezone = "UTC"
fieldnotes_rules = {}
fieldnotes_optional = []
fieldnotes_search_sites = []
language = "en"
tags_intro_text = "Tags:"
