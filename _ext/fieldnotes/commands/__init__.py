"""Command-line entry points of the Makefile."""
