"""Page a list of notes, and group it into sections."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldnotes.pages.parts import MONTHS, PAGE, Derived, View, card, feeds, newest, sidebar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note

Section = tuple[int, str, str]
"""A section of a list: what it is sorted by, its anchor, and its title."""


@dataclass(frozen=True)
class ListPage:
    """One page of a list: its notes, its address, and those of the pages around it, where there are any.

    ``number`` counts the pages as they are read, from 1 for the newest notes, and ``of`` is how many there are.
    """

    pagename: str
    notes: tuple[Note, ...]
    number: int = 1
    of: int = 1
    newest: str | None = None
    newer: str | None = None
    older: str | None = None
    oldest: str | None = None


def paginate(pagename: str, notes: Sequence[Note]) -> list[ListPage]:
    """Page a list, the newest notes first.

    The first page stands at ``pagename`` and has 1 to PAGE notes; the others have exactly PAGE, and are numbered
    from the oldest, which is 1: a new note moves none of the older ones to another address.
    """
    first = (len(notes) - 1) % PAGE + 1 if notes else 0
    rest = [notes[start : start + PAGE] for start in range(first, len(notes), PAGE)]
    names = [pagename, *(f"{pagename}/{number}" for number in range(len(rest), 0, -1))]
    last = len(rest)
    return [
        ListPage(
            name,
            tuple(part),
            index + 1,
            last + 1,
            newest=names[0] if index else None,
            newer=names[index - 1] if index else None,
            older=names[index + 1] if index < last else None,
            oldest=names[last] if index < last else None,
        )
        for index, (name, part) in enumerate(zip(names, [notes[:first], *rest], strict=True))
    ]


def list_page_of(
    catalog: Catalog,
    list_page: ListPage,
    title: str,
    trail: list[View],
    section: Callable[[Note], Section],
    *,
    lane: Lane | None = None,
    feed: View | None = None,
    **more: Any,
) -> Derived:
    """Make one page of a list, its notes grouped by ``section``; ``more`` goes to the template."""
    groups: dict[Section, list[View]] = {}
    for note in list_page.notes:
        groups.setdefault(section(note), []).append(card(catalog, note))
    part = f"page {list_page.number} of {list_page.of}" if list_page.of > 1 else ""
    name = f"{title}, {part}" if list_page.number > 1 else title
    context = {
        "title": name,
        "heading": title,
        "part": part,
        "description": f"Built at Scale: {name}",
        "feeds": feeds(catalog, *([feed] if feed else [])),
        "trail": trail,
        "sidebar": sidebar(catalog, lane),
        "groups": [
            {"title": name, "anchor": anchor, "notes": groups[_, anchor, name]} for _, anchor, name in sorted(groups)
        ],
        "ways": {
            "Newest notes": list_page.newest,
            "Newer notes": list_page.newer,
            "Older notes": list_page.older,
            "Oldest notes": list_page.oldest,
        },
        **more,
    }
    return Derived(list_page.pagename, "note-list.html", context, newest(list_page.notes))


def by_year(note: Note) -> Section:
    """Group notes by year, the newest first."""
    return -note.date.year, str(note.date.year), str(note.date.year)


def by_month(note: Note) -> Section:
    """Group notes by month, the newest first."""
    name = MONTHS[note.date.month]
    return -note.date.month, name.lower(), name


def count_sections(pages: list[ListPage], section: Callable[[Note], Section]) -> dict[Section, View]:
    """The sections of a whole list: how many notes each has, and the page and anchor of the newest."""
    counts: Counter[Section] = Counter()
    first: dict[Section, str] = {}
    for list_page in pages:
        for note in list_page.notes:
            key = section(note)
            counts[key] += 1
            first.setdefault(key, list_page.pagename)
    return {key: {"title": key[2], "page": first[key], "anchor": key[1], "count": counts[key]} for key in sorted(first)}
