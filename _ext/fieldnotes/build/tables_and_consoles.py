"""Set tables of numbers and blocks of a console as they are read: what is a number, and what a remark."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Generic
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygments.token import _TokenType as TokenType

NUMBER = re.compile(r"[-–−+±~≈<>≤≥]?\s?[$€£]?\d[\d.,\s'_]*\s?(?:%|‰|×|°C|[µμmkKMGTP]?[A-Za-z]{0,3}(?:/[a-z]{1,3})?)")
"""A number, with its sign and its unit."""

NO_NUMBER = {"", "-", "–", "—", "n/a"}

REMARK = re.compile(r"^#.*\n?", re.MULTILINE)


class AlignNumbers(SphinxTransform):
    """Align columns of numbers to the right, unless their author aligned them; a column of names heads its rows."""

    default_priority = 720

    def apply(self, **kwargs: Any) -> None:
        for table in self.document.findall(nodes.tgroup):
            rows = [row.children for row in table.findall(nodes.row)]
            head = table.next_node(nodes.thead)
            columns = [[*column] for column in zip(*rows, strict=False)]
            if head is None or len(columns) != table["cols"] or any(len(row) != len(columns) for row in rows):
                continue
            kinds = [_is_numeric(column[len(head) :]) for column in columns]
            for column, is_numeric in zip(columns, kinds, strict=True):
                if is_numeric and not any(name.startswith("text-") for name in column[0]["classes"]):
                    for entry in column:
                        entry["classes"].append("text-right")
            names = [entry.astext().strip() for entry in columns[0]]
            if len(columns) > 1 and all(names) and len({*names}) == len(names):
                next(table.findall(nodes.colspec))["stub"] = 1


def _is_numeric(cells: list[nodes.entry]) -> bool:
    """Whether these cells hold numbers, those of labs among them; a few may say "never", in one word."""
    texts = [cell.astext().strip() for cell in cells if cell.next_node(addnodes.pending_xref, descend=True) is None]
    quotes = [link for cell in cells for link in cell.findall(addnodes.pending_xref)]
    numbers = [text for text in texts if NUMBER.fullmatch(text)]
    words = [text for text in texts if text not in {*NO_NUMBER, *numbers}]
    is_quoted = all(
        link["reftype"] in {"result", "number"} and link.parent.astext() == link.astext() for link in quotes
    )
    is_most = len(words) < len(numbers) + len(quotes)
    return is_quoted and is_most and all(word.isalpha() for word in words)


class ConsoleLexer(Lexer):
    """A console in which ``#`` begins a remark where ``$`` is the prompt: remarks are copied as little as output."""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, TokenType, str]]:
        """The parts of a text, with their places and kinds."""
        start = 0
        for remark in REMARK.finditer(text) if re.search(r"^\$ ", text, re.MULTILINE) else ():
            yield from self._session(text, start, remark.start())
            yield remark.start(), Generic.Output, remark[0]
            start = remark.end()
        yield from self._session(text, start, len(text))

    def _session(self, text: str, start: int, end: int) -> Iterator[tuple[int, TokenType, str]]:
        for place, kind, part in get_lexer_by_name("shell-session").get_tokens_unprocessed(text[start:end]):
            yield start + place, kind, part
