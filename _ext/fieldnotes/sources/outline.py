"""The outline that `make new` gives a note, and the search for what is left of it."""

from __future__ import annotations

SUMMARY = "What its reader can see or do after it, in one or two sentences."
"""The summary of a new note."""

TEXT = """\
% Say here what the reader can decide or do after this note, and what it takes: two or three sentences.

## What to look at

% The first sign, where it is written down, and what it excludes.

## What to do

% The steps in their order, and the number by which one goes on to the next.

## Where this ends

% What it does not hold for.

## Sources

Read in {month} {year}.

% Every external link of the note, each with what was taken from it.
"""
"""The text of a new note. Lines that begin with % are MyST's comments: they are hints to the author, on no page."""

HINTS = [line for line in TEXT.split("\n") if line.startswith("%")]


def leftover_lines(text: str) -> list[int]:
    """The lines of a note, from 1, that are hints of the outline."""
    if not any(hint in text for hint in HINTS):  # a tenth of the time of looking at each line
        return []
    return [number for number, line in enumerate(text.split("\n"), start=1) if line.strip() in HINTS]
