"""Report system errors in one line: a full disk, a folder that is not writable, too little memory.

Sphinx would print 40 lines: versions, extensions and a traceback.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sphinx.errors import SphinxParallelError
from sphinx.util import logging

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

BUILD_FAILED = 2
"""Sphinx's exit status of a build that could not finish."""

HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "make it writable, or build as its owner",
    errno.EPERM: "make it writable, or build as its owner",
    errno.EROFS: "build in a folder that is writable",
    errno.EEXIST: "move that file away",
    errno.ENOTDIR: "move away the file in its path",
    errno.EISDIR: "move that folder away",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
    errno.EIO: "check the disk",
    errno.ENOMEM: "close other programs, or build with JOBS=1",
}
"""What to do about a system error, by its number."""


@contextmanager
def exit_on_system_error() -> Iterator[None]:
    """Exit with a one-line message if a system error is raised in the ``with`` block."""
    try:
        yield
    except (OSError, MemoryError) as error:
        _report_and_exit(error)
        raise


def report_failure(app: Sphinx, exception: Exception | None) -> None:
    """Report the system error that stopped a build, if one did, and exit (``build-finished``, first)."""
    error: BaseException | None = exception
    while error:
        _report_and_exit(error)
        error = error.__cause__ or error.__context__


def _report_and_exit(error: BaseException) -> None:
    """Report a system error and exit; return if the error is of another kind."""
    number, path = getattr(error, "errno", None), getattr(error, "filename", None)
    if isinstance(error, MemoryError):
        number = errno.ENOMEM
    elif isinstance(error, SphinxParallelError) and (
        match := re.search(r"\[Errno (\d+)\][^']*(?:'(.*)')?", str(error))
    ):
        number, path = int(match[1]), match[2]
    if number in HINTS:
        logger.error("%s%s; %s, then build again", f"{path}: " if path else "", os.strerror(number), HINTS[number])
        raise SystemExit(BUILD_FAILED) from error
