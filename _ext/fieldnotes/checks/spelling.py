"""Check spelling with codespell."""

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

MISSPELLINGS_FOUND = 65
"""The exit status of codespell when it reports a word."""


class SpellingError(Exception):
    """codespell could not run; the message says why."""


def misspelled_words(root: Path, texts: Mapping[str, Sequence[str]]) -> Iterator[Problem]:
    """Report the misspelled words in files, given as lines by path. codespell's settings are in pyproject.toml.

    One process checks all files. Raises SpellingError.
    """
    lines = [(path, number, line) for path, text in texts.items() for number, line in enumerate(text, 1)]
    content = "\n".join(line for _path, _number, line in lines)
    command = [sys.executable, "-X", "utf8", "-m", "codespell_lib", "--stdin-single-line", "-"]
    result = subprocess.run(command, cwd=root, input=content, capture_output=True, encoding="utf-8", check=False)
    if result.returncode not in {0, MISSPELLINGS_FOUND}:
        raise SpellingError(f"codespell could not run: {result.stderr.strip() or result.returncode}")
    for match in MISSPELLED.finditer(result.stdout):
        (path, number, line), word = lines[int(match[1]) - 1], match[2]
        message = f"`{word}` is misspelled; did you mean {match[3]}?"
        yield Problem(path, number, Code.SPELLING, message, line.find(word) + 1 or 1)
