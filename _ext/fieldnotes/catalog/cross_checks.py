"""Report clashes: two files that claim the same title, number, address or tag page, and dates in the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter import former_page, slug
from fieldnotes.sources.problem import Code, Problem, excerpt, suggestion

if TYPE_CHECKING:
    import datetime
    from collections.abc import Container, Iterator, Sequence, Set

    from fieldnotes.sources.dates import Day
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note
    from fieldnotes.sources.page import Page


def clashing_fields(documents: Sequence[Lane | Note | Page], field: str, code: Code) -> Iterator[Problem]:
    """Report lanes, notes or pages whose ``field`` has the value that it has in another one."""
    first: dict[str, Lane | Note | Page] = {}
    for document in documents:
        other = first.setdefault(str(getattr(document, field)).casefold(), document)
        if other is not document:
            message = f"`{field}` is the same as in {other.header.path}; change one of them"
            yield document.header.problem(code, message, field)


def clashing_names(notes: Sequence[Note], field: str) -> Iterator[Problem]:
    """Report names of tags, or authors, that share a page with a name which more notes use, each once."""
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
                message = f"`{name}` is written `{usual}` in {first}; write both alike"
            else:
                message = f"`{name}` and `{usual}` of {first} share {field}/{tag}.html; rename one of them"
            yield note.header.problem(Code.TAG_CLASH, message, field, getattr(note, field).index(name))


def clashing_addresses(notes: Sequence[Note], docnames: Set[str]) -> Iterator[Problem]:
    """Report former names that are in use, or that two notes claim.

    ``docnames`` are those of all files of notes, with unpublished and unfit ones.
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


def unknown_beginnings(lanes: Sequence[Lane], notes: Sequence[Note], unfit: Container[str]) -> Iterator[Problem]:
    """Report lanes whose `begin` names no note of the lane.

    ``notes`` are drafts and scheduled notes too, ``unfit`` the paths of those that have problems of their own.
    """
    for lane in lanes:
        names = [note.docname.removeprefix("notes/") for note in notes if note.lane == lane.name]
        if lane.begin and lane.begin not in names and f"notes/{lane.begin}.md" not in unfit:
            near = suggestion(lane.begin, names)
            hint = f"did you mean `{near}`?" if near else "write the name of one of its files, without notes/ and .md"
            message = f"`begin` `{excerpt(lane.begin)}` is no note of this lane; {hint}"
            yield lane.header.problem(Code.VALUE, message, "begin")


def future_dates(notes: Sequence[Note], now: datetime.datetime) -> Iterator[Problem]:
    """Report `updated` and `verified` dates in the future."""
    for note in notes:
        for field, day in _future_dates(note, now).items():
            message = f"`{field}` {day.iso} is in the future; write the day on which that was done"
            yield note.header.problem(Code.FUTURE, message, field)


def without_future_dates(note: Note, now: datetime.datetime) -> Note:
    """The note as readers are told of it: no page and no feed has a date to come."""
    return note.model_copy(update=dict.fromkeys(future)) if (future := _future_dates(note, now)) else note


def _future_dates(note: Note, now: datetime.datetime) -> dict[str, Day]:
    """The dates in the future by field. A scheduled note may be updated on its first day."""
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
