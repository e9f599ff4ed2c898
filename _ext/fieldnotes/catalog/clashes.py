"""Find what clashes between files: lanes, titles, tags, dates and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.sources import frontmatter
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note
    from fieldnotes.sources.yaml_header import Lines


def clashing_lanes(lanes: list[tuple[Lane, Lines]]) -> Iterator[Problem]:
    """Report each lane whose number another lane has."""
    first: dict[int, Lane] = {}
    for lane, lines in lanes:
        other = first.setdefault(lane.number, lane)
        if other is not lane:
            message = f"`number` {lane.number} is that of {other.docname}.md too; give each lane its own"
            yield Problem(f"{lane.docname}.md", lines.of("number"), Code.LANE_NUMBER, message)


def clashing_titles(notes: Sequence[tuple[Note | Lane, Lines]]) -> Iterator[Problem]:
    """Report each title that another file of the same kind has."""
    first: dict[str, Note | Lane] = {}
    for note, lines in notes:
        other = first.setdefault(note.title.casefold(), note)
        if other is not note:
            message = f"`title` is that of {other.docname}.md too; give one of them another"
            yield Problem(f"{note.docname}.md", lines.of("title"), Code.TITLE_TWICE, message)


def clashing_tags(notes: list[tuple[Note, Lines]]) -> Iterator[Problem]:
    """Report each name of a tag that shares its page with a name which more notes use."""
    uses: dict[str, dict[str, list[tuple[Note, Lines]]]] = {}
    for note, lines in notes:
        for name in note.tags:
            uses.setdefault(frontmatter.slug(name), {}).setdefault(name, []).append((note, lines))
    for slug, names in uses.items():
        usual, *others = sorted(names, key=lambda name: -len(names[name]))
        owner = names[usual][0][0]
        for name in others:
            note, lines = names[name][0]
            if usual.casefold() == name.casefold():
                message = f"`{name}` is written `{usual}` in {owner.docname}.md; write both alike"
            else:
                message = f"`{name}` and `{usual}` of {owner.docname}.md share tags/{slug}.html; rename one of them"
            line, column = lines.place("tags", note.tags.index(name))
            yield Problem(f"{note.docname}.md", line, Code.TAG_CLASH, message, column)


def future_dates(notes: list[tuple[Note, Lines]], today: datetime.date) -> Iterator[Problem]:
    """Report `updated` or `verified` dates in the future."""
    for note, lines in notes:
        for name, day in {"updated": note.updated, "verified": note.verified}.items():
            if day and day > (max(today, note.date) if name == "updated" else today):
                message = f"`{name}` {day} is in the future; give the day on which that was done"
                yield Problem(f"{note.docname}.md", lines.of(name), Code.FUTURE, message)


def leftover_outlines(notes: list[tuple[Note, Lines]]) -> Iterator[Problem]:
    """Report lines of the outline of `make new` in notes that are no drafts."""
    for note, _lines in notes:
        for line in () if note.draft else note.hints:
            message = "this is still the outline's; write the note's own, or take it out"
            yield Problem(f"{note.docname}.md", line, Code.OUTLINE, message)


def clashing_addresses(notes: list[tuple[Note, Lines]], used: set[str]) -> Iterator[Problem]:
    """Report each former name that is in use: as a note's name now, or as a former one of two notes.

    ``used`` are the docnames of all files of notes, with those that are left out.
    """
    first: dict[str, Note] = {}
    for note, lines in notes:
        for index, name in enumerate(note.formerly):
            docname = f"notes/{name}"
            other = first.setdefault(docname, note)
            if docname == note.docname:
                message = f"`formerly` names the note itself; remove `{name}`"
            elif docname in used:
                message = f"`formerly` names {docname}.md, which is still a note; remove `{name}`, or rename that note"
            elif other is not note:
                message = f"`formerly` `{name}` is claimed by {other.docname}.md too; keep it in the one that it became"
            else:
                continue
            line, column = lines.place("formerly", index)
            yield Problem(f"{note.docname}.md", line, Code.FORMER, message, column)
