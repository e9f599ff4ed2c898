"""Render drawings as PNG, with the journal's own fonts, so that they look the same on every machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import resvg_py
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def fonts(static: Path, folder: Path) -> list[Path]:
    """Return the journal's fonts as TrueType, cached in ``folder``. In a family, the one with the letters comes first.

    resvg uses the first one, and searches all others for the glyphs that it lacks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    faces = []
    for face in sorted(static.glob("fonts/*.woff2"), reverse=True):
        path = folder / f"{face.stem}.ttf"
        if not path.exists() or path.stat().st_mtime < face.stat().st_mtime:
            font = TTFont(face)
            font.flavor = None
            font.save(path)
        faces.append(path)
    return faces


def png(svg: str, faces: Sequence[Path], *, zoom: int = 1, with_system_fonts: bool = False) -> bytes:
    """Render an SVG file on white. Cost for 1200 by 630 pixels: 20 ms, or 90 ms with the system's fonts."""
    picture = resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=zoom,
        background="white",
        skip_system_fonts=not with_system_fonts,
        font_files=list(map(str, faces)),
        serif_family="Built Serif",
    )
    return bytes(picture)
