"""The home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.parts import View, card, feeds, lane_summary, link, sidebar

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog

LATEST = 6
"""Notes on home, the newest."""


def home_view(catalog: Catalog) -> View:
    """The lanes, the newest notes, and for each lane a link to it and one to the note to begin with."""
    return {
        "description": catalog.journal.about,
        "feeds": feeds(catalog),
        "sidebar": sidebar(catalog),
        "lanes": [lane_summary(lane) for lane in catalog.lanes],
        "latest": [card(catalog, note) for note in catalog.notes[:LATEST]],
        "pages": [page.docname for page in catalog.pages],
        "threads": [
            [link(lane), *([link(first)] if (first := catalog.first_note(lane)) else [])] for lane in catalog.lanes
        ],
    }
