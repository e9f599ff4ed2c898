"""The domain of the journal: what documents refer to, and links to pages, results and figures.

Sphinx stores a domain's data with its environment, clears a document's when it is read again, and merges what other
processes have read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.domains import Domain
from sphinx.errors import NoUri
from sphinx.util import docname_join

from fieldnotes.build.artifacts import digest
from fieldnotes.build.state import DOMAIN, domain_of, is_site, state_of, warn_at
from fieldnotes.pages import derived, documents, labs, notes
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Container, Sequence, Set

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.state import BuildState
    from fieldnotes.pages.parts import View

Reference = tuple[str, str]
"""What a document refers to: a kind (``doc``, ``label``, ``page``, ``result``, ``claim`` or ``figure``) and a name."""


class Term(NamedTuple):
    """A term as a glossary defines it."""

    name: str
    docname: str
    anchor: str
    definition: str
    """The first paragraph, as plain text."""
    introduced: tuple[str, ...]
    """The documents that the definition links to."""


BLOCK: Reference = ("block", "")
"""Stands for a list of notes or lanes that a document places: it is read again when that changes."""


class Datum(nodes.Inline, nodes.TextElement):
    """A number as people read it; ``value`` is the number itself."""


class FieldNotesDomain(Domain):
    """Keeps the references of each document, and resolves those to pages and results.

    Only ``data`` is pickled. ``state`` belongs to the running build.
    """

    name = DOMAIN
    label = "Field notes"
    data_version = 6
    initial_data: ClassVar[dict[str, Any]] = {
        "references": {},
        "names": {},
        "views": {},
        "numbers": {},
        "sources": {},
        "terms": {},
        "drawings": {},
        "code": "",
    }

    state: BuildState

    @property
    def references(self) -> dict[str, set[Reference]]:
        """What each document refers to, by docname."""
        references: dict[str, set[Reference]] = self.data["references"]
        return references

    @property
    def names(self) -> dict[str, list[str]]:
        """What each document defines for the whole site, by docname: labels, terms, equations and the like."""
        names: dict[str, list[str]] = self.data["names"]
        return names

    @property
    def views(self) -> dict[str, str]:
        """A digest of the lists that home, a lane or any other document showed when it was read, by docname."""
        views: dict[str, str] = self.data["views"]
        return views

    @property
    def numbers(self) -> dict[str, dict[str, dict[str, tuple[int, ...]]]]:
        """The numbers of figures, tables and listings: by docname, kind, and id."""
        numbers: dict[str, dict[str, dict[str, tuple[int, ...]]]] = self.data["numbers"]
        return numbers

    @property
    def sources(self) -> dict[str, str]:
        """A digest of the file of each document and of all files that it includes or shows, by docname."""
        sources: dict[str, str] = self.data["sources"]
        return sources

    @property
    def terms(self) -> dict[str, list[Term]]:
        """The terms that each document defines, by docname."""
        terms: dict[str, list[Term]] = self.data["terms"]
        return terms

    @property
    def drawings(self) -> dict[str, int]:
        """The number of drawings in each document, by docname."""
        drawings: dict[str, int] = self.data["drawings"]
        return drawings

    @property
    def code(self) -> str:
        """A digest of the code that read the documents."""
        return str(self.data["code"])

    def note_reference(self, docname: str, kind: str, name: str) -> None:
        """Store that a document refers to something: its page is written again when that changes."""
        self.references.setdefault(docname, set()).add((kind, name))

    def clear_doc(self, docname: str) -> None:
        """Drop what is stored of a document."""
        for part in ("references", "names", "views", "numbers", "sources", "terms", "drawings"):
            self.data[part].pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process stored of these documents."""
        for part in ("references", "names", "views", "numbers", "terms", "drawings"):
            self.data[part].update((name, otherdata[part][name]) for name in docnames if name in otherdata[part])

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: addnodes.pending_xref,
        contnode: Element,
    ) -> nodes.reference | None:
        """Link to a page by its name, or to the row of a lab's result; report a target that is not there."""
        resolve = self._link_to_page if typ == "page" else self._link_to_result
        link = resolve(builder, fromdocname, node)
        if link is None:
            raise NoUri  # it is reported already; Sphinx shows the content without a link
        return link

    def resolve_any_xref(self, *args: object, **kwargs: object) -> list[tuple[str, nodes.reference]]:
        """Resolve nothing: a link that may lead anywhere names no page or result."""
        return []

    def _link_to_page(self, builder: Builder, docname: str, node: addnodes.pending_xref) -> nodes.reference | None:
        page, sign, fragment = node["reftarget"].partition("#")
        if message := derived.unknown_page(page, self.state.pages.keys(), self.env.found_docs):
            warn_at(node, Code.PAGE, message)
            return None
        uri = f"{page_uri(builder, docname, page)}{sign}{fragment}"
        return nodes.reference("", "", *node.children, internal="://" not in uri, refuri=uri)

    def _link_to_result(self, builder: Builder, docname: str, node: addnodes.pending_xref) -> nodes.reference | None:
        target, kind = node["reftarget"], reference(builder.env, node)[0]
        quote = labs.quote(self.state.catalog, kind, target, spread=node["spread"])
        if isinstance(quote, str):
            if quote:
                warn_at(node, Code.RESULT, quote)
            return None
        lab, _, key = target.partition(":")
        uri = f"{page_uri(builder, docname, labs.lab_page(lab))}#{kind}-{key}"
        text = quote.bare if node["reftype"] == "number" else quote.text
        shown = Datum("", text, value=str(quote.value)) if builder.format == "html" else nodes.Text(text)
        inside = [*node.children] if node["refexplicit"] else [shown, nodes.Text(quote.range)]
        options = {"internal": "://" not in uri, "classes": ["lab-datum"], "reftitle": quote.about}
        return nodes.reference("", "", *inside, refuri=uri, **options)


