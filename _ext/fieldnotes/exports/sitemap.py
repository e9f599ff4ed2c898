"""The list of pages for crawlers: sitemap.xml, and robots.txt that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.pages.parts import HOME, last_change

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import DerivedPage
    from fieldnotes.pages.urls import Site

MAX_URLS = 50_000
"""Addresses that one sitemap may hold, by https://www.sitemaps.org/protocol.html."""

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"

Listed = tuple[str, "datetime.date | None"]
"""The name of a page, and its last change; None if that is not known."""


def pages(catalog: Catalog, derived: Iterable[DerivedPage]) -> Iterator[Listed]:
    """Every page that may be indexed: documents, then derived pages."""
    yield HOME["page"], last_change(catalog.notes)
    for lane in catalog.lanes:
        yield lane.docname, last_change(catalog.notes_by_lane[lane.name])
    for note in catalog.notes:
        yield note.docname, note.changed
    for page in derived:
        if not page.context.get("unlisted"):
            yield page.pagename, page.updated


def sitemaps(site: Site, listed: Sequence[Listed], most: int = MAX_URLS) -> dict[str, bytes]:
    """The sitemap by its path; for more than ``most`` pages an index, and the sitemaps in it."""
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


def robots_txt(site: Site) -> bytes:
    """Admit every crawler, and name the sitemap (RFC 9309)."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.file('sitemap.xml')}\n".encode()
