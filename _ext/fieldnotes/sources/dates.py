"""Parse the dates of front matter: a date, or a date and time."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import re

DATE_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt]|[ \t]+)(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d*)?)?"
    r"[ \t]*(?:([Zz])|([+-]\d{1,2})(?::?(\d\d))?)?",
    re.ASCII,
)
"""A date and time as in YAML 1.1 and RFC 3339: date, hour, minute, second, Z, offset hours, offset minutes."""

NUMERIC_DATE = re.compile(r"(?<!\d)(\d{4})[-/](\d\d?)[-/](\d\d?)(?!\d)")


class Day(datetime.date):
    """A date in the journal's time zone; ``moment`` is its midnight, or the time that the author gave."""

    moment: datetime.datetime
    has_time: bool

    @classmethod
    def at(cls, moment: datetime.datetime, *, has_time: bool) -> Day:
        """Create the day of a moment in the journal's time zone."""
        day = cls(moment.year, moment.month, moment.day)
        day.moment, day.has_time = moment, has_time
        return day

    @property
    def timestamp(self) -> str:
        """The moment in RFC 3339 format."""
        text = self.moment.isoformat(timespec="seconds")
        return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text

    @property
    def iso(self) -> str:
        """The ISO 8601 date, with the time if the author gave one."""
        return self.timestamp if self.has_time else self.isoformat()


def parse_date(text: object) -> datetime.date:
    """Parse YYYY-MM-DD. Raises ValueError for anything else."""
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise ValueError
    return datetime.date.fromisoformat(text)


def parse(text: object, zone: datetime.tzinfo) -> Day:
    """Parse a date, or a date and time; a value without an offset is in ``zone``. Raises ValueError."""
    if not isinstance(text, str) or not (match := DATE_TIME.fullmatch(text)):
        return Day.at(datetime.datetime.combine(parse_date(text), datetime.time(), zone), has_time=False)
    day, hour, minute, second, utc, hours, minutes = match.groups()
    time = datetime.time(int(hour), int(minute), int(second or 0))
    offset = zone
    if utc or hours:
        delta = datetime.timedelta(hours=abs(int(hours or 0)), minutes=int(minutes or 0))
        offset = datetime.timezone(-delta if (hours or "").startswith("-") else delta)
    try:
        moment = datetime.datetime.combine(parse_date(day), time, offset).astimezone(zone)
    except OverflowError as error:
        raise ValueError from error
    return Day.at(moment, has_time=True)


def guess(text: str) -> datetime.date | None:
    """Guess the date in a text such as `2023/1/2 10:00`, `2 Jan 2023` or `January 2, 2023`; None if there is none."""
    numeric = NUMERIC_DATE.search(text)
    with contextlib.suppress(ValueError, TypeError, IndexError):
        parsed = email.utils.parsedate(text) or email.utils.parsedate(f"{text} 00:00") or ()
        return datetime.date(*map(int, numeric.groups() if numeric else parsed[:3]))
    return None
