"""Subset the fonts of Adobe and the STIX project, as small as the journal's texts allow: `make fonts`.

Source Serif 4 and Source Code Pro are under the SIL Open Font License. A modified font must not use the reserved name
"Source", so these are Built Serif and Built Mono. The serif keeps its optical size for text (20) and varies only in
weight: a second axis would add half the size on every page. Its kerning is that of the regular weight, which saves an
eighth of the file. The mono has one weight, which halves its size. Built Math is STIX Two Math, loaded only on pages
with formulas.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from fontTools.misc.transform import Transform
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

HERE = Path(__file__).parent

PACKAGES = ["source-serif@4.5.1", "source-code-pro@2.42.0", "@fontsource/stix-two-math@5.3.0"]
"""npm packages."""

LATIN = [*range(0x20, 0x7F), *map(ord, "\u00a0§©°±²³µ·¹×÷‐‑‒–—‘’“”†‡•…′″€←↑→↓−∞≈≠≤≥Δλμστ")]
ACCENTS = [*map(ord, "¡¿«»¼½¾"), *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x180)]
PLAIN = [*range(0x20, 0x7F), *map(ord, "\u00a0·×–—‘’“”…−")]
BOXES = [*map(ord, "─│┌┐└┘├┤┬┴┼█░▓▲▼▶◀●○◦")]
MATH = [
    *(*LATIN, *range(0xA0, 0x100), *range(0x2B0, 0x370), *range(0x370, 0x400), *range(0x2000, 0x2070)),
    *(*range(0x20D0, 0x2150), *range(0x2190, 0x2300), *map(ord, "⌈⌉⌊⌋⎰⎱⏜⏝⏞⏟□△▷▽◁◊○★♭♮♯✓⟦⟧⟨⟩⟪⟫⟮⟯⟵⟶⟷⟸⟹⟺⟼⟾")),
    *map(ord, "⨀⨁⨂⨄⨆⨿⩽⩾⩵⪅⪆⪇⪈⪉⪊⪋⪌⪕⪖⪯⪰⪵⪶⪷⪸⪹⪺⫅⫆⫋⫌"),
    *range(0x1D400, 0x1D5A0),  # letters, except bold sans-serif
    *(*range(0x1D670, 0x1D7CC), *range(0x1D7CE, 0x1D7E2), *range(0x1D7F6, 0x1D800)),
]

FACES = {
    "built-serif": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, LATIN, ["kern", "liga", "tnum"]),
    "built-serif-accents": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, ACCENTS, ["kern"]),
    "built-serif-italic": ("SourceSerif4Variable-Italic", {"wght": 400, "opsz": 20}, PLAIN, []),
    "built-math": ("stix-two-math-latin-400-normal", {}, MATH, []),
    "built-mono": ("SourceCodeVF-Upright", {"wght": 400}, [*PLAIN, *map(ord, "°±²µ÷†•→≈≠≤≥Δλμστ"), *BOXES], []),
}
"""By file name: the source font, the axes that it keeps, its characters, its OpenType features."""

LICENSE_NAMES = {0, 7, 8, 9, 11, 12, 13, 14}
"""Records of the name table with copyright, trademark, authors and license."""


def subset(name: str, source: Path) -> TTFont:
    """Subset the font ``source``, and rename it."""
    _face, axes, characters, features = FACES[name]
    font = TTFont(source, recalcTimestamp=False)
    if axes:
        font = reload(instantiateVariableFont(font, axes))
    options = Options(layout_features=features, hinting=False, drop_tables=["STAT", "MVAR", "DSIG", "meta"])
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    family = f"Built {name.split('-')[1].title()}"
    style = "Italic" if "italic" in name else "Regular"
    kept = [record for record in font["name"].names if record.nameID in LICENSE_NAMES]
    font["name"].names = kept
    full = f"{family} {style}"
    for number, text in {1: family, 2: style, 3: name, 4: full, 6: full.replace(" ", "")}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    if not font["name"].getDebugName(13):
        font["name"].setName(
            "This Font Software is licensed under the SIL Open Font License, Version 1.1.", 13, 3, 1, 0x409
        )
    if "MATH" in font:
        redraw(font)
        join_arrows(font)
    if "fvar" in font:
        font = reload(font)
        still = instantiateVariableFont(reload(font), {"wght": 400})
        font["GPOS"], font["GDEF"] = still["GPOS"], still["GDEF"]
    font.flavor = "woff2"
    return font


PRIMES = map(ord, "′″‴⁗")
ACCENTS_OF_MATH = [
    0x302,
    0x303,
    0x305,
    0x30C,
    0x330,
    0x332,
    *range(0x20D0, 0x20D2),
    0x20D6,
    0x20D7,
    *range(0x20EC, 0x20F0),
]


def redraw(font: TTFont) -> None:
    """Draw primes at the size of superscripts, and shift accents to start at their origin.

    Chromium ignores the `ssty` variants of a prime, and centers an accent as if its left bearing were zero.
    """
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    moved = {names[code]: Transform(dx=-font["hmtx"][names[code]][1]) for code in ACCENTS_OF_MATH}
    drawn = {}
    for name, transform in {**moved, **{names[code]: Transform(1.3, 0, 0, 1.8, -70, -560) for code in PRIMES}}.items():
        pen = TTGlyphPen(None)
        glyphs[name].draw(TransformPen(pen, transform))
        drawn[name] = pen.glyph()
    for name, glyph in drawn.items():
        glyph.recalcBounds(font["glyf"])
        font["glyf"][name] = glyph
        font["hmtx"][name] = (glyph.xMax if name in moved else glyph.xMax + 40, glyph.xMin)


def join_arrows(font: TTFont) -> None:
    """Swap the connectors of the last part of long arrows, which are reversed in STIX Two Math 2.12."""
    variants = font["MATH"].table.MathVariants
    for construction in variants.HorizGlyphConstruction:
        last = construction.GlyphAssembly and construction.GlyphAssembly.PartRecords[-1]
        if last and not last.StartConnectorLength:
            last.StartConnectorLength, last.EndConnectorLength = last.EndConnectorLength, 0


def reload(font: TTFont) -> TTFont:
    """Save and reload a font: fontTools does not see that tables of a modified font no longer vary."""
    whole = BytesIO()
    font.save(whole)
    return TTFont(BytesIO(whole.getvalue()), recalcTimestamp=False)


def main() -> None:
    """Download the fonts, and write the subsets next to this file."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run(["npm", "pack", "--silent", *PACKAGES], cwd=folder, check=True)
        for package in folder.glob("*.tgz"):
            with tarfile.open(package) as archive:
                archive.extractall(folder / package.stem, filter="data")
        for name, (face, *_rest) in FACES.items():
            (source,) = [*folder.rglob(f"WOFF2/V*/{face}.ttf.woff2"), *folder.rglob(f"files/{face}.woff2")]
            target = HERE / f"{name}.woff2"
            subset(name, source).save(target)
            print(f"{target.stat().st_size:6} {target.name}")


if __name__ == "__main__":
    main()
