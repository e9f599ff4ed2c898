"""The search index, and the ranking of Sphinx's own search."""
