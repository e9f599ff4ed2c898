"""What several pages show: links, cards, the sidebar and the feeds they offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from babel.dates import get_month_names

from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Hashable, Iterable

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note

T = TypeVar("T")


PAGE = 50
"""Notes on a page of a list."""


REACH = 3
"""Notes that the sidebar shows on either side of the one being read."""


MONTHS = get_month_names("wide", locale="en")


TAGLINE = "Field notes for AI, data, and BigData builders."


DESCRIPTION = f"{TAGLINE} How data moves, and where distributed systems bend."


HOME = {"title": "Home", "page": "index"}


ARCHIVE = {"title": "All notes", "page": "notes/index"}


TAGS = {"title": "Tags", "page": "tags/index"}


LABS = {"title": "Labs", "page": "labs/index"}


View = dict[str, Any]


@dataclass(frozen=True)
class Derived:
    """A page that is made from the catalog alone, and is no document."""

    pagename: str
    template: str
    context: View
    updated: datetime.date | None = None
    """The day of the newest note that it shows, where it shows notes."""


def link(item: Lane | Note) -> View:
    """A title and the page it leads to."""
    return {"title": item.title, "page": item.docname}


def about(lane: Lane) -> View:
    """What home and its own page say of a lane."""
    return {
        **link(lane),
        "number": f"{lane.number:02}",
        "headline": lane.headline,
        "description": lane.description,
    }


def row(catalog: Catalog, note: Note) -> View:
    """What the shortest of lists says of a note; made once for a catalog, since a note is in many lists."""
    return _once(catalog, ("row", note.docname), lambda: _row(catalog, note))


def _row(catalog: Catalog, note: Note) -> View:
    return {
        **link(note),
        "date": note.date.isoformat(),
        "date_text": date_text(note.date),
        "lane": link(catalog.lanes_by_name[note.lane]),
        "state": state(catalog, note),
    }


def state(catalog: Catalog, note: Note) -> str:
    """What a note is marked with that is shown before it is published."""
    if note.docname not in catalog.unpublished:
        return ""
    return "Draft" if note.draft else "Scheduled"


def card(catalog: Catalog, note: Note) -> View:
    """What a list says of a note, made once as well."""
    return _once(catalog, ("card", note.docname), lambda: _card(catalog, note))


def _card(catalog: Catalog, note: Note) -> View:
    return {
        **row(catalog, note),
        "summary": note.summary,
        "minutes": note.minutes,
        "tags": [{"title": name, "page": tag_page(name)} for name in note.tags],
    }


def _once(catalog: Catalog, name: Hashable, make: Callable[[], T]) -> T:
    """What is made of a catalog under this name, made once."""
    made: dict[Hashable, T] = catalog.__dict__.setdefault("made", {})
    if name not in made:
        made[name] = make()
    return made[name]


def date_text(day: datetime.date) -> str:
    """A day as people write it, whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def newest(notes: Iterable[Note]) -> datetime.date | None:
    """The last day on which one of the notes changed."""
    return max((note.changed for note in notes), default=None)


def freshness(catalog: Catalog, note: Note) -> View | None:
    """What a note says of how far it still holds, or nothing."""
    updated = note.updated if note.updated != note.date else None
    stale = note.is_stale(catalog.today)
    if not (updated or note.verified or note.applies_to or stale):
        return None
    days = {"Updated": updated, "Verified": None if stale else note.verified}
    return {
        "applies_to": note.applies_to,
        "days": [{"what": what, "date": day.isoformat(), "text": date_text(day)} for what, day in days.items() if day],
        "stale": {
            "what": "Last verified" if note.verified else "Published",
            "date": note.last_verified.isoformat(),
            "text": date_text(note.last_verified),
        }
        if stale
        else None,
    }


def tag_page(name: str) -> str:
    """The page of a tag."""
    return f"tags/{slug(name)}"


def feed_path(page: str) -> str:
    """Where the feed of a page that lists notes is published."""
    return "feed.xml" if page == HOME["page"] else f"{page}.xml"


def feeds(catalog: Catalog, *others: View) -> list[View]:
    """The feeds that a page offers: the journal's, and those of the other pages, which have notes."""
    pages = [{"title": "All notes", "page": HOME["page"]}, *others] if catalog.notes else []
    return [{"title": page["title"], "path": feed_path(page["page"])} for page in pages]


def sidebar(catalog: Catalog, lane: Lane | None = None, note: Note | None = None) -> list[View]:
    """The lanes; below the current one the notes around ``note``, or its newest ones. Its size is bounded."""
    views = []
    for other in catalog.lanes:
        view: View = {**link(other), "current": other is lane, "notes": []}
        if other is lane:
            notes = catalog.near(note, REACH) if note else catalog.notes_by_lane[lane.name][: 2 * REACH + 1]
            view["notes"] = [{**link(near), "current": near is note} for near in notes]
        views.append(view)
    return views
