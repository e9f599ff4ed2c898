"""The day of a build: the setting `fieldnotes_today`, read from the journal's `conf.py`."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from fieldnotes.sources import build_date
from fieldnotes.sources.problem import Code, Invalid

if TYPE_CHECKING:
    from pathlib import Path

NEW_YEAR_ON_KIRITIMATI = datetime.datetime(2025, 12, 31, 10, 0, tzinfo=datetime.UTC)


class Clock(datetime.datetime):
    """A clock at the moment when the first place on earth begins a new year."""

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return NEW_YEAR_ON_KIRITIMATI.astimezone(tz)


def test_today_is_the_latest_date_on_earth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datetime, "datetime", Clock)
    assert build_date.of("") == (datetime.date(2026, 1, 1), [])


def test_a_setting_names_the_day() -> None:
    assert build_date.of("2026-10-01") == (datetime.date(2026, 10, 1), [])


@pytest.mark.parametrize(
    "setting", ["soon", "2026-1-2", "2026-13-01", "2026-02-30", "20260102", "2026-01-02T00:00", "٢٠٢٦-٠١-٠٢"]
)
def test_a_setting_that_is_no_day_is_a_problem(setting: str) -> None:
    today, (problem,) = build_date.of(setting)
    assert today == build_date.of("")[0]
    assert (problem.path, problem.line, problem.code) == ("conf.py", 1, Code.DAY)
    assert problem.message.startswith(f"`fieldnotes_today` is `{setting}`, not a date; write it as YYYY-MM-DD")


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
def test_setting_is_the_one_of_conf_py(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conf: str, setting: str
) -> None:
    monkeypatch.setenv("FIELDNOTES_TODAY", "2026-11-24")
    (tmp_path / "day").write_text("conf.py's ")
    (tmp_path / "conf.py").write_text(conf)
    assert build_date.setting(tmp_path) == setting


@pytest.mark.parametrize(
    ("conf", "line", "message"),
    [
        ("x = 1\nx = (\n", 2, "cannot be evaluated: SyntaxError: '(' was never closed"),
        ("\n\nimport json\njson.loads('{')", 4, "cannot be evaluated: JSONDecodeError: "),
        ("import sys\nsys.exit(3)", 2, "cannot be evaluated: SystemExit: 3; correct it"),
        (None, 1, "cannot be evaluated: FileNotFoundError: "),
    ],
)
def test_a_conf_py_that_fails_is_a_problem(tmp_path: Path, conf: str | None, line: int, message: str) -> None:
    if conf is not None:
        (tmp_path / "conf.py").write_text(conf)
    with pytest.raises(Invalid) as error:
        build_date.setting(tmp_path)
    (problem,) = error.value.problems
    assert (problem.path, problem.line, problem.code) == ("conf.py", line, Code.UNREADABLE)
    assert problem.message.startswith(message)
