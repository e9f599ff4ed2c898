"""The rendered text of a document, and the line of the file that each word is on.

MyST gives every node in a block the line on which the block begins. From there, words are looked up one by one in the
source of the block.
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
"""Nodes that contain text and no other block; card titles are handled separately."""

VISIBLE_FIELDS = ("title", "summary", "headline", "description")
"""Front matter fields that readers see."""

DELIMITER_ROW = re.compile(r"[\s>|:-]*-[\s>|:-]*")
"""The line below the header row of a table."""

WORD = re.compile(r"\w+")

EXTERNAL = re.compile(r"https?://", re.IGNORECASE)

SOURCE, CODE, QUOTE = "\ue000", "\ue001", "\ue002"
"""Placeholders in ``Block.plain``: the start of an external link; code or a ``{page}`` link; a quoted result."""


class Inner(NamedTuple):
    """A node in a block: its range in ``Block.plain``, and the source to look it up by (text, address or target)."""

    node: Element
    start: int
    end: int
    written: str

    @property
    def address(self) -> str:
        """The address of an external link; ``""`` for any other node."""
        return self.written if isinstance(self.node, nodes.reference) and EXTERNAL.match(self.written) else ""


class Block:
    """A paragraph, heading, caption, cell or front matter field, with its source ``raw`` and the line of its start."""

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

    def line_of(self, target: Element | int) -> int:
        """Return the line of a node in ``inner``, or of the word at an offset in ``plain``."""
        if "\n" not in self.raw:
            return self.line
        offsets, places, by_node = self._places
        if isinstance(target, int):
            index = bisect_right(offsets, target) - 1
            place = places[index] if index >= 0 else 0
        else:
            place = by_node.get(target, places[-1] if places else 0)
        return self.line + self.raw.count("\n", 0, place)

    @cached_property
    def _places(self) -> tuple[list[int], list[int], dict[Element, int]]:
        """The offsets of words and nodes in ``plain``, the matching offsets in ``raw``, and the nodes' by node."""
        words: list[tuple[int, int, str, Element | None]]
        words = [(match.start(), 1, match[0], None) for match in WORD.finditer(self.plain)]
        words += [(inner.end, 0, inner.written, inner.node) for inner in self.inner]
        words.sort(key=lambda word: word[:2])
        places, by_node = [], {}
        place, end = 0, 0
        for _offset, _order, word, node in words:
            start = max(self.raw.find(word, end), self.raw.find(unquote(word), end) if "%" in word else -1)
            if word and start >= 0:
                place, end = start, start + len(word)
            places.append(place)
            if node is not None:
                by_node[node] = place
        return [word[0] for word in words], places, by_node


class Text:
    """A document that a build has read: its path, the lines of its file, and its doctree."""

    def __init__(self, path: str, lines: Sequence[str], document: nodes.document, catalog: Catalog) -> None:
        self.path, self.lines, self.document, self.catalog = path, lines, document, catalog
        self.page = catalog.documents.get(path.removesuffix(".md"))
        """The note, lane or standalone page; None for home."""

    def problem(self, code: Code, message: str, line: int) -> Problem:
        """Create a problem on a line of this document."""
        return Problem(self.path, line, code, message)

    @cached_property
    def blocks(self) -> dict[Element, Block]:
        """The blocks of the file below its front matter, in order, without text that directives generate."""
        texts = {node: self._source_of(node) for node in self.document.findall(nodes.TextElement)}
        sources = {node: raw for node, raw in texts.items() if raw and not (self.page and node.line == 1)}
        return {node: Block(node, raw, self._cell_line(node) or node.line or 1) for node, raw in sources.items()}

    def _source_of(self, node: Element) -> str:
        """Return the source of a text node, ``""`` if it is generated or nested.

        sphinx-design keeps no source of a card's title, so the title is read from the file.
        """
        if isinstance(node, PROSE):
            return node.rawsource
        line = "".join(self.lines[(node.line or 0) - 1 : node.line])
        return line if "card}" in line and node.parent.get("design_component") == "card-title" else ""

    def _cell_line(self, node: Element) -> int:
        """Return the line of a Markdown table's cell, 0 for other nodes. MyST gives cells the line of their table."""
        if not isinstance(node.parent, nodes.entry):
            return 0
        row = node.parent.parent
        start = row.parent.parent.parent.line or 0
        if not DELIMITER_ROW.fullmatch("".join(self.lines[start : start + 1])):
            return 0
        return start if isinstance(row.parent, nodes.thead) else start + 2 + row.parent.index(row)

    @property
    def fields(self) -> Iterator[Block]:
        """The front matter fields that readers see."""
        end = self.page.header.text.count("\n") if self.page else 0
        for name in VISIBLE_FIELDS:
            if self.page and (value := getattr(self.page, name, None)):
                line = self.page.header.position(name)[0]
                yield Block(nodes.inline("", value), "\n".join(self.lines[line - 1 : end]), line)

    def block_of(self, node: Element) -> Block | None:
        """Return the block that contains a node."""
        block: Element | None = node
        while block is not None and block not in self.blocks:
            block = block.parent
        return self.blocks[block] if block is not None else None

    def line_of(self, node: Element) -> int:
        """Return the line of a node in its block, or else of its directive."""
        if block := self.block_of(node):
            return block.line_of(node)
        while node.parent is not None and not node.line:
            node = node.parent
        return node.line or 1


def is_sources(section: Element) -> bool:
    """Whether this is the section that lists the sources of a note."""
    return bool(section.children) and section[0].astext() == "Sources"
