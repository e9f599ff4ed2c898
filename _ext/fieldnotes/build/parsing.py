"""Parse documents with MyST, in one place where whatever goes wrong with one of them is caught."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from myst_parser.parsers.sphinx_ import MystParser

from fieldnotes.build.checking import cut_nested
from fieldnotes.build.failures import UNREAD, forget, report
from fieldnotes.build.state import state_of
from fieldnotes.build.transforms import replace_front_matter

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment


class Parser(MystParser):
    """Parses a document and applies its transforms. If either fails, the document is read without its text."""

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Parse a text into a document; Sphinx finds no transform left to apply."""
        env, transformer = document.settings.env, document.transformer
        docname, state, transforms = env.docname, state_of(env), [*transformer.transforms]
        if docname not in state.broken:
            try:
                self._parse(env, cut_nested(env, docname, inputstring), document)
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
        super().parse(replace_front_matter(state_of(env).catalog, env.docname, text), document)
