"""Read SVG drawings that can stand in a page: only shapes and text, nothing that runs or is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fieldnotes.sources import files

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = "{http://www.w3.org/2000/svg"

FORBIDDEN_ELEMENTS = {"script", "style", "foreignObject", "image", "a"}

FORBIDDEN_ATTRIBUTES = {"style", "role", "aria-label"}
"""Attributes that the site sets by itself, beside event handlers (`on…`) and links to other files."""


def read(path: Path) -> ElementTree.Element:
    """Read the drawing in a file. Raises ValueError with a message that continues the file's name."""
    try:
        return parse(files.read_bytes(path).decode())
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}; correct the path") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"is not an SVG drawing: {error}; export it again or correct it") from error


def parse(text: str) -> ElementTree.Element:
    """Parse a drawing, and drop SVG's namespace from the names of its elements, as HTML wants them.

    Raises ValueError with a message that continues the file's name.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"is not an SVG drawing: {error}; export it again or correct it") from error
    for element in root.iter():
        namespace, _, name = str(element.tag).rpartition("}")
        if element is root and (namespace, name) != (NAMESPACE, "svg"):
            raise ValueError(f'has the root <{name}>; make it <svg xmlns="{NAMESPACE[1:]}">')
        if namespace != NAMESPACE or name in FORBIDDEN_ELEMENTS:
            raise ValueError(f"contains <{name}>; remove it")
        for attribute, value in element.attrib.items():
            local = attribute.rpartition("}")[2]
            is_link = local == "href" and not value.startswith("#")
            if local.startswith("on") or local in FORBIDDEN_ATTRIBUTES or is_link:
                raise ValueError(f"contains the attribute {local}; remove it")
        element.tag = name
    return root


def label(root: ElementTree.Element, name: str, title: str, description: str) -> None:
    """Give a drawing a title and a description that screen readers read; their ids begin with ``name``."""
    for index, (tag, text) in enumerate({"title": title, "desc": description}.items()):
        element = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(index, element)
    root.attrib.update({"role": "img", "aria-labelledby": f"{name}-title {name}-desc"})
