"""Draw the preview image for links to a note on other sites: its lane, title and mark, and the journal's name."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fontTools.ttLib import TTFont

from fieldnotes.exports import plain_svg, raster
from fieldnotes.pages import note_marks
from fieldnotes.pages.accent_colors import mix
from fieldnotes.pages.urls import PICTURE_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fieldnotes.pages.shared import View

WIDTH, HEIGHT = PICTURE_SIZE
EDGE, COLUMN, PLATE = 72, 520, 552
"""The left edge and the width of the text, and the width of the mark's plate at the right, in pixels."""

TITLE_SIZES, LEADING, TITLE_HEIGHT = (88, 72, 64, 56, 50, 44, 38, 32, 27), 1.1, 372
"""The sizes of the title (the first that fits is used), its line height, and its maximum height in pixels."""

TINTS = ("lamp", "blue", "moss", "ink-2")
"""The token of each sign's tint, as in journal.css."""

WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
"""Chinese, Japanese and Korean characters: a line may end after each."""

PIECE = re.compile(rf"\s+|[{WIDE}]|[^\s{WIDE}]+")


@dataclass(frozen=True)
class PictureRenderer:
    """Draws preview images from what all share: styles and fonts in ``static``, the journal's name and logo (SVG)."""

    static: Path
    folder: Path
    """The cache of the converted fonts."""
    name: str
    logo: str
    accent: tuple[str, str]

    @cached_property
    def digest(self) -> str:
        """A digest of everything that preview images share. Cost: 1 ms."""
        shared = hashlib.blake2b(repr((self.name, self.logo, self.accent)).encode())
        styles = map(self.static.joinpath, ("tokens.css", *plain_svg.SHEETS))
        for path in (*styles, *sorted(self.static.glob("fonts/*.woff2"))):
            shared.update(path.read_bytes())
        return shared.hexdigest()

    @cached_property
    def colors(self) -> dict[str, str]:
        """The variables of the light theme."""
        return plain_svg.read_colors(self.static, self.accent)

    @cached_property
    def rules(self) -> list[list[plain_svg.Rule]]:
        """The rules of the kits in the tint of each sign. Cost: 1.5 ms each."""
        paper, tints = self.colors["--jr-paper"], (self.colors[f"--jr-{name}"] for name in TINTS)
        palettes = ({**self.colors, "--lane": tint, "--plate": mix(tint, paper, 0.1)} for tint in tints)
        return [plain_svg.read_rules(self.static, palette) for palette in palettes]

    @cached_property
    def faces(self) -> list[Path]:
        """The fonts of titles and labels."""
        return [face for face in raster.fonts(self.static, self.folder) if not face.stem.endswith(("math", "italic"))]

    @cached_property
    def advances(self) -> dict[str, float]:
        """The width of each character of the serif font, relative to its size."""
        advances: dict[str, float] = {}
        for font in (TTFont(face) for face in self.faces if not face.stem.endswith("mono")):
            widths, unit = font["hmtx"].metrics, font["head"].unitsPerEm
            advances |= {chr(code): widths[glyph][0] / unit for code, glyph in font.getBestCmap().items()}
        return advances

    def width(self, text: str) -> float:
        """Estimate the width of a bold text, relative to its size."""
        widths = {char: self.advances.get(char) for char in text}
        for char in [char for char, width in widths.items() if width is None]:  # the font lacks it
            widths[char] = 0 if unicodedata.combining(char) else 1 if re.match(f"[{WIDE}]", char) else 0.62
        return 1.03 * sum(widths[char] or 0 for char in text)

    def fill(self, text: str, room: float) -> Iterator[str]:
        """Break a text into lines of at most this width; a wider word is split."""
        line, used = "", 0.0
        for piece in PIECE.findall(text):
            for part in [piece] if self.width(piece) <= room else piece:
                if line and part.strip() and used + self.width(part) > room:
                    yield line.strip()
                    line, used = "", 0.0
                if line or part.strip():
                    line, used = line + part, used + self.width(part)
        yield line.strip()

    def wrap(self, text: str) -> tuple[int, list[str]]:
        """Return the size and the balanced lines of a title; the last one ends in "…" if there are too many."""
        widest = max(map(self.width, PIECE.findall(text)))
        for size in TITLE_SIZES:
            lines = [*self.fill(text, COLUMN / size)]
            if len(lines) * size * LEADING <= TITLE_HEIGHT and (widest * size <= COLUMN or size == TITLE_SIZES[-1]):
                narrower = ([*self.fill(text, room / size)] for room in range(int(widest * size) + 1, COLUMN, 8))
                return size, next((balanced for balanced in narrower if len(balanced) <= len(lines)), lines)
        count = int(TITLE_HEIGHT / size / LEADING)
        return size, [*lines[: count - 1], f"{lines[count - 1]}…"]

    def clip(self, text: str, size: int) -> str:
        """Return the text on one line, cut with "…" if it is wider than the column without what is next to it: 3 em."""
        first, *more = self.fill(text, COLUMN / size - 3)
        return f"{first}…" if more else first


