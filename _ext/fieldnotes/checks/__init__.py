"""Rules for the content of documents."""
