"""The exports of a build: what they are made from, and where."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.build.state import catalog_of
from fieldnotes.exports.files import export_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sphinx.application import Sphinx

    from fieldnotes.exports.files import Export
    from fieldnotes.pages.parts import DerivedPage


def files(app: Sphinx, derived: Iterable[DerivedPage], digests: Mapping[str, str]) -> Iterator[Export]:
    """Every export. ``digests`` has for each document the digest of all that its page is made from."""
    pictures = {path: f"_images/{name}" for path, (_docnames, name) in app.env.images.items()}
    folders = Path(app.srcdir), Path(app.outdir)
    site = app.fieldnotes_site  # type: ignore[attr-defined]
    return export_files(catalog_of(app.env), site, derived, digests, pictures, *folders)
