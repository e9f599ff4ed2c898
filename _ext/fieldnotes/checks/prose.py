"""The text of a document as its reader sees it, and the line of the file on which each word of it stands.

MyST gives each block the line on which it begins, and everything in the block that same line. From there on, words are
looked for in the block as it was written, one after another.
"""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from docutils import nodes
from sphinx import addnodes

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docutils.nodes import Element

    from fieldnotes.catalog.model import Catalog

PROSE = (nodes.title, nodes.paragraph, nodes.caption, nodes.term, nodes.rubric, nodes.attribution, nodes.line)
"""Nodes that hold text and no other block; the title of a card is another."""

FIELDS = ("title", "summary", "headline", "description")
"""Fields of the front matter that readers see."""

DELIMITER = re.compile(r"[\s>|:-]*-[\s>|:-]*")
"""The line below the head of a table."""

WORD = re.compile(r"\w+")

EXTERNAL = re.compile(r"https?://", re.IGNORECASE)

SOURCE, CODE, QUOTE = "\ue000", "\ue001", "\ue002"
"""Stand in ``Block.plain`` where an external link begins, for code, and for a number that a lab gives."""


class Inner(NamedTuple):
    """A node in a block: its place in ``Block.plain``, and the part of it that no reader sees, such as an address."""

    node: Element
    start: int
    end: int
    written: str

    @property
    def address(self) -> str:
        """The address of an external link; ``""`` for any other node."""
        return self.written if isinstance(self.node, nodes.reference) and EXTERNAL.match(self.written) else ""


class Block:
    """A paragraph, heading, caption, cell or field of the front matter, which begins on ``line`` as ``raw``."""

    def __init__(self, node: Element, raw: str, line: int) -> None:
        self.raw, self.line, self.is_title = raw, line, isinstance(node, nodes.title)
        self.plain = ""
        self.inner: list[Inner] = []
        self._read(node)

    def _read(self, parent: Element) -> None:
        for node in parent.children:
            start, written = len(self.plain), ""
            if isinstance(node, nodes.Text):
                self.plain += node
            if not isinstance(node, nodes.Element) or isinstance(node, nodes.system_message | nodes.target):
                continue
            reftype = node.get("reftype")
            if isinstance(node, nodes.literal | nodes.math | nodes.raw | nodes.footnote_reference):
                self.plain += CODE if isinstance(node, nodes.literal | nodes.math) else ""
                written = node.rawsource or node.astext()
            elif isinstance(node, addnodes.pending_xref) and reftype in {"result", "number", "claim", "page"}:
                self.plain += CODE if reftype == "page" else QUOTE
                written = node["reftarget"]
                if reftype == "claim" and node["refexplicit"]:
                    self._read(node)
            else:
                written = node.get("uri") or node.get("refuri") or posixpath.basename(node.get("reftarget", ""))
                self.plain += SOURCE if EXTERNAL.match(written) else ""
                self._read(node)
            self.inner.append(Inner(node, start, len(self.plain), written))

    def line_of(self, wanted: Element | int) -> int:
        """The line of a node in ``inner``, or of the word that begins at an offset of ``plain``."""
        if "\n" not in self.raw:
            return self.line
        offsets, places, by_node = self._places
        if isinstance(wanted, int):
            index = bisect_right(offsets, wanted) - 1
            place = places[index] if index >= 0 else 0
        else:
            place = by_node.get(wanted, places[-1] if places else 0)
        return self.line + self.raw.count("\n", 0, place)

    @cached_property
    def _places(self) -> tuple[list[int], list[int], dict[Element, int]]:
        """The offsets of words and nodes in ``plain``, where each was found in ``raw``, and where each node was."""
        words: list[tuple[int, int, str, Element | None]]
        words = [(match.start(), 1, match[0], None) for match in WORD.finditer(self.plain)]
        words += [(inner.end, 0, inner.written, inner.node) for inner in self.inner]
        words.sort(key=lambda word: word[:2])
        places, by_node = [], {}
        place, end = 0, 0
        for _offset, _order, word, node in words:
            at = max(self.raw.find(word, end), self.raw.find(unquote(word), end) if "%" in word else -1)
            if word and at >= 0:
                place, end = at, at + len(word)
            places.append(place)
            if node is not None:
                by_node[node] = place
        return [word[0] for word in words], places, by_node


class Text:
    """A document that a build has read: its path, the lines of its file, and what MyST made of it."""

    def __init__(self, path: str, lines: Sequence[str], document: nodes.document, catalog: Catalog) -> None:
        self.path, self.lines, self.document, self.catalog = path, lines, document, catalog
        self.page = catalog.documents.get(path.removesuffix(".md"))
        """The note, lane or own page; None for home."""

    def problem(self, code: Code, message: str, line: int) -> Problem:
        """A problem on a line of this document."""
        return Problem(self.path, line, code, message)

    @cached_property
    def blocks(self) -> dict[Element, Block]:
        """The blocks that stand in the file below its front matter, in their order.

        What a directive makes of the catalog has no source, and is not among them.
        """
        texts = {node: self._written(node) for node in self.document.findall(nodes.TextElement)}
        written = {node: raw for node, raw in texts.items() if raw and not (self.page and node.line == 1)}
        return {node: Block(node, raw, self._row(node) or node.line or 1) for node, raw in written.items()}

    def _written(self, node: Element) -> str:
        """How a text was written: "" where it stands in no file, or in another text. A card does not keep its title."""
        if isinstance(node, PROSE):
            return node.rawsource
        line = "".join(self.lines[(node.line or 0) - 1 : node.line])
        return line if "card}" in line and node.parent.get("design_component") == "card-title" else ""

    def _row(self, node: Element) -> int:
        """The line of a cell, which has that of its table from MyST; 0 where it is none."""
        if not isinstance(node.parent, nodes.entry):
            return 0
        row = node.parent.parent
        start = row.parent.parent.parent.line or 0
        if not DELIMITER.fullmatch("".join(self.lines[start : start + 1])):
            return 0
        return start if isinstance(row.parent, nodes.thead) else start + 2 + row.parent.index(row)

    @property
    def fields(self) -> Iterator[Block]:
        """The fields of the front matter that readers see."""
        end = self.page.header.text.count("\n") if self.page else 0
        for name in FIELDS:
            if self.page and (value := getattr(self.page, name, None)):
                line = self.page.header.position(name)[0]
                yield Block(nodes.inline("", value), "\n".join(self.lines[line - 1 : end]), line)

    def block_of(self, node: Element) -> Block | None:
        """The block that a node stands in."""
        block: Element | None = node
        while block is not None and block not in self.blocks:
            block = block.parent
        return self.blocks[block] if block is not None else None

    def line_of(self, node: Element) -> int:
        """The line of a node: in its block, or that of its directive."""
        if block := self.block_of(node):
            return block.line_of(node)
        while node.parent is not None and not node.line:
            node = node.parent
        return node.line or 1


def is_sources(section: Element) -> bool:
    """Whether a section lists the sources of a note."""
    return bool(section.children) and section[0].astext() == "Sources"
