"""The index of the search as a build leaves it: when it is built anew, and of which notes."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest
from conftest import Built, Site, note
from fieldnotes.search.index import searchable

if TYPE_CHECKING:
    from pathlib import Path


def program(site: Site, script: str) -> None:
    """Put a shell script in the place of Pagefind's program."""
    path = site.write("program", f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    site.environment["PAGEFIND_BINARY_PATH"] = str(path)


def answer(**payload: str) -> str:
    return base64.b64encode(json.dumps({"message_id": 0, "payload": payload}).encode()).decode() + ","


def index_files(built: Built) -> dict[str, Path]:
    folder = built.out / "pagefind"
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def fragments(built: Built) -> list[str]:
    """The files of the notes, named by their content."""
    return sorted(name for name in index_files(built) if name.startswith("fragment/"))


@pytest.fixture
def indexed(site: Site) -> Built:
    """A site of two notes, built."""
    site.write("notes/x.md", note("X"))
    site.write("notes/y.md", note("Y"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "Pagefind ended before it answered"),
        ("printf garbage,; cat > /dev/null", "Pagefind's answer cannot be read: "),
        (f"printf '{answer(type='Error', message='no room')}'; cat > /dev/null", "NewIndex: no room"),
    ],
)
def test_build_fails_with_one_line_if_pagefind_fails(site: Site, script: str, reason: str) -> None:
    site.write("notes/x.md", note("X"))
    program(site, script)
    built = site.build()
    assert built.status != 0
    (line,) = built.log.splitlines()
    assert f"the search index was not built: {reason}" in line
    site.environment.clear()
    mended = site.build()
    assert (mended.status, mended.log) == (0, "")
    assert len(fragments(mended)) == 1


def test_build_fails_with_one_line_if_pagefind_is_not_there(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    site.environment["PAGEFIND_BINARY_PATH"] = str(site.root / "missing")
    built = site.build()
    assert built.status != 0
    (line,) = built.log.splitlines()
    assert "the search index was not built: Pagefind cannot be run: " in line


def test_pagefind_runs_only_if_the_text_of_a_note_changed(site: Site, indexed: Built) -> None:
    program(site, "exit 1")
    before = {name: path.stat().st_mtime_ns for name, path in index_files(indexed).items()}
    assert site.build().log == ""
    page = site.root / "_templates/document.html"
    page.write_text(page.read_text().replace("<main ", '<main data-new="" '))
    assert site.build().log == ""
    assert 'data-new=""' in indexed.html("notes/x")
    assert {name: path.stat().st_mtime_ns for name, path in index_files(indexed).items()} == before
    site.write("notes/x.md", note("X", body="Other words.\n"))
    assert site.build().status != 0


def test_equal_files_keep_their_time_and_stale_ones_are_deleted(site: Site, indexed: Built) -> None:
    for path in index_files(indexed).values():
        os.utime(path, ns=(1, 1))
    before = fragments(indexed)
    site.write("notes/x.md", note("X", body="Other words.\n"))
    assert site.build().log == ""
    after = fragments(indexed)
    assert len(before) == len(after) == 2
    kept = {name for name, path in index_files(indexed).items() if path.stat().st_mtime_ns == 1}
    assert kept >= {"pagefind.js", "wasm.en.pagefind", *set(before) & set(after)}
    assert len(set(before) & set(after)) == 1


@pytest.mark.parametrize("damaged", [b"", b"x" * 64, None])
def test_a_damaged_record_has_the_index_built_anew(site: Site, indexed: Built, damaged: bytes | None) -> None:
    record = site.root / "_build/doctrees/search-index"
    if damaged is None:
        record.unlink()
    else:
        record.write_bytes(damaged)
    (indexed.out / "pagefind" / fragments(indexed)[0]).write_bytes(b"other")
    before = fragments(indexed)
    assert site.build().log == ""
    assert fragments(indexed) == before
    assert (indexed.out / "pagefind" / before[0]).read_bytes() != b"other"


def test_a_deleted_index_is_built_anew(site: Site, indexed: Built) -> None:
    before = indexed.files()
    for path in index_files(indexed).values():
        path.unlink()
    assert site.build().log == ""
    assert indexed.files() == before


def test_a_deleted_note_leaves_the_index(site: Site, indexed: Built) -> None:
    (site.root / "notes/y.md").unlink()
    assert site.build().log == ""
    assert len(fragments(indexed)) == 1


def test_there_is_no_index_without_notes_or_where_it_is_turned_off(site: Site, indexed: Built) -> None:
    assert site.build("-D", "fieldnotes_index=0").log == ""
    assert not (indexed.out / "pagefind").exists()
    assert site.build().log == ""
    assert len(fragments(indexed)) == 2
    for name in "xy":
        (site.root / f"notes/{name}.md").unlink()
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert not (built.out / "pagefind").exists()


def test_searchable_part_of_a_page() -> None:
    head = '<title>T</title><link rel="stylesheet" href="a.css?v=1"><meta content="BigData" data-pagefind-filter="lane[content]">'
    section = '<section id="scope">\n<span id="old"></span><h2>Scope<a class="headerlink" href="#scope">#</a></h2>'
    code = '<p>Run <code><span class="pre">a</span>-b</code> <img src="x.png" alt="A chart"></p></section>'
    page = f"<html><head>{head}</head><body><nav>Home</nav><article>{section}{code}</article>foot</body></html>"
    assert searchable(page) == (
        '<html><head><meta content="BigData" data-pagefind-filter="lane[content]"></head><body><article>'
        '<section><h2 id="scope">Scope<a class="headerlink" href="#scope">#</a></h2>'
        "<p>Run <code>a-b</code> </p></section></article></body></html>"
    )


def test_an_index_that_was_half_replaced_is_built_anew(site: Site, indexed: Built) -> None:
    """Even if its notes are again those of the index before, which the record names."""
    before = indexed.files()
    program_file = indexed.out / "pagefind/pagefind.js"
    program_file.unlink()
    program_file.mkdir()
    site.write("notes/x.md", note("X", body="Other words.\n"))
    assert site.build().status != 0
    program_file.rmdir()
    site.write("notes/x.md", note("X"))
    mended = site.build()
    assert (mended.status, mended.log) == (0, "")
    assert mended.files() == before
