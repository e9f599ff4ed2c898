"""Keep incremental builds exact: rebuild a file when its inputs change, and delete it when its source is gone.

Sphinx rebuilds the documents whose own file changed. This module adds those that show data from other files.
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
from fieldnotes.build.artifacts import BuildRecord, digest
from fieldnotes.build.domain import clashing_documents
from fieldnotes.build.file_directives import sanitize_copies
from fieldnotes.build.glossary import store_uses
from fieldnotes.build.messages import messages_of_build, retract_warnings
from fieldnotes.build.output_plan import INDEX_FOLDER, SEARCH_INDEX, SPHINX_FILES, plan_output
from fieldnotes.build.state import catalog_of, domain_of, state_of
from fieldnotes.build.system_errors import exit_on_system_error
from fieldnotes.pages import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.state import BuildState


class Builder(failures.Builder):
    """Sphinx's HTML builder, made to write nothing when nothing has changed.

    Sphinx's own loads and writes the search index, copies static files, and writes the search page in every build.
    """

    is_idle = False
    writes_files = True
    """Whether this builder writes a site; if not, a document is resolved again only when its link targets change."""

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Mark the build as unfinished and prepare to write, or set ``is_idle`` if there is nothing to write."""
        state = state_of(self.env)
        self.is_idle = not docnames and state.previous.files == state.plan.files and not state.lost
        if self.is_idle:
            return
        _mark_unfinished(self, state)
        super().prepare_writing(docnames)
        self.relations = {}  # unused: for it Sphinx would render four titles for each page, 3 % of a clean build

    def get_output_path(self, page_name: str, /) -> Path:
        """Return the file of a page, as ``Site.page_path`` names it."""
        return Path(self.outdir, state_of(self.env).site.page_path(page_name))

    def copy_assets(self) -> None:
        """Copy static files, and empty their folder first if what pages share has changed: Sphinx never deletes any."""
        if not self.is_idle:
            state = state_of(self.env)
            if state.plan.shared != state.previous.shared:
                shutil.rmtree(Path(self.outdir, "_static"), ignore_errors=True)
            super().copy_assets()

    def leave_out(self, docnames: Set[str]) -> set[str]:
        """Drop documents, plan the output again, and delete files no longer planned; return the documents to write."""
        outdated, state = super().leave_out(docnames), state_of(self.env)
        messages_of_build().documents |= outdated  # so that the next build reads them again
        before, paths = state.plan.files, {name: state.site.page_path(name) for name in self.env.all_docs}
        state.plan = plan_output(self.env, self.outdir, state.plan.shared, writes_files=self.writes_files)
        for path in before.keys() - state.plan.files.keys():
            artifacts.remove(Path(self.outdir), path)
        return outdated | {name for name, path in paths.items() if before.get(path) != state.plan.files[path]}

    def copy_image_files(self) -> None:
        """Copy pictures, and sanitize those in SVG."""
        super().copy_image_files()
        sanitize_copies(Path(self.srcdir), Path(self.outdir, self.imagedir), self.images)

    def copy_download_files(self) -> None:
        """Copy downloads, and sanitize those in SVG."""
        super().copy_download_files()
        downloads = {path: name for path, (_docnames, name) in self.env.dlfiles.items()}
        sanitize_copies(Path(self.srcdir), Path(self.outdir, "_downloads"), downloads)

    def finish(self) -> None:
        """Write the indices, the search page and static files, unless nothing has changed."""
        if not self.is_idle:
            super().finish()


class DirectoryBuilder(Builder, DirectoryHTMLBuilder):
    """Sphinx's builder for addresses without ``.html``, with the same incremental rules; 404.html stays a file."""

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Return the address of a page relative to the site's root."""
        file = state_of(self.env).site.page_path(docname)
        return quote(file) if not file.endswith("index.html") else super().get_target_uri(docname, typ)


@exit_on_system_error()
def discard_damaged(app: Sphinx) -> None:
    """Delete changed and half-written output and doctrees, and set ``BuildState.lost`` (``builder-inited``)."""
    state, out = state_of(app.env), Path(app.outdir)
    if isinstance(app.builder, Builder):
        for path in artifacts.unfinished(Path(app.doctreedir)):
            artifacts.remove(out, path)
        state.lost = artifacts.discard_changed(out, state.previous.stamps)
        for docname, size in state.previous.doctrees.items():
            doctree = Path(app.doctreedir, f"{docname}.doctree")
            if doctree.is_file() and doctree.stat().st_size != size:
                doctree.unlink()


