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
class Leaf:
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


def leaves(pagename: str, notes: Sequence[Note]) -> list[Leaf]:
    """Page a list, the newest notes first.

    The first leaf stands at ``pagename`` and has 1 to PAGE notes; the others have exactly PAGE, and are numbered
    from the oldest, which is 1: a new note moves none of the older ones to another address.
    """
    first = (len(notes) - 1) % PAGE + 1 if notes else 0
    rest = [notes[start : start + PAGE] for start in range(first, len(notes), PAGE)]
    names = [pagename, *(f"{pagename}/{number}" for number in range(len(rest), 0, -1))]
    last = len(rest)
    return [
        Leaf(
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


def _list(
    catalog: Catalog,
    leaf: Leaf,
    title: str,
    trail: list[View],
    section: Callable[[Note], Section],
    *,
    lane: Lane | None = None,
    feed: View | None = None,
    **more: Any,
) -> Derived:
    groups: dict[Section, list[View]] = {}
    for note in leaf.notes:
        groups.setdefault(section(note), []).append(card(catalog, note))
    part = f"page {leaf.number} of {leaf.of}" if leaf.of > 1 else ""
    name = f"{title}, {part}" if leaf.number > 1 else title
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
            "Newest notes": leaf.newest,
            "Newer notes": leaf.newer,
            "Older notes": leaf.older,
            "Oldest notes": leaf.oldest,
        },
        **more,
    }
    return Derived(leaf.pagename, "note-list.html", context, newest(leaf.notes))


def _year(note: Note) -> Section:
    return -note.date.year, str(note.date.year), str(note.date.year)


def _month(note: Note) -> Section:
    name = MONTHS[note.date.month]
    return -note.date.month, name.lower(), name


def _sections(pages: list[Leaf], section: Callable[[Note], Section]) -> dict[Section, View]:
    """The sections of a whole list: how many notes each has, and the page and anchor of the newest."""
    counts: Counter[Section] = Counter()
    first: dict[Section, str] = {}
    for leaf in pages:
        for note in leaf.notes:
            key = section(note)
            counts[key] += 1
            first.setdefault(key, leaf.pagename)
    return {key: {"title": key[2], "page": first[key], "anchor": key[1], "count": counts[key]} for key in sorted(first)}
