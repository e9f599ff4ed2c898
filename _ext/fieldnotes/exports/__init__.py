"""The files that are published next to the pages: feeds, listings for programs, plain Markdown."""
