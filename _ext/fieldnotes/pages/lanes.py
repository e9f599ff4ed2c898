"""The page of a lane, and the pages of its older notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.note_lists import by_year, list_pages, paginate
from fieldnotes.pages.shared import (
    HOME,
    DerivedPage,
    View,
    card,
    feeds,
    index_link,
    lane_link,
    lane_summary,
    link,
    sidebar,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lane import Lane


def lane_view(catalog: Catalog, lane: Lane) -> View:
    """Return the lane with its newest notes, and links to the older ones and to the lanes before and after it."""
    notes = catalog.notes_by_lane[lane.name]
    newest = paginate(lane.docname, notes)[0]
    index = catalog.lanes.index(lane)
    return {
        "trail": [index_link(catalog.language, HOME), {"title": lane.title}],
        "sidebar": sidebar(catalog, lane),
        "lane": {**lane_summary(lane), **lane_link(catalog, lane)},
        "heading": lane.title,
        "description": lane.description,
        "feeds": feeds(catalog, *([link(lane)] if notes else [])),
        "edit": catalog.journal.file_url(lane.header.path, edit=True),
        "cards": [card(catalog, note) for note in newest.notes],
        "notes": [note.docname for note in notes],
        "older": newest.older,
        "begin": link(first) if lane.begin and (first := catalog.first_note(lane)) else None,
        "before": link(catalog.lanes[index - 1]) if index else None,
        "after": link(catalog.lanes[index + 1]) if index + 1 < len(catalog.lanes) else None,
    }


def older_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield the pages of each lane's older notes, which no longer fit on its first page."""
    for lane in catalog.lanes:
        pages = paginate(lane.docname, catalog.notes_by_lane[lane.name])[1:]
        gettext = catalog.language.gettext
        trail = [index_link(catalog.language, HOME), link(lane), {"title": gettext("Older notes")}]
        title = gettext("{lane}: older notes").format(lane=lane.title)
        yield from list_pages(catalog, pages, title, trail, by_year, lane=lane, feed=link(lane), in_lanes=True)
