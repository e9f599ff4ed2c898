"""Atom feeds (RFC 4287) of the journal, of each lane and of each tag, with the whole text of their newest notes."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from fieldnotes.pages.parts import HOME, TAGLINE, feed_path
from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note

NEWEST = 20
"""Notes in the feed of the journal or of a lane."""


NEWEST_OF_TAG = 10
"""Notes in the feed of a tag: there are many tags, and each note is in the feeds of several."""


NAMESPACE = uuid.UUID("3f5c1f0e-7d0a-4c55-9a39-51f0a3d7c2b4")
"""Drawn once, for the ids of feeds and entries: these outlive every address that the journal may have."""


NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML may hold."""


HEADERLINK = re.compile(r'<a class="headerlink"[^<>]*>[^<>]*</a>')


LINKING = re.compile(r"<(?!use\b)[a-zA-Z][^<>]*\s(?:href|src|srcset|poster|cite|action|data)\s*=[^<>]*>")


ADDRESS = re.compile(r"""(\s)(href|src|srcset|poster|cite|action|data)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")


@dataclass(frozen=True)
class Feed:
    """The newest notes of a page that lists notes; ``page`` is its name."""

    page: str
    title: str
    subtitle: str
    notes: tuple[Note, ...]

    @property
    def path(self) -> str:
        """Where it is published."""
        return feed_path(self.page)


def feeds(catalog: Catalog, site: Site) -> Iterator[Feed]:
    """Every feed. What has no notes has none: Atom wants the time of the newest."""
    if catalog.notes:
        yield Feed(HOME["page"], site.title, TAGLINE, catalog.notes[:NEWEST])
    for lane in catalog.lanes:
        if notes := catalog.notes_by_lane[lane.name][:NEWEST]:
            yield Feed(lane.docname, f"{site.title}: {lane.title}", lane.description, notes)
    for tag in catalog.tags:
        title = f"{site.title}: {tag.name}"
        yield Feed(f"tags/{tag.slug}", title, f"Notes on {tag.name}.", tag.notes[:NEWEST_OF_TAG])


def atom(feed: Feed, catalog: Catalog, site: Site, content: Callable[[Note], str]) -> bytes:
    """Write a feed. ``content`` gives a note's text as HTML whose addresses are absolute."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": site.language})
    _add(root, "id", identity(feed.path))
    _add(root, "title", feed.title)
    _add(root, "subtitle", feed.subtitle)
    _add(root, "updated", midnight(max(note.changed for note in feed.notes)))
    _add(root, "link", rel="self", type="application/atom+xml", href=site.file(feed.path))
    _add(root, "link", rel="alternate", type="text/html", href=site.page(feed.page))
    author = SubElement(root, "author")
    _add(author, "name", site.title)
    _add(author, "uri", site.address)
    for note in feed.notes:
        entry = SubElement(root, "entry")
        _add(entry, "id", identity(note.first_docname))
        _add(entry, "title", note.title)
        _add(entry, "link", rel="alternate", type="text/html", href=site.page(note.docname))
        _add(entry, "published", midnight(note.date))
        _add(entry, "updated", midnight(note.changed))
        lane = catalog.lanes_by_name[note.lane]
        _add(entry, "category", term=lane.name, scheme=site.file("lanes/"), label=lane.title)
        for name in note.tags:
            _add(entry, "category", term=slug(name), scheme=site.file("tags/"), label=name)
        _add(entry, "summary", note.summary)
        _add(entry, "content", content(note), type="html")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text and NOT_XML.sub("", text)


def identity(name: str) -> str:
    """The id of a feed or an entry, which stays when the site moves to another address."""
    return uuid.uuid5(NAMESPACE, name).urn


def midnight(day: datetime.date) -> str:
    """The moment (RFC 3339) at which a day begins, in UTC."""
    return f"{day.isoformat()}T00:00:00Z"


def article(page: str, url: str, style: str) -> str:
    """Cut a note's text out of its page, from below its title to above its tags, for reading elsewhere.

    Links and pictures get absolute addresses, by ``url``, that of the page; drawings get the ``style`` that they are
    drawn with.
    """
    start = page.index("</h1>", page.index("<article")) + len("</h1>")
    end = page.index("</article>", start)
    tags = page.rfind('<p class="tags">', start, end)
    body = HEADERLINK.sub("", page[start : end if tags < 0 else tags]).strip()
    body = LINKING.sub(lambda tag: ADDRESS.sub(lambda found: _absolute(found, url), tag[0]), body)
    return f"<style>{style}</style>\n{body}" if 'class="diagram' in body or 'class="lab-' in body else body


def _absolute(found: re.Match[str], url: str) -> str:
    space, name, *values = found.groups()
    if name == "srcset":  # other sizes of the picture that src names
        return ""
    value = next(value for value in values if value is not None)
    try:
        return f'{space}{name}="{urljoin(url, value)}"'
    except ValueError:  # no address at all: it leads nowhere on the page either
        return ""


def drawing_style(kit: str, tokens: str) -> str:
    """The rules of drawings and figures with the colors of the light theme, for a feed reader has no theme of ours."""
    colors: dict[str, str] = dict(reversed(re.findall(r"(--[\w-]+):\s*([^;{}]+);", tokens)))
    css = re.sub(r"var\((--[\w-]+)\)", lambda found: colors.get(found[1], found[0]), kit)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return " ".join(css.split())
