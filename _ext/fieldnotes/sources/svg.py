"""Read and sanitize SVG: drawings, which are inlined in a page, and pictures, which are published as files."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fieldnotes.sources import files
from fieldnotes.sources.field_validators import UNPRINTABLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def words(text: str) -> frozenset[str]:
    """Return the set of words in a text."""
    return frozenset(text.split())


NAMESPACE = "{http://www.w3.org/2000/svg"

DRAWING_ELEMENTS = words("""
    svg g defs symbol use title desc path rect circle ellipse line polyline polygon text tspan textPath marker
    linearGradient radialGradient stop clipPath mask pattern
    """)
"""Elements allowed in a drawing: shapes and text; nothing that runs, moves or loads."""

PICTURE_ELEMENTS = DRAWING_ELEMENTS | words("""
    style switch view image filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix
    feDiffuseLighting feDisplacementMap feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR
    feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile
    feTurbulence
    """)
"""Elements allowed in a picture: those of a drawing, and styles, images and filters."""

RESERVED_ATTRIBUTES = {"style", "role", "aria-label"}
"""Attributes of a drawing that the site sets itself."""

UNSAFE_VALUE = re.compile(r"url\s*\((?!\s*[\"']?#)|@import|image-set|expression\s*\(|javascript:|\\", re.IGNORECASE)
"""Values and styles that load a file or run code, or may hide that with an escape; `url(#…)` only refers to an id."""

MAX_DEPTH = 200
"""The maximum nesting of groups, well below Python's recursion limit."""

RASTER = re.compile(r"data:image/(png|jpe?g|gif|webp|avif);base64,[\w+/=\s]*", re.IGNORECASE)
"""A raster image in a data URL."""


def read(path: Path) -> ElementTree.Element:
    """Read the drawing in a file. Raises ValueError with a message that continues the file name."""
    return parse(_bytes(path))


def _bytes(path: Path) -> bytes:
    try:
        return files.read_bytes(path)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}; correct the path") from error


def parse(text: str | bytes) -> ElementTree.Element:
    """Parse a drawing, and drop the SVG namespace from its element names, as HTML requires.

    Raises ValueError with a message that continues the file name.
    """
    root = _root(text)
    for name in _clean(root, is_drawing=True):
        raise ValueError(f"contains {name}; remove it")
    content = "".join(f"{element.text}{element.tail}{''.join(element.attrib.values())}" for element in root.iter())
    if bad := UNPRINTABLE.search(re.sub(r"\s", " ", content)):
        raise ValueError(f"contains the unprintable character U+{ord(bad[0]):04X}; remove it")
    return root


def is_unsafe(attribute: str, value: str) -> bool:
    """Whether an SVG attribute, named without its namespace, runs code or loads a file."""
    name = attribute.lower()
    is_link = name in {"href", "src"} and not value.strip().startswith("#")
    return name.startswith("on") or is_link or bool(UNSAFE_VALUE.search(value))


def clean(path: Path) -> tuple[bytes, list[str]]:
    """Return the picture in a file without parts that may run code or load a file, and the names of removed parts.

    A picture that is opened directly runs on the site's own origin. Raises ValueError as ``read`` does.
    """
    root = _root(_bytes(path))
    removed = list(dict.fromkeys(_clean(root)))
    root.attrib["xmlns"] = NAMESPACE[1:]
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), removed


def _clean(element: ElementTree.Element, *, is_drawing: bool = False) -> Iterator[str]:
    """Remove unsafe parts of an element and its descendants, and yield their names; what remains has no namespaces.

    A drawing may contain less than a picture, since it is part of the page.
    """
    element.tag = _name(element)[1]
    for attribute, value in [*element.attrib.items()]:
        namespace, _, local = attribute.rpartition("}")
        del element.attrib[attribute]
        is_raster = not is_drawing and element.tag == "image" and local == "href" and RASTER.fullmatch(value.strip())
        if (is_drawing and local in RESERVED_ATTRIBUTES) or (is_unsafe(local, value) and not is_raster):
            yield f"the attribute {local}"
        elif local == "href" or not namespace:
            element.attrib[local] = value
    if element.tag == "style" and UNSAFE_VALUE.search(element.text or ""):
        element.text = ""
        yield "@import or url() in a style"
    for child in [*element]:
        namespace, name = _name(child)
        if namespace == NAMESPACE and name == "a" and not is_drawing:  # a picture has no links
            child.tag, name = f"{NAMESPACE}}}g", "g"
            child.attrib = {key: value for key, value in child.attrib.items() if not key.endswith("href")}
        if namespace == NAMESPACE and name in (DRAWING_ELEMENTS if is_drawing else PICTURE_ELEMENTS):
            yield from _clean(child, is_drawing=is_drawing)
            continue
        if is_drawing or (namespace == NAMESPACE and name != "metadata") or namespace.endswith("1999/xhtml"):
            yield f"<{name}>"
        element.remove(child)


def _root(text: str | bytes) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise ValueError(f"is not an SVG drawing: {error}; export it again or correct it") from error
    level, depth = [root], 0
    while level := [child for element in level for child in element]:
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"nests groups more than {MAX_DEPTH} deep; export it again")
    if _name(root) != (NAMESPACE, "svg"):
        raise ValueError(f'has the root <{_name(root)[1]}>; make it <svg xmlns="{NAMESPACE[1:]}">')
    return root


def _name(element: ElementTree.Element) -> tuple[str, str]:
    """Return the namespace of an element, including its opening brace, and its name."""
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace, name


def label(root: ElementTree.Element, name: str, title: str, description: str) -> None:
    """Add a title and a description for screen readers to a drawing, in place; their ids begin with ``name``."""
    for index, (tag, text) in enumerate({"title": title, "desc": description}.items()):
        element = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        element.text = text
        root.insert(index, element)
    root.attrib.update({"role": "img", "aria-labelledby": f"{name}-title {name}-desc"})


def view_box(root: ElementTree.Element) -> tuple[float, ...]:
    """Return the four numbers of a drawing's viewBox, by default from its width and height in pixels.

    Raises ValueError, with a message that continues the file name, if the drawing has no size.
    """
    sides = (root.get(side, "").removesuffix("px") for side in ("width", "height"))
    try:
        box = tuple(map(float, (root.get("viewBox") or f"0 0 {' '.join(sides)}").replace(",", " ").split()))
    except ValueError:
        box = ()
    if len(box) != 4 or not all(0.5 < side < math.inf for side in box[2:]):
        raise ValueError('has no size; add one, such as `viewBox="0 0 400 300"`')
    return box


def without_text(root: ElementTree.Element, name: str) -> str:
    """Return the markup of a drawing for a small picture: without text, and with ids that begin with ``name``.

    Changes ``root``. Raises ValueError as ``view_box`` does.
    """
    root.attrib.setdefault("viewBox", " ".join(f"{number:g}" for number in view_box(root)))
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag in {"text", "title", "desc"}:
                parent.remove(child)
    for element in root.iter():
        for attribute, value in element.attrib.items():
            pattern = {"id": "^", "href": "^#"}.get(attribute, r"url\([\"']?#")
            element.attrib[attribute] = re.sub(pattern, lambda match: f"{match[0]}{name}-", value)
    for attribute in ("x", "y", "width", "height", "role", "aria-labelledby"):
        root.attrib.pop(attribute, None)
    return ElementTree.tostring(root, encoding="unicode").strip()
