"""A build that is killed, or whose disk is full, at any moment: the next one leaves what a clean build gives."""

from __future__ import annotations

import os
import random
import re
import shutil

import pytest
from breaking import break_build, breakable
from conftest import Site, note

pytestmark = pytest.mark.slow


@pytest.fixture
def edited(site: Site) -> Site:
    """A journal that was built, and then edited in every way."""
    breakable(site)
    site.lab()
    for number in range(6):
        body = f"See [](n{(number + 1) % 6}.md).\n\n## A section\n\nIt took {{result}}`speed:change`.\n"
        site.write(f"notes/n{number}.md", note(f"Note {number}", tags=f"[Topic {number % 3}, Spark]", body=body))
    built = site.build()
    assert built.status == 0, built.log
    return site


def edit(site: Site) -> None:
    site.write("notes/n0.md", note("Another title", tags="[Topic 7, Spark]"))
    site.write("notes/n2.md", (site.root / "notes/n2.md").read_text() + "\nMore text.\n")
    site.write("notes/new.md", note("New", date="2026-02-03", tags="[Topic 8]", formerly="[n4]"))
    (site.root / "notes/n4.md").unlink()
    site.write("notes/n3.md", (site.root / "notes/n3.md").read_text().replace("n4.md", "n5.md"))


def test_a_note_of_sphinx_that_was_cut_short_is_forgotten(edited: Site) -> None:
    """Sphinx would read the empty file, and end in a traceback."""
    edit(edited)
    break_build(edited, "kill", "/html/.buildinfo")
    assert (edited.root / "_build/html/.buildinfo").read_bytes() == b""
    mended = edited.build()
    assert (mended.status, mended.log) == (0, "")
    assert mended.files() == edited.build(out="_clean").files()


def test_a_build_reads_all_again_after_one_that_was_killed(edited: Site) -> None:
    """Even a note that no edit has touched: what the killed build stored of it is not trusted."""
    untouched = edited.root / "_build/doctrees/notes/n1.doctree"
    edit(edited)
    break_build(edited, "kill", "/html/feed.xml")
    stored = untouched.stat().st_mtime_ns
    assert edited.build().status == 0
    assert untouched.stat().st_mtime_ns > stored


@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("then", ["go on", "take it back"])
def test_the_next_build_leaves_what_a_clean_one_gives(edited: Site, how: str, then: str) -> None:
    before = {path: path.read_bytes() for path in (edited.root / "notes").rglob("*.md")}
    kept = edited.root.parent / "kept"
    shutil.copytree(edited.root / "_build", kept)
    wanted = edited.build(out="_clean").files()
    edit(edited)
    if then == "go on":
        wanted = edited.build(out="_clean", fresh=True).files()
    shutil.rmtree(edited.root / "_clean")
    whole, _built = break_build(edited, "never", 10**9)
    chance = random.Random(f"{how} {then}")
    for at in sorted(chance.sample(range(1, whole + 1), int(os.environ.get("ROUNDS", "2")))):
        shutil.rmtree(edited.root / "_build")
        shutil.copytree(kept, edited.root / "_build")
        edit_all = {path: path.read_bytes() for path in (edited.root / "notes").rglob("*.md")}
        break_build(edited, how, at)
        if then == "take it back":
            for path in edit_all.keys() - before.keys():
                path.unlink()
            for path, data in before.items():
                path.write_bytes(data)
        mended = edited.build()
        assert mended.status == 0, mended.log
        assert mended.files() == wanted, f"broken at opening {at} of {whole}"
        if then == "take it back":
            edit(edited)


@pytest.mark.parametrize("file", ["/environment.pickle", "/notes/n0.doctree", "/html/feed.xml", "/fieldnotes.part"])
def test_full_disk_is_said_in_one_line(edited: Site, file: str) -> None:
    edit(edited)
    _count, built = break_build(edited, "full", file)
    assert built.status == 2
    assert re.fullmatch(rf"ERROR: \S+{file}: No space left on device; free some space, then build again\n", built.log)


def test_output_that_is_a_file_is_said_in_one_line(site: Site) -> None:
    path = site.write("_build", "")
    built = site.build()
    message = "Not a directory; move away the file in its path, then build again"
    assert (built.status, built.log) == (2, f"ERROR: while setting up extension fieldnotes: {path}/html: {message}\n")
