"""The day of a build: an input as the files are, from which follows what is published."""

from __future__ import annotations

import datetime
import re

from fieldnotes.sources.problem import Code, Problem

LAST_DAY_ON_EARTH = datetime.timezone(datetime.timedelta(hours=14))
"""Where a new day begins first: a note dated by its author's calendar is never early."""


def of(setting: str) -> tuple[datetime.date, list[Problem]]:
    """The day that ``fieldnotes_today`` names, or that of the clock where it is empty; and what is wrong with it."""
    clock = datetime.datetime.now(LAST_DAY_ON_EARTH).date()
    if not setting:
        return clock, []
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", setting, re.ASCII):
            raise ValueError
        return datetime.date.fromisoformat(setting), []
    except ValueError:
        message = f"`fieldnotes_today` is `{setting[:40]}`, no day; write it as YYYY-MM-DD, or leave it empty"
        return clock, [Problem("conf.py", 1, Code.DAY, message)]
