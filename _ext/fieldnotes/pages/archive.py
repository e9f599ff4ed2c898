"""The archive: all notes, and the notes of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import ListPage, by_month, by_year, count_sections, list_page_of, paginate
from fieldnotes.pages.parts import ARCHIVE, HOME, PAGE, Derived, View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def archive_pages(catalog: Catalog) -> Iterator[Derived]:
    """Every page of the archive."""
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)}
        for year, notes in catalog.notes_by_year.items()
    ]
    newest = ListPage(ARCHIVE["page"], catalog.notes[:PAGE])
    whole = len(newest.notes) == len(catalog.notes)
    lead = "Every note, newest first." if whole else "The newest notes; the others are on the pages of their years."
    trail = [HOME, {"title": ARCHIVE["title"]}]
    yield list_page_of(catalog, newest, ARCHIVE["title"], trail, by_year, counted={"Years": years}, lead=lead)
    for year, notes in catalog.notes_by_year.items():
        trail = [HOME, ARCHIVE, {"title": str(year)}]
        pages = paginate(f"notes/{year:04}", notes)
        months = [*count_sections(pages, by_month).values()]
        front: View = {"counted": {"Years": years, "Months": months if len(months) > 1 else []}}
        for list_page in pages:
            yield list_page_of(
                catalog, list_page, f"Notes of {year}", trail, by_month, **(front if list_page is pages[0] else {})
            )
