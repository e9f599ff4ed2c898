"""An SVG drawing that can stand in a page: plain shapes and text, and nothing that acts or comes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fieldnotes.sources import yaml_header

if TYPE_CHECKING:
    from pathlib import Path

SVG = "{http://www.w3.org/2000/svg"


FOREIGN = {"script", "style", "foreignObject", "image", "a"}


def read(path: Path) -> ElementTree.Element:
    """Read the drawing in a file; raises ValueError, which says what is wrong with it and follows its name."""
    try:
        return parse(yaml_header.bytes_of(path).decode())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}; correct the path") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not an SVG drawing: {error}; draw it again or mend it") from error


def parse(text: str) -> ElementTree.Element:
    """Read a drawing; its elements are named as HTML names them, without the namespace of SVG.

    Raises ValueError, which says what the drawing may not hold or why it is none.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"is not an SVG drawing: {error}; draw it again or mend it") from error
    if foreign := _foreign(root):
        raise ValueError(f"is no plain drawing, for it holds {foreign}; remove it")
    return root


def _foreign(root: ElementTree.Element) -> str | None:
    """Name what a drawing may not hold; without it, take the namespace of SVG from its names."""
    for element in root.iter():
        space, _, name = str(element.tag).rpartition("}")
        if space != SVG or name in FOREIGN:
            return f"<{name}>" if element is not root else f"a root of <{name}> where <svg xmlns=…> is wanted"
        element.tag = name
        for attribute, value in element.attrib.items():
            local = attribute.rpartition("}")[2]
            if (
                local.startswith("on")
                or local in {"style", "role", "aria-label"}
                or (local == "href" and not value.startswith("#"))
            ):
                return f"the attribute {local}"
    return None if root.tag == "svg" else f"a root of <{root.tag}> where <svg> is wanted"
