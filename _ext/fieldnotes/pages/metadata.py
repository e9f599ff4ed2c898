"""The metadata in the head of a page: canonical address, picture, and schema.org as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.shared import HOME, View
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE, Site

if TYPE_CHECKING:
    from fieldnotes.sources.settings import Settings


def head(site: Site, journal: Settings, pagename: str, view: View) -> View:
    """Return the metadata of a page, from its view. An ``unlisted`` page asks search engines not to index it."""
    if view.get("unlisted"):
        canonical = {"canonical": site.page(view["to"]["page"])} if "to" in view else {}
        return {"noindex": True, "pageurl": None, **canonical}
    width, height = PICTURE_SIZE
    note, alt = view.get("note"), f"{site.title}. {journal.tagline}".strip()
    picture = site.picture_of(pagename) if note else PICTURE
    if note and picture != PICTURE:
        alt = f"{note['title']}. {note['lane']['title']}, {site.title}"
    return {
        "pageurl": site.page(pagename),
        "profiles": [site.page(author["page"]) for author in view.get("authors", [])],
        "picture": {"url": site.file(picture), "width": width, "height": height, "alt": alt},
        "linked_data": [*_article_or_website(site, journal, pagename, view), *_breadcrumbs(site, pagename, view)],
    }


def _article_or_website(site: Site, journal: Settings, pagename: str, view: View) -> list[View]:
    """Describe a note as a schema.org Article, and home as the WebSite; other pages are neither."""
    publisher: View = {"@type": "Organization", "name": site.title, "url": site.address}
    if journal.social:
        publisher["sameAs"] = [link.address for link in journal.social]
    licensed = {"license": journal.text_license.address or journal.text_license.text} if journal.text_license else {}
    if note := view.get("note"):
        lane = note["lane"]
        about = {
            "@type": "Article",
            "headline": note["title"],
            "description": note["summary"],
            "url": site.page(pagename),
            "mainEntityOfPage": {"@type": "WebPage", "@id": site.page(pagename)},
            "image": {
                "@type": "ImageObject",
                "url": site.file(site.picture_of(pagename)),
                "width": str(PICTURE_SIZE[0]),
                "height": str(PICTURE_SIZE[1]),
            },
            "datePublished": note["date"],
            "dateModified": view["updated"],
            "author": _authors(site, journal, view["authors"], publisher),
            "publisher": publisher,
            "inLanguage": site.language.tag,
            "articleSection": lane["title"],
            "isPartOf": {"@type": "CollectionPage", "name": lane["title"], "url": site.page(lane["page"])},
            "keywords": [tag["title"] for tag in note["tags"]],
            "wordCount": view["words"],
            "timeRequired": f"PT{note['minutes']}M",
            **licensed,
        }
    elif pagename == HOME:
        about = {
            "@type": "WebSite",
            "name": site.title,
            "description": view["description"],
            "url": site.address,
            "inLanguage": site.language.tag,
            "publisher": publisher,
            **licensed,
        }
    else:
        return []
    return [{"@context": "https://schema.org", **about}]


def _authors(site: Site, journal: Settings, authors: list[View], publisher: View) -> View | list[View]:
    """Return a note's authors, or the journal's author: the journal itself, if the author's name contains its name."""
    if authors:
        return [{"@type": "Person", "name": each["title"], "url": site.page(each["page"])} for each in authors]
    if journal.name in journal.author:
        return publisher
    return {"@type": "Person", "name": journal.author, "url": site.address}


def _breadcrumbs(site: Site, pagename: str, view: View) -> list[View]:
    """Describe the trail above the article as a schema.org BreadcrumbList."""
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
