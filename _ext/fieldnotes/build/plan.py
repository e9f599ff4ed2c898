"""Plan the output of a build: its files, and what each of them is made from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from fieldnotes.build import artifacts
from fieldnotes.build.artifacts import Plan, digest
from fieldnotes.build.domain import mentions
from fieldnotes.build.glossary import all_terms
from fieldnotes.build.state import catalog_of, domain_of, state_of
from fieldnotes.exports.files import export_files
from fieldnotes.exports.social import Studio
from fieldnotes.pages import documents, labs
from fieldnotes.pages.parts import navigation

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.domain import Reference

SEARCH_INDEX = "searchindex.js"

SPHINX_FILES = (".buildinfo", "objects.inv", SEARCH_INDEX)
"""What Sphinx writes at the end of each build, beside the search page."""


def plan_output(app: Sphinx, *, writes_files: bool) -> Plan:
    """Every file that this build leaves, but for those in ``_static``, with the digest of its inputs."""
    env, state = app.env, state_of(app.env)
    if not writes_files:
        digests = _document_digests(app, state.code, None)
        files = {state.site.page_path(name): text for name, text in digests.items()}
        return Plan(files, state.code, [], {})
    shared = digest([artifacts.shared_digest(app, state.code), navigation(state.catalog)])
    mentioned = mentions(domain_of(env))
    texts = _document_digests(app, shared, mentioned)
    path = state.site.page_path
    files = {path(name): text for name, text in texts.items()}
    files |= {path(page.pagename): digest([shared, page.template, page.context]) for page in state.pages.values()}
    written = {name: f"{env.all_docs[name]} {text}" for name, text in texts.items()}
    journal = state.catalog.journal
    static, drawings = Path(app.confdir, "_static"), Path(app.doctreedir, "drawings")
    studio = Studio(static, drawings, journal.name, state.mark, journal.accent)
    pages = state.pages.values()
    shown = domain_of(env).drawings
    exports = [*export_files(state.catalog, state.site, pages, written, shown, Path(app.outdir), studio)]
    files |= {
        file.path: "" if file.inputs is None else digest([shared if file.is_page else state.code, file.inputs])
        for file in exports
    }
    copies = [f"_images/{name}" for _docnames, name in env.images.values()]
    copies += [f"_downloads/{name}" for _docnames, name in env.dlfiles.values()]
    files |= dict.fromkeys((*copies, *SPHINX_FILES, path("search")), "")
    return Plan(files, shared, exports, mentioned)


def _document_digests(app: Sphinx, shared: str, mentioned: dict[str, Any] | None) -> dict[str, str]:
    """A digest, for each document, of what its page shows beside its own text; if nothing mentions it, of its links."""
    catalog, references = catalog_of(app.env), domain_of(app.env).references
    objects = _objects(app.env)
    targets = {target for each in references.values() for target in each}
    shown = {target: _shown_of(app.env, objects, target) for target in targets}
    pictures: dict[str, list[str]] = {}
    for docnames, file in app.env.images.values():
        for name in docnames:
            pictures.setdefault(name, []).append(file)
    return {
        name: digest(
            [
                shared,
                sorted(pictures.get(name, ())),
                [shown[target] for target in sorted(references.get(name, ()))],
                all_terms(app.env) if name in catalog.notes_by_docname else [],
                *([] if mentioned is None else [documents.view(catalog, name), mentioned.get(name)]),
            ]
        )
        for name in sorted(app.env.all_docs)
    }


def _objects(env: BuildEnvironment) -> dict[str, list[tuple[str, ...]]]:
    """Labels, terms and all else that has a name in a domain, and where each stands, by name in lower case."""
    objects: dict[str, list[tuple[str, ...]]] = {}
    for domain in env.domains.sorted():
        for name, shown, kind, docname, anchor, _priority in domain.get_objects():
            # Titles of Sphinx's own labels are translated when they are shown.
            objects.setdefault(name.lower(), []).append((domain.name, kind, str(shown), docname, anchor))
    return {name: sorted(places) for name, places in objects.items()}


def _shown_of(env: BuildEnvironment, objects: dict[str, list[tuple[str, ...]]], target: Reference) -> Any:
    """What a reference shows of its target, as plain data: a title, a number, and the addresses of headings."""
    catalog = catalog_of(env)
    match target:
        case "page", name:
            page = name.partition("#")[0]
            return page in state_of(env).pages or page in env.found_docs
        case ("result" | "claim") as kind, name:
            return labs.quote(catalog, kind, name)
        case "figure", name:
            return labs.figure(catalog, name) and labs.figure_view(catalog, name)
        case "label", name:
            places = objects.get(name.lower(), [])
            return [places, [env.toc_fignumbers.get(docname) for *_object, docname, _anchor in places]]
        case _, name:
            title = env.titles.get(name, nodes.title()).astext()
            slugs = env.metadata[name].get("myst_slugs", {}) if name in env.metadata else {}
            return [title, sorted((slug, *place[1:]) for slug, place in slugs.items())]
