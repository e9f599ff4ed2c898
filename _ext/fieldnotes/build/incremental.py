"""Keep incremental builds exact: make a file again when its inputs changed, and delete it with its source.

Sphinx reads and writes again the documents whose own file changed. This adds what a page shows of other files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from sphinx.builders.dirhtml import DirectoryHTMLBuilder
from sphinx.util.index_entries import split_index_msg

from fieldnotes.build import artifacts, failures
from fieldnotes.build.artifacts import Record, digest
from fieldnotes.build.domain import clashing_documents
from fieldnotes.build.file_directives import clean_copies
from fieldnotes.build.glossary import store_uses
from fieldnotes.build.messages import messages_of_build, retract_warnings
from fieldnotes.build.output_plan import INDEX_FOLDER, SEARCH_INDEX, SPHINX_FILES, plan_output
from fieldnotes.build.state import catalog_of, domain_of, is_site, state_of
from fieldnotes.build.system_errors import exit_on_system_error
from fieldnotes.pages import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.state import BuildState


class Builder(failures.Builder):
    """Sphinx's HTML builder, which writes nothing when nothing has changed.

    Sphinx's own loads and writes the search index, copies static files, and writes the search page in each build.
    """

    is_idle = False
    writes_files = True
    """Whether it leaves a site; a builder without one resolves a document again only for what its links lead to."""

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to write these documents and all that follows from them, if there is anything to write."""
        state = state_of(self.env)
        self.is_idle = not docnames and state.previous.files == state.plan.files and not state.lost
        if self.is_idle:
            return
        _mark_unfinished(self, state)
        super().prepare_writing(docnames)
        self.relations = {}  # no page shows them: Sphinx would render four titles for each page, 3 % of a clean build

    def get_output_path(self, page_name: str, /) -> Path:
        """The file of a page, as ``Site.page_path`` names it."""
        return Path(self.outdir, state_of(self.env).site.page_path(page_name))

    def copy_assets(self) -> None:
        """Copy what pages load, into an empty folder if any of it changed: Sphinx never deletes there."""
        if not self.is_idle:
            state = state_of(self.env)
            if state.plan.shared != state.previous.shared:
                shutil.rmtree(Path(self.outdir, "_static"), ignore_errors=True)
            super().copy_assets()

    def leave_out(self, docnames: Set[str]) -> set[str]:
        """Plan the output without documents that cannot be written; name those to write again."""
        again, state = super().leave_out(docnames), state_of(self.env)
        messages_of_build().documents |= again  # for the next build to read them again
        before, paths = state.plan.files, {name: state.site.page_path(name) for name in self.env.all_docs}
        state.plan = plan_output(self.env, self.outdir, state.plan.shared, writes_files=self.writes_files)
        for path in before.keys() - state.plan.files.keys():
            artifacts.remove(Path(self.outdir), path)
        return again | {name for name, path in paths.items() if before.get(path) != state.plan.files[path]}

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


@exit_on_system_error()
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

    - a document whose files have new content, whatever their times: Sphinx compares times, and a file that is moved
      over another may be older;
    - home and the lanes, when their directives show something else;
    - a document that refers to one that is new or gone, and those that define the same name;
    - a document with a warning, since what a failed link or directive looked for is not known; a warning that depends
      only on the text is repeated without reading it (``messages.repeat_warnings``);
    - all of them, when a warning named no document, the code has changed, or the last build was killed.
    """
    domain, previous = domain_of(env), state_of(env).previous
    if "" in previous.warned or not previous.complete or domain.data["code"] != state_of(env).code:
        domain.data["code"] = state_of(env).code
        return list(env.found_docs)
    moved = {("doc", name) for name in added | removed}
    stored = domain.documents.items()
    return [
        *(set(previous.warned) & env.found_docs),
        *(clashing_documents(domain) & env.found_docs),
        *(name for name, each in stored if name in env.found_docs and each.source != _sources(env, name)),
        *(name for name, each in stored if each.view and each.view != digest(documents.lists(catalog_of(env), name))),
        *(name for name, each in stored if not moved.isdisjoint(each.references)),
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
    paths = [*SPHINX_FILES, state.site.page_path("search"), *state.previous.stamps, *state.plan.files]
    artifacts.mark_unfinished(Path(builder.doctreedir), paths)


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Plan the output (``env-updated``); name the documents to write again although they were not read.

    Those are documents whose page shows something else than before, or whose picture is missing in the output. All of
    them, when Sphinx's search index is missing: it adds to an old one.
    """
    state = state_of(env)
    for name, stored in domain_of(env).documents.items():
        stored.source = stored.source or _sources(env, name)
    if not is_site(app.builder):
        return []
    store_uses(env)
    _name_pictures(env)
    writes_files = not isinstance(app.builder, Builder) or app.builder.writes_files
    shared = artifacts.shared_digest(app, state.code) if writes_files else ""
    state.plan = plan_output(env, Path(app.outdir), shared, writes_files=writes_files)
    if SEARCH_INDEX in state.lost:
        return [*env.all_docs]
    return [
        *(name for name in env.all_docs if state.is_stale(state.site.page_path(name))),
        *(name for docnames, file in env.images.values() if f"_images/{file}" in state.lost for name in docnames),
    ]


