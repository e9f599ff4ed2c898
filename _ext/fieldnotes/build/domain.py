"""What documents refer to: notes, pages, results and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes
from sphinx.util import docname_join, logging

from fieldnotes.build.quotes import Datum, FigurePlace
from fieldnotes.build.state import WARNING_TYPE, catalog_of, derived_pages, once
from fieldnotes.pages import derived, labs, notes
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Container

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import View

logger = logging.getLogger(__name__)

Reference = tuple[str, str]
"""What a document refers to: a kind (``doc``, ``label``, ``page``, ``result`` or ``figure``) and a name."""


def references_of(env: BuildEnvironment) -> dict[str, list[Reference]]:
    """What each document refers to, by its name; kept in Sphinx's environment."""
    if not hasattr(env, "fieldnotes_references"):
        env.fieldnotes_references = {}  # type: ignore[attr-defined]
    found: dict[str, list[Reference]] = env.fieldnotes_references  # type: ignore[attr-defined]
    return found


def note_references(app: Sphinx, doctree: nodes.document) -> None:
    """Note what a document refers to (``doctree-read``): its page shows the titles of those."""
    found = set(
        references_of(app.env).get(app.env.docname, [])
    )  # to what is not published: see build.UnlinkUnpublished
    found.update(_reference(app.env, node) for node in doctree.findall(addnodes.pending_xref))
    found.update(("figure", str(node["reftarget"])) for node in doctree.findall(FigurePlace))
    references_of(app.env)[app.env.docname] = sorted(found)


def _reference(env: BuildEnvironment, node: addnodes.pending_xref) -> Reference:
    """What a node refers to. MyST names documents from the site's root, Sphinx's roles from their own document."""
    kind, name = node["reftype"], str(node["reftarget"])
    if kind == "page":
        return "page", name
    if kind in {"result", "number"}:
        return "result", name
    if node["refdomain"] == "doc":
        return "doc", name.removesuffix(".md")
    document = docname_join(env.docname, name)
    return ("doc", document) if kind == "doc" or (kind == "any" and document in env.found_docs) else ("label", name)


def document(env: BuildEnvironment, node: Element, hidden: Container[str]) -> str:
    """The document that a node leads to, among the ``hidden`` ones too, or nothing."""
    if not isinstance(node, addnodes.pending_xref):
        return env.path2doc(env.relfn2path(node["reftarget"])[1]) or ""
    if node["reftype"] == "any" and (name := docname_join(env.docname, node["reftarget"])) in hidden:
        return name
    kind, name = _reference(env, node)
    return name.partition("#")[0] if kind in {"doc", "page"} else ""


def forget_references(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a document that is read anew or gone (``env-purge-doc``)."""
    references_of(env).pop(docname, None)


def merge_references(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: BuildEnvironment) -> None:
    """Take over what another process has noted (``env-merge-info``)."""
    references_of(env).update((name, references_of(other)[name]) for name in docnames if name in references_of(other))


@once
def mentions(app: Sphinx) -> dict[str, View]:
    """What the pages of notes say of the other notes that refer to them in their text, by the names of the former."""
    catalog, references = catalog_of(app.env), references_of(app.env)
    leads = {target: _document(app.env, *target) for found in references.values() for target in found}
    found: dict[str, set[str]] = {}
    for name in references.keys() & catalog.notes_by_docname.keys():
        for target in {leads[target] for target in references[name]} - {name}:
            if target in catalog.notes_by_docname:
                found.setdefault(target, set()).add(name)
    return {target: notes.mentions(catalog, names) for target, names in found.items()}


def _document(env: BuildEnvironment, kind: str, name: str) -> str:
    """The page that a reference leads to, or nothing."""
    if kind != "label":
        return name
    labels = env.domains.standard_domain
    label = labels.labels.get(name.lower()) or labels.anonlabels.get(name.lower()) or ("",)
    return label[0]


def resolve_page(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Element) -> Node | None:
    """Resolve a link to a page by its name (``missing-reference``), to a derived page as to a document."""
    if node["reftype"] != "page":
        return None
    page, hash_, place = node["reftarget"].partition("#")
    if message := derived.unknown_page(page, derived_pages(app).keys(), env.found_docs):
        logger.warning("%s", message, location=node, type=WARNING_TYPE, subtype=Code.PAGE.value)
        return content
    uri = app.builder.get_relative_uri(node["refdoc"], page)
    return nodes.reference("", "", content, internal=True, refuri=f"{uri}{hash_}{place}")


def resolve_result(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Element) -> Node | None:
    """Fill in a number that a note quotes (``missing-reference``), as a link to its row on the page of its lab."""
    kind, target = node["reftype"], node["reftarget"]
    if kind not in {"result", "number"}:
        return None
    found = labs.result(catalog_of(env), target)
    if found is None:
        _unknown(node, target, "result", catalog_of(env))
        return nodes.literal("", target)
    lab, _, key = target.partition(":")
    uri = f"{app.builder.get_relative_uri(node['refdoc'], labs.lab_page(lab))}#result-{key}"
    shown = found.text if kind == "result" else found.bare
    datum = Datum("", shown, value=str(found.value))
    return nodes.reference("", "", datum, internal=True, refuri=uri, classes=["lab-datum"], reftitle=found.what)


def _unknown(node: Element, target: str, kind: str, found: Catalog) -> None:
    """Say that no lab has what is quoted, unless the lab's own files are what is to mend."""
    if message := labs.not_in_labs(found, kind, target):
        logger.warning("%s", message, location=node, type=WARNING_TYPE, subtype=Code.RESULT.value)
