"""The colors derived from a journal's accent, and the contrast of text in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = re.compile(r"--jr-(paper|sheet|raised|ink):\s*(#[0-9a-f]{6})")

THEMES = ("light", "dark")

WASH = (0.09, 0.14)
"""The share of the accent in the background on hover, in the light and the dark theme."""

MIN_CONTRAST = 4.5
"""The minimum contrast of text in WCAG 2.2, level AA."""


def tokens(css: str) -> list[dict[str, str]]:
    """Return the papers and the ink of the light and the dark theme, by their names in ``tokens.css``."""
    colors = TOKEN.findall(css)
    return [dict(colors[:4]), dict(colors[4:8])]


def variables(accent: tuple[str, str], css: str) -> dict[str, str]:
    """Return the CSS variables that ``tokens.css`` (``css``) expects: the accent and its wash in each theme."""
    values: dict[str, str] = {}
    for theme, color, share, colors in zip(THEMES, accent, WASH, tokens(css), strict=True):
        values |= {f"--accent-{theme}": color, f"--wash-{theme}": mix(color, colors["paper"], share)}
    return values


def mix(color: str, ground: str, opacity: float) -> str:
    """Blend a color over another with this opacity."""
    channels = (round(a * opacity + b * (1 - opacity)) for a, b in zip(_rgb(color), _rgb(ground), strict=True))
    return "#{:02x}{:02x}{:02x}".format(*channels)


def unreadable(accent: tuple[str, str], css: str) -> Iterator[str]:
    """Yield a message for each color of the accent that is unreadable on a paper of its theme."""
    washes = variables(accent, css)
    for theme, color, colors in zip(THEMES, accent, tokens(css), strict=True):
        papers = {name: paper for name, paper in colors.items() if name != "ink"}
        papers["wash"] = washes[f"--wash-{theme}"]
        lowest, paper = min((contrast(color, paper), paper) for paper in papers.values())
        if lowest < MIN_CONTRAST:
            change = "darker" if theme == "light" else "lighter"
            yield (
                f"`{color}` has a contrast of {lowest:.1f} to {paper} in the {theme} theme; "
                f"choose a {change} color, with at least {MIN_CONTRAST}"
            )


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio of two colors, from 1 to 21."""
    darker, lighter = sorted(_luminance(color) for color in (first, second))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    values = [channel / 255 for channel in _rgb(color)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))
