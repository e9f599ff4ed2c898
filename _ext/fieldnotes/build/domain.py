"""The journal's Sphinx domain: what documents refer to and define, and links to pages and results.

Sphinx stores a domain's data with the environment, clears a document's data before reading it again, and merges the
data of parallel processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.domains import Domain
from sphinx.errors import NoUri
from sphinx.util import docname_join

from fieldnotes.build.artifacts import digest
from fieldnotes.build.state import DOMAIN, domain_of, is_site, state_of, warn_at
from fieldnotes.pages import all_pages, documents, labs, notes
from fieldnotes.sources.note import Note
from fieldnotes.sources.page import Page
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Container, Sequence, Set

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.state import BuildState
    from fieldnotes.pages.shared import View

Reference = tuple[str, str]
"""A target: its kind (``doc``, ``label``, ``page``, ``result``, ``claim``, ``figure``, ``explore``) and its name."""


class Term(NamedTuple):
    """A term of a glossary."""

    name: str
    docname: str
    anchor: str
    definition: str
    """The first paragraph, as plain text."""
    introduced: tuple[str, ...]
    """The documents that the definition links to."""


LISTING: Reference = ("block", "")
"""Stands in for a target in documents that list notes or lanes, which are read again when the list changes."""


class Datum(nodes.Inline, nodes.TextElement):
    """A formatted number; ``value`` is the number itself."""


@dataclass
class DocumentData:
    """The data stored for one document."""

    references: set[Reference] = field(default_factory=set)
    """The targets of its references."""
    names: list[str] = field(default_factory=list)
    """The names that it defines site-wide, such as labels, terms and equations."""
    view: str = ""
    """A digest of the lists of lanes and notes that it includes; ``""`` if it includes none."""
    numbers: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    """The numbers of its figures, tables and listings, by kind and id."""
    terms: list[Term] = field(default_factory=list)
    """The terms of its glossaries."""
    uses: list[str] | None = None
    """For a note: the glossary terms that occur in its files; None if not searched yet."""
    drawings: int = 0
    """The number of its drawings."""
    source: str = ""
    """A digest of its file and all files that it includes or shows."""


class FieldNotesDomain(Domain):
    """Stores the data of each document, and resolves references to pages and results.

    Only ``data`` is pickled. ``state`` belongs to the running build.
    """

    name = DOMAIN
    label = "Field notes"
    data_version = 9
    initial_data: ClassVar[dict[str, Any]] = {"documents": {}, "terms": [], "code": ""}

    state: BuildState

    @property
    def documents(self) -> dict[str, DocumentData]:
        """The data of each document, by docname."""
        documents: dict[str, DocumentData] = self.data["documents"]
        return documents

    def note_reference(self, docname: str, kind: str, name: str) -> None:
        """Store a reference of a document, whose page is written again when the target changes."""
        self.documents.setdefault(docname, DocumentData()).references.add((kind, name))

    def clear_doc(self, docname: str) -> None:
        """Drop the data of a document."""
        self.documents.pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Merge the data that another process stored for these documents."""
        self.documents.update((name, otherdata["documents"][name]) for name in docnames)

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
        """Link to a page by name, or to the row of a lab result; report a missing target."""
        resolve = self._link_to_page if typ == "page" else self._link_to_result
        link = resolve(builder, fromdocname, node)
        if link is None:
            raise NoUri  # already reported; Sphinx shows the content without a link
        return link

    def resolve_any_xref(self, *args: object, **kwargs: object) -> list[tuple[str, nodes.reference]]:
        """Resolve nothing: ``any`` links never lead to pages or results."""
        return []

    def _link_to_page(self, builder: Builder, docname: str, node: addnodes.pending_xref) -> nodes.reference | None:
        page, separator, fragment = node["reftarget"].partition("#")
        if message := all_pages.unknown_page_message(page, self.state.pages.keys(), self.env.found_docs):
            warn_at(node, Code.PAGE, message)
            return None
        uri = f"{page_uri(builder, docname, page)}{separator}{fragment}"
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
        text = quote.without_unit if node["reftype"] == "number" else quote.text
        number = Datum("", text, value=str(quote.value)) if builder.format == "html" else nodes.Text(text)
        content = [*node.children] if node["refexplicit"] else [number, nodes.Text(quote.range)]
        options = {"internal": "://" not in uri, "classes": ["lab-datum"], "reftitle": quote.about}
        return nodes.reference("", "", *content, refuri=uri, **options)


def page_uri(builder: Builder, docname: str, page: str) -> str:
    """Return the URI of a page, relative to a document. Books link to generated pages on the published site."""
    is_linkcheck = builder.name == "linkcheck"  # it requests external links, and the site may not be published yet
    if is_site(builder) or page in builder.env.all_docs or is_linkcheck:
        return builder.get_relative_uri(docname, page)
    return state_of(builder.env).site.page(page)


