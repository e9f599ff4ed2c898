"""List the notes that were last verified more than a year ago: `make stale`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.catalog import loading
from fieldnotes.sources import build_date, settings
from fieldnotes.sources.problem import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def stale_notes(catalog: Catalog) -> Iterator[str]:
    """Yield a line for each stale published note, the one verified longest ago first."""
    notes = [note for note in catalog.notes if note.is_stale(catalog.today)]
    for note in sorted(notes, key=lambda note: (note.last_verified, note.docname)):
        form = "verified on {}, {} days ago" if note.verified else "published on {}, {} days ago, and never verified"
        yield f"{note.docname}.md: {form.format(note.last_verified, (catalog.today - note.last_verified).days)}"


def main(root: Path) -> int:
    """Print the stale notes of the journal at ``root``, and its problems to stderr; return 1 if it has problems."""
    try:
        now, problems = build_date.now(*build_date.settings(root))
        journal, invalid_settings = settings.read(build_date.evaluate(root), {}, ())
        loaded = loading.load(root, now, journal=journal)
    except Invalid as error:
        problems = [*error.problems]
    else:
        problems += [*invalid_settings, *loaded.problems]
        lines = list(stale_notes(loaded.catalog))
        total = len(loaded.catalog.notes)
        summary = f"{len(lines)} of {total} notes were last verified more than a year before {now.date()}."
        print("\n".join([*lines, summary]))
    for problem in problems:
        print(f"{problem.path}:{problem.line}: {problem.message} [{problem.code}]", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
