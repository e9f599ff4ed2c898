"""Directives that read files while a document is read: only files that may be published, and no URLs.

Sphinx and docutils can only allow or forbid all of them (``file_insertion_enabled``). Files that are copied, such as
pictures and downloads, are checked in ``check_builder.CheckText`` and ``drop_refused_files``. The rule is in one place:
``sources.files.Tree``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils.parsers.rst.directives import misc
from docutils.statemachine import StringList
from myst_parser.mocking import MockIncludeDirective
from sphinx.directives import code, other, patches
from sphinx.util.docutils import SphinxDirective

from fieldnotes.build.state import state_of, warn_at
from fieldnotes.sources import files, svg
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from docutils.nodes import Node, document
    from sphinx.application import Sphinx


class FileDirective(SphinxDirective):
    """A directive that reads files."""

    def may_read(self, path: str) -> bool:
        """Whether the file at a path given in the document may be read; report it if not."""
        refusal = "is not a file of the journal; copy the file into it, and give its path"
        if "://" not in path and not path.startswith("<"):
            refusal = state_of(self.env).tree.refusal(Path(self.env.relfn2path(path)[1]))
        if refusal:
            warn_at(self.get_location(), Code.OUTSIDE, f"{excerpt(path)} {refusal}")
        return not refusal

    def read_text(self, name: str, encoding: str = "utf-8-sig") -> str | None:
        """Read a text file, and store it as a dependency; return None after reporting why it cannot be read."""
        if not self.may_read(name):
            return None
        relative, path = self.env.relfn2path(name)
        self.env.note_dependency(relative)
        try:
            return files.read_bytes(Path(path)).decode(encoding)
        except (OSError, UnicodeError, LookupError) as error:
            reason = "it is not text in this encoding; save it as UTF-8"
            if isinstance(error, OSError):
                reason = f"{error.strerror}; correct the path"
            warn_at(self.get_location(), Code.UNREADABLE, f"{name} cannot be read: {reason}")
            return None


class Include(FileDirective):
    """``{include}``: MyST's in Markdown, Sphinx's in reStructuredText.

    It is not a subclass of docutils' directive, which MyST would replace with its own. There is no documented way to
    run MyST's (tried with MyST 5.2).
    """

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {
        name: read for name, read in (other.Include.option_spec or {}).items() if name != "parser"
    }
    """``:parser:`` is left out, since it imports any module."""

    def run(self) -> Sequence[Node]:
        self.arguments = ["".join(line.strip() for line in self.arguments[0].splitlines())]
        if not self.may_read(self.arguments[0]):
            return []
        if renderer := getattr(self.state, "_renderer", None):
            directive = self.name, other.Include, self.arguments, self.options
            return MockIncludeDirective(renderer, *directive, [], self.lineno).run()
        state = (self.lineno, self.content_offset, self.block_text, self.state, self.state_machine)
        return other.Include(self.name, self.arguments, self.options, self.content, *state).run()


class LiteralInclude(FileDirective, code.LiteralInclude):
    """``{literalinclude}``."""

    def run(self) -> list[Node]:
        names = [self.arguments[0], *filter(None, [self.options.get("diff")])]
        return super().run() if all(map(self.may_read, names)) else []


class FromFile(FileDirective):
    """A directive that reads its content from the file given as ``:file:``, if any, and reports other content then."""

    def run(self) -> Any:
        name, encoding = self.options.pop("file", ""), self.options.pop("encoding", "utf-8-sig")
        if (url := self.options.pop("url", "")) and not self.may_read(url):
            return []
        if name:
            text = self.read_text(name, encoding)
            if text is None:
                return []
            if self.content:
                message = f"the content of `{self.name}` is not shown, since `:file:` replaces it; remove one of them"
                warn_at(self.get_location(), Code.FOREIGN, message)
            self.content = StringList(text.splitlines(), self.env.relfn2path(name)[1])
        return super().run()


class CSVTable(FromFile, patches.CSVTable):
    """``{csv-table}``."""


class Raw(FromFile, misc.Raw):
    """``{raw}``."""


def drop_refused_files(app: Sphinx, doctree: document) -> None:
    """Report and drop files that may not be published, however they were collected (``doctree-read``, last).

    One picture name may match several files: ``chart.*``, or a file for each language.
    """
    docname, tree = app.env.docname, state_of(app.env).tree
    refused = {path: tree.refusal(Path(path)) for path in app.env.dependencies.get(docname, ())}
    for path in filter(refused.get, refused):
        copied: tuple[dict[Any, Any], ...] = (app.env.images, app.env.dlfiles)
        for names in copied:
            for name in [name for name in names if Path(app.srcdir, name) == Path(path)]:
                warn_at((docname, 1), Code.OUTSIDE, f"{name} {refused[path]}")
                del names[name]


def sanitize_copies(source: Path, folder: Path, copies: Mapping[Any, Any]) -> None:
    """Rewrite copied SVG files without active content: opened by itself, an SVG file runs scripts on the site's origin.

    ``copies`` maps paths in ``source`` to file names in ``folder``.
    """
    for path, name in copies.items():
        if str(path).lower().endswith(".svg"):
            with suppress(ValueError):  # a file that is not SVG was reported and not copied
                (folder / name).write_bytes(svg.clean(source / path)[0])


def setup_file_directives(app: Sphinx) -> None:
    """Replace Sphinx's directives."""
    app.add_directive("include", Include, override=True)
    app.add_directive("literalinclude", LiteralInclude, override=True)
    app.add_directive("csv-table", CSVTable, override=True)
    app.add_directive("raw", Raw, override=True)
    app.connect("doctree-read", drop_refused_files, priority=950)
