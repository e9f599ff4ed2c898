"""The directives that list lanes and notes as cards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.directives.other import TocTree
from sphinx.util.docutils import SphinxDirective
from sphinx_design.shared import create_component

from fieldnotes.build.domain import page_link
from fieldnotes.build.state import catalog_of
from fieldnotes.pages import documents, home

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docutils.nodes import Element, Node

    from fieldnotes.pages.parts import View


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


def note_cards(cards: Iterable[View], level: int, *, with_lane: bool) -> Element:
    """A grid of notes, their titles being headings of this ``level``."""
    return _grid(("1", "1", "1", "2"), (_note_card(card, level, with_lane) for card in cards), "note-grid")


def _note_card(card: View, level: int, with_lane: bool) -> Element:
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


def lane_card(lane: View) -> Element:
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
        lanes = home.home_view(catalog_of(self.env))["lanes"]
        grid = _grid(("1", "1", "2", "3"), map(lane_card, lanes), "lane-grid")
        return [grid, *self.toctree(lane["page"] for lane in lanes)]


class LaneNotes(_CatalogToctree):
    """``{lane-notes}``: the newest notes of this lane as cards; holds all of them in its toctree.

    A page of cards is a list, so it is left out of the search.
    """

    def run(self) -> list[Node]:
        self.env.metadata[self.env.docname]["nosearch"] = "true"
        view = documents.view(catalog_of(self.env), self.env.docname)
        if not view.get("cards"):
            return [nodes.paragraph("", "No notes in this lane yet.", classes=["quiet"])]
        content: list[Node] = [note_cards(view["cards"], 2, with_lane=False)]
        if view["older"]:
            content.append(nodes.paragraph("", "", page_link(view["older"], "Older notes →", "explore")))
        return content + self.toctree(view["notes"])


class LatestNotes(SphinxDirective):
    """``{latest-notes}``: the newest notes of all lanes as cards."""

    def run(self) -> list[Node]:
        cards = home.home_view(catalog_of(self.env))["latest"]
        if not cards:
            return [nodes.paragraph("", "No notes yet.", classes=["quiet"])]
        return [note_cards(cards, 3, with_lane=True)]


class LaneThreads(SphinxDirective):
    """``{lane-threads}``: a way into each lane, and the note that it began with."""

    def run(self) -> list[Node]:
        items = nodes.bullet_list(classes=["threads"])
        for lane, *first in home.home_view(catalog_of(self.env))["threads"]:
            line = nodes.paragraph("", "", page_link(lane["page"], lane["title"]))
            for note in first:
                line += [nodes.Text(" — begin with "), page_link(note["page"], note["title"])]
            items += nodes.list_item("", line)
        return [items] if items.children else []
