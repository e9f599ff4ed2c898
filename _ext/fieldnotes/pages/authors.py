"""The pages of each author that a note names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import by_year, list_pages, paginate
from fieldnotes.pages.parts import HOME, DerivedPage, author_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def author_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Every page of each author, with the author's notes by year."""
    for author in catalog.authors:
        link = {"title": author.name, "page": author_page(author.name)}
        pages, trail = paginate(link["page"], author.notes), [HOME, {"title": author.name}]
        yield from list_pages(catalog, pages, author.name, trail, by_year, feed=link, kind="Author")
