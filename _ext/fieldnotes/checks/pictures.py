"""Report pictures without alternative text, unsafe links, and files that cannot be published."""

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

PICTURE_SUFFIXES = frozenset(
    [
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".apng", ".bmp", ".ico", ".tif", ".tiff", ".jxl"),
        *(".pdf", ".mp4", ".webm", ".ogv", ".ogg", ".*"),
    ]
)
"""Suffixes of pictures, and of videos, which docutils embeds like pictures."""

PAGE_SUFFIXES = frozenset(
    [".html", ".htm", ".xhtml", ".xht", ".shtml", ".mht", ".mhtml", ".svgz", ".hta", ".xml", ".xsl", ".xslt"]
)
"""Suffixes of files that a browser opens as a page of this site, running any script in them."""

REJECTED_LINK = re.compile(r"\](?:\(|:)\s*<?((?:javascript|vbscript|data|file):[^\s)]*)", re.IGNORECASE)
"""A Markdown link or picture whose address the parser rejects, so that it appears literally in the text."""


def missing_alt(text: Text) -> Iterator[Problem]:
    """Report each picture without alternative text."""
    for image in text.document.findall(nodes.image):
        if not image.get("alt", "").strip():
            message = f"the picture {excerpt(image['uri'])} has no alternative text; describe what it shows"
            yield text.problem(Code.ALT, message, text.line_of(image))


def match_file_name(source: Path, docname: str, address: str) -> str:
    """Return the address in the spelling that names an existing file, or unchanged if none does.

    Markdown percent-encodes characters that are not ASCII, and Unicode has two ways to write an accent.
    """
    decoded = dict.fromkeys((address, unquote(address)))
    spellings = dict.fromkeys(unicodedata.normalize(form, name) for name in decoded for form in ("NFC", "NFD"))
    for name in (*decoded, *spellings):
        try:
            if path_of(source, docname, name).exists():
                return name
        except (OSError, ValueError):  # not a valid file name
            pass
    return address


def path_of(source: Path, docname: str, address: str) -> Path:
    """Resolve an address in a document to a path; a leading slash stands for the journal's root."""
    return source / address.lstrip("/") if address.startswith("/") else (source / docname).parent / address


class Refusal(NamedTuple):
    """Why a file cannot be published; if it ``is_sanitized``, it is published without its unsafe parts."""

    code: Code
    message: str
    is_sanitized: bool = False


def refusal_of(address: str, path: Path, tree: Tree) -> Refusal | None:
    """Return why a file cannot be published; None if it can."""
    shown = excerpt(address)
    if EXTERNAL.match(address) or address.startswith("//"):
        message = f"{shown} is on another host, from which pages may not load files; put a copy next to the note"
        return Refusal(Code.PICTURE, message)
    if reason := tree.refusal(path):
        return Refusal(Code.OUTSIDE, f"{shown} {reason}")
    if not path.exists():
        return Refusal(Code.PICTURE, f"{shown} does not exist; correct the path")
    if not path.is_file():
        kind = "a folder" if path.is_dir() else "not a regular file"
        return Refusal(Code.PICTURE, f"{shown} is {kind}; give the path of a file")
    if path.suffix.lower() in PAGE_SUFFIXES:
        return Refusal(Code.PICTURE, f"{shown} may run code when a browser opens it; pack it into a .zip")
    if path.suffix.lower() == ".svg":
        try:
            if removed := svg.clean(path)[1]:
                message = f"{shown} contains {', '.join(removed)}, which the build removes; delete it from the file"
                return Refusal(Code.DIAGRAM, message, is_sanitized=True)
        except ValueError as error:
            return Refusal(Code.DIAGRAM, f"{shown} {error}")
    return None


def unpublishable(
    text: Text, elements: Iterable[Element], source: Path, tree: Tree
) -> Iterator[tuple[Element, Problem]]:
    """Yield each picture or download that may not be published, and each link that may run code, with its problem.

    Rewrites each picture's and download's address to match its file name. Missing files are left for Sphinx to report.
    What may stay on the page, such as a picture that is sanitized, is yielded as a placeholder node.
    """
    docname = text.path.removesuffix(".md")
    for node in elements:
        target = node.get("refuri") or (node.get("reftarget") if isinstance(node, addnodes.download_reference) else "")
        if target and isinstance(node, nodes.reference | addnodes.download_reference) and not is_link(target):
            message = f"`{excerpt(target)}` has a scheme that links may not use; write it as code"
            yield node, text.problem(Code.ADDRESS_SCHEME, message, text.line_of(node))
            continue
        for match in REJECTED_LINK.finditer(text.blocks[node].plain) if node in text.blocks else ():
            message = f"`{excerpt(match[1])}` has a scheme that links may not use; write it as code"
            yield nodes.inline(), text.problem(Code.ADDRESS_SCHEME, message, text.blocks[node].line_of(match.start()))
        if not isinstance(node, nodes.image | addnodes.download_reference):
            continue
        is_picture = isinstance(node, nodes.image)
        name = "uri" if is_picture else "reftarget"
        if svg.RASTER.fullmatch(node[name]) or ("://" in node[name] and not is_picture):
            continue
        node[name] = address = match_file_name(source, docname, node[name])
        path = path_of(source, docname, address)
        error = refusal_of(address, path, tree)
        if error and error.code is Code.PICTURE and not (path.exists() or EXTERNAL.match(address)) and is_link(address):
            continue
        if not error and is_picture and path.suffix.lower() not in PICTURE_SUFFIXES:
            error = Refusal(Code.PICTURE, f"{address} is not a picture; link to it instead")
        if error:
            subject = nodes.inline() if error.is_sanitized else node
            yield subject, text.problem(error.code, error.message, text.line_of(node))
