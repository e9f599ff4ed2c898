"""List the notes that nobody has verified for more than a year: `make stale`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.catalog import loading
from fieldnotes.sources import build_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog


def lines(found: Catalog) -> Iterator[str]:
    """A line for each stale note that is published, the one that has waited longest first."""
    stale = [note for note in found.notes if note.is_stale(found.today)]
    for note in sorted(stale, key=lambda note: (note.last_verified, note.docname)):
        what = "verified" if note.verified else "published, never verified since,"
        days = (found.today - note.last_verified).days
        yield f"{note.docname}.md: {what} on {note.last_verified}, {days} days ago"


def main(root: Path, setting: str) -> int:
    """Print the list for the journal in ``root`` on the day of ``setting``; gives 1 where something is wrong."""
    today, wrong = build_date.of(setting)
    loaded = loading.load(root, today)
    for problem in (*wrong, *loaded.problems):
        print(f"{problem.path}:{problem.line}: {problem.message} [{problem.code}]", file=sys.stderr)
    listed = list(lines(loaded.catalog))
    for line in listed:
        print(line)
    count = len(loaded.catalog.notes)
    print(f"{len(listed)} of {count} notes were last verified more than a year before {today}.")
    return 1 if wrong or loaded.problems else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), os.environ.get("FIELDNOTES_TODAY", "")))
