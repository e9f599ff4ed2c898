"""Keep what is read of the notes small: pickled until its page is written, and gone after.

In one process Sphinx keeps the doctree of every document from its reading to its writing. A note's takes 110 kB,
its pickle 15 kB, and Sphinx pickles each in any case.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.directives import catalog_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FRAME = frozenset({"settings", "reporter", "transformer", "attributes", "tagname", "rawsource", "children"})
"""What a document keeps when it is emptied: what Sphinx sets on it from outside, and what every node has."""


class Packed(nodes.Element):
    """The content of a document, pickled, in its place."""

    data: bytes


class _Pickler(pickle.Pickler):
    """Pickles what a document holds, which points back to it, without the document."""

    def __init__(self, file: io.BytesIO, document: nodes.document) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self.document = document

    def persistent_id(self, obj: object) -> str | None:
        return "document" if obj is self.document else None


class _Unpickler(pickle.Unpickler):
    """Gives what was pickled to a document."""

    def __init__(self, file: io.BytesIO, document: nodes.document) -> None:
        super().__init__(file)
        self.document = document

    def persistent_load(self, pid: str) -> nodes.document:
        return self.document


def _empty(document: nodes.document) -> tuple[list[nodes.Node], dict[str, Any]]:
    """Take everything from a document; gives its children and what else it held."""
    children, document.children = document.children, []
    held = {name: value for name, value in vars(document).items() if name not in FRAME}
    for name in held:
        delattr(document, name)
    return children, held


def pack(app: Sphinx, doctree: nodes.document) -> None:
    """Pickle the content of a note (``doctree-read``, after all others), before Sphinx stores its doctree."""
    if app.env.docname not in catalog_of(app.env).note:
        return
    packed, data = Packed(), io.BytesIO()
    _Pickler(data, doctree).dump(_empty(doctree))
    packed.data = data.getvalue()
    doctree.children = [packed]


class Unpack(SphinxPostTransform):
    """Put the content of a note back, before anything else looks at what is to be written."""

    default_priority = 0

    def run(self, **kwargs: Any) -> None:
        if self.document.children and isinstance(packed := self.document.children[0], Packed):
            children, held = _Unpickler(io.BytesIO(packed.data), self.document).load()
            self.document.children = children
            vars(self.document).update(held)


def release(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let go of a doctree whose page needs it no longer (``html-page-context``, after all others).

    Its nodes and it hold each other, and it is old: only a collection of the whole heap would find them.
    """
    if doctree is not None:
        _empty(doctree)
