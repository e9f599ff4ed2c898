"""Add a line and a hint to each warning, print repeated messages once, and record which documents have warnings.

A *problem* breaks a rule of this extension, and is reported as a Sphinx warning. A *finding* is any warning as it is
printed, also of Sphinx, docutils or MyST. In `make check` a finding is a *fault*, which fails the check, or *advice*,
which does not.
"""

from __future__ import annotations

import atexit
import logging
import os.path
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from docutils import nodes
from sphinx.util import logging as sphinx_logging
from sphinx.util.build_phase import BuildPhase

from fieldnotes.build.state import WARNING_TYPE, catalog_of, source_lines, state_of, warn
from fieldnotes.sources import settings
from fieldnotes.sources.note import Note
from fieldnotes.sources.problem import Code, Problem, printable, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.logging import SphinxWarningLogRecord

MISSING_PAGE = re.compile(r"(?:unknown document:|Unknown source document|target not found:) '(.*?)(?:#.*)?'", re.DOTALL)

MISSING_ANCHOR = re.compile(r"(?:local id not found in doc '(.*)':|undefined label:|target not found:) '([^./]+)'")

HINTS = {
    r"(?:image|download) file not readable: |Include file |.*file not found": "correct the path",
    r"Pygments lexer name '.*' is not known": "use one of https://pygments.org/languages, or `text`",
    r"The code is not ": "correct it, or set its language to `text`",
    r"Unknown directive type: '\.callout": "write it as `:::{note}`",
    r"Unknown directive type: '\.": "write only the language, as in ```python",
    r"Unknown directive type: |Unknown interpreted text role ": "correct its name, or write it as code",
    r".*: Unknown option key: ": "remove it, or correct its name",
    r".*[Ii]nvalid .*(?:argument|option|value)": "correct its value",
    r".*: Has content, but none permitted": "remove the content",
    r"Content block expected": "write the content below its first line",
    r".*argument\(s\) required": "add the missing argument after its name",
    r".*argument\(s\) allowed": "remove the extra arguments",
    r".*: Splitting content across first line and body": "move the text of the first line below the options",
    r".*: Directive options has # comments": "remove the `#`, or put the value in quotes",
    r".*does not contain the same number|.*list expected|CSV data|.*not a list": "make all rows the same length",
    r"Non-consecutive header level increase": "begin it with one `#` more than the heading above",
    r"Unknown target name: ": "define it below with `[^name]: …`, or correct the name",
    r"Footnote \[.*\] is not referenced": "refer to it in the text, or remove it",
    r"Too many autonumbered footnote references": "write a `[^name]: text` for each, or give them names",
    r"[Dd]uplicate ": "remove or rename one of them",
    r"All children of a |The parent of a ": "move the misplaced child out, or wrap it in the right parent",
    r".* ends without a blank line|Unexpected indentation": "add a blank line, or indent the lines equally",
    r"glossary terms must ": "indent each definition below its term",
    r".*cannot be mocked|No format |.*directive can only be used": "MyST does not support it; write it differently",
    r"unknown (?:keyword|option)|undefined |.*not (?:found|in glossary)|No matches for ":
        "correct the target name, or write it as code",
}  # fmt: skip
"""Hints for warnings of Sphinx, docutils and MyST, by a pattern for their beginning; the first match is used."""

SHORTENED = {
    r"(.*: Unknown option key: .*?) \(allowed: .*\)": r"\1",
    r"Lexing literal_block .* as \"(\S+)\" resulted in an error at token: (.*)\. Retry.*": r"The code is not \1 at \2",
    r"(.*?)(?: \[[a-z]+\.[a-z_]+\])+": r"\1",  # sphinx-design appends its types itself
}
"""Rewrites that shorten verbose warnings."""

MAX_LENGTH = 160
"""Maximum length in characters of a message from Sphinx, docutils or MyST."""

LONG_QUOTE = re.compile(r"(?<!\w)(['\"`])((?:(?!\1).){60})(?:(?!\1).)+\1")
"""A quotation of more than 60 characters."""


TEXT_RULES = {Code.ALT, Code.BARE, Code.FOREIGN, Code.HEADING, Code.NUMBER, Code.SOURCES, Code.SPELLING}
"""Rules that look only at the text of a document; ``Code.NUMBER`` also looks at the labs that the text quotes."""

MAX_REPEATS = 10
"""A message with more places than this is printed once, with the number of further places."""

PLACES_NAMED = 3
"""The number of further places that such a message names."""


class Finding(NamedTuple):
    """A warning as it is printed: ``path`` is relative to the source folder, ``line`` counts from 1."""

    path: str
    line: int
    column: int
    code: str
    """The code of a rule, or the type and subtype of a warning of Sphinx or MyST."""
    message: str
    is_advice: bool = False
    """Set by ``commands.check``."""


