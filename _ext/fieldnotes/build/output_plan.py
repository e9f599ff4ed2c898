"""Plan the output of a build: its files, each with a digest of its inputs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from fieldnotes.build.artifacts import Plan, digest
from fieldnotes.build.domain import collect_backlinks
from fieldnotes.build.glossary import shown_terms
from fieldnotes.build.state import catalog_of, domain_of, state_of
from fieldnotes.exports.all_exports import export_files
from fieldnotes.exports.social_picture import PictureRenderer
from fieldnotes.pages import documents, labs
from fieldnotes.pages.shared import navigation

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.domain import Reference

SEARCH_INDEX = "searchindex.js"

SPHINX_FILES = (".buildinfo", "objects.inv", SEARCH_INDEX)
"""Files that Sphinx writes at the end of each build, besides the search page."""

INDEX_FOLDER = "search-index"
"""The folder of the search index. In the plan, its overview represents all its files."""


def plan_output(env: BuildEnvironment, output: Path, shared: str, *, writes_files: bool) -> Plan:
    """Plan every output file except those in ``_static``; ``shared`` is the ``artifacts.shared_digest``."""
    state, path = state_of(env), state_of(env).site.page_path
    if not writes_files:
        texts = _document_digests(env, state.code, None)
        return Plan({path(name): text for name, text in texts.items()}, state.code)
    backlinks, layout = collect_backlinks(domain_of(env)), digest([shared, navigation(state.catalog)])
    texts = _document_digests(env, layout, backlinks)
    files = {path(name): text for name, text in texts.items()}
    files |= {path(page.pagename): digest([layout, page.template, page.context]) for page in state.pages.values()}
    written = {name: f"{env.all_docs[name]} {text}" for name, text in texts.items()}
    drawings = {name: stored.drawings for name, stored in domain_of(env).documents.items()}
    static, cache = Path(env.srcdir, "_static"), Path(env.doctreedir, "drawings")
    journal, pages = state.catalog.journal, state.pages.values()
    renderer = PictureRenderer(static, cache, journal.name, state.mark, journal.accent)
    exports = [*export_files(state.catalog, state.site, pages, written, drawings, output, renderer)]
    files |= {
        file.path: "" if file.inputs is None else digest([layout if file.is_page else state.code, file.inputs])
        for file in exports
    }
    copies = [f"_images/{name}" for _docnames, name in env.images.values()]
    copies += [f"_downloads/{name}" for _docnames, name in env.dlfiles.values()]
    files |= dict.fromkeys((*copies, *SPHINX_FILES, path("search")), "")
    if env.config.fieldnotes_index and state.catalog.notes:
        files[f"{INDEX_FOLDER}/overview"] = digest([journal.synonyms, journal.search_sites])
    return Plan(files, shared, exports, backlinks)


def _document_digests(env: BuildEnvironment, shared: str, backlinks: dict[str, Any] | None) -> dict[str, str]:
    """Return a digest of what each page shows besides its own text; without ``backlinks``, leave out catalog data."""
    catalog, objects, terms = catalog_of(env), _objects(env), shown_terms(env)
    references = {name: sorted(stored.references) for name, stored in domain_of(env).documents.items()}
    data_by_target = {target: _target_data(env, objects, target) for target in set().union(*references.values())}
    pictures: dict[str, list[str]] = {}
    for docnames, file in env.images.values():
        for name in docnames:
            pictures.setdefault(name, []).append(file)
    return {
        name: digest(
            [
                shared,
                sorted(pictures.get(name, ())),
                [data_by_target[target] for target in references.get(name, ())],
                terms.get(name, ()),
                *([] if backlinks is None else [documents.view(catalog, name), backlinks.get(name)]),
            ]
        )
        for name in sorted(env.all_docs)
    }


def _objects(env: BuildEnvironment) -> dict[str, list[tuple[str, ...]]]:
    """Return the labels, terms and other named objects of all domains with their locations, by lowercase name."""
    objects: dict[str, list[tuple[str, ...]]] = {}
    for domain in env.domains.sorted():
        for name, shown, kind, docname, anchor, _priority in domain.get_objects():
            # str(): the titles of Sphinx's own labels are translated lazily.
            objects.setdefault(name.lower(), []).append((domain.name, kind, str(shown), docname, anchor))
    return {name: sorted(places) for name, places in objects.items()}


def _target_data(env: BuildEnvironment, objects: dict[str, list[tuple[str, ...]]], target: Reference) -> Any:
    """Return what a reference shows of its target, as plain data: title, number, heading anchors."""
    catalog = catalog_of(env)
    match target:
        case "page", name:
            page = name.partition("#")[0]
            return page in state_of(env).pages or page in env.found_docs
        case ("result" | "claim") as kind, name:
            return labs.quote(catalog, kind, name)
        case "figure", name:
            return labs.figure(catalog, name) and labs.figure_view(catalog, name)
        case "explore", name:
            return labs.exploration(catalog, name)
        case "label", name:
            places = objects.get(name.lower(), [])
            return [places, [env.toc_fignumbers.get(docname) for *_object, docname, _anchor in places]]
        case _, name:
            title = env.titles.get(name, nodes.title()).astext()
            slugs = env.metadata[name].get("myst_slugs", {}) if name in env.metadata else {}
            return [title, sorted((slug, *place[1:]) for slug, place in slugs.items())]
