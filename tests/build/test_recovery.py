"""A build that is killed, or whose disk is full, at any moment: the next one leaves what a clean build gives."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from conftest import Site, note

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

FAULT = '''

import errno, os, signal

def _at_an_opening(event, arguments, state={"count": 0, "inside": False}):
    """Break at one of the files that a build opens to write in its output, and leave it empty."""
    if event != "open" or state["inside"] or not isinstance(arguments[0], (str, bytes, os.PathLike)):
        return
    path, writes = os.fsdecode(arguments[0]), (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
    if not writes or "/_build/" not in path:
        return
    state["count"] += 1
    with open(os.environ["COUNT"], "w") if not state.update(inside=True) else None as file:
        file.write(str(state["count"]))
    state["inside"] = False
    at = os.environ["BREAK_AT"]
    if state["count"] >= int(at) if at.isdigit() else path.endswith(at):
        if os.environ["BREAK"] == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        state["inside"] = True
        open(path, "wb").close()
        os.kill(os.getpid(), signal.SIGKILL)

if "BREAK" in os.environ:
    sys.addaudithook(_at_an_opening)
'''


@pytest.fixture
def edited(site: Site) -> Site:
    """A journal that was built, and then edited in every way."""
    site.write("conf.py", (site.root / "conf.py").read_text() + FAULT)
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


def broken(site: Site, how: str, at: int | str) -> int:
    """Build until the break, by the number of files that were opened or the name of one; gives how many were."""
    count = site.root / "count"
    site.environment |= {"BREAK": how, "BREAK_AT": str(at), "COUNT": str(count)}
    site.log = site.build()  # type: ignore[attr-defined]
    for name in ("BREAK", "BREAK_AT", "COUNT"):
        del site.environment[name]
    return int(count.read_text())


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_note_of_sphinx_that_was_cut_short_is_forgotten(edited: Site) -> None:
    """Sphinx would read the empty file, and end in a traceback."""
    edit(edited)
    broken(edited, "kill", "/html/.buildinfo")
    assert (edited.root / "_build/html/.buildinfo").read_bytes() == b""
    mended = edited.build()
    assert (mended.status, mended.log) == (0, "")
    assert mended.files() == edited.build(out="_clean").files()


@pytest.mark.parametrize("how", ["kill", "full"])
@pytest.mark.parametrize("then", ["go on", "take it back"])
def test_the_next_build_leaves_what_a_clean_one_gives(edited: Site, how: str, then: str) -> None:
    before = {path: path.read_bytes() for path in (edited.root / "notes").rglob("*.md")}
    kept = edited.root.parent / "kept"
    shutil.copytree(edited.root / "_build", kept)
    edit(edited)
    whole = broken(edited, "never", 10**9)
    chance = random.Random(f"{how} {then}")
    for at in sorted(chance.sample(range(1, whole + 1), int(os.environ.get("ROUNDS", "3")))):
        shutil.rmtree(edited.root / "_build")
        shutil.copytree(kept, edited.root / "_build")
        edit_all = {path: path.read_bytes() for path in (edited.root / "notes").rglob("*.md")}
        broken(edited, how, at)
        if then == "take it back":
            for path in edit_all.keys() - before.keys():
                path.unlink()
            for path, data in before.items():
                path.write_bytes(data)
        mended = edited.build()
        assert mended.status == 0, mended.log
        clean = edited.build(out="_clean")
        assert mended.files() == clean.files(), f"broken at opening {at} of {whole}"
        shutil.rmtree(edited.root / "_clean")
        if then == "take it back":
            edit(edited)
