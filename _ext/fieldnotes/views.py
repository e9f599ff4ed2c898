"""What each page shows from the catalog, as plain data: templates get it, and a page is stale when it changes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from babel.dates import get_month_names

from fieldnotes.note import slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fieldnotes.catalog import Catalog
    from fieldnotes.lane import Lane
    from fieldnotes.note import Note

LATEST = 6
PAGE = 50
"""Notes on a page of a list."""
REACH = 3
"""Notes that the sidebar shows on either side of the one being read."""

MONTHS = get_month_names("wide", locale="en")

HOME = {"title": "Home", "page": "index"}
ARCHIVE = {"title": "All notes", "page": "notes/index"}
TAGS = {"title": "Tags", "page": "tags/index"}

View = dict[str, Any]


@dataclass(frozen=True)
class Derived:
    """A page that is made from the catalog alone, and is no document."""

    pagename: str
    template: str
    context: View


@dataclass(frozen=True)
class Leaf:
    """One page of a list: its notes, its address, and those of the pages around it, where there are any."""

    pagename: str
    notes: tuple[Note, ...]
    newest: str | None = None
    newer: str | None = None
    older: str | None = None
    oldest: str | None = None


def link(item: Lane | Note) -> View:
    """A title and the page it leads to."""
    return {"title": item.title, "page": item.docname}


def about(lane: Lane) -> View:
    """What home and its own page say of a lane."""
    return {
        **link(lane),
        "number": f"{lane.number:02}",
        "headline": lane.headline,
        "description": lane.description,
    }


def card(catalog: Catalog, note: Note) -> View:
    """What a list says of a note; made once for a catalog, since a note is in many lists."""
    cards: dict[str, View] = catalog.__dict__.setdefault("cards", {})
    if note.docname not in cards:
        cards[note.docname] = _card(catalog, note)
    return cards[note.docname]


def _card(catalog: Catalog, note: Note) -> View:
    return {
        **link(note),
        "summary": note.summary,
        "date": note.date.isoformat(),
        "date_text": date_text(note),
        "minutes": note.minutes,
        "lane": link(catalog.lane[note.lane]),
        "tags": [{"title": name, "page": tag_page(name)} for name in note.tags],
    }


def date_text(note: Note) -> str:
    """The day as people write it, whatever the machine's locale."""
    return f"{note.date.day} {MONTHS[note.date.month]} {note.date.year}"


def tag_page(name: str) -> str:
    """The page of a tag."""
    return f"tags/{slug(name)}"


def sidebar(catalog: Catalog, lane: Lane | None = None, note: Note | None = None) -> list[View]:
    """The lanes; below the current one the notes around ``note``, or its newest ones. Its size is bounded."""
    views = []
    for other in catalog.lanes:
        view: View = {**link(other), "current": other is lane, "notes": []}
        if other is lane:
            notes = catalog.near(note, REACH) if note else catalog.in_lane[lane.name][: 2 * REACH + 1]
            view["notes"] = [{**link(near), "current": near is note} for near in notes]
        views.append(view)
    return views


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
            newest=names[0] if index else None,
            newer=names[index - 1] if index else None,
            older=names[index + 1] if index < last else None,
            oldest=names[last] if index < last else None,
        )
        for index, (name, part) in enumerate(zip(names, [notes[:first], *rest], strict=True))
    ]


def note_view(catalog: Catalog, note: Note) -> View:
    """What the page of a note shows from the catalog."""
    lane = catalog.lane[note.lane]
    newer, older = catalog.newer(note), catalog.older(note)
    return {
        "trail": [HOME, link(lane), {"title": note.title}],
        "sidebar": sidebar(catalog, lane, note),
        "note": card(catalog, note),
        "description": note.summary,
        "before": link(newer) if newer else None,
        "after": link(older) if older else None,
    }


def lane_view(catalog: Catalog, lane: Lane) -> View:
    """What the page of a lane shows from the catalog: its newest notes, and the way to the others."""
    leaf = leaves(lane.docname, catalog.in_lane[lane.name])[0]
    index = catalog.lanes.index(lane)
    return {
        "trail": [HOME, {"title": lane.title}],
        "sidebar": sidebar(catalog, lane),
        "lane": about(lane),
        "description": lane.description,
        "cards": [card(catalog, note) for note in leaf.notes],
        "notes": [note.docname for note in catalog.in_lane[lane.name]],
        "older": leaf.older,
        "before": link(catalog.lanes[index - 1]) if index else None,
        "after": link(catalog.lanes[index + 1]) if index + 1 < len(catalog.lanes) else None,
    }


