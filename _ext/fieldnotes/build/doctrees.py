"""Keep what is read of many notes small: pickled until its page is written, and gone after.

In one process Sphinx keeps the doctree of every document from its reading to its writing. A note's takes 110 kB,
its pickle 15 kB, and Sphinx pickles each in any case; to read it back costs 3 % of a build. So the first notes that a
build reads are left as they are, and only those that would not fit beside them are packed.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.build.state import catalog_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FRAME = frozenset({"settings", "reporter", "transformer", "attributes", "tagname", "rawsource", "children"})
"""What a document keeps when it is emptied: what Sphinx sets on it from outside, and what every node has."""


LEFT = 1_500
"""As many notes of a build are left as they are: about 160 MB."""


class Packed(nodes.Element):
    """The content of a document, pickled, in its place."""

    data: bytes


def _the_document() -> nodes.document:
    """Stands in a pickle for the document that holds it, to which every node points back; called by no one."""
    raise NotImplementedError


def _pickled(held: object) -> bytes:
    """Pickle what a document holds, itself by name. Persistent IDs would ask of every object, at twice the cost."""
    file = io.BytesIO()
    pickler = pickle.Pickler(file, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | {nodes.document: lambda document: (_the_document, ())}
    pickler.dump(held)
    return file.getvalue()


class _Unpickler(pickle.Unpickler):
    """Gives what was pickled to a document."""

    def __init__(self, data: bytes, document: nodes.document) -> None:
        super().__init__(io.BytesIO(data))
        self.document = document

    def find_class(self, module: str, name: str) -> Any:
        return (lambda: self.document) if name == _the_document.__name__ else super().find_class(module, name)


def _empty(document: nodes.document) -> tuple[list[nodes.Node], dict[str, Any]]:
    """Take everything from a document; gives its children and what else it held."""
    children, document.children = document.children, []
    held = {name: value for name, value in vars(document).items() if name not in FRAME}
    for name in held:
        delattr(document, name)
    return children, held


def pack(app: Sphinx, doctree: nodes.document) -> None:
    """Pickle the content of a note (``doctree-read``, after all others), before Sphinx stores its doctree."""
    if app.env.docname not in catalog_of(app.env).notes_by_docname:
        return
    app.fieldnotes_read += 1  # type: ignore[attr-defined]
    if app.fieldnotes_read <= LEFT:  # type: ignore[attr-defined]
        return
    packed = Packed()
    packed.data = _pickled(_empty(doctree))
    doctree.children = [packed]


class Unpack(SphinxPostTransform):
    """Put the content of a note back, before anything else looks at what is to be written."""

    default_priority = 0

    def run(self, **kwargs: Any) -> None:
        if self.document.children and isinstance(packed := self.document.children[0], Packed):
            children, held = _Unpickler(packed.data, self.document).load()
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
