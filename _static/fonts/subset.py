"""Make the journal's faces from Adobe's, as small as its texts allow: `make fonts`.

Source Serif 4 and Source Code Pro are under the SIL Open Font License, whose reserved name "Source" a changed font may
not bear: what is made here is called Built Serif and Built Mono. The serif stays at its optical size for text (20), and
varies in weight alone: a second axis would cost half as much again on every page. Its kerning is that of the regular
weight, which saves an eighth of the file. The mono has one weight, and is half as large for it.
"""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

HERE = Path(__file__).parent

PACKAGES = ["source-serif@4.5.1", "source-code-pro@2.42.0"]
"""Of npm: Adobe's fonts."""

LATIN = [*range(0x20, 0x7F), *map(ord, "\u00a0§©°±²³µ·¹×÷‐‑‒–—‘’“”†‡•…′″€←↑→↓−∞≈≠≤≥Δλμστ")]
ACCENTS = [*map(ord, "¡¿«»¼½¾"), *range(0xC0, 0xD7), *range(0xD8, 0xF7), *range(0xF8, 0x180)]
PLAIN = [*range(0x20, 0x7F), *map(ord, "\u00a0·×–—‘’“”…−")]
BOXES = [*map(ord, "─│┌┐└┘├┤┬┴┼█░▓▲▼▶◀●○◦")]

FACES = {
    "built-serif": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, LATIN, ["kern", "liga", "tnum"]),
    "built-serif-accents": ("SourceSerif4Variable-Roman", {"wght": (400, 650), "opsz": 20}, ACCENTS, ["kern"]),
    "built-serif-italic": ("SourceSerif4Variable-Italic", {"wght": 400, "opsz": 20}, PLAIN, []),
    "built-mono": ("SourceCodeVF-Upright", {"wght": 400}, [*PLAIN, *map(ord, "°±²µ÷†•→≈≠≤≥Δλμστ"), *BOXES], []),
}
"""By file name: the face that it is made of, the axes that it keeps, its characters, its OpenType features."""

LICENSE_NAMES = {0, 7, 8, 9, 11, 12, 13, 14}
"""Records of a name table that say whose it is, and under which license."""


def make(name: str, source: Path) -> TTFont:
    """Cut a face out of ``source``, under its own name."""
    _face, axes, characters, features = FACES[name]
    font = read_anew(instantiateVariableFont(TTFont(source, recalcTimestamp=False), axes))
    options = Options(layout_features=features, hinting=False, drop_tables=["STAT", "MVAR", "DSIG", "meta"])
    options.name_IDs = ["*"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    family = "Built Mono" if "mono" in name else "Built Serif"
    style = "Italic" if "italic" in name else "Regular"
    kept = [record for record in font["name"].names if record.nameID in LICENSE_NAMES]
    font["name"].names = kept
    full = f"{family} {style}"
    for number, text in {1: family, 2: style, 3: name, 4: full, 6: full.replace(" ", "")}.items():
        font["name"].setName(text, number, 3, 1, 0x409)
    if "fvar" in font:
        font = read_anew(font)
        still = instantiateVariableFont(read_anew(font), {"wght": 400})
        font["GPOS"], font["GDEF"] = still["GPOS"], still["GDEF"]
    font.flavor = "woff2"
    return font


def read_anew(font: TTFont) -> TTFont:
    """The font as it is read from its file: of one that is only changed, fontTools misses what never varies."""
    whole = BytesIO()
    font.save(whole)
    return TTFont(BytesIO(whole.getvalue()), recalcTimestamp=False)


def main() -> None:
    """Download Adobe's fonts, and write the journal's beside this file."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run(["npm", "pack", "--silent", *PACKAGES], cwd=folder, check=True)
        for package in folder.glob("*.tgz"):
            with tarfile.open(package) as archive:
                archive.extractall(folder / package.stem, filter="data")
        for name, (face, *_rest) in FACES.items():
            (source,) = folder.rglob(f"WOFF2/V*/{face}.ttf.woff2")
            target = HERE / f"{name}.woff2"
            make(name, source).save(target)
            print(f"{target.stat().st_size:6} {target.name}")


if __name__ == "__main__":
    main()
