"""Give each warning a line and a hint, print one that many places share once, and record which documents have some."""

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
"""The hint for a warning of Sphinx, docutils or MyST, by a pattern of its beginning; the first that matches counts."""

ANYTHING = "correct it, or take it out"
"""The hint for a warning that matches none of these patterns."""

SHORTER = {
    r"(.*: Unknown option key: .*?) \(allowed: .*\)": r"\1",
    r"Lexing literal_block .* as \"(\S+)\" resulted in an error at token: (.*)\. Retry.*": r"The code is not \1 at \2",
    r"(.*?)(?: \[[a-z]+\.[a-z_]+\])+": r"\1",  # sphinx-design names its types itself
}
"""Patterns of warnings that say too much, and what takes their place."""

LONGEST = 160
"""Characters of a message of Sphinx."""

LONG_QUOTE = re.compile(r"(?<!\w)(['\"`])((?:(?!\1).){60})(?:(?!\1).)+\1")
"""A quote of more than 60 characters."""


TEXT_RULES = {Code.ALT, Code.BARE, Code.FOREIGN, Code.HEADING, Code.NUMBER, Code.SOURCES, Code.SPELLING}
"""Rules that look only at the text of a document; ``Code.NUMBER`` also looks at the labs that the text quotes."""

MANY = 10
"""A message is printed for each of its places, up to this number; beyond, for the first, with the number of others."""

FEW = 3
"""Places that are named among the others."""


class Finding(NamedTuple):
    """A warning as it is printed: ``path`` is relative to the source folder, ``line`` counts from 1."""

    path: str
    line: int
    column: int
    code: str
    """A rule of ours, or the type and subtype of a warning of Sphinx or MyST."""
    message: str
    is_advice: bool = False


