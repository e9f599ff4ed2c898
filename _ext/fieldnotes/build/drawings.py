"""Directives for drawings, videos and the systems map."""

from __future__ import annotations

from html import escape
from itertools import count
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from docutils import nodes
from docutils.parsers.rst import directives

from fieldnotes.build.cards import home_lists, link_list
from fieldnotes.build.domain import page_link
from fieldnotes.build.figures import Drawing, SiteOnly
from fieldnotes.build.file_directives import FileDirective
from fieldnotes.build.state import catalog_of, warn_at
from fieldnotes.pages import note_marks
from fieldnotes.pages.shared import SIGN_COUNT
from fieldnotes.sources import svg
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docutils.nodes import Node
    from sphinx.util.docutils import SphinxDirective

    from fieldnotes.pages.shared import View

VIDEO_SUFFIXES = (".mp4", ".webm", ".ogv")
"""Suffixes of videos that browsers play."""


def add_caption(directive: SphinxDirective, figure: nodes.Element, content: Sequence[Node], code: Code) -> None:
    """Append ``content``, if any, to ``figure`` as its caption; report it instead if it is not one paragraph."""
    directive.set_source_info(figure)
    if len(content) == 1 and isinstance(paragraph := content[0], nodes.paragraph):
        caption = nodes.caption(paragraph.rawsource, "", *paragraph.children)
        caption.source, caption.line = paragraph.source, paragraph.line
        figure += caption
    elif content:
        message = "the caption is not one paragraph; shorten it, or move the rest below the block"
        warn_at(directive.get_location(), code, message)


class Diagram(FileDirective):
    """``{diagram} path.svg``: a drawing with alternative text, inline so that it follows the theme.

    The path is relative to the note; ``:alt:`` describes what the drawing shows; the content is its caption.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required, "name": directives.unchanged}

    def run(self) -> list[Node]:
        picture = self.read(self.arguments[0])
        if picture is None:
            return []
        picture.attrib.update({"role": "img", "aria-label": self.options["alt"]})
        figure = nodes.figure("", self.drawing(self.arguments[0], picture), classes=["diagram"])
        self.add_name(figure)
        add_caption(self, figure, self.parse_content_to_nodes(), Code.DIAGRAM)
        return [figure]

    def read(self, name: str) -> Element | None:
        """Read the drawing at a path; return None after reporting why it cannot be used."""
        if not self.may_read(name):
            return None
        relative, path = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        if not self.options.get("alt"):
            self.report(f"{relative} has no alternative text; add `:alt:` with what the drawing shows")
            return None
        try:
            return svg.read(Path(path))
        except ValueError as error:
            self.report(f"{relative} {error}")
            return None

    def drawing(self, name: str, picture: Element, *, in_books_only: bool = False) -> Drawing:
        """Create the node of a drawing."""
        text = ElementTree.tostring(picture, encoding="unicode", short_empty_elements=False)
        path = self.env.relfn2path(name)[0].removesuffix(".svg")
        return Drawing(svg=text, alt=self.options["alt"], name=path, in_books_only=in_books_only)

    def report(self, message: str, line: int | None = None) -> None:
        """Report a problem in a line, by default the directive's first."""
        location = (self.env.docname, line or self.lineno)
        warn_at(location, Code.DIAGRAM, message)


