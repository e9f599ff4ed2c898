"""`make start` leaves a valid journal of another name, and `make update` merges newer software without conflicts."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

import checkout
import pytest
from checkout import copy, git

if TYPE_CHECKING:
    from pathlib import Path

NAME = "The Name Before"

HOSTILE = {
    (
        "LANES=Data, \u05d0\u05d1",
    ): "`\u05d0\u05d1` has no Latin letter or digit for an address; give the lane another title",
    ("LANES= , ",): "give lanes that differ in their Latin letters and digits",
    ("LANES=Data, data!",): "give lanes that differ in their Latin letters and digits",
    ("LANES=Index",): "`Index` is reserved; give the lane another title",
    ("LANES=A\u202eB",): "`A\ufffdB` contains the unprintable character U+202E; remove it",
    (f"NAME={'x' * 101}", "LANES=A"): f"`{'x' * 60}…` is 101 characters long; shorten it to 100",
    (f"NAME={'x' * 301}", "LANES=A"): f"`{'x' * 60}…` is 301 characters long; shorten it to 100",
    ("NAME=\u200b", "LANES=A"): "`\ufffd` is empty; write something",
}

GERMAN = "mrofttalP"[::-1]
"""A word that codespell reports; it is written in reverse so that it is not reported here."""

make = partial(checkout.make, NAME="DESKTOP-7", LANES="shell")
"""Run make in an environment that already has variables of these names, as WSL does."""


@pytest.fixture
def software(tmp_path: Path) -> Path:
    """A git repository with the files of this checkout."""
    root = copy(tmp_path / "software")
    conf = re.sub(r"(?m)^(project|fieldnotes_tagline) = .*", rf'\1 = "{NAME}"', (root / "conf.py").read_text("utf-8"))
    (root / "conf.py").write_text(conf, "utf-8")
    (root / "tests/journal").mkdir(exist_ok=True)  # a started journal has none
    (root / "tests/journal/test_texts.py").write_text("def test_it() -> None: ...\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "The software")
    return root


@pytest.mark.slow
def test_start_leaves_a_valid_journal_and_update_merges_newer_software(software: Path, tmp_path: Path) -> None:
    root = tmp_path / "own"
    git(tmp_path, "clone", "-q", str(software), str(root))
    (root / "todo.txt").write_text("Not committed.")
    refused = make(root, "start", "NAME=X", "TAGLINE=Y", "LANES=Z")
    assert (refused.returncode, git(root, "status", "--porcelain")) == (2, "?? todo.txt\n")
    assert "uncommitted files: 1, such as todo.txt; commit or delete them" in refused.stderr
    (root / "todo.txt").unlink()
    for arguments, message in HOSTILE.items():
        refused = make(root, "start", "NAME=A", "TAGLINE=B", *arguments)
        assert (refused.returncode, git(root, "status", "--porcelain")) == (2, "")
        assert f"make start: {message}" in refused.stderr

    answers = f'Machine "Room" & Co\nOn call, Data: {GERMAN}\n'
    started = make(root, "start", "TAGLINE=Notes of *our* team.", answers=answers)
    assert started.returncode == 0, started.stderr
    assert "To undo this" in started.stdout
    for arguments in (["html"], ["check"]):
        done = make(root, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
    home = (root / "_build/html/index.html").read_text()
    assert "Machine &#34;Room&#34; &amp; Co" in home
    assert {path.name for path in root.glob("[ln][ao]*s/*.md")} == {"on-call.md", "data-plattform.md", "welcome.md"}
    pages = [path.read_text("utf-8") for path in root.glob("_build/html/**/*.html")]
    assert [page for page in pages if NAME in page or "DESKTOP" in page] == []
    assert NAME not in "".join((root / path).read_text("utf-8") for path in ("conf.py", "README.md", "index.md"))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "Start")
    again = make(root, "start", "NAME=A", "TAGLINE=B", "LANES=C")
    assert (again.returncode, git(root, "status", "--porcelain")) == (2, "")
    assert "this is already a journal of your own; change its name in conf.py" in again.stderr

    names = git(software, "ls-files", "lanes", "labs/*/lab.py", "tests/journal", "bench/queries.json").split()
    for path in ("README.md", "index.md", *names, "_static/journal.js", "conf.py"):
        (software / path).write_text((software / path).read_text("utf-8") + "\n# Later.\n", "utf-8")
    (software / "notes/later.md").write_text("A note of the demonstration.\n")
    git(software, "add", "-A")
    git(software, "commit", "-qm", "Later")
    git(root, "fetch", "-q", "origin")
    texts = [
        "README.md",
        "index.md",
        "notes",
        "lanes",
        "labs",
        "tests/journal",
        "tests/published.txt",
        "bench/queries.json",
    ]
    before = git(root, "ls-files", "-s", *texts)
    updated = make(root, "update", "FROM=origin/main")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    git(root, "commit", "-qm", "Take later software")
    assert git(root, "ls-files", "-s", *texts) == before
    assert git(root, "status", "--porcelain") == ""
    assert all("# Later." in (root / path).read_text("utf-8") for path in ("_static/journal.js", "conf.py"))


def test_update_without_a_remote_says_how_to_add_it(software: Path) -> None:
    done = make(software, "update")
    assert done.returncode == 2
    assert "git remote add software" in done.stderr
