"""Read and write documents, leaving out those on which Sphinx or an extension fails, so that the build goes on."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import traceback
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from docutils.parsers.rst import Directive
from docutils.utils import get_source_line
from markdown_it.tree import SyntaxTreeNode
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util import logging
from sphinx.util.docutils import new_document

from fieldnotes.build.artifacts import digest
from fieldnotes.build.dialects import DialectRenderer
from fieldnotes.build.note_transforms import replace_front_matter
from fieldnotes.build.state import domain_of, state_of, warn_at
from fieldnotes.pages import all_pages, documents
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from collections.abc import Set

    from sphinx.application import Sphinx
    from sphinx.builders import Builder as SphinxBuilder
    from sphinx.environment import BuildEnvironment

UNREAD = "fieldnotes-unread"
"""The metadata field of a document that could not be read. Parallel processes return metadata to the main one."""

MAX_DEPTH = 60
"""Maximum depth of the nodes of a document. Sphinx pickles documents, which fails at a depth of 200."""

TRANSLATOR = "<class 'sphinx.writers.html5.HTML5Translator'> "
"""The start of docutils' message about a node without a visitor."""

logger = logging.getLogger(__name__)


class Renderer(DialectRenderer):
    """Renders Markdown; a link whose target is not a valid file name becomes plain text."""

    def render_link(self, token: SyntaxTreeNode) -> None:
        """Render a link. MyST checks whether the target is a file, and fails on names that are too long."""
        try:
            super().render_link(token)
        except (OSError, ValueError):
            place = self.sphinx_env.docname, (token.map or [1])[0]
            address = excerpt(str(token.attrGet("href")))
            warn_at(place, Code.PICTURE, f"`{address}` is not a valid file name; correct the link")
            self.render_children(token)


class Parser(MystParser):
    """Parses a document and applies its transforms; if either fails, the document is read without its text."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Fill ``document``, and apply its transforms, which Sphinx then skips; if that fails, leave out the text."""
        env, transformer = document.settings.env, document.transformer
        docname, state, transforms = env.docname, state_of(env), [*transformer.transforms]
        if docname not in state.broken:
            try:
                self._parse(env, inputstring, document)
                document.current_source = document.current_line = None
                transformer.apply_transforms()
            except MemoryError:
                raise
            except Exception as error:
                report(docname, "read", error)
            else:
                return
        forget(env, docname)
        # Sphinx keeps this object, so empty it in place.
        nodes.document.__init__(document, document.settings, document.reporter, source=document["source"])
        document.transformer, transformer.transforms, transformer.sorted = transformer, transforms, False
        env.metadata[docname][UNREAD] = ""
        self._parse(env, None, document)

    def _parse(self, env: BuildEnvironment, text: str | None, document: nodes.document) -> None:
        parser = create_md_parser(cast("Any", env).myst_config, Renderer)
        parser.options["document"] = document
        parser.options["maxNesting"] = 2 * MAX_DEPTH  # markdown-it drops tokens that are nested deeper
        parser.render(replace_front_matter(state_of(env).catalog, env.docname, text))
        level: list[nodes.Node] = [document]
        for _depth in range(MAX_DEPTH):
            level = [child for parent in level for child in parent.children]
        if level:
            too_deep = level[0]  # `_line` looks for a node among the local variables
            raise RecursionError(too_deep)


