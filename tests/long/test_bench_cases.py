"""Every case of the benchmark does what its name says. Run by `make test-long`; each build is a process of its own."""

from __future__ import annotations

import os

import pytest
import report
import run
from systems import SYSTEMS

pytestmark = pytest.mark.skipif("LONG" not in os.environ, reason="make test-long runs them")


def test_each_edit_does_what_its_name_says() -> None:
    rows = list(run.run(SYSTEMS["ours"], 24, edits=True))
    assert [row["case"] for row in rows] == ["clean", *(name for name, _edit, _check in run.EDITS)]
    assert all(row["page_bytes"] > 5000 and row["memory"] > 0 for row in rows)


def test_each_check_case_is_measured() -> None:
    rows = list(run.run_checks(12))
    assert [row["case"] for row in rows] == [*report.CHECKS]
    assert all(row["cpu"] > 0 for row in rows)
    table = report.check_table({"machine": "2 cores", "rows": [{**row, "date": "2026-11-24"} for row in rows]})
    assert table.count("\n| 12 notes | ") == 1
