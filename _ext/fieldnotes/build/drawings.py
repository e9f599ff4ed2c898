"""Directives for drawings, videos and the systems map."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

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
    from collections.abc import Iterator

    from docutils.nodes import Node

    from fieldnotes.pages.shared import View

VIDEO_SUFFIXES = (".mp4", ".webm", ".ogv")
"""Suffixes of videos that browsers play."""


def caption_of(paragraph: Node) -> nodes.caption:
    """Turn a paragraph into a caption, and keep its source and line."""
    caption = nodes.caption(getattr(paragraph, "rawsource", ""), "", *paragraph.children)
    caption.source, caption.line = paragraph.source, paragraph.line
    return caption


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
        return self.add_caption(figure, self.parse_content_to_nodes()) if self.content else [figure]

    def read(self, name: str) -> ElementTree.Element | None:
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

    def drawing(self, name: str, picture: ElementTree.Element, *, in_books_only: bool = False) -> Drawing:
        """Create the node of a drawing."""
        text = ElementTree.tostring(picture, encoding="unicode", short_empty_elements=False)
        return Drawing(svg=text, alt=self.options["alt"], name=Path(name).stem, in_books_only=in_books_only)

    def add_caption(self, figure: nodes.figure, content: list[Node]) -> list[Node]:
        """Add a caption of one paragraph to a figure; return no nodes after reporting a longer one."""
        caption, *more = content
        if more:
            self.report("the caption is longer than a paragraph; shorten it, or move the rest below the block")
            return []
        figure += caption_of(caption)
        self.set_source_info(figure)
        return [figure]

    def report(self, message: str, line: int | None = None) -> None:
        """Report a problem in a line, by default the directive's first."""
        location = (self.env.docname, line or self.lineno)
        warn_at(location, Code.DIAGRAM, message)


class Video(Diagram):
    """``{video} talk.mp4``: a video file of the journal, with controls. It is loaded when a reader plays it.

    ``:alt:`` describes what it shows; ``:poster:`` is a picture to show until then; ``:captions:`` is a WebVTT file.
    The content is its caption.
    """

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
        self.set_source_info(figure)
        return self.add_caption(figure, self.parse_content_to_nodes()) if self.content else [figure]


