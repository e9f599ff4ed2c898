"""A note: the schema of its front matter, and what can be known of it from its file alone."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from fieldnotes.checks import prose
from fieldnotes.sources import yaml_header
from fieldnotes.sources.frontmatter import RESERVED, FrontMatter
from fieldnotes.sources.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    import datetime

WORDS_A_MINUTE = 220


QUOTING = re.compile(r"\{(?:result|number)\}`([a-z0-9-]+):|\{lab-figure\}\s+([a-z0-9-]+):")
"""Where a text quotes a lab, or shows a figure of one."""


SUMMARY = "What its reader can see or do after it, in one or two sentences."
"""The summary of a new note."""


OUTLINE = """\
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
"""The text of a new note; what stands behind a % is for its author and is on no page."""


HINTS = [line for line in OUTLINE.split("\n") if line.startswith("%")]


DRAFT = "a draft"
"""What a note is that says so of itself: see ``Note.waits``."""


class Note(FrontMatter):
    """A note that is fit to publish: its front matter, its address and its length."""

    docname: str
    """The file's path without its suffix, as ``notes/<slug>``: also the address of the page."""
    words: int
    labs: tuple[str, ...] = ()
    """The labs that its text quotes or shows a figure of, by their names."""
    hints: tuple[int, ...] = ()
    """The lines of its file where words of the outline stand that a new note has."""

    def waits(self, today: datetime.date) -> str:
        """What it is if it is not to be published on that day: a draft, or scheduled for a day to come."""
        if self.draft:
            return DRAFT
        return f"scheduled for {self.date}" if self.date > today else ""

    def is_stale(self, today: datetime.date) -> bool:
        """Whether it was last verified, or published, more than a year before that day."""
        last = self.last_verified
        return (last.year + 1, last.month, last.day) < (today.year, today.month, today.day)

    @property
    def last_verified(self) -> datetime.date:
        """The day on which it was last known to hold: what is published has been checked."""
        return max(self.verified or self.date, self.date)

    @property
    def changed(self) -> datetime.date:
        """The day that its readers are told it last changed."""
        return self.updated or self.date

    @property
    def first_docname(self) -> str:
        """The docname under which it was first published: a renamed note stays the same one for feed readers."""
        return f"notes/{self.formerly[0]}" if self.formerly else self.docname

    @property
    def minutes(self) -> int:
        """Minutes to read it, at 220 words a minute, rounded up: at least one."""
        return max(1, math.ceil(self.words / WORDS_A_MINUTE))


def read(path: str, data: bytes, context: dict[str, Any]) -> tuple[Note, yaml_header.Lines]:
    """Read the bytes of a note at ``path``; raise Invalid with all that is wrong with it.

    ``context`` holds ``lanes`` (title by name).
    """
    docname = path.removesuffix(".md")
    if RESERVED.fullmatch(docname):
        message = f"{docname}.html is an address of the archive; give the file another name"
        raise Invalid(Problem(path, 1, Code.ADDRESS, message))
    text = yaml_header.decode(path, data)
    _header, body = yaml_header.split(path, text)
    front_matter, lines = yaml_header.read(path, text, FrontMatter, context)
    if deep := prose.nested(path, text):
        raise Invalid(deep, draft=front_matter.draft)
    words = len(body.replace("|", " ").split())
    labs = tuple(sorted({quoted or shown for quoted, shown in QUOTING.findall(body)}))
    hints = [lines.of("summary")] if front_matter.summary == SUMMARY else []
    if any(hint in body for hint in HINTS):
        hints += [number for number, line in enumerate(text.split("\n"), start=1) if line.strip() in HINTS]
    read = Note.model_construct(**dict(front_matter), docname=docname, words=words, labs=labs, hints=tuple(hints))
    return read, lines
