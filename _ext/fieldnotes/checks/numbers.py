"""Report loose numbers: those that lead to no lab and no source, and are not said to be made up.

Numbers are read in prose, captions, tables, HTML, drawings, and code and formulas that are a figure. One is not loose
where

- it is quoted from a lab, by ``{result}`` or ``{number}``;
- its sentence, or its row of a table, has a link to a source that the note lists;
- its sentence says that it is made up, by a word of ``MARKS``; the last sentence before a table or list, or a caption,
  says it for all of that;
- a lab is quoted in its paragraph, table or figure, and the number is a setting of that lab;
- it is no figure: code, a date, a version, the number of a step or row, part of a name, 0 or 1;
- it stands in a title, summary, drawing or alternative text, and in the text as well.

Code blocks and the section of sources are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from docutils import nodes

from fieldnotes.checks.find_numbers import COMPARISON, IN_CODE, IN_MATH, IN_TIME, bare_number, blank, figures
from fieldnotes.checks.prose import CODE, QUOTE, SOURCE, Block, is_sources
from fieldnotes.pages import labs
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element

    from fieldnotes.checks.prose import Text
    from fieldnotes.sources.lab_record import Lab
    from fieldnotes.sources.problem import Problem

MARKS = re.compile(
    r"\bconstructed\b(?! (?:from|by|with|in|on|at|out)\b)|\bstarting (?:value|polic|limit)", re.IGNORECASE
)
"""Words that say that a number is an example or a setting to begin with, and no finding."""

INTRODUCED = (nodes.table, nodes.bullet_list, nodes.enumerated_list, nodes.definition_list)
"""What a sentence introduces, one at a time."""

FORMS = ((nodes.literal, IN_CODE), (nodes.math, IN_MATH))
"""Nodes that are read only where they are nothing but a figure, and how that looks."""

SPACES = {ord("\n"): " ", 0xA0: " "}
"""A line break or hard space is a space."""

SENTENCE = re.compile(r"(?<=[.!?])[\"”)]*\s+(?=[^a-z])")

TAG = re.compile(r"<[^>]*>")

SHOWN = re.compile(r"<(?:text|tspan)\b[^>]*>([^<]+)|\b(?:alt|title)=[\"']([^\"'>]*)")
"""What a drawing says, and what tags of HTML say."""

LONGEST = 80
"""Characters of the sentence that a message shows."""


class Mention(NamedTuple):
    """A number of a text, the words around it, and the sources that they link to: none where the number is loose."""

    block: Block
    offset: int
    number: str
    words: str
    sources: tuple[str, ...] = ()
    is_setting: bool = False


def loose_numbers(text: Text) -> Iterator[Problem]:
    """Report the loose numbers of a document, in their order."""
    for mention in mentions(text):
        if not mention.sources:
            shown = shorten(mention.words)
            message = (
                f"{mention.number} has no lab and no source, and is not said to be made up; quote or mark it: {shown}"
            )
            yield text.problem(Code.NUMBER, message, mention.block.line_of(mention.offset))


def shorten(words: str) -> str:
    """The beginning of a sentence or row, without the signs that stand for code and links."""
    shown = re.sub(f"[{CODE}{QUOTE}]", "…", " ".join(words[: 10 * LONGEST].replace(SOURCE, "").split()))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


def mentions(text: Text) -> Iterator[Mention]:
    """The numbers of a document that are loose, and those that a source is given for."""
    yield from _Reader(text).read()


def plain_address(address: str) -> str:
    """An address without its fragment: sources are listed by page."""
    return address.partition("#")[0].rstrip("/")


class _Reader:
    """Reads the numbers of one document."""

    def __init__(self, text: Text) -> None:
        self.text = text
        sections = [node for node in text.document.findall(nodes.section) if is_sources(node)]
        links = (link for section in sections for link in section.findall(nodes.reference))
        self.settings: dict[str, set[str]] = {}
        self.listed = {plain_address(link.get("refuri", "")) for link in links}

    def read(self) -> Iterator[Mention]:
        quoted = [inner.written for block in self.text.blocks.values() for inner in block.inner]
        results = [labs.result(self.text.catalog, name) for name in quoted]
        texts = [block.plain for block in self.text.blocks.values()] + [each.text for each in results if each]
        said = " ".join([*texts, *(node.astext() for node in self.text.document.findall(nodes.literal))])
        for block in (*self.text.fields, *self._drawn()):
            for mention in self._sentences(block):
                if not mention.sources and not re.search(rf"(?<![\w.,]){re.escape(mention.number)}(?!\w|[.,]\d)", said):
                    yield mention
        yield from self._walk(self.text.document, is_marked=False)

    def _drawn(self) -> Iterator[Block]:
        """What drawings say, and alternative texts, where no caption says "constructed".

        The marks of an axis are left out, and the map of home: each of its tiles leads to the note on its number.
        """
        for node in self.text.document.findall(nodes.Element):
            tags = node.get("svg", "") or (node.astext() if isinstance(node, nodes.raw) else "")
            words = [node.get("alt", ""), *(drawn or said for drawn, said in SHOWN.findall(tags))]
            said = ". ".join(word for word in words if re.search(r"[^\W\d]", word))
            if not said:
                continue
            figure = _figure(node)
            captions = [each.astext() for each in figure.children if isinstance(each, nodes.caption)]
            if "systems-map" not in figure["classes"] and not MARKS.search(" ".join(captions)):
                yield Block(nodes.inline("", said), said.replace("\n", " "), self.text.line_of(node))

    def _walk(self, parent: Element, *, is_marked: bool) -> Iterator[Mention]:
        """Read what is in a node; ``is_marked`` is whether the text before it says that its numbers are made up."""
        marked = is_marked
        for node in parent.children:
            if not isinstance(node, nodes.Element) or "systems-map" in node["classes"]:
                continue
            if block := self.text.blocks.get(node):
                introduced = is_marked and not isinstance(node, nodes.caption)
                scope = node.parent if isinstance(node, nodes.caption) else node
                yield from () if introduced else self._sentences(block, self._settings(scope))
                if isinstance(node, nodes.paragraph):
                    marked = introduced or bool(MARKS.search([*_split(block.plain)][-1][1]))
            elif isinstance(node, nodes.raw):
                yield from () if marked else self._sentences(_html(node))
            elif isinstance(node, nodes.row):
                yield from () if marked else self._row(node)
            elif isinstance(node, nodes.section):
                if not is_sources(node):
                    yield from self._walk(node, is_marked=False)
            else:
                named = isinstance(node, nodes.table) and any(
                    MARKS.search(title.astext()) for title in node.findall(nodes.title)
                )
                inherits = marked and not isinstance(node, nodes.Admonition | nodes.footnote)
                yield from self._walk(node, is_marked=inherits or named)
                if isinstance(node, INTRODUCED):
                    marked = is_marked

    def _row(self, row: Element) -> Iterator[Mention]:
        cells = [self.text.blocks[node] for node in row.findall(nodes.Element) if node in self.text.blocks]
        sources = tuple({address: "" for cell in cells for address in self._sources(cell, 0, len(cell.plain))})
        settings = self._settings(row.parent.parent)
        shown = " | ".join(cell.plain for cell in cells)
        for cell in cells:
            for offset, number, is_setting in _figures(cell, 0, len(cell.plain), settings):
                if sources or not is_setting:
                    yield Mention(cell, offset, number, shown, sources, is_setting)

    def _sentences(self, block: Block, settings: frozenset[str] = frozenset()) -> Iterator[Mention]:
        """The figures of a text, but for those that its sentence says are made up, and settings without a source."""
        for start, sentence in _split(block.plain):
            if not MARKS.search(sentence):
                end = start + len(sentence)
                sources = tuple(dict.fromkeys(self._sources(block, start, end)))
                for offset, number, is_setting in _figures(block, start, end, settings):
                    if sources or not is_setting:
                        yield Mention(block, offset, number, sentence, sources, is_setting)

    def _sources(self, block: Block, start: int, end: int) -> Iterator[str]:
        """The listed sources that a part of a block links to."""
        for inner in block.inner:
            if start <= inner.start < end and inner.address and plain_address(inner.address) in self.listed:
                yield plain_address(inner.address)

    def _settings(self, scope: Element) -> frozenset[str]:
        """The settings of the labs that are quoted in a paragraph, table or figure."""
        quoted = {node.get("reftarget", "").partition(":")[0] for node in scope.findall(nodes.Element)}
        labs_by_name = self.text.catalog.labs_by_name
        for name in quoted & labs_by_name.keys() - self.settings.keys():
            self.settings[name] = _settings_of(labs_by_name[name])
        return frozenset[str]().union(*(self.settings[name] for name in quoted & labs_by_name.keys()))


def _settings_of(lab: Lab) -> set[str]:
    """The numbers of a lab's parameters, and those in the names and meanings of its results; shares also in percent."""
    texts = [parameter.text for parameter in lab.parameters.values()]
    texts += [re.sub(r"(\d)_(\d)", r"\1.\2", f"{key} {result.what}") for key, result in lab.results.items()]
    numbers = {each.replace(",", "") for text in texts for each in re.findall(r"\d[\d,]*(?:\.\d+)?", text)}
    return numbers | {f"{100 * float(each):g}" for each in numbers}


