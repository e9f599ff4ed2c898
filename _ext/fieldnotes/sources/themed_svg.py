"""Restyle a drawing from another program: its colors become classes of the site's stylesheet.

A page has two themes, and no fixed color suits both. So a gray becomes the nearest token, and any other paint of a
shape the accent, gradients and patterns included. Text becomes ink.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import cssselect2
import tinycss2
import tinycss2.color3

from fieldnotes.sources import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS_PREFIXES = {"fill": "fill", "stroke": "line"}
"""Attributes that paint, and the prefix of the class that replaces each."""

FILLS = {0.25: "ink", 0.45: "quiet", 0.75: "edge", 0.95: "raised", 0.99: "sheet", math.inf: "paper"}
"""The token for a gray surface, by the lightness, 0 to 1, below which it is used."""

LINES = {0.45: "quiet", 0.78: "edge", math.inf: "rule"}
"""The token for a gray line, likewise."""

MAX_GRAY_CHROMA = 0.12
"""The largest difference, 0 to 1, between the red, green and blue of a gray."""

KEPT_PROPERTIES = svg.words("""
    stroke-width stroke-dasharray stroke-linecap stroke-linejoin fill-opacity stroke-opacity opacity font-size
    font-weight font-style text-anchor text-decoration dominant-baseline alignment-baseline visibility display
    marker-start marker-end
    """)
"""CSS properties that are also SVG attributes, and are kept."""

DROPPED_ELEMENTS = svg.words("style filter title desc metadata script linearGradient radialGradient pattern")
"""Elements that are removed with their content: paints, shadows, and texts that the page provides itself."""

DROPPED_ATTRIBUTES = re.compile(
    r"(?:data-|aria-|on).*|role|style|filter|target|cursor|font-family|space|version|color|lang"
)
"""Attributes to drop: they mean nothing without the program's own stylesheet, or load something."""

FONT_SCALE = 0.9
"""The font size factor: the programs lay out text in a narrower face than the site's."""