def home_view(catalog: Catalog) -> View:
    """What the home page shows from the catalog."""
    return {
        "sidebar": sidebar(catalog),
        "lanes": [about(lane) for lane in catalog.lanes],
        "latest": [card(catalog, note) for note in catalog.notes[:LATEST]],
        "threads": [[link(lane), *map(link, catalog.in_lane[lane.name][-1:])] for lane in catalog.lanes],
    }


def view(catalog: Catalog, pagename: str) -> View:
    """What any document's page shows from the catalog."""
    if note := catalog.note.get(pagename):
        return note_view(catalog, note)
    if lane := catalog.lane.get(pagename.removeprefix("lanes/")) if pagename.startswith("lanes/") else None:
        return lane_view(catalog, lane)
    return home_view(catalog)


def pagenames(catalog: Catalog) -> frozenset[str]:
    """The names of all derived pages, found once for a catalog."""
    names: frozenset[str] | None = catalog.__dict__.get("pagenames")
    if names is None:
        names = catalog.__dict__["pagenames"] = frozenset(page.pagename for page in derived(catalog))
    return names


def derived(catalog: Catalog) -> Iterator[Derived]:
    """Every page that is made from the catalog alone."""
    yield from _archive(catalog)
    yield from _tags(catalog)
    for lane in catalog.lanes:
        for leaf in leaves(lane.docname, catalog.in_lane[lane.name])[1:]:
            trail = [HOME, link(lane), {"title": "Older notes"}]
            yield _list(catalog, leaf, f"{lane.title}: older notes", trail, lane=lane)


def _list(
    catalog: Catalog,
    leaf: Leaf,
    title: str,
    trail: list[View],
    *,
    by_lane: bool = False,
    lane: Lane | None = None,
    **more: Any,
) -> Derived:
    def heading(note: Note) -> str:
        return catalog.lane[note.lane].title if by_lane else str(note.date.year)

    notes: Iterable[Note] = leaf.notes
    if by_lane:
        order = {lane.name: index for index, lane in enumerate(catalog.lanes)}
        notes = sorted(leaf.notes, key=lambda note: order[note.lane])
    groups = [
        {"title": name, "notes": [card(catalog, note) for note in group]} for name, group in groupby(notes, key=heading)
    ]
    context = {
        "title": title,
        "description": f"Built at Scale: {title}",
        "trail": trail,
        "sidebar": sidebar(catalog, lane),
        "groups": groups,
        "ways": {
            "Newest notes": leaf.newest,
            "Newer notes": leaf.newer,
            "Older notes": leaf.older,
            "Oldest notes": leaf.oldest,
        },
        **more,
    }
    return Derived(leaf.pagename, "note-list.html", context)


def _archive(catalog: Catalog) -> Iterator[Derived]:
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)} for year, notes in catalog.years.items()
    ]
    newest = Leaf(ARCHIVE["page"], catalog.notes[:PAGE])
    whole = len(newest.notes) == len(catalog.notes)
    lead = "Every note, newest first." if whole else "The newest notes; the others are on the pages of their years."
    yield _list(catalog, newest, ARCHIVE["title"], [HOME, {"title": ARCHIVE["title"]}], years=years, lead=lead)
    for year, notes in catalog.years.items():
        for leaf in leaves(f"notes/{year:04}", notes):
            trail = [HOME, ARCHIVE, {"title": str(year)}]
            yield _list(catalog, leaf, f"Notes of {year}", trail, years=years)


def _tags(catalog: Catalog) -> Iterator[Derived]:
    rows = []
    for tag in catalog.tags:
        counts = [sum(note.lane == lane.name for note in tag.notes) for lane in catalog.lanes]
        rows.append({"title": tag.name, "page": f"tags/{tag.slug}", "counts": counts, "count": len(tag.notes)})
        trail = [HOME, TAGS, {"title": tag.name}]
        for leaf in leaves(f"tags/{tag.slug}", tag.notes):
            yield _list(catalog, leaf, tag.name, trail, by_lane=True, kind="Tag")
    context = {
        "title": TAGS["title"],
        "description": "Every subject of Built at Scale, and how many notes each lane has on it.",
        "trail": [HOME, {"title": TAGS["title"]}],
        "sidebar": sidebar(catalog),
        "lanes": [link(lane) for lane in catalog.lanes],
        "rows": rows,
    }
    yield Derived(TAGS["page"], "tags.html", context)
