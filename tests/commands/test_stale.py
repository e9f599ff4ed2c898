"""`make stale`: the published notes that were last verified more than a year before the day of a build."""

from __future__ import annotations

import pytest
from conftest import DAY, ROOT, Site, note
from fieldnotes.commands import stale


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDNOTES_TODAY", DAY)


def test_stale_lists_published_notes_longest_unverified_first(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.write("notes/a.md", note("A", date="2024-01-02", verified="2025-11-20"))
    site.write("notes/b.md", note("B", date="2025-01-01"))
    site.write("notes/c.md", note("C", date="2020-01-01", verified="2026-01-01"))
    site.write("notes/d.md", note("D", date="2020-01-01", draft="true"))
    assert stale.main(site.root) == 0
    assert capsys.readouterr().out.splitlines() == [
        "notes/b.md: published on 2025-01-01, 692 days ago, and never verified",
        "notes/a.md: verified on 2025-11-20, 369 days ago",
        "2 of 3 notes were last verified more than a year before 2026-11-24.",
    ]


def test_stale_uses_the_day_in_conf_py(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    site.write("conf.py", f"{(ROOT / 'conf.py').read_text()}\nfieldnotes_today = '2026-10-01'\n")
    site.write("notes/a.md", note("A", date="2025-10-15"))
    site.write("notes/b.md", note("B", date="2026-10-02"))
    assert stale.main(site.root) == 0
    assert capsys.readouterr().out == "0 of 1 notes were last verified more than a year before 2026-10-01.\n"


def test_stale_reports_faults_of_the_journal(
    site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDNOTES_TODAY", "soon")
    site.write("notes/e.md", note("E", lane="nowhere"))
    assert stale.main(site.root) == 1
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["conf.py", "notes/e.md"]
    monkeypatch.setenv("FIELDNOTES_TODAY", DAY)
    (site.root / "notes/e.md").unlink()
    site.write("conf.py", "fieldnotes_text_license = 3\n")
    assert stale.main(site.root) == 1
    assert capsys.readouterr().err.startswith("conf.py:1: `fieldnotes_text_license` is a number, not text")
    site.write("conf.py", "\n1 / 0\n")
    assert stale.main(site.root) == 1
    assert capsys.readouterr().err.startswith("conf.py:2: cannot be evaluated: ZeroDivisionError")
