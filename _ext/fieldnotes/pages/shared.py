"""The parts that several pages share: links, rows and cards of notes, feeds, and the sidebar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fieldnotes.pages.note_marks import mark
from fieldnotes.sources.front_matter_fields import slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.dates import Day
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.language import Language
    from fieldnotes.sources.note import Note
    from fieldnotes.sources.page import Page

HOME, ARCHIVE, TAGS, LABS = "index", "notes/index", "tags/index", "labs/index"
"""The pages of the whole journal; ``index_link`` has their titles."""

SIGN_COUNT = 4
"""Number of signs and tints of lanes in the stylesheet; a fifth lane reuses those of the first."""

SIDEBAR_REACH = 3
"""Notes in the sidebar on either side of the current one."""

View = dict[str, Any]
"""The data of a template, JSON-like; its digest decides whether a page is rewritten."""


@dataclass(frozen=True)
class DerivedPage:
    """A generated page, which has no document: a template filled from the catalog."""

    pagename: str
    template: str
    context: View
    updated: Day | None = None
    """The last change of the notes that it lists; None if it lists none."""


def index_link(language: Language, page: str) -> View:
    """Return a link to home, the archive, the tags or the labs."""
    titles = {
        HOME: language.gettext("Home"),
        ARCHIVE: language.gettext("All notes"),
        TAGS: language.gettext("Tags"),
        LABS: language.gettext("Labs"),
    }
    return {"title": titles[page], "page": page}


def link(item: Lane | Note | Page) -> View:
    """Return a link to the page of a document."""
    return {"title": item.title, "page": item.docname}


def lane_summary(lane: Lane) -> View:
    """Return the data of a lane for home and for its own page."""
    return {
        **link(lane),
        "number": f"{lane.number:02}",
        "headline": lane.headline,
        "description": lane.description,
    }


def lane_link(catalog: Catalog, lane: Lane) -> View:
    """Return a link to a lane, and the number of its sign."""
    return {**link(lane), "sign": catalog.lanes.index(lane) % SIGN_COUNT + 1}


def row(catalog: Catalog, note: Note) -> View:
    """Return the row of a note in a short list: title, date, lane, mark, and state if it is unpublished."""
    gettext = catalog.language.gettext
    state = gettext("Draft") if note.draft else gettext("Scheduled")
    lane = lane_link(catalog, catalog.lanes_by_name[note.lane])
    return {
        **link(note),
        "date": note.date.iso,
        "date_text": catalog.language.date(note.date),
        "lane": lane,
        "mark": mark(catalog, note, lane["sign"]),
        "state": state if note.docname in catalog.unpublished else "",
    }


def card(catalog: Catalog, note: Note) -> View:
    """Return the card of a note in a full list: its row with summary, reading time and tags."""
    return {
        **row(catalog, note),
        "summary": note.summary,
        "minutes": note.minutes,
        "tags": [{"title": name, "page": tag_page(name)} for name in note.tags],
    }


def last_change(notes: Iterable[Note]) -> Day | None:
    """Return the last change of any of the notes; None without notes."""
    return max((note.last_changed for note in notes), key=lambda day: day.moment, default=None)


def tag_page(name: str) -> str:
    """Return the name of a tag's page."""
    return f"tags/{slug(name)}"


def author_page(name: str) -> str:
    """Return the name of an author's page."""
    return f"authors/{slug(name)}"


def feed_path(page: str) -> str:
    """Return the path of the feed of a page that lists notes."""
    return "feed.xml" if page == HOME else f"{page}.xml"


def feeds(catalog: Catalog, *pages: View) -> list[View]:
    """Return the feeds that a page offers: the journal's, and those of ``pages``; none if the journal has no notes."""
    listing_pages = [{**index_link(catalog.language, ARCHIVE), "page": HOME}, *pages] if catalog.notes else []
    return [{"title": page["title"], "path": feed_path(page["page"])} for page in listing_pages]


def frame(catalog: Catalog, title: str, description: str, *trail: View) -> View:
    """Return what a generated page shows around its content; ``trail`` links the pages between home and this one."""
    return {
        "title": title,
        "heading": title,
        "description": description,
        "trail": [index_link(catalog.language, HOME), *trail, {"title": title}],
        "sidebar": sidebar(catalog),
    }


def navigation(catalog: Catalog) -> list[View]:
    """Return the links below the lanes: `fieldnotes_navigation`, or else all lists and standalone pages."""
    indexes = {page: index_link(catalog.language, page) for page in (HOME, ARCHIVE, TAGS, LABS)}
    lists = [indexes[page] for page in (ARCHIVE, TAGS, *([LABS] if catalog.labs else []))]
    views = []
    for setting in catalog.journal.navigation:
        page = catalog.documents.get(setting.address)
        title = setting.text or (page.title if page else indexes.get(setting.address, {}).get("title", setting.address))
        views.append({"title": title, "url" if setting.is_external else "page": setting.address})
    return views or [*lists, *map(link, catalog.pages)]


def sidebar(catalog: Catalog, lane: Lane | None = None, note: Note | None = None) -> list[View]:
    """Return all lanes; below ``lane``, the notes next to ``note``, or else its newest. Their number is bounded."""
    views = []
    for other in catalog.lanes:
        notes: tuple[Note, ...] = ()
        if other is lane:
            newest = catalog.notes_by_lane[lane.name][: 2 * SIDEBAR_REACH + 1]
            notes = catalog.neighbors(note, SIDEBAR_REACH) if note else newest
        links = [{**link(neighbor), "current": neighbor is note} for neighbor in notes]
        views.append({**link(other), "current": other is lane, "notes": links})
    return views
