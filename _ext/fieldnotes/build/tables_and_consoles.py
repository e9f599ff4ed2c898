"""Align numeric columns of tables, and tell comments from commands in console blocks."""

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

NOT_AVAILABLE = {"", "-", "–", "—", "n/a"}

COMMENT = re.compile(r"^#.*\n?", re.MULTILINE)


class AlignNumbers(SphinxTransform):
    """Right-align numeric columns that the author has not aligned; make a first column of unique names row headers."""

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
    """Whether cells contain numbers, quoted results included; a minority may be single words such as *never*."""
    texts = [cell.astext().strip() for cell in cells if cell.next_node(addnodes.pending_xref, descend=True) is None]
    quotes = [link for cell in cells for link in cell.findall(addnodes.pending_xref)]
    numbers = [text for text in texts if NUMBER.fullmatch(text)]
    words = [text for text in texts if text not in {*NOT_AVAILABLE, *numbers}]
    are_results = all(
        link["reftype"] in {"result", "number"} and link.parent.astext() == link.astext() for link in quotes
    )
    is_majority = len(words) < len(numbers) + len(quotes)
    return are_results and is_majority and all(word.isalpha() for word in words)


class ConsoleLexer(Lexer):
    """A shell session in which ``#`` starts a comment if ``$`` is the prompt; comments, like output, are not copied."""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, TokenType, str]]:
        """Yield the tokens of a text: offset, type and value."""
        start = 0
        for comment in COMMENT.finditer(text) if re.search(r"^\$ ", text, re.MULTILINE) else ():
            yield from self._session(text, start, comment.start())
            yield comment.start(), Generic.Output, comment[0]
            start = comment.end()
        yield from self._session(text, start, len(text))

    def _session(self, text: str, start: int, end: int) -> Iterator[tuple[int, TokenType, str]]:
        for offset, kind, value in get_lexer_by_name("shell-session").get_tokens_unprocessed(text[start:end]):
            yield start + offset, kind, value
