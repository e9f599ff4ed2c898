"""Check notes, lanes and pages together: clashes, unknown first notes, future dates, and leftover outlines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter_fields import former_page, slug
from fieldnotes.sources.problem import Code, Problem, excerpt, suggestion

if TYPE_CHECKING:
    import datetime
    from collections.abc import Container, Iterator, Sequence, Set

    from fieldnotes.sources.dates import Day
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note
    from fieldnotes.sources.page import Page


def clashing_fields(documents: Sequence[Lane | Note | Page], field: str, code: Code) -> Iterator[Problem]:
    """Report lanes, notes or pages that share the value of ``field``."""
    first: dict[str, Lane | Note | Page] = {}
    for document in documents:
        other = first.setdefault(str(getattr(document, field)).casefold(), document)
        if other is not document:
            message = f"`{field}` is the same as in {other.header.path}; change one of them"
            yield document.header.problem(code, message, field)


def clashing_names(notes: Sequence[Note], field: str) -> Iterator[Problem]:
    """Report tags or authors that share a page with a more common name, once each."""
    names_by_slug: dict[str, dict[str, list[Note]]] = {}
    for note in notes:
        for name in getattr(note, field):
            names_by_slug.setdefault(slug(name), {}).setdefault(name, []).append(note)
    for tag, names in names_by_slug.items():
        usual, *others = sorted(names, key=lambda name: -len(names[name]))
        first = names[usual][0].header.path
        for name in others:
            note = names[name][0]
            if usual.casefold() == name.casefold():
                message = f"`{name}` is written `{usual}` in {first}; use one spelling"
            else:
                message = f"`{name}` and `{usual}` in {first} share {field}/{tag}.html; rename one of them"
            yield note.header.problem(Code.TAG_CLASH, message, field, getattr(note, field).index(name))


def clashing_addresses(notes: Sequence[Note], docnames: Set[str]) -> Iterator[Problem]:
    """Report former names that are in use, or that two notes claim.

    ``docnames`` has those of all note files, including unpublished and invalid ones.
    """
    claims: dict[str, Note] = {}
    for note in notes:
        for index, name in enumerate(note.formerly):
            docname = former_page(name)
            first = claims.setdefault(docname, note)
            if docname == note.docname:
                message = f"`formerly` names the note itself; remove `{name}`"
            elif docname in docnames:
                message = f"`formerly` names {docname}.md, which is still a note; remove `{name}`, or rename that note"
            elif first is not note:
                message = f"`formerly` `{name}` is claimed by {first.header.path} too; keep it in one of them"
            else:
                continue
            yield note.header.problem(Code.FORMER, message, "formerly", index)


def unknown_first_notes(lanes: Sequence[Lane], notes: Sequence[Note], invalid: Container[str]) -> Iterator[Problem]:
    """Report lanes whose `begin` is not a note of the lane.

    ``notes`` includes drafts and scheduled notes; ``invalid`` has the paths of files that could not be read.
    """
    for lane in lanes:
        names = [note.docname.removeprefix("notes/") for note in notes if note.lane == lane.name]
        if lane.begin and lane.begin not in names and f"notes/{lane.begin}.md" not in invalid:
            closest = suggestion(lane.begin, names)
            hint = f"did you mean `{closest}`?" if closest else "give the file name of one, without notes/ and .md"
            message = f"`begin` `{excerpt(lane.begin)}` is not a note of this lane; {hint}"
            yield lane.header.problem(Code.VALUE, message, "begin")


def future_dates(notes: Sequence[Note], now: datetime.datetime) -> Iterator[Problem]:
    """Report `updated` and `verified` dates in the future."""
    for note in notes:
        for field, day in _future_dates(note, now).items():
            message = f"`{field}` {day.iso} is in the future; write the day on which it was done"
            yield note.header.problem(Code.FUTURE, message, field)


def without_future_dates(note: Note, now: datetime.datetime) -> Note:
    """Return the note without `updated` and `verified` dates in the future, which no page or feed shows."""
    return note.model_copy(update=dict.fromkeys(future)) if (future := _future_dates(note, now)) else note


def _future_dates(note: Note, now: datetime.datetime) -> dict[str, Day]:
    """Return the dates in the future, by field. A scheduled note may have an `updated` up to its publication."""
    limits = {"updated": (note.updated, max(now, note.date.moment)), "verified": (note.verified, now)}
    return {
        field: day
        for field, (day, limit) in limits.items()
        if day and (day.moment > limit if day.has_time else day > limit.date())
    }


def leftover_outlines(notes: Sequence[Note]) -> Iterator[Problem]:
    """Report lines of the outline from `make new` in notes that are not drafts."""
    for note in notes:
        for line in () if note.draft else note.outline_lines:
            message = "this line is from the outline of `make new`; replace it or remove it"
            yield Problem(note.header.path, line, Code.OUTLINE, message)
