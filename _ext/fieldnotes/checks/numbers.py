"""Report loose numbers: numbers without a lab or source that are not marked as constructed.

Numbers are read in prose, captions, tables, HTML, drawings, and in code and formulas that are only a quantity. A number
is not loose if

- it is quoted from a lab, by ``{result}``, ``{number}`` or ``{claim}``;
- its sentence or table row links to a source that the note lists;
- its sentence, the sentence before its table or list, or its caption contains a word of ``CONSTRUCTED``;
- its paragraph, table or figure quotes a lab, and the number is a setting of that lab;
- it is not a quantity: code, a date, a version, the number of a step or row, part of a name, 0 or 1;
- it is in a title, summary, drawing or alternative text, and in the text as well.

Code blocks and the section of sources are skipped.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from docutils import nodes

from fieldnotes.checks.find_numbers import COMPARISON, IN_CODE, IN_MATH, IN_TIME, bare_number, blank, quantities
from fieldnotes.checks.prose import CODE, QUOTE, SOURCE, Block, is_sources
from fieldnotes.pages import labs
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element

    from fieldnotes.checks.prose import Text
    from fieldnotes.sources.lab_record import Lab
    from fieldnotes.sources.problem import Problem

CONSTRUCTED = re.compile(
    r"\bconstructed\b(?! (?:from|by|with|in|on|at|out)\b)|\bstarting (?:value|polic|limit)", re.IGNORECASE
)
"""Words that declare a number an example or a value to start from, not a result."""

INTRODUCED = (nodes.table, nodes.bullet_list, nodes.enumerated_list, nodes.definition_list)
"""Blocks that the sentence before them introduces. A ``CONSTRUCTED`` word there applies to one block only."""

NUMERIC_NODES = ((nodes.literal, IN_CODE), (nodes.math, IN_MATH))
"""Nodes that count only if their whole text is a quantity, with the pattern for it."""

SPACES = {ord("\n"): " ", 0xA0: " "}
"""Maps line breaks and no-break spaces to spaces."""

SENTENCE = re.compile(r"(?<=[.!?])[\"”)]*\s+(?=[^a-z])")

TAG = re.compile(r"<[^>]*>")

EMBEDDED_TEXT = re.compile(r"<(?:text|tspan)\b[^>]*>([^<]+)|\b(?:alt|title)=[\"']([^\"'>]*)")
"""The text of an SVG, and the `alt` and `title` attributes of HTML."""

EXCERPT_LENGTH = 80
"""The length in characters of the sentence that a message quotes."""


class Mention(NamedTuple):
    """A number in a text, the words around it, and the sources linked there; a loose number has no sources."""

    block: Block
    offset: int
    number: str
    words: str
    sources: tuple[str, ...] = ()
    is_setting: bool = False


def loose_numbers(text: Text) -> Iterator[Problem]:
    """Report the loose numbers of a document."""
    for mention in mentions(text):
        if not mention.sources:
            hint = "quote a lab, link a listed source, or mark it as *constructed*"
            message = f"{mention.number} has no source; {hint}: {shorten(mention.words)}"
            yield text.problem(Code.NUMBER, message, mention.block.line_of(mention.offset))


def shorten(words: str) -> str:
    """Return the beginning of a sentence or row, with an ellipsis for code and quoted results."""
    shown = re.sub(f"[{CODE}{QUOTE}]", "…", " ".join(words[: 10 * EXCERPT_LENGTH].replace(SOURCE, "").split()))
    return shown if len(shown) <= EXCERPT_LENGTH else f"{shown[:EXCERPT_LENGTH]}…"


def mentions(text: Text) -> Iterator[Mention]:
    """Yield the loose numbers and the sourced numbers of a document."""
    yield from _Reader(text).read()


def plain_address(address: str) -> str:
    """Remove the fragment from an address: sources are listed by page."""
    return address.partition("#")[0].rstrip("/")


class _Reader:
    """Collects the mentions in one document."""

    def __init__(self, text: Text) -> None:
        self.text = text
        sections = [node for node in text.document.findall(nodes.section) if is_sources(node)]
        links = (link for section in sections for link in section.findall(nodes.reference))
        self.settings: dict[str, set[str]] = {}
        self.listed_sources = {plain_address(link.get("refuri", "")) for link in links}

    def read(self) -> Iterator[Mention]:
        quoted = [inner.written for block in self.text.blocks.values() for inner in block.inner]
        results = [labs.result(self.text.catalog, name) for name in quoted]
        texts = [block.plain for block in self.text.blocks.values()] + [result.text for result in results if result]
        body = " ".join([*texts, *(node.astext() for node in self.text.document.findall(nodes.literal))])
        for block in (*self.text.fields, *self._drawing_texts()):
            for mention in self._sentences(block):
                if not mention.sources and not re.search(rf"(?<![\w.,]){re.escape(mention.number)}(?!\w|[.,]\d)", body):
                    yield mention
        yield from self._walk(self.text.document, is_constructed=False)

    def _drawing_texts(self) -> Iterator[Block]:
        """Yield the text of drawings, and alternative text, unless a caption says "constructed".

        Axis labels without letters are skipped, and so is the map on home: each tile links to the note on its number.
        """
        for node in self.text.document.findall(nodes.Element):
            tags = node.get("svg", "") or (node.astext() if isinstance(node, nodes.raw) else "")
            texts = [node.get("alt", ""), *(drawn or attribute for drawn, attribute in EMBEDDED_TEXT.findall(tags))]
            words = ". ".join(text for text in texts if re.search(r"[^\W\d]", text))
            if not words:
                continue
            figure = _enclosing_figure(node)
            captions = [child.astext() for child in figure.children if isinstance(child, nodes.caption)]
            if "systems-map" not in figure["classes"] and not CONSTRUCTED.search(" ".join(captions)):
                yield Block(nodes.inline("", words), words.replace("\n", " "), self.text.line_of(node))

    def _walk(self, parent: Element, *, is_constructed: bool) -> Iterator[Mention]:
        """Yield the mentions in a node; ``is_constructed`` if the sentence before it says so."""
        constructed = is_constructed
        for node in parent.children:
            if not isinstance(node, nodes.Element) or "systems-map" in node["classes"]:
                continue
            if block := self.text.blocks.get(node):
                introduced = is_constructed and not isinstance(node, nodes.caption)
                scope = node.parent if isinstance(node, nodes.caption) else node
                yield from () if introduced else self._sentences(block, self._settings(scope))
                if isinstance(node, nodes.paragraph):
                    constructed = introduced or bool(CONSTRUCTED.search([*_split_sentences(block.plain)][-1][1]))
            elif isinstance(node, nodes.raw):
                yield from () if constructed else self._sentences(_html_block(node))
            elif isinstance(node, nodes.row):
                yield from () if constructed else self._row(node)
            elif isinstance(node, nodes.section):
                if not is_sources(node):
                    yield from self._walk(node, is_constructed=False)
            else:
                title_says_so = isinstance(node, nodes.table) and any(
                    CONSTRUCTED.search(title.astext()) for title in node.findall(nodes.title)
                )
                inherits = constructed and not isinstance(node, nodes.Admonition | nodes.footnote)
                yield from self._walk(node, is_constructed=inherits or title_says_so)
                if isinstance(node, INTRODUCED):
                    constructed = is_constructed

    def _row(self, row: Element) -> Iterator[Mention]:
        cells = [self.text.blocks[node] for node in row.findall(nodes.Element) if node in self.text.blocks]
        sources = tuple(dict.fromkeys(address for cell in cells for address in self._sources(cell, 0, len(cell.plain))))
        settings = self._settings(row.parent.parent)
        shown = " | ".join(cell.plain for cell in cells)
        for cell in cells:
            for offset, number, is_setting in _quantities(cell, 0, len(cell.plain), settings):
                if sources or not is_setting:
                    yield Mention(cell, offset, number, shown, sources, is_setting)

    def _sentences(self, block: Block, settings: frozenset[str] = frozenset()) -> Iterator[Mention]:
        """Yield the mentions in a block, except constructed numbers and settings without a source."""
        for start, sentence in _split_sentences(block.plain):
            if not CONSTRUCTED.search(sentence):
                end = start + len(sentence)
                sources = tuple(dict.fromkeys(self._sources(block, start, end)))
                for offset, number, is_setting in _quantities(block, start, end, settings):
                    if sources or not is_setting:
                        yield Mention(block, offset, number, sentence, sources, is_setting)

    def _sources(self, block: Block, start: int, end: int) -> Iterator[str]:
        """Yield the listed sources that a part of a block links to."""
        for inner in block.inner:
            if start <= inner.start < end and inner.address and plain_address(inner.address) in self.listed_sources:
                yield plain_address(inner.address)

    def _settings(self, scope: Element) -> frozenset[str]:
        """Return the settings of all labs that a paragraph, table or figure quotes."""
        quoted = {node.get("reftarget", "").partition(":")[0] for node in scope.findall(nodes.Element)}
        labs_by_name = self.text.catalog.labs_by_name
        for name in quoted & labs_by_name.keys() - self.settings.keys():
            self.settings[name] = _settings_of(labs_by_name[name])
        return frozenset[str]().union(*(self.settings[name] for name in quoted & labs_by_name.keys()))


def _settings_of(lab: Lab) -> set[str]:
    """Return the numbers in a lab's parameters and in its results' names and meanings; shares also in percent."""
    texts = [parameter.text for parameter in lab.parameters.values()]
    texts += [re.sub(r"(\d)_(\d)", r"\1.\2", f"{key} {result.what}") for key, result in lab.results.items()]
    numbers = {number.replace(",", "") for text in texts for number in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}
    return numbers | {f"{100 * float(number):g}" for number in numbers}


def _enclosing_figure(node: Element) -> Element:
    """Return the figure around an element, or the outermost element."""
    while node.parent is not None and not isinstance(node, nodes.figure):
        node = node.parent
    return node


def _split_sentences(plain: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a text, with their offsets."""
    plain, start = plain.translate(SPACES), 0
    for end in [*(match.end() for match in SENTENCE.finditer(plain)), len(plain)]:
        yield start, plain[start:end]
        start = end


