"""Say all that is wrong with the journal's files, without building it: `make check`.

What a build says as well is found by the same code, but for links between documents: those MyST resolves in a build.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.catalog import loading
from fieldnotes.checks import prose
from fieldnotes.checks.links import Journal
from fieldnotes.checks.numbers import loose_numbers
from fieldnotes.checks.spelling import CheckError, misspelled, spell
from fieldnotes.checks.tags import tags
from fieldnotes.sources import build_date, files
from fieldnotes.sources.note import DRAFT
from fieldnotes.sources.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from fieldnotes.catalog.loading import Loaded
    from fieldnotes.checks.prose import Page

NOTHING, FINDINGS, COULD_NOT_RUN = 0, 1, 2
"""Exit statuses."""

MANY = 200
"""Pages for which processes are worth their start."""


def check(root: Path, today: datetime.date) -> list[Problem]:
    """Find all that is wrong with the journal in ``root``, in the order of files and lines. Raises CheckError.

    Notes that are not to be published ``today`` are among those read.
    """
    texts = dict(_texts(root))
    with spell(root, texts) as spelling:
        loaded = loading.load(root, today, drafts=True)
        found = loaded.catalog
        asked = [(path, text, found.titles.get(path.removesuffix(".md"))) for path, text in texts.items()]
        journal = Journal(root, loaded, {page.path.removesuffix(".md"): page for page in _pages(asked)})
        problems = [*loaded.problems, *tags(loaded), *waiting(loaded), *journal.lost(), *misspelled(spelling, texts)]
        problems += [problem for page in journal.pages.values() for problem in page.problems]
    drafts = {f"{name}.md" for name, state in found.unpublished.items() if state == DRAFT}
    problems = [replace(p, is_advice=p.code.is_advice or p.path in drafts) for p in problems]
    return sorted(problems, key=lambda p: (p.path, p.line, p.column, p.code))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """The texts that can be read, by their paths: those of unfit files too, which may have more faults than one."""
    for path in ["index.md", *files.text_files(root, "lanes"), *files.text_files(root, "notes")]:
        try:
            yield path, files.decode(path, files.read_source(root, path))
        except Invalid:
            continue


def _pages(asked: Sequence[tuple[str, str, str | None]]) -> list[Page]:
    """Read pages, many of them in a process for each processor: nearly all of the time is the parser's."""
    if len(asked) < MANY:
        return [read(*page) for page in asked]
    with ProcessPoolExecutor() as pool:
        return list(pool.map(read, *zip(*asked, strict=True), chunksize=20))


def read(path: str, text: str, title: str | None) -> Page:
    """Read a page, and what is wrong with it by itself; ``title`` is that of a note or lane that is fit."""
    tokens, is_closed = prose.parse_whole(text)
    page = prose.read(path, text, tokens, title)
    if title is not None and not is_closed:
        page.problems.append(prose.unclosed(path, tokens))
    if path.startswith("notes/"):
        page.problems += prose.sources(page, tokens)
        lines = text.split("\n")
        for line, number, where in loose_numbers(tokens):
            said = where if len(where) <= 80 else f"{where[:80]}…"
            message = f"{number} has no lab and no source, and is not said to be made up; quote or mark it: {said}"
            page.problems.append(Problem(path, line, Code.NUMBER, message, lines[line - 1].find(number) + 1 or 1))
    return page


def waiting(loaded: Loaded) -> Iterator[Problem]:
    """Tell of the notes that are not to be published yet."""
    for name, state in loaded.catalog.unpublished.items():
        yield Problem(f"{name}.md", 1, Code.WAITING, f"it is {state}, and not published")


def as_text(problems: Sequence[Problem]) -> str:
    """A line for each: ``path:line:column: code message``."""
    return "".join(f"{p.path}:{p.line}:{p.column}: {p.code} {p.message}\n" for p in problems)


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects, which say as well whether it is a fault or advice."""
    return json.dumps(
        [
            {
                "path": p.path,
                "line": p.line,
                "column": p.column,
                "code": p.code,
                "level": "advice" if p.is_advice else "fault",
                "message": p.message,
            }
            for p in problems
        ],
        indent=1,
        ensure_ascii=False,
    )


def main(arguments: Sequence[str]) -> int:
    """Check the journal in a folder, print what is wrong, and give the exit status."""
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where conf.py is; the current folder")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args(arguments)
    gc.freeze()  # what is read stays until the end: Python need not look through it again and again
    gc.set_threshold(100_000, 50, 10)
    try:
        if not (options.folder / "conf.py").is_file():
            raise CheckError(f"{options.folder} is not the folder of a journal: it has no conf.py")
        today, wrong = build_date.of(os.environ.get("FIELDNOTES_TODAY", ""))
        problems = [*wrong, *check(options.folder, today)]
    except CheckError as error:
        print(f"check: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except Exception:
        traceback.print_exc()
        return COULD_NOT_RUN
    faults = sum(not problem.is_advice for problem in problems)
    sys.stdout.write(as_json(problems) + "\n" if options.format == "json" else as_text(problems))
    print(f"{faults} to mend, {len(problems) - faults} to consider", file=sys.stderr)
    return FINDINGS if faults else NOTHING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