class Video(FileDirective):
    """``{video} talk.mp4``: a video file of the journal, with controls. It is loaded when a reader plays it.

    ``:alt:`` describes what it shows; ``:poster:`` is a picture to show until then; ``:captions:`` is a WebVTT file.
    The content is its caption.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(("alt", "poster", "captions"), directives.unchanged_required)

    def run(self) -> list[Node]:
        name, alt = self.arguments[0], self.options.get("alt", "")
        if not alt:
            warn_at(self.get_location(), Code.ALT, f"the video {name} has no alternative text; describe it in `:alt:`")
        if not name.lower().endswith(VIDEO_SUFFIXES):
            message = f"{name} is not a video that browsers play; convert it to .mp4"
            warn_at(self.get_location(), Code.PICTURE, message)
            return []
        values = {"src": name, "poster": self.options.get("poster"), "aria-label": alt}
        attributes = " ".join(f'{key}="{escape(value)}"' for key, value in values.items() if value)
        captions = self.options.get("captions")
        track = f'<track kind="captions" src="{escape(captions)}" default>' if captions else ""
        raw = nodes.raw("", f"<video {attributes}>{track}</video>", format="html")  # SanitizeHtml copies its files
        self.set_source_info(raw)
        figure = nodes.figure("", raw, classes=["video"])
        add_caption(self, figure, self.parse_content_to_nodes(), Code.DIAGRAM)
        return [figure]


class MapLink(NamedTuple):
    """A line of a systems map: a group of the drawings or, with a ``value``, a tile; its explanation has its class."""

    name: str
    value: str
    page: str
    explanation: str
    shared_class: str
    line: int


class SystemsMap(Diagram):
    """``{systems-map} wide.svg tall.svg``: a map of links, drawn in two layouts, of which CSS shows one.

    Each line of the content is a link:
    - ``Feature store: tags/data-quality`` links the group with this ``data-node`` in both drawings. If the page is a
      lane, the group shows the lane's number and symbol.
    - ``Latency = 12 ms: notes/x`` is a tile below the drawing.

    Text after `` | `` explains the link, on hover and in a list. Below the tiles are all lanes, so that a new one is
    never missing. ``:caption:`` is the caption.
    """

    required_arguments = 2
    final_argument_whitespace = False
    option_spec: ClassVar[dict[str, Any]] = {**Diagram.option_spec, "caption": directives.unchanged_required}

    def run(self) -> list[Node]:
        lanes, links = home_lists(self)["lanes"], self.parse_links()
        groups = {name: link for name, link in links.items() if not link.value}
        figure = nodes.figure(classes=["diagram", "systems-map"])
        for file, layout in zip(self.arguments, ("map-wide", "map-tall"), strict=True):
            picture = self.read(file)
            if picture is None:
                return []
            picture.attrib.update({"role": "group", "aria-label": self.options["alt"]})
            label_groups(picture, groups, lanes)
            if layout == "map-wide":
                figure += self.drawing(file, picture, in_books_only=True)
            figure += SiteOnly("", self.linked_drawing(file, picture, groups, layout))
        if any(link.explanation for link in links.values()):
            summary = catalog_of(self.env).language.gettext("Where each part leads")
            opening = _raw(f'<details class="map-index"><summary>{summary}</summary>')
            figure += SiteOnly("", self.explanations(links))
            figure += SiteOnly("", opening, self.explanations(links), _raw("</details>"))
        tiles = ([self.link(link, *_spaced(link.name, link.value))] for link in links.values() if link.value)
        lane_links = ([page_link(lane["page"], "", inside=_spaced(lane["number"], lane["title"]))] for lane in lanes)
        figure += [link_list(tiles, "map-tiles"), link_list(lane_links, "map-lanes")]
        add_caption(self, figure, [nodes.paragraph("", self.options.get("caption", ""))], Code.DIAGRAM)
        return [figure]

    def parse_links(self) -> dict[str, MapLink]:
        """Return the links of the content by name; report lines that are not links, or repeat a name."""
        links: dict[str, MapLink] = {}
        first_line = self.lineno + 1 + self.content_offset  # the offset counts the options
        explained = count(1)
        for line, text in enumerate(self.content, start=first_line):
            target, _bar, explanation = (part.strip() for part in text.partition(" | "))
            label, colon, page = (part.strip() for part in target.rpartition(":"))
            name, equals, value = (part.strip() for part in label.partition("="))
            if not text.strip():
                continue
            if not (colon and name and page and bool(equals) == bool(value)):
                self.report("this line is not a link of the map; write `Node: page` or `Tile = value: page`", line)
            elif name in links:
                self.report(f"`{name}` already has a link on the map; remove this line", line)
            else:
                shared_class = f"map-{next(explained)}" if explanation else ""
                links[name] = MapLink(name, value, page, explanation, shared_class, line)
        return links

    def explanations(self, links: Mapping[str, MapLink]) -> nodes.bullet_list:
        """Return a list of the explained links, each with its explanation."""
        items = nodes.bullet_list("", classes=["map-says"])
        for link in filter(attrgetter("explanation"), links.values()):
            name, explanation = nodes.strong(link.name, link.name), nodes.Text(f" → {link.explanation}")
            paragraph = nodes.paragraph("", "", self.link(link, name), explanation)
            items += nodes.list_item("", paragraph, classes=[link.shared_class])
        return items

    def link(self, link: MapLink, *inside: Node) -> Node:
        """Return a link to the page of a line, with the class of its explanation, located on that line."""
        node = page_link(link.page, "", link.shared_class, inside=inside)
        node.source, node.line = self.get_source_info()[0], link.line
        return node

    def linked_drawing(self, file: str, picture: Element, links: Mapping[str, MapLink], layout: str) -> nodes.paragraph:
        """Return the drawing with its named groups as links; report names missing in the drawing or in the content."""
        groups = {group.attrib["data-node"] for group in picture.iterfind("g[@data-node]")}
        for name in sorted(groups - links.keys()):
            self.report(f"the node `{name}` of {file} has no link; add a line `{name}: page`")
        for name in sorted(links.keys() - groups):
            self.report(f'{file} has no node `{name}`; add data-node="{name}" to a group, or remove the line')
        empty = Element(picture.tag, picture.attrib)
        start, end = ElementTree.tostring(empty, encoding="unicode", short_empty_elements=False).split("></")
        paragraph = nodes.paragraph("", "", _raw(f"{start}>"), classes=[layout])
        for part in picture:
            link = links.get(part.attrib.get("data-node", ""))
            paragraph += self.link(link, _markup(part)) if link else _markup(part)
        paragraph += _raw(f"</{end}")
        return paragraph


def label_groups(picture: Element, links: Mapping[str, MapLink], lanes: list[View]) -> None:
    """Change ``picture``: set the classes of groups; on a lane's group, move its text 15 units right of the symbol."""
    signs = {lane["page"]: (index % SIGN_COUNT + 1, lane["number"]) for index, lane in enumerate(lanes)}
    for group in picture.iterfind("g[@data-node]"):
        link = links.get(group.attrib["data-node"])
        if link and (lane := signs.get(link.page.partition("#")[0])):
            for text in group.iterfind("text[@class='lane']"):
                group.attrib["data-lane"], text.text, x = str(lane[0]), lane[1], int(text.attrib["x"])
                text.attrib["x"] = str(x + 15)
                path = note_marks.shape(lane[0], x + 5, int(text.attrib["y"]) - 5, 5)
                ElementTree.SubElement(group, "path", {"class": "sign", "d": path})
        group.attrib["class"] = link.shared_class if link else ""


def _markup(part: Element) -> nodes.raw:
    return _raw(ElementTree.tostring(part, encoding="unicode"))


def _raw(markup: str) -> nodes.raw:
    """Return a node of markup that ``sources.svg`` has sanitized, marked so that it is not sanitized again."""
    return nodes.raw("", markup, format="html", is_sanitized=True)


def _spaced(first: str, second: str) -> list[Node]:
    """Return two texts in separate elements, with a space between them for screen readers."""
    return [nodes.inline(first, first), nodes.Text(" "), nodes.inline(second, second)]
