"""The notes and lanes for programs: catalog.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fieldnotes.sources.frontmatter import former_page, slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site

SCHEMA = "_static/catalog-1.schema.json"
"""The JSON Schema of catalog.json. Fields may be added; a change that breaks readers gets a new version and file."""


def catalog_json(catalog: Catalog, site: Site) -> bytes:
    """Everything that the catalog knows of the published lanes and notes, by SCHEMA."""
    whole = {
        "$schema": site.file(SCHEMA),
        "version": 1,
        "title": site.title,
        "description": catalog.journal.about,
        "url": site.address,
        "lanes": [
            {
                "name": lane.name,
                "title": lane.title,
                "headline": lane.headline,
                "description": lane.description,
                "url": site.page(lane.docname),
            }
            for lane in catalog.lanes
        ],
        "notes": [
            {
                "docname": note.docname,
                "url": site.page(note.docname),
                "markdown": site.file(f"{note.docname}.md"),
                "title": note.title,
                "summary": note.summary,
                "lane": note.lane,
                "date": note.date.isoformat(),
                "updated": note.changed.isoformat(),
                "published_at": note.date.timestamp,
                "updated_at": note.changed.timestamp,
                "verified": note.verified.isoformat() if note.verified else None,
                "applies_to": note.applies_to,
                "authors": catalog.authors_of(note),
                "tags": [{"name": name, "slug": slug(name)} for name in note.tags],
                "minutes": note.minutes,
                "words": note.words,
                "formerly": [former_page(name) for name in note.formerly],
            }
            for note in catalog.notes
        ],
    }
    return (json.dumps(whole, ensure_ascii=False) + "\n").encode()
