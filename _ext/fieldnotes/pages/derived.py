"""Every page that is made from the catalog alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.archive import archive_pages
from fieldnotes.pages.labs import _labs
from fieldnotes.pages.lists import by_year, list_page_of, paginate
from fieldnotes.pages.parts import HOME, Derived, _once, link, sidebar
from fieldnotes.pages.tags import _tags
from fieldnotes.sources.yaml_header import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from fieldnotes.catalog.model import Catalog


def no_page(catalog: Catalog, name: str, documents: Set[str]) -> str:
    """Say that no page has this name, neither a derived one nor a document; nothing, where one has it."""
    pages = derived(catalog).keys()
    if name in pages or name in documents:
        return ""
    near = suggestion(name, pages | documents)
    hint = f"did you mean `{near}`?" if near else "name it as its address is, without .html"
    return f"`{name}` is not a page of the site; {hint}"


def derived(catalog: Catalog) -> dict[str, Derived]:
    """Every page that is made from the catalog alone, by its name; made once for a catalog."""
    return _once(catalog, "derived", lambda: {page.pagename: page for page in _derived(catalog)})


def _derived(catalog: Catalog) -> Iterator[Derived]:
    yield from archive_pages(catalog)
    yield from _tags(catalog)
    yield from redirect_pages(catalog)
    yield Derived("404", "404.html", {"title": "Not found", "sidebar": sidebar(catalog), "unlisted": True})
    yield from _labs(catalog)
    for lane in catalog.lanes:
        for list_page in paginate(lane.docname, catalog.notes_by_lane[lane.name])[1:]:
            trail = [HOME, link(lane), {"title": "Older notes"}]
            yield list_page_of(
                catalog, list_page, f"{lane.title}: older notes", trail, by_year, lane=lane, feed=link(lane)
            )


def redirect_pages(catalog: Catalog) -> Iterator[Derived]:
    """A page at each address that a note had before, which leads to where it is now."""
    for docname, note in catalog.notes_by_former_docname.items():
        yield Derived(docname, "moved.html", {"title": note.title, "to": link(note), "unlisted": True})
