"""Run Sphinx in this process, and return its messages as plain lines, including a fatal error with its location."""

from __future__ import annotations

import os
import traceback
from io import StringIO
from typing import TYPE_CHECKING, Any, NamedTuple

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from fieldnotes.build.system_errors import BUILD_FAILED
from fieldnotes.sources import settings
from fieldnotes.sources.problem import printable

if TYPE_CHECKING:
    from pathlib import Path


class Run(NamedTuple):
    """The result of a build; ``lines`` are its messages, with paths relative to the source folder."""

    app: Sphinx | None
    """None if the build failed."""
    lines: list[str]
    status: int


def run(root: Path, out: Path, doctrees: Path, builder: str, values: dict[str, Any], **options: Any) -> Run:
    """Build the journal in ``root``; ``values`` override settings of ``conf.py``, ``options`` go to ``Sphinx``.

    An error that stops the build becomes a line. Turns colors off in this process.
    """
    root, (output, app, failure, status) = root.resolve(), (StringIO(), None, "", BUILD_FAILED)
    nocolor()
    try:
        with patch_docutils(root), docutils_namespace():
            app = Sphinx(root, root, out, doctrees, builder, values, None, output, **options)
            app.build()
            status = app.statuscode
    except (Exception, SystemExit) as error:
        is_reported = isinstance(error, SystemExit) and error.code == BUILD_FAILED  # by `system_errors`
        if not is_reported:
            failure = (
                _build_error(error, app.env.current_document.docname) if app else _configuration_error(root, error)
            )
        app = None
    lines = [line for line in output.getvalue().replace(f"{root}{os.sep}", "").splitlines() if line]
    if failure and not (failure.startswith("conf.py:") and any(line.startswith("conf.py:") for line in lines)):
        lines.append(failure)  # unless it follows from a wrong setting, which has been reported
    return Run(app, lines, status)


def _configuration_error(root: Path, error: BaseException) -> str:
    """Format an error in ``conf.py`` or in one of its values that prevents Sphinx from starting."""
    while error.__cause__:
        error = error.__cause__
    path = str(root / "conf.py")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == path]
    message = printable(" ".join(str(error.msg if isinstance(error, SyntaxError) else error).split()))
    if isinstance(error, SyntaxError) and error.filename == path:
        lines.append(error.lineno or 1)
    if lines:
        return f"conf.py:{lines[-1]}: ERROR: cannot be evaluated: {type(error).__name__}: {message}; correct it"
    kind = "" if isinstance(error, SphinxError) else f"{type(error).__name__}: "
    line = settings.line_of(root, [message, *(frame.line or "" for frame in reversed(frames))])
    return f"conf.py:{line or 1}: ERROR: {kind}{message.rstrip('.')}; correct it"


def _build_error(error: BaseException, docname: str) -> str:
    """Format an error that stopped a build; ``docname`` is the current document, ``""`` if all have been read."""
    first, *others = str(error).strip().splitlines() or ["no message"]
    message = " ".join([first, *others[-1:]])  # Sphinx puts a traceback between them
    place = f" at {docname}.md" if docname else ""
    return f"the build failed{place}: {type(error).__name__}: {message}; fix this, as pages may be outdated until then"