class Messages(logging.Filter):
    """The last filter of Sphinx's warning handler: completes warnings, and holds them back until the build ends."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__()
        self.app = app
        (self.handler,) = (
            handler
            for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers
            if isinstance(handler, sphinx_logging.WarningStreamHandler)
        )
        self.is_holding = False
        self.held: dict[str, dict[str, tuple[logging.LogRecord, Finding]]] = {}
        """The warnings held back, by message and location."""
        self.documents: set[str] = set()
        """Documents that the next build reads again, to see whether a warning still holds; ``""`` for all."""
        self.repeatable: set[Finding] = set()
        """Warnings that hold until their document changes: the next build repeats them without reading it."""
        self.role_lines: dict[tuple[str, int, str], int] = {}
        """The last line on which an unknown role was found, by docname, line of its paragraph, and role."""

    def open(self, app: Sphinx) -> None:
        """Begin to hold warnings back (``builder-inited``, before the catalog is loaded)."""
        self.is_holding = True
        if app.builder.name != "check":
            app.connect("build-finished", lambda *_: self.close(), priority=100)
            atexit.register(self.close)  # an interrupted build does not emit build-finished

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a warning to one line with a location and a hint; return False to hold it back.

        Records which documents the next build reads again. A fatal error prints all warnings held back before it.
        """
        warning = cast("SphinxWarningLogRecord", record)
        if warning.location:
            # Sphinx takes a path for a docname and appends `.rst`.
            warning.location = printable(warning.location.replace(".md.rst:", ".md:"))
        if not (text := logging.LogRecord.getMessage(record)).isprintable():
            record.msg, record.args = "%s", ("\n".join(map(printable, text.splitlines())),)
        if (warning.location or "conf.py:1").endswith("conf.py:1") and (
            line := settings.line_of(Path(self.app.confdir), [text])
        ):
            warning.location = f"conf.py:{line}"
        if record.levelno >= logging.ERROR and not warning.location:
            self.close()
            return True  # a fatal error, worded by this extension
        finding = self._complete(warning)
        if self.is_holding:
            if self.app.builder.phase is not BuildPhase.INITIALIZATION:  # every build repeats the earlier ones
                documents = _documents(self.app.env, record)
                if self._depends_on_text_only(finding) and documents == {finding.path.removesuffix(".md")}:
                    self.repeatable.add(finding)
                else:
                    self.documents |= documents or {""}
            by_location = self.held.setdefault(logging.LogRecord.getMessage(record), {})
            by_location.setdefault(warning.location or "", (record, finding))
        return not self.is_holding

    def close(self) -> None:
        """Stop holding; print the warnings held back, in the order in which their messages first appeared."""
        self.is_holding = False
        held, self.held = self.held, {}
        for by_location in held.values():
            records, findings = zip(*by_location.values(), strict=True)
            if len(records) > MAX_REPEATS:
                message, types = cast("tuple[str, str]", records[0].args)
                places = [f"{finding.path}:{finding.line}" for finding in findings[1:]]
                records[0].args = message + summarize_places(places), types
                records = records[:1]
            for record in records:
                self.handler.emit(record)

    def findings(self) -> list[Finding]:
        """Return the warnings held back, in the order in which their messages first appeared."""
        return [finding for by_location in self.held.values() for _record, finding in by_location.values()]

    def _depends_on_text_only(self, finding: Finding) -> bool:
        document = catalog_of(self.app.env).documents.get(finding.path.removesuffix(".md"))
        quotes_labs = not isinstance(document, Note) or document.quotes
        return finding.code in TEXT_RULES and not (finding.code == Code.NUMBER and quotes_labs)

    def _complete(self, record: SphinxWarningLogRecord) -> Finding:
        """Change a warning: give it its line, and a hint unless it is a problem. Returns its finding."""
        location = record.location or "conf.py"
        path, _colon, number = location.rpartition(":") if re.search(r":\d*$", location) else (location, "", "")
        line, place = max(int(number or 1), 1), os.path.relpath(Path(self.app.srcdir, path), self.app.srcdir)
        types = ".".join(filter(None, (getattr(record, "type", None), getattr(record, "subtype", None))))
        message = logging.LogRecord.getMessage(record).removesuffix(f" [{types}]")
        is_own_rule, docname = types.startswith(WARNING_TYPE), place.removesuffix(".md")
        message = message if is_own_rule else _one_line(message)
        if docname != place and Path(self.app.srcdir, place).is_file():  # found_docs lacks a failed document
            line = self._line(message, docname, line)
            record.location = f"{path}:{line}"
            message = message if is_own_rule else f"{message.rstrip('.')}; {_hint(message, docname, self.app.env)}"
        elif location.startswith("conf.py:") and not is_own_rule:
            message = f"{message.rstrip('.')}; correct it"
        record.msg, record.args = "%s%s", (message, f" [{types}]" if types else "")
        code = types.removeprefix(f"{WARNING_TYPE}.") or "sphinx"
        return Finding(printable(place), line, getattr(record, "column", 1), code, printable(" ".join(message.split())))

    def _line(self, message: str, docname: str, line: int) -> int:
        """Return the line of a warning. MyST reports unknown roles at their paragraph: continue at ``role_lines``."""
        role = re.match(r"Unknown interpreted text role \"(.*)\"", message)
        if not role:
            return line
        key = docname, line, role[1]
        last = self.role_lines.get(key, line - 1)
        lines = enumerate(source_lines(self.app.env, docname)[last:], start=last + 1)
        self.role_lines[key] = next((number for number, text in lines if f"{{{role[1]}}}`" in text), max(last, line))
        return self.role_lines[key]


