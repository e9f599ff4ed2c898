"""Make the journal's faces from Adobe's and the STIX project's, as small as its texts allow: `make fonts`.

Source Serif 4 and Source Code Pro are under the SIL Open Font License, whose reserved name "Source" a changed font may
not bear: what is made here is called Built Serif and Built Mono. The serif stays at its optical size for text (20), and
varies in weight alone: a second axis would cost half as much again on every page. Its kerning is that of the regular
weight, which saves an eighth of the file. The mono has one weight, and is half as large for it. Built Math is STIX Two
Math, which a browser loads on pages with formulas alone.
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
"""Of npm."""

LATIN = [*range(0x20, 0x7F), *map(ord, "\u00a0§©°±²³µ·¹×÷‐‑‒–—‘’“”†‡•…′″€←↑→↓−∞≈≠≤≥Δλμστ")]
ACCENTS = [*map(ord, "¡¿«»¼½¾"), *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x180)]
PLAIN = [*range(0x20, 0x7F), *map(ord, "\u00a0·×–—‘’“”…−")]
BOXES = [*map(ord, "─│┌┐└┘├┤┬┴┼█░▓▲▼▶◀●○◦")]
MATH = [
    *(*LATIN, *range(0xA0, 0x100), *range(0x2B0, 0x370), *range(0x370, 0x400), *range(0x2000, 0x2070)),
    *(*range(0x20D0, 0x2150), *range(0x2190, 0x2300), *map(ord, "⌈⌉⌊⌋⎰⎱⏜⏝⏞⏟□△▷▽◁◊○★♭♮♯✓⟦⟧⟨⟩⟪⟫⟮⟯⟵⟶⟷⟸⟹⟺⟼⟾")),
    *map(ord, "⨀⨁⨂⨄⨆⨿⩽⩾⩵⪅⪆⪇⪈⪉⪊⪋⪌⪕⪖⪯⪰⪵⪶⪷⪸⪹⪺⫅⫆⫋⫌"),
    *range(0x1D400, 0x1D5A0),  # letters, but for bold sans-serif
    *(*range(0x1D670, 0x1D7CC), *range(0x1D7CE, 0x1D7E2), *range(0x1D7F6, 0x1D800)),
]

FACES = {
    "built-serif": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, LATIN, ["kern", "liga", "tnum"]),
    "built-serif-accents": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, ACCENTS, ["kern"]),
    "built-serif-italic": ("SourceSerif4Variable-Italic", {"wght": 400, "opsz": 20}, PLAIN, []),
    "built-math": ("stix-two-math-latin-400-normal", {}, MATH, []),
    "built-mono": ("SourceCodeVF-Upright", {"wght": 400}, [*PLAIN, *map(ord, "°±²µ÷†•→≈≠≤≥Δλμστ"), *BOXES], []),
}
"""By file name: the face that it is made of, the axes that it keeps, its characters, its OpenType features."""

LICENSE_NAMES = {0, 7, 8, 9, 11, 12, 13, 14}
"""Records of a name table that say whose it is, and under which license."""


def make(name: str, source: Path) -> TTFont:
    """Cut a face out of ``source``, under its own name."""
    _face, axes, characters, features = FACES[name]
    font = TTFont(source, recalcTimestamp=False)
    if axes:
        font = read_anew(instantiateVariableFont(font, axes))
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
        font = read_anew(font)
        still = instantiateVariableFont(read_anew(font), {"wght": 400})
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
    """Draw primes as large as a superscript needs them, and accents right of where they begin.

    Chromium looks for no variant of a prime, which `ssty` names, and centers an accent as if nothing stood left of it.
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
    """Turn the connectors of the last part of a long arrow: they stand the wrong way round in STIX Two Math 2.12."""
    variants = font["MATH"].table.MathVariants
    for construction in variants.HorizGlyphConstruction:
        last = construction.GlyphAssembly and construction.GlyphAssembly.PartRecords[-1]
        if last and not last.StartConnectorLength:
            last.StartConnectorLength, last.EndConnectorLength = last.EndConnectorLength, 0


def read_anew(font: TTFont) -> TTFont:
    """The font as it is read from its file: of one that is only changed, fontTools misses what never varies."""
    whole = BytesIO()
    font.save(whole)
    return TTFont(BytesIO(whole.getvalue()), recalcTimestamp=False)


def main() -> None:
    """Download the fonts, and write the journal's beside this file."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run(["npm", "pack", "--silent", *PACKAGES], cwd=folder, check=True)
        for package in folder.glob("*.tgz"):
            with tarfile.open(package) as archive:
                archive.extractall(folder / package.stem, filter="data")
        for name, (face, *_rest) in FACES.items():
            (source,) = [*folder.rglob(f"WOFF2/V*/{face}.ttf.woff2"), *folder.rglob(f"files/{face}.woff2")]
            target = HERE / f"{name}.woff2"
            make(name, source).save(target)
            print(f"{target.stat().st_size:6} {target.name}")


if __name__ == "__main__":
    main()
