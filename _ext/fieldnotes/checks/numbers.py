"""Find the loose numbers of a note: those that lead to no lab and no source, and are not said to be made up.

A number is a figure in digits, in prose, in a caption or in a table. It is not loose where

- it is quoted from a lab, by ``{result}`` or ``{number}``;
- its sentence, or its row of a table, has a link to a source;
- its paragraph, or the one that introduces its table or list, says that it is made up: by a word of ``MARKS``;
- it says what was varied where a lab is quoted: the first cell of such a row, or a setting as ``k = 2``;
- it is no figure: code, a date, a version, the number of a step or row, part of a name, 0 or 1.

What stands in a block of code or among the sources is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fieldnotes.checks.prose import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

MARKS = re.compile(r"\b(constructed|starting (?:value|polic|limit)|proposal)", re.IGNORECASE)
"""What says that a number is an example or a setting to begin with, and no finding."""

FIGURE = re.compile(r"(?<![\w.,/-])\d[\d,]*(?:\.\d+)?(?:(?:[kKMGT]B|[KMG]|ms|s|min|h|d|x)\b)?(?![\w]|\.\d|\.x)")

NO_FIGURE = re.compile(
    r"""
      \d{4}-\d\d-\d\d                                                           # dates
    | \b(?:January|February|March|April|May|June|July|August|September|October|November|December)\ \d{4}
    | \b(?:19|20)\d\d\b(?!,)
    | \b(?:release|version|from|Python|[A-Z]{2,}|Spark|Hadoop|Iceberg)\ (?:v|≥\ )?\d+\.(?:\d+|x)(?:\.\d+)*    # versions
    | \b(?:[Ss]teps?|[Rr]ows?|[Rr]ules?|[Rr]ungs?|Stages?|stages?|[Nn]odes?|[Rr]anks?|[Tt]iers?|[Ss]ignals?
        |[Gg]o\ to|[Mm]inutes?|[Cc]hapters?|[Cc]olumns?|HTTP)\ \d+(?:(?:,\ |\ and\ |\ or\ |–)\d+)*    # labels
    | (?<![\d.,])[01](?![\d.,]*\d|\s?%)                                        # 0 and 1
    """,
    re.VERBOSE,
)

SENTENCE = re.compile(r"(?<=[.!?])[\"”)]*\s+(?=[^a-z])")

SOURCE = "\ue000"
"""Stands in a text where a link to a source begins."""

CODE, QUOTE = "\ue001", "\ue002"
"""Stand where code, and where what a lab gave, was."""

SETTING = re.compile(r"\b\w = \d[\d.,]*")

CAPTIONED = re.compile(r"\{(?:diagram|lab-figure)\}")

Loose = tuple[int, str, str]
"""A line of the file, from 1; a number; and the sentence or row that it stands in."""


def loose_numbers(tokens: list[Token], offset: int = 0) -> Iterator[Loose]:
    """The loose numbers of a text that begins below line ``offset`` of the file, in their order."""
    marked, row, depth = False, "", 0
    for index, token in enumerate(tokens):
        before = tokens[index - 1].type if index else ""
        if token.type == "inline" and before == "heading_open":
            if token.content == "Sources":
                return
            marked = False
        if token.type == "table_open":
            depth += 1
        elif token.type == "table_close":
            depth -= 1
        elif token.type == "tr_open":
            row, line = "", (token.map or [0])[0] + offset + 1
        elif token.type == "tr_close" and not marked and SOURCE not in row:
            yield from _figures(row.partition("|")[2] if QUOTE in row else row, line)
        elif token.type == "inline" and depth:
            row += f"{_plain(token)} | "
        elif token.type == "inline":
            plain, in_list = _plain(token), before == "paragraph_open" and tokens[index - 1].hidden
            own = bool(MARKS.search(plain))
            listed = in_list or token.level > 1
            if not (own or (listed and marked)):
                yield from _prose(plain, (token.map or [0])[0] + offset + 1)
            if not listed:
                marked = own
        elif token.type == "fence" and CAPTIONED.match(token.info):
            body = "\n".join("" if re.match(r":\w+:", line) else line for line in token.content.split("\n"))
            yield from loose_numbers(parse(body), (token.map or [0])[0] + offset + 1)


def _plain(token: Token) -> str:
    """The text of a paragraph or cell, without its code and what it quotes, and with a sign where a source begins."""
    parts = []
    for child in token.children or []:
        if child.type == "text":
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "link_open" and str(child.attrs.get("href", "")).startswith("http"):
            parts.append(SOURCE)
        elif child.type == "myst_role" and child.meta["name"] in {"result", "number"}:
            parts.append(QUOTE)
        elif child.type in {"code_inline", "myst_role"}:
            parts.append(CODE)
    return "".join(parts)


def _prose(plain: str, line: int) -> Iterator[Loose]:
    if not FIGURE.search(plain):
        return
    start = 0
    for end in [*(found.end() for found in SENTENCE.finditer(plain)), len(plain)]:
        sentence = plain[start:end]
        if SOURCE not in sentence:
            yield from _figures(sentence, line + plain[:start].count("\n"))
        start = end


def _figures(sentence: str, line: int) -> Iterator[Loose]:
    """The figures of a sentence or row that has no source."""
    bare = NO_FIGURE.sub(_blank, sentence)
    if QUOTE in bare:
        bare = SETTING.sub(_blank, bare)
    for found in FIGURE.finditer(bare):
        shown = re.sub(f"[{CODE}{QUOTE}]", "…", " ".join(sentence.split()))
        yield line + sentence[: found.start()].count("\n"), found[0].rstrip(","), shown


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])
