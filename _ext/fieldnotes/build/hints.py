"""Complete the warnings of Sphinx and MyST: each says what to do, and names its line."""

from __future__ import annotations

import logging
import os.path
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from sphinx.util import logging as sphinx_logging

from fieldnotes.build.state import WARNING_TYPE, catalog_of
from fieldnotes.sources.problem import printable, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.logging import SphinxWarningLogRecord

NO_PAGE = re.compile(r"(?:unknown document:|Unknown source document|target not found:) '(.*?)(?:#.*)?'", re.DOTALL)

NO_PLACE = re.compile(r"(?:local id not found in doc '(.*)':|undefined label:|target not found:) '([^./]+)'")

HINTS = {
    r"(?:image|download) file not readable: ": "correct the path",
    r"Pygments lexer name '.*' is not known": "name one of https://pygments.org/languages, or `text`",
    r"Lexing literal_block ": "correct it, or name its language `text`",
    r"Unknown directive type: '\.callout": "write it as `:::{note}`",
    r"Unknown directive type: '\.": "write the language of the code bare, as in ```python",
    r"Unknown directive type: |Unknown interpreted text role ": "correct its name, or write it as code",
    r"Non-consecutive header level increase": "begin it with one `#` more than the heading above it",
    r"Footnote \[.*\] is not referenced": "refer to it in the text, or remove it",
    r"duplicate label |Duplicate explicit target name: ": "rename one of them",
}
"""What to do, by how a warning begins."""


class Warned(NamedTuple):
    """A warning as Sphinx prints it: ``path`` is relative to the source folder, ``line`` counts from 1."""

    path: str
    line: int
    types: str
    """Its type and subtype, as ``suppress_warnings`` names them; may be empty."""
    message: str


def read_record(record: logging.LogRecord, source: Path) -> Warned:
    """Read a record that has passed the filters of Sphinx's handler; ``source`` is the source folder."""
    location = getattr(record, "location", None) or "conf.py"
    path, _colon, line = location.rpartition(":") if re.search(r":\d*$", location) else (location, "", "")
    types = ".".join(filter(None, (getattr(record, "type", None), getattr(record, "subtype", None))))
    message = logging.LogRecord.getMessage(record).removesuffix(f" [{types}]")
    return Warned(os.path.relpath(source / path, source), max(int(line or 1), 1), types, message)


def warning_handlers() -> Iterator[logging.Handler]:
    """The handlers that print Sphinx's warnings."""
    handlers = logging.getLogger(sphinx_logging.NAMESPACE).handlers
    return (handler for handler in handlers if isinstance(handler, sphinx_logging.WarningStreamHandler))


def source_lines(env: BuildEnvironment, docname: str) -> list[str]:
    """The lines of a document's file."""
    return Path(env.doc2path(docname)).read_text(encoding="utf-8-sig").split("\n")


class HintFilter(logging.Filter):
    """Completes a warning of Sphinx or MyST that is about to be printed."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__()
        self.app = app

    def filter(self, record: logging.LogRecord) -> bool:
        """Add a hint, and pass every record."""
        printed = cast("SphinxWarningLogRecord", record)
        if printed.location:
            # a path that Sphinx took for a docname
            printed.location = printable(printed.location.replace(".md.rst:", ".md:"))
        if not (said := logging.LogRecord.getMessage(record)).isprintable():
            record.msg, record.args = "%s", ("\n".join(map(printable, said.splitlines())),)
        warned = read_record(record, Path(self.app.srcdir))
        docname = warned.path.removesuffix(".md")
        if warned.types.startswith(WARNING_TYPE) or docname not in self.app.project.docnames:
            return True
        if role := re.match(r"Unknown interpreted text role \"(.*)\"", warned.message):
            lines = enumerate(source_lines(self.app.env, docname)[warned.line - 1 :], start=warned.line)
            line = next((line for line, text in lines if f"{{{role[1]}}}`" in text), warned.line)
            printed.location = f"{printed.location.rpartition(':')[0]}:{line}"
        if words := _hint(warned.message, docname, self.app.env):
            types = f" [{warned.types}]" if warned.types else ""
            record.msg, record.args = "%s; %s%s", (warned.message.rstrip("."), words, types)
        return True


def _hint(message: str, docname: str, env: BuildEnvironment) -> str:
    """What to do about a warning of a document; ``""`` where nothing is known."""
    if match := NO_PLACE.search(message):
        slugs = env.metadata.get(match[1] or docname, {}).get("myst_slugs", {})
        near = suggestion(match[2], [*slugs, *env.domains.standard_domain.anonlabels])
        return f"did you mean `#{near}`?" if near else "name a heading as its address does, or set a `(name)=`"
    if match := NO_PAGE.search(message):
        folder = "" if match[1].startswith("/") else posixpath.dirname(docname)
        name = re.sub(r"\.(md|html)$", "", posixpath.normpath(posixpath.join(folder, match[1].lstrip("/"))))
        if moved := catalog_of(env).notes_by_former_docname.get(name):
            return f"that note is now `{_relative(moved.docname, docname)}`"
        names = {posixpath.basename(other): other for other in env.found_docs}
        near = suggestion(posixpath.basename(name), names) if match[1] else None
        return f"did you mean `{_relative(names[near], docname)}`?" if near else "correct the path"
    return next((words for begins, words in HINTS.items() if re.match(begins, message)), "")


def _relative(docname: str, start: str) -> str:
    return posixpath.relpath(f"{docname}.md", posixpath.dirname(start) or ".")
