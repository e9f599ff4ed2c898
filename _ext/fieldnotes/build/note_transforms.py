"""Transform the text and the doctree of a note: title, summary, tags, freshness and links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.build.domain import target_document
from fieldnotes.build.state import catalog_of, domain_of, warn
from fieldnotes.checks import markup
from fieldnotes.pages.notes import freshness
from fieldnotes.pages.shared import HOME, index_link
from fieldnotes.sources import front_matter_yaml
from fieldnotes.sources.page import Page
from fieldnotes.sources.problem import Code, Problem, excerpt

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

RELEASE = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+){2,})")
"""A version of at least three numbers."""

LANE_NOTES = re.compile(r"^\s*([`~:])\1\1+\{lane-notes\}", re.MULTILINE)
"""The first line of a directive that places the notes of a lane."""


def replace_front_matter(catalog: Catalog, docname: str, text: str | None) -> str:
    """Replace the front matter of a note, lane or page with its title; ``text`` is None if the text is left out.

    The title is escaped, since it is plain text and MyST parses markup. It takes as many lines as the front matter, so
    that warnings give lines of the file. A note's tags are appended for the directive of sphinx-tags, and a lane's
    notes unless its text places them.
    """
    note = catalog.notes_by_docname.get(docname)
    page = catalog.documents.get(docname)
    if page is None:
        return f"# {index_link(catalog.language, HOME)['title']}\n\n~~~{{lane-grid}}\n~~~\n" if text is None else text
    header, body = (page.header, "") if text is None else front_matter_yaml.split(docname, text)
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", page.title)
    text = f"# {title}" + "\n" * (header.text.count("\n") + 1) + body
    if note:
        return f"{text}\n\n~~~{{tags}} {', '.join(note.tags)}\n~~~\n"
    return text if isinstance(page, Page) or LANE_NOTES.search(body) else f"{text}\n\n~~~{{lane-notes}}\n~~~\n"


class NoteFrame(SphinxTransform):
    """Put a note into one section: title, summary, text, tags. Put a page's description below its title.

    Adds keywords for Sphinx's search to a note. Reports an open block, in which the tags appended to the text then are.
    """

    default_priority = 700

    def apply(self, **kwargs: Any) -> None:
        catalog, docname = catalog_of(self.env), self.env.docname
        if isinstance(page := catalog.documents.get(docname), Page):
            description = nodes.paragraph("", page.description, classes=["standfirst"])
            cast("nodes.section", self.document[0]).insert(1, description)
        note = catalog.notes_by_docname.get(docname)
        if note is None:
            return
        first, *others = [node for node in self.document.children if isinstance(node, nodes.section)]
        for section in others:
            self.merge(first, section)
        if note.has_summary:
            first.insert(1, nodes.paragraph("", note.summary, classes=["standfirst"]))
        self.document.append(nodes.meta(name="keywords", content=",".join(self.keywords(note))))
        tags = [node for node in self.document.findall(nodes.paragraph) if node["classes"] == ["tags"]]
        if len(tags) != 1 or not isinstance(tags[0].parent, nodes.section):
            ending = f"~~~{{tags}} {', '.join(note.tags)}"
            path, block = f"{note.docname}.md", tags[0].parent if tags else first
            while block.parent is not None and not block.line:
                block = block.parent
            problem = markup.open_fence(path, self.document, ending)
            warn(problem or Problem(path, block.line or 1, Code.OPEN_FENCE, markup.OPEN_FENCE))
        for paragraph in tags:
            paragraph.parent.remove(paragraph)
            if note.tags:
                first.append(paragraph)

    def keywords(self, note: Note) -> list[str]:
        """Return extra keywords for Sphinx's search: lane, month, authors, and versions that it would not index."""
        facts = [note.lane, catalog_of(self.env).language.month(note.date.month), *note.authors]
        return [*" ".join(facts).split(), *sorted(set(RELEASE.findall(self.document.astext())))]

    def merge(self, first: nodes.section, section: nodes.section) -> None:
        """Move a second section of level ``#`` into the note's; report its title if it is not the note's."""
        self.document.remove(section)
        if section[0].astext() == first[0].astext():
            first.extend(section.children[1:])
        else:
            message = f"`{excerpt(section[0].astext())}` is a second title; begin it with `##`"
            warn(Problem(f"{self.env.docname}.md", section.line or 1, Code.FOREIGN, message))
            first.append(section)


class PlaceFreshness(SphinxPostTransform):
    """Show below a note's summary what it applies to and when it was verified, as of the build date."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        catalog = catalog_of(self.env)
        note = catalog.notes_by_docname.get(self.env.docname)
        view = freshness(catalog, note) if note else None
        if view is None:
            return
        text = self.app.builder.templates.render("freshness.html", view)
        section = next(self.document.findall(nodes.section))
        standfirst = section.children[1:2]
        place = 2 if standfirst and "standfirst" in cast("nodes.Element", standfirst[0])["classes"] else 1
        section.insert(place, nodes.raw("", text, format="html", classes=["freshness", "no-search"]))


class FinishLinks(SphinxTransform):
    """Add ``rel="noopener"`` to external links; report links to unpublished notes, and keep only their text."""

    default_priority = 701

    def apply(self, **kwargs: Any) -> None:
        hidden, docname = catalog_of(self.env).hidden, self.env.docname
        for node in list(self.document.findall(nodes.Element)):
            if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
                node["rel"] = "noopener"
            if not hidden or not isinstance(node, addnodes.pending_xref | addnodes.download_reference):
                continue
            if (target := target_document(self.env, node, hidden)) in hidden:
                place: nodes.Element = node
                while not place.line and place.parent is not None:
                    place = place.parent
                message = catalog_of(self.env).unpublished_message(target)
                warn(Problem(f"{docname}.md", place.line or 1, Code.UNPUBLISHED, message))
                domain_of(self.env).note_reference(docname, "doc", target)
                node.replace_self(nodes.inline("", "", *node.children))


class RemoveDuplicateIds(SphinxPostTransform):
    """Remove duplicate ids from Furo's wrappers around tables and formulas."""

    default_priority = 501  # Furo's transform has 500
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for wrapper in self.document.findall(nodes.container):
            if {"math-wrapper", "table-wrapper"}.intersection(wrapper["classes"]):
                wrapper["ids"] = []