def inputs(renderer: PictureRenderer, note: View) -> list[object]:
    """Return all data that the preview image of a note, given as a row of a list, depends on."""
    return [renderer.digest, note["title"], note["lane"]["title"], note["lane"]["sign"], note["mark"]]


def picture(renderer: PictureRenderer, note: View) -> bytes:
    """Return the preview image of a note as PNG. The system's fonts are used if the journal's lack a character."""
    characters = {*note["title"], *note["lane"]["title"], *renderer.name} - {" "}
    with_system_fonts = not characters <= renderer.advances.keys()
    return raster.png(_svg(renderer, note), renderer.faces, with_system_fonts=with_system_fonts)


def _svg(renderer: PictureRenderer, note: View) -> str:
    """Return the image as SVG: the mark on its plate, whose left side is covered by the paper, and the text."""
    sign, mark = note["lane"]["sign"], note["mark"]
    tint, ink, quiet, paper = (renderer.colors[f"--jr-{name}"] for name in (TINTS[sign - 1], "ink", "ink-2", "paper"))
    plate = mix(tint, paper, 0.1)
    inset = 0 if note_marks.VIEW_BOX in mark["svg"] else EDGE // 2
    styled_mark = plain_svg.with_attributes(mark["svg"], ("mark", mark["kit"]), renderer.rules[sign - 1])
    logo = renderer.logo.replace('class="accent"', f'color="{renderer.colors["--jr-lamp"]}"')
    size, lines = renderer.wrap(note["title"])
    lane, name = (escape(renderer.clip(text, 30)) for text in (note["lane"]["title"], renderer.name))
    is_rtl = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in note["title"])
    anchor, turn, first = ("end", -1, "\N{RIGHT-TO-LEFT MARK}") if is_rtl else ("start", 1, "")
    bold = 'font-family="Built Serif" font-weight="600"'
    title = "".join(
        f'<text y="{148 + size * (0.82 + LEADING * index):g}" {bold} font-size="{size}">{first}{escape(line)}</text>'
        for index, line in enumerate(lines)
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" color="{ink}">
<path fill="{plate}" d="M0 0h{WIDTH}v{HEIGHT}H0z"/>
{_placed(styled_mark, WIDTH - PLATE + inset, inset, PLATE - 2 * inset, HEIGHT - 2 * inset)}
<path fill="{paper}" d="M0 0h{WIDTH - PLATE}v{HEIGHT}H0z"/>
<g transform="translate({EDGE + COLUMN if is_rtl else EDGE})" text-anchor="{anchor}" fill="{ink}">
<path fill="{tint}" d="{note_marks.shape(sign, turn * 11, 86, 11)}"/>
<text x="{turn * 36}" y="95" font-family="Built Mono" font-size="26" fill="{quiet}">{lane}</text>
{title}
{_placed(logo, -34 if is_rtl else 0, 540, 34, 32)}
<text x="{turn * (50 if logo else 0)}" y="566" {bold} font-size="30">{name}</text>
</g>
</svg>"""


def _placed(svg: str, left: int, top: int, width: int, height: int) -> str:
    """Return a drawing centered in a box, as a ``<g>``: an inner ``<svg>`` would be clipped, which costs 40 ms."""
    if not svg:
        return ""
    root = ElementTree.fromstring(svg)
    x, y, wide, high = map(float, root.attrib.pop("viewBox").replace(",", " ").split())
    scale = min(width / wide, height / high)
    x, y = left + (width - wide * scale) / 2 - x * scale, top + (height - high * scale) / 2 - y * scale
    root.tag = "g"
    root.attrib["transform"] = f"translate({x:g} {y:g}) scale({scale:g})"
    return ElementTree.tostring(root, encoding="unicode")
