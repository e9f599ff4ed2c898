"""Lists of notes: split into pages, grouped into sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldnotes.pages.shared import DerivedPage, View, card, feeds, last_change, sidebar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.language import Language
    from fieldnotes.sources.note import Note

PAGE_SIZE = 50
"""Notes per page of a list."""

Section = tuple[int, str, str]
"""A section of a list: its sort key, its anchor, and its title."""


@dataclass(frozen=True)
class ListPage:
    """One page of a list: its notes, the names of all pages of the list, and its index among them."""

    notes: tuple[Note, ...]
    names: tuple[str, ...]
    index: int = 0

    @property
    def pagename(self) -> str:
        """The name of this page."""
        return self.names[self.index]

    @property
    def older(self) -> str | None:
        """The page with the next older notes; None on the last page."""
        return self.names[self.index + 1] if self.index + 1 < len(self.names) else None

    def links(self, language: Language) -> list[View]:
        """Return links to the first, previous, next and last page of the list, but not to this one."""
        newer = self.names[self.index - 1] if self.index else None
        links = [
            ("first", language.gettext("Newest notes"), newer and self.names[0]),
            ("prev", language.gettext("Newer notes"), newer),
            ("next", language.gettext("Older notes"), self.older),
            ("last", language.gettext("Oldest notes"), self.older and self.names[-1]),
        ]
        return [{"rel": rel, "title": title, "page": page} for rel, title, page in links if page]


def paginate(pagename: str, notes: Sequence[Note]) -> list[ListPage]:
    """Split a list of notes, newest first, into at least one page.

    The first page is ``pagename`` and has 1 to PAGE_SIZE notes (0 for an empty list). All others have exactly PAGE_SIZE
    and are numbered from the oldest, ``pagename/1``, so that a new note moves no older note to another page.
    """
    first = (len(notes) - 1) % PAGE_SIZE + 1 if notes else 0
    parts = [notes[:first], *(notes[start : start + PAGE_SIZE] for start in range(first, len(notes), PAGE_SIZE))]
    names = (pagename, *(f"{pagename}/{number}" for number in range(len(parts) - 1, 0, -1)))
    return [ListPage(tuple(part), names, index) for index, part in enumerate(parts)]


def list_pages(
    catalog: Catalog,
    pages: Iterable[ListPage],
    title: str,
    trail: list[View],
    section: Callable[[Note], Section],
    *,
    lane: Lane | None = None,
    feed: View | None = None,
    first: View | None = None,
    **context: Any,
) -> Iterator[DerivedPage]:
    """Yield the given pages of one list, with their notes grouped by ``section``.

    ``lane`` is expanded in the sidebar, and ``feed`` is offered. The template gets ``context`` on every page, and
    ``first`` only on the first page of the list.
    """
    for page in pages:
        number, total = page.index + 1, len(page.names)
        of_total = catalog.language.gettext("page {number} of {total}").format(number=number, total=total)
        part = of_total if total > 1 else ""
        name = f"{title}, {part}" if number > 1 else title
        titles = "; ".join(note.title for note in page.notes[:3])
        groups: dict[Section, list[View]] = {}
        for note in page.notes:
            groups.setdefault(section(note), []).append(card(catalog, note))
        view = {
            "title": name,
            "heading": title,
            "part": part,
            "description": f"{catalog.journal.name}: {name}{titles and f': {titles}'}",
            "feeds": feeds(catalog, *([feed] if feed else [])),
            "trail": trail,
            "sidebar": sidebar(catalog, lane),
            "groups": [
                {"title": heading, "anchor": anchor, "notes": groups[key, anchor, heading]}
                for key, anchor, heading in sorted(groups)
            ],
            "page_links": page.links(catalog.language),
            **context,
            **(first if first and number == 1 else {}),
        }
        yield DerivedPage(page.pagename, "note-list.html", view, last_change(page.notes))


def by_year(note: Note) -> Section:
    """Return the section of a note in a list by year, newest first."""
    return -note.date.year, str(note.date.year), str(note.date.year)


def month_of(language: Language, *, with_year: bool = False) -> Callable[[Note], Section]:
    """Return a function like ``by_year`` for months; ``with_year`` is for lists that cover several years."""

    def by_month(note: Note) -> Section:
        year, month, name = note.date.year, note.date.month, language.month(note.date.month)
        if with_year:
            return -year * 12 - month, f"{year}-{month:02}", f"{name} {year}"
        return -month, name.lower(), name

    return by_month


def link_group(title: str, name: str, links: Sequence[View]) -> View:
    """Return a titled list of links with note counts; ``name`` is the CSS class of the list."""
    return {"title": title, "name": name, "links": links}


def count_sections(pages: Iterable[ListPage], section: Callable[[Note], Section]) -> dict[Section, View]:
    """Count the notes of each section of a list, and link to the page where the section starts."""
    sections: dict[Section, View] = {}
    for page in pages:
        for note in page.notes:
            key = _, anchor, title = section(note)
            link = {"title": title, "page": page.pagename, "anchor": anchor, "count": 0}
            sections.setdefault(key, link)["count"] += 1
    return dict(sorted(sections.items()))
