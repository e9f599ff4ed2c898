"""Remember which documents a build warned of: the next one reads them again, and repeats what is still wrong."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging as sphinx_logging
from sphinx.util.build_phase import BuildPhase

if TYPE_CHECKING:
    from collections.abc import Set

    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment


class Recorder(logging.Filter):
    """Stores the documents of warnings that are printed: the last of the filters of Sphinx's handler.

    Warnings of earlier steps, such as those of the catalog, are said by each build anyhow.
    """

    def __init__(self, builder: Builder) -> None:
        super().__init__()
        self.builder = builder
        self.documents: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Store a warning's documents, and pass every record."""
        if self.builder.phase is not BuildPhase.INITIALIZATION:
            self.documents |= _documents(self.builder.env, record) or {""}
        return True


def retract_warnings(env: BuildEnvironment, docnames: Set[str]) -> None:
    """Drop the warnings of documents that are about to be read again. Sphinx prints warnings when all are read."""
    for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers:
        if isinstance(handler, sphinx_logging.MemoryHandler):
            handler.buffer[:] = [record for record in handler.buffer if not _documents(env, record) & docnames]


def _documents(env: BuildEnvironment, record: logging.LogRecord) -> set[str]:
    """The documents that a warning is about: the one that it names, or those that include the file that it names."""
    place = getattr(record, "location", None)
    if isinstance(place, nodes.Node):
        place = sphinx_logging.get_node_location(place)
    elif isinstance(place, tuple):
        place = place[0]
    path = re.sub(r":\d*$", "", place or "")
    file, docname = Path(env.srcdir, path), env.path2doc(path) or path
    including = [name for name, paths in env.dependencies.items() if any(file == Path(env.srcdir, it) for it in paths)]
    return {name for name in (docname, *including) if path and env.doc2path(name).is_file()}
