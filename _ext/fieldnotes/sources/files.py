"""Find source files, and read them."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from fieldnotes.sources.problem import Code, Invalid, Problem

MAX_BYTES = 200_000
"""Size of a note or lane: ten times that of a long article."""


def text_files(root: Path, folder: str) -> list[str]:
    """Paths of the text files below ``folder``, relative to ``root`` and sorted; hidden files are skipped.

    Symbolic links to folders are listed but not followed, since they may form a circle.
    """
    paths = []
    for place, folders, files in os.walk(root / folder):
        inside = Path(place).relative_to(root).as_posix()
        names = [name for name in files if re.search(r"\.(md|markdown|rst)$", name, re.IGNORECASE)]
        names += [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [f"{inside}/{name}" for name in names if not name.startswith(".")]
    return sorted(paths)


def read_source(root: Path, path: str) -> bytes:
    """Read the note or lane at ``path`` below ``root``. Raises Invalid if its name or the file cannot be used."""
    if not path.isprintable():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "the file's name cannot be an address; rename it"))
    if (root / path).is_dir():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is a link to a folder; move the files here instead"))
    if not path.endswith(".md"):
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is not named as Markdown; end the name with .md"))
    return read_file(root, path, MAX_BYTES, "correct the file or remove it")


def read_file(root: Path, path: str, max_bytes: int, hint: str) -> bytes:
    """Read the file at ``path`` below ``root``. Raises Invalid if it is too large or unreadable, with this ``hint``."""
    try:
        size = (root / path).stat().st_size
        if size > max_bytes:
            raise Invalid(Problem(path, 1, Code.LONG, f"is {size} bytes long; keep it to {max_bytes}"))
        return read_bytes(root / path)
    except OSError as error:
        raise Invalid(Problem(path, 1, Code.UNREADABLE, f"cannot be read: {error.strerror}; {hint}")) from error


def read_bytes(path: Path) -> bytes:
    """Read a regular file. Raises OSError, also for a pipe or a device, whose reading might never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    return path.read_bytes()


def decode(path: str, data: bytes) -> str:
    r"""Decode UTF-8, with or without a BOM; "\r\n" and "\r" become "\n". Raises Invalid for other encodings."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise Invalid(Problem(path, line, Code.ENCODING, message)) from error
    return re.sub(r"\r\n?", "\n", text)
