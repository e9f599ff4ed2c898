"""Load the catalog from the journal's files."""

from __future__ import annotations

import datetime
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fieldnotes.catalog import cross_checks
from fieldnotes.catalog.model import Catalog
from fieldnotes.catalog.note_pictures import read_pictures
from fieldnotes.sources import outline
from fieldnotes.sources.files import Tree, read_source, text_files
from fieldnotes.sources.lab import read as read_lab
from fieldnotes.sources.lane import read as read_lane
from fieldnotes.sources.note import DRAFT, EMPTY_OUTLINE
from fieldnotes.sources.note import read as read_note
from fieldnotes.sources.page import read as read_page
from fieldnotes.sources.problem import Code, Invalid, Problem
from fieldnotes.sources.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

T = TypeVar("T")

SAME_NAME = "the name of another file differs only in case or Unicode form (NFC, NFD); remove or rename one"


@dataclass(frozen=True)
class Loaded:
    """A catalog, the sorted problems of all files, and the paths of lanes, notes and pages that are left out."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]


def load(root: Path, now: datetime.datetime, *, drafts: bool = False, journal: Settings | None = None) -> Loaded:
    """Load the journal below ``root`` as it is published at ``now``, a time in the journal's time zone.

    With ``drafts``, drafts and scheduled notes are included, and the problems of drafts reported. A file that cannot be
    used is left out; files that clash are kept. If a lane cannot be used, its notes are left out, but not reported.

    Cost: 0.4 CPU seconds for 1,600 notes.
    """
    lane_paths, note_paths, page_paths = (text_files(root, folder) for folder in ("lanes", "notes", "pages"))
    lab_files = [*root.glob("labs/*/lab.py"), *root.glob("labs/*/results.json")]
    lab_paths = sorted({f"labs/{file.parent.name}" for file in lab_files})

    errors: dict[str, Invalid] = {}
    lanes = _read_all(lane_paths, lambda path: read_lane(path, read_source(root, path)), errors)
    invalid_lanes = {_docname(path).removeprefix("lanes/") for path in errors}
    titles = {name: name for name in invalid_lanes} | {lane.name: lane.title for lane in lanes}
    journal, zone = journal or Settings(), now.tzinfo or datetime.UTC
    note_outline = next(iter(_read_all([outline.FILE], lambda _path: outline.read(root), errors)), EMPTY_OUTLINE)
    all_notes = _read_all(
        note_paths,
        lambda path: read_note(path, read_source(root, path), titles, zone, note_outline, journal.optional),
        errors,
    )
    pages = _read_all(page_paths, lambda path: read_page(path, read_source(root, path)), errors)
    labs = _read_all(lab_paths, lambda path: read_lab(root, path), errors)

    notes = [note for note in all_notes if note.lane not in invalid_lanes and (drafts or not note.draft)]
    problems = [problem for error in errors.values() if drafts or not error.draft for problem in error.problems]
    problems += cross_checks.clashing_fields(lanes, "number", Code.LANE_NUMBER)
    problems += cross_checks.clashing_fields(lanes, "title", Code.TITLE_TWICE)
    problems += cross_checks.clashing_fields(notes, "title", Code.TITLE_TWICE)
    problems += cross_checks.clashing_fields(pages, "title", Code.TITLE_TWICE)
    problems += cross_checks.clashing_names(notes, "tags")
    problems += cross_checks.clashing_names(notes, "authors")
    problems += cross_checks.clashing_addresses(notes, set(map(_docname, note_paths)))
    problems += cross_checks.unknown_first_notes(lanes, all_notes, errors)
    problems += cross_checks.future_dates(notes, now)
    problems += cross_checks.leftover_outlines(notes)

    unpublished = {_docname(path): DRAFT for path, error in errors.items() if error.draft}
    unpublished |= {note.docname: state for note in all_notes if (state := note.unpublished_reason(now))}
    included = [
        cross_checks.without_future_dates(note, now) for note in notes if drafts or note.docname not in unpublished
    ]
    pictures = dict(read_pictures(Tree(root), included, {lab.name: lab for lab in labs}))
    problems += [picture for picture in pictures.values() if isinstance(picture, Problem)]
    catalog = Catalog(
        lanes=tuple(sorted(lanes, key=lambda lane: (lane.number, lane.docname))),
        notes=tuple(sorted(included, key=lambda note: note.order)),
        pages=tuple(sorted(pages, key=lambda page: page.title)),
        labs=tuple(labs),
        invalid_labs=frozenset(path.removeprefix("labs/") for path in errors if path.startswith("labs/")),
        unpublished=unpublished,
        pictures={name: picture for name, picture in pictures.items() if isinstance(picture, tuple)},
        today=now.date(),
        journal=journal,
    )
    in_catalog = {f"{docname}.md" for docname in catalog.documents}
    left_out = tuple(path for path in (*lane_paths, *note_paths, *page_paths) if path not in in_catalog)
    return Loaded(catalog, tuple(sorted(problems)), left_out)


def _read_all(paths: Sequence[str], read: Callable[[str], T], errors: dict[str, Invalid]) -> list[T]:
    """Read files or folders; add the error of each that cannot be used to ``errors``, by path."""
    folded = {path: unicodedata.normalize("NFC", path).casefold() for path in paths}  # as Windows and macOS compare
    items, counts = [], Counter(folded.values())
    for path in paths:
        try:
            if counts[folded[path]] > 1:
                raise Invalid(Problem(path, 1, Code.ADDRESS, SAME_NAME))
            items.append(read(path))
        except Invalid as error:
            errors[path] = error
    return items


def _docname(path: str) -> str:
    return path.removesuffix(".md")
