"""Change the doctree of a note: its frame, its footnotes, its links, its figures."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from fieldnotes.build import domain
from fieldnotes.build.domain import _unknown
from fieldnotes.build.quotes import FigurePlace
from fieldnotes.build.state import WARNING_TYPE, catalog_of, warn
from fieldnotes.checks import prose
from fieldnotes.pages import labs
from fieldnotes.pages.notes import freshness
from fieldnotes.sources import files, yaml_header
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)


def replace_front_matter(app: Sphinx, docname: str, source: list[str]) -> None:
    """Hand MyST the text of a note or lane (``source-read``): its title and its body, without the front matter.

    The title is escaped, for it is text and MyST reads markup. It takes the front matter's place line for line, so
    that warnings point to the right one. Below the text, a note's tags are given to sphinx-tags' directive, and a lane
    that does not say where its notes are to stand gets them.
    """
    found = catalog_of(app.env)
    note = found.notes_by_docname.get(docname)
    page = note or next((lane for lane in found.lanes if lane.docname == docname), None)
    if page is None:
        return
    header, body = yaml_header.split(docname, source[0])
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", page.title)
    lines = "\n" * (header.text.count("\n") + 1)
    source[0] = f"# {title}{lines}{body}"
    if note:
        source[0] += f"\n\n~~~{{tags}} {', '.join(note.tags)}\n~~~\n"
    elif "{lane-notes}" not in body:
        source[0] += "\n\n~~~{lane-notes}\n~~~\n"


class NoteFrame(SphinxTransform):
    """Set a note's standfirst below its title, its tags below its text, all in one section, and footnotes near by."""

    default_priority = 700

    def apply(self, **kwargs: Any) -> None:
        note = catalog_of(self.env).notes_by_docname.get(self.env.docname)
        if note is None:
            return
        first, *others = [node for node in self.document.children if isinstance(node, nodes.section)]
        for section in others:
            self.take_in(first, section)
        first.insert(1, nodes.paragraph("", note.summary, classes=["standfirst"]))
        tags = [node for node in self.document.findall(nodes.paragraph) if node["classes"] == ["tags"]]
        if len(tags) != 1 or not isinstance(tags[0].parent, nodes.section):
            path = f"{note.docname}.md"
            text = files.decode(path, files.read_source(Path(self.app.srcdir), path))
            warn(prose.unclosed(path, prose.parse_whole(text)[0]))
        for paragraph in tags:
            paragraph.parent.remove(paragraph)
            first.append(paragraph)
        self.place_footnotes()

    def place_footnotes(self) -> None:
        """Put each footnote below the block of its section that refers to it first, where it is read in passing."""
        below: dict[nodes.Element, list[nodes.footnote]] = {}
        footnotes = {name: note for note in self.document.findall(nodes.footnote) for name in note["ids"]}
        for reference in self.document.findall(nodes.footnote_reference) if footnotes else ():
            footnote = footnotes.pop(reference.get("refid", ""), None)
            block: nodes.Element = reference
            while not isinstance(block.parent, nodes.section | nodes.document):
                block = block.parent
            if footnote and footnote is not block:
                below.setdefault(block, []).append(footnote)
        for block, found in below.items():
            for footnote in found:
                footnote.parent.remove(footnote)
            place = block.parent.index(block) + 1
            block.parent[place:place] = found

    def take_in(self, first: nodes.section, section: nodes.section) -> None:
        """Put a section that an author began with a single ``#`` into the note's own, as one below its title."""
        self.document.remove(section)
        if section[0].astext() == first[0].astext():
            first.extend(section.children[1:])
        else:
            first.append(section)


class PlaceFreshness(SphinxPostTransform):
    """Say below a note's standfirst how far it still holds: as it is on the day of the build, so when it is written."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        found = catalog_of(self.env)
        note = found.notes_by_docname.get(self.env.docname)
        view = freshness(found, note) if note else None
        if view is None:
            return
        text = self.app.builder.templates.render("freshness.html", view)
        standfirst = next(node for node in self.document.findall(nodes.paragraph) if "standfirst" in node["classes"])
        place = standfirst.parent.index(standfirst) + 1
        standfirst.parent.insert(place, nodes.raw("", text, format="html", classes=["freshness", "no-search"]))


class UnlinkUnpublished(SphinxTransform):
    """Say which references lead to a note that is not published, and leave their text without a link."""

    default_priority = 702

    def apply(self, **kwargs: Any) -> None:
        found = catalog_of(self.env)
        if not found.hidden:
            return
        kinds = (addnodes.pending_xref, addnodes.download_reference)
        for node in [node for node in self.document.findall(nodes.Element) if isinstance(node, kinds)]:
            docname = domain.document(self.env, node, found.hidden)
            if docname not in found.hidden:
                continue
            line, place = node.line, cast("nodes.Element", node)
            while line is None and place.parent is not None:
                place = place.parent
                line = place.line
            warn(Problem(f"{self.env.docname}.md", line or 1, Code.UNPUBLISHED, found.withheld(docname)))
            domain.references_of(self.env).setdefault(self.env.docname, []).append(("doc", docname))
            node.replace_self(nodes.inline("", "", *node.children))


class MarkExternalLinks(SphinxTransform):
    """Give a page that a link leads to on another host no hold on the one that it came from."""

    default_priority = 701

    def apply(self, **kwargs: Any) -> None:
        for reference in self.document.findall(nodes.reference):
            if "://" in reference.get("refuri", ""):
                reference["rel"] = "noopener"


class PlaceFigures(SphinxPostTransform):
    """Put the figures of labs where notes want them: drawing, caption, and the data behind it."""

    default_priority = 5  # before Sphinx resolves references, for captions hold some
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        if not any(kind == "figure" for kind, _name in domain.references_of(self.env).get(self.env.docname, [])):
            return
        found, seen = catalog_of(self.env), set()
        for place in list(self.document.findall(FigurePlace)):
            target = place["reftarget"]
            if labs.figure(found, target) is None:
                _unknown(place, target, "figure", found)
                place.parent.remove(place)
                continue
            if target in seen:
                message = f"`{target}` stands on this page already; place it once"
                logger.warning("%s", message, location=place, type=WARNING_TYPE, subtype=Code.RESULT.value)
            seen.add(target)
            view = labs.figure_view(found, target)
            view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
            figure = nodes.figure("", nodes.raw("", view["svg"], format="html"), classes=["lab-figure"])
            figure["ids"].append(target.replace(":", "-"))
            figure += place.children
            data = self.app.builder.templates.render("figure-data.html", view)
            figure += nodes.legend("", nodes.raw("", data, format="html"))
            place.replace_self(figure)
