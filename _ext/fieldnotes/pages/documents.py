"""What the pages of notes, lanes and home show from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import paginate
from fieldnotes.pages.parts import DESCRIPTION, HOME, View, about, card, feeds, freshness, link, row, sidebar
from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note


LATEST = 6


RELATED = 3


MENTIONS = 5
"""Notes that the end of one names of those which mention it, the newest; it tells how many more there are."""


def note_view(catalog: Catalog, note: Note) -> View:
    """What the page of a note shows from the catalog."""
    lane = catalog.lanes_by_name[note.lane]
    newer, older = catalog.newer(note), catalog.older(note)
    return {
        "trail": [HOME, link(lane), {"title": note.title}],
        "sidebar": sidebar(catalog, lane, note),
        "note": card(catalog, note),
        "words": note.words,
        "updated": note.changed.isoformat(),
        "freshness": freshness(catalog, note),
        "heading": note.title,
        "description": note.summary,
        "feeds": feeds(catalog, link(lane)),
        "markdown": f"{note.docname}.md",
        "before": link(newer) if newer else None,
        "after": link(older) if older else None,
        "related": [_related(catalog, note, other) for other in catalog.related(note, RELATED)],
    }


def _related(catalog: Catalog, note: Note, other: Note) -> View:
    theirs = {slug(name) for name in other.tags}
    return {**row(catalog, other), "shared": [name for name in note.tags if slug(name) in theirs]}


def mentions(catalog: Catalog, docnames: set[str]) -> View:
    """What a note says of these, which refer to it in their text: the newest of them, and how many more there are."""
    notes = sorted(
        (catalog.notes_by_docname[name] for name in docnames), key=lambda note: (-note.date.toordinal(), note.docname)
    )
    return {"notes": [row(catalog, note) for note in notes[:MENTIONS]], "more": max(0, len(notes) - MENTIONS)}


def lane_view(catalog: Catalog, lane: Lane) -> View:
    """What the page of a lane shows from the catalog: its newest notes, and the way to the others."""
    list_page = paginate(lane.docname, catalog.notes_by_lane[lane.name])[0]
    index = catalog.lanes.index(lane)
    return {
        "trail": [HOME, {"title": lane.title}],
        "sidebar": sidebar(catalog, lane),
        "lane": about(lane),
        "heading": lane.title,
        "description": lane.description,
        "feeds": feeds(catalog, *([link(lane)] if list_page.notes else [])),
        "cards": [card(catalog, note) for note in list_page.notes],
        "notes": [note.docname for note in catalog.notes_by_lane[lane.name]],
        "older": list_page.older,
        "before": link(catalog.lanes[index - 1]) if index else None,
        "after": link(catalog.lanes[index + 1]) if index + 1 < len(catalog.lanes) else None,
    }


def home_view(catalog: Catalog) -> View:
    """What the home page shows from the catalog."""
    return {
        "description": DESCRIPTION,
        "feeds": feeds(catalog),
        "sidebar": sidebar(catalog),
        "lanes": [about(lane) for lane in catalog.lanes],
        "latest": [card(catalog, note) for note in catalog.notes[:LATEST]],
        "threads": [[link(lane), *map(link, catalog.notes_by_lane[lane.name][-1:])] for lane in catalog.lanes],
    }


def view(catalog: Catalog, pagename: str) -> View:
    """What any document's page shows from the catalog."""
    if note := catalog.notes_by_docname.get(pagename):
        return note_view(catalog, note)
    if lane := catalog.lanes_by_name.get(pagename.removeprefix("lanes/")) if pagename.startswith("lanes/") else None:
        return lane_view(catalog, lane)
    return home_view(catalog)
