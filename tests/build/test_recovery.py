"""After a build that was killed or ran out of disk space, the next build leaves the files of a clean build."""

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
def breakable_site(site: Site) -> Site:
    """A built journal, whose builds can be broken."""
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


def test_truncated_buildinfo_is_ignored(breakable_site: Site) -> None:
    """Sphinx would read the empty file and fail with a traceback."""
    edit(breakable_site)
    break_build(breakable_site, "kill", "/html/.buildinfo")
    assert (breakable_site.root / "_build/html/.buildinfo").read_bytes() == b""
    repaired = breakable_site.build()
    assert (repaired.status, repaired.log) == (0, "")
    assert repaired.files() == breakable_site.build(out="_clean").files()


def test_build_after_a_killed_one_reads_every_note(breakable_site: Site) -> None:
    """Even unchanged notes, because the doctrees of the killed build are not trusted."""
    untouched = breakable_site.root / "_build/doctrees/notes/n1.doctree"
    edit(breakable_site)
    break_build(breakable_site, "kill", "/html/feed.xml")
    stored = untouched.stat().st_mtime_ns
    assert breakable_site.build().status == 0
    assert untouched.stat().st_mtime_ns > stored


@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("then", ["go on", "take it back"])
def test_build_after_a_broken_one_equals_a_clean_build(breakable_site: Site, how: str, then: str) -> None:
    before = {path: path.read_bytes() for path in (breakable_site.root / "notes").rglob("*.md")}
    kept = breakable_site.root.parent / "kept"
    shutil.copytree(breakable_site.root / "_build", kept)
    wanted = breakable_site.build(out="_clean").files()
    edit(breakable_site)
    if then == "go on":
        wanted = breakable_site.build(out="_clean", fresh=True).files()
    shutil.rmtree(breakable_site.root / "_clean")
    whole, _built = break_build(breakable_site, "never", 10**9)
    chance = random.Random(f"{how} {then}")
    for at in sorted(chance.sample(range(1, whole + 1), int(os.environ.get("ROUNDS", "2")))):
        shutil.rmtree(breakable_site.root / "_build")
        shutil.copytree(kept, breakable_site.root / "_build")
        edit_all = {path: path.read_bytes() for path in (breakable_site.root / "notes").rglob("*.md")}
        break_build(breakable_site, how, at)
        if then == "take it back":
            for path in edit_all.keys() - before.keys():
                path.unlink()
            for path, data in before.items():
                path.write_bytes(data)
        repaired = breakable_site.build()
        assert repaired.status == 0, repaired.log
        assert repaired.files() == wanted, f"broken at opening {at} of {whole}"
        if then == "take it back":
            edit(breakable_site)


@pytest.mark.parametrize("file", ["/environment.pickle", "/notes/n0.doctree", "/html/feed.xml", "/fieldnotes.part"])
def test_full_disk_is_reported_in_one_line(breakable_site: Site, file: str) -> None:
    edit(breakable_site)
    _count, built = break_build(breakable_site, "full", file)
    assert built.status == 2
    assert re.fullmatch(rf"ERROR: \S+{file}: No space left on device; free some space, then build again\n", built.log)


def test_output_path_that_is_a_file_is_reported_in_one_line(site: Site) -> None:
    path = site.write("_build", "")
    built = site.build()
    message = "Not a directory; move away the file in its path, then build again"
    assert (built.status, built.log) == (2, f"ERROR: while setting up extension fieldnotes: {path}/html: {message}\n")