def _quantities(block: Block, start: int, end: int, settings: frozenset[str]) -> Iterator[tuple[int, str, bool]]:
    """Yield the quantities in a part of a block: offset, text, and whether it is one of the settings.

    Number words are skipped inside a claim's text, and before a unit of time in headings, emphasis and internal links,
    where they are part of a name. A comparison is never a setting.
    """
    plain = block.plain.translate(SPACES)
    for match in quantities(plain[start:end]):
        offset, after = start + match.start(), start + match.end()
        links = [inner for inner in block.inner if inner.start <= offset < inner.end and not inner.address]
        reftypes = [inner.node.get("reftype") for inner in links]
        is_name = (block.is_title or reftypes) and IN_TIME.match(plain, after)
        is_setting = bare_number(match[0]) in settings and not COMPARISON.match(plain, after)
        if not (match[0].isalpha() and (is_name or "claim" in reftypes)):
            yield offset, match[0], is_setting
    for inner in block.inner:
        pattern = next((pattern for kind, pattern in NUMERIC_NODES if isinstance(inner.node, kind)), None)
        if pattern and start <= inner.start < end and pattern.fullmatch(words := inner.node.astext().strip()):
            yield inner.start, words, False


def _html_block(node: Element) -> Block:
    """Return the text of raw HTML, with tags replaced by spaces so that offsets match the source."""
    words = TAG.sub(blank, node.astext())
    return Block(nodes.inline("", nodes.Text(words)), node.astext(), node.line or 1)
