"""End a build that the machine stops with one line: the disk is full, a folder is not writable, memory is exhausted.

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

STATUS = 2
"""The exit status of a build that could not end, which is Sphinx's."""

HINTS = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space",
    errno.EACCES: "make it writable, or build as its owner",
    errno.EPERM: "make it writable, or build as its owner",
    errno.EROFS: "build in a folder that is writable",
    errno.EEXIST: "move that file away",
    errno.ENOTDIR: "move the file away that stands in its path",
    errno.EISDIR: "move that folder away",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
    errno.EIO: "check the disk",
    errno.ENOMEM: "close other programs, or build with JOBS=1",
}
"""What to do about an error of the system."""


@contextmanager
def one_line() -> Iterator[None]:
    """End the build with one line if the machine stops what is done inside."""
    try:
        yield
    except (OSError, MemoryError) as error:
        _stop(error)
        raise


def report_failure(app: Sphinx, exception: Exception | None) -> None:
    """End a failed build with one line if the machine stopped it (``build-finished``, first)."""
    error: BaseException | None = exception
    while error:
        _stop(error)
        error = error.__cause__ or error.__context__


def _stop(error: BaseException) -> None:
    """Say what is wrong, and exit; does nothing about an error that is not the machine's."""
    number, path = getattr(error, "errno", None), getattr(error, "filename", None)
    if isinstance(error, MemoryError):
        number = errno.ENOMEM
    elif isinstance(error, SphinxParallelError) and (
        match := re.search(r"\[Errno (\d+)\][^']*(?:'(.*)')?", str(error))
    ):
        number, path = int(match[1]), match[2]
    if number in HINTS:
        logger.error("%s%s; %s, then build again", f"{path}: " if path else "", os.strerror(number), HINTS[number])
        raise SystemExit(STATUS) from error
