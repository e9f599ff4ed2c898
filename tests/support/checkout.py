"""A copy of this checkout, and git and make in it, as a newcomer runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]

GIT = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false")


def files() -> list[str]:
    """The tracked and untracked files of this checkout, except deleted and ignored ones."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return [name for name in listed.split("\0") if (ROOT / name).is_file()]


def copy(root: Path) -> Path:
    """Copy the files of this checkout to ``root``, without the git repository."""
    names = files()
    if not names:
        pytest.skip("the tests run outside a checkout")
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


def git(root: Path, *arguments: str) -> str:
    """Run git, and return its output."""
    return subprocess.run([*GIT, *arguments], cwd=root, check=True, capture_output=True, text=True).stdout


def venv_of_make() -> str:
    """The argument that makes make use the environment of these tests; make needs spaces escaped."""
    return "VENV=" + sys.prefix.replace(" ", "\\ ")


def make(
    root: Path, *arguments: str, answers: str = "", under: Sequence[str] = (), **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run make in the environment of these tests, ``under`` a command such as ``unshare``."""
    venv = Path(sys.prefix)
    if not (venv / "tests").exists():
        pytest.skip("the tests run outside the environment that make installs")
    installed = [option for name in ("site", "live", "tests") for option in ("-o", f"{venv}/{name}")]
    return subprocess.run(
        [*under, "make", "--no-print-directory", venv_of_make(), *installed, *arguments],
        cwd=root,
        env=os.environ | environment,
        input=answers,
        capture_output=True,
        text=True,
        check=False,
    )
