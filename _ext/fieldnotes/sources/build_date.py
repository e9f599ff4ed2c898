"""Determine the build time, from the clock or from `fieldnotes_today`: it decides what is published."""

from __future__ import annotations

import contextlib
import datetime
import runpy
import traceback
import zoneinfo
from typing import TYPE_CHECKING, Any

from fieldnotes.sources.dates import parse_date
from fieldnotes.sources.problem import Code, Invalid, Problem, excerpt, suggestion

if TYPE_CHECKING:
    from pathlib import Path

UTC = "UTC"
"""The default time zone."""


def now(today: str, timezone: str = UTC) -> tuple[datetime.datetime, list[Problem]]:
    """Return the build time in the journal's time zone, and any problems with the two settings.

    ``today`` is ``fieldnotes_today``: a build for a given day is dated at the end of that day. If it is empty or not a
    date, the clock is used. ``timezone`` is ``fieldnotes_timezone``; if it is not a time zone, UTC is used.
    """
    zone, problems = _zone(timezone)
    if today:
        try:
            return datetime.datetime.combine(parse_date(today), datetime.time.max, zone), problems
        except ValueError:
            message = f"`fieldnotes_today` is `{excerpt(today)}`, not a date; write it as YYYY-MM-DD, or leave it empty"
            problems.append(Problem("conf.py", 1, Code.DAY, message))
    return datetime.datetime.now(zone), problems


def _zone(name: str) -> tuple[datetime.tzinfo, list[Problem]]:
    """Return the time zone with an IANA name. UTC works without the system's time zone database."""
    if name == UTC:
        return datetime.UTC, []
    try:
        return zoneinfo.ZoneInfo(name), []
    except (KeyError, ValueError, OSError):
        names = sorted(zoneinfo.available_timezones())
        closest = suggestion(name, names)
        hint = f"did you mean `{closest}`?" if closest else "write a name such as `Europe/Berlin`, or `UTC`"
        unknown = f"not a time zone; {hint}"
        no_database = "but this machine has no time zone database; install the package tzdata, or write `UTC`"
        message = f"`fieldnotes_timezone` is `{excerpt(name)}`, {unknown if names else no_database}"
        return datetime.UTC, [Problem("conf.py", 1, Code.DAY, message)]


def settings(root: Path) -> tuple[str, str]:
    """Return the arguments of ``now`` that ``conf.py`` in ``root`` sets. Raises Invalid as ``evaluate`` does."""
    values = evaluate(root)
    return str(values.get("fieldnotes_today") or ""), str(values.get("fieldnotes_timezone", UTC))


def evaluate(root: Path) -> dict[str, Any]:
    """Evaluate ``conf.py`` in ``root`` as Sphinx does, and return its variables.

    Raises Invalid if ``conf.py`` cannot be read or fails.
    """
    path = (root / "conf.py").resolve()
    try:
        with contextlib.chdir(path.parent):
            return runpy.run_path(str(path))
    except (Exception, SystemExit) as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = error.lineno if isinstance(error, SyntaxError) else [1, *lines][-1]
        reason = f"evaluated: {type(error).__name__}: {error}"
        if isinstance(error, OSError) and not lines:  # of the file itself, not of a statement in it
            reason = f"read: {error.strerror}"
        raise Invalid(Problem("conf.py", line or 1, Code.UNREADABLE, f"cannot be {reason}; correct it")) from error
