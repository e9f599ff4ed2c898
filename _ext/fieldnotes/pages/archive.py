"""The archive: the page of all notes, and the pages of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import PAGE_SIZE, ListPage, by_month, by_year, count_sections, list_pages, paginate
from fieldnotes.pages.parts import ARCHIVE, HOME, DerivedPage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def archive_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """The newest notes with links to all years, then every page of each year."""
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)}
        for year, notes in catalog.notes_by_year.items()
    ]
    newest = ListPage(catalog.notes[:PAGE_SIZE], (ARCHIVE["page"],))
    is_whole = len(newest.notes) == len(catalog.notes)
    lead = "Every note, newest first." if is_whole else "The newest notes; the others are on the pages of their years."
    trail = [HOME, {"title": ARCHIVE["title"]}]
    yield from list_pages(catalog, [newest], ARCHIVE["title"], trail, by_year, counted={"Years": years}, lead=lead)
    for year, notes in catalog.notes_by_year.items():
        pages = paginate(f"notes/{year:04}", notes)
        months = [*count_sections(pages, by_month).values()]
        first = {"counted": {"Years": years, "Months": months if len(months) > 1 else []}}
        trail = [HOME, ARCHIVE, {"title": str(year)}]
        yield from list_pages(catalog, pages, f"Notes of {year}", trail, by_month, first=first)
