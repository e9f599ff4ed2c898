"""Keep incremental builds exact: make a file again when its inputs changed, and delete it with its source.

Sphinx reads and writes again the documents whose own file changed. This adds what a page shows of other files.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sphinx.builders.dirhtml import DirectoryHTMLBuilder

from fieldnotes.build import artifacts, failures
from fieldnotes.build.artifacts import Record, digest
from fieldnotes.build.domain import clashing_documents
from fieldnotes.build.hints import warning_handlers
from fieldnotes.build.machine import one_line
from fieldnotes.build.plan import SEARCH_INDEX, SPHINX_FILES, plan_output
from fieldnotes.build.reading import clean_copies
from fieldnotes.build.search_index import complete_search_index
from fieldnotes.build.state import catalog_of, domain_of, is_site, state_of
from fieldnotes.build.warnings import Recorder, retract_warnings
from fieldnotes.pages import documents

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.state import BuildState
    from fieldnotes.pages.parts import DerivedPage


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
        """Record all warnings from here on."""
        super().init()
        self.recorder = Recorder(self)
        for handler in warning_handlers():
            handler.addFilter(self.recorder)

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to write these documents and all that follows from them, if there is anything to write."""
        state = state_of(self.env)
        self.is_idle = not docnames and self._is_current(state)
        if self.is_idle:
            return
        _mark_unfinished(self, state)
        super().prepare_writing(docnames)
        self.relations = {}  # no page shows them: Sphinx would render four titles for each page, 3 % of a clean build

    def handle_page(
        self, pagename: str, addctx: dict[str, Any], templatename: str = "page.html", **options: Any
    ) -> None:
        """Write a page; a document's from the journal's template, which books do not use."""
        name = "document.html" if templatename == "page.html" else templatename
        super().handle_page(pagename, addctx, name, **options)

    def get_output_path(self, page_name: str, /) -> Path:
        """The file of a page, as ``Site.page_path`` names it."""
        return Path(self.outdir, state_of(self.env).site.page_path(page_name))

    def _is_current(self, state: BuildState) -> bool:
        """Whether the output is what this build would leave."""
        assert state.plan
        return state.previous.files == state.plan.files and not state.lost

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
        self.recorder.documents |= again  # for the next build to read them again
        before, state.plan = state.plan.files, plan_output(self.journal, writes_files=self.writes_files)
        files, paths = state.plan.files, {name: state.site.page_path(name) for name in self.env.all_docs}
        for path in before.keys() - files.keys():
            artifacts.remove(Path(self.outdir), path)
        return again | {name for name, path in paths.items() if before.get(path) != files[path]}

    def copy_image_files(self) -> None:
        """Copy pictures, and clean those that are SVG."""
        super().copy_image_files()
        clean_copies(Path(self.srcdir), Path(self.outdir, self.imagedir), self.images)

    def copy_download_files(self) -> None:
        """Copy downloads, and clean those that are SVG."""
        super().copy_download_files()
        downloads = {path: name for path, (_docnames, name) in self.env.dlfiles.items()}
        clean_copies(Path(self.srcdir), Path(self.outdir, "_downloads"), downloads)

    def finish(self) -> None:
        """Write what is made of all documents."""
        if not self.is_idle:
            super().finish()


class DirectoryBuilder(Builder, DirectoryHTMLBuilder):
    """Sphinx's builder of pages without ``.html`` in their addresses, as exact as the other; 404.html stays a file."""

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """The address of a page from the site's root."""
        file = state_of(self.env).site.page_path(docname)
        return quote(file) if not file.endswith("index.html") else super().get_target_uri(docname, typ)


def discard(app: Sphinx) -> None:
    """Delete files that are not as a build left them (``builder-inited``, after the catalog is loaded)."""
    state, out = state_of(app.env), Path(app.outdir)
    if isinstance(app.builder, Builder):
        for path in artifacts.unfinished(Path(app.doctreedir)):
            artifacts.remove(out, path)
        state.lost = artifacts.discard_changed(out, state.previous.stamps)
        for docname, size in state.previous.doctrees.items():
            doctree = Path(app.doctreedir, f"{docname}.doctree")
            if doctree.is_file() and doctree.stat().st_size != size:
                doctree.unlink()


