"""The record of a build: every file in the output, with a digest of its inputs.

The record of the last complete build is one file in Sphinx's doctree folder. While a build writes, a marker next to it
lists the files that may be half written; a build that finds a marker deletes those files and starts clean.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sphinx.application import Sphinx

    from fieldnotes.exports.all_exports import Export
    from fieldnotes.pages.shared import View

RECORD = "fieldnotes.json"
UNFINISHED = "fieldnotes.unfinished"

PACKAGES = ("sphinx", "docutils", "furo", "pygments")
"""Packages, besides the extensions, whose version affects the pages."""


class Stamp(NamedTuple):
    """The state of a file after a build. Its content is hashed again only if its size or time differs."""

    size: int
    time: int
    content: str


@dataclass
class BuildRecord:
    """The record of a build: its output, what the next build must read again, and whether it was complete."""

    files: dict[str, str] = field(default_factory=dict)
    """Digests of inputs by path, see ``Plan``."""
    shared: str = ""
    """The ``shared_digest``."""
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """All output files, including ``_static`` and the search index."""
    doctrees: dict[str, int] = field(default_factory=dict)
    """The size of each doctree, by docname. If it differs, the doctree is damaged, and its document is read again."""
    warned: list[str] = field(default_factory=list)
    """Documents to read again because of a warning; ``""`` for all."""
    repeatable: list[tuple[str, int, int, str, str]] = field(default_factory=list)
    """Warnings to repeat if their document is not read again: path, line, column, code and message."""
    complete: bool = True
    """False after a build that was killed: no output can be trusted."""


@dataclass(frozen=True)
class Plan:
    """The planned output of the running build, and the exports that produce it."""

    files: dict[str, str] = field(default_factory=dict)
    """Digests of inputs by path; ``""`` for a copied file, and for an export that is faster to make than to compare."""
    shared: str = ""
    exports: list[Export] = field(default_factory=list)
    backlinks: dict[str, View] = field(default_factory=dict)


def read(folder: Path) -> BuildRecord:
    """Read the record of the last complete build; it is empty if there is none, or if a later build was killed."""
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        stamps = {path: Stamp(*stamp) for path, stamp in stored.pop("stamps").items()}
        record = BuildRecord(stamps=stamps, **stored)
    except FileNotFoundError:
        record = BuildRecord()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return BuildRecord(complete=False)
    return BuildRecord(complete=False) if (folder / UNFINISHED).exists() else record


def write(folder: Path, record: BuildRecord) -> None:
    """Store the record of a complete build, and remove the marker."""
    _replace(folder / RECORD, vars(record))
    (folder / UNFINISHED).unlink(missing_ok=True)


def mark_unfinished(folder: Path, paths: Iterable[str]) -> None:
    """Add paths to the list of files that may be half written until a build completes."""
    _replace(folder / UNFINISHED, sorted({*unfinished(folder), *paths}))


def unfinished(folder: Path) -> list[str]:
    """Return the paths of output files that a killed build may have left half written."""
    try:
        paths: list[str] = json.loads((folder / UNFINISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return paths


def _replace(path: Path, content: object) -> None:
    """Write a file atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
    part.replace(path)


def write_changed(path: Path, data: bytes) -> None:
    """Write a file only if its content changes, to keep its modification time."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def stamp(path: Path, previous: Stamp | None) -> Stamp:
    """Return the stamp of a file: ``previous`` if neither its size nor its time has changed."""
    status = path.stat()
    size, time = status.st_size, status.st_mtime_ns
    if previous and previous[:2] == (size, time):
        return previous
    return Stamp(size, time, hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest())


def discard_changed(root: Path, stamps: Mapping[str, Stamp]) -> set[str]:
    """Delete files that changed since they were stamped; return their paths and those of missing files."""
    lost = set()
    for path, previous in stamps.items():
        file = root / path
        if not file.is_file() or stamp(file, previous).content != previous.content:
            remove(root, path)
            lost.add(path)
    return lost


def remove(root: Path, path: str) -> None:
    """Delete a file below ``root``, and the folders that become empty."""
    file = root / path
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()


def digest(data: object) -> str:
    """Return a digest of plain data."""
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]


def code_digest(app: Sphinx) -> str:
    """Return a digest of the code that builds pages: this extension, and the versions of all others."""
    versions = [(name, extension.version) for name, extension in sorted(app.extensions.items())]
    versions += [(name, importlib.metadata.version(name)) for name in PACKAGES]
    parts = hashlib.sha256(repr(versions).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.p[oy]")):
        parts.update(path.read_bytes())
    return parts.hexdigest()


def shared_digest(app: Sphinx, code: str) -> str:
    """Return a digest of what all pages share: stylesheets and scripts, templates, settings, and the code."""
    parts = hashlib.sha256(code.encode())
    for name in (*app.config.html_static_path, *app.config.templates_path):
        for path in sorted(Path(app.confdir, name).rglob("*")):
            if path.is_file():
                parts.update(path.name.encode() + path.read_bytes())
    for setting in app.config.filter(frozenset({"html", "env"})):
        value = sorted(setting.value) if isinstance(setting.value, (set, frozenset)) else setting.value
        parts.update(f"{setting.name}={value!r}".encode())
    return parts.hexdigest()
