"""Load the catalog from the files of the journal."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.catalog.clashes import (
    clashing_addresses,
    clashing_lanes,
    clashing_tags,
    clashing_titles,
    future_dates,
    leftover_outlines,
)
from fieldnotes.catalog.model import Catalog
from fieldnotes.sources import lab as lab_files
from fieldnotes.sources import lane as lane_files
from fieldnotes.sources import note, yaml_header
from fieldnotes.sources.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable

    from fieldnotes.sources.lab import Lab
    from fieldnotes.sources.yaml_header import Lines

LARGEST = 200_000
"""Bytes of a note or lane: ten times the longest that is read to its end."""


@dataclass(frozen=True)
class Loaded:
    """A catalog, the problems of the files, the paths of files that are left out, and the lines of notes' fields."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]
    lines: dict[str, Lines]


def load(root: Path, today: datetime.date, *, drafts: bool = False) -> Loaded:
    """Load the lanes, notes and labs below ``root``, as they are to be published ``today``; or with all ``drafts``.

    A file that cannot be used is left out; a clash between two files is a problem, and both are kept. A note that is
    not to be published is left out too. What is wrong with one of a day to come is told before that day, and what is
    wrong with a draft when drafts are asked for.
    """
    problems: list[Problem] = []
    lanes, unfit_lanes = _read(root, "lanes", lane_files.read, problems)
    context = {"lanes": {lane.name: lane.title for lane, _lines in lanes}}
    orphans = {path.removeprefix("lanes/").removesuffix(".md") for path in unfit_lanes}
    rough: list[Problem] = []
    notes, unfit_notes = _read(root, "notes", partial(note.read, context=context), problems, rough)
    if drafts:
        problems += rough
    problems = [problem for problem in problems if not _follows_from(problem, orphans)]
    unpublished = {problem.path.removesuffix(".md"): note.DRAFT for problem in rough}
    unpublished |= {note.docname: state for note, _lines in notes if (state := note.waits(today))}
    fit = {note.docname for note, _lines in notes}
    notes = notes if drafts else [found for found in notes if not found[0].draft]
    labs, unfit_labs = _labs(root, problems)
    problems += clashing_lanes(lanes)
    problems += clashing_titles(lanes)
    problems += clashing_titles(notes)
    problems += clashing_tags(notes)
    problems += future_dates(notes, today)
    problems += leftover_outlines(notes)
    problems += clashing_addresses(notes, fit | {path.removesuffix(".md") for path in unfit_notes})
    shown = [note for note, _lines in notes if drafts or note.docname not in unpublished]
    catalog = Catalog(
        tuple(sorted((lane for lane, _lines in lanes), key=lambda lane: (lane.number, lane.docname))),
        tuple(sorted(shown, key=lambda note: (-note.date.toordinal(), note.docname))),
        tuple(labs),
        frozenset(unfit_labs),
        unpublished,
        today,
    )
    lines = {note.docname: lines for note, lines in notes}
    withheld = sorted(f"{name}.md" for name in fit - catalog.notes_by_docname.keys())
    return Loaded(catalog, tuple(sorted(problems)), (*unfit_lanes, *unfit_notes, *withheld), lines)


def _read(
    root: Path,
    folder: str,
    read: Callable[[str, bytes], Any],
    problems: list[Problem],
    rough: list[Problem] | None = None,
) -> tuple[list[Any], list[str]]:
    """Read the files of a folder; gives what is fit, and the paths of the others.

    What is wrong goes to ``problems``, and what is wrong with drafts to ``rough``.
    """
    found, unfit = [], []
    for path in files(root, folder):
        try:
            found.append(_read_file(root, path, read))
        except Invalid as error:
            (rough if rough is not None and error.draft else problems).extend(error.problems)
            unfit.append(path)
    return found, unfit


def _read_file(root: Path, path: str, read: Callable[[str, bytes], Any]) -> Any:
    if not path.isprintable():
        name = path.encode("ascii", "backslashreplace").decode().replace("\n", "\\n")
        raise Invalid(Problem(name, 1, Code.ADDRESS, "the file's name gives no address; rename it"))
    if (root / path).is_dir():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is a link to a folder; move the files here instead"))
    if not path.endswith(".md"):
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is not Markdown by its name; end it with .md"))
    return read(path, contents(root, path))


def contents(root: Path, path: str) -> bytes:
    """The bytes of a file, given by its path from ``root``; raises Invalid."""
    file = root / path
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise Invalid(Problem(path, 1, Code.LONG, f"is {size} bytes long; keep it to {LARGEST}, or split it"))
        return yaml_header.bytes_of(file)
    except OSError as error:
        message = f"cannot be read: {error.strerror}; mend the file or remove it"
        raise Invalid(Problem(path, 1, Code.UNREADABLE, message)) from error


def _labs(root: Path, problems: list[Problem]) -> tuple[list[Lab], list[str]]:
    """Read the folders with a ``lab.py`` or a ``results.json``; gives the labs, and the names of those left out."""
    found, unfit = [], []
    for folder in sorted({path.parent for name in ("lab.py", "results.json") for path in root.glob(f"labs/*/{name}")}):
        try:
            found.append(lab_files.read(f"labs/{folder.name}", partial(_bytes, folder)))
        except Invalid as error:
            problems.extend(error.problems)
            unfit.append(folder.name)
    return found, unfit


def _bytes(folder: Path, name: str) -> bytes:
    return yaml_header.bytes_of(folder / name)


def files(root: Path, folder: str) -> list[str]:
    """The files of text, hidden ones aside, and links to folders, which are not followed."""
    paths = []
    for place, folders, files in os.walk(root / folder):
        inside = Path(place).relative_to(root).as_posix()
        names = [name for name in files if re.search(r"\.(md|markdown|rst)$", name, re.IGNORECASE)]
        names += [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [f"{inside}/{name}" for name in names if not name.startswith(".")]
    return sorted(paths)


def _follows_from(problem: Problem, orphans: set[str]) -> bool:
    """Whether this is of a note whose lane's own file is the one to mend."""
    return problem.code is Code.LANE and any(problem.message.startswith(f"`lane` `{name}` ") for name in orphans)
