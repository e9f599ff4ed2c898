"""Report pictures that some readers cannot see, and files that cannot be published."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from docutils import nodes
from sphinx import addnodes

from fieldnotes.checks.prose import EXTERNAL
from fieldnotes.sources import svg
from fieldnotes.sources.html import is_link
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from docutils.nodes import Element

    from fieldnotes.checks.prose import Text
    from fieldnotes.sources.files import Tree
    from fieldnotes.sources.problem import Problem

PICTURES = frozenset(
    [
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".apng", ".bmp", ".ico", ".tif", ".tiff", ".jxl"),
        *(".pdf", ".mp4", ".webm", ".ogv", ".ogg", ".*"),
    ]
)
"""Ends of the names of pictures, and of videos, which docutils shows in the same way."""

PAGES = frozenset(
    [".html", ".htm", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml", ".svgz", ".hta", ".xml", ".xsl", ".xslt"]
)
"""Ends of the names of files that a browser opens as a page of this site, with all that it runs."""

WRITTEN_OUT = re.compile(r"\](?:\(|:)\s*<?((?:javascript|vbscript|data|file):[^\s)]*)", re.IGNORECASE)
"""A link or picture of Markdown with an address that its parser does not take: it stands in the text as letters."""


def pictures(text: Text) -> Iterator[Problem]:
    """Report each picture without alternative text."""
    for image in text.document.findall(nodes.image):
        if not image.get("alt", "").strip():
            message = f"the picture {excerpt(image['uri'])} has no text; say in words what it shows"
            yield text.problem(Code.ALT, message, text.line_of(image))


def spelling(source: Path, docname: str, address: str) -> str:
    """The address of a file as the file system spells it, if one of its spellings names a file.

    Markdown encodes what is not ASCII, and there are two ways to write an accent in Unicode.
    """
    decoded = dict.fromkeys((address, unquote(address)))
    spellings = dict.fromkeys(unicodedata.normalize(form, name) for name in decoded for form in ("NFC", "NFD"))
    for name in (*decoded, *spellings):
        try:
            if path_of(source, docname, name).exists():
                return name
        except (OSError, ValueError):  # no name of a file
            pass
    return address


def path_of(source: Path, docname: str, address: str) -> Path:
    """The path of a file that a document names: an address that begins with a slash starts at the journal's root."""
    return source / address.lstrip("/") if address.startswith("/") else (source / docname).parent / address


class Unfit(NamedTuple):
    """Why a file cannot be published, or not all of it if it ``is_cleaned``."""

    code: Code
    message: str
    is_cleaned: bool = False


def fault(address: str, path: Path, tree: Tree) -> Unfit | None:
    """Why a file cannot be published; None if it can."""
    shown = excerpt(address)
    if EXTERNAL.match(address) or address.startswith("//"):
        return Unfit(
            Code.PICTURE, f"{shown} comes from another host, and no page may load it; keep the file beside the note"
        )
    if refusal := tree.refusal(path):
        return Unfit(Code.OUTSIDE, f"{shown} {refusal}")
    if not path.exists():
        return Unfit(Code.PICTURE, f"{shown} is not a file; correct the path")
    if not path.is_file():
        return Unfit(
            Code.PICTURE, f"{shown} is {'a folder' if path.is_dir() else 'no file that can be copied'}; name a file"
        )
    if path.suffix.lower() in PAGES:
        return Unfit(Code.PICTURE, f"{shown} may run code when a browser opens it; pack it into a .zip")
    if path.suffix.lower() == ".svg":
        try:
            if removed := svg.clean(path)[1]:
                message = f"{shown} contains {', '.join(removed)}, and is published without; remove it"
                return Unfit(Code.DIAGRAM, message, is_cleaned=True)
        except ValueError as error:
            return Unfit(Code.DIAGRAM, f"{shown} {error}")
    return None


def unfit_files(text: Text, elements: Iterable[Element], source: Path, tree: Tree) -> Iterator[tuple[Element, Problem]]:
    """Find what a document would publish and may not: pictures, downloads, and links whose address may run code.

    Each picture and download is spelled as the file system spells its file. A file that is not there is Sphinx's to
    report. A picture that is published in part is reported, and gives no node.
    """
    docname = text.path.removesuffix(".md")
    for node in elements:
        linked = node.get("refuri") or (node.get("reftarget") if isinstance(node, addnodes.download_reference) else "")
        if linked and isinstance(node, nodes.reference | addnodes.download_reference) and not is_link(linked):
            message = f"`{excerpt(linked)}` may not be the address of a link; write it as code"
            yield node, text.problem(Code.ADDRESS_SCHEME, message, text.line_of(node))
            continue
        for match in WRITTEN_OUT.finditer(text.blocks[node].plain) if node in text.blocks else ():
            message = f"`{excerpt(match[1])}` may not be the address of a link; write it as code"
            yield nodes.inline(), text.problem(Code.ADDRESS_SCHEME, message, text.blocks[node].line_of(match.start()))
        if not isinstance(node, nodes.image | addnodes.download_reference):
            continue
        is_picture = isinstance(node, nodes.image)
        name = "uri" if is_picture else "reftarget"
        if svg.RASTER.fullmatch(node[name]) or ("://" in node[name] and not is_picture):
            continue
        node[name] = address = spelling(source, docname, node[name])
        path = path_of(source, docname, address)
        unfit = fault(address, path, tree)
        if unfit and unfit.code is Code.PICTURE and not (path.exists() or EXTERNAL.match(address)) and is_link(address):
            continue
        if not unfit and is_picture and path.suffix.lower() not in PICTURES:
            unfit = Unfit(Code.PICTURE, f"{address} is not a picture; link to it, or name one")
        if unfit:
            kept = nodes.inline() if unfit.is_cleaned else node
            yield kept, text.problem(unfit.code, unfit.message, text.line_of(node))