def restyle(text: str, source: str) -> tuple[ElementTree.Element, str]:
    """Return a drawing with the site's styles, and its own description; ``source`` is the text it was drawn from.

    Raises ValueError with the reason if the drawing is invalid, has no size, or has elements that a page may not have.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError("the result is not valid SVG") from error
    description = " ".join((root.findtext(".//{*}desc") or root.findtext("{*}title") or "").split())
    styles = "".join(style.text or "" for style in root.iter(f"{svg.NAMESPACE}}}style"))
    for element, properties in _styled(root, styles):
        _paint(element, properties)
    _clean(root, f"{drawing_name(source)}-")
    if "fill-" not in root.get("class", ""):
        root.set("class", f"fill-ink {root.get('class', '')}".strip())
    try:
        width, height = svg.view_box(root)[2:]
        root.attrib.update({"width": str(round(width)), "height": str(round(height))})
        return svg.parse(ElementTree.tostring(root, encoding="unicode")), description
    except ValueError as error:
        raise ValueError(f"the result {str(error).partition(';')[0]}") from error


def drawing_name(source: str) -> str:
    """Return a name for the drawing of a source: its ids, and its file in a book, begin with it."""
    return f"d{hashlib.blake2b(source.encode(), digest_size=4).hexdigest()}"


def _styled(root: ElementTree.Element, styles: str) -> Iterator[tuple[ElementTree.Element, dict[str, str]]]:
    """Yield each element with its effective properties: from attributes, the stylesheet, and its own style."""
    matcher = cssselect2.Matcher()
    for rule in tinycss2.parse_stylesheet(styles, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            try:
                selectors = cssselect2.compile_selector_list(rule.prelude)
            except cssselect2.SelectorError:
                continue
            for selector in selectors:
                matcher.add_selector(selector, _declarations(rule.content))
    wrapper = cssselect2.ElementWrapper.from_xml_root(root)
    for node in [*wrapper.iter_subtree()]:
        element = node.etree_element
        properties = {name: value for name, value in element.attrib.items() if name in CLASS_PREFIXES}
        matches = [match[3] for match in sorted(matcher.match(node), key=lambda match: match[:2])]
        for is_important in (False, True):
            for declarations in (*matches, _declarations(element.get("style", ""))):
                properties |= {name: value for name, (value, flag) in declarations.items() if flag == is_important}
        yield element, properties


def _declarations(content: object) -> dict[str, tuple[str, bool]]:
    parsed = tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True)
    return {
        part.lower_name: (tinycss2.serialize(part.value).strip(), part.important)
        for part in parsed
        if part.type == "declaration"
    }


def _paint(element: ElementTree.Element, properties: dict[str, str]) -> None:
    """Replace the colors of an element with classes, and set its other CSS properties as attributes, in place."""
    is_text = element.tag.endswith(("}text", "}tspan"))
    if "today" in element.get("class", "").split():  # Mermaid's line for the current day: a page must not change daily
        properties = {**properties, "display": "none"}
    element.set("class", "")
    for name, value in properties.items():
        if name in KEPT_PROPERTIES:
            element.set(name, value)
        elif name in CLASS_PREFIXES:
            element.attrib.pop(name, None)
            token = _token(value, name, is_text=is_text)
            if token == "none":
                element.set(name, token)
            elif token:
                element.set("class", f"{element.get('class')} {CLASS_PREFIXES[name]}-{token}".strip())


def _token(value: str, paint: str, *, is_text: bool) -> str:
    """Return the token for a paint; ``none`` if it is transparent, and ``""`` if it is inherited.

    A gradient, a pattern or an unknown color becomes the accent: what an author painted must not vanish.
    """
    if value.lower() in {"", "inherit", "unset", "revert"}:
        return ""
    if value.lower() == "currentcolor":
        return "quiet"
    color = tinycss2.color3.parse_color(value)
    channels = color[:3] if isinstance(color, tinycss2.color3.RGBA) else (0, 1)
    if value == "none" or (isinstance(color, tinycss2.color3.RGBA) and color.alpha == 0):
        return "none"
    if is_text:
        return "none" if paint == "stroke" else "ink"
    if max(channels) - min(channels) > MAX_GRAY_CHROMA:
        return "wash" if paint == "fill" else "lamp"
    lightness = (max(channels) + min(channels)) / 2
    return next(token for limit, token in (FILLS if paint == "fill" else LINES).items() if lightness < limit)


def _clean(root: ElementTree.Element, prefix: str) -> None:
    """Drop what a page does not need from a drawing, in place; the attributes that remain have ``_value``."""
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag.rpartition("}")[2] in DROPPED_ELEMENTS:
                parent.remove(child)
    for element in root.iter():
        if element.tag == f"{svg.NAMESPACE}}}a":  # remove the link, keep its text
            element.tag = f"{svg.NAMESPACE}}}g"
        attributes, element.attrib = element.attrib, {}
        for qualified_name, value in attributes.items():
            name = qualified_name.rpartition("}")[2]
            if kept := _value(name, value, prefix):
                element.set(name, kept)


def _value(name: str, value: str, prefix: str) -> str:
    """Return the value that an attribute keeps; ``""`` to drop the attribute.

    Ids, and references to them, get ``prefix``, so that several drawings fit on one page. Font sizes are scaled.
    """
    if name == "id":
        return f"{prefix}{value}"
    if name == "href":
        return f"#{prefix}{value[1:]}" if value.startswith("#") else ""
    if name == "font-size":
        return re.sub(r"\d*\.?\d+", lambda size: f"{float(size[0]) * FONT_SCALE:g}", value, count=1)
    if DROPPED_ATTRIBUTES.fullmatch(name):
        return ""
    return re.sub(r"url\([\"']?#([^)\"']*)[\"']?\)", rf"url(#{prefix}\1)", value)
