"""Join the stylesheets of a page into one: a page that waits for one is painted a fifth sooner than one with six."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

ALL = ("styles/furo.css", "tokens.css", "journal.css")
"""What every page needs."""

CARDS = ("sphinx-design.min.css", "styles/furo-extensions.css")

TEXT = ("pygments.css", "diagrams.css", "figures.css")

ORDER = (
    "pygments.css",
    "styles/furo.css",
    *CARDS,
    "tokens.css",
    "journal.css",
    "diagrams.css",
    "figures.css",
    "tags.css",
    "home.css",
)
"""The order in which Sphinx has them, where a later one wins."""

SHEETS = {
    name: tuple(part for part in ORDER if part in (*ALL, *more))
    for name, more in {
        "sheet-page.css": (),
        "sheet-tags.css": ("tags.css",),
        "sheet-cards.css": CARDS,
        "sheet-home.css": (*CARDS, "diagrams.css", "home.css"),
        "sheet-note.css": TEXT,
        "sheet-design.css": (*TEXT, *CARDS),
    }.items()
}
"""Of which files each is made, in their order. They are few: a reader who goes on has most of them already."""

FACE = "fonts/built-mono.woff2"

MONO = f'url("{FACE}")'
"""Every page has words in this face. In a file of its own it would be asked for when the sheet has come."""


def fitting(needs: Iterable[str]) -> str:
    """The smallest sheet that has all of these files, or the one that has most."""
    needed = set(needs)
    return next((name for name, parts in SHEETS.items() if needed <= set(parts)), "sheet-design.css")


def version(static: Path) -> str:
    """What the address of a sheet has behind it, so that a browser takes no older one. Furo writes ``pygments.css``."""
    parts = hashlib.sha256("".join(map(importlib.metadata.version, ("furo", "pygments"))).encode())
    for name in (*ORDER[1:], FACE):
        parts.update((static / name).read_bytes())
    return parts.hexdigest()[:8]


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the sheets that are not as they were (``build-finished``, after Furo has written ``pygments.css``)."""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    files = {name: _bare(static, name) for name in ORDER}
    for name, parts in SHEETS.items():
        text = "\n".join(files[part] for part in parts).encode()
        path = static / name
        if not path.exists() or path.read_bytes() != text:
            path.write_bytes(text)


def _bare(static: Path, name: str) -> str:
    """A file without its comments and indents, and with the mono face inside."""
    text = re.sub(r"/\*.*?\*/", "", (static / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\s*\n\s*", "\n", text)
    if MONO not in text:
        return text
    face = b64encode((static / FACE).read_bytes()).decode()
    return text.replace(MONO, f'url("data:font/woff2;base64,{face}")')
