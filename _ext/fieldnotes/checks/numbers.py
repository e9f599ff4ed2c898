"""Report loose numbers: those that lead to no lab and no source, and are not said to be made up.

A number is a figure in digits, in prose, in a caption or in a table. It is not loose where

- it is quoted from a lab, by ``{result}`` or ``{number}``;
- its sentence, or its row of a table, has a link to a source;
- its paragraph, or the one that introduces its table or list, says that it is made up: by a word of ``MARKS``;
- it says what was varied where a lab is quoted: the first cell of such a row, or a setting as ``k = 2``;
- it is no figure: code, a date, a version, the number of a step or row, part of a name, 0 or 1;
- it stands in a title or summary, and in the text as well.

Code and the section of sources are left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.checks.text import CODE, QUOTE, SOURCE
from fieldnotes.pages import labs
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element

    from fieldnotes.checks.text import Block, Text
    from fieldnotes.sources.problem import Problem

MARKS = re.compile(r"\b(constructed|starting (?:value|polic|limit)|proposal)", re.IGNORECASE)
"""Words that say that a number is an example or a setting to begin with, and no finding."""

FIGURE = re.compile(r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?(?:(?:[kKMGT]B|[KMG]|ms|s|min|h|d|x)\b)?(?![\w]|\.\d|\.x)")

NO_FIGURE = re.compile(
    r"""
      \d{4}-\d\d-\d\d                                                           # dates
    | \b(?:January|February|March|April|May|June|July|August|September|October|November|December)\ \d{4}
    | \b(?:19|20)\d\d\b(?!,)
    | \b(?:release|version|from|Python|[A-Z]{2,}|Spark|Hadoop|Iceberg)\ (?:v|≥\ )?\d+\.(?:\d+|x)(?:\.\d+)*    # versions
    | \b(?:[Ss]teps?|[Rr]ows?|[Rr]ules?|[Rr]ungs?|Stages?|stages?|[Nn]odes?|[Rr]anks?|[Tt]iers?|[Ss]ignals?|[Pp]arts?
        |[Gg]o\ to|[Mm]inutes?|[Cc]hapters?|[Cc]olumns?|HTTP)\ \d+(?:(?:,\ |\ and\ |\ or\ |–)\d+)*    # labels
    | (?<![\d.,])[01](?![\d.,]*\d|\s?%)                                        # 0 and 1
    """,
    re.VERBOSE,
)

SENTENCE = re.compile(r"(?<=[.!?])[\"”)]*\s+(?=[^a-z])")

SETTING = re.compile(r"\b\w = \d[\d.,]*")

LONGEST = 80
"""Characters of the sentence that a message shows."""


def loose_numbers(text: Text) -> Iterator[Problem]:
    """Report the loose numbers of a document, in their order."""
    quoted = [labs.result(text.catalog, inner.written) for block in text.blocks.values() for inner in block.inner]
    said = [block.plain for block in text.blocks.values()] + [result.text for result in quoted if result]
    for block in text.fields:
        for offset, number, sentence in _sentences(block.plain):
            if not re.search(rf"(?<![\w.,]){re.escape(number)}(?!\w|[.,]\d)", " ".join(said)):
                yield _problem(text, block, offset, number, sentence)
    yield from _walk(text, text.document, is_marked=False)


def _walk(text: Text, parent: Element, *, is_marked: bool) -> Iterator[Problem]:
    """Read what is in a node; ``is_marked`` is whether the paragraph before it says that its numbers are made up."""
    marked = is_marked
    for node in parent.children:
        if not isinstance(node, nodes.Element):
            continue
        if block := text.blocks.get(node):
            introduced = is_marked and not isinstance(node, nodes.caption)
            own = introduced or bool(MARKS.search(block.plain))
            for figure in () if own else _sentences(block.plain):
                yield _problem(text, block, *figure)
            if isinstance(node, nodes.paragraph):
                marked = own
        elif isinstance(node, nodes.row):
            yield from () if marked else _row(text, node)
        elif isinstance(node, nodes.section):
            if node[0].astext() != "Sources":
                yield from _walk(text, node, is_marked=False)
        else:
            yield from _walk(text, node, is_marked=marked and not isinstance(node, nodes.Admonition | nodes.footnote))


def _row(text: Text, row: Element) -> Iterator[Problem]:
    cells = [text.blocks[node] for node in row.findall(nodes.Element) if node in text.blocks]
    shown = " | ".join(cell.plain for cell in cells)
    if SOURCE not in shown:
        quotes = QUOTE in shown
        for cell in cells[1:] if quotes else cells:
            for offset, number in _figures(cell.plain, quotes=quotes):
                yield _problem(text, cell, offset, number, shown)


def _sentences(plain: str) -> Iterator[tuple[int, str, str]]:
    """The figures of a text that no source is given for: their offsets, themselves, and their sentences."""
    if not FIGURE.search(plain):
        return
    start = 0
    for end in [*(match.end() for match in SENTENCE.finditer(plain)), len(plain)]:
        sentence = plain[start:end]
        if SOURCE not in sentence:
            for offset, number in _figures(sentence, quotes=QUOTE in sentence):
                yield start + offset, number, sentence
        start = end


def _figures(words: str, *, quotes: bool) -> Iterator[tuple[int, str]]:
    """The figures of a sentence or cell, with their offsets; ``quotes`` is whether a lab is quoted beside them."""
    bare = NO_FIGURE.sub(_blank, words)
    if quotes:
        bare = SETTING.sub(_blank, bare)
    for match in FIGURE.finditer(bare):
        yield match.start(), match[0].rstrip(",")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _problem(text: Text, block: Block, offset: int, number: str, words: str) -> Problem:
    shown = re.sub(f"[{CODE}{QUOTE}]", "…", " ".join(words[: 10 * LONGEST].split()))
    shown = shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"
    message = f"{number} has no lab and no source, and is not said to be made up; quote or mark it: {shown}"
    return text.problem(Code.NUMBER, message, block.line_of(offset))
