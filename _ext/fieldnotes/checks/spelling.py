"""Check the spelling with codespell."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

MISSPELLED = re.compile(r"(\d+): (\S+) ==> (.*)")

SOME_MISSPELLED = 65
"""The exit status with which codespell reports a word."""


class SpellingError(Exception):
    """codespell cannot run; says why."""


def misspelled(root: Path, texts: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Report the misspelled words of files, given by their lines, with codespell's settings in pyproject.toml.

    One process reads all of them. Raises SpellingError.
    """
    lines = [(path, number, line) for path, text in texts.items() for number, line in enumerate(text, 1)]
    asked = "\n".join(line for _path, _number, line in lines)
    command = [sys.executable, "-X", "utf8", "-m", "codespell_lib", "--stdin-single-line", "-"]
    done = subprocess.run(command, cwd=root, input=asked, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in {0, SOME_MISSPELLED}:
        raise SpellingError(f"codespell could not run: {done.stderr.strip() or done.returncode}")
    for match in MISSPELLED.finditer(done.stdout):
        (path, number, line), word = lines[int(match[1]) - 1], match[2]
        message = f"`{word}` is misspelled; did you mean {match[3]}?"
        yield Problem(path, number, Code.SPELLING, message, line.find(word) + 1 or 1)
