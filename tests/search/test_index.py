"""The search index that a build writes: its contents, and when it is rebuilt."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Built, Site, note
from fieldnotes.search.inverted_index import index_files, postings_of
from fieldnotes.search.sections import Section, sections_of
from fieldnotes.search.terms import PieceCache

if TYPE_CHECKING:
    from pathlib import Path


def index_files_of(built: Built) -> dict[str, Path]:
    folder = built.out / "search-index"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def read(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


def names(built: Built) -> list[str]:
    return read(built.out / "search-index/overview")["names"]


def terms(built: Built) -> dict[str, tuple[str, list[int]]]:
    """Each term of the index with its family and its postings."""
    files = index_files_of(built)
    return {
        term: (family, postings)
        for _first, name in read(files["overview"])["shards"]
        for term, family, postings in read(files[name])
    }


@pytest.fixture
def indexed(site: Site) -> Built:
    """A built site of two notes."""
    site.write("notes/x.md", note("X"))
    site.write("notes/y.md", note("Y"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


def test_index_is_written_only_if_a_text_changed(site: Site, indexed: Built) -> None:
    times = {name: path.stat().st_mtime_ns for name, path in index_files_of(indexed).items()}
    page = site.root / "_templates/document.html"
    site.write("_templates/document.html", page.read_text().replace("<main ", '<main data-new="" '))
    assert site.build().log == ""
    assert 'data-new=""' in indexed.html("notes/x")
    assert {name: path.stat().st_mtime_ns for name, path in index_files_of(indexed).items()} == times


def test_edited_note_updates_the_terms_and_keeps_other_files(site: Site, indexed: Built) -> None:
    for path in index_files_of(indexed).values():
        os.utime(path, ns=(1, 1))
    site.write("notes/x.md", note("X", body="Other words.\n"))
    assert site.build().log == ""
    kept = {name for name, path in index_files_of(indexed).items() if path.stat().st_mtime_ns == 1}
    assert kept == {"notes/y"}
    assert terms(indexed)["words"] == ("", [0, 8, 1, 54])
    site.write("notes/x.md", note("X"))
    assert site.build().log == ""
    assert "words" not in terms(indexed)


def test_damaged_record_rebuilds_the_index(site: Site, indexed: Built) -> None:
    before = indexed.files()
    for damaged in (b"", b"x" * 64, b"[]", None):
        path = site.root / "_build/doctrees/search-terms"
        path.unlink()
        if damaged is not None:
            path.write_bytes(damaged)
        (indexed.out / "search-index/overview").unlink()
        assert site.build().log == "", damaged
        assert indexed.files() == before, damaged


def test_deleted_index_is_rebuilt(site: Site, indexed: Built) -> None:
    before = indexed.files()
    for path in index_files_of(indexed).values():
        path.unlink()
    assert site.build().log == ""
    assert indexed.files() == before


def test_deleted_note_is_removed_from_the_index(site: Site, indexed: Built) -> None:
    assert names(indexed) == ["x", "y"]
    (site.root / "notes/y.md").unlink()
    assert site.build().log == ""
    assert names(indexed) == ["x"]
    assert not (indexed.out / "search-index/notes/y").exists()


def test_no_index_without_notes_or_if_turned_off(site: Site, indexed: Built) -> None:
    assert site.build("-D", "fieldnotes_index=0").log == ""
    assert not (indexed.out / "search-index").exists()
    assert site.build().log == ""
    assert names(indexed) == ["x", "y"]
    for name in "xy":
        (site.root / f"notes/{name}.md").unlink()
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert not (built.out / "search-index").exists()


def test_partly_replaced_index_is_rebuilt(site: Site, indexed: Built) -> None:
    """Even if the notes are again those of the previous index, to which the record refers."""
    before = indexed.files()
    overview = indexed.out / "search-index/overview"
    overview.unlink()
    overview.mkdir()
    site.write("notes/x.md", note("X", body="Other words.\n"))
    assert site.build().status != 0
    overview.rmdir()
    site.write("notes/x.md", note("X"))
    repaired = site.build()
    assert (repaired.status, repaired.log) == (0, "")
    assert repaired.files() == before


def test_sections_are_read_from_a_page() -> None:
    head = '<nav class="trail">Home</nav><section id="n"><h1>N<a class="headerlink" href="#n">#</a></h1><p>First.</p>'
    code = '<p>Run <code><span class="pre">a</span>-b</code> <img src="x.png" alt="A chart"></p>'
    table = "<table><tr><th><p>Case</p></th><th>Events</th></tr><tr><td>one</td><td>2</td></tr></table><p>Then.</p>"
    drawing = "<figure><svg><title>A line</title><text>up</text><text>down</text></svg></figure>"
    scope = f'<section id="scope"><span id="old"></span><h2>Scope</h2>{code}{table}{drawing}<p>End.</p></section>'
    note_ = '<aside class="footnote"><p>Said so.</p></aside><script>let x</script>'
    sources = '<section id="sources"><h2>Sources</h2><ul><li>One</li><li>Two</li></ul></section><p class="tags">T</p>'
    assert sections_of(f"{head}{note_}{scope}{sources}</section>") == [
        Section("", "", "First."),
        Section("", "", "Said so.", aside=True),
        Section("scope", "Scope", "Run a-b · Case · Events ·\none · 2 ·\nThen.\nEnd."),
        Section("scope", "", "A line\nup\ndown", aside=True),
        Section("sources", "Sources", "One\nTwo", aside=True),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Naïve Words", "naive words"),
        ("spark.sql.shuffle", "spark sql shuffle spark.sql.shuffle"),
        ("HeartbeatReceiver", "heartbeat receiver heartbeatreceiver"),
        ("HTTPServer SLOs APIs", "http server httpserver slos apis"),
        ("a --conf, C# and C++", "a conf --conf c# and c++"),
        ("v3.5.1 or api:3.19.0", "3.5.1 v3.5.1 or api 3.19.0 api:3.19.0"),
        ("the job’s, don't", "the job dont"),
        ("end-to-end(x)", "end to end end-to-end x"),
        ("PATCH", "patch PATCH"),
    ],
)
def test_words_yields_the_terms_of_a_text(text: str, expected: str) -> None:
    assert [term for piece in PieceCache().split(text) for _place, term in piece.terms] == expected.split()


def test_uppercase_is_a_term_only_if_lowercase_also_occurs() -> None:
    texts = ("A PATCH by ACME.", "We patch it for ACME.")
    notes = [postings_of("T", [], [], [Section(text=text)], PieceCache())[0] for text in texts]
    shard = next(content for _name, content in index_files(notes, {}))
    assert [term for term, _family, _postings in json.loads(shard) if term.isupper()] == ["PATCH"]
