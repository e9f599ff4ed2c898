"""Remember which documents a build warned of."""

from __future__ import annotations

import logging
import os
import re
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util import logging as sphinx_logging

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Warnings(logging.Handler):
    """Keeps where a build warns, and of what."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.told: set[tuple[str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it: its place may be a node, a document's name with a line or without, or a path with one."""
        place = getattr(record, "location", None)
        if isinstance(place, nodes.Node):
            place = sphinx_logging.get_node_location(place)
        elif isinstance(place, tuple):
            place = place[0]
        self.told.add((place or "", record.getMessage()))


def record_warnings(app: Sphinx) -> None:
    """Note which documents are warned of (``builder-inited``): what is told before that is told in each build."""
    app.fieldnotes_warnings = Warnings()  # type: ignore[attr-defined]
    logging.getLogger(sphinx_logging.NAMESPACE).addHandler(app.fieldnotes_warnings)  # type: ignore[attr-defined]


def _warned(app: Sphinx) -> dict[str, str]:
    """The documents where this build has warned, and those that its warnings name; nothing's name, for another place.

    Two documents that define one label, say: the warning stands where the second was read, and hangs on both.
    """
    warned = set()
    for place, message in app.fieldnotes_warnings.told:  # type: ignore[attr-defined]
        documents = _documents(app, place)
        warned |= documents | _documents(app, message) if documents else {""}
    return dict.fromkeys(sorted(warned), "")


def _documents(app: Sphinx, text: str) -> set[str]:
    """The documents that a text names, by their path or name."""
    words = re.findall(r"[^\s:;,'\"`()]+", text.replace(f"{app.srcdir}{os.sep}", ""))
    return {word.removesuffix(".md") for word in words} & app.env.found_docs
