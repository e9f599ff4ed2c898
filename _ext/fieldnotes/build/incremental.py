"""Keep incremental builds exact: make a file again when its inputs changed, and delete it with its source.

Sphinx reads and writes again the documents whose own file changed. This adds what a page shows of other files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes

from fieldnotes.build import artifacts, failures
from fieldnotes.build.artifacts import Artifact, Plan, Record, digest
from fieldnotes.build.domain import mentions
from fieldnotes.build.state import catalog_of, domain_of, state_of
from fieldnotes.build.warnings import warned_documents
from fieldnotes.exports.files import export_files
from fieldnotes.pages import documents, labs

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.domain import Reference
    from fieldnotes.build.state import BuildState
    from fieldnotes.pages.parts import DerivedPage

SPHINX_FILES = (".buildinfo", "objects.inv", "search.html", "searchindex.js")
"""What Sphinx writes at the end of each build."""


class Builder(failures.Builder):
    """Sphinx's HTML builder, which writes nothing when nothing has changed.

    Sphinx's own loads and writes the search index, copies static files, and writes the search page in each build.
    """

    is_idle = False
    writes_files = True
    """Whether it leaves a site; a builder without one resolves a document again only for what its links lead to."""

    def __init__(self, app: Sphinx, env: BuildEnvironment) -> None:
        super().__init__(app, env)
        self.journal = app

    def init(self) -> None:
        """Delete what a killed build may have left half written, before Sphinx reads any of it."""
        for path in artifacts.unfinished(Path(self.doctreedir)):
            artifacts.remove(Path(self.outdir), path)
        super().init()

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to write these documents and all that follows from them, if there is anything to write."""
        state = state_of(self.env)
        self.is_idle = not docnames and self._is_current(state)
        if self.is_idle:
            return
        _mark_unfinished(self, state)
        super().prepare_writing(docnames)
        self.relations = {}  # no page shows them: Sphinx would render four titles for each page, 3 % of a clean build

    def _is_current(self, state: BuildState) -> bool:
        """Whether the output is what this build would leave."""
        assert state.plan
        recorded = {path: file for path, file in state.previous.files.items() if file.kind != "static"}
        return recorded == state.plan.files and all(Path(self.outdir, path).exists() for path in state.previous.files)

    def copy_assets(self) -> None:
        """Copy what pages load, into an empty folder if any of it changed: Sphinx never deletes there."""
        if self.is_idle:
            return
        state = state_of(self.env)
        if state.plan and state.plan.shared != state.previous.shared:
            shutil.rmtree(Path(self.outdir, "_static"), ignore_errors=True)
        super().copy_assets()

    def leave_out(self, docnames: Set[str]) -> set[str]:
        """Plan the output without documents that cannot be written; name those to write again."""
        again, state = super().leave_out(docnames), state_of(self.env)
        assert state.plan
        before, state.plan = state.plan.files, _plan(self.journal, state)
        files, paths = state.plan.files, {name: f"{name}.html" for name in self.env.all_docs}
        for path in before.keys() - files.keys():
            artifacts.remove(Path(self.outdir), path)
        return again | {name for name, path in paths.items() if before.get(path) != files[path]}

    def finish(self) -> None:
        """Write what is made of all documents."""
        if not self.is_idle:
            super().finish()


