"""Build one corpus with every system, in one run on one machine, and store the measurements.

python run.py [--sizes 100 400 1600] [--checks 12 400 1600] [--large 10000] [--out results.json]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import re
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import corpus
from measure import CommandError, circumstances, measure
from systems import SYSTEMS, journal_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus import BenchNote
    from systems import System

HERE = Path(__file__).parent
ALWAYS_WRITTEN = {"_static/pygments.css"}
"""Files that Furo rewrites in every build, unchanged."""

LIVE = ["-D", "fieldnotes_index=0"]
"""Options of builds by `make live`: no search index."""

MAKE_CHECK = "import sys; sys.path.insert(0, '_ext'); from fieldnotes.commands.check import main; sys.exit(main([]))"
"""The Python code that `make check` runs."""


class CaseError(Exception):
    """A case did not do what its name says, or a page lacks a feature."""


def main() -> None:
    """Run the benchmark; each finished case replaces its row in ``--out``, and other rows stay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[100, 400, 1600])
    parser.add_argument("--checks", type=int, nargs="*", default=[12, 400, 1600], help="sizes for `make check`")
    parser.add_argument("--large", type=int, help="a size for this journal only")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    plan = [(system, size) for size in options.sizes for system in SYSTEMS.values() if size <= system.largest]
    plan += [(SYSTEMS["ours"], options.large)] if options.large else []
    try:
        for system, size in plan:
            edits = system.name == "ours" and size in {max(options.sizes, default=0), options.large}
            store(options.out, list(run(system, size, edits=edits)))
        for size in options.checks:
            store(options.out, list(run_checks(size)))
    except (CommandError, CaseError) as error:
        sys.exit(f"\n{error}")
    progress(f"The results are in {options.out}\n")


def store(path: Path, rows: list[dict[str, Any]]) -> None:
    """Store rows with today's date in the results, in place of older rows of the same case."""
    today = circumstances()
    rows = [{**row, "date": today["date"]} for row in rows]
    stored = json.loads(path.read_text()) if path.exists() else {"rows": []}
    new = {(row["system"], row["case"], row["notes"]) for row in rows}
    old = [row for row in stored["rows"] if (row["system"], row["case"], row["notes"]) not in new]
    order = list(SYSTEMS)
    rows = sorted(old + rows, key=lambda row: (row["notes"], order.index(row["system"])))
    names = sorted({name for system in SYSTEMS.values() for name in system.distributions})
    result = {
        "machine": today["machine"],
        "versions": {name: importlib.metadata.version(name) for name in names},
        "rows": rows,
    }
    path.write_text(json.dumps(result, indent=1) + "\n")


