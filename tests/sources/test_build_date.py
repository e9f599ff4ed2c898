"""The day of a build: the setting, or the clock's where a day begins first."""

from __future__ import annotations

import datetime

import pytest
from fieldnotes.sources import build_date
from fieldnotes.sources.problem import Code


@pytest.mark.parametrize(
    ("hour", "minute", "day"),
    [
        (9, 59, "2026-11-24"),  # before midnight everywhere on earth
        (10, 0, "2026-11-25"),  # midnight on Kiritimati, UTC+14
        (23, 59, "2026-11-25"),
    ],
)
@pytest.mark.parametrize("setting", ["", "soon"])
def test_build_date_is_that_of_the_first_time_zone(
    monkeypatch: pytest.MonkeyPatch, hour: int, minute: int, day: str, setting: str
) -> None:
    """A note dated by its author's calendar is never early."""
    moment = datetime.datetime(2026, 11, 24, hour, minute, tzinfo=datetime.UTC)

    class Clock(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return moment.astimezone(tz or datetime.UTC)

    monkeypatch.setattr(build_date.datetime, "datetime", Clock)
    assert build_date.of(setting)[0].isoformat() == day


@pytest.mark.parametrize("setting", ["soon", "2026-13-01", "20261124", "2026-11-24T00:00", "٢٠٢٦-١١-٢٤"])
def test_build_date_reports_a_setting_that_is_no_day(setting: str) -> None:
    _day, (problem,) = build_date.of(setting)
    assert (problem.path, problem.line, problem.code) == ("conf.py", 1, Code.DAY)