def _name_pictures(env: BuildEnvironment) -> None:
    """Name published pictures in the order of their paths: Sphinx numbers equal names in the order of reading."""
    pictures = type(env.images)()
    for path, (docnames, _name) in sorted(env.images.items()):
        for docname in docnames:
            pictures.add_file(docname, path)
    env.images = pictures


@exit_on_system_error()
def finish(app: Sphinx, exception: Exception | None) -> None:
    """Write the exports, delete files whose source is gone, and store the record (``build-finished``, after Furo)."""
    if exception or not isinstance(app.builder, Builder) or app.builder.is_idle:
        return
    state, out = state_of(app.env), Path(app.outdir)
    if app.builder.writes_files:
        for file in state.plan.exports:
            if state.is_stale(file.path) or file.inputs is None:
                artifacts.write_changed(out / file.path, file.make())
        _complete_search_index(app.env, out / SEARCH_INDEX)
    known = state.previous.stamps
    unplanned = (path for folder in ("_static", INDEX_FOLDER) for path in (out / folder).rglob("*"))
    written = state.plan.files.keys() | {path.relative_to(out).as_posix() for path in unplanned}
    files = [path for path in sorted(written) if (out / path).is_file()]
    for path in (*(known.keys() - {*files}), ".buildinfo.bak"):  # Sphinx leaves the last
        artifacts.remove(out, path)
    record = Record(
        files=state.plan.files,
        shared=state.plan.shared,
        stamps={path: artifacts.stamp(out / path, known.get(path)) for path in files},
        doctrees={name: Path(app.doctreedir, f"{name}.doctree").stat().st_size for name in app.env.all_docs},
        warned=sorted(messages_of_build().documents),
        repeatable=sorted(finding[:5] for finding in messages_of_build().repeatable),
    )
    artifacts.write(Path(app.doctreedir), record)


def _complete_search_index(env: BuildEnvironment, path: Path) -> None:
    """Complete Sphinx's search index after an incremental build.

    Sphinx keeps words that no document has any more, and drops the index entries of documents that it does not write
    (https://github.com/sphinx-doc/sphinx/issues/12599).
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = env.domains.index_domain.entries
    if '":[]' not in text and not any(entries.values()):
        return
    head, tail = "Search.setIndex(", ")"
    index = json.loads(text.removeprefix(head).removesuffix(tail))
    for part in ("terms", "titleterms"):
        index[part] = {word: places for word, places in index[part].items() if places != []}
    index["indexentries"] = {}
    for number, docname in enumerate(index["docnames"]):
        for text, anchor, main in sorted({*_index_terms(entries.get(docname, ()))}):
            index["indexentries"].setdefault(text.lower(), []).append([number, anchor, main == "main"])
    path.write_text(head + json.dumps(index, separators=(",", ":"), sort_keys=True) + tail, encoding="utf-8")


def _index_terms(entries: Iterable[tuple[str, str, str, str, str | None]]) -> Iterator[tuple[str, str, str]]:
    """The texts by which a document is found in the index, each with its anchor and whether it is the main one."""
    for kind, value, anchor, main, _key in entries:
        yield from ((text, anchor or "", main) for text in split_index_msg(kind, value))
