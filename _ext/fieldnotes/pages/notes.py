"""The page of a note."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.shared import HOME, View, author_page, card, feeds, index_link, link, row, sidebar
from fieldnotes.sources.front_matter_fields import slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.dates import Day
    from fieldnotes.sources.note import Note

RELATED = 3
"""Related notes below a note."""

MAX_BACKLINKS = 5
"""Backlinks that are visible below a note; the others are collapsed."""


def note_view(catalog: Catalog, note: Note) -> View:
    """Return everything that a note's page shows besides its text and its backlinks."""
    lane = catalog.lanes_by_name[note.lane]
    newer, older = catalog.newer(note), catalog.older(note)
    return {
        "trail": [index_link(catalog.language, HOME), link(lane), {"title": note.title}],
        "sidebar": sidebar(catalog, lane, note),
        "note": card(catalog, note),
        "words": note.words,
        "updated": note.last_changed.iso,
        "freshness": freshness(catalog, note),
        "heading": note.title,
        "description": note.summary,
        "feeds": feeds(catalog, link(lane)),
        "authors": [{"title": name, "page": author_page(name)} for name in note.authors],
        "edit": catalog.journal.file_url(note.header.path, edit=True),
        "markdown": f"{note.docname}.md",
        "before": link(newer) if newer else None,
        "after": {**row(catalog, older), "summary": older.summary} if older else None,
        "related": [_related(catalog, note, other) for other in catalog.shared_tags.related_notes(note, RELATED)],
    }


def _related(catalog: Catalog, note: Note, other: Note) -> View:
    slugs = {slug(name) for name in other.tags}
    return {**row(catalog, other), "shared": [name for name in note.tags if slug(name) in slugs]}


def backlinks(catalog: Catalog, docnames: Iterable[str]) -> View:
    """Return the backlinks of a note from these documents: rows of the newest, and links to the others."""
    notes = [catalog.notes_by_docname[name] for name in docnames]
    notes.sort(key=lambda note: note.order)
    newest, older = notes[:MAX_BACKLINKS], notes[MAX_BACKLINKS:]
    return {"notes": [row(catalog, note) for note in newest], "older": [link(note) for note in older]}


def freshness(catalog: Catalog, note: Note) -> View | None:
    """Return what the note applies to, when it was updated and verified, and whether it is stale on the build day.

    None if its front matter has none of these and it is not stale.
    """
    updated = note.updated if note.updated != note.date else None
    is_stale = note.is_stale(catalog.today)
    if not (updated or note.verified or note.applies_to or is_stale):
        return None
    days = {"updated": updated, "verified": None if is_stale else note.verified}
    stale = {**_day(catalog, note.last_verified), "verified": bool(note.verified)}
    return {
        "applies_to": note.applies_to,
        "days": [{"what": what, **_day(catalog, day)} for what, day in days.items() if day],
        "stale": stale if is_stale else None,
    }


def _day(catalog: Catalog, day: Day) -> View:
    return {"date": day.iso, "text": catalog.language.date(day)}
