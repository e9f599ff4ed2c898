"""Directives that list lanes and notes in documents."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.directives.other import TocTree
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from fieldnotes.build.domain import LISTING, page_link
from fieldnotes.build.state import catalog_of, domain_of, is_site, warn_at
from fieldnotes.pages import documents
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from docutils.nodes import Node
    from sphinx.environment import BuildEnvironment

    from fieldnotes.pages.shared import View


def link_list(items: Iterable[Sequence[Node]], *classes: str) -> nodes.bullet_list:
    """Return a bullet list of items, each of which is one paragraph."""
    paragraphs = (nodes.paragraph("", "", *item) for item in items)
    return nodes.bullet_list("", *(nodes.list_item("", paragraph) for paragraph in paragraphs), classes=[*classes])


class CardGrid(nodes.General, nodes.Element):
    """A grid of note or lane cards; its children are plain links, shown in formats other than HTML."""


def _card_grid(kind: str, items: Sequence[View], **options: object) -> CardGrid:
    links = link_list([page_link(item["page"], item["title"])] for item in items)
    return CardGrid("", links, kind=kind, items=items, **options)


class RenderCards(SphinxPostTransform):
    """Render card grids with the template that generated pages use too."""

    default_priority = 5  # before Sphinx resolves the links of the other formats

    def run(self, **kwargs: Any) -> None:
        builder = self.app.builder
        for grid in list(self.document.findall(CardGrid)):
            if is_site(builder):
                pathto = partial(builder.get_relative_uri, self.env.docname)
                text = builder.templates.render("card-grid.html", {**grid.attributes, "pathto": pathto})
                grid.replace_self(nodes.raw("", text, format="html"))
            else:
                grid.replace_self(grid.children)


def _hidden_toctree(env: BuildEnvironment, docnames: Iterable[str]) -> nodes.compound:
    """Return a hidden toctree of the documents that exist."""
    toctree = addnodes.toctree()
    toctree.update_all_atts({"parent": env.docname, "maxdepth": -1, "caption": None, "numbered": 0, "glob": False})
    toctree.update_all_atts({"hidden": True, "includehidden": False, "titlesonly": False})
    toctree["includefiles"] = [name for name in docnames if name in env.found_docs]
    toctree["entries"] = [(None, name) for name in toctree["includefiles"]]
    return nodes.compound("", toctree, classes=["toctree-wrapper"])


def home_lists(directive: SphinxDirective) -> View:
    """Return the lists that home shows; the document of the directive is read again when one of them changes."""
    domain_of(directive.env).note_reference(directive.env.docname, *LISTING)
    return documents.home_view(catalog_of(directive.env))


class ListDocuments(SphinxTransform):
    """Add a hidden toctree to home, with the lanes and standalone pages that no ``{toctree}`` there lists."""

    default_priority = 710

    def apply(self, **kwargs: Any) -> None:
        if self.env.docname != self.config.root_doc:
            return
        catalog = catalog_of(self.env)
        listed = [name for toctree in self.document.findall(addnodes.toctree) for name in toctree["includefiles"]]
        names = [page.docname for page in (*catalog.lanes, *catalog.pages) if page.docname not in listed]
        parent: nodes.Element = self.document.next_node(nodes.section) or self.document
        parent.append(_hidden_toctree(self.env, names))


class HomeToctree(TocTree):
    """``{toctree}``, allowed only on home: two documents that list each other overflow Sphinx's stack."""

    def run(self) -> list[Node]:
        if self.env.docname == self.config.root_doc:
            return super().run()
        message = "a lane lists its notes, and home the lanes; replace this {toctree} block with links"
        warn_at(self.get_location(), Code.TOCTREE, message)
        return []


COUNTS = [f"{count}" for count in range(1, documents.MAX_LATEST + 1)]
"""The arguments that ``{latest-notes}`` accepts."""


class LaneGrid(SphinxDirective):
    """``{lane-grid}``: every lane as a card."""

    def run(self) -> list[Node]:
        return [_card_grid("lane", home_lists(self)["lanes"])]


class LaneNotes(SphinxDirective):
    """``{lane-notes}``: the newest notes of this lane as cards. The lane's hidden toctree lists all of its notes.

    A lane's page is a list, so it is left out of the search.
    """

    def run(self) -> list[Node]:
        if not isinstance(catalog_of(self.env).documents.get(self.env.docname), Lane):
            message = "`{lane-notes}` lists the notes of a lane; write it in a file of lanes/, or `{latest-notes}` here"
            warn_at(self.get_location(), Code.TOCTREE, message)
            return []
        self.env.metadata[self.env.docname]["nosearch"] = "true"
        view = documents.view(catalog_of(self.env), self.env.docname)
        if not view.get("cards"):
            text = catalog_of(self.env).language.gettext("No notes in this lane yet.")
            return [nodes.paragraph("", text, classes=["quiet"])]
        content: list[Node] = []
        if begin := view["begin"]:
            label = catalog_of(self.env).language.gettext("Begin with:")  # Python 3.11's Babel misses it in an f-string
            start = nodes.Text(f"{label} ")
            content.append(nodes.paragraph("", "", start, page_link(begin["page"], begin["title"]), classes=["begin"]))
        content.append(_card_grid("note", view["cards"], level=2, with_lane=False))
        if view["older"]:
            older = catalog_of(self.env).language.gettext("Older notes →")
            content.append(nodes.paragraph("", "", page_link(view["older"], older, "explore")))
        return [*content, _hidden_toctree(self.env, view["notes"])]


class LatestNotes(SphinxDirective):
    """``{latest-notes}``: the six newest notes of all lanes as cards; ``{latest-notes} 12`` shows twelve."""

    optional_arguments = 1

    def run(self) -> list[Node]:
        count = self.arguments[0] if self.arguments else "6"
        if count not in COUNTS:
            message = f"`{{latest-notes}}` cannot show `{count}` notes; give a number from 1 to {len(COUNTS)}"
            warn_at(self.get_location(), Code.TOCTREE, message)
        notes = home_lists(self)["latest"][: int(count) if count in COUNTS else 6]
        if not notes:
            return [nodes.paragraph("", catalog_of(self.env).language.gettext("No notes yet."), classes=["quiet"])]
        return [_card_grid("note", notes, level=3, with_lane=True)]


class LaneThreads(SphinxDirective):
    """``{lane-threads}``: a link to each lane, and to its ``begin`` note."""

    def run(self) -> list[Node]:
        threads = []
        begin = catalog_of(self.env).language.gettext("begin with")
        for lane, *first in home_lists(self)["threads"]:
            thread: list[Node] = [page_link(lane["page"], lane["title"])]
            for note in first:
                thread += [nodes.Text(f" — {begin} "), page_link(note["page"], note["title"])]
            threads.append(thread)
        return [link_list(threads, "threads")] if threads else []
