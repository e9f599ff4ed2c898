"""Rules for the text of documents."""
