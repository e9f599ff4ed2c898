"""What authors write, read without Sphinx."""
