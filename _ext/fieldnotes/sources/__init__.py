"""Parse and validate the source files, without Sphinx."""
