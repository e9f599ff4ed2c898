"""Atom feeds (RFC 4287) of the journal, each lane and each tag, with the whole text of their newest notes."""

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
from fieldnotes.sources.front_matter import slug

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note

NEWEST = 20
"""Notes in the feed of the journal or of a lane."""

NEWEST_OF_TAG = 10
"""Notes in the feed of a tag: there are many tags, and each note is in the feeds of several."""

NAMESPACE = uuid.UUID("3f5c1f0e-7d0a-4c55-9a39-51f0a3d7c2b4")
"""The namespace of all ids, chosen once: feed readers recognize entries by id, wherever the site is."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""


SAID = re.compile(r' aria-label="([^"]+)|<(?:title|desc)\b[^>]*>([^<]+)')
"""What a drawing says of itself."""


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
    """Every feed. A list without notes has none, since Atom requires the time of the newest."""
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
    """A feed, with the text of its notes from their pages; ``pictures`` has the paths of their drawings, by docname."""
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
        pictures_of_note = [*map(site.file, pictures[note.docname])]
        _add(entry, "content", content(page_of(note), site.page(note.docname), pictures_of_note), type="html")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    style = f'<?xml-stylesheet href="{"../" * feed.path.count("/")}_static/feed.css"?>'
    return f'<?xml version="1.0" encoding="utf-8"?>\n{style}\n{text}\n'.encode()


def _introduce(root: Element, feed: Feed, site: Site) -> None:
    """Tell a person who opens the feed in a browser what it is; `feed.css` shows that, and titles and summaries.

    XSLT could write a page instead, and browsers are dropping it. Elements of XHTML are links there too, and feed
    readers skip them, as RFC 4287 asks for any markup that they don't know.
    """
    gettext = site.language.gettext
    intro = SubElement(root, "h:div", {"xmlns:h": "http://www.w3.org/1999/xhtml"})
    _add(
        intro, "h:p", gettext("This is a feed. Give its address to a feed reader, which then shows you each new note:")
    )
    _add(intro, "h:p", site.file(feed.path))
    _add(SubElement(intro, "h:p"), "h:a", gettext("Read the notes as a page"), href=site.page(feed.page))


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text and NOT_XML.sub("", text)


def identity(name: str) -> str:
    """The id of a feed or an entry, by its name."""
    return uuid.uuid5(NAMESPACE, name).urn


def content(page: str, url: str, pictures: Sequence[str]) -> str:
    """The text of a note's ``page`` for reading elsewhere: all between its title and its tags.

    Addresses become absolute, by the page's own ``url``. Drawings are pictures at the addresses ``pictures``: readers
    load no stylesheet of the site, and many drop styles, classes, and SVG whose labels then stand in the text.
    """
    numbers = count()

    def picture(svg: re.Match[str]) -> str:
        number = next(numbers)
        if number >= len(pictures):
            return svg[0]  # raw HTML of the author
        width, height = plain_svg.size(svg[0])
        said = ". ".join("".join(texts).rstrip(".") for texts in SAID.findall(svg[0])).replace('"', "&quot;")
        return f'<img src="{pictures[number]}" alt="{said}" width="{width}" height="{height}">'

    _title, _end, body = article(page).partition("</h1>")
    body = body.rpartition('<p class="tags">')[0] or body
    body = plain_svg.IN_PAGE.sub(picture, body)
    return (parse(body, url).html or "").strip()
