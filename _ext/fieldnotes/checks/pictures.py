"""Report pictures that some readers cannot see, that no page may load, and that are no files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from fieldnotes.checks.text import EXTERNAL
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element

    from fieldnotes.checks.text import Text
    from fieldnotes.sources.problem import Problem

HTML_IMAGE = re.compile(r"<img\b(?![^>]*\salt\s*=\s*[\"'][^\"']*[^\s\"'])", re.IGNORECASE)
"""A picture in HTML whose alternative text is missing or empty."""


def pictures(text: Text) -> Iterator[Problem]:
    """Report each picture without alternative text, and each from another host."""
    for image in text.document.findall(nodes.image):
        address = image["uri"]
        if not image.get("alt", "").strip():
            message = f"the picture {address} has no text; say in words what it shows"
            yield text.problem(Code.ALT, message, text.line_of(image))
        if EXTERNAL.match(address) or address.startswith("//"):
            message = f"{address} comes from another host, and no page may load it; keep the picture beside the note"
            yield text.problem(Code.PICTURE, message, text.line_of(image))
    for raw in text.document.findall(nodes.raw):
        for match in HTML_IMAGE.finditer(raw.astext()):
            line = text.line_of(raw) + raw.astext().count("\n", 0, match.start())
            message = "the picture has no text; give it an alt attribute that says what it shows"
            yield text.problem(Code.ALT, message, line)


def not_files(text: Text, source: Path) -> Iterator[tuple[Element, Problem]]:
    """Find the pictures and downloads below the folder ``source`` that exist and are no files: they cannot be copied.

    Sphinx reports them without a line, and in builds of a site alone.
    """
    for node in text.document.findall(nodes.Element):
        if isinstance(node, nodes.image | addnodes.download_reference):
            address = str(node.get("uri") or node.get("reftarget", ""))
            path = source / address[1:] if address.startswith("/") else source / Path(text.path).parent / address
            if path.exists() and not path.is_file():
                message = f"{address} is {'a folder' if path.is_dir() else 'no file that can be copied'}; name a file"
                yield node, text.problem(Code.PICTURE, message, text.line_of(node))
