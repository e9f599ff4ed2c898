"""The pages of each author that a note names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import by_year, list_pages, paginate
from fieldnotes.pages.parts import HOME, DerivedPage, author_page, index_link

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def author_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Every page of each author, with the author's notes by year."""
    for author in catalog.authors:
        link = {"title": author.name, "page": author_page(author.name)}
        pages, kind = paginate(link["page"], author.notes), catalog.language.gettext("Author")
        trail = [index_link(catalog.language, HOME), {"title": author.name}]
        yield from list_pages(catalog, pages, author.name, trail, by_year, feed=link, kind=kind)
