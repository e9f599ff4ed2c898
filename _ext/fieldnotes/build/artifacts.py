"""The record of a build: every file that it leaves in the output, and a digest of what the file is made from.

The record of the last complete build is one file in Sphinx's doctree folder. While a build writes, a marker beside it
names all that may be half written: a build that finds one deletes those files and starts clean.
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
"""Packages whose version decides what a page looks like, beside the extensions."""


class Stamp(NamedTuple):
    """A file as a build left it. Its content is read only if size or time differ."""

    size: int
    time: int
    content: str


@dataclass
class Record:
    """What a complete build left: its files by path, the documents that it warned of, and whether it can be trusted."""

    files: dict[str, str] = field(default_factory=dict)
    """The digests of what files are made from, see ``Plan``."""
    shared: str = ""
    """The digest of what all pages share: see ``shared_digest``."""
    stamps: dict[str, Stamp] = field(default_factory=dict)
    """All files of the output, with those in ``_static`` and of the search index."""
    doctrees: dict[str, int] = field(default_factory=dict)
    """The size of each document's doctree, by docname: one that was cut is read again, and not unpickled."""
    warned: list[str] = field(default_factory=list)
    """The documents to read again because of a warning; ``""`` for all of them."""
    repeatable: list[tuple[str, int, int, str, str]] = field(default_factory=list)
    """The warnings to repeat while their document is not read, each as path, line, column, code and message."""
    complete: bool = True
    """False after a build that was killed: nothing is as it should be."""


@dataclass(frozen=True)
class Plan:
    """What the running build leaves, and what it needs to make it."""

    files: dict[str, str] = field(default_factory=dict)
    """Digests of inputs; empty for a copied file, and for an export that is made faster than it is compared."""
    shared: str = ""
    exports: list[Export] = field(default_factory=list)
    mentions: dict[str, View] = field(default_factory=dict)


def read(folder: Path) -> Record:
    """Read the record of the last complete build: empty where there is none, or where a later build was killed."""
    try:
        stored = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        stamps = {path: Stamp(*stamp) for path, stamp in stored.pop("stamps").items()}
        record = Record(stamps=stamps, **stored)
    except FileNotFoundError:
        record = Record()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Record(complete=False)
    return Record(complete=False) if (folder / UNFINISHED).exists() else record


def write(folder: Path, record: Record) -> None:
    """Store the record of a complete build, and remove the marker."""
    _replace(folder / RECORD, vars(record))
    (folder / UNFINISHED).unlink(missing_ok=True)


def mark_unfinished(folder: Path, paths: Iterable[str]) -> None:
    """Name what may be half written until this build is complete, beside what an unfinished one has named."""
    _replace(folder / UNFINISHED, sorted({*unfinished(folder), *paths}))


def unfinished(folder: Path) -> list[str]:
    """The paths in the output that a killed build may have left half written."""
    try:
        paths: list[str] = json.loads((folder / UNFINISHED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return paths


def _replace(path: Path, content: object) -> None:
    """Write a file as a whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
    part.replace(path)


def write_changed(path: Path, data: bytes) -> None:
    """Write a file, unless it is as it should be: its time then stays."""
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def stamp(path: Path, known: Stamp | None = None) -> Stamp:
    """The stamp of a file, ``known`` if neither its size nor its time has changed."""
    status = path.stat()
    size, time = status.st_size, status.st_mtime_ns
    if known and known[:2] == (size, time):
        return known
    return Stamp(size, time, hashlib.blake2b(path.read_bytes(), digest_size=16).hexdigest())


def discard_changed(root: Path, stamps: Mapping[str, Stamp]) -> set[str]:
    """Delete the files that hold something else than when they were stamped; name these and the missing ones."""
    lost = set()
    for path, known in stamps.items():
        file = root / path
        if not file.is_file() or stamp(file, known).content != known.content:
            remove(root, path)
            lost.add(path)
    return lost


def remove(root: Path, path: str) -> None:
    """Delete a file below ``root``, and the folders that this leaves empty."""
    file = root / path
    file.unlink(missing_ok=True)
    for folder in file.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()


def digest(shown: object) -> str:
    """A digest of plain data."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]


def code_digest(app: Sphinx) -> str:
    """A digest of the code that makes the pages: this extension, and the versions of all others."""
    versions = [(name, extension.version) for name, extension in sorted(app.extensions.items())]
    versions += [(name, importlib.metadata.version(name)) for name in PACKAGES]
    parts = hashlib.sha256(repr(versions).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.p[oy]")):
        parts.update(path.read_bytes())
    return parts.hexdigest()


def shared_digest(app: Sphinx, code: str) -> str:
    """A digest of what all pages share: stylesheets and scripts, templates, settings, and the code."""
    parts = hashlib.sha256(code.encode())
    for name in (*app.config.html_static_path, *app.config.templates_path):
        for path in sorted(Path(app.confdir, name).rglob("*")):
            if path.is_file():
                parts.update(path.name.encode() + path.read_bytes())
    for setting in app.config.filter(frozenset({"html", "env"})):
        value = sorted(setting.value) if isinstance(setting.value, (set, frozenset)) else setting.value
        parts.update(f"{setting.name}={value!r}".encode())
    return parts.hexdigest()
