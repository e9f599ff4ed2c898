"""Other machines, as far as they can be simulated here. Run by `make test-long`."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from checkout import copy, make

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif("LONG" not in os.environ, reason="make test-long runs them")

OFFLINE = ["unshare", "--net"] if os.getuid() == 0 else ["unshare", "--net", "--map-root-user"]
UNPRIVILEGED = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
"""Root without capabilities, so that it cannot write to read-only files either."""


@functools.cache
def works(*command: str) -> bool:
    return bool(shutil.which(command[0])) and subprocess.run([*command, "true"], check=False).returncode == 0


def lane(root: Path) -> str:
    """Any lane of the journal."""
    return next(iter(root.glob("lanes/*.md"))).stem


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with only make and BusyBox's sh, awk, rm, touch and so on, and no git."""
    busybox, make_program = shutil.which("busybox"), shutil.which("make")
    assert busybox, "install the package busybox"
    assert make_program
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in subprocess.check_output([busybox, "--list"], text=True).split():
        (folder / name).symlink_to(busybox)
    (folder / "make").unlink(missing_ok=True)
    (folder / "make").symlink_to(make_program)
    return str(folder)


def test_make_works_offline_without_git_in_a_path_with_spaces(tmp_path: Path, path: str) -> None:
    root = copy(tmp_path / "Mein Journal, schön")
    offline = [str(shutil.which(OFFLINE[0])), *OFFLINE[1:]]
    under = [*offline, f"{path}/env", f"PATH={path}"] if works(*OFFLINE) else ["env", f"PATH={path}"]
    for arguments in (["help"], ["html"], ["check"], ["stale"], ["html"]):
        done = make(root, f"SHELL={path}/sh", *arguments, under=under)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "no warnings. The site is _build/html/index.html" in done.stdout
    new = make(root, f"SHELL={path}/sh", "new", "TITLE=Größe", f"LANE={lane(root)}", "TAGS=Spark", under=under)
    assert "notes/grosse.md is a draft" in new.stdout, new.stderr
    refused = make(root, f"SHELL={path}/sh", "start", "NAME=A", "TAGLINE=B", "LANES=C", under=under)
    assert "git does not track this folder" in refused.stderr


@pytest.mark.skipif(not shutil.which("original-awk"), reason="needs the package original-awk, the awk of BSD and macOS")
def test_help_works_with_bsd_awk(tmp_path: Path) -> None:
    (tmp_path / "awk").symlink_to(str(shutil.which("original-awk")))
    root = copy(tmp_path / "journal")
    listed = make(root, "help", PATH=f"{tmp_path}:{os.environ['PATH']}").stdout
    assert listed == make(root, "help").stdout
    assert "  make new " in listed


def test_read_only_source_is_built_elsewhere(tmp_path: Path) -> None:
    root, out = copy(tmp_path / "journal"), tmp_path / "out"
    subprocess.run(["chmod", "-R", "a-w", str(root)], check=True)
    try:
        assert not UNPRIVILEGED or works(*UNPRIVILEGED)
        for _build in ("the first", "the second"):
            done = make(root, "html", f"BUILD={out}", under=UNPRIVILEGED)
            assert done.returncode == 0, done.stdout + done.stderr
        assert (out / "html/index.html").exists()
        new = make(root, "new", "TITLE=A", f"LANE={lane(root)}", "TAGS=Spark", under=UNPRIVILEGED)
        assert "notes/a.md cannot be written: Permission denied" in new.stderr
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(root)], check=True)


OTHERS = [name for name in ("3.11", "3.12", "3.13", "3.14") if name != f"{sys.version_info[0]}.{sys.version_info[1]}"]


@pytest.mark.parametrize("version", OTHERS)
def test_other_python_builds_and_checks(tmp_path: Path, version: str) -> None:
    """Installs the pinned requirements for it, from the network or a cache."""
    python = shutil.which(f"python{version}")
    if not python or subprocess.run([python, "-c", ""], check=False).returncode:
        pytest.skip(f"needs python{version} on the PATH")
    root = copy(tmp_path / "journal")
    for target in ("html", "check"):
        command = ["make", f"PYTHON={python}", target]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
