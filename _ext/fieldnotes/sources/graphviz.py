"""Draw graphs in the DOT language with graphviz-pure, a Graphviz in one program."""

from __future__ import annotations

import re

from fieldnotes.sources import program
from fieldnotes.sources.themed_svg import COLORS

ENGINES = ("dot", "neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork")

DEFAULTS = {
    "G": {"bgcolor": "transparent", "color": "rule", "pencolor": "rule", "fontcolor": "ink", "fontname": "Arial"},
    "N": {"color": "edge", "fillcolor": "raised", "style": "filled", "fontcolor": "ink", "fontname": "Arial"},
    "E": {"color": "quiet", "fontcolor": "ink", "fontname": "Arial", "arrowsize": "0.8"},
}
"""Attributes of graphs, nodes and edges that say nothing themselves: colors are tokens."""

ALT = re.compile(r"^[ \t]*(?://|#)[ \t]*alt:[ \t]*(.+)$", re.MULTILINE)
"""A comment that says in words what the graph shows."""


READS_FILES = re.compile(r"\b(shapefile|fontpath|imagepath|image|stylesheet|_background)\b\s*=", re.IGNORECASE)
"""Attributes that have Graphviz open a file, wherever it is."""


def draw(source: str, engine: str = "dot") -> str:
    """Draw a graph as SVG, in the colors of ``themed_svg``. Raises ValueError with what is wrong with it.

    Cost: 5 ms.
    """
    if name := READS_FILES.search(source):
        raise ValueError(f"`{name[1]}` opens a file; remove it")
    options = [
        f"-{kind}{name}={COLORS.get(value, value)}"
        for kind, attributes in DEFAULTS.items()
        for name, value in attributes.items()
    ]
    return program.draw("graphviz-pure", ["-Tsvg", f"-K{engine}", *options], source)
