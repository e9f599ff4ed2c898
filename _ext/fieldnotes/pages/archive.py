"""The archive: all notes, and the notes of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import Leaf, _list, _month, _sections, _year, leaves
from fieldnotes.pages.parts import ARCHIVE, HOME, PAGE, Derived, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def _archive(catalog: Catalog) -> Iterator[Derived]:
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)} for year, notes in catalog.years.items()
    ]
    newest = Leaf(ARCHIVE["page"], catalog.notes[:PAGE])
    whole = len(newest.notes) == len(catalog.notes)
    lead = "Every note, newest first." if whole else "The newest notes; the others are on the pages of their years."
    trail = [HOME, {"title": ARCHIVE["title"]}]
    yield _list(catalog, newest, ARCHIVE["title"], trail, _year, counted={"Years": years}, lead=lead)
    for year, notes in catalog.years.items():
        trail = [HOME, ARCHIVE, {"title": str(year)}]
        pages = leaves(f"notes/{year:04}", notes)
        months = [*_sections(pages, _month).values()]
        front: View = {"counted": {"Years": years, "Months": months if len(months) > 1 else []}}
        for leaf in pages:
            yield _list(catalog, leaf, f"Notes of {year}", trail, _month, **(front if leaf is pages[0] else {}))
