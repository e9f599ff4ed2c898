"""The files that list the whole journal for programs: catalog.json, sitemap.xml, robots.txt, llms.txt, _redirects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.exports.plain_markdown import escaped
from fieldnotes.pages.shared import HOME, last_change
from fieldnotes.sources.front_matter_fields import former_page, slug

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.shared import DerivedPage
    from fieldnotes.pages.urls import Site

SCHEMA = "_static/catalog-1.schema.json"
"""The JSON Schema of catalog.json. Fields may be added; a breaking change gets a new version and file."""


def catalog_json(catalog: Catalog, site: Site) -> bytes:
    """Return all data of the catalog on published lanes and notes, as described by SCHEMA."""
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
                "updated": note.last_changed.isoformat(),
                "published_at": note.date.timestamp,
                "updated_at": note.last_changed.timestamp,
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


def sitemap_xml(catalog: Catalog, derived: Iterable[DerivedPage], site: Site) -> bytes:
    """List every page that may be indexed, in the format of https://www.sitemaps.org/protocol.html.

    Crawlers read only the first 50,000 addresses; publish a larger journal as one project per lane.
    """
    listed = [(HOME, last_change(catalog.notes))]
    listed += [(lane.docname, last_change(catalog.notes_by_lane[lane.name])) for lane in catalog.lanes]
    listed += [(note.docname, note.last_changed) for note in catalog.notes]
    listed += [(page.docname, None) for page in catalog.pages]
    listed += [(page.pagename, page.updated) for page in derived if not page.context.get("unlisted")]
    root = Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    for name, day in listed:
        url = SubElement(root, "url")
        SubElement(url, "loc").text = site.page(name)
        if day:
            SubElement(url, "lastmod").text = day.iso
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def robots_txt(site: Site) -> bytes:
    """Allow every crawler, and give the address of the sitemap (RFC 9309)."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.file('sitemap.xml')}\n".encode()


def llms_txt(catalog: Catalog, site: Site) -> bytes:
    """List every note by lane, with its summary and a link to its plain Markdown."""
    parts = [
        f"# {escaped(site.title)}",
        f"> {escaped(catalog.journal.about)}",
        "Each link leads to a note as plain Markdown; its web page has the same address with .html in place of .md. "
        f"The metadata of all notes and lanes is in [catalog.json]({site.file('catalog.json')}).",
    ]
    for lane in catalog.lanes:
        if notes := catalog.notes_by_lane[lane.name]:
            rows = [f"- [{escaped(n.title)}]({site.file(f'{n.docname}.md')}): {escaped(n.summary)}" for n in notes]
            parts += [f"## {escaped(lane.title)}", "\n".join(rows)]
    return ("\n\n".join(parts) + "\n").encode()


def redirects(catalog: Catalog, site: Site) -> bytes:
    """List the former addresses of notes in the format of Netlify and Cloudflare Pages: old path, new path, status.

    On hosts that do not read the file, the page at the former address redirects.
    """
    lines = []
    for note in catalog.notes:
        for name in note.formerly:
            is_path = name.startswith("/")
            old = site.path + quote(unquote(name[1:])) if is_path else urlsplit(site.page(f"notes/{name}")).path
            lines.append(f"{old} {urlsplit(site.page(note.docname)).path} 301\n")
    return "".join(lines).encode()