def run(system: System, size: int, *, edits: bool = False) -> Iterator[dict[str, Any]]:
    """Build ``size`` notes with one system from scratch, then, with ``edits``, after each kind of edit."""
    notes = corpus(size)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        system.write(folder, notes)
        yield row(system, size, "clean", folder)
        check(system, folder, notes)
        if edits:
            for name, edit, check_edit in EDITS:
                options = LIVE if name.endswith("live") else []
                if options:
                    measure([*system.command, *options], folder)
                before = write_times(folder / system.output)
                edit(folder, notes)
                yield row(system, size, name, folder, options)
                after = write_times(folder / system.output)
                written = {page for page, stamp in after.items() if before.get(page) != stamp}
                if not check_edit(written):
                    raise CaseError(f"{system.name}, {name}: wrote {len(written)} files, such as {sorted(written)[:5]}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_checks(size: int) -> Iterator[dict[str, Any]]:
    """Run `make check` on ``size`` notes from scratch, then without a change, and after an edit.

    The notes have no digits, since each loose number would be reported.
    """
    system = replace(SYSTEMS["ours"], command=[sys.executable, "-c", MAKE_CHECK])
    notes = [replace(note, body=re.sub(r"\d+", "", note.body)) for note in corpus(size)]
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        system.write(folder, notes)
        for name, edit in CHECKS:
            edit(folder, notes)
            yield row(system, size, name, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def row(system: System, size: int, case: str, folder: Path, options: Sequence[str] = ()) -> dict[str, Any]:
    """Measure one build, and print a line of progress."""
    progress(f"{system.name}, {size} notes, {case} ... ")
    usage = measure([*system.command, *options], folder)
    progress(f"{usage.cpu} s of processor time, {usage.wall} s, {usage.memory} MB\n")
    files = [path for path in (folder / system.output).rglob("*") if path.is_file()]
    note = corpus(1)[0]
    page = folder / system.output / system.page.format(slug=note.slug, lane=note.lane)
    return {
        "system": system.name,
        "case": case,
        "notes": size,
        "cpu": usage.cpu,
        "wall": usage.wall,
        "memory": usage.memory,
        "page_bytes": page.stat().st_size if page.exists() else 0,
        "output_bytes": sum(path.stat().st_size for path in files),
    }


def check(system: System, folder: Path, notes: list[BenchNote]) -> None:
    """Raise CaseError unless every note has its page, and the pages of two notes contain the system's ``marks``."""
    for note in notes:
        page = folder / system.output / system.page.format(slug=note.slug, lane=note.lane)
        if not page.is_file():
            raise CaseError(f"{system.name}: {note.slug} has no page {page.relative_to(folder)}")
    for note in (notes[len(notes) // 3], notes[len(notes) // 2]):
        page = folder / system.output / system.page.format(slug=note.slug, lane=note.lane)
        text = page.read_text(encoding="utf-8")
        for mark in (*system.marks, note.body.split("\n\n")[1].split(" `")[0]):
            wanted = mark.format(title=note.title, tag=note.tags[0])
            if wanted not in text:
                raise CaseError(f"{system.name}: the page of {note.slug} has no {wanted!r}")


def write_times(output: Path) -> dict[str, int]:
    """Return the modification time of each output file in nanoseconds, except those that are always written."""
    files = (path for path in output.rglob("*") if path.is_file())
    stamped = {path.relative_to(output).as_posix(): path.stat().st_mtime_ns for path in files}
    return {name: stamp for name, stamp in stamped.items() if name not in ALWAYS_WRITTEN}


def note_pages(written: set[str]) -> int:
    """Return the number of pages of notes among these files."""
    return sum(name.startswith("notes/note-") and name.endswith(".html") for name in written)


def _edit(change: Callable[[str], str]) -> Callable[[Path, list[BenchNote]], None]:
    def edit(folder: Path, notes: list[BenchNote]) -> None:
        path = folder / f"notes/{notes[len(notes) // 2].slug}.md"
        path.write_text(change(path.read_text()))

    return edit


def _no_change(folder: Path, notes: list[BenchNote]) -> None:
    """Leave the notes unchanged."""


def _add_note(folder: Path, notes: list[BenchNote]) -> None:
    (folder / "notes/added.md").write_text(journal_note(notes[0]).replace("title: ", "title: Added "))


EDITS: list[tuple[str, Callable[[Path, list[BenchNote]], None], Callable[[set[str]], bool]]] = [
    ("no change", _no_change, lambda written: written == set()),
    ("body edited", _edit(lambda text: text + "\nOne more sentence.\n"), lambda written: note_pages(written) == 1),
    (
        "title edited",
        _edit(lambda text: text.replace("title: ", "title: Edited ")),
        lambda written: 2 <= note_pages(written) <= 30,
    ),
    (
        "tag changed",
        _edit(lambda text: text.replace("tags: [", "tags: [Added, ")),
        lambda written: 1 <= note_pages(written) <= 30 and {"tags/added.html", "tags/index.html"} <= written,
    ),
    ("note added", _add_note, lambda written: {"notes/added.html", "notes/index.html", "index.html"} <= written),
    (
        "body edited, live",
        _edit(lambda text: text + "\nAnd one more.\n"),
        lambda written: note_pages(written) == 1,
    ),
]

CHECKS = [
    ("check, clean", _no_change),
    ("check, no change", _no_change),
    ("check, body edited", _edit(lambda text: text + "\nOne more sentence.\n")),
]
"""The cases of `make check`; each fails if a problem is reported."""


def progress(text: str) -> None:
    """Print progress at once."""
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
