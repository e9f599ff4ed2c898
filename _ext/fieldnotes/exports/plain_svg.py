"""Write a drawing with its colors as attributes, for readers without the site's stylesheets: feeds, e-books, print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from fieldnotes.pages.accent_colors import variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

SHEETS = ("diagrams.css", "figures.css", "home.css")
"""The stylesheets of the kits of drawings; tokens.css has their colors."""

ATTRIBUTES = {
    *("fill", "fill-opacity", "opacity", "stroke", "stroke-opacity", "stroke-width", "stroke-dasharray"),
    *("stroke-linecap", "stroke-linejoin", "paint-order", "font-family", "font-size", "font-weight", "text-anchor"),
}
"""CSS properties that are also SVG attributes."""

KITS = ("diagram", "drawn", "lab-figure")
"""Classes of the drawings in a note; each is the name of a kit."""

IN_PAGE = re.compile(r'<svg\b[^<>]*\srole="img"[^<>]*>[^<]*(?:<(?!svg\b|/svg>)[^<]*)*</svg>')
"""A drawing in a written page."""

SELECTOR = re.compile(r"\.(diagram|drawn|lab-figure|mark|systems-map) (\w*)(?:\.([\w-]+)|:is\(([^()]*)\))?")


class Rule(NamedTuple):
    """The attributes of a kit's elements with this tag and this class; ``""`` matches any."""

    kit: str
    element: str
    name: str
    attributes: dict[str, str]


def read_colors(static: Path, accent: tuple[str, str]) -> dict[str, str]:
    """Return the values of the variables of ``tokens.css`` in the light theme, by name."""
    tokens = (static / "tokens.css").read_text(encoding="utf-8")
    for name, color in variables(accent, tokens).items():
        tokens = tokens.replace(f"var({name})", color)
    # The file sets the light theme first; reversed, its values replace those of the dark theme.
    return dict(reversed(re.findall(r"(--[\w-]+):\s*([^;{}]+);", tokens)))


def read_rules(static: Path, colors: dict[str, str]) -> list[Rule]:
    """Read the rules of all kits in these colors, those without a class first. Rules in ``@media`` are ignored."""
    kits = ((static / name).read_text(encoding="utf-8") for name in SHEETS)
    css = re.sub(r"/\*.*?\*/|@media[^{]*\{([^{}]*\{[^{}]*\})*\s*\}", "", "\n".join(kits), flags=re.DOTALL)
    css = re.sub(r"var\((--[\w-]+)\)", lambda name: colors.get(name[1], name[0]), css).replace("Serif like ", "")
    return sorted(_rules(css), key=lambda rule: rule.name != "")


def _rules(css: str) -> Iterator[Rule]:
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        declarations = (line.partition(":")[::2] for line in body.split(";"))
        attributes = {name.strip(): value.strip() for name, value in declarations if name.strip() in ATTRIBUTES}
        for selector in re.split(r",(?![^()]*\))", selectors) if attributes else ():
            if match := SELECTOR.fullmatch(selector.strip()):
                names = [name.strip(" .") for name in match[4].split(",")] if match[4] else [match[3] or ""]
                yield from (Rule(match[1], match[2], name, attributes) for name in names)


def with_attributes(svg: str, kits: Iterable[str], rules: list[Rule]) -> str:
    """Return a drawing, XML without a namespace, with the attributes that its kits define in place of its classes."""
    rules = [rule for rule in rules if rule.kit in kits]
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        classes = ["", *element.attrib.pop("class", "").split()]
        for rule in rules:
            if rule.element in {"", element.tag} and rule.name in classes:
                element.attrib.update(rule.attributes)
    return ElementTree.tostring(root, encoding="unicode")


def standalone(svg: str, kits: Iterable[str], rules: list[Rule]) -> str:
    """Return a drawing as the text of a standalone SVG file."""
    root = ElementTree.fromstring(with_attributes(svg, kits, rules))
    width, height = size(svg)
    root.attrib.update({"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height})
    return ElementTree.tostring(root, encoding="unicode")


def standalone_drawing(page: str, index: int, rules: list[Rule]) -> str:
    """Return the drawing with this index on a written page as a standalone file, or an empty one if there are fewer."""
    drawings = IN_PAGE.findall(page)
    return standalone(drawings[index] if index < len(drawings) else "<svg/>", KITS, rules)


def size(svg: str) -> tuple[str, str]:
    """Return the width and height of a drawing in pixels, from its view box; 600 by 400 if it has none."""
    view_box = re.search(r"""\bviewBox=["']([^"']*)["']""", svg)
    numbers = re.findall(r"[-+.\deE]+", view_box[1]) if view_box else []
    return (numbers[2], numbers[3]) if len(numbers) == 4 else ("600", "400")
