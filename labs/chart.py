"""Charts in the journal's style: 400 units wide, labels next to what they name, colors from the site's own styles.

Matplotlib draws them. The colors here are placeholders: each becomes a class of ``_static/figures.css``, so that an
inline chart follows the theme of its page.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 400
TEXT = 15
"""Text size in units: 12 pixels on a phone."""

INK, QUIET, LAMP, RULE, WASH, PAPER, CELL = (f"#00000{number}" for number in range(1, 8))
CLASSES = {INK: "ink", QUIET: "quiet", LAMP: "lamp", RULE: "rule", WASH: "wash", PAPER: "paper", CELL: "cell"}
"""``cell`` is for text in a filled cell; other text has an outline in the paper's color, since it may cross a line."""

STYLE = {
    "svg.fonttype": "none",
    "font.size": TEXT,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.edgecolor": QUIET,
    "axes.linewidth": 1,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "grid.linewidth": 1,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "xtick.major.pad": 6,
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
}

SVG = "http://www.w3.org/2000/svg"


class Chart:
    """One pair of axes, with the quantity and its unit above."""

    def __init__(self, height: int) -> None:
        with mpl.rc_context(STYLE):
            self.figure, self.axes = plt.subplots(figsize=(WIDTH / 72, height / 72))
        self.axes.grid(axis="y")
        self.axes.tick_params(which="both", length=0)
        self.margin = {"left": 52, "right": 12, "top": 36, "bottom": 52}

    def margins(self, **units: int) -> None:
        """Set the space around the axes: left, right, top, bottom."""
        self.margin.update(units)

    def measures(self, y: str, x: str) -> None:
        """Label the two axes: ``y`` above the chart, ``x`` below it."""
        self.axes.set_title(y, loc="left", fontsize=TEXT, pad=12, x=-0.01)
        self.axes.set_xlabel(x, fontsize=TEXT, labelpad=6)

    def line(self, x: Sequence[float], y: Sequence[float], color: str = INK, **style: Any) -> None:
        """Draw a line; ``dashed=True`` for the second of a pair."""
        dashes = (0, (5, 4)) if style.pop("dashed", False) else "solid"
        width = style.pop("width", 2.5 if color == LAMP else 2)
        self.axes.plot(x, y, color=color, linewidth=width, linestyle=dashes, clip_on=False, **style)

    def band(self, x: Sequence[float], low: Sequence[float], high: Sequence[float]) -> None:
        """Fill the range around a line: where 5 to 95 % of the seeds lie, or all runs."""
        self.axes.fill([*x, *reversed(x)], [*low, *reversed(high)], facecolor=WASH, edgecolor="none", zorder=1.2)

    def label(self, x: float, y: float, text: str, **style: Any) -> None:
        """Write a label next to a point; ``side`` is its position: right, left, above or below."""
        side = style.pop("side", "right")
        place = {
            "right": {"ha": "left", "va": "center", "xytext": (6, 0)},
            "left": {"ha": "right", "va": "center", "xytext": (-6, 0)},
            "above": {"ha": "center", "va": "bottom", "xytext": (0, 6)},
            "below": {"ha": "center", "va": "top", "xytext": (0, -6)},
        }[side]
        place.update(style)
        self.axes.annotate(text, (x, y), textcoords="offset points", annotation_clip=False, **place)

    def ticks(self, axis: str, values: Sequence[float], texts: Sequence[str] | None = None) -> None:
        """Set the values labeled on an axis."""
        which = self.axes.xaxis if axis == "x" else self.axes.yaxis
        which.set_ticks(values, [f"{value:,g}" for value in values] if texts is None else texts)
        which.set_minor_locator(mpl.ticker.NullLocator())

    def limit(self, color: str, y: float) -> None:
        """Draw a horizontal line across the chart."""
        self.axes.axhline(y, color=color, linewidth=1.25, linestyle=(0, (2, 3)))

    def svg(self) -> str:
        """The chart as a plain SVG."""
        height, margin = self.figure.get_figheight() * 72, self.margin
        self.figure.subplots_adjust(
            margin["left"] / WIDTH, margin["bottom"] / height, 1 - margin["right"] / WIDTH, 1 - margin["top"] / height
        )
        out = io.StringIO()
        with mpl.rc_context(STYLE):
            self.figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
        plt.close(self.figure)
        return plain(out.getvalue())


def plain(text: str) -> str:
    """Convert matplotlib's SVG to the journal's: classes for colors, no styles, fonts, ids or definitions."""
    root = ElementTree.fromstring(text)
    ElementTree.register_namespace("", SVG)
    shapes = [converted for shape in _shapes(root) if (converted := _shape(shape)) is not None]
    view = root.attrib["viewBox"]
    drawn = ElementTree.Element(f"{{{SVG}}}svg", {"viewBox": view})
    drawn.extend(shapes)
    ElementTree.indent(drawn, "")
    return ElementTree.tostring(drawn, encoding="unicode") + "\n"


def _shapes(element: ElementTree.Element) -> list[ElementTree.Element]:
    shapes = []
    for child in element:
        name = child.tag.rpartition("}")[2]
        if name in {"path", "text"}:
            shapes.append(child)
        elif name in {"g", "svg"}:
            shapes += _shapes(child)
    return shapes


def _shape(shape: ElementTree.Element) -> ElementTree.Element | None:
    style = dict(part.strip().split(": ", 1) for part in shape.get("style", "").split(";") if ": " in part)
    name = shape.tag.rpartition("}")[2]
    classes = [
        f"{kind}-{CLASSES[style[key]]}"
        for key, kind in (("fill", "fill"), ("stroke", "line"))
        if style.get(key) in CLASSES
    ]
    if name == "path" and not classes:
        return None
    kept = ElementTree.Element(shape.tag)
    if name == "text":
        kept.text = shape.text
        turn = shape.get("transform", "")
        kept.attrib.update({key: _round(shape.attrib[key]) for key in ("x", "y") if key in shape.attrib})
        if "text-anchor" in style:
            kept.set("text-anchor", style["text-anchor"])
        if not re.match(r"rotate\(-?0 ", turn):
            kept.set("transform", _round(turn))
    else:
        kept.set("d", _round(" ".join(shape.attrib["d"].split())))
        if style.get("fill", "none") == "none":
            kept.set("fill", "none")
        for key in ("stroke-width", "stroke-dasharray"):
            if key in style:
                kept.set(key, _round(style[key].replace(",", " ")))
    if classes:
        kept.set("class", " ".join(classes))
    return kept


def _round(numbers: str) -> str:
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), numbers)
