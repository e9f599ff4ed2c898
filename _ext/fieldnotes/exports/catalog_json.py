"""List the notes and lanes for programs: catalog.json and llms.txt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fieldnotes.exports.plain_markdown import escaped
from fieldnotes.pages.parts import DESCRIPTION
from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site


SCHEMA = "_static/catalog-1.schema.json"
"""The JSON Schema of catalog.json. What is in it stays; what breaks a reader gets a new version and a new file."""


def llms(catalog: Catalog, site: Site) -> bytes:
    """List every note for language models, by lane, as https://llmstxt.org/ describes it."""
    parts = [
        f"# {escaped(site.title)}",
        f"> {escaped(DESCRIPTION)}",
        "Each link leads to a note as plain Markdown; the page for people has the same address with .html in place of "
        f".md. What is known of each note, and of each lane, is in [catalog.json]({site.file('catalog.json')}).",
    ]
    for lane in catalog.lanes:
        if notes := catalog.notes_by_lane[lane.name]:
            rows = [f"- [{escaped(n.title)}]({site.file(f'{n.docname}.md')}): {escaped(n.summary)}" for n in notes]
            parts += [f"## {escaped(lane.title)}", "\n".join(rows)]
    return ("\n\n".join(parts) + "\n").encode()


def catalog_json(catalog: Catalog, site: Site) -> bytes:
    """Everything that is known of the notes and lanes, by the schema in SCHEMA."""
    whole = {
        "$schema": site.file(SCHEMA),
        "version": 1,
        "title": site.title,
        "description": DESCRIPTION,
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
                "verified": note.verified.isoformat() if note.verified else None,
                "applies_to": note.applies_to,
                "tags": [{"name": name, "slug": slug(name)} for name in note.tags],
                "minutes": note.minutes,
                "words": note.words,
                "formerly": [f"notes/{name}" for name in note.formerly],
            }
            for note in catalog.notes
        ],
    }
    return (json.dumps(whole, ensure_ascii=False) + "\n").encode()
