"""The roles and directives that quote labs, name pages, and show tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx_tags import TagLinks

from fieldnotes.build.domain import Datum, page_link
from fieldnotes.build.drawings import caption_of
from fieldnotes.build.figures import Drawing, table
from fieldnotes.build.state import DOMAIN, catalog_of, domain_of, is_site, warn_at
from fieldnotes.pages import labs
from fieldnotes.pages.shared import tag_page
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

TAGS_IN_TEXT = "a note's tags stand in its front matter; remove this {tags} block"


class Tags(TagLinks):  # type: ignore[misc]
    """``{tags}`` of sphinx-tags, filled by ``transforms.replace_front_matter``. An author's own is a mistake.

    Its links are relative to the files that the builder html writes; those of the journal hold for every builder.
    """

    def run(self) -> list[Node]:
        note = catalog_of(self.env).notes_by_docname.get(self.env.docname)
        if not note or self.arguments != list(filter(None, [", ".join(note.tags)])):
            warn_at(self.get_location(), Code.TAG, TAGS_IN_TEXT)
            return []
        if not note.tags:
            return [nodes.paragraph(classes=["tags"])]
        (paragraph,) = super().run()
        for name, reference in zip(note.tags, list(paragraph.findall(nodes.reference)), strict=True):
            reference.replace_self(page_link(tag_page(name), name, inside=[nodes.Text(name)]))
        return [paragraph]


class Page(ReferenceRole):
    """``{page}`text <notes/index>```: a link to any page of the site, derived ones included."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        link = page_link(self.target, self.title)
        self.set_source_info(link)
        return [link], []


SPREAD = " spread"


class Quote(ReferenceRole):
    """``{result}`lab:key```: a number of a lab with its unit, and the way to its row; ``{number}`` leaves out the unit.

    ``{result}`lab:key spread``` adds the range of all seeds or runs. ``{claim}`lab:key``` is the bound of a claim, such
    as "at least 3", and ``{claim}`words <lab:key>``` says it in the author's words. The domain fills in the number when
    the page is written; a result that is not there stays as it was written.
    """

    def run(self) -> tuple[list[Node], list[system_message]]:
        worded = self.name == "claim" and self.has_explicit_title
        target = self.target if worded else self.text.strip()
        written: Node = nodes.Text(self.title) if worded else nodes.literal("", target)
        quote = addnodes.pending_xref(
            "", written, reftype=self.name, refdomain=DOMAIN, reftarget=target.removesuffix(SPREAD)
        )
        quote["refexplicit"], quote["spread"] = worded, target.endswith(SPREAD)
        self.set_source_info(quote)
        return [quote], []


def visit_datum(translator: HTML5Translator, node: Datum) -> None:
    """Open a ``<data>`` element."""
    translator.body.append(translator.starttag(node, "data", "", value=node["value"]))


def depart_datum(translator: HTML5Translator, node: Datum) -> None:
    """Close the element."""
    translator.body.append("</data>")


class FigurePlace(nodes.General, nodes.Element):
    """Where a lab's figure is to stand; ``PlaceFigures`` puts it there when the page is written."""


class LabFigure(SphinxDirective):
    """``{lab-figure} lab:figure``: a figure of a lab, with its data and the way to how it was made.

    The content is its caption.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        place = FigurePlace("", reftarget=self.arguments[0])
        domain_of(self.env).note_reference(self.env.docname, "figure", self.arguments[0])
        self.set_source_info(place)
        caption, *more = self.parse_content_to_nodes() or [nodes.paragraph()]
        if more:
            message = "the caption is more than a paragraph; shorten it, or move the rest below"
            warn_at(place, Code.LAB, message)
        place += caption_of(caption)
        return [place]


def count_drawings(app: Sphinx, document: nodes.document) -> None:
    """Store how many drawings a document shows on the site (``doctree-read``)."""
    drawings = [drawing for drawing in document.findall(Drawing) if not drawing.get("in_books_only")]
    count = len(drawings) + len([*document.findall(FigurePlace)])
    domain_of(app.env).documents[app.env.docname].drawings = count


class PlaceFigures(SphinxPostTransform):
    """Replace each ``FigurePlace`` by the figure of its lab: drawing, caption, and the data behind it."""

    default_priority = 5  # before Sphinx resolves references, for captions hold some

    def run(self, **kwargs: Any) -> None:
        catalog, seen = catalog_of(self.env), set()
        for place in list(self.document.findall(FigurePlace)):
            target = place["reftarget"]
            if labs.figure(catalog, target) is None:
                if message := labs.not_in_labs(catalog, "figure", target):
                    warn_at(place, Code.RESULT, message)
                place.parent.remove(place)
                continue
            if target in seen:
                message = f"`{target}` stands on this page already; place it once"
                warn_at(place, Code.RESULT, message)
            seen.add(target)
            view = labs.figure_view(catalog, target)
            name = target.replace(":", "-")
            figure = nodes.figure("", Drawing(svg=view["svg"], alt=view["alt"], name=name), classes=["lab-figure"])
            figure["ids"].append(name)
            figure += place.children
            if is_site(self.app.builder):
                view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
                data = self.app.builder.templates.render("figure-data.html", view)
                figure += nodes.legend("", nodes.raw("", data, format="html"))
                place.replace_self(figure)
            else:
                made = catalog.language.gettext("How it was made:")
                source = nodes.paragraph("", f"{made} ", page_link(view["lab"]["page"], view["lab"]["title"]))
                place.replace_self([figure, table(f"{name}-data", view["title"], view["head"], view["rows"]), source])