def reread(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Name the documents to read again although their file is as it was (``env-get-outdated``).

    A document whose files hold something else, whatever their times: Sphinx compares times, and a file that is moved
    over another may be older. Home and the lanes, when their directives place something else; a document that refers to
    one that is new or gone; those that define one name; and those that the last build warned of, since what a failed
    link or directive looked for is not known. All of them, when a warning named no document, the code has changed, or
    the last build was killed.
    """
    domain, previous = domain_of(env), state_of(env).previous
    if "" in previous.warned or not previous.complete or domain.code != state_of(env).code:
        domain.data["code"] = state_of(env).code
        return list(env.found_docs)
    moved = {("doc", name) for name in added | removed}
    return [
        *(set(previous.warned) & env.found_docs),
        *(clashing_documents(domain) & env.found_docs),
        *(name for name, stored in domain.sources.items() if name in env.found_docs and stored != _sources(env, name)),
        *(name for name, shown in domain.views.items() if shown != digest(documents.lists(catalog_of(env), name))),
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
    """Mark the build as unfinished when documents are about to be read (``env-before-read-docs``).

    All are cleared before the first is read, so that none meets a name of a former reading.
    """
    if docnames and isinstance(app.builder, Builder):
        _mark_unfinished(app.builder, state_of(env))
    state_of(env).read = set(docnames)
    for docname in docnames:
        env.clear_doc(docname)


def settle_names(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Read documents that define one name again, in order, as a clean build in one process does (``env-updated``).

    Of these the last one read wins, and is warned of.
    """
    docnames, read = clashing_documents(domain_of(env)), state_of(env).read
    if docnames.isdisjoint(read) or (docnames <= read and app.parallel < 2):
        return []
    retract_warnings(env, docnames)
    for docname in docnames:
        app.emit("env-purge-doc", env, docname)
        env.clear_doc(docname)
    for docname in sorted(docnames):
        app.builder.read_doc(docname)
    return sorted(docnames)


def _mark_unfinished(builder: Builder, state: BuildState) -> None:
    planned = state.plan.files if state.plan else {}
    artifacts.mark_unfinished(
        Path(builder.doctreedir), [*SPHINX_FILES, state.site.page_path("search"), *state.previous.stamps, *planned]
    )


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Plan the output (``env-updated``); name the documents to write again although they were not read.

    Those are documents whose page shows something else than before, or whose picture is missing in the output. All of
    them, when Sphinx's search index is missing: it adds to an old one.
    """
    state, sources = state_of(env), domain_of(env).sources
    sources.update((name, _sources(env, name)) for name in env.all_docs.keys() - sources.keys())
    if not is_site(app.builder):
        return []
    _name_pictures(env)
    state.plan = plan_output(app, writes_files=not isinstance(app.builder, Builder) or app.builder.writes_files)
    if SEARCH_INDEX in state.lost:
        return [*env.all_docs]
    previous, files = state.previous.files, state.plan.files
    paths = {name: state.site.page_path(name) for name in env.all_docs}
    return [
        *(name for name, path in paths.items() if previous.get(path) != files[path]),
        *(name for docnames, file in env.images.values() if f"_images/{file}" in state.lost for name in docnames),
    ]


def _name_pictures(env: BuildEnvironment) -> None:
    """Name published pictures in the order of their paths: Sphinx numbers equal names in the order of reading."""
    pictures = type(env.images)()
    for path, (docnames, _name) in sorted(env.images.items()):
        for docname in docnames:
            pictures.add_file(docname, path)
    env.images = pictures


def changed_pages(app: Sphinx) -> Iterator[DerivedPage]:
    """The derived pages that show something else than before, or are not there."""
    state = state_of(app.env)
    assert state.plan
    for page in state.pages.values():
        path = state.site.page_path(page.pagename)
        if path in state.lost or state.previous.files.get(path) != state.plan.files[path]:
            yield page


@one_line()
def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the exports, delete files whose source is gone, and store the record (``build-finished``, after Furo)."""
    if exception or not isinstance(app.builder, Builder) or app.builder.is_idle:
        return
    state, out = state_of(app.env), Path(app.outdir)
    assert state.plan
    if app.builder.writes_files:
        _write_exports(out, state)
        complete_search_index(app.env, out / SEARCH_INDEX)
    known = state.previous.stamps
    static = {path.relative_to(out).as_posix() for path in (out / "_static").rglob("*")}
    files = [path for path in sorted(state.plan.files.keys() | static) if (out / path).is_file()]
    for path in (*(known.keys() - {*files}), ".buildinfo.bak"):  # Sphinx leaves the last
        artifacts.remove(out, path)
    record = Record(
        files=state.plan.files,
        shared=state.plan.shared,
        stamps={path: artifacts.stamp(out / path, known.get(path)) for path in files},
        doctrees={name: Path(app.doctreedir, f"{name}.doctree").stat().st_size for name in app.env.all_docs},
        warned=sorted(app.builder.recorder.documents),
    )
    artifacts.write(Path(app.doctreedir), record)


def _write_exports(out: Path, state: BuildState) -> None:
    """Write the files beside the pages that are not as they were."""
    assert state.plan
    for file in state.plan.exports:
        path, inputs = out / file.path, state.plan.files[file.path]
        exists = path.exists()
        if exists and inputs and inputs == state.previous.files.get(file.path):
            continue
        data = file.make()
        if not exists or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
