"""What a page tells search engines and other readers of its head: OpenGraph, and schema.org as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.parts import HOME, TAGLINE
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE, Site

if TYPE_CHECKING:
    from fieldnotes.pages.parts import View


def head(site: Site, pagename: str, view: View) -> View:
    """What the head of a page holds, from what the page shows; for one that is not to be found, only that."""
    if view.get("unlisted"):
        found: View = {"noindex": True, "pageurl": None}
        if to := view.get("to"):
            found["canonical"] = site.page(to["page"])
        return found
    return {
        "pageurl": site.page(pagename),
        "open_graph": _open_graph(site, pagename, view),
        "linked_data": list(filter(None, [_about(site, pagename, view), _breadcrumbs(site, pagename, view)])),
    }


def _open_graph(site: Site, pagename: str, view: View) -> list[tuple[str, str]]:
    """The properties of https://ogp.me/, in order; those of an article stand in the template."""
    width, height = PICTURE_SIZE
    return [
        ("og:type", "article" if view.get("note") else "website"),
        ("og:site_name", site.title),
        ("og:title", view.get("heading") or site.title),
        ("og:description", view.get("description", "")),
        ("og:url", site.page(pagename)),
        ("og:image", site.file(PICTURE)),
        ("og:image:width", str(width)),
        ("og:image:height", str(height)),
        ("og:image:alt", f"{site.title}. {TAGLINE}"),
    ]


def _about(site: Site, pagename: str, view: View) -> View | None:
    """A note as a schema.org Article, home as the WebSite that holds them."""
    publisher = {"@type": "Organization", "name": site.title, "url": site.address}
    note = view.get("note")
    if note:
        return {
            "@context": "https://schema.org",
            "@type": "Article",
            "headline": note["title"],
            "description": note["summary"],
            "url": site.page(pagename),
            "mainEntityOfPage": {"@type": "WebPage", "@id": site.page(pagename)},
            "image": site.file(PICTURE),
            "datePublished": note["date"],
            "dateModified": view["updated"],
            "author": publisher,
            "publisher": publisher,
            "inLanguage": site.language,
            "articleSection": note["lane"]["title"],
            "isPartOf": {
                "@type": "CollectionPage",
                "name": note["lane"]["title"],
                "url": site.page(note["lane"]["page"]),
            },
            "keywords": [tag["title"] for tag in note["tags"]],
            "wordCount": view["words"],
            "timeRequired": f"PT{note['minutes']}M",
        }
    if pagename == HOME["page"]:
        return {
            "@context": "https://schema.org",
            "@type": "WebSite",
            "name": site.title,
            "description": view["description"],
            "url": site.address,
            "inLanguage": site.language,
            "publisher": publisher,
        }
    return None


def _breadcrumbs(site: Site, pagename: str, view: View) -> View | None:
    """The trail above the article as a schema.org BreadcrumbList."""
    steps = [
        {
            "@type": "ListItem",
            "position": place,
            "name": step["title"],
            "item": {"@type": "WebPage", "@id": site.page(step.get("page", pagename))},
        }
        for place, step in enumerate(view.get("trail", []), start=1)
    ]
    if not steps:
        return None
    return {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
