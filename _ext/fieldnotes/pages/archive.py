"""The archive: the page of all notes, and the pages of each year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.note_lists import (
    PAGE_SIZE,
    ListPage,
    count_sections,
    link_group,
    list_pages,
    month_of,
    paginate,
)
from fieldnotes.pages.shared import ARCHIVE, HOME, DerivedPage, View, index_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def archive_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield the page of the newest notes, with links to all years; then the pages of each year."""
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)}
        for year, notes in catalog.notes_by_year.items()
    ]
    gettext = catalog.language.gettext
    home, archive = (index_link(catalog.language, page) for page in (HOME, ARCHIVE))
    newest = ListPage(catalog.notes[:PAGE_SIZE], (ARCHIVE,))
    all_notes = gettext("Every note, newest first.")
    newest_only = gettext("The newest notes. Older notes are listed by year.")
    lead = all_notes if len(newest.notes) == len(catalog.notes) else newest_only
    title, trail = archive["title"], [home, {"title": archive["title"]}]
    groups = [link_group(gettext("Years"), "years", years)]
    context: View = {"link_groups": groups, "lead": lead, "is_index": True}
    yield from list_pages(catalog, [newest], title, trail, month_of(catalog.language, with_year=True), **context)
    by_month = month_of(catalog.language)
    for year, notes in catalog.notes_by_year.items():
        pages = paginate(f"notes/{year:04}", notes)
        months = [*count_sections(pages, by_month).values()]
        by_months = [link_group(gettext("Months"), "months", months)] if len(months) > 1 else []
        first = {"link_groups": [*groups, *by_months]}
        title, trail = gettext("Notes from {year}").format(year=year), [home, archive, {"title": str(year)}]
        yield from list_pages(catalog, pages, title, trail, by_month, first=first, is_index=True)
