"""The Sphinx integration."""
