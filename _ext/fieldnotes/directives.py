"""The directives and roles of the journal: grids and lists of notes, drawings, and what notes quote of labs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from xml.etree import ElementTree

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.directives.other import TocTree
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx_design.shared import create_component
from sphinx_tags import TagLinks

from fieldnotes import drawing, markdown, prose, views
from fieldnotes.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docutils.nodes import Element, Node, system_message
    from sphinx.environment import BuildEnvironment
    from sphinx.writers.html5 import HTML5Translator

    from fieldnotes.catalog import Catalog

logger = logging.getLogger(__name__)

WARNING_TYPE = "fieldnotes"


def catalog_of(env: BuildEnvironment) -> Catalog:
    """The catalog that this build has loaded."""
    catalog: Catalog = getattr(env, "fieldnotes")  # noqa: B009
    return catalog


def page_link(
    page: str, text: str, *classes: str, unseen: str = "", inside: Sequence[Node] = ()
) -> addnodes.pending_xref:
    """Refer to any page by its name, and to a place on it after ``#``: a document, or one made from the catalog.

    ``unseen`` is text for those who hear the link without what stands around it; ``inside`` are nodes to stand in the
    link beside its text.
    """
    content: Node = inside[0] if len(inside) == 1 else nodes.inline(text, text, *inside, classes=[*classes])
    if unseen and isinstance(content, nodes.Element):
        content += nodes.inline(unseen, unseen, classes=["visually-hidden"])
    return addnodes.pending_xref("", content, reftype="page", refdomain="", reftarget=page, refexplicit=True)


def _heading(level: int, *children: Node) -> nodes.rubric:
    rubric = nodes.rubric("", "", *children)
    rubric["heading-level"] = level
    return rubric


def _grid(columns: Sequence[str], cards: Iterable[Element], *classes: str) -> Element:
    """A grid of sphinx-design: ``columns`` are the numbers for phones, tablets and wider screens."""
    sizes = ["", "xs-", "sm-", "md-"]
    widths = [f"sd-row-cols-{size}{count}" for size, count in zip(sizes, columns, strict=True)]
    items = [create_component("grid-item", ["sd-col", "sd-d-flex-row"], children=[card]) for card in cards]
    row = create_component("grid-row", ["sd-row", f"sd-row-cols-{columns[0]}", *widths[1:], "sd-g-3"], children=items)
    return create_component("grid-container", ["sd-container-fluid", "sd-sphinx-override", *classes], children=[row])


def _card(*children: Node) -> Element:
    body = create_component("card-body", ["sd-card-body"], children=children)
    return create_component("card", ["sd-card", "sd-sphinx-override", "sd-w-100"], children=[body])


def note_cards(cards: Iterable[views.View], level: int, *, with_lane: bool) -> Element:
    """A grid of notes, their titles being headings of this ``level``."""
    return _grid(("1", "1", "1", "2"), (_note_card(card, level, with_lane) for card in cards), "note-grid")


def _note_card(card: views.View, level: int, with_lane: bool) -> Element:
    """A note as a card: a line with lane, date and length, then title, summary and tags."""
    line = nodes.paragraph("", "", classes=["card-line", "dotted"])
    if card["state"]:
        line += [nodes.inline("", card["state"], classes=["state"]), nodes.Text(" ")]
    if with_lane:
        line += [page_link(card["lane"]["page"], card["lane"]["title"]), nodes.Text(" ")]
    when = f"{card['date_text']} · {card['minutes']} min"
    line += nodes.inline("", f"· {when}" if with_lane else when, classes=["day"])
    tags = nodes.paragraph("", "", classes=["card-tags"])
    for index, tag in enumerate(card["tags"]):
        if index:
            tags += nodes.Text(", ")
        tags += page_link(tag["page"], tag["title"])
    title = _heading(level, page_link(card["page"], card["title"]))
    return _card(line, title, nodes.paragraph("", card["summary"]), tags)


def lane_card(lane: views.View) -> Element:
    """A lane as a card: number, name, headline, description, and the way in."""
    number = nodes.paragraph("", "", classes=["card-line"])
    number += nodes.strong("", lane["number"])
    number += nodes.inline("", f" {lane['title']}")
    title = _heading(3, page_link(lane["page"], lane["headline"]))
    more = page_link(lane["page"], "Explore notes →", "explore", unseen=f" in {lane['title']}")
    way = nodes.paragraph("", "", more, classes=["card-way"])
    return _card(number, title, nodes.paragraph("", lane["description"]), way)


class _CatalogToctree(TocTree):
    """A hidden toctree whose entries come from the catalog."""

    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {}

    def toctree(self, docnames: Iterable[str]) -> list[Node]:
        """Make the toctree node of these documents, in their order."""
        self.options = {"hidden": True}
        entries = [f"/{docname}" for docname in docnames if docname in self.env.found_docs]
        self.content = StringList(entries, source=self.get_source_info()[0])
        return super().run()


class LaneGrid(_CatalogToctree):
    """``{lane-grid}``: every lane as a card; holds them in the toctree of the page it is on."""

    def run(self) -> list[Node]:
        lanes = views.home_view(catalog_of(self.env))["lanes"]
        grid = _grid(("1", "1", "2", "3"), map(lane_card, lanes), "lane-grid")
        return [grid, *self.toctree(lane["page"] for lane in lanes)]


class LaneNotes(_CatalogToctree):
    """``{lane-notes}``: the newest notes of this lane as cards; holds all of them in its toctree.

    A page of cards is a list, so it is left out of the search.
    """

    def run(self) -> list[Node]:
        self.env.metadata[self.env.docname]["nosearch"] = "true"
        view = views.view(catalog_of(self.env), self.env.docname)
        if not view.get("cards"):
            return [nodes.paragraph("", "No notes in this lane yet.", classes=["quiet"])]
        content: list[Node] = [note_cards(view["cards"], 2, with_lane=False)]
        if view["older"]:
            content.append(nodes.paragraph("", "", page_link(view["older"], "Older notes →", "explore")))
        return content + self.toctree(view["notes"])


class LatestNotes(SphinxDirective):
    """``{latest-notes}``: the newest notes of all lanes as cards."""

    def run(self) -> list[Node]:
        cards = views.home_view(catalog_of(self.env))["latest"]
        if not cards:
            return [nodes.paragraph("", "No notes yet.", classes=["quiet"])]
        return [note_cards(cards, 3, with_lane=True)]


class LaneThreads(SphinxDirective):
    """``{lane-threads}``: a way into each lane, and the note that it began with."""

    def run(self) -> list[Node]:
        items = nodes.bullet_list(classes=["threads"])
        for lane, *first in views.home_view(catalog_of(self.env))["threads"]:
            line = nodes.paragraph("", "", page_link(lane["page"], lane["title"]))
            for note in first:
                line += [nodes.Text(" — begin with "), page_link(note["page"], note["title"])]
            items += nodes.list_item("", line)
        return [items] if items.children else []


class Tags(TagLinks):  # type: ignore[misc]
    """``{tags}`` of sphinx-tags, as ``build.hand_over`` gives it a note's tags. An author's own is a mistake."""

    def run(self) -> list[Node]:
        note = catalog_of(self.env).note.get(self.env.docname)
        if not note or self.arguments != [", ".join(note.tags)]:
            logger.warning(
                "%s", prose.TAGS_IN_TEXT, location=self.get_location(), type=WARNING_TYPE, subtype=Code.TAG.value
            )
            return []
        (paragraph,) = super().run()
        for reference in paragraph.findall(nodes.reference):
            reference["internal"] = True
        return [paragraph]


class Page(SphinxRole):
    """``{page}`text <notes/index>```: a link to any page of the site, derived ones included."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        text, page = markdown.page_named(self.text)
        link = page_link(page, text or page)
        self.set_source_info(link)
        return [link], []