def _figure(node: Element) -> Element:
    """The figure that an element stands in, or the outermost element."""
    while node.parent is not None and not isinstance(node, nodes.figure):
        node = node.parent
    return node


def _split(plain: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, with their offsets."""
    plain, start = plain.translate(SPACES), 0
    for end in [*(match.end() for match in SENTENCE.finditer(plain)), len(plain)]:
        yield start, plain[start:end]
        start = end


def _figures(block: Block, start: int, end: int, settings: frozenset[str]) -> Iterator[tuple[int, str, bool]]:
    """The figures of a part of a block, with their offsets, and whether each is one of the settings.

    Words that count time are not read in headings and links, which name things, nor words in those of a claim. A
    comparison is no setting.
    """
    plain = block.plain.translate(SPACES)
    for match in figures(plain[start:end]):
        at, behind = start + match.start(), start + match.end()
        links = [inner for inner in block.inner if inner.start <= at < inner.end and not inner.address]
        around = [inner.node.get("reftype") for inner in links]
        is_name = (block.is_title or around) and IN_TIME.match(plain, behind)
        is_setting = bare_number(match[0]) in settings and not COMPARISON.match(plain, behind)
        if not (match[0].isalpha() and (is_name or "claim" in around)):
            yield at, match[0], is_setting
    for inner in block.inner:
        form = next((form for kind, form in FORMS if isinstance(inner.node, kind)), None)
        if form and start <= inner.start < end and form.fullmatch(words := inner.node.astext().strip()):
            yield inner.start, words, False


def _html(node: Element) -> Block:
    """The words of HTML, in their places."""
    words = TAG.sub(blank, node.astext())
    return Block(nodes.inline("", nodes.Text(words)), node.astext(), node.line or 1)
