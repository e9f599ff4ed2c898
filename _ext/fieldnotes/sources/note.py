"""Read a note: its front matter, its address, and facts about its text."""

from __future__ import annotations

import datetime
import math
import re
from typing import TYPE_CHECKING

from fieldnotes.sources import files, front_matter_yaml
from fieldnotes.sources.first_paragraph import summary_of
from fieldnotes.sources.front_matter_fields import RESERVED, FrontMatter
from fieldnotes.sources.outline import Outline
from fieldnotes.sources.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fieldnotes.sources.dates import Day

WORDS_PER_MINUTE = 220

LAB_REFERENCE = re.compile(r"(?:\{(?:result|number|claim)\}`(?:[^`<]*<)?|\{lab-figure\}\s+)([a-z0-9-]+:[a-z0-9_.-]+)")
"""A reference to a result, claim or figure of a lab, as ``lab:key``."""

EMPTY_OUTLINE = Outline()

DRAFT = "a draft"
"""The state of a note with `draft: true`; see ``Note.unpublished_reason``."""


class Note(FrontMatter, front_matter_yaml.Document):
    """A note of the journal, created by ``read``."""

    words: int
    quotes: tuple[str, ...] = ()
    """Results, claims and figures of labs that the text quotes, each as ``lab:key``, sorted."""
    has_summary: bool = True
    """Whether the summary is in the front matter; if not, it is the first paragraph of the text."""
    outline_lines: tuple[int, ...] = ()
    """Lines that still have text from the outline of `make new`."""

    def unpublished_reason(self, now: datetime.datetime) -> str:
        """Return why the note is not published yet: "a draft", "scheduled for 2026-12-01", or ""."""
        if self.draft:
            return DRAFT
        return f"scheduled for {self.date.iso}" if self.date.moment > now else ""

    @property
    def order(self) -> tuple[float, str]:
        """The sort key: newest first, ties broken by docname."""
        return -self.date.moment.timestamp(), self.docname

    def is_stale(self, today: datetime.date) -> bool:
        """Whether the note was last verified more than a year before ``today``."""
        last = self.last_verified
        return (last.year + 1, last.month, last.day) < (today.year, today.month, today.day)

    @property
    def last_verified(self) -> Day:
        """The day of the last check; publication counts as the first."""
        return max(self.verified or self.date, self.date)

    @property
    def last_changed(self) -> Day:
        """The date of the last change: ``updated``, or else the publication."""
        return max(self.updated or self.date, self.date, key=lambda day: day.moment)

    @property
    def first_docname(self) -> str:
        """The docname under which the note was first published: it identifies the note in feeds, despite renames."""
        names = [name for name in self.formerly if not name.startswith("/")]
        return f"notes/{names[0]}" if names else self.docname

    @property
    def minutes(self) -> int:
        """Reading time in minutes, rounded up: at least 1."""
        return max(1, math.ceil(self.words / WORDS_PER_MINUTE))


def read(
    path: str,
    data: bytes,
    lanes: Mapping[str, str],
    zone: datetime.tzinfo = datetime.UTC,
    outline: Outline = EMPTY_OUTLINE,
    optional: Collection[str] = (),
) -> Note:
    """Read the note at ``path`` from its bytes; ``lanes`` maps lane names to titles.

    Dates, and times without an offset, are in ``zone``. Leftovers of ``outline`` are listed in ``outline_lines``. The
    fields `summary` and `tags` may be missing if they are in ``optional``.

    Raises Invalid with all of its problems.
    """
    docname = path.removesuffix(".md")
    if RESERVED.fullmatch(docname):
        message = f"{docname}.html is the address of an archive page; rename the file"
        raise Invalid(Problem(path, 1, Code.ADDRESS, message))
    text = files.decode(path, data)
    header, body = front_matter_yaml.split(path, text)
    fallback: dict[str, object] = {"tags": ()} if "tags" in optional else {}
    has_summary = "summary" not in optional or "summary" in header.values()
    if not has_summary:
        fallback["summary"] = summary_of(body) or "No summary."
    front_matter = header.parse(FrontMatter, fallback, lanes=lanes, zone=zone)
    summary_line = [header.position("summary")[0]] if front_matter.summary == outline.summary else []
    return Note.model_construct(
        **dict(front_matter),
        docname=docname,
        header=header,
        words=len(body.replace("|", " ").split()),  # the pipes of a table are not words
        quotes=tuple(sorted({*LAB_REFERENCE.findall(body)})),
        has_summary=has_summary,
        outline_lines=(*summary_line, *outline.leftovers(text)),
    )
