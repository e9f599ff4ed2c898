"""The directives for drawings and videos."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

from docutils import nodes
from docutils.parsers.rst import directives

from fieldnotes.build.domain import BLOCK, page_link
from fieldnotes.build.figures import Drawing, SiteOnly
from fieldnotes.build.file_directives import Reading
from fieldnotes.build.state import catalog_of, domain_of, warn_at
from fieldnotes.pages import documents, note_marks
from fieldnotes.pages.shared import SIGNS
from fieldnotes.sources import svg
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from docutils.nodes import Node

    from fieldnotes.pages.shared import View

VIDEOS = (".mp4", ".webm", ".ogv")
"""Ends of the names of videos that browsers play."""


NO_EQUIVALENT = "has no text equivalent; add `:alt:` with what the drawing shows"


def caption_of(paragraph: Node) -> nodes.caption:
    """The caption with the text of a paragraph, and its place in the file."""
    caption = nodes.caption(getattr(paragraph, "rawsource", ""), "", *paragraph.children)
    caption.source, caption.line = paragraph.source, paragraph.line
    return caption


class Diagram(Reading):
    """``{diagram} path.svg``: a drawing, inline so that it follows the theme, with a text equivalent.

    The path is relative to the note; ``:alt:`` says in words what the drawing shows; the content is its caption.
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
        return self.captioned(figure, self.parse_content_to_nodes()) if self.content else [figure]

    def read(self, name: str) -> ElementTree.Element | None:
        """The drawing of this name, or None after saying what is wrong with it."""
        if not self.may_read(name):
            return None
        relative, path = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        problem, root = "", None
        try:
            root = svg.read(Path(path))
        except ValueError as error:
            problem = f"{relative} {error}"
        if not self.options.get("alt"):
            problem = f"{relative} {NO_EQUIVALENT}"
        if problem:
            self.problem(problem)
        return None if problem else root

    def drawing(self, name: str, picture: ElementTree.Element, *, in_books_only: bool = False) -> Drawing:
        """The node of a drawing."""
        text = ElementTree.tostring(picture, encoding="unicode", short_empty_elements=False)
        return Drawing(svg=text, alt=self.options["alt"], name=Path(name).stem, in_books_only=in_books_only)

    def captioned(self, figure: nodes.figure, content: list[Node]) -> list[Node]:
        """The figure with a caption of one paragraph."""
        caption, *more = content
        if more:
            self.problem("the caption is more than a paragraph; shorten it, or move the rest below")
            return []
        figure += caption_of(caption)
        self.set_source_info(figure)
        return [figure]

    def problem(self, message: str, line: int | None = None) -> None:
        """Say what is wrong, in this line or with the directive."""
        location = (self.env.docname, line or self.lineno)
        warn_at(location, Code.DIAGRAM, message)


class Video(Diagram):
    """``{video} talk.mp4``: a video of the journal's own, with controls, that loads when a reader plays it.

    ``:alt:`` says in words what it shows; ``:poster:`` is a picture that stands for it until then; ``:captions:`` is a
    file of WebVTT. The content is its caption.
    """

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(("alt", "poster", "captions"), directives.unchanged_required)

    def run(self) -> list[Node]:
        name, alt = self.arguments[0], self.options.get("alt", "")
        if not alt:
            warn_at(self.get_location(), Code.ALT, f"the video {name} has no text; add `:alt:` with what it shows")
        if not name.lower().endswith(VIDEOS):
            message = f"{name} is not a video that browsers play; convert it to .mp4"
            warn_at(self.get_location(), Code.PICTURE, message)
            return []
        shown = {"src": name, "poster": self.options.get("poster"), "aria-label": alt}
        attributes = " ".join(f'{key}="{escape(value)}"' for key, value in shown.items() if value)
        captions = self.options.get("captions")
        track = f'<track kind="captions" src="{escape(captions)}" default>' if captions else ""
        raw = nodes.raw("", f"<video {attributes}>{track}</video>", format="html")  # CleanHtml copies its files
        self.set_source_info(raw)
        figure = nodes.figure("", raw, classes=["video"])
        self.set_source_info(figure)
        return self.captioned(figure, self.parse_content_to_nodes()) if self.content else [figure]