def messages_of_build() -> Messages:
    """Return the message filter of the build in this process."""
    handlers = logging.getLogger(sphinx_logging.NAMESPACE).handlers
    return next(item for handler in handlers for item in handler.filters if isinstance(item, Messages))


def summarize_places(places: Sequence[str]) -> str:
    """Return the end of a message that is printed once: how many more places it has, and the first of them."""
    first = ", ".join(places[:PLACES_NAMED])
    return f" (and {len(places)} more places: {first}{', …' if len(places) > PLACES_NAMED else ''})"


def repeat_warnings(app: Sphinx, env: BuildEnvironment) -> None:
    """Repeat the warnings of the last build that still hold for documents this one has not read (``env-updated``).

    ``check_builder.check_spelling`` looks up misspelled words again, since the list of allowed words may have changed.
    """
    state = state_of(env)
    for path, line, column, code, message in state.previous.repeatable:
        docname = path.removesuffix(".md")
        if docname in env.found_docs and docname not in state.read and code != Code.SPELLING:
            warn(Problem(path, line, Code(code), message, column))


def retract_warnings(env: BuildEnvironment, docnames: Set[str]) -> None:
    """Drop the warnings of documents that will be read again. Sphinx prints warnings after all documents are read."""
    for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers:
        if isinstance(handler, sphinx_logging.MemoryHandler):
            handler.buffer[:] = [record for record in handler.buffer if not _documents(env, record) & docnames]


def _documents(env: BuildEnvironment, record: logging.LogRecord) -> set[str]:
    """Return the documents of a warning: the one at its location, or those that include the file at its location."""
    place = getattr(record, "location", None)
    if isinstance(place, nodes.Node):
        place = sphinx_logging.get_node_location(place)
    elif isinstance(place, tuple):
        place = place[0]
    path = re.sub(r":\d*$", "", place or "")
    file, docname = Path(env.srcdir, path), env.path2doc(path) or path
    including = [name for name, paths in env.dependencies.items() if file in {Path(env.srcdir, each) for each in paths}]
    return {name for name in (docname, *including) if path and env.doc2path(name).is_file()}


def _one_line(message: str) -> str:
    """Return the first line of a message, and the second if the first ends with a colon; shorten long quotations."""
    first, *following = [" ".join(line.split()) for line in message.splitlines() if line.strip()] or [""]
    shown = printable(f"{first} {following[0]}" if following and first.endswith(":") else first)
    for pattern, replacement in SHORTENED.items():
        shown = re.sub(f"^{pattern}$", replacement, shown)
    shown = LONG_QUOTE.sub(r"\1\2…\1", shown)
    return shown if len(shown) <= MAX_LENGTH else f"{shown[:MAX_LENGTH]}…"


def _hint(message: str, docname: str, env: BuildEnvironment) -> str:
    """Return what to do about a warning in a document."""
    if match := MISSING_ANCHOR.search(message):
        slugs = env.metadata.get(match[1] or docname, {}).get("myst_slugs", {})
        near = suggestion(match[2], [*slugs, *env.domains.standard_domain.anonlabels])
        return f"did you mean `#{near}`?" if near else "use the anchor of a heading, or define `(name)=`"
    if match := MISSING_PAGE.search(message):
        folder = "" if match[1].startswith("/") else posixpath.dirname(docname)
        name = re.sub(r"\.(md|html)$", "", posixpath.normpath(posixpath.join(folder, match[1].lstrip("/"))))
        if moved := catalog_of(env).notes_by_former_docname.get(name):
            return f"that note is now `{_relative(moved.docname, docname)}`"
        if name in state_of(env).pages:
            return f"it is a generated page; write {{page}}`the text <{name}>`"
        names = {posixpath.basename(other): other for other in env.found_docs}
        near = suggestion(posixpath.basename(name), names) if match[1] else None
        return f"did you mean `{_relative(names[near], docname)}`?" if near else "correct the path"
    return next((hint for pattern, hint in HINTS.items() if re.match(pattern, message)), "correct it, or remove it")


def _relative(docname: str, start: str) -> str:
    return posixpath.relpath(f"{docname}.md", posixpath.dirname(start) or ".")


def setup_messages(app: Sphinx) -> None:
    """Add the filter after Sphinx's filters."""
    messages = Messages(app)
    messages.handler.addFilter(messages)
    app.connect("builder-inited", messages.open, priority=90)
    app.connect("env-updated", repeat_warnings)
