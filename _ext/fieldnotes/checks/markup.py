"""Report broken block structure: unclosed blocks and empty headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.prose import Text

OPEN_FENCE = "a block (```, :::, or HTML) is not closed; add the closing fence or tag"


def open_fence(path: str, document: nodes.document, ending: str) -> Problem | None:
    """Return the problem of an unclosed block that swallows the rest of a document, if there is one.

    ``ending`` is the beginning of the Markdown that a build appends to the document.
    """
    lines = [node.line for node in document.findall(nodes.Element) if node.line and ending in node.rawsource]
    return Problem(path, lines[-1], Code.OPEN_FENCE, OPEN_FENCE) if lines else None


def empty_headings(text: Text) -> Iterator[Problem]:
    """Report each heading without text. MyST reports those that skip a level."""
    for section in text.document.findall(nodes.section):
        if not section[0].astext().strip():
            yield text.problem(Code.HEADING, "the heading is empty; write its text, or remove it", section.line or 1)
