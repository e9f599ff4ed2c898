"""Report links that do not say where they lead, and notes whose sources are not listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.checks.prose import EXTERNAL, is_sources
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.prose import Text
    from fieldnotes.sources.problem import Problem

VAGUE_TEXT = re.compile(r"https?:.*|here|this|link|page|this page|", re.IGNORECASE)
"""Link texts that do not say where the link leads."""

BARE_URL = re.compile(r"https?://[^\s<>\[\]()`\"'“”‘’]+", re.IGNORECASE)

DATE_READ = re.compile(r"Read in [A-Z][a-z]+ 20\d\d\b")


def bare_links(text: Text) -> Iterator[Problem]:
    """Report bare URLs, and external links whose text does not say where they lead."""
    for block in (*text.fields, *text.blocks.values()):
        links = [inner for inner in block.inner if inner.address]
        for link in links:
            words = link.node.astext().strip()
            is_plain = all(isinstance(child, nodes.Text) for child in link.node.children)
            if is_plain and VAGUE_TEXT.fullmatch(words):
                fault = f"has the text `{words}`" if words else "has no text"
                fault = "shows its address" if EXTERNAL.match(words) else fault
                message = f"the link to {link.address} {fault}; write link text that says where it leads"
                yield text.problem(Code.BARE, message, block.line_of(link.node))
        for match in BARE_URL.finditer(block.plain):
            if not any(link.start <= match.start() < link.end for link in links):
                address = match[0].rstrip(".,:;!?")
                message = f"{address} is a bare URL; write `[what it is]({address})`"
                yield text.problem(Code.BARE, message, block.line_of(match.start()))


def missing_sources(text: Text) -> Iterator[Problem]:
    """Report a note with external links whose last section does not list the sources and when they were read."""
    links = [(block, inner.node) for block in text.blocks.values() for inner in block.inner if inner.address]
    if not links or not text.path.startswith("notes/"):
        return
    *_others, last = [text.document, *text.document.findall(nodes.section)]
    if not isinstance(last, nodes.section) or not is_sources(last):
        message = "the note has external links but no sources; end it with a section `## Sources` that lists them"
        block, link = links[0]
        yield text.problem(Code.SOURCES, message, block.line_of(link))
    elif not any(DATE_READ.match(node.astext()) for node in last.children[1:2]):
        message = "the sources do not say when they were read; begin the section with `Read in <month> <year>`"
        yield text.problem(Code.SOURCES, message, last.line or 1)