class Messages(logging.Filter):
    """The last filter of Sphinx's handler of warnings: it completes each, and keeps those of a build until its end."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__()
        self.app = app
        (self.handler,) = (
            handler
            for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers
            if isinstance(handler, sphinx_logging.WarningStreamHandler)
        )
        self.is_open = False
        self.kept: dict[str, dict[str, tuple[logging.LogRecord, Finding]]] = {}
        """The warnings of each message, by their place."""
        self.documents: set[str] = set()
        """The documents that the next build reads again, to learn whether a warning still holds; ``""`` for all."""
        self.repeatable: set[Finding] = set()
        """The warnings that hold until their document changes: the next build repeats them without reading it."""
        self.role_lines: dict[tuple[str, int, str], int] = {}
        """Where an unknown role was last found, by the paragraph that MyST reports."""

    def open(self, app: Sphinx) -> None:
        """Begin to keep warnings (``builder-inited``, before the catalog is loaded)."""
        self.is_open = True
        if app.builder.name != "check":
            app.connect("build-finished", lambda *_: self.close(), priority=100)
            atexit.register(self.close)  # a build that is interrupted does not finish

    def filter(self, record: logging.LogRecord) -> bool:
        """Make the warning one line with a place and a hint; pass it on while none are kept."""
        printed = cast("SphinxWarningLogRecord", record)
        if printed.location:
            # a path that Sphinx took for a docname
            printed.location = printable(printed.location.replace(".md.rst:", ".md:"))
        if not (said := logging.LogRecord.getMessage(record)).isprintable():
            record.msg, record.args = "%s", ("\n".join(map(printable, said.splitlines())),)
        if (printed.location or "conf.py:1").endswith("conf.py:1") and (
            line := settings.line_of(Path(self.app.confdir), [said])
        ):
            printed.location = f"conf.py:{line}"
        if record.levelno >= logging.ERROR and not printed.location:
            self.close()
            return True  # what ends the build, in words of our own
        finding = self._complete(printed)
        if self.is_open:
            if self.app.builder.phase is not BuildPhase.INITIALIZATION:  # earlier ones are said by each build anyhow
                documents = _documents(self.app.env, record)
                if self._depends_on_text_only(finding) and documents == {finding.path.removesuffix(".md")}:
                    self.repeatable.add(finding)
                else:
                    self.documents |= documents or {""}
            same = self.kept.setdefault(logging.LogRecord.getMessage(record), {})
            same.setdefault(printed.location or "", (record, finding))
        return not self.is_open

    def close(self) -> None:
        """Print what is kept, in the order in which messages came first; what many places share is one line."""
        self.is_open = False
        kept, self.kept = self.kept, {}
        for same in kept.values():
            (first, _finding), *more = same.values()
            if len(more) < MANY:
                more_records = [record for record, _finding in more]
            else:
                message, types = cast("tuple[str, str]", first.args)
                first.args = message + others([f"{each.path}:{each.line}" for _record, each in more]), types
                more_records = []
            for record in (first, *more_records):
                self.handler.emit(record)

    def findings(self) -> list[Finding]:
        """What is kept, in the order in which messages came first."""
        return [finding for same in self.kept.values() for _record, finding in same.values()]

    def _depends_on_text_only(self, finding: Finding) -> bool:
        document = catalog_of(self.app.env).documents.get(finding.path.removesuffix(".md"))
        quotes_labs = not isinstance(document, Note) or document.quotes
        return finding.code in TEXT_RULES and not (finding.code == Code.NUMBER and quotes_labs)

    def _complete(self, record: SphinxWarningLogRecord) -> Finding:
        """Give a warning its line and a hint, unless it is ours and has them."""
        location = record.location or "conf.py"
        path, _colon, number = location.rpartition(":") if re.search(r":\d*$", location) else (location, "", "")
        line, place = max(int(number or 1), 1), os.path.relpath(Path(self.app.srcdir, path), self.app.srcdir)
        types = ".".join(filter(None, (getattr(record, "type", None), getattr(record, "subtype", None))))
        message = logging.LogRecord.getMessage(record).removesuffix(f" [{types}]")
        is_ours, docname = types.startswith(WARNING_TYPE), place.removesuffix(".md")
        message = message if is_ours else _one_line(message)
        if docname != place and Path(self.app.srcdir, place).is_file():  # one that fails is no document now
            line = self._line(message, docname, line)
            record.location = f"{path}:{line}"
            message = message if is_ours else f"{message.rstrip('.')}; {_hint(message, docname, self.app.env)}"
        elif location.startswith("conf.py:") and not is_ours:
            message = f"{message.rstrip('.')}; correct it"
        record.msg, record.args = "%s%s", (message, f" [{types}]" if types else "")
        code = types.removeprefix(f"{WARNING_TYPE}.") or "sphinx"
        return Finding(printable(place), line, getattr(record, "column", 1), code, printable(" ".join(message.split())))

    def _line(self, message: str, docname: str, line: int) -> int:
        """The line of a warning. MyST gives an unknown role that of its paragraph: it is looked for from there on."""
        role = re.match(r"Unknown interpreted text role \"(.*)\"", message)
        if not role:
            return line
        key = docname, line, role[1]
        last = self.role_lines.get(key, line - 1)
        lines = enumerate(source_lines(self.app.env, docname)[last:], start=last + 1)
        self.role_lines[key] = next((at for at, text in lines if f"{{{role[1]}}}`" in text), max(last, line))
        return self.role_lines[key]


def messages_of_build() -> Messages:
    """The messages of the build that runs in this process."""
    filters = (each for handler in logging.getLogger(sphinx_logging.NAMESPACE).handlers for each in handler.filters)
    return next(each for each in filters if isinstance(each, Messages))


def others(places: Sequence[str]) -> str:
    """The end of a message that is printed once: the number of its other places, and the first of them."""
    named = ", ".join(places[:FEW])
    return f" (and {len(places)} more places: {named}{', …' if len(places) > FEW else ''})"


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


def _one_line(message: str) -> str:
    """The first line of a message, and the second where it introduces that one; long quotes are cut."""
    first, *following = [" ".join(line.split()) for line in message.splitlines() if line.strip()] or [""]
    shown = printable(f"{first} {following[0]}" if following and first.endswith(":") else first)
    for pattern, shorter in SHORTER.items():
        shown = re.sub(f"^{pattern}$", shorter, shown)
    shown = LONG_QUOTE.sub(r"\1\2…\1", shown)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}…"


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


def setup_messages(app: Sphinx) -> None:
    """Put the filter behind Sphinx's own."""
    messages = Messages(app)
    messages.handler.addFilter(messages)
    app.connect("builder-inited", messages.open, priority=90)
    app.connect("env-updated", repeat_warnings)