class Builder(StandaloneHTMLBuilder):
    """Sphinx's HTML builder, which leaves out documents that it cannot write."""

    def write_documents(self, docnames: Set[str]) -> None:
        """Write documents; leave out those that fail, and rewrite the documents that list them."""
        wanted = {name for name in docnames if name in self.env.found_docs}
        if self.parallel_ok and wanted:
            wanted = self._write_in_processes(wanted)
        while failed := self._write_one_by_one(wanted):
            wanted = self.leave_out(failed)

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Write a page. In a parallel build, record the outcome, ``+`` or ``-``: an exception would stop the others."""
        if not self.parallel_ok:
            super().write_doc(docname, doctree)
            return
        outcome = "-"
        with contextlib.suppress(Exception):
            super().write_doc(docname, doctree)
            outcome = "+"
        self.outcomes.write(os.fsencode(f"{outcome}{docname}\0"))

    def leave_out(self, docnames: Set[str]) -> set[str]:
        """Remove documents from the build and its search index; return those that were read again because of it."""
        reread = drop_documents(self, docnames)
        if self.indexer:
            for name in docnames:  # Sphinx removes documents from the search index, but not their entries
                self.indexer.feed(name, "", "", new_document(""))
        self.images = {path: name for path, name in self.images.items() if path in self.env.images}
        return reread

    def _write_in_processes(self, docnames: Set[str]) -> set[str]:
        """Write documents in parallel; return those to write again in this process, which can report what fails.

        These are the documents that failed. They are all documents if a process died or Sphinx failed to resolve one,
        since the warnings of the processes are then lost. Terminates them, and turns ``parallel_ok`` off for good.
        """
        others = multiprocessing.active_children()
        with TemporaryFile(buffering=0) as self.outcomes:
            with contextlib.suppress(Exception):
                super().write_documents(docnames)
            for process in {*multiprocessing.active_children()}.difference(others):
                process.terminate()
                process.join()
            self.outcomes.seek(0)
            outcomes = os.fsdecode(self.outcomes.read()).split("\0")[:-1]
        self.parallel_ok = False
        failed = {outcome[1:] for outcome in outcomes if outcome[0] == "-"}
        return failed if len(outcomes) == len(docnames) else {*docnames}

    def _write_one_by_one(self, docnames: Set[str]) -> set[str]:
        """Write documents; report and return those that failed. Raises system errors, and what fails without a text."""
        failed = set()
        for docname in sorted(docnames):
            try:
                super().write_documents({docname})
            except (MemoryError, OSError):
                raise
            except Exception as error:
                if docname in state_of(self.env).broken:
                    raise
                report(docname, "written", error)
                failed.add(docname)
        return failed


def report(docname: str, action: str, error: Exception) -> None:
    """Report that a document could not be ``read`` or ``written``, at the line that was being processed."""
    logger.verbose("".join(traceback.format_exception(error)))
    while error.__cause__ and isinstance(error.__cause__, Exception):
        error = error.__cause__
    code, reason = Code.FAILED, f"{type(error).__name__}: {excerpt(str(error).removeprefix(TRANSLATOR))}"
    if isinstance(error, RecursionError):
        code, reason = Code.NESTING, "it is nested too deeply"
    message = f"cannot be {action}: {reason}; remove the markup here, or write it differently"
    warn_at((docname, _line(error)), code, message)


def _line(error: Exception) -> int:
    """Return the line of the innermost node, directive or token among the local variables of the traceback."""
    for frame, _line in reversed([*traceback.walk_tb(error.__traceback__)]):
        for value in [*frame.f_locals.values()]:
            line = None
            if isinstance(value, nodes.Node):
                line = get_source_line(value)[1]
            elif isinstance(value, Directive):
                line = value.lineno
            elif isinstance(value, SyntaxTreeNode) and not value.is_root and value.map:
                line = value.map[0]
            if line:
                return line
    return 1


def leave_out_unread(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Drop documents that could not be read; return those read again (``env-updated``, before ``docs_to_write``)."""
    unread = {name for name in env.found_docs if UNREAD in env.metadata.get(name, ())}
    return [*drop_documents(app.builder, unread)] if unread else []


def drop_documents(builder: SphinxBuilder, docnames: Set[str]) -> set[str]:
    """Remove documents that cannot be read or written; return those that were read again because of it.

    Notes are removed from the catalog, the generated pages and the environment, and the documents that list them are
    read again. Home, lanes and pages stay, since others depend on them: they are read again without their text.
    """
    env, state = builder.env, state_of(builder.env)
    state.broken |= docnames
    notes = docnames & state.catalog.notes_by_docname.keys()
    state.catalog = state.catalog.without(notes)
    state.pages = all_pages.derived_pages(state.catalog)
    for name in notes:
        forget(env, name)
        env.found_docs.discard(name)
    stored = domain_of(env).documents.items()
    reread = {name for name, data in stored if data.view not in {"", digest(documents.lists(state.catalog, name))}}
    reread |= docnames - notes
    for name in sorted(reread):
        forget(env, name)
        builder.read_doc(name)
    return reread


def forget(env: BuildEnvironment, docname: str) -> None:
    """Drop all data of a document from the environment, and emit ``env-purge-doc`` so that extensions do too."""
    env.events.emit("env-purge-doc", env, docname)
    env.clear_doc(docname)


def fail_build(app: Sphinx, exception: Exception | None) -> None:
    """Set the exit status to 1 if a document was left out (``build-finished``), with or without ``-W``."""
    if not exception and state_of(app.env).broken:
        app.statuscode = 1
