"""Settings that spare a build time."""

from __future__ import annotations

import atexit
import gc
import logging as python_logging
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemBytecodeCache
from sphinx.util import logging

from fieldnotes.build import incremental

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config


def keep_templates(app: Sphinx) -> None:
    """Keep the compiled templates beside the doctrees (``builder-inited``): they are a tenth of what one page costs."""
    if isinstance(app.builder, incremental.Builder):
        folder = Path(app.doctreedir, "templates")
        folder.mkdir(parents=True, exist_ok=True)
        app.builder.templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def save_time(app: Sphinx, config: Config) -> None:
    """Spare a build what only costs it time (``config-inited``, before Sphinx loads its environment).

    Its heap only grows, and Python's collector walks it again and again: what is loaded by now stays, and the
    thresholds, set in ``conf.py``, let the rest grow before it is walked. Nor need it be walked when Python ends, which
    took a quarter of a build of 1,600 notes that had nothing to do. Sphinx writes a debug record for each of its
    events, which nobody sees unless asked for with ``-v``.
    """
    gc.freeze()
    atexit.register(gc.freeze)
    if not app.verbosity:
        python_logging.getLogger(logging.NAMESPACE).setLevel(python_logging.INFO)
