"""The tables in README match the measurements."""

from __future__ import annotations

import json

import report
from systems import SYSTEMS


def test_readme_tables_match_results() -> None:
    """Every system at every size and every edit is measured, and README has the tables of the results."""
    results = json.loads(report.RESULTS.read_text())
    rows = {(row["system"], row["case"], row["notes"]) for row in results["rows"]}
    for system in SYSTEMS.values():
        assert {(system.name, "clean", size) for size in (100, 400, 1600) if size <= system.largest} <= rows
    assert {("ours", case, size) for case in report.CASES for size in (1600, 10_000)} <= rows
    text = report.README.read_text()
    assert report.table(results) in text
    assert report.check_table(results) in text
    assert report.live_table(json.loads(report.LIVE.read_text())) in text
    assert "pictures/bench.svg" in text
    assert report.PLOT.is_file()
