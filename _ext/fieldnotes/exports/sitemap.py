"""The list of pages for crawlers: sitemap.xml, and robots.txt that names it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.pages.parts import HOME, last_change

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import DerivedPage
    from fieldnotes.pages.urls import Site


def sitemap_xml(catalog: Catalog, derived: Iterable[DerivedPage], site: Site) -> bytes:
    """Every page that may be indexed, by https://www.sitemaps.org/protocol.html.

    Crawlers read the first 50,000 addresses: a larger journal is published as one project a lane.
    """
    listed = [(HOME, last_change(catalog.notes))]
    listed += [(lane.docname, last_change(catalog.notes_by_lane[lane.name])) for lane in catalog.lanes]
    listed += [(note.docname, note.changed) for note in catalog.notes]
    listed += [(page.docname, None) for page in catalog.pages]
    listed += [(page.pagename, page.updated) for page in derived if not page.context.get("unlisted")]
    root = Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    for name, day in listed:
        url = SubElement(root, "url")
        SubElement(url, "loc").text = site.page(name)
        if day:
            SubElement(url, "lastmod").text = day.known
    ElementTree.indent(root, "")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def robots_txt(site: Site) -> bytes:
    """Admit every crawler, and name the sitemap (RFC 9309)."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site.file('sitemap.xml')}\n".encode()
