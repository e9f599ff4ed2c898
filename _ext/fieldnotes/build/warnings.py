"""Remember which documents a build warned of."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging as sphinx_logging

from fieldnotes.build.state import state_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class _Recorder(logging.Handler):
    """Stores where a build warns, and with which message."""

    def __init__(self, warned: set[tuple[str, str]]) -> None:
        super().__init__(logging.WARNING)
        self.warned = warned

    def emit(self, record: logging.LogRecord) -> None:
        """Store a warning: its location is a node, a docname with or without a line, or a path with one."""
        place = getattr(record, "location", None)
        if isinstance(place, nodes.Node):
            place = sphinx_logging.get_node_location(place)
        elif isinstance(place, tuple):
            place = place[0]
        self.warned.add((place or "", record.getMessage()))


def record_warnings(app: Sphinx) -> None:
    """Begin to store warnings (``builder-inited``, after the catalog, which each build loads and judges anew)."""
    logging.getLogger(sphinx_logging.NAMESPACE).addHandler(_Recorder(state_of(app.env).warned))


def warned_documents(app: Sphinx) -> list[str]:
    """The documents that this build warned of, and those that its messages name; ``""`` where one names no document.

    When two documents define one label, the warning stands where the second was read, and depends on both.
    """
    warned = set()
    for place, message in state_of(app.env).warned:
        documents = _documents(app, place)
        warned |= documents | _documents(app, message) if documents else {""}
    return sorted(warned)


def _documents(app: Sphinx, text: str) -> set[str]:
    """The documents that a text names, by path or docname."""
    words = re.findall(r"[^\s:;,'\"`()]+", text.replace(f"{app.srcdir}{os.sep}", ""))
    return {word.removesuffix(".md") for word in words} & app.env.found_docs
