"""The time of a build, from the clock or the settings in `conf.py`, and the dates in front matter."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import TYPE_CHECKING

import pytest
from fieldnotes.sources import build_date, dates
from fieldnotes.sources.problem import Code, Invalid

if TYPE_CHECKING:
    from pathlib import Path

MOMENT = datetime.datetime(2025, 12, 31, 23, 30, tzinfo=datetime.UTC)


class Clock(datetime.datetime):
    """A clock stopped at MOMENT."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return MOMENT.astimezone(tz)


@pytest.mark.parametrize(
    ("timezone", "today"),
    [
        ("UTC", "2025-12-31"),
        ("Europe/Berlin", "2026-01-01"),
        ("America/New_York", "2025-12-31"),
        ("Pacific/Kiritimati", "2026-01-01"),
    ],
)
def test_today_is_in_the_time_zone_of_the_journal(monkeypatch: pytest.MonkeyPatch, timezone: str, today: str) -> None:
    monkeypatch.setattr(datetime, "datetime", Clock)
    now, problems = build_date.now("", timezone)
    assert (now, str(now.date()), problems) == (MOMENT, today, [])


def test_build_for_a_given_day_is_at_its_end() -> None:
    now, problems = build_date.now("2026-10-01", "Europe/Berlin")
    assert (now.isoformat(), problems) == ("2026-10-01T23:59:59.999999+02:00", [])


@pytest.mark.parametrize(
    "setting", ["soon", "2026-1-2", "2026-13-01", "2026-02-30", "20260102", "2026-01-02T00:00", "٢٠٢٦-٠١-٠٢"]
)
def test_invalid_today_is_reported(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setattr(datetime, "datetime", Clock)
    now, (problem,) = build_date.now(setting)
    assert now == MOMENT
    assert (problem.path, problem.line, problem.code) == ("conf.py", 1, Code.DAY)
    assert problem.message.startswith(f"`fieldnotes_today` is `{setting}`, not a date; write it as YYYY-MM-DD")


@pytest.mark.parametrize(
    ("timezone", "hint"),
    [
        ("Europe/Berln", "not a time zone; did you mean `Europe/Berlin`?"),
        ("", "not a time zone; write a name such as `Europe/Berlin`, or `UTC`"),
        ("../etc/passwd", "not a time zone; write"),
        ("Europe", "not a time zone; "),
        ("+01:00", "not a time zone; write"),
    ],
)
def test_unknown_time_zone_is_reported(timezone: str, hint: str) -> None:
    now, (problem,) = build_date.now("2026-10-01", timezone)
    assert now.tzinfo == datetime.UTC
    assert (problem.path, problem.line, problem.code) == ("conf.py", 1, Code.DAY)
    assert problem.message.startswith(f"`fieldnotes_timezone` is `{timezone}`, {hint}")


def test_missing_time_zone_database_names_the_package_to_install(tmp_path: Path) -> None:
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath([tmp_path])
    try:
        assert build_date.now("2026-10-01")[1] == []
        _now, (problem,) = build_date.now("", "Europe/Berlin")
    finally:
        zoneinfo.reset_tzpath()
    assert problem.message == (
        "`fieldnotes_timezone` is `Europe/Berlin`, but this machine has no time zone database; "
        "install the package tzdata, or write `UTC`"
    )


@pytest.mark.parametrize(
    ("text", "moment", "iso"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+01:00", "2026-11-24"),
        ("2026-07-24", "2026-07-24T00:00:00+02:00", "2026-07-24"),
        ("2026-11-24T09:30:00+01:00", "2026-11-24T09:30:00+01:00", "2026-11-24T09:30:00+01:00"),
        ("2026-11-24T23:30:00Z", "2026-11-25T00:30:00+01:00", "2026-11-25T00:30:00+01:00"),
        ("2026-11-24t9:30:00.5z", "2026-11-24T10:30:00+01:00", "2026-11-24T10:30:00+01:00"),
        ("2026-11-20 10:00:00 +0800", "2026-11-20T03:00:00+01:00", "2026-11-20T03:00:00+01:00"),
        ("2026-11-20 10:00 -5", "2026-11-20T16:00:00+01:00", "2026-11-20T16:00:00+01:00"),
        ("2026-11-20 10:00 -00:30", "2026-11-20T11:30:00+01:00", "2026-11-20T11:30:00+01:00"),
        ("2026-07-20 10:00", "2026-07-20T10:00:00+02:00", "2026-07-20T10:00:00+02:00"),
    ],
)
def test_parse_reads_a_date_or_a_time_in_the_time_zone_of_the_journal(text: str, moment: str, iso: str) -> None:
    day = dates.parse(text, zoneinfo.ZoneInfo("Europe/Berlin"))
    assert (day.timestamp, day.iso, str(day)) == (moment, iso, moment[:10])


@pytest.mark.parametrize(
    ("conf", "setting"),
    [
        ('fieldnotes_today = "2026-10-01"', "2026-10-01"),
        ('import os\nfieldnotes_today = os.environ.get("FIELDNOTES_TODAY", "")', "2026-11-24"),
        ("import datetime\nfieldnotes_today = datetime.date(2026, 10, 1)", "2026-10-01"),
        (
            'from pathlib import Path\nfieldnotes_today = Path("day").read_text() + Path(__file__).stem',
            "conf.py's conf",
        ),
        ('fieldnotes_today = ""', ""),
        ("project = 'A journal'", ""),
    ],
)
def test_settings_evaluates_conf_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: str, setting: str) -> None:
    monkeypatch.setenv("FIELDNOTES_TODAY", "2026-11-24")
    (tmp_path / "day").write_text("conf.py's ")
    (tmp_path / "conf.py").write_text(conf)
    assert build_date.settings(tmp_path) == (setting, "UTC")


@pytest.mark.parametrize(
    ("conf", "line", "message"),
    [
        ("x = 1\nx = (\n", 2, "cannot be evaluated: SyntaxError: '(' was never closed"),
        ("\n\nimport json\njson.loads('{')", 4, "cannot be evaluated: JSONDecodeError: "),
        ("import sys\nsys.exit(3)", 2, "cannot be evaluated: SystemExit: 3; correct it"),
        (None, 1, "cannot be read: No such file or directory; correct it"),
        ("\nopen('/gone')", 2, "cannot be evaluated: FileNotFoundError: "),
    ],
)
def test_conf_py_that_fails_is_reported(tmp_path: Path, conf: str | None, line: int, message: str) -> None:
    if conf is not None:
        (tmp_path / "conf.py").write_text(conf)
    with pytest.raises(Invalid) as error:
        build_date.settings(tmp_path)
    (problem,) = error.value.problems
    assert (problem.path, problem.line, problem.code) == ("conf.py", line, Code.UNREADABLE)
    assert problem.message.startswith(message)
