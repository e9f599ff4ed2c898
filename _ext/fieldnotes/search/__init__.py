"""The search's index, and the ranking of Sphinx's own search."""
