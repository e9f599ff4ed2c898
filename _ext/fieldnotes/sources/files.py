"""Find source files, decide which ones may be read, and read them."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import unicodedata
from functools import cached_property
from pathlib import Path

from fieldnotes.sources.field_validators import UNPRINTABLE
from fieldnotes.sources.problem import Code, Invalid, Problem

OUTPUT = "_build"
"""The folder for build output."""

FORBIDDEN_IN_NAME = re.compile(r"""[\\?#%:*"<>|]|(?:^|(?<=/))\s|\s(?=/|$)""")
"""Characters that browsers, shells or Windows reject in the name of a page, and leading and trailing spaces."""

MAX_NAME_BYTES = 200
"""Bytes in the name of a file or folder: file systems allow 255, and a build appends to the name."""

MAX_BYTES = 200_000
"""Size of a note or lane: ten times a long article."""

MAX_DELIMITERS = 20_000
"""Opening brackets, or quotes of one kind. MyST compares all pairs in a block: 11 s for brackets, 80 s for quotes."""


def text_files(root: Path, folder: str) -> list[str]:
    """List the text files below ``folder``, relative to ``root`` and sorted; hidden files are skipped.

    Symbolic links to folders are listed but not followed, since they may form a cycle.
    """
    paths = []
    for parent, folders, files in os.walk(root / folder):
        relative = Path(parent).relative_to(root)
        names = [name for name in files if re.search(r"\.(md|mdx|markdown|rst)$", name, re.IGNORECASE)]
        names += [name for name in folders if Path(parent, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [(relative / name).as_posix() for name in names if not name.startswith(".")]
    return sorted(paths)


class Tree:
    """The files of a journal that may be read and published: below its root, not hidden, not ignored by git.

    A host that builds untrusted journals has files that their authors must not see. Symbolic links are resolved first.
    Without git, or if git does not track the journal, only hidden files and build output are refused.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def refusal(self, path: Path) -> str:
        """Return a message that says why ``path`` may not be read; ``""`` if it may, or does not exist."""
        try:
            real = path.resolve()
            is_file = real.is_file()
        except RuntimeError:  # a cycle of links, up to Python 3.12: nothing can be read
            return ""
        except (OSError, ValueError):
            return "is not a valid file name; correct the path"
        if not real.is_relative_to(self.root):
            return "is outside the journal; copy the file into it"
        relative = real.relative_to(self.root)
        if any(part.startswith(".") for part in relative.parts) or relative.parts[:1] == (OUTPUT,):
            return "is a hidden file or build output; copy the file next to the note"
        if is_file and UNPRINTABLE.search(relative.as_posix()):
            return "has an unprintable character in its name; rename it"
        if self._git_files is not None and is_file and relative.as_posix() not in self._git_files:
            return "is ignored by git; remove it from .gitignore, or copy the file next to the note"
        return ""

    @cached_property
    def _git_files(self) -> frozenset[str] | None:
        """The paths that git tracks or would add; None if git does not track the journal. Cost: one process."""
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        try:
            listed = subprocess.run(command, cwd=self.root, capture_output=True, check=False).stdout
        except OSError:
            return None
        paths = frozenset(map(os.fsdecode, listed.split(b"\0")))
        return paths if "conf.py" in paths else None


def read_source(root: Path, path: str) -> bytes:
    """Read the note, lane or page at ``path`` below ``root``. Raises Invalid if the file or its name cannot be used."""
    check_name(path)
    if (root / path).is_dir():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is a symbolic link to a folder; move the files here instead"))
    if not path.endswith(".md"):
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is not a Markdown file; use the extension .md"))
    data = read_file(root, path, MAX_BYTES, "correct the file or remove it")
    if max(map(data.count, (b"[", b"'", b'"'))) > MAX_DELIMITERS:
        raise Invalid(Problem(path, 1, Code.LONG, f"has more than {MAX_DELIMITERS} brackets or quotes; split it"))
    return data


def check_name(path: str) -> None:
    """Raise Invalid if the name of the file at ``path`` cannot be used in a URL."""
    name = path.partition("/")[2].removesuffix(".md")
    if not path.isprintable():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "the file name cannot be used in a URL; rename the file"))
    if bad := FORBIDDEN_IN_NAME.search(name):
        message = f"the file name has `{bad[0]}`, which is not allowed there in a URL; rename the file"
        raise Invalid(Problem(path, 1, Code.ADDRESS, message))
    if unicodedata.normalize("NFC", path) != path:
        message = "the file name uses decomposed accents (NFD); rename the file to composed form (NFC)"
        raise Invalid(Problem(path, 1, Code.ADDRESS, message))
    if max(len(part.encode()) for part in path.split("/")) > MAX_NAME_BYTES:
        raise Invalid(Problem(path, 1, Code.ADDRESS, f"the file name is too long; keep it to {MAX_NAME_BYTES} bytes"))


def read_file(root: Path, path: str, max_bytes: int, hint: str) -> bytes:
    """Read the file at ``path`` below ``root``; ``hint`` ends the message if reading fails.

    Raises Invalid if it is unreadable, too large, or a symbolic link to a file that may not be read.
    """
    components = [root / path, *(root / path).parents[: path.count("/")]]
    if any(map(os.path.islink, components)) and (refusal := Tree(root).refusal(root / path)):
        raise Invalid(Problem(path, 1, Code.OUTSIDE, f"is a link to a file that {refusal}"))
    try:
        size = (root / path).stat().st_size
        if size > max_bytes:
            raise Invalid(Problem(path, 1, Code.LONG, f"is {size} bytes long; keep it to {max_bytes}"))
        return read_bytes(root / path)
    except OSError as error:
        raise Invalid(Problem(path, 1, Code.UNREADABLE, f"cannot be read: {error.strerror}; {hint}")) from error


def read_bytes(path: Path) -> bytes:
    """Read a regular file. Raises OSError, also for a pipe or a device: reading one may never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")
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
