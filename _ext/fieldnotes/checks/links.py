"""Check what the pages refer to."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from fieldnotes.checks import prose
from fieldnotes.pages import derived, labs
from fieldnotes.sources import svg
from fieldnotes.sources.problem import Code, Problem, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fieldnotes.catalog.loading import Loaded
    from fieldnotes.checks.prose import Page, Reference


@dataclass
class Journal:
    """The pages of a journal by their docnames, and what they refer to."""

    root: Path
    loaded: Loaded
    pages: dict[str, Page]
    drawings: dict[str, str] = field(default_factory=dict)
    """What is wrong with each drawing, by its path."""

    def lost(self) -> Iterator[Problem]:
        """Tell of what the pages refer to, and is not there."""
        targets = {name for page in self.pages.values() for name in page.targets}
        for docname, page in self.pages.items():
            for reference in page.references:
                code, message = self.fault(docname, page, reference, targets)
                if message:
                    yield Problem(page.path, reference.line, code, message, reference.column)

    def fault(self, docname: str, page: Page, reference: Reference, targets: set[str]) -> tuple[Code, str]:
        """What is wrong with a reference, and by which rule; nothing, if it is right."""
        found, name = self.loaded.catalog, reference.name
        match reference.kind:
            case "page":
                return Code.PAGE, derived.unknown_page(name.partition("#")[0], self.derived_names, self.documents)
            case "figure":
                return Code.RESULT, labs.not_in_labs(found, "figure", name)
            case "result" | "number":
                return Code.RESULT, labs.not_in_labs(found, "result", name)
            case "diagram":
                return Code.DIAGRAM, self.drawn(_source(docname, name))
            case "picture":
                return Code.PICTURE, self.pictured(docname, name)
            case _:
                address = name.removeprefix("project:")
                if state := self.withheld(docname, address):
                    return Code.UNPUBLISHED, state
                return Code.LINK, self.linked(docname, page, address, targets)

    def withheld(self, docname: str, address: str) -> str:
        """Why a page that is published cannot lead to an address: its note is not."""
        other = _source(docname, unquote(address.partition("#")[0]).removeprefix("path:")).removesuffix(".md")
        found = self.loaded.catalog
        return "" if docname in found.unpublished else found.withheld(other)

    @cached_property
    def derived_names(self) -> frozenset[str]:
        """The names of the pages that are no documents."""
        return frozenset(derived.derived_pages(self.loaded.catalog))

    @property
    def documents(self) -> frozenset[str]:
        """The names of the documents that a build has."""
        found = self.loaded.catalog
        return frozenset(["index", *found.notes_by_docname, *(lane.docname for lane in found.lanes)])

    def drawn(self, path: str) -> str:
        """What is wrong with a drawing."""
        if path not in self.drawings:
            try:
                svg.read(self.root / path)
                self.drawings[path] = ""
            except ValueError as error:
                self.drawings[path] = f"{path} {error}"
        return self.drawings[path]

    def pictured(self, docname: str, address: str) -> str:
        """What is wrong with the address of a picture."""
        if prose.WEB.match(address) or address.startswith("//"):
            return f"{address} comes from another host, and no page may load it; keep the picture beside the note"
        if prose.SCHEME.match(address) or (self.root / _source(docname, unquote(address))).is_file():
            return ""
        return f"{address} is not there; correct the path"

    def linked(self, docname: str, page: Page, address: str, targets: set[str]) -> str:
        """What is wrong with the address of a link; ``targets`` are the places that are known to every page."""
        path, sign, anchor = unquote(address.removeprefix("path:")).partition("#")
        if prose.SCHEME.match(path):
            return ""
        if not path and sign:
            is_there = anchor in page.anchors | page.inner or anchor.lower() in targets
            return "" if is_there else _no_place(page, anchor, "of this page")
        source = _source(docname, path)
        other = source.removesuffix(".md")
        if source.endswith(".md") and other in self.pages:
            led = self.pages[other]
            is_there = not anchor or anchor in led.anchors or anchor.lower() in led.targets
            return "" if is_there or not self.is_fit(other) else _no_place(led, anchor, f"of {source}")
        if (self.root / source).is_file() and not source.endswith(".md"):
            return ""
        if not anchor and (other in self.pages or path.lower() in targets):
            return ""
        return f"{address or 'the link'} leads to no page and no file; {self.meant(docname, source)}"

    def is_fit(self, docname: str) -> bool:
        """Whether a page is built: one that is not has been told of already, and what leads to it is right."""
        return f"{docname}.md" not in self.loaded.left_out

    def meant(self, docname: str, source: str) -> str:
        """What an address that leads nowhere may have been meant to be."""
        if moved := self.loaded.catalog.notes_by_former_docname.get(re.sub(r"\.(md|html)$", "", source)):
            return f"that note is now `{_relative(docname, moved.docname)}`"
        names = {posixpath.basename(name): name for name in self.pages}
        near = suggestion(re.sub(r"\.\w+$", "", posixpath.basename(source)), names)
        return f"did you mean `{_relative(docname, names[near])}`?" if near else "correct the path"


def _source(docname: str, path: str) -> str:
    """The file, from the source folder, to which a path in a document leads; one that begins with / begins there."""
    start = "" if path.startswith("/") else posixpath.dirname(docname)
    return posixpath.normpath(posixpath.join(start, path.lstrip("/")))


def _relative(docname: str, other: str) -> str:
    return posixpath.relpath(f"{other}.md", posixpath.dirname(docname) or ".")


def _no_place(page: Page, anchor: str, where: str) -> str:
    near = suggestion(anchor, page.anchors | page.targets)
    hint = f"did you mean `#{near}`?" if near else "name a heading as its address does, or set a `(name)=`"
    return f"`#{anchor}` is no place {where}; {hint}"
