"""The catalog: every lane, note, page and lab."""
