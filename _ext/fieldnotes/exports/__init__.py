"""The files beside the pages: feeds, lists for programs, plain Markdown."""
