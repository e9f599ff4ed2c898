"""The catalog: one table of every lane, note and lab."""
