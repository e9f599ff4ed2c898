"""The catalog: sorting, clashes between files, and the queries that views are built from."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from conftest import note
from fieldnotes.catalog import loading
from fieldnotes.catalog.model import Catalog
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "lanes").mkdir()
    (tmp_path / "notes").mkdir()
    lane(tmp_path, "bigdata", 2)
    lane(tmp_path, "ai-systems", 1)
    return tmp_path


def lane(root: Path, name: str, number: object) -> None:
    text = f"---\ntitle: {name.title()}\nnumber: {number}\nheadline: H\ndescription: D\n---\n"
    (root / f"lanes/{name}.md").write_text(text)


def write(root: Path, name: str, text: str) -> None:
    (root / f"notes/{name}.md").parent.mkdir(parents=True, exist_ok=True)
    (root / f"notes/{name}.md").write_text(text)


def load(root: Path) -> loading.Loaded:
    return loading.load(root, TODAY)


def problems(root: Path) -> list[tuple[str, int, Code, str]]:
    return [(problem.path, problem.line, problem.code, problem.message) for problem in load(root).problems]


def test_notes_are_sorted_by_date_then_name(root: Path) -> None:
    write(root, "c", note("C", date="2026-01-01"))
    write(root, "b", note("B", date="2026-01-02"))
    write(root, "a", note("A", date="2026-01-01"))
    assert [each.docname for each in load(root).catalog.notes] == ["notes/b", "notes/a", "notes/c"]


def test_lanes_are_sorted_by_number(root: Path) -> None:
    assert [each.name for each in load(root).catalog.lanes] == ["ai-systems", "bigdata"]


def test_newer_and_older_are_notes_of_the_same_lane(root: Path) -> None:
    write(root, "a1", note("A1", lane="ai-systems", date="2026-01-01"))
    write(root, "b2", note("B2", date="2026-01-02"))
    write(root, "a3", note("A3", lane="ai-systems", date="2026-01-03"))
    catalog = load(root).catalog
    first, last = catalog.notes_by_docname["notes/a3"], catalog.notes_by_docname["notes/a1"]
    assert (catalog.newer(first), catalog.older(first)) == (None, last)
    assert (catalog.newer(last), catalog.older(last)) == (first, None)
    only = catalog.notes_by_docname["notes/b2"]
    assert (catalog.newer(only), catalog.older(only)) == (None, None)


def test_load_reads_subfolders_except_hidden_ones(root: Path) -> None:
    write(root, "deep/er/a", note())
    write(root, "1999/b", note("B", date="2000-01-01"))
    write(root, ".hidden/a", "not a note")
    assert list(load(root).catalog.notes_by_docname) == ["notes/deep/er/a", "notes/1999/b"]


def test_duplicate_title_is_reported(root: Path) -> None:
    write(root, "a", note("Same"))
    write(root, "b", note("SAME"))
    message = "`title` is the same as in notes/a.md; change one of them"
    assert problems(root) == [("notes/b.md", 2, Code.TITLE_TWICE, message)]
    assert len(load(root).catalog.notes) == 2


def test_begin_that_is_not_a_note_of_the_lane_is_reported(root: Path) -> None:
    for name in ("bigdata", "ai-systems"):
        file = root / f"lanes/{name}.md"
        file.write_text(file.read_text().replace("headline", "begin: slow-job\nheadline"))
    write(root, "slow-jobs", note("Slow jobs"))
    assert problems(root) == [
        (
            "lanes/ai-systems.md",
            4,
            Code.VALUE,
            "`begin` `slow-job` is not a note of this lane; give the file name of one, without notes/ and .md",
        ),
        ("lanes/bigdata.md", 4, Code.VALUE, "`begin` `slow-job` is not a note of this lane; did you mean `slow-jobs`?"),
    ]


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        ("'A B'", "'A/B'", "`A/B` and `A B` in notes/a.md share tags/a-b.html; rename one of them"),
        ("Spark", "spark", "`spark` is written `Spark` in notes/a.md; use one spelling"),
        (
            "Data Quality",
            "Data-Quality",
            "`Data-Quality` and `Data Quality` in notes/a.md share tags/data-quality.html",
        ),
    ],
)
def test_tags_that_share_a_page_are_reported_once(root: Path, one: str, other: str, message: str) -> None:
    write(root, "a", note("A", tags=f"[YARN, {one}]"))
    write(root, "b", note("B", tags=f"\n- {other}\n- YARN"))
    write(root, "c", note("C", tags=f"[{one}]"))
    ((path, line, code, text),) = problems(root)
    assert (path, line, code) == ("notes/b.md", 7, Code.TAG_CLASH)
    assert text.startswith(message)
    assert len(load(root).catalog.tags) == 2


def test_duplicate_lane_number_is_reported(root: Path) -> None:
    lane(root, "third", 2)
    message = "`number` is the same as in lanes/bigdata.md; change one of them"
    assert problems(root) == [("lanes/third.md", 3, Code.LANE_NUMBER, message)]


@pytest.mark.parametrize("number", ["0", "100"])
def test_lane_number_out_of_range_is_reported(root: Path, number: str) -> None:
    lane(root, "third", number)
    assert problems(root)[0][:3] == ("lanes/third.md", 3, Code.VALUE)


def test_invalid_lane_is_reported_once_not_for_each_note(root: Path) -> None:
    lane(root, "bigdata", "two")
    for name in "abc":
        write(root, name, note(name))
    ((path, line, code, _message),) = problems(root)
    assert (path, line, code) == ("lanes/bigdata.md", 3, Code.VALUE)
    assert load(root).catalog.notes == ()


def test_lane_in_a_subfolder_or_with_a_duplicate_title_is_reported(root: Path) -> None:
    (root / "lanes/bigdata").mkdir()
    lane(root, "bigdata/1", 5)
    lane(root, "other", 6)
    (root / "lanes/other.md").write_text((root / "lanes/bigdata.md").read_text().replace("number: 2", "number: 6"))
    assert [problem[:3] for problem in problems(root)] == [
        ("lanes/bigdata/1.md", 1, Code.ADDRESS),
        ("lanes/other.md", 2, Code.TITLE_TWICE),
    ]


@pytest.mark.parametrize("name", ["a.rst", "a.MD", "a.markdown", "a\nb.md", "a\udcff.md"])
def test_file_name_that_is_not_markdown_or_not_printable_is_reported(root: Path, name: str) -> None:
    (root / "notes" / name).write_text(note())
    ((path, line, code, _message),) = problems(root)
    assert (line, code) == (1, Code.ADDRESS)
    assert path.encode()
    assert "\n" not in path


def test_text_with_too_many_brackets_is_reported(root: Path) -> None:
    write(root, "a", note("A", body="[" * 20_001))
    message = "has more than 20000 brackets or quotes; split it"
    assert problems(root) == [("notes/a.md", 1, Code.LONG, message)]


def test_symlink_to_a_folder_is_reported_and_not_followed(root: Path) -> None:
    write(root, "loop", note("Loop"))
    (root / "notes/loop").symlink_to(root / "notes")
    assert [problem[:3] for problem in problems(root)] == [("notes/loop", 1, Code.ADDRESS)]
    assert load(root).left_out == ("notes/loop",)


@pytest.mark.parametrize("name", ["index", "2026", "2026/1"])
def test_note_at_an_archive_address_is_reported(root: Path, name: str) -> None:
    write(root, name, note())
    assert [problem[:3] for problem in problems(root)] == [(f"notes/{name}.md", 1, Code.ADDRESS)]


def test_unreadable_file_is_reported(root: Path) -> None:
    (root / "notes/gone.md").symlink_to("nowhere.md")
    message = "cannot be read: No such file or directory; correct the file or remove it"
    assert problems(root) == [("notes/gone.md", 1, Code.UNREADABLE, message)]


def test_empty_folder_loads_as_an_empty_catalog(tmp_path: Path) -> None:
    assert load(tmp_path) == loading.Loaded(Catalog(today=TODAY.date()), (), ())


def test_one_former_folder_written_in_two_ways_is_claimed_twice(root: Path) -> None:
    write(root, "a", note("A", formerly="[/blog/x]"))
    write(root, "b", note("B", formerly="[/blog/x/index.html]"))
    message = "`formerly` `/blog/x/index.html` is claimed by notes/a.md too; keep it in one of them"
    assert problems(root) == [("notes/b.md", 7, Code.FORMER, message)]
