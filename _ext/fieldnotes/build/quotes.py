"""Roles and directives that quote labs, link to pages, and show tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx_tags import TagLinks

from fieldnotes.build.domain import Datum, page_link
from fieldnotes.build.drawings import add_caption
from fieldnotes.build.figures import Drawing, table
from fieldnotes.build.state import DOMAIN, catalog_of, domain_of, is_site, warn_at
from fieldnotes.pages import labs
from fieldnotes.pages.shared import tag_page
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class Tags(TagLinks):  # type: ignore[misc]
    """``{tags}`` of sphinx-tags, added by ``note_transforms.replace_front_matter``; reported if an author wrote it.

    Its links, which only work with the html builder, are replaced with links that work with every builder.
    """

    def run(self) -> list[Node]:
        note = catalog_of(self.env).notes_by_docname.get(self.env.docname)
        if not note or self.arguments != list(filter(None, [", ".join(note.tags)])):
            warn_at(self.get_location(), Code.TAG, "tags belong in the front matter; remove this {tags} block")
            return []
        if not note.tags:
            return [nodes.paragraph(classes=["tags"])]
        (paragraph,) = super().run()
        for name, reference in zip(note.tags, list(paragraph.findall(nodes.reference)), strict=True):
            reference.replace_self(page_link(tag_page(name), name, inside=[nodes.Text(name)]))
        return [paragraph]


class PageRole(ReferenceRole):
    """``{page}`text <notes/index>```: a link to any page of the site, including generated pages."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        link = page_link(self.target, self.title)
        self.set_source_info(link)
        return [link], []


SPREAD = " spread"


class LabRole(ReferenceRole):
    """``{result}`lab:key```: a lab result with its unit, linked to its row; ``{number}`` omits the unit.

    ``{result}`lab:key spread``` adds the range over all seeds or runs. ``{claim}`lab:key``` shows the bound of a claim,
    such as "at least 3", and ``{claim}`words <lab:key>``` states it in the author's words. The domain inserts the
    number when the page is written; an unknown result is shown as its source.
    """

    def run(self) -> tuple[list[Node], list[system_message]]:
        has_words = self.name == "claim" and self.has_explicit_title
        target = self.target if has_words else self.text.strip()
        fallback: Node = nodes.Text(self.title) if has_words else nodes.literal("", target)
        quote = addnodes.pending_xref("", fallback, reftype=self.name, refdomain=DOMAIN, refexplicit=has_words)
        quote["reftarget"], quote["spread"] = target.removesuffix(SPREAD), target.endswith(SPREAD)
        self.set_source_info(quote)
        return [quote], []


def visit_datum(translator: HTML5Translator, node: Datum) -> None:
    """Open a ``<data>`` element."""
    translator.body.append(translator.starttag(node, "data", "", value=node["value"]))


def depart_datum(translator: HTML5Translator, node: Datum) -> None:
    """Close a ``<data>`` element."""
    translator.body.append("</data>")


class FigurePlaceholder(nodes.General, nodes.Element):
    """Placeholder for a lab's figure, which ``PlaceFigures`` replaces when the page is written."""


class LabFigure(SphinxDirective):
    """``{lab-figure} lab:figure``: a lab's figure with its data and a link to the lab. The content is the caption."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        placeholder = FigurePlaceholder("", reftarget=self.arguments[0])
        domain_of(self.env).note_reference(self.env.docname, "figure", self.arguments[0])
        add_caption(self, placeholder, self.parse_content_to_nodes() or [nodes.paragraph()], Code.LAB)
        return [placeholder]


def count_drawings(app: Sphinx, document: nodes.document) -> None:
    """Store the number of drawings that a document shows on the site (``doctree-read``)."""
    drawings = [drawing for drawing in document.findall(Drawing) if not drawing.get("in_books_only")]
    count = len(drawings) + len([*document.findall(FigurePlaceholder)])
    domain_of(app.env).documents[app.env.docname].drawings = count


class PlaceFigures(SphinxPostTransform):
    """Replace each ``FigurePlaceholder`` with the figure of its lab: drawing, caption and data."""

    default_priority = 5  # before Sphinx resolves references, since captions may contain some

    def run(self, **kwargs: Any) -> None:
        catalog, seen = catalog_of(self.env), set()
        for placeholder in list(self.document.findall(FigurePlaceholder)):
            target = placeholder["reftarget"]
            if labs.figure(catalog, target) is None:
                if message := labs.not_in_labs(catalog, "figure", target):
                    warn_at(placeholder, Code.RESULT, message)
                placeholder.parent.remove(placeholder)
                continue
            if target in seen:
                warn_at(placeholder, Code.RESULT, f"`{target}` is already on this page; remove one")
            seen.add(target)
            view = labs.figure_view(catalog, target)
            name = target.replace(":", "-")
            figure = nodes.figure("", Drawing(svg=view["svg"], alt=view["alt"], name=name), classes=["lab-figure"])
            figure["ids"].append(name)
            figure += placeholder.children
            if is_site(self.app.builder):
                view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
                data = self.app.builder.templates.render("figure-data.html", view)
                figure += nodes.legend("", nodes.raw("", data, format="html"))
                placeholder.replace_self(figure)
            else:
                label = catalog.language.gettext("How it was made:")
                lab = nodes.paragraph("", f"{label} ", page_link(view["lab"]["page"], view["lab"]["title"]))
                data = table(f"{name}-data", view["title"], view["head"], view["rows"])
                placeholder.replace_self([figure, data, lab])
