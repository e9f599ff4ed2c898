"""The cases of the benchmark build what they claim: pages, features, edits. Times are not tested."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import projects
import pytest
import run
from corpus import LANES, corpus
from measure import CommandError, measure
from systems import SYSTEMS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

INSTALLED = ["ours", "stock", "bare Sphinx"]
"""The systems that need only the journal's requirements; `make bench` checks the others in the same way."""


def test_corpus_is_deterministic_and_has_the_documented_size() -> None:
    notes = corpus(300)
    assert notes == corpus(300)
    assert notes[:100] == corpus(100)
    assert len({note.title for note in notes}) == 300
    assert len({tag for note in notes for tag in note.tags}) == 60
    assert {note.lane for note in notes} == set(LANES)
    assert 400 < sum(len(note.body.split()) for note in notes) / 300 < 500
    assert all(note.body.count("\n## ") == 4 and note.body.startswith("## ") for note in notes)
    assert all(note.body.count("```") == 4 for note in notes)


@pytest.mark.parametrize("name", INSTALLED)
def test_check_finds_lost_titles_and_missing_pages(tmp_path: Path, name: str) -> None:
    system, notes = SYSTEMS[name], corpus(9)
    system.write(tmp_path, notes)
    usage = measure(system.command, tmp_path)
    assert usage.cpu > 0
    run.check(system, tmp_path, notes)
    page = tmp_path / system.output / system.page.format(slug=notes[4].slug, lane=notes[4].lane)
    page.write_text(page.read_text().replace(notes[4].title.split(",")[0], "Lost"))
    with pytest.raises(run.CaseError, match="has no"):
        run.check(system, tmp_path, notes)
    page.unlink()
    with pytest.raises(run.CaseError, match="has no page"):
        run.check(system, tmp_path, notes)


@pytest.mark.parametrize("name", sorted(set(SYSTEMS) - set(INSTALLED)))
def test_every_system_writes_every_note(tmp_path: Path, name: str) -> None:
    notes = corpus(9)
    SYSTEMS[name].write(tmp_path, notes)
    texts = [path.read_text() for path in tmp_path.rglob("*.md")]
    for note in notes:
        (text,) = (text for text in texts if note.title in text)
        assert note.body in text
        assert all(tag in text for tag in note.tags)


def test_failing_command_reports_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no such thing"):
        measure([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path)


def test_contributing_has_the_measured_table_of_projects() -> None:
    results = json.loads(projects.RESULTS.read_text())
    assert projects.table(results) in projects.GUIDE.read_text()
    assert results["addresses"][0] == results["addresses"][1] == results["same_addresses"]
    assert results["links"][0] == results["links"][1]