def docs_to_read(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Return the documents to read again besides those that Sphinx finds outdated (``env-get-outdated``).

    - documents whose files changed in content, since Sphinx compares only times, and a file moved over another may be
      older;
    - documents that list notes or lanes, such as home, if the list has changed;
    - documents that refer to a new or removed document, and documents that define the same name;
    - documents with a warning, since the target of a failed link or directive is unknown; a warning that depends only
      on the text is repeated without reading it (``messages.repeat_warnings``);
    - all documents, if a warning has no document, the code has changed, or the last build was killed.
    """
    domain, previous = domain_of(env), state_of(env).previous
    if "" in previous.warned or not previous.complete or domain.data["code"] != state_of(env).code:
        domain.data["code"] = state_of(env).code
        return list(env.found_docs)
    added_or_removed = {("doc", name) for name in added | removed}
    stored = domain.documents.items()
    return [
        *(set(previous.warned) & env.found_docs),
        *(clashing_documents(domain) & env.found_docs),
        *(name for name, data in stored if name in env.found_docs and data.source != _source_digest(env, name)),
        *(name for name, data in stored if data.view and data.view != digest(documents.lists(catalog_of(env), name))),
        *(name for name, data in stored if not added_or_removed.isdisjoint(data.references)),
    ]


def _source_digest(env: BuildEnvironment, docname: str) -> str:
    """Return a digest of a document's file and of the files it depends on."""
    parts, files = hashlib.blake2b(digest_size=16), sorted(env.dependencies.get(docname, ()))
    for path in (env.doc2path(docname), *(Path(env.srcdir, name) for name in files)):
        parts.update(path.read_bytes() if path.is_file() else b"")
    return parts.hexdigest()


def begin_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Mark the build as unfinished if documents will be read (``env-before-read-docs``).

    All of them are cleared before the first is read, so that no document sees stale names.
    """
    if docnames and isinstance(app.builder, Builder):
        _mark_unfinished(app.builder, state_of(env))
    state_of(env).read = set(docnames)
    for docname in docnames:
        env.clear_doc(docname)


def settle_names(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Read documents that define the same name again, in order, as a clean serial build does (``env-updated``).

    The last one read wins; Sphinx warns about it.
    """
    docnames, read = clashing_documents(domain_of(env)), state_of(env).read
    if docnames.isdisjoint(read) or (docnames <= read and app.parallel < 2):
        return []
    retract_warnings(env, docnames)
    for docname in docnames:
        failures.forget(env, docname)
    for docname in sorted(docnames):
        app.builder.read_doc(docname)
    return sorted(docnames)


def _mark_unfinished(builder: Builder, state: BuildState) -> None:
    paths = [*SPHINX_FILES, state.site.page_path("search"), *state.previous.stamps, *state.plan.files]
    artifacts.mark_unfinished(Path(builder.doctreedir), paths)


def docs_to_write(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Set ``BuildState.plan``; return the documents to write again although they were not read (``env-updated``).

    Stores what the plan depends on: digests of files, uses of terms, names of pictures. Returns documents whose page
    shows something that has changed, or whose picture is missing in the output; if Sphinx's search index is missing,
    all documents, since Sphinx indexes only documents that it writes.
    """
    state = state_of(env)
    for name, stored in domain_of(env).documents.items():
        stored.source = stored.source or _source_digest(env, name)
    if not isinstance(app.builder, Builder):
        return []
    store_uses(env)
    _name_pictures(env)
    writes_files = app.builder.writes_files
    shared = artifacts.shared_digest(app, state.code) if writes_files else ""
    state.plan = plan_output(env, Path(app.outdir), shared, writes_files=writes_files)
    if SEARCH_INDEX in state.lost:
        return [*env.all_docs]
    return [
        *(name for name in env.all_docs if state.is_stale(state.site.page_path(name))),
        *(name for docnames, file in env.images.values() if f"_images/{file}" in state.lost for name in docnames),
    ]


def _name_pictures(env: BuildEnvironment) -> None:
    """Number published pictures with the same name in path order; Sphinx does so in reading order."""
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
    stamps = state.previous.stamps
    unplanned = (path for folder in ("_static", INDEX_FOLDER) for path in (out / folder).rglob("*"))
    written = state.plan.files.keys() | {path.relative_to(out).as_posix() for path in unplanned}
    files = [path for path in sorted(written) if (out / path).is_file()]
    for path in (*(stamps.keys() - {*files}), ".buildinfo.bak"):  # Sphinx leaves a backup of .buildinfo
        artifacts.remove(out, path)
    record = BuildRecord(
        files=state.plan.files,
        shared=state.plan.shared,
        stamps={path: artifacts.stamp(out / path, stamps.get(path)) for path in files},
        doctrees={name: Path(app.doctreedir, f"{name}.doctree").stat().st_size for name in app.env.all_docs},
        warned=sorted(messages_of_build().documents),
        repeatable=sorted(finding[:5] for finding in messages_of_build().repeatable),
    )
    artifacts.write(Path(app.doctreedir), record)


def _complete_search_index(env: BuildEnvironment, path: Path) -> None:
    """Complete Sphinx's search index after an incremental build.

    Sphinx keeps words that no document contains anymore, and drops index entries of documents that it does not write
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
    """Yield the index entries of a document: text, anchor, and ``"main"`` for a main entry."""
    for kind, value, anchor, main, _key in entries:
        yield from ((text, anchor or "", main) for text in split_index_msg(kind, value))