class Diagram(SphinxDirective):
    """``{diagram} path.svg``: a drawing, inline so that it follows the theme, with a text equivalent.

    The path is relative to the note; ``:alt:`` says in words what the drawing shows; the content is its caption.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {"alt": directives.unchanged_required}

    def run(self) -> list[Node]:
        picture = self.read(self.arguments[0])
        if picture is None:
            return []
        picture.attrib.update({"role": "img", "aria-label": self.options["alt"]})
        figure = nodes.figure("", _markup(picture), classes=["diagram"])
        return self.captioned(figure, self.parse_content_to_nodes()) if self.content else [figure]

    def read(self, name: str) -> ElementTree.Element | None:
        """The drawing of this name, or None after saying what is wrong with it."""
        relative, path = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        problem, root = "", None
        try:
            root = drawing.read(Path(path))
        except ValueError as error:
            problem = f"{relative} {error}"
        if not self.options.get("alt"):
            problem = f"{relative} {prose.NO_EQUIVALENT}"
        if problem:
            self.problem(problem)
        return None if problem else root

    def captioned(self, figure: nodes.figure, content: list[Node]) -> list[Node]:
        """The figure with a caption of one paragraph."""
        caption, *more = content
        if more:
            self.problem("the caption is more than a paragraph; shorten it, or move the rest below")
            return []
        figure += nodes.caption("", "", *caption.children)
        self.set_source_info(figure)
        return [figure]

    def problem(self, message: str, line: int | None = None) -> None:
        """Say what is wrong, in this line or with the directive."""
        location = (self.env.docname, line or self.lineno)
        logger.warning("%s", message, location=location, type=WARNING_TYPE, subtype=Code.DIAGRAM.value)


class SystemsMap(Diagram):
    """``{systems-map} wide.svg tall.svg``: a drawing that is an index, in two layouts, of which CSS shows one.

    Each line of the content is a link. ``Feature store: tags/data-quality`` gives its page to the group of the drawings
    that has this name in ``data-node``; ``Latency = 12 ms: notes/x`` is a tile below them. The lanes stand below as
    well, so that a new one is on the map; a node that leads to a lane bears its number. ``:caption:`` is the caption.
    """

    required_arguments = 2
    final_argument_whitespace = False
    option_spec: ClassVar[dict[str, Any]] = {**Diagram.option_spec, "caption": directives.unchanged_required}

    def run(self) -> list[Node]:
        lanes = views.home_view(catalog_of(self.env))["lanes"]
        numbers = {lane["page"]: lane["number"] for lane in lanes}
        targets, tiles = self.targets()
        figure = nodes.figure(classes=["diagram", "systems-map"])
        for name, layout in zip(self.arguments, ("map-wide", "map-tall"), strict=True):
            picture = self.read(name)
            if picture is None:
                return []
            for node in picture.iterfind("g[@data-node]"):
                page = targets.get(node.attrib["data-node"], "")
                for mark in node.iterfind("text[@class='lane']"):
                    mark.text = numbers.get(page.partition("#")[0], "")
            picture.attrib.update({"role": "group", "aria-label": self.options["alt"]})
            figure += self.linked(name, picture, targets, layout)
        entries = [page_link(page, "", inside=[*_texts(name, value)]) for name, value, page in tiles]
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
        for number, text in enumerate(self.content, start=self.lineno + self.content_offset + 1):
            label, colon, page = (part.strip() for part in text.rpartition(":"))
            name, equals, value = (part.strip() for part in label.partition("="))
            if not text.strip():
                continue
            if not (colon and name and page and bool(equals) == bool(value)):
                self.problem("a line of the map is `Node: page` or `Tile = value: page`; write it so", number)
            elif equals:
                tiles.append((name, value, page))
            else:
                nodes_[name] = page
        return nodes_, tiles

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
        paragraph = nodes.paragraph("", "", nodes.raw("", f"{start}>", format="html"), classes=[layout])
        for part in parts:
            page = targets.get(part.attrib.get("data-node", ""))
            paragraph += page_link(page, "", inside=[_markup(part)]) if page else _markup(part)
        paragraph += nodes.raw("", f"</{end}", format="html")
        return paragraph


def _markup(part: ElementTree.Element) -> nodes.raw:
    return nodes.raw("", ElementTree.tostring(part, encoding="unicode"), format="html")


def _texts(*texts: str) -> Iterator[Node]:
    """Texts in elements of their own, with spaces for those who hear them."""
    for index, text in enumerate(texts):
        if index:
            yield nodes.Text(" ")
        yield nodes.inline(text, text)


def _bullets(name: str, links: Iterable[Node]) -> nodes.bullet_list:
    items = (nodes.list_item("", nodes.paragraph("", "", link)) for link in links)
    return nodes.bullet_list("", *items, classes=[name])


class Quote(SphinxRole):
    """``{result}`lab:key```: a number of a lab with its unit, and the way to its row; ``{number}`` leaves out the unit.

    The number is filled in when the page is written, by ``build.resolve_result``.
    """

    def run(self) -> tuple[list[Node], list[system_message]]:
        quote = addnodes.pending_xref("", nodes.inline(), reftype=self.name, refdomain="", reftarget=self.text.strip())
        self.set_source_info(quote)
        return [quote], []


class Datum(nodes.Inline, nodes.TextElement):
    """A number as people read it; ``value`` is the number itself."""


def visit_datum(translator: HTML5Translator, node: Datum) -> None:
    """Write it as HTML's element for that."""
    translator.body.append(translator.starttag(node, "data", "", value=node["value"]))


def depart_datum(translator: HTML5Translator, node: Datum) -> None:
    """Close the element."""
    translator.body.append("</data>")


class FigurePlace(nodes.General, nodes.Element):
    """Where a lab's figure is to stand; ``build.PlaceFigures`` puts it there when the page is written."""


class LabFigure(SphinxDirective):
    """``{lab-figure} lab:figure``: a figure of a lab, with its data and the way to how it was made.

    The content is its caption.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        place = FigurePlace("", reftarget=self.arguments[0])
        self.set_source_info(place)
        caption, *more = self.parse_content_to_nodes() or [nodes.paragraph()]
        if more:
            message = "the caption is more than a paragraph; shorten it, or move the rest below"
            logger.warning("%s", message, location=place, type=WARNING_TYPE, subtype=Code.LAB.value)
        place += nodes.caption("", "", *caption.children)
        return [place]
