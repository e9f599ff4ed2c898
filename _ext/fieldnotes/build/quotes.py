"""The roles and directives that quote labs, name pages, and show tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective, SphinxRole
from sphinx_tags import TagLinks

from fieldnotes.build.cards import page_link
from fieldnotes.build.state import WARNING_TYPE, catalog_of
from fieldnotes.checks import prose
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


class Tags(TagLinks):  # type: ignore[misc]
    """``{tags}`` of sphinx-tags, filled by ``transforms.replace_front_matter``. An author's own is a mistake."""

    def run(self) -> list[Node]:
        note = catalog_of(self.env).notes_by_docname.get(self.env.docname)
        if not note or self.arguments != [", ".join(note.tags)]:
            logger.warning(
                "%s", prose.TAGS_IN_TEXT, location=self.get_location(), type=WARNING_TYPE, subtype=Code.TAG.value
            )
            return []
        (paragraph,) = super().run()
        for reference in paragraph.findall(nodes.reference):
            reference["internal"] = True
        return [paragraph]


class Page(ReferenceRole):
    """``{page}`text <notes/index>```: a link to any page of the site, derived ones included."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        link = page_link(self.target, self.title)
        self.set_source_info(link)
        return [link], []


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
