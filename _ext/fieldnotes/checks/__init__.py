"""The rules that a text can break."""
