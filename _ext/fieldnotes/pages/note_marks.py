"""The mark of a note: the picture in its front matter, or else a pattern of its own, in its lane's shape."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

VIEW_BOX = "0 0 240 160"
"""The view box of patterns, and of drawings that fill their plate as patterns do."""

CELL = 40
"""The side of a cell; a pattern has six by four cells."""

RHYTHMS = (
    ("", "corner", "small", "solid"),
    ("", "corner", "corner", "small"),
    ("", "line", "small", "corner"),
    ("", "solid", "line", "small"),
    ("small", "", "corner", "line"),
)
"""What fills the cells of a pattern, in turn."""

CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


def mark(catalog: Catalog, note: Note, sign: int) -> dict[str, str]:
    """Return the mark of a note in a lane with this sign: its SVG, and the kit that styles it besides the marks' own.

    Notes with the same first tag have the same rhythm.
    """
    kit, svg = catalog.pictures.get(note.docname, ("", ""))
    return {"kit": kit, "svg": svg or pattern(sign, "".join(note.tags[:1]), note.first_docname)}


@cache
def pattern(sign: int, tag: str, name: str) -> str:
    """Return a pattern as SVG: a large shape of the lane on a field of smaller ones, whose rhythm depends on the tag.

    Equal values give equal patterns; ``name`` is the first docname of the note.
    """
    beat = hashlib.blake2b(tag.encode()).digest()
    turn, spin, big, left, top, *steps = hashlib.blake2b(name.encode()).digest()
    kinds, size = RHYTHMS[beat[0] % len(RHYTHMS)], 2 + big % 2
    left, top = left % (7 - size), top % (5 - size)
    across, down, skew = 1 + steps[0] % 3, 1 + steps[1] % 3, steps[2] % 4
    paths = {"ink": "", "line": "", "pale": ""}
    for row in range(4):
        for column in range(6):
            if left <= column < left + size and top <= row < top + size:
                continue
            x, y = column * CELL, row * CELL
            match kinds[(across * column + down * row + skew * (column * row % 2)) % 4]:
                case "corner":
                    paths["ink"] += _corner(sign, x, y, (turn + (1 + spin % 3) * (column + row)) % 4)
                case "solid":
                    paths["ink"] += shape(sign, x + 20, y + 20, 14)
                case "line":
                    paths["line"] += shape(sign, x + 20, y + 20, 13)
                case "small":
                    paths["pale"] += shape(sign, x + 20, y + 20, 5)
    half = size * CELL // 2
    paths["tint"] = shape(sign, left * CELL + half, top * CELL + half, half - 4)
    elements = "".join(f'<path class="{name}" d="{path}"/>' for name, path in paths.items() if path)
    return f'<svg viewBox="{VIEW_BOX}">{elements}</svg>'


def shape(sign: int, x: int, y: int, r: int) -> str:
    """Return the path data of a lane's shape around a point: by its sign, disc, square, triangle or diamond."""
    return (
        f"M{x - r} {y}a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0-{2 * r} 0z",
        f"M{x - r} {y - r}h{2 * r}v{2 * r}h-{2 * r}z",
        f"M{x - r} {y + r}h{2 * r}l-{r}-{2 * r}z",
        f"M{x - r} {y}l{r}-{r} {r} {r}-{r} {r}z",
    )[sign - 1]


def _corner(sign: int, x: int, y: int, turn: int) -> str:
    """Return the path data of a shape in a corner of a cell: a quarter of a disc, an L, or a triangle."""
    right, low = CORNERS[turn]
    x, y = x + right * CELL, y + low * CELL
    width, height = CELL - 2 * CELL * right, CELL - 2 * CELL * low
    if sign == 1:
        return f"M{x} {y}h{width}A{CELL} {CELL} 0 0 {int(width == height)} {x} {y + height}z"
    if sign == 2:
        return f"M{x} {y}h{width}v{height // 2}h{-width // 2}v{height // 2}h{-width // 2}z"
    return f"M{x} {y}h{width}L{x} {y + height}z"
