"""The day of a build, which decides what is published: `fieldnotes_today` of `conf.py`, or the clock's."""

from __future__ import annotations

import contextlib
import datetime
import re
import runpy
import traceback
from typing import TYPE_CHECKING

from fieldnotes.sources.problem import Code, Invalid, Problem, excerpt

if TYPE_CHECKING:
    from pathlib import Path

LAST_DAY_ON_EARTH = datetime.timezone(datetime.timedelta(hours=14))
"""The time zone where a day begins first: a note dated by its author's calendar is never early."""


def parse(text: object) -> datetime.date:
    """Parse YYYY-MM-DD. Raises ValueError for anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return datetime.date.fromisoformat(text)


def of(setting: str) -> tuple[datetime.date, list[Problem]]:
    """Parse ``fieldnotes_today`` to a date. Empty means today; so does a text that is not a date, with a problem."""
    today = datetime.datetime.now(LAST_DAY_ON_EARTH).date()
    if not setting:
        return today, []
    try:
        return parse(setting), []
    except ValueError:
        message = f"`fieldnotes_today` is `{excerpt(setting)}`, not a date; write it as YYYY-MM-DD, or leave it empty"
        return today, [Problem("conf.py", 1, Code.DAY, message)]


def setting(root: Path) -> str:
    """Evaluate ``conf.py`` in ``root`` as Sphinx does, and return its ``fieldnotes_today``; "" if it has none.

    Raises Invalid if ``conf.py`` cannot be read or fails.
    """
    path = (root / "conf.py").resolve()
    try:
        with contextlib.chdir(path.parent):
            return str(runpy.run_path(str(path)).get("fieldnotes_today") or "")
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else [1, *lines][-1]
        message = f"cannot be evaluated: {type(error).__name__}: {error}; correct it"
        raise Invalid(Problem("conf.py", line or 1, Code.UNREADABLE, message)) from error