class SystemsMap(Diagram):
    """``{systems-map} wide.svg tall.svg``: a drawing that is an index, in two layouts, of which CSS shows one.

    Each line of the content is a link. ``Feature store: tags/data-quality`` gives its page to the group of the drawings
    that has this name in ``data-node``; ``Latency = 12 ms: notes/x`` is a tile below them. What stands behind ``|``
    says where it leads and why: below the map while one points at it, and in a list. The lanes stand below as well, so
    that a new one is on the map; a node that leads to a lane bears its number and sign. ``:caption:`` is the caption.
    """

    required_arguments = 2
    final_argument_whitespace = False
    option_spec: ClassVar[dict[str, Any]] = {**Diagram.option_spec, "caption": directives.unchanged_required}

    def run(self) -> list[Node]:
        domain_of(self.env).note_reference(self.env.docname, *BLOCK)
        lanes = documents.home_view(catalog_of(self.env))["lanes"]
        targets, tiles = self.targets()
        figure = nodes.figure(classes=["diagram", "systems-map"])
        for file, layout in zip(self.arguments, ("map-wide", "map-tall"), strict=True):
            picture = self.read(file)
            if picture is None:
                return []
            for node in picture.iterfind("g[@data-node]"):
                name = node.attrib["data-node"]
                self.mark_lane(node, targets.get(name, ""), lanes)
                node.attrib["class"] = self.place_of(name)
            picture.attrib.update({"role": "group", "aria-label": self.options["alt"]})
            if layout == "map-wide":
                figure += self.drawing(file, picture, in_books_only=True)
            figure += SiteOnly("", self.linked(file, picture, targets, layout))
        entries = [self.link(page, *_texts(name, value), at=self.place_of(name)) for name, value, page in tiles]
        if self.says:
            pages = targets | {name: page for name, _value, page in tiles}
            summary = catalog_of(self.env).language.gettext("Where each part leads")
            figure += SiteOnly("", self.index(pages))
            opening = _raw(f'<details class="map-index"><summary>{summary}</summary>')
            figure += SiteOnly("", opening, self.index(pages), _raw("</details>"))
        figure += _bullets("map-tiles", entries)
        figure += _bullets(
            "map-lanes",
            [page_link(lane["page"], "", inside=[*_texts(lane["number"], lane["title"])]) for lane in lanes],
        )
        caption = self.options.get("caption", "")
        return self.captioned(figure, [nodes.paragraph("", caption)])

    def targets(self) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
        """The pages of the nodes by their names, and the tiles: name, value, page."""
        nodes_, tiles = {}, []
        self.lines: dict[str, int] = {}
        self.says: dict[str, str] = {}
        for number, text in enumerate(self.content, start=self.lineno + self.content_offset + 1):
            target, _bar, says = (part.strip() for part in text.partition(" | "))
            label, colon, page = (part.strip() for part in target.rpartition(":"))
            name, equals, value = (part.strip() for part in label.partition("="))
            if not text.strip():
                continue
            if not (colon and name and page and bool(equals) == bool(value)):
                self.problem("a line of the map is `Node: page` or `Tile = value: page`; write it so", number)
                continue
            self.lines.setdefault(page, number)
            if says:
                self.says[name] = says
            if equals:
                tiles.append((name, value, page))
            else:
                nodes_[name] = page
        return nodes_, tiles

    def place_of(self, name: str) -> str:
        """The class that ties a part of the map to what is said of it; ``""`` where nothing is."""
        return f"map-{[*self.says].index(name) + 1}" if name in self.says else ""

    def mark_lane(self, node: ElementTree.Element, page: str, lanes: list[View]) -> None:
        """Write the number of the lane that a node leads to, behind its sign."""
        for text in node.iterfind("text[@class='lane']"):
            for sign, lane in enumerate(lanes):
                if lane["page"] == page.partition("#")[0]:
                    node.attrib["data-lane"] = str(sign % SIGNS + 1)
                    text.text, x = lane["number"], int(text.attrib["x"])
                    text.attrib["x"] = str(x + 15)
                    path = note_marks.shape(sign % SIGNS + 1, x + 5, int(text.attrib["y"]) - 5, 5)
                    ElementTree.SubElement(node, "path", {"class": "sign", "d": path})

    def index(self, targets: dict[str, str]) -> nodes.bullet_list:
        """What is said of each part, behind a link there."""
        entries = [
            [self.link(targets[name], nodes.strong(name, name)), nodes.Text(f" → {said}")]
            for name, said in self.says.items()
        ]
        items = [
            nodes.list_item("", nodes.paragraph("", "", *entry), classes=[self.place_of(name)])
            for name, entry in zip(self.says, entries, strict=True)
        ]
        return nodes.bullet_list("", *items, classes=["map-says"])

    def link(self, page: str, *inside: Node, at: str = "") -> Node:
        """A link to a page, on the line that first names it."""
        link = page_link(page, "", at, inside=inside)
        link.source, link.line = self.get_source_info()[0], self.lines[page]
        return link

    def linked(self, file: str, picture: ElementTree.Element, targets: dict[str, str], layout: str) -> nodes.paragraph:
        """The drawing with its named groups as links. Says what is named on one side alone."""
        groups = {group.attrib["data-node"] for group in picture.iterfind("g[@data-node]")}
        for name in sorted(groups - targets.keys()):
            self.problem(f"the node `{name}` of {file} leads nowhere; add a line `{name}: page`")
        for name in sorted(targets.keys() - groups):
            self.problem(f'no group of {file} is the node `{name}`; give one data-node="{name}", or remove the line')
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
    """Markup of a drawing, which ``sources.svg`` has read: it is not cleaned again."""
    return nodes.raw("", markup, format="html", is_clean=True)


def _texts(*texts: str) -> Iterator[Node]:
    """Texts in elements of their own, with spaces for those who hear them."""
    for index, text in enumerate(texts):
        if index:
            yield nodes.Text(" ")
        yield nodes.inline(text, text)


def _bullets(name: str, links: Iterable[Node]) -> nodes.bullet_list:
    items = (nodes.list_item("", nodes.paragraph("", "", link)) for link in links)
    return nodes.bullet_list("", *items, classes=[name])
