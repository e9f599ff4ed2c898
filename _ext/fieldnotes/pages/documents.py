"""The views of documents: of home and standalone pages here, of notes and lanes in ``notes`` and ``lanes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lanes import lane_view
from fieldnotes.pages.notes import note_view
from fieldnotes.pages.shared import HOME, card, feeds, index_link, lane_summary, link, sidebar
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.note import Note
from fieldnotes.sources.page import Page

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.shared import View


MAX_LATEST = 18
"""Maximum number of notes that ``{latest-notes}`` shows."""


def view(catalog: Catalog, docname: str) -> View:
    """Return the view of a note, a standalone page, a lane, or home."""
    match catalog.documents.get(docname):
        case Note() as note:
            return note_view(catalog, note)
        case Page() as page:
            return _page_view(catalog, page)
    return lists(catalog, docname)


def lists(catalog: Catalog, docname: str) -> View:
    """Return the view for the directives in a document that list lanes and notes: its lane's view, or else home's."""
    lane = catalog.documents.get(docname)
    return lane_view(catalog, lane) if isinstance(lane, Lane) else home_view(catalog)


def _page_view(catalog: Catalog, page: Page) -> View:
    return {
        "trail": [index_link(catalog.language, HOME), {"title": page.title}],
        "sidebar": sidebar(catalog),
        "heading": page.title,
        "description": page.description,
        "feeds": feeds(catalog),
        "edit": catalog.journal.file_url(page.header.path, edit=True),
    }


def home_view(catalog: Catalog) -> View:
    """Return the lanes, the newest notes, and for each lane links to it and to its first note."""
    return {
        "description": catalog.journal.about,
        "feeds": feeds(catalog),
        "sidebar": sidebar(catalog),
        "lanes": [lane_summary(lane) for lane in catalog.lanes],
        "latest": [card(catalog, note) for note in catalog.notes[:MAX_LATEST]],
        "pages": [page.docname for page in catalog.pages],
        "threads": [
            [link(lane), *([link(first)] if (first := catalog.first_note(lane)) else [])] for lane in catalog.lanes
        ],
    }
