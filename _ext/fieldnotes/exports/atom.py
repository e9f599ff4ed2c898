"""Atom feeds (RFC 4287) of the journal, each lane, tag and author, with the full text of their newest notes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.exports import plain_svg
from fieldnotes.exports.article import article, parse
from fieldnotes.pages.shared import HOME, author_page, feed_path, tag_page
from fieldnotes.sources.front_matter_fields import slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note

NEWEST = 20
"""Notes in the feed of the journal, a lane or an author."""

NEWEST_OF_TAG = 10
"""Notes in the feed of a tag: there are many tags, and each note is in the feeds of several."""

NAMESPACE = uuid.UUID("3f5c1f0e-7d0a-4c55-9a39-51f0a3d7c2b4")
"""The namespace of all ids, chosen once: feed readers recognize entries by id, wherever the site is."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot contain."""

LABELS = re.compile(r' aria-label="([^"]+)|<(?:title|desc)\b[^>]*>([^<]+)')
"""The label, title and description of an SVG."""


@dataclass(frozen=True)
class Feed:
    """The feed of a page that lists notes, newest first."""

    page: str
    title: str
    subtitle: str
    notes: tuple[Note, ...]

    @property
    def path(self) -> str:
        """The path in the output."""
        return feed_path(self.page)


def feeds(catalog: Catalog, site: Site) -> Iterator[Feed]:
    """Yield every feed. A list without notes has none, since Atom requires the time of its last change."""
    if catalog.notes:
        yield Feed(HOME, site.title, catalog.journal.about, catalog.notes[:NEWEST])
    for lane in catalog.lanes:
        if notes := catalog.notes_by_lane[lane.name][:NEWEST]:
            yield Feed(lane.docname, f"{site.title}: {lane.title}", lane.description, notes)
    for tag in catalog.tags:
        title = f"{site.title}: {tag.name}"
        about = site.language.gettext("Notes on {tag}.").format(tag=tag.name)
        yield Feed(tag_page(tag.name), title, about, tag.notes[:NEWEST_OF_TAG])
    for author in catalog.authors:
        title = f"{site.title}: {author.name}"
        about = site.language.gettext("Notes by {author}.").format(author=author.name)
        yield Feed(author_page(author.name), title, about, author.notes[:NEWEST])


def atom(
    feed: Feed, catalog: Catalog, site: Site, page_of: Callable[[Note], str], pictures: Mapping[str, Sequence[str]]
) -> bytes:
    """Return a feed as XML, with the text of its notes as HTML. ``page_of`` returns the HTML of a note's page.

    ``pictures`` maps docnames to the paths of the drawings.
    """
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": site.language.tag})
    _add(root, "id", identity(feed.path))
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", max((note.last_changed for note in feed.notes), key=lambda day: day.moment).timestamp)
    _add(root, "link", rel="self", type="application/atom+xml", href=site.file(feed.path))
    _add(root, "link", rel="alternate", type="text/html", href=site.page(feed.page))
    author = SubElement(root, "author")
    _add(author, "name", catalog.journal.author)
    _add(author, "uri", site.address)
    _introduce(root, feed, site)
    for note in feed.notes:
        html = content(page_of(note), site.page(note.docname), [*map(site.file, pictures[note.docname])])
        _add_entry(root, note, html, catalog, site)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    style = f'<?xml-stylesheet href="{"../" * feed.path.count("/")}_static/feed.css"?>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{style}\n{text}\n'.encode()


def _add_entry(root: Element, note: Note, html: str, catalog: Catalog, site: Site) -> None:
    lane = catalog.lanes_by_name[note.lane]
    entry = SubElement(root, "entry")
    _add(entry, "id", identity(note.first_docname))
    _add(entry, "title", note.title)
    _add(entry, "link", rel="alternate", type="text/html", href=site.page(note.docname))
    _add(entry, "published", note.date.timestamp)
    _add(entry, "updated", note.last_changed.timestamp)
    for name in note.authors:
        writer = SubElement(entry, "author")
        _add(writer, "name", name)
        _add(writer, "uri", site.page(author_page(name)))
    _add(entry, "category", term=lane.name, scheme=site.file("lanes/"), label=lane.title)
    for name in note.tags:
        _add(entry, "category", term=slug(name), scheme=site.file("tags/"), label=name)
    _add(entry, "summary", note.summary)
    _add(entry, "content", html, type="html")


def _introduce(root: Element, feed: Feed, site: Site) -> None:
    """Add an explanation for people who open the feed in a browser; `feed.css` shows it with titles and summaries.

    XSLT could render a page instead, but browsers are dropping it. XHTML links work there too, and feed readers skip
    them, as RFC 4287 requires for unknown markup.
    """
    gettext = site.language.gettext
    intro = SubElement(root, "h:div", {"xmlns:h": "http://www.w3.org/1999/xhtml"})
    _add(intro, "h:p", gettext("This is a feed. Add its address to a feed reader to see each new note there:"))
    _add(intro, "h:p", site.file(feed.path))
    _add(SubElement(intro, "h:p"), "h:a", gettext("Read the notes as a page"), href=site.page(feed.page))


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    """Add a child element; characters that XML cannot contain are removed from its text."""
    SubElement(parent, name, attributes).text = text and NOT_XML.sub("", text)


def identity(name: str) -> str:
    """Return the id (a `urn:uuid:`) of a feed, by its path, or of an entry, by its note's first docname."""
    return uuid.uuid5(NAMESPACE, name).urn


def content(page: str, url: str, pictures: Sequence[str]) -> str:
    """Return the text of a note's ``page`` as HTML for feed readers: everything between its title and its tags.

    URLs become absolute, by the page's own ``url``. Drawings become images at the URLs ``pictures``: feed readers load
    no stylesheet of the site, and many drop styles, classes, and SVG, whose labels then remain in the text.
    """
    numbers = count()

    def picture(svg: re.Match[str]) -> str:
        number = next(numbers)
        if number >= len(pictures):
            return svg[0]  # raw HTML by the author
        width, height = plain_svg.size(svg[0])
        alt = ". ".join("".join(texts).rstrip(".") for texts in LABELS.findall(svg[0])).replace('"', "&quot;")
        return f'<img src="{pictures[number]}" alt="{alt}" width="{width}" height="{height}">'

    _title, _end, body = article(page).partition("</h1>")
    body = body.rpartition('<p class="tags">')[0] or body
    body = plain_svg.IN_PAGE.sub(picture, body)
    return (parse(body, url).html or "").strip()
