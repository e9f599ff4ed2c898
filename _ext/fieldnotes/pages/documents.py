"""What the page of any document shows from the catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.home import home_view
from fieldnotes.pages.lanes import lane_view
from fieldnotes.pages.notes import note_view

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import View


def view(catalog: Catalog, docname: str) -> View:
    """The view of a note, a lane, or home; a document that is none of them gets home's."""
    if note := catalog.notes_by_docname.get(docname):
        return note_view(catalog, note)
    for lane in catalog.lanes:
        if lane.docname == docname:
            return lane_view(catalog, lane)
    return home_view(catalog)