class SystemsMap(Diagram):
    """``{systems-map} wide.svg tall.svg``: a map of links, drawn in two layouts, of which CSS shows one.

    Each line of the content is a link. ``Feature store: tags/data-quality`` links the group with this ``data-node`` in
    both drawings; ``Latency = 12 ms: notes/x`` adds a tile below them. The text after ``|`` explains the link: below
    the map on hover, and in a list. The lanes are listed below the map too, so that a new lane is never missing; a node
    that links to a lane shows the lane's number and symbol. ``:caption:`` is the caption.
    """

    required_arguments = 2
    final_argument_whitespace = False
    option_spec: ClassVar[dict[str, Any]] = {**Diagram.option_spec, "caption": directives.unchanged_required}

    def run(self) -> list[Node]:
        lanes = home_lists(self)["lanes"]
        targets, tiles = self.parse_links()
        figure = nodes.figure(classes=["diagram", "systems-map"])
        for file, layout in zip(self.arguments, ("map-wide", "map-tall"), strict=True):
            picture = self.read(file)
            if picture is None:
                return []
            for node in picture.iterfind("g[@data-node]"):
                name = node.attrib["data-node"]
                self.label_lane(node, targets.get(name, ""), lanes)
                node.attrib["class"] = self.part_class(name)
            picture.attrib.update({"role": "group", "aria-label": self.options["alt"]})
            if layout == "map-wide":
                figure += self.drawing(file, picture, in_books_only=True)
            figure += SiteOnly("", self.draw(file, picture, targets, layout))
        if self.explanations:
            pages = targets | {name: page for name, _value, page in tiles}
            summary = catalog_of(self.env).language.gettext("Where each part leads")
            figure += SiteOnly("", self.list_explanations(pages))
            opening = _raw(f'<details class="map-index"><summary>{summary}</summary>')
            figure += SiteOnly("", opening, self.list_explanations(pages), _raw("</details>"))
        tile_links = ([self.link(page, *_texts(name, value), part=name)] for name, value, page in tiles)
        lane_links = ([page_link(lane["page"], "", inside=[*_texts(lane["number"], lane["title"])])] for lane in lanes)
        figure += [link_list(tile_links, "map-tiles"), link_list(lane_links, "map-lanes")]
        return self.add_caption(figure, [nodes.paragraph("", self.options.get("caption", ""))])

    def parse_links(self) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
        """Parse the content: return the pages of the nodes by name, and the name, value and page of each tile."""
        targets, tiles = {}, []
        self.lines: dict[str, int] = {}
        self.explanations: dict[str, str] = {}
        for number, text in enumerate(self.content, start=self.lineno + self.content_offset + 1):
            target, _bar, explanation = (part.strip() for part in text.partition(" | "))
            label, colon, page = (part.strip() for part in target.rpartition(":"))
            name, equals, value = (part.strip() for part in label.partition("="))
            if not text.strip():
                continue
            if not (colon and name and page and bool(equals) == bool(value)):
                self.report("this line is not a link of the map; write `Node: page` or `Tile = value: page`", number)
                continue
            self.lines.setdefault(page, number)
            if explanation:
                self.explanations[name] = explanation
            if equals:
                tiles.append((name, value, page))
            else:
                targets[name] = page
        return targets, tiles

    def part_class(self, name: str) -> str:
        """Return the class that a part of the map shares with its explanation; ``""`` if it has none."""
        return f"map-{[*self.explanations].index(name) + 1}" if name in self.explanations else ""

    def label_lane(self, node: ElementTree.Element, page: str, lanes: list[View]) -> None:
        """Show a lane's symbol and number on the node that links to it."""
        for text in node.iterfind("text[@class='lane']"):
            for index, lane in enumerate(lanes):
                if lane["page"] == page.partition("#")[0]:
                    node.attrib["data-lane"] = str(index % SIGN_COUNT + 1)
                    text.text, x = lane["number"], int(text.attrib["x"])
                    text.attrib["x"] = str(x + 15)
                    path = note_marks.shape(index % SIGN_COUNT + 1, x + 5, int(text.attrib["y"]) - 5, 5)
                    ElementTree.SubElement(node, "path", {"class": "sign", "d": path})

    def list_explanations(self, targets: dict[str, str]) -> nodes.bullet_list:
        """Return a list of the explained parts: a link to each, and its explanation."""
        entries = [
            [self.link(targets[name], nodes.strong(name, name)), nodes.Text(f" → {explanation}")]
            for name, explanation in self.explanations.items()
        ]
        items = [
            nodes.list_item("", nodes.paragraph("", "", *entry), classes=[self.part_class(name)])
            for name, entry in zip(self.explanations, entries, strict=True)
        ]
        return nodes.bullet_list("", *items, classes=["map-says"])

    def link(self, page: str, *inside: Node, part: str = "") -> Node:
        """Return a link to a page, with the class of a part, located on the first line that names the page."""
        link = page_link(page, "", self.part_class(part), inside=inside)
        link.source, link.line = self.get_source_info()[0], self.lines[page]
        return link

    def draw(self, file: str, picture: ElementTree.Element, targets: dict[str, str], layout: str) -> nodes.paragraph:
        """Return the drawing with its named groups as links; report names missing in the drawing or in the content."""
        groups = {group.attrib["data-node"] for group in picture.iterfind("g[@data-node]")}
        for name in sorted(groups - targets.keys()):
            self.report(f"the node `{name}` of {file} has no link; add a line `{name}: page`")
        for name in sorted(targets.keys() - groups):
            self.report(f'{file} has no node `{name}`; add data-node="{name}" to a group, or remove the line')
        parts = [*picture]
        for part in parts:
            picture.remove(part)
        picture.text = ""
        start, end = ElementTree.tostring(picture, encoding="unicode", short_empty_elements=False).split("></")
        paragraph = nodes.paragraph("", "", _raw(f"{start}>"), classes=[layout])
        for part in parts:
            page = targets.get(part.attrib.get("data-node", ""))
            paragraph += self.link(page, _markup(part)) if page else _markup(part)
        paragraph += _raw(f"</{end}")
        return paragraph


def _markup(part: ElementTree.Element) -> nodes.raw:
    return _raw(ElementTree.tostring(part, encoding="unicode"))


def _raw(markup: str) -> nodes.raw:
    """Return a node of markup that ``sources.svg`` has sanitized, marked so that it is not sanitized again."""
    return nodes.raw("", markup, format="html", is_sanitized=True)


def _texts(*texts: str) -> Iterator[Node]:
    """Yield texts in separate elements, with spaces between them for screen readers."""
    for index, text in enumerate(texts):
        if index:
            yield nodes.Text(" ")
        yield nodes.inline(text, text)
