"""The domain of the journal: what documents refer to, and links to pages, results and figures.

Sphinx stores a domain's data with its environment, clears a document's when it is read again, and merges what other
processes have read.
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


@dataclass
class Stored:
    """What is stored of a document that was read."""

    references: set[Reference] = field(default_factory=set)
    """What it refers to."""
    names: list[str] = field(default_factory=list)
    """What it defines for the whole site: labels, terms, equations and the like."""
    view: str = ""
    """A digest of the lists of lanes and notes that it placed; ``""`` if it placed none."""
    numbers: dict[str, dict[str, tuple[int, ...]]] = field(default_factory=dict)
    """The numbers of figures, tables and listings: by kind and id."""
    terms: list[Term] = field(default_factory=list)
    """The terms of its glossaries."""
    uses: list[str] | None = None
    """Of a note, the names of terms that its files hold; None until they are searched for them."""
    drawings: int = 0
    """The number of its drawings."""
    source: str = ""
    """A digest of its file and of all files that it includes or shows."""


class FieldNotesDomain(Domain):
    """Keeps what is stored of each document, and resolves references to pages and results.

    Only ``data`` is pickled. ``state`` belongs to the running build.
    """

    name = DOMAIN
    label = "Field notes"
    data_version = 8
    initial_data: ClassVar[dict[str, Any]] = {"documents": {}, "terms": [], "code": ""}

    state: BuildState

    @property
    def documents(self) -> dict[str, Stored]:
        """What is stored of each document, by docname."""
        documents: dict[str, Stored] = self.data["documents"]
        return documents

    def note_reference(self, docname: str, kind: str, name: str) -> None:
        """Store that a document refers to something: its page is written again when that changes."""
        self.documents.setdefault(docname, Stored()).references.add((kind, name))

    def clear_doc(self, docname: str) -> None:
        """Drop what is stored of a document."""
        self.documents.pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process stored of these documents."""
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
        if message := all_pages.unknown_page(page, self.state.pages.keys(), self.env.found_docs):
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


def store_document(app: Sphinx, document: nodes.document) -> None:
    """Store what a document refers to, what it defines, and what it placed of the catalog (``doctree-read``).

    MyST makes the links to headings after Sphinx has asked the domains to process a document.
    """
    docname, domain = app.env.docname, domain_of(app.env)
    stored, standard = domain.documents.setdefault(docname, Stored()), app.env.domains.standard_domain
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
    if not is_text or BLOCK in stored.references:
        stored.view = digest(documents.lists(catalog, docname))


def skip_numbering(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have Sphinx number no figures (``env-get-updated``, before it would). None stands for True until then.

    It counts those of all documents in one row, and loads every doctree in each build for it: a picture put into one
    note would change the numbers in all others. Here each document counts its own.
    """
    env.config.numfig = env.config.numfig and None
    return []


def assign_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Hand Sphinx the stored numbers (``env-get-updated``, after it would number)."""
    if env.config.numfig is None:
        env.config.numfig = True
        env.toc_fignumbers = {name: stored.numbers for name, stored in domain_of(env).documents.items()}
    return []


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
    for docname, stored in domain.documents.items():
        for name in stored.names:
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
    for docname in domain.documents.keys() & catalog.notes_by_docname.keys():
        for target in {_document(domain, *each) for each in domain.documents[docname].references} - {docname}:
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
