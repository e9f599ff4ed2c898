"""Restyle a drawing from another program: its colors become classes of the site's stylesheet.

A gray becomes the nearest token, any other color the accent: a page has two themes, and no fixed color suits both.
"""

from __future__ import annotations

import colorsys
import hashlib
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import cssselect2
import tinycss2
import tinycss2.color3

from fieldnotes.sources import svg

if TYPE_CHECKING:
    from collections.abc import Iterator

CLASS_PREFIXES = {"fill": "fill", "stroke": "line", "stop-color": "stop"}
"""Attributes that paint, and the prefix of the class that replaces each."""

FILLS = {0.25: "ink", 0.45: "quiet", 0.75: "edge", 0.95: "raised", 0.99: "sheet", 2.0: "paper"}
"""The token for a gray surface, by the lightness below which it is used."""

LINES = {0.45: "quiet", 0.78: "edge", 2.0: "rule"}

KEPT_PROPERTIES = {
    *("stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "fill-opacity", "stroke-opacity"),
    *("opacity", "font-size", "font-weight", "font-style", "text-anchor", "text-decoration", "dominant-baseline"),
    *("alignment-baseline", "visibility", "display", "marker-start", "marker-end"),
}
"""CSS properties that are also SVG attributes, and are kept."""

DROPPED_ELEMENTS = {"style", "filter", "title", "desc", "metadata", "script"}
"""Elements that are removed with their content: shadows, and texts that the page provides itself."""

DROPPED_ATTRIBUTES = re.compile(
    r"(?:data-|aria-|on).*|role|style|class|filter|target|cursor|font-family|space|version|color|lang"
)
"""Attributes to drop: they mean nothing without the program's own stylesheet, or load something."""

FONT_SCALE = 0.9
"""The font size factor: the programs lay out text in a narrower face than the site's."""


def restyle(text: str, source: str) -> tuple[ElementTree.Element, str]:
    """Return a drawing with the site's styles, and its own description; ``source`` is the text it was drawn from.

    Raises ValueError for a drawing that is not allowed on a page.
    """
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"the result is not valid SVG ({error})") from error
    description = " ".join((root.findtext(".//{*}desc") or root.findtext("{*}title") or "").split())
    styles = "".join(style.text or "" for style in root.iter(f"{svg.NAMESPACE}}}style"))
    for element, declarations in _styled(root, styles):
        _paint(element, declarations)
    _tidy(root, f"{drawing_name(source)}-")
    *_origin, width, height = root.get("viewBox", "0 0 400 300").replace(",", " ").split()
    root.attrib.update({"width": str(round(float(width))), "height": str(round(float(height)))})
    if "fill-" not in root.get("class", ""):
        root.set("class", f"fill-ink {root.get('class', '')}".strip())
    return svg.parse(ElementTree.tostring(root, encoding="unicode")), description


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
    """Turn the properties of an element into attributes, and its colors into classes."""
    is_text = element.tag.endswith(("}text", "}tspan"))
    classes = element.get("class", "").split()
    element.set("class", "")
    if "today" in classes:  # Mermaid's line for the current day: a page must not change daily
        properties["display"] = "none"
    for name, value in properties.items():
        if name in KEPT_PROPERTIES:
            element.set(name, value)
        elif name in CLASS_PREFIXES and (token := _token(value, name, is_text=is_text)):
            element.attrib.pop(name, None)
            if token == "none":
                element.set(name, token)
            else:
                element.set("class", f"{element.get('class')} {CLASS_PREFIXES[name]}-{token}".strip())


def _token(value: str, paint: str, *, is_text: bool) -> str:
    """Return the token for a color, or ``none``; ``""`` for anything else, such as a gradient."""
    color = tinycss2.color3.parse_color(value)
    if value == "none" or (not isinstance(color, str | None) and color.alpha == 0):
        return "none"
    if color is None or isinstance(color, str):
        return "quiet" if value.lower() == "currentcolor" else ""
    if is_text:
        return "none" if paint == "stroke" else "ink"
    _hue, light, _saturation = colorsys.rgb_to_hls(*color[:3])
    if max(color[:3]) - min(color[:3]) > 0.12:
        return "wash" if paint == "fill" else "lamp"
    return next(name for limit, name in (FILLS if paint == "fill" else LINES).items() if light < limit)


def _tidy(root: ElementTree.Element, prefix: str) -> None:
    """Drop what a drawing does not need, and prefix ids so that several drawings fit on one page."""
    for parent in [*root.iter()]:
        for child in [*parent]:
            if child.tag.rpartition("}")[2] in DROPPED_ELEMENTS:
                parent.remove(child)
    for element in root.iter():
        if element.tag == f"{svg.NAMESPACE}}}a":  # remove the link, keep its text
            element.tag = f"{svg.NAMESPACE}}}g"
        attributes, element.attrib = element.attrib, {}
        for name, value in attributes.items():
            local = name.rpartition("}")[2]
            if local == "id":
                value = f"{prefix}{value}"
            elif local == "href" and value.startswith("#"):
                value = f"#{prefix}{value[1:]}"
            elif local == "font-size":
                value = re.sub(r"[\d.]+", lambda size: f"{float(size[0]) * FONT_SCALE:g}", value, count=1)
            elif local == "href" or (DROPPED_ATTRIBUTES.fullmatch(local) and not (local == "class" and value)):
                continue
            element.set(local, re.sub(r"url\([\"']?#([^)\"']*)[\"']?\)", rf"url(#{prefix}\1)", value))
