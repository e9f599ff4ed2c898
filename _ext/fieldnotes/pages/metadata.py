"""What the head of a page says to other sites: canonical address, picture, and schema.org as JSON-LD."""

from __future__ import annotations

from fieldnotes.pages.parts import HOME, TAGLINE, View
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE, Site


def head(site: Site, pagename: str, view: View) -> View:
    """The metadata of a page, from its view. An ``unlisted`` page asks search engines not to index it."""
    if view.get("unlisted"):
        canonical = {"canonical": site.page(view["to"]["page"])} if "to" in view else {}
        return {"noindex": True, "pageurl": None, **canonical}
    width, height = PICTURE_SIZE
    alt = f"{site.title}. {TAGLINE}"
    return {
        "pageurl": site.page(pagename),
        "picture": {"url": site.file(PICTURE), "width": width, "height": height, "alt": alt},
        "linked_data": [*_article_or_website(site, pagename, view), *_breadcrumbs(site, pagename, view)],
    }


def _article_or_website(site: Site, pagename: str, view: View) -> list[View]:
    """A note is a schema.org Article, home the WebSite; other pages are neither."""
    publisher = {"@type": "Organization", "name": site.title, "url": site.address}
    if note := view.get("note"):
        lane = note["lane"]
        about = {
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
            "articleSection": lane["title"],
            "isPartOf": {"@type": "CollectionPage", "name": lane["title"], "url": site.page(lane["page"])},
            "keywords": [tag["title"] for tag in note["tags"]],
            "wordCount": view["words"],
            "timeRequired": f"PT{note['minutes']}M",
        }
    elif pagename == HOME["page"]:
        about = {
            "@type": "WebSite",
            "name": site.title,
            "description": view["description"],
            "url": site.address,
            "inLanguage": site.language,
            "publisher": publisher,
        }
    else:
        return []
    return [{"@context": "https://schema.org", **about}]


def _breadcrumbs(site: Site, pagename: str, view: View) -> list[View]:
    """The trail above the article as a schema.org BreadcrumbList."""
    steps = [
        {
            "@type": "ListItem",
            "position": position,
            "name": step["title"],
            "item": {"@type": "WebPage", "@id": site.page(step.get("page", pagename))},
        }
        for position, step in enumerate(view.get("trail", []), start=1)
    ]
    return [{"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}] if steps else []
