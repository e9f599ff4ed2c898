"""Complete the warnings of Sphinx and MyST: each says what to do, and names its line."""

from __future__ import annotations

import logging
import os.path
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from sphinx.util import logging as sphinx_logging

from fieldnotes.build.state import WARNING_TYPE, catalog_of, state_of
from fieldnotes.sources import settings
from fieldnotes.sources.problem import printable, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.logging import SphinxWarningLogRecord

NO_PAGE = re.compile(r"(?:unknown document:|Unknown source document|target not found:) '(.*?)(?:#.*)?'", re.DOTALL)

NO_PLACE = re.compile(r"(?:local id not found in doc '(.*)':|undefined label:|target not found:) '([^./]+)'")

HINTS = {
    r"(?:image|download) file not readable: |Include file |.*file not found": "correct the path",
    r"Pygments lexer name '.*' is not known": "name one of https://pygments.org/languages, or `text`",
    r"The code is not ": "correct it, or name its language `text`",
    r"Unknown directive type: '\.callout": "write it as `:::{note}`",
    r"Unknown directive type: '\.": "write the language of the code bare, as in ```python",
    r"Unknown directive type: |Unknown interpreted text role ": "correct its name, or write it as code",
    r".*: Unknown option key: ": "remove it, or correct its name",
    r".*: Invalid option value|.*[Ii]nvalid .*(?:argument|option|value)": "correct its value",
    r".*: Has content, but none permitted": "take the content out",
    r"Content block expected": "write the content below its first line",
    r".*argument\(s\) required": "write what is missing behind its name",
    r".*argument\(s\) allowed": "keep as many",
    r".*: Splitting content across first line and body": "move the text of the first line below the options",
    r".*: Directive options has # comments": "take the # out, or put the value in quotes",
    r".*does not contain the same number|.*list expected|CSV data|.*not a list": "give each row as many cells",
    r"Non-consecutive header level increase": "begin it with one `#` more than the heading above it",
    r"Unknown target name: ": "write `[^name]: …` with its name below, or correct it",
    r"Footnote \[.*\] is not referenced": "refer to it in the text, or remove it",
    r"Too many autonumbered footnote references": "write a `[^name]: text` for each, or name them",
    r"[Dd]uplicate ": "keep one of them, or rename one",
    r"All children of a |The parent of a ": "move what does not belong there out, or put it into one",
    r".* ends without a blank line|Unexpected indentation": "put a blank line there, or indent the lines alike",
    r"glossary terms must ": "indent each definition below its term",
    r".*cannot be mocked|No format |.*directive can only be used": "MyST has nothing for it; write it in another way",
    r"unknown (?:keyword|option)|undefined |Unknown target name|.*not (?:found|in glossary)|No matches for ":
        "correct the name that it leads to, or write it as code",
}  # fmt: skip
"""What to do, by how a warning begins."""

ANYTHING = "correct it, or take it out"
"""What to do about a warning of which nothing else is known."""

SHORTER = {
    r"(.*: Unknown option key: .*?) \(allowed: .*\)": r"\1",
    r"Lexing literal_block .* as \"(\S+)\" resulted in an error at token: (.*)\. Retry.*": r"The code is not \1 at \2",
    r"(.*?)(?: \[[a-z]+\.[a-z_]+\])+": r"\1",  # sphinx-design names its types itself
}
"""Warnings that say more than an author has use for, and what is left of them."""

LONGEST = 160
"""Characters of a message of Sphinx."""

LONG_QUOTE = re.compile(r"(?<!\w)(['\"`])((?:(?!\1).){60})(?:(?!\1).)+\1")
"""A quote of more than 60 characters."""


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
    message = message if types.startswith(WARNING_TYPE) else one_line(message)
    return Warned(os.path.relpath(source / path, source), max(int(line or 1), 1), types, message)


