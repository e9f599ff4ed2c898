"""Report markup that takes a text apart: unclosed blocks, deep nesting, and empty headings."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from markdown_it.token import Token

    from fieldnotes.checks.text import Text

    Parse = Callable[[str], list[Token]]

OPEN_FENCE = "a block (```, :::, or HTML) is never closed; close it"

MOST_NESTED = 20
"""Levels of blocks that the parser enters, an item of a list being two: ``maxNesting`` of markdown-it's CommonMark.

So deep may directives stand in each other as well, and emphasis: each takes a share of Python's stack.
"""

MOST_SIGNS = 20_000
"""Opening brackets, or quotes of one kind, in a block: MyST compares each with all others, and took 11 s, or 80 s."""

CODE = re.compile(r"\s*(?:```|~~~)(?!.*\{)")
"""How a block of code begins, which is no directive."""

DEEP_BLOCK = re.compile(
    r"^(?=[ >*+\-0-9.)]{19})[ >]*(?:[*+-]|\d{1,9}[.)])[ \t]|^(?: ?>){19}|^(?:[ >*+-]*\t){3}", re.MULTILINE
)
"""How a line in ten lists or twenty quotes begins, and some others."""

BLOCK = re.compile(r"\n(?=[ \t]*(?:[-*+>|]|\d+[.)]|\n))")
"""Where one block ends, and signs with it."""

OPENING = re.compile(r"^[ \t>*+-]*(?:```|~~~|:::)[`~:]*\{", re.MULTILINE)
"""Where a directive begins, or would outside of a block of code."""

IN_BLOCKS = f"lists and quotes stand in each other more than {MOST_NESTED // 2 - 1} deep; take some out"

IN_SIGNS = f"signs stand in each other more than {MOST_NESTED} deep; take some out, or close them"

IN_BLOCK = f"a block has more than {MOST_SIGNS} brackets or quotes; divide it, or write it as code"

IN_DIRECTIVES = f"directives stand in each other more than {MOST_NESTED} deep; close some, or take some out"


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


def nested(path: str, text: str, parse: Parse) -> Problem | None:
    """The problem of a text that is nested so deeply that MyST drops a part of it, or Python's stack overflows.

    Nothing is parsed of a text whose signs are too few for that.
    """
    if max(map(text.count, "['\"")) > MOST_SIGNS:
        start = 0
        for block in BLOCK.split(text):
            sign = max("['\"", key=block.count)
            if block.count(sign) > MOST_SIGNS and not CODE.match(block):
                return Problem(path, text.count("\n", 0, start + block.index(sign)) + 1, Code.NESTING, IN_BLOCK)
            start += len(block) + 1
    deep = DEEP_BLOCK.search(text) or (
        _signs(text) > 2 * MOST_NESTED and any(_signs(block) > 2 * MOST_NESTED for block in BLOCK.split(text))
    )
    opened = len(OPENING.findall(text)) if "{" in text else 0
    if not deep and opened <= MOST_NESTED:
        return None
    tokens = parse(text)
    line = 0
    for token, after in pairwise([*tokens, tokens[-1]]):
        line = token.map[0] if token.map else line
        if token.nesting == 1 and after.nesting == -1 and token.level >= MOST_NESTED - 1:
            return Problem(path, line + 1, Code.NESTING, IN_BLOCKS)
        if token.children and max(child.level for child in token.children) > MOST_NESTED:
            return Problem(path, line + 1, Code.NESTING, IN_SIGNS)
    directives = (token for token in tokens if opened > MOST_NESTED and _holds(token, MOST_NESTED, parse))
    return next((Problem(path, (token.map or [0])[0] + 1, Code.NESTING, IN_DIRECTIVES) for token in directives), None)


def _signs(text: str) -> int:
    return text.count("*") + text.count("_") + text.count("[")


def _holds(token: Token, levels: int, parse: Parse) -> bool:
    """Whether a token is a directive that holds as many others in each other."""
    if not token.info.strip().startswith("{"):
        return False
    return not levels or any(_holds(inner, levels - 1, parse) for inner in parse(token.content))
