"""Report clashes: two files that claim the same title, number, address or tag page, and dates in the future."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from fieldnotes.sources.frontmatter import slug
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.note import Note
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set

Document = TypeVar("Document", Lane, Note)


def clashing_numbers(lanes: Sequence[Lane]) -> Iterator[Problem]:
    """Report lanes with the number of another lane."""
    for lane, first in _duplicates(lanes, lambda lane: lane.number):
        message = f"`number` {lane.number} is taken by {first.header.path}; give each lane its own"
        yield lane.header.problem(Code.LANE_NUMBER, message, "number")


def clashing_titles(documents: Sequence[Document]) -> Iterator[Problem]:
    """Report lanes, or notes, with the title of another one."""
    for document, first in _duplicates(documents, lambda document: document.title.casefold()):
        message = f"`title` is the same as in {first.header.path}; change one of them"
        yield document.header.problem(Code.TITLE_TWICE, message, "title")


def _duplicates(
    documents: Iterable[Document], key: Callable[[Document], Hashable]
) -> Iterator[tuple[Document, Document]]:
    """Each document whose key an earlier one has, with the first one that has it."""
    first: dict[Hashable, Document] = {}
    for document in documents:
        other = first.setdefault(key(document), document)
        if other is not document:
            yield document, other


def clashing_tags(notes: Sequence[Note]) -> Iterator[Problem]:
    """Report names of tags that share a page with a name which more notes use, each once."""
    names_by_slug: dict[str, dict[str, list[Note]]] = {}
    for note in notes:
        for name in note.tags:
            names_by_slug.setdefault(slug(name), {}).setdefault(name, []).append(note)
    for tag, names in names_by_slug.items():
        usual, *others = sorted(names, key=lambda name: -len(names[name]))
        first = names[usual][0].header.path
        for name in others:
            note = names[name][0]
            if usual.casefold() == name.casefold():
                message = f"`{name}` is written `{usual}` in {first}; write both alike"
            else:
                message = f"`{name}` and `{usual}` of {first} share tags/{tag}.html; rename one of them"
            yield note.header.problem(Code.TAG_CLASH, message, "tags", note.tags.index(name))


def clashing_addresses(notes: Sequence[Note], docnames: Set[str]) -> Iterator[Problem]:
    """Report former names that are in use, or that two notes claim.

    ``docnames`` are those of all files of notes, with unpublished and unfit ones.
    """
    claims: dict[str, Note] = {}
    for note in notes:
        for index, name in enumerate(note.formerly):
            docname = f"notes/{name}"
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


def future_dates(notes: Sequence[Note], today: datetime.date) -> Iterator[Problem]:
    """Report `updated` and `verified` dates in the future; a scheduled note may be updated on its first day."""
    for note in notes:
        limits = {"updated": (note.updated, max(today, note.date)), "verified": (note.verified, today)}
        for field, (day, limit) in limits.items():
            if day and day > limit:
                message = f"`{field}` {day} is in the future; write the day on which that was done"
                yield note.header.problem(Code.FUTURE, message, field)


def leftover_outlines(notes: Sequence[Note]) -> Iterator[Problem]:
    """Report lines of the outline from `make new` in notes that are not drafts."""
    for note in notes:
        for line in () if note.draft else note.outline_lines:
            message = "this line is from the outline of `make new`; replace it or remove it"
            yield Problem(note.header.path, line, Code.OUTLINE, message)
