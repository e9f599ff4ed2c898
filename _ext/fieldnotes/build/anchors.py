"""Give headings and footnotes stable anchors, which do not depend on what precedes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.application import Sphinx

AUTO_ID = re.compile(r"id\d+")
"""An id that docutils generates when a name has no Latin letters or is taken."""


class NameHeadings(SphinxTransform):
    """Make a heading's slug its first id, unless the author chose one; keep the id that docutils derived."""

    default_priority = 263  # after PropagateTargets of docutils, SortIds of Sphinx, PrioritiseExplicitIds of MyST

    def apply(self, **kwargs: Any) -> None:
        ids, slugs = self.document.ids, getattr(self.document, "myst_slugs", {})
        names = self.document.nametypes.items()
        explicit = {self.document.nameids.get(name) for name, is_explicit in names if is_explicit}
        for heading in [node for node in self.document.findall(nodes.Element) if node.get("slug") in slugs]:
            slug, holder = heading["slug"], ids.get(heading["slug"])
            if holder not in {None, heading}:
                if slug in explicit or not holder.get("slug"):
                    continue
                holder["ids"].remove(slug)
            chosen = [name for name in heading["ids"][:1] if name in explicit]
            dropped = {name for name in heading["ids"] if AUTO_ID.fullmatch(name)}
            rest = [name for name in heading["ids"] if name not in {slug, *chosen, *dropped}]
            heading["ids"] = [*chosen, slug, *rest] if chosen != [slug] else [slug, *rest]
            ids[slug] = heading
            for name in dropped:
                del ids[name]
            for name in heading["names"]:
                if self.document.nameids.get(name) in dropped:
                    self.document.nameids[name] = slug
            line, _id, title = slugs[slug]
            slugs[slug] = (line, heading["ids"][0], title)


def unlink_downloads(app: Sphinx, doctree: nodes.document) -> None:
    """Unwrap download links in the table of contents, as Sphinx does with other links (``doctree-read``, late)."""
    for link in list(app.env.tocs[app.env.docname].findall(addnodes.download_reference)):
        link.replace_self(link.children)


class NameFootnotes(SphinxTransform):
    """Derive the ids of footnotes and their references from the labels.

    docutils replaces word labels with numbers, in the order of the definitions, and keeps numeric labels. Here all
    labels are kept, and ``PlaceFootnotes`` numbers them.
    """

    default_priority = 250

    def apply(self, **kwargs: Any) -> None:
        document = self.document
        for footnote in [footnote for footnote in document.autofootnotes if footnote["names"]]:
            document.autofootnotes.remove(footnote)
            document.footnotes.append(footnote)
            del footnote["auto"]
            footnote.insert(0, nodes.label("", footnote["names"][0]))
        for reference in [reference for reference in document.autofootnote_refs if "refname" in reference]:
            document.autofootnote_refs.remove(reference)
            del reference["auto"]
            reference += nodes.Text(reference["refname"])
        for footnote in document.footnotes:
            for label in footnote["names"]:
                name = self.rename(footnote, "footnote-" + re.sub(r"[^\w.-]+", "-", label))
                document.nameids[label] = name
                for number, reference in enumerate(document.footnote_refs.get(label, []), start=1):
                    self.rename(reference, f"{name}-use-{number}")

    def rename(self, node: Element, name: str) -> str:
        """Set a node's id to ``name``, appending ``-x`` until it is unique; return the id."""
        for old in node["ids"]:
            self.document.ids.pop(old, None)
        while name in self.document.ids:
            name += "-x"
        node["ids"] = [name]
        self.document.ids[name] = node
        return name


class PlaceFootnotes(SphinxTransform):
    """Number footnotes in the order of their references, and move each below the block that refers to it first.

    A block is a child of a section or list item: a paragraph, a table, an admonition.
    """

    default_priority = 710  # after note_transforms.NoteFrame

    def apply(self, **kwargs: Any) -> None:
        below: dict[Element, list[nodes.footnote]] = {}
        numbered = [footnote for footnote in self.document.findall(nodes.footnote) if footnote.get("auto") != "*"]
        footnotes = {name: footnote for footnote in numbered for name in footnote["ids"]}
        unplaced = {**footnotes}
        for reference in self.references(footnotes):
            block: Element = reference
            while not isinstance(block.parent, nodes.section | nodes.document | nodes.list_item):
                block = block.parent
            footnote = unplaced.pop(reference["refid"], None)
            if footnote and footnote is not block:
                below.setdefault(block, []).append(footnote)
        for block, moved in below.items():
            for footnote in moved:
                footnote.parent.remove(footnote)
            index = block.parent.index(block) + 1
            block.parent[index:index] = moved
        numbers: dict[str, str] = {}
        for reference in self.references(footnotes):
            number = numbers.setdefault(reference["refid"], str(len(numbers) + 1))
            reference.children = [nodes.Text(number)]
        for name, footnote in footnotes.items():
            label = footnote.next_node(nodes.label)
            if label is not None:
                label.children = [nodes.Text(numbers.setdefault(name, str(len(numbers) + 1)))]

    def references(self, footnotes: dict[str, nodes.footnote]) -> list[nodes.footnote_reference]:
        """Return the references to these footnotes, in document order."""
        return [node for node in self.document.findall(nodes.footnote_reference) if node.get("refid") in footnotes]
