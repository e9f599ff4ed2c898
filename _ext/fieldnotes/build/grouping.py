"""Print a warning that many places share once, with how many there are."""

from __future__ import annotations

import atexit
import logging
import os.path
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fieldnotes.build.hints import warning_handlers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sphinx.application import Sphinx
    from sphinx.util.logging import SphinxWarningLogRecord

MANY = 10
"""Places of one message that are printed one by one; of more of them the first is, with the number of the others."""

FEW = 3
"""Others that it names."""


def others(places: Sequence[str]) -> str:
    """How a message goes on that stands at its own place and at these."""
    named = ", ".join(places[:FEW])
    return f" (and {len(places)} more places: {named}{', …' if len(places) > FEW else ''})"


class Groups(logging.Filter):
    """Keeps the records of a handler, and then prints those with one message together."""

    def __init__(self, handler: logging.Handler, source: os.PathLike[str]) -> None:
        super().__init__()
        self.handler, self.source = handler, source
        self.records: dict[str, dict[str, logging.LogRecord]] = {}
        """The records of each message, by their place."""
        self.is_open = True

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep a record; pass those that come after ``flush``, and an error that ends the build, which has no place."""
        place = cast("SphinxWarningLogRecord", record).location or ""
        if record.levelno >= logging.ERROR and not place:
            self.flush()
        if self.is_open:
            self.records.setdefault(logging.LogRecord.getMessage(record), {}).setdefault(place, record)
        return not self.is_open

    def flush(self) -> None:
        """Print what is kept, in the order in which messages came first."""
        self.is_open = False
        kept, self.records = self.records, {}
        for records in kept.values():
            first, *more = records.values()
            if len(more) < MANY:
                for record in (first, *more):
                    self.handler.emit(record)
            else:
                message, types = cast("tuple[str, str]", first.args)  # as the filter of hints leaves them
                places = [os.path.relpath(Path(self.source, place), self.source) for place in [*records][1:]]
                first.args = message + others(places), types
                self.handler.emit(first)


def group_warnings(app: Sphinx) -> None:
    """Begin to keep the warnings of a build (``builder-inited``, before the catalog is loaded); print them at its end.

    `make check` prints what it finds by itself.
    """
    if app.builder.name == "check":
        return
    for handler in warning_handlers():
        groups = Groups(handler, app.srcdir)
        handler.addFilter(groups)
        app.connect("build-finished", lambda app, exception, groups=groups: groups.flush(), priority=100)
        atexit.register(groups.flush)  # a build that is interrupted does not finish
