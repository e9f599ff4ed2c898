"""The redirects at the former addresses of notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.parts import DerivedPage, link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def redirect_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """A page at each former address that leads to the note's present one."""
    for docname, note in catalog.notes_by_former_docname.items():
        yield DerivedPage(docname, "moved.html", {"title": note.title, "to": link(note), "unlisted": True})