def one_line(message: str) -> str:
    """The first line of a message, and the second where it introduces that one; long quotes are cut."""
    first, *others = [" ".join(line.split()) for line in message.splitlines() if line.strip()] or [""]
    shown = printable(f"{first} {others[0]}" if others and first.endswith(":") else first)
    for pattern, shorter in SHORTER.items():
        shown = re.sub(f"^{pattern}$", shorter, shown)
    shown = LONG_QUOTE.sub(r"\1\2…\1", shown)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


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
        self.role_lines: dict[tuple[str, int, str], int] = {}
        """Where an unknown role was last found, by the paragraph that MyST reports."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Make the warning one line with a place and a hint, and pass every record."""
        printed = cast("SphinxWarningLogRecord", record)
        if printed.location:
            # a path that Sphinx took for a docname
            printed.location = printable(printed.location.replace(".md.rst:", ".md:"))
        if not (said := logging.LogRecord.getMessage(record)).isprintable():
            record.msg, record.args = "%s", ("\n".join(map(printable, said.splitlines())),)
        if not printed.location and (line := settings.line_of(Path(self.app.confdir), [said])):
            printed.location = f"conf.py:{line}"
        if record.levelno >= logging.ERROR and not printed.location:
            return True  # what ends the build, in words of our own
        warned = read_record(record, Path(self.app.srcdir))
        docname, message = warned.path.removesuffix(".md"), warned.message
        if docname != warned.path and Path(self.app.srcdir, warned.path).is_file():  # one that fails is no document now
            path = re.sub(r":\d*$", "", printed.location or warned.path)
            printed.location = f"{path}:{self._line(warned, docname)}"
            if not warned.types.startswith(WARNING_TYPE):
                message = f"{message.rstrip('.')}; {_hint(message, docname, self.app.env)}"
        elif (printed.location or "").startswith("conf.py:") and not warned.types.startswith(WARNING_TYPE):
            message = f"{message.rstrip('.')}; correct it"
        types = f" [{warned.types}]" if warned.types else ""
        record.msg, record.args = "%s%s", (message, types)
        return True

    def _line(self, warned: Warned, docname: str) -> int:
        """The line of a warning. MyST gives an unknown role that of its paragraph: it is looked for from there on."""
        role = re.match(r"Unknown interpreted text role \"(.*)\"", warned.message)
        if not role:
            return warned.line
        key = docname, warned.line, role[1]
        last = self.role_lines.get(key, warned.line - 1)
        lines = enumerate(source_lines(self.app.env, docname)[last:], start=last + 1)
        line = next((line for line, text in lines if f"{{{role[1]}}}`" in text), max(last, warned.line))
        self.role_lines[key] = line
        return line


def _hint(message: str, docname: str, env: BuildEnvironment) -> str:
    """What to do about a warning of a document."""
    if match := NO_PLACE.search(message):
        slugs = env.metadata.get(match[1] or docname, {}).get("myst_slugs", {})
        near = suggestion(match[2], [*slugs, *env.domains.standard_domain.anonlabels])
        return f"did you mean `#{near}`?" if near else "name a heading as its address does, or set a `(name)=`"
    if match := NO_PAGE.search(message):
        folder = "" if match[1].startswith("/") else posixpath.dirname(docname)
        name = re.sub(r"\.(md|html)$", "", posixpath.normpath(posixpath.join(folder, match[1].lstrip("/"))))
        if moved := catalog_of(env).notes_by_former_docname.get(name):
            return f"that note is now `{_relative(moved.docname, docname)}`"
        if name in state_of(env).pages:
            return f"it is no file; write {{page}}`the text <{name}>`"
        names = {posixpath.basename(other): other for other in env.found_docs}
        near = suggestion(posixpath.basename(name), names) if match[1] else None
        return f"did you mean `{_relative(names[near], docname)}`?" if near else "correct the path"
    return next((words for begins, words in HINTS.items() if re.match(begins, message)), ANYTHING)


def _relative(docname: str, start: str) -> str:
    return posixpath.relpath(f"{docname}.md", posixpath.dirname(start) or ".")