def reread(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Name the documents to read again although their file is as it was (``env-get-outdated``).

    A document whose files hold something else, whatever their times: Sphinx compares times, and a file that is moved
    over another may be older. Home and the lanes, when their directives place something else; a document that refers to
    one that is new or gone; and the documents that the last build warned of, so that each build repeats a warning until
    it is mended. All of them, when a warning named no document, the code has changed, or the last build was killed.
    """
    domain, previous = domain_of(env), state_of(env).previous
    if "" in previous.warned or not previous.complete or domain.code != state_of(env).code:
        domain.data["code"] = state_of(env).code
        return list(env.found_docs)
    moved = {("doc", name) for name in added | removed}
    return [
        *(set(previous.warned) & env.found_docs),
        *(name for name, stored in domain.sources.items() if name in env.found_docs and stored != _sources(env, name)),
        *(name for name, shown in domain.views.items() if shown != digest(documents.view(catalog_of(env), name))),
        *(name for name, references in domain.references.items() if not moved.isdisjoint(references)),
    ]


def _sources(env: BuildEnvironment, docname: str) -> str:
    """A digest of the file of a document and of those that it depends on."""
    parts = hashlib.blake2b(digest_size=16)
    for path in (
        env.doc2path(docname),
        *(Path(env.srcdir, name) for name in sorted(env.dependencies.get(docname, ()))),
    ):
        parts.update(path.read_bytes() if path.is_file() else b"")
    return parts.hexdigest()


def begin(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Mark the build as unfinished when documents are about to be read (``env-before-read-docs``)."""
    if docnames and isinstance(app.builder, Builder):
        _mark_unfinished(app.builder, state_of(env))


def _mark_unfinished(builder: Builder, state: BuildState) -> None:
    planned = state.plan.files if state.plan else {}
    artifacts.mark_unfinished(Path(builder.doctreedir), [*SPHINX_FILES, *state.previous.files, *planned])


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Plan the output (``env-updated``); name the documents to write again although they were not read.

    Those are documents whose page shows something else than before, or whose picture is missing in the output.
    """
    state, sources = state_of(env), domain_of(env).sources
    sources.update((name, _sources(env, name)) for name in env.all_docs.keys() - sources.keys())
    if app.builder.format != "html":
        return []
    state.plan = _plan(app, state)
    previous, files = state.previous.files, state.plan.files
    pictures = [(docnames, Path(app.outdir, "_images", name)) for docnames, name in env.images.values()]
    return [
        *(name for name in env.all_docs if previous.get(f"{name}.html") != files[f"{name}.html"]),
        *(name for docnames, picture in pictures if not picture.exists() for name in docnames),
    ]


def changed_pages(app: Sphinx) -> Iterator[DerivedPage]:
    """The derived pages that show something else than before, or are not there."""
    state = state_of(app.env)
    assert state.plan
    for page in state.pages.values():
        path = f"{page.pagename}.html"
        if state.previous.files.get(path) != state.plan.files[path] or not Path(app.outdir, path).exists():
            yield page


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the exports, delete files whose source is gone, and store the record (``build-finished``)."""
    if exception or not isinstance(app.builder, Builder) or app.builder.is_idle:
        return
    state, out = state_of(app.env), Path(app.outdir)
    assert state.plan
    if app.builder.writes_files:
        _write_exports(out, state)
        _tidy_search_index(out / "searchindex.js")
    files = {**state.plan.files, **_static_files(out)}
    for path in (*(state.previous.files.keys() - files.keys()), ".buildinfo.bak"):  # Sphinx leaves the last
        artifacts.remove(out, path)
    artifacts.write(Path(app.doctreedir), Record(files, state.plan.shared, warned_documents(app)))


def _write_exports(out: Path, state: BuildState) -> None:
    """Write the files beside the pages that are not as they were."""
    assert state.plan
    for file in state.plan.exports:
        path, artifact = out / file.path, state.plan.files[file.path]
        exists = path.exists()
        if exists and artifact.digest and artifact == state.previous.files.get(file.path):
            continue
        data = file.make()
        if not exists or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _static_files(out: Path) -> dict[str, Artifact]:
    paths = (path.relative_to(out).as_posix() for path in (out / "_static").rglob("*") if path.is_file())
    return {path: Artifact("static") for path in sorted(paths)}


def _tidy_search_index(path: Path) -> None:
    """Delete the words from Sphinx's search index that no document has any more: Sphinx deletes only the documents."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if '":[]' not in text:
        return
    head, tail = "Search.setIndex(", ")"
    index = json.loads(text.removeprefix(head).removesuffix(tail))
    for part in ("terms", "titleterms"):
        index[part] = {word: places for word, places in index[part].items() if places != []}
    path.write_text(head + json.dumps(index, separators=(",", ":"), sort_keys=True) + tail, encoding="utf-8")


def _plan(app: Sphinx, state: BuildState) -> Plan:
    """Every file that this build leaves, but for those in ``_static``, with the digest of its inputs."""
    env = app.env
    if isinstance(app.builder, Builder) and not app.builder.writes_files:
        digests = _document_digests(app, state.code, None)
        return Plan({f"{name}.html": Artifact("document", text) for name, text in digests.items()}, state.code, [], {})
    shared = artifacts.shared_digest(app, state.code)
    mentioned = mentions(domain_of(env))
    texts = _document_digests(app, shared, mentioned)
    files = {f"{name}.html": Artifact("document", text) for name, text in texts.items()}
    files |= {
        f"{page.pagename}.html": Artifact("page", digest([shared, page.template, page.context]))
        for page in state.pages.values()
    }
    written = {name: f"{env.all_docs[name]} {text}" for name, text in texts.items()}
    exports = [*export_files(state.catalog, state.site, state.pages.values(), written, Path(app.outdir))]
    files |= {
        file.path: Artifact("export", "" if file.inputs is None else digest([shared, file.inputs])) for file in exports
    }
    copies = [f"_images/{name}" for _docnames, name in env.images.values()]
    copies += [f"_downloads/{name}" for _docnames, name in env.dlfiles.values()]
    files |= {path: Artifact("copy") for path in (*copies, *SPHINX_FILES)}
    return Plan(files, shared, exports, mentioned)


def _document_digests(app: Sphinx, shared: str, mentioned: dict[str, Any] | None) -> dict[str, str]:
    """A digest, for each document, of what its page shows beside its own text; if nothing mentions it, of its links."""
    catalog, references = catalog_of(app.env), domain_of(app.env).references
    objects = _objects(app.env)
    targets = {target for each in references.values() for target in each}
    shown = {target: _shown_of(app.env, objects, target) for target in targets}
    return {
        name: digest(
            [
                shared,
                [shown[target] for target in sorted(references.get(name, ()))],
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
        case "result", name:
            result = labs.result(catalog, name)
            return result and result.model_dump(mode="json")
        case "figure", name:
            return labs.figure(catalog, name) and labs.figure_view(catalog, name)
        case "label", name:
            return objects.get(name.lower())
        case _, name:
            title = env.titles.get(name, nodes.title()).astext()
            slugs = env.metadata[name].get("myst_slugs", {}) if name in env.metadata else {}
            return [title, sorted((slug, *place[1:]) for slug, place in slugs.items())]
