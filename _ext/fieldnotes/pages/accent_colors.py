"""The colors that follow from a journal's accent, and whether text in it can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(r"--jr-(paper|sheet|raised|ink):\s*(#[0-9a-f]{6})")

THEMES = ("light", "dark")

WASH = (0.09, 0.14)
"""The part of the accent in the color behind what is pointed at, in the light and the dark theme."""

CONTRAST = 4.5
"""The least contrast of text by WCAG 2.2, AA."""


def tokens(css: str) -> list[dict[str, str]]:
    """The papers and the ink of the light theme and of the dark one, by their names in ``tokens.css``."""
    colors = TOKEN.findall(css)
    return [dict(colors[:4]), dict(colors[4:8])]


def variables(accent: tuple[str, str], css: str) -> dict[str, str]:
    """The CSS variables that ``tokens.css``, given as ``css``, leaves open: the accent and its wash in each theme."""
    shown: dict[str, str] = {}
    for theme, color, part, others in zip(THEMES, accent, WASH, tokens(css), strict=True):
        shown |= {f"--accent-{theme}": color, f"--wash-{theme}": mixed(color, others["paper"], part)}
    return shown


def mixed(color: str, ground: str, part: float) -> str:
    """A color of which ``part`` is laid over another."""
    shares = (round(a * part + b * (1 - part)) for a, b in zip(_rgb(color), _rgb(ground), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*shares)


def unreadable(accent: tuple[str, str], css: str) -> Iterator[str]:
    """A message for each color of the accent that cannot be read on the papers of its theme."""
    washes = variables(accent, css)
    for theme, color, others in zip(THEMES, accent, tokens(css), strict=True):
        papers = {name: paper for name, paper in others.items() if name != "ink"}
        papers["wash"] = washes[f"--wash-{theme}"]
        least, paper = min((contrast(color, paper), paper) for paper in papers.values())
        if least < CONTRAST:
            way = "darker" if theme == "light" else "lighter"
            yield (
                f"`{color}` has a contrast of {least:.1f} to {paper} in the {theme} theme; "
                f"write a {way} color, with {CONTRAST} or more"
            )


def contrast(first: str, second: str) -> float:
    """The contrast of two colors by WCAG, from 1 to 21."""
    darker, lighter = sorted(_luminance(color) for color in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    shares = [part / 255 for part in _rgb(color)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
