"""Check the spelling with codespell."""

from __future__ import annotations

import re
import sys
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MISSPELLED = re.compile(r"(\d+): (\S+) ==> (.*)")


class CheckError(Exception):
    """The files cannot be checked; says why."""


def spell(root: Path, texts: dict[str, str]) -> Popen[str]:
    """Ask codespell of all texts at once, with its settings in pyproject.toml; other things can be done meanwhile."""
    command = [sys.executable, "-X", "utf8", "-m", "codespell_lib", "--stdin-single-line", "-"]
    with TemporaryFile() as asked:
        asked.write("\n".join(texts.values()).encode())
        asked.seek(0)
        return Popen(command, cwd=root, stdin=asked, stdout=PIPE, stderr=PIPE, encoding="utf-8")


def misspelled(spelling: Popen[str], texts: dict[str, str]) -> Iterator[Problem]:
    """What codespell has found. Raises CheckError."""
    output, errors = spelling.communicate()
    if spelling.returncode not in {0, 65}:  # 65: it found some
        raise CheckError(f"codespell could not run: {errors.strip() or spelling.returncode}")
    lines = [(path, number, line) for path, text in texts.items() for number, line in enumerate(text.split("\n"), 1)]
    for found in MISSPELLED.finditer(output):
        (path, number, line), word = lines[int(found[1]) - 1], found[2]
        message = f"`{word}` is misspelled; did you mean {found[3]}?"
        yield Problem(path, number, Code.SPELLING, message, line.find(word) + 1 or 1)
