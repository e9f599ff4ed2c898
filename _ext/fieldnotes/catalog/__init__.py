"""The catalog: every lane, note and lab in one table."""
