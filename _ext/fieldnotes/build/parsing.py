"""Parse documents with MyST, in one place where whatever goes wrong with one of them is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser

from fieldnotes.build.dialects import DialectRenderer
from fieldnotes.build.failures import UNREAD, forget, report
from fieldnotes.build.state import state_of, warn, warn_at
from fieldnotes.build.transforms import replace_front_matter
from fieldnotes.checks import markup
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode
    from sphinx.environment import BuildEnvironment


DEEPEST = 60
"""Levels of nodes in a document. Sphinx stores documents with pickle, which fails at 200."""


class Renderer(DialectRenderer):
    """Renders Markdown; a link to what no file can be named keeps its text alone."""

    def render_link(self, token: SyntaxTreeNode) -> None:
        """Render a link. MyST asks for the file that it may name, with no care for names that are too long."""
        try:
            super().render_link(token)
        except (OSError, ValueError):
            place = self.sphinx_env.docname, (token.map or [1])[0]
            address = excerpt(str(token.attrGet("href")))
            warn_at(place, Code.PICTURE, f"`{address}` cannot be the name of a file; correct the link")
            self.render_children(token)


class Parser(MystParser):
    """Parses a document and applies its transforms. If either fails, the document is read without its text."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse a text into a document; Sphinx finds no transform left to apply."""
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
        nodes.document.__init__(document, document.settings, document.reporter, source=document["source"])
        document.transformer, transformer.transforms, transformer.sorted = transformer, transforms, False
        env.metadata[docname][UNREAD] = ""
        self._parse(env, None, document)

    def _parse(self, env: BuildEnvironment, text: str | None, document: nodes.document) -> None:
        path = f"{env.docname}.md"
        if text and (problem := markup.crowded(path, text)):
            warn(problem)
            text = "\n".join(text.split("\n")[: problem.line - 1])
        parser = create_md_parser(cast("Any", env).myst_config, Renderer)
        parser.options["document"] = document
        parser.options["maxNesting"] = 2 * DEEPEST  # beyond, markdown-it drops what stands there
        parser.render(replace_front_matter(state_of(env).catalog, env.docname, text))
        level: list[nodes.Node] = [document]
        for _depth in range(DEEPEST):
            level = [child for parent in level for child in parent.children]
        for node in level:  # which the failure names
            raise RecursionError(node)
