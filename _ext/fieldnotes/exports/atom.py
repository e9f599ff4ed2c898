"""Atom feeds (RFC 4287) of the journal, each lane and each tag, with the whole text of their newest notes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.exports import drawing
from fieldnotes.exports.article import article, parse
from fieldnotes.pages.parts import HOME, author_page, feed_path, tag_page
from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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

DRAWING = re.compile(r'<svg\b[^<>]*\srole="img"[^<>]*>[^<]*(?:<(?!svg\b|/svg>)[^<]*)*</svg>')


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


def atom(feed: Feed, catalog: Catalog, site: Site, output: Path) -> bytes:
    """Write a feed. The text of its notes is read from their pages in ``output``, which must have been written."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": site.language.tag})
    _add(root, "id", identity(feed.path))
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", max((note.changed for note in feed.notes), key=lambda day: day.moment).timestamp)
    _add(root, "link", rel="self", type="application/atom+xml", href=site.file(feed.path))
    _add(root, "link", rel="alternate", type="text/html", href=site.page(feed.page))
    author = SubElement(root, "author")
    _add(author, "name", catalog.journal.author)
    _add(author, "uri", site.address)
    rules = drawing.read_rules(output / "_static", catalog.journal.accent)
    for note in feed.notes:
        page = (output / site.page_path(note.docname)).read_text(encoding="utf-8")
        lane = catalog.lanes_by_name[note.lane]
        entry = SubElement(root, "entry")
        _add(entry, "id", identity(note.first_docname))
        _add(entry, "title", note.title)
        _add(entry, "link", rel="alternate", type="text/html", href=site.page(note.docname))
        _add(entry, "published", note.date.timestamp)
        _add(entry, "updated", note.changed.timestamp)
        for name in note.authors:
            writer = SubElement(entry, "author")
            _add(writer, "name", name)
            _add(writer, "uri", site.page(author_page(name)))
        _add(entry, "category", term=lane.name, scheme=site.file("lanes/"), label=lane.title)
        for name in note.tags:
            _add(entry, "category", term=slug(name), scheme=site.file("tags/"), label=name)
        _add(entry, "summary", note.summary)
        _add(entry, "content", content(page, site.page(note.docname), rules), type="html")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text and NOT_XML.sub("", text)


def identity(name: str) -> str:
    """The id of a feed or an entry, by its name."""
    return uuid.uuid5(NAMESPACE, name).urn


def content(page: str, url: str, rules: list[drawing.Rule]) -> str:
    """The text of a note's ``page`` for reading elsewhere: all between its title and its tags.

    Addresses become absolute, by the page's own ``url``. Drawings have their colors as attributes, by the ``rules``:
    readers load no stylesheet of the site, and many drop styles and classes.
    """
    _title, _end, body = article(page).partition("</h1>")
    body = body.rpartition('<p class="tags">')[0] or body
    body = DRAWING.sub(lambda svg: drawing.with_attributes(svg[0], ("diagram", "drawn", "lab-figure"), rules), body)
    return (parse(body, url).html or "").strip()
