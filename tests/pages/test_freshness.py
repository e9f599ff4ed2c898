"""How current a note is, as its page says it, and when it becomes stale."""

from __future__ import annotations

import datetime

import pytest
from comparing import differences, times, written
from conftest import Built, Site, note
from fieldnotes.sources import note as note_module

FIELDS = "---\ntitle: A\nlane: bigdata\nsummary: S.\ntags: [T]\n"


def freshness_lines(built: Built, page: str) -> list[str]:
    return [
        " ".join(line.get_text().split()) for line in built.page(page).select("article .standfirst + .freshness > p")
    ]


CASES: list[tuple[dict[str, str], list[str]]] = [
    ({}, []),
    ({"applies_to": "[Spark 4.x]"}, ["Applies to Spark 4.x"]),
    ({"applies_to": "[Hadoop 3.x, 'a <b> & c']"}, ["Applies to Hadoop 3.x, a <b> & c"]),
    ({"updated": "2026-01-02"}, []),
    ({"updated": "2026-11-03"}, ["Updated 3 November 2026"]),
    ({"verified": "2026-11-20"}, ["Verified 20 November 2026"]),
    (
        {"updated": "2026-11-03", "verified": "2026-11-20", "applies_to": "[Spark 4.x]"},
        ["Applies to Spark 4.x · Updated 3 November 2026 · Verified 20 November 2026"],
    ),
    (
        {"date": "2024-05-06", "updated": "2026-11-03", "verified": "2025-11-23"},
        [
            "Updated 3 November 2026",
            "Last verified more than a year ago, on 23 November 2025. Versions, defaults and limits may have changed.",
        ],
    ),
    ({"date": "2024-05-06", "verified": "2025-11-24"}, ["Verified 24 November 2025"]),
    (
        {"date": "2025-11-23"},
        [
            "Published more than a year ago, on 23 November 2025, and not verified since. Versions, defaults and "
            "limits may have changed.",
        ],
    ),
    ({"date": "2025-11-24"}, []),
]
"""Fields of a note, and the freshness lines of its page."""


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A site with a note for each case."""
    site = Site(tmp_path_factory.mktemp("freshness") / "journal")
    for number, (fields, _expected) in enumerate(CASES):
        site.write(f"notes/x{number}.md", note(f"X{number}", **fields))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


@pytest.mark.parametrize("number", range(len(CASES)), ids=[", ".join(fields) or "none" for fields, _expected in CASES])
def test_note_shows_its_freshness(notes: Built, number: int) -> None:
    expected = CASES[number][1]
    assert freshness_lines(notes, f"notes/x{number}") == expected
    paragraphs = notes.page(f"notes/x{number}").select("article .freshness > p")
    assert [line.get("class") == ["stale"] for line in paragraphs] == ["more than a year" in line for line in expected]


def test_freshness_lines_are_not_indexed(notes: Built) -> None:
    index = notes.files()["searchindex.js"]
    assert [word for word in (b"default", b"hadoop") if word in index] == []


@pytest.mark.slow
def test_note_that_becomes_stale_rewrites_no_other_page(site: Site) -> None:
    site.write("notes/x.md", note("X", date="2025-11-24"))
    site.write("notes/y.md", note("Y", date="2026-01-01", body="See [](x.md).\n"))
    before = times(site.build())
    site.environment["FIELDNOTES_TODAY"] = "2026-11-25"
    after = site.build()
    assert len(freshness_lines(after, "notes/x")) == 1
    pages = {name for name in written(before, times(after)) if name.endswith(".html")}
    assert pages == {"html/notes/x.html", "html/lanes/bigdata.html", "html/search.html"}  # Sphinx rewrites the lane
    assert differences(after, site.build(out="_clean")) == []


@pytest.mark.parametrize(
    ("date", "verified", "today", "is_stale"),
    [
        ("2024-02-29", None, "2025-02-28", False),
        ("2024-02-29", None, "2025-03-01", True),
        ("2025-11-24", None, "2026-11-24", False),
        ("2025-11-23", None, "2026-11-24", True),
        ("2020-01-01", "2026-11-24", "2026-11-24", False),
        ("2026-11-20", "2024-01-01", "2026-11-24", False),
        ("9999-12-31", None, "2026-11-24", False),
        ("0001-01-01", None, "2026-11-24", True),
    ],
)
def test_note_is_stale_after_more_than_a_year(date: str, verified: str | None, today: str, is_stale: bool) -> None:
    text = f"{FIELDS}date: {date}\n" + (f"verified: {verified}\n" if verified else "") + "---\n"
    parsed = note_module.read("notes/x.md", text.encode(), {"bigdata": "BigData"})
    assert parsed.is_stale(datetime.date.fromisoformat(today)) is is_stale
