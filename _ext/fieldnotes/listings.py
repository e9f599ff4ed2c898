"""The journal listed for machines: sitemap.xml and robots.txt, llms.txt, and catalog.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes import views
from fieldnotes.markdown import escaped
from fieldnotes.note import slug

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

    from fieldnotes.catalog import Catalog
    from fieldnotes.site import Site
    from fieldnotes.views import Derived

MOST_URLS = 50_000
"""Addresses that one sitemap may hold (https://www.sitemaps.org/protocol.html)."""
SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"

SCHEMA = "_static/catalog-1.schema.json"
"""The JSON Schema of catalog.json. What is in it stays; what breaks a reader gets a new version and a new file."""

Listed = tuple[str, "datetime.date | None"]
"""The name of a page, and the day of the newest note that it shows."""


def pages(catalog: Catalog, derived: Iterable[Derived]) -> Iterator[Listed]:
    """Every page that is to be found: documents, then those made from the catalog."""
    yield views.HOME["page"], views.newest(catalog.notes)
    for lane in catalog.lanes:
        yield lane.docname, views.newest(catalog.in_lane[lane.name])
    for note in catalog.notes:
        yield note.docname, note.changed
    for page in derived:
        if not page.context.get("unlisted"):
            yield page.pagename, page.updated


def sitemaps(site: Site, listed: Sequence[Listed], most: int = MOST_URLS) -> dict[str, bytes]:
    """The sitemap by its path; where there are more than ``most`` pages, an index, and the sitemaps that it names."""
    if len(listed) <= most:
        return {"sitemap.xml": _sitemap(site, listed)}
    parts = {
        f"sitemap-{number}.xml": _sitemap(site, listed[start : start + most])
        for number, start in enumerate(range(0, len(listed), most), start=1)
    }
    return {"sitemap.xml": _urls("sitemapindex", "sitemap", [(site.file(path), None) for path in parts]), **parts}


def _sitemap(site: Site, listed: Sequence[Listed]) -> bytes:
    return _urls("urlset", "url", [(site.page(name), day) for name, day in listed])


def _urls(kind: str, item: str, urls: Iterable[tuple[str, datetime.date | None]]) -> bytes:
    root = Element(kind, {"xmlns": SITEMAPS})
    for url, day in urls:
        element = SubElement(root, item)
        SubElement(element, "loc").text = url
        if day:
            SubElement(element, "lastmod").text = day.isoformat()
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def robots(site: Site) -> bytes:
    """Let every crawler in, and name the sitemap (RFC 9309)."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.file('sitemap.xml')}\n".encode()


def llms(catalog: Catalog, site: Site) -> bytes:
    """List every note for language models, by lane, as https://llmstxt.org/ describes it."""
    parts = [
        f"# {escaped(site.title)}",
        f"> {escaped(views.DESCRIPTION)}",
        "Each link leads to a note as plain Markdown; the page for people has the same address with .html in place of "
        f".md. What is known of each note, and of each lane, is in [catalog.json]({site.file('catalog.json')}).",
    ]
    for lane in catalog.lanes:
        if notes := catalog.in_lane[lane.name]:
            rows = [f"- [{escaped(n.title)}]({site.file(f'{n.docname}.md')}): {escaped(n.summary)}" for n in notes]
            parts += [f"## {escaped(lane.title)}", "\n".join(rows)]
    return ("\n\n".join(parts) + "\n").encode()


def catalog_json(catalog: Catalog, site: Site) -> bytes:
    """Everything that is known of the notes and lanes, by the schema in SCHEMA."""
    whole = {
        "$schema": site.file(SCHEMA),
        "version": 1,
        "title": site.title,
        "description": views.DESCRIPTION,
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
