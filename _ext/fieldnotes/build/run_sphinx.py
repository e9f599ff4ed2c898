"""Run Sphinx in this process: what it says is plain lines, and what stops it is one of them, with its place."""

from __future__ import annotations

import os
import traceback
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from fieldnotes.sources import settings
from fieldnotes.sources.problem import printable

if TYPE_CHECKING:
    from pathlib import Path

STOPPED = 2
"""The exit status of a build that could not end, which is Sphinx's."""


class Run(NamedTuple):
    """A build that has ended. ``lines`` are what it reported, with paths relative to the source folder."""

    app: Sphinx | None
    """None if the build was stopped."""
    lines: list[str]
    status: int


def run(root: Path, out: Path, doctrees: Path, builder: str, values: dict[str, Any], **options: Any) -> Run:
    """Build the journal in ``root``; ``values`` replace those of ``conf.py``, and ``options`` are Sphinx's."""
    root, (said, app, stop, status) = root.resolve(), (StringIO(), None, "", STOPPED)
    nocolor()
    try:
        with patch_docutils(root), docutils_namespace():
            app = Sphinx(root, root, out, doctrees, builder, values, None, said, **options)
            app.build()
            status = app.statuscode
    except SystemExit as end:  # the machine stopped it, and the reason is said
        status = int(str(end.code))
        app = None
    except Exception as error:
        docname = app.env.current_document.docname if app else ""
        stop = _reason(error, docname) if app else mistake(root, error)
        app = None
    lines = [line for line in said.getvalue().replace(f"{root}{os.sep}", "").splitlines() if line]
    if stop and not (stop.startswith("conf.py:") and any(line.startswith("conf.py:") for line in lines)):
        lines.append(stop)  # unless a wrong setting was reported, on which the build then failed
    return Run(app, lines, status)


def mistake(root: Path, error: BaseException) -> str:
    """The line on an error of ``conf.py``, or of a value in it, that keeps Sphinx from its start."""
    while error.__cause__:
        error = error.__cause__
    path = str(root.resolve() / "conf.py")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    said = printable(" ".join(str(error.msg if isinstance(error, SyntaxError) else error).split()))
    if isinstance(error, SyntaxError) and error.filename == path:
        lines.append(error.lineno or 1)
    if lines:
        return f"conf.py:{lines[-1]}: ERROR: cannot be evaluated: {type(error).__name__}: {said}; correct it"
    kind = "" if isinstance(error, SphinxError) else f"{type(error).__name__}: "
    line = settings.line_of(root, [said, *(frame.line or "" for frame in reversed(frames))])
    return f"conf.py:{line or 1}: ERROR: {kind}{said.rstrip('.')}; correct it"


def _reason(error: Exception, docname: str) -> str:
    """The line that says why a build stopped, at the document ``docname``, or ``""`` where it had read them all."""
    first, *others = str(error).strip().splitlines() or ["no message"]
    said = " ".join([first, *others[-1:]])  # Sphinx puts a traceback between them
    place = f" at {docname}.md" if docname else ""
    return f"the build stopped{place}: {type(error).__name__}: {said}; the pages may be older than their sources"
