"""Report markup that takes a text apart: unclosed blocks, too many brackets, and empty headings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.text import Text

OPEN_FENCE = "a block (```, :::, or HTML) is never closed; close it"

MOST_SIGNS = 20_000
"""Opening brackets, or quotes of one kind, in a block: MyST compares each with all others, and took 11 s, or 80 s."""

CODE = re.compile(r"\s*(?:```|~~~)(?!.*\{)")
"""How a block of code begins, which is no directive."""

BLOCK = re.compile(r"(?:[^\n]+\n?)+")


def open_fence(path: str, document: nodes.document, ending: str) -> Problem | None:
    """The problem of a text in which a block that is never closed swallows the rest, if there is one.

    ``ending`` begins what a build adds below a text, as it is written there.
    """
    lines = [node.line for node in document.findall(nodes.Element) if node.line and ending in node.rawsource]
    return Problem(path, lines[-1], Code.OPEN_FENCE, OPEN_FENCE) if lines else None


def empty_headings(text: Text) -> Iterator[Problem]:
    """Report each heading without text. MyST reports those that skip a level."""
    for section in text.document.findall(nodes.section):
        if not section[0].astext().strip():
            yield text.problem(Code.HEADING, "the heading is empty; write something, or remove it", section.line or 1)


def crowded(path: str, text: str) -> Problem | None:
    """The problem of a text with more brackets or quotes in a block than MyST can compare, if there is one."""
    for block in BLOCK.finditer(text) if max(map(text.count, "['\"")) > MOST_SIGNS else ():
        sign = max("['\"", key=block[0].count)
        if block[0].count(sign) > MOST_SIGNS and not CODE.match(block[0]):
            line = text.count("\n", 0, block.start() + block[0].index(sign)) + 1
            message = f"a block has more than {MOST_SIGNS} brackets or quotes; divide it, or write it as code"
            return Problem(path, line, Code.NESTING, message)
    return None