def store_document(app: Sphinx, document: nodes.document) -> None:
    """Store what a document refers to and defines, and a digest of the lists that it includes (``doctree-read``).

    ``Domain.process_doc`` would be too early: MyST creates links to headings after it.
    """
    docname, domain = app.env.docname, domain_of(app.env)
    stored, standard = domain.documents.setdefault(docname, DocumentData()), app.env.domains.standard_domain
    for node in document.findall(nodes.Element):
        if isinstance(node, addnodes.pending_xref):
            stored.references.add(reference(app.env, node))
        kind = standard.get_enumerable_node_type(node) if node.get("names") else None
        if kind and not isinstance(node, nodes.section) and standard.get_numfig_title(node):
            numbered = stored.numbers.setdefault(kind, {})
            numbered[node["ids"][0]] = (len(numbered) + 1,)
    stored.names = sorted(_names(document))
    catalog = domain.state.catalog
    is_text = isinstance(catalog.documents.get(docname), Note | Page)
    if not is_text or LISTING in stored.references:
        stored.view = digest(documents.lists(catalog, docname))


def skip_numbering(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Keep Sphinx from numbering figures (``env-get-updated``, before it would): set ``numfig`` to None if it is True.

    Sphinx numbers figures across all documents, and loads every doctree in each build to do so; a picture added to one
    note would change the numbers in all others. Here each document numbers its own.
    """
    env.config.numfig = env.config.numfig and None
    return []


def assign_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Restore ``numfig``, and give Sphinx the stored numbers (``env-get-updated``, after it would number figures)."""
    if env.config.numfig is None:
        env.config.numfig = True
        env.toc_fignumbers = {name: stored.numbers for name, stored in domain_of(env).documents.items()}
    return []


def _names(document: nodes.document) -> set[str]:
    """Return the names that a document defines site-wide. If two documents define a name, the last one read wins."""
    labels = [name for name, is_label in document.nametypes.items() if is_label]
    named = {name: document.ids.get(document.nameids[name]) for name in labels}
    names = {f"label {name}" for name, node in named.items() if not isinstance(node, nodes.footnote)}
    for identifier, node in document.ids.items():
        if isinstance(node, nodes.term):
            names.add(f"term {node.astext().lower()}")
        elif isinstance(node, (addnodes.desc_signature, nodes.citation, nodes.math_block)):
            names.add(f"{node.tagname} {identifier}")
    return names


def clashing_documents(domain: FieldNotesDomain) -> set[str]:
    """Return the documents that define a name that another document defines too."""
    defining: dict[str, list[str]] = {}
    for docname, stored in domain.documents.items():
        for name in stored.names:
            defining.setdefault(name, []).append(docname)
    return {docname for docnames in defining.values() if len(docnames) > 1 for docname in docnames}


def page_link(page: str, text: str, *classes: str, inside: Sequence[Node] = ()) -> addnodes.pending_xref:
    """Link to a document or generated page by name, with an optional ``#anchor``.

    The link shows ``text`` followed by the nodes ``inside``, or ``inside`` only if that is one node.
    """
    content: Node = inside[0] if len(inside) == 1 else nodes.inline(text, text, *inside, classes=[*classes])
    return addnodes.pending_xref("", content, reftype="page", refdomain=DOMAIN, reftarget=page, refexplicit=True)


def reference(env: BuildEnvironment, node: addnodes.pending_xref) -> Reference:
    """Return the target of a node. MyST names documents relative to the root, Sphinx's roles to their document."""
    kind, name = node["reftype"], str(node["reftarget"])
    if node["refdomain"] == DOMAIN:
        return kind if kind in {"page", "claim"} else "result", name
    if node["refdomain"] == "doc":
        return "doc", name.removesuffix(".md")
    document = docname_join(env.docname, name)
    return ("doc", document) if kind == "doc" or (kind == "any" and document in env.found_docs) else ("label", name)


def target_document(env: BuildEnvironment, node: Element, hidden: Container[str]) -> str:
    """Return the docname that a link or download leads to, even if it is ``hidden``; ``""`` if it is not a document."""
    if not isinstance(node, addnodes.pending_xref):
        return env.path2doc(env.relfn2path(node["reftarget"])[1]) or ""
    if node["reftype"] == "any" and (name := docname_join(env.docname, node["reftarget"])) in hidden:
        return name
    kind, name = reference(env, node)
    return name.partition("#")[0] if kind in {"doc", "page"} else ""


def collect_backlinks(domain: FieldNotesDomain) -> dict[str, View]:
    """Return the backlinks that the page of each note shows, by docname."""
    catalog = domain.state.catalog
    linking: dict[str, set[str]] = {}
    for docname in domain.documents.keys() & catalog.notes_by_docname.keys():
        for target in {_document(domain, *each) for each in domain.documents[docname].references} - {docname}:
            if target in catalog.notes_by_docname:
                linking.setdefault(target, set()).add(docname)
    return {target: notes.backlinks(catalog, names) for target, names in linking.items()}


def _document(domain: FieldNotesDomain, kind: str, name: str) -> str:
    """Return the docname of a target, or a name that is not a docname."""
    if kind != "label":
        return name
    standard = domain.env.domains.standard_domain
    label = standard.labels.get(name.lower()) or standard.anonlabels.get(name.lower()) or ("",)
    return label[0]