def page_uri(builder: Builder, docname: str, page: str) -> str:
    """The address of a page as a link in a document has it; a book links to a derived page on the site."""
    asks_for_it = builder.name == "linkcheck"  # of every external link, and the site may not be published yet
    if is_site(builder) or page in builder.env.all_docs or asks_for_it:
        return builder.get_relative_uri(docname, page)
    return state_of(builder.env).site.page(page)


def store_references(app: Sphinx, document: nodes.document) -> None:
    """Store what a document refers to, what it defines, and what a lane placed of the catalog (``doctree-read``).

    MyST makes the links to headings after Sphinx has asked the domains to process a document.
    """
    docname, domain = app.env.docname, domain_of(app.env)
    for node in document.findall(addnodes.pending_xref):
        domain.note_reference(docname, *reference(app.env, node))
    if names := sorted(_names(document)):
        domain.names[docname] = names
    catalog = domain.state.catalog
    is_text = docname in catalog.notes_by_docname or docname in catalog.pages_by_docname
    if not is_text or BLOCK in domain.references.get(docname, ()):
        domain.views[docname] = digest(documents.lists(catalog, docname))


def _names(document: nodes.document) -> set[str]:
    """What a document defines for the whole site: with a name that two documents define, the last one read wins."""
    named = {
        name: document.ids.get(document.nameids[name]) for name, is_label in document.nametypes.items() if is_label
    }
    names = {f"label {name}" for name, node in named.items() if not isinstance(node, nodes.footnote)}
    for identifier, node in document.ids.items():
        if isinstance(node, nodes.term):
            names.add(f"term {node.astext().lower()}")
        elif isinstance(node, (addnodes.desc_signature, nodes.citation, nodes.math_block)):
            names.add(f"{node.tagname} {identifier}")
    return names


def clashing_documents(domain: FieldNotesDomain) -> set[str]:
    """The documents that define a name which another one defines too."""
    defining: dict[str, list[str]] = {}
    for docname, names in domain.names.items():
        for name in names:
            defining.setdefault(name, []).append(docname)
    return {docname for docnames in defining.values() if len(docnames) > 1 for docname in docnames}


def page_link(page: str, text: str, *classes: str, inside: Sequence[Node] = ()) -> addnodes.pending_xref:
    """Link to a page by its name, a document or a derived page, and to a place on it after ``#``.

    The link shows ``text``, then the nodes ``inside``.
    """
    content: Node = inside[0] if len(inside) == 1 else nodes.inline(text, text, *inside, classes=[*classes])
    return addnodes.pending_xref("", content, reftype="page", refdomain=DOMAIN, reftarget=page, refexplicit=True)


def reference(env: BuildEnvironment, node: addnodes.pending_xref) -> Reference:
    """What a node refers to. MyST names documents from the site's root, Sphinx's roles from their own document."""
    kind, name = node["reftype"], str(node["reftarget"])
    if node["refdomain"] == DOMAIN:
        return kind if kind in {"page", "claim"} else "result", name
    if node["refdomain"] == "doc":
        return "doc", name.removesuffix(".md")
    document = docname_join(env.docname, name)
    return ("doc", document) if kind == "doc" or (kind == "any" and document in env.found_docs) else ("label", name)


def target_document(env: BuildEnvironment, node: Element, hidden: Container[str]) -> str:
    """The docname that a link or download leads to, ``hidden`` notes included; ``""`` where it leads to none."""
    if not isinstance(node, addnodes.pending_xref):
        return env.path2doc(env.relfn2path(node["reftarget"])[1]) or ""
    if node["reftype"] == "any" and (name := docname_join(env.docname, node["reftarget"])) in hidden:
        return name
    kind, name = reference(env, node)
    return name.partition("#")[0] if kind in {"doc", "page"} else ""


def mentions(domain: FieldNotesDomain) -> dict[str, View]:
    """What the page of a note says of the notes whose text refers to it, by the docname of the former."""
    catalog = domain.state.catalog
    mentioning: dict[str, set[str]] = {}
    for docname in domain.references.keys() & catalog.notes_by_docname.keys():
        for target in {_document(domain, *each) for each in domain.references[docname]} - {docname}:
            if target in catalog.notes_by_docname:
                mentioning.setdefault(target, set()).add(docname)
    return {target: notes.mentions(catalog, names) for target, names in mentioning.items()}


def _document(domain: FieldNotesDomain, kind: str, name: str) -> str:
    """The docname that a reference leads to, or a name that is none."""
    if kind != "label":
        return name
    standard = domain.env.domains.standard_domain
    label = standard.labels.get(name.lower()) or standard.anonlabels.get(name.lower()) or ("",)
    return label[0]
