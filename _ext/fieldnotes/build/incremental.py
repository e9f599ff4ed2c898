"""Keep incremental builds exact: what a page shows is digested, and a page whose digest changed is made again.

The digests of the last whole build are a file in Sphinx's doctree folder. A build that fails or is killed leaves them
as they were, and beside them the names of all that it may have begun to write: the next one trusts none of it, makes
everything again, and removes what is gone.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.util.matching import Matcher

from fieldnotes.build import artifacts, stylesheet
from fieldnotes.build.domain import mentions, references_of
from fieldnotes.build.state import catalog_of, code, derived_pages, keep, once
from fieldnotes.build.warnings import _warned
from fieldnotes.pages import documents, labs

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.exports.files import Export
    from fieldnotes.pages.parts import DerivedPage

WRITTEN_BY_SPHINX = ("search.html", "searchindex.js", "objects.inv")
"""What Sphinx writes at the end of each build of its own."""


MANIFEST = "fieldnotes.json"
"""The digests of the last whole build, in Sphinx's doctree folder."""


UNFINISHED = "fieldnotes.unfinished"
"""What a build may write, by name, in Sphinx's doctree folder; there from its first change to its end."""


Manifest = dict[str, dict[str, str]]
"""What the last whole build left: for each kind of thing its digest, or nothing, by name."""


class Builder(StandaloneHTMLBuilder):
    """Sphinx's builder of HTML, which writes nothing where nothing has changed, and nothing that no page shows.

    Sphinx's own would read the search index, and write it, the search page, the inventory and files of ``_static``.
    """

    def init(self) -> None:
        """Forget what Sphinx noted of a build that did not end: cut short, it is a file that Sphinx cannot read."""
        super().init()
        if _kept(self.app, UNFINISHED) is not None:
            Path(self.outdir, ".buildinfo").unlink(missing_ok=True)

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to write these documents and what follows from them, if there is anything."""
        self.is_idle = not docnames and _is_whole(self.app)
        if not self.is_idle:
            _begin(self.app, _state(self.app))
            super().prepare_writing(docnames)
            self.relations = {}  # the pages around a page are the catalog's: Sphinx would set four titles for each

    def copy_assets(self) -> None:
        """Copy what pages load."""
        if not self.is_idle:
            super().copy_assets()

    def finish(self) -> None:
        """Write what is made of all documents."""
        if not self.is_idle:
            super().finish()


def begin(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Note that documents are about to be read (``env-before-read-docs``)."""
    if docnames and isinstance(app.builder, Builder):
        _begin(app, {})


def _begin(app: Sphinx, now: Manifest) -> None:
    """Note what may be written from here on, beside what an unfinished build has noted."""
    left = _kept(app, UNFINISHED) or {}
    names = {kind: dict.fromkeys([*left.get(kind, {}), *found], "") for kind, found in (left | now).items()}
    keep(app, UNFINISHED, _json(names))


def reread(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Name the documents whose directives place something else than before (``env-get-outdated``).

    Those are home and the lanes, and a note that refers to one that is gone or new; other notes are only written
    again, see ``rewrite``. So that no warning is forgotten unmended, they are also those that the last build warned
    of. When it warned of what is no document, or the code that reads them has changed, it is every one.
    """
    manifest, catalog = _manifest(app), catalog_of(env)
    if "" in manifest["warned"] or manifest["code"] != {"": code(app)}:
        return list(env.found_docs)
    before = manifest["read"]
    known = (env.all_docs.keys() & env.found_docs) - catalog.notes_by_docname.keys()
    moved = {("doc", name) for name in added | removed}
    return [
        *(manifest["warned"].keys() & env.found_docs),
        *(name for name in known if before.get(name) != _digest(documents.view(catalog, name))),
        *(name for name, found in references_of(env).items() if not moved.isdisjoint(found)),
    ]


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Name the documents whose page shows something else than before (``env-updated``)."""
    before, now = _manifest(app)["written"], _written(app)
    return [name for name in env.all_docs if before.get(name) != now[name]]


def changed_pages(app: Sphinx) -> Iterator[DerivedPage]:
    """The derived pages that show something else than before, or are not there."""
    before = _manifest(app)["derived"]
    for page, digest in _derived(app):
        if before.get(page.pagename) != digest or not app.builder.get_output_path(page.pagename).exists():  # type: ignore[attr-defined]
            yield page


def finish(app: Sphinx, exception: Exception | None) -> None:
    """Remove what is gone from the output, and keep the digests (``build-finished``)."""
    if exception or not isinstance(app.builder, Builder) or app.builder.is_idle:
        return
    before, now = _manifest(app), _state(app)
    _write_beside(app, before["beside"])
    _remove(Path(app.outdir), Path(app.outdir, ".buildinfo.bak"))  # Sphinx leaves it when settings change
    for page in (before["written"].keys() | before["derived"].keys()) - now["written"].keys() - now["derived"].keys():
        _remove(Path(app.outdir), Path(app.outdir, f"{page}.html"))
    for kind in ("files", "beside"):
        for name in before[kind].keys() - now[kind].keys():
            _remove(Path(app.outdir), Path(app.outdir, name))
    _tidy_search_index(Path(app.outdir, "searchindex.js"))
    if before != now:
        keep(app, MANIFEST, _json(now))
    Path(app.doctreedir, UNFINISHED).unlink(missing_ok=True)


def _state(app: Sphinx) -> Manifest:
    """What a whole build of now leaves: the digests of its documents and derived pages, and what it copies."""
    catalog = catalog_of(app.env)
    return {
        "read": {
            name: _digest(documents.view(catalog, name))
            for name in sorted(app.env.found_docs - catalog.notes_by_docname.keys())
        },
        "written": _written(app),
        "derived": {page.pagename: digest for page, digest in _derived(app)},
        "files": dict.fromkeys(_copied(app), ""),
        "beside": {file.path: digest for file, digest in _beside(app)},
        "code": {"": code(app)},
        "warned": _warned(app),
    }


def _is_whole(app: Sphinx) -> bool:
    """Whether the output is what the last build left, and what a build of now would leave."""
    outputs = [*_copied(app), *(f"{page.pagename}.html" for page, _ in _derived(app)), *WRITTEN_BY_SPHINX]
    outputs += [file.path for file, _ in _beside(app)]
    return _manifest(app) == _state(app) and all(Path(app.outdir, name).exists() for name in outputs)


@once
def _beside(app: Sphinx) -> list[tuple[Export, str]]:
    """The files beside the pages, each with a digest of what it follows from, where it is not made each time."""
    look, documents = _look(app), app.env.all_docs
    texts = {name: f"{documents[name]} {digest}" for name, digest in _written(app).items()}
    files = artifacts.files(app, [page for page, _ in _derived(app)], texts)
    return [(file, "" if file.inputs is None else _digest([look, file.inputs])) for file in files]


def _write_beside(app: Sphinx, before: dict[str, str]) -> None:
    """Write the files beside the pages that are not as they were."""
    for file, digest in _beside(app):
        path = Path(app.outdir, file.path)
        there = path.exists()
        if there and digest and digest == before.get(file.path):
            continue
        data = file.make()
        if not there or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _tidy_search_index(path: Path) -> None:
    """Take words out of Sphinx's search index that no document has any more: it forgets the documents alone."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if '":[]' not in text:
        return
    head, tail = "Search.setIndex(", ")"
    index = json.loads(text.removeprefix(head).removesuffix(tail))
    for part in ("terms", "titleterms"):
        index[part] = {word: found for word, found in index[part].items() if found != []}
    path.write_text(head + json.dumps(index, separators=(",", ":"), sort_keys=True) + tail, encoding="utf-8")


def _remove(root: Path, path: Path) -> None:
    """Remove a file, and the folders below ``root`` that it leaves empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == root or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()


def _copied(app: Sphinx) -> list[str]:
    """The files that are copied into the output for us: ours in ``_static``, and those the documents show."""
    left_out = Matcher([*app.config.exclude_patterns, "**/.*"])
    paths = [
        path.relative_to(folder).as_posix()
        for folder in (Path(app.confdir, name) for name in app.config.html_static_path)
        for path in folder.rglob("*")
        if path.is_file()
    ]
    # Templates lose their suffix.
    static = [re.sub(r"(_t|\.jinja)$", "", f"_static/{path}") for path in paths if not left_out(path)]
    static += [f"_static/{name}" for name in (*stylesheet.SHEETS, *stylesheet.ORDER)]
    images = [f"_images/{name}" for _docnames, name in app.env.images.values()]
    downloads = [f"_downloads/{name}" for _docnames, name in app.env.dlfiles.values()]
    return sorted([*static, *images, *downloads])


@once
def _manifest(app: Sphinx) -> Manifest:
    """What the last build left; after an unfinished one, the names of what may be there, with no digest to trust."""
    empty: Manifest = {kind: {} for kind in ("read", "written", "derived", "files", "beside", "code", "warned")}
    whole, left = empty | (_kept(app, MANIFEST) or {}), _kept(app, UNFINISHED)
    if left is None:
        return whole
    names = {kind: dict.fromkeys([*whole[kind], *left.get(kind, {})], "") for kind in empty}
    return names | {"code": {}, "warned": {}}


def _kept(app: Sphinx, name: str) -> Manifest | None:
    """What is kept under this name; nothing, where there is none. What cannot be read is as if it were empty."""
    try:
        kept: Manifest = json.loads(Path(app.doctreedir, name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return kept


def _json(kept: Manifest) -> bytes:
    return json.dumps(kept, sort_keys=True).encode()


def _digest(shown: object) -> str:
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]


@once
def _derived(app: Sphinx) -> list[tuple[DerivedPage, str]]:
    """The derived pages, each with a digest of what it shows."""
    look = _look(app)
    pages = derived_pages(app).values()
    return [(page, _digest([look, page.template, page.context])) for page in pages]


@once
def _look(app: Sphinx) -> str:
    """A digest of what all pages share: the files that they load, the templates, the settings, and the code."""
    parts = hashlib.sha256(code(app).encode())
    for name in (*app.config.html_static_path, *app.config.templates_path):
        for path in sorted(Path(app.confdir, name).rglob("*")):
            if path.is_file():
                parts.update(path.name.encode() + path.read_bytes())
    for setting in app.config.filter(frozenset({"html", "env"})):
        value = sorted(setting.value) if isinstance(setting.value, (set, frozenset)) else setting.value
        parts.update(f"{setting.name}={value!r}".encode())
    return parts.hexdigest()


@once
def _written(app: Sphinx) -> dict[str, str]:
    """A digest, for each document, of what its page shows beside its own text."""
    env, look = app.env, _look(app)
    catalog, references = catalog_of(env), references_of(env)
    targets = {target for found in references.values() for target in found}
    shown = {target: _target(app, *target) for target in targets}
    mentioned = mentions(app)
    return {
        name: _digest(
            [
                look,
                documents.view(catalog, name),
                [shown[target] for target in references.get(name, [])],
                mentioned.get(name),
            ]
        )
        for name in sorted(env.all_docs)
    }


@once
def _objects(app: Sphinx) -> dict[str, list[tuple[str, ...]]]:
    """What the domains know beside documents and labels, as terms: where each stands, by its name in small letters."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for domain in app.env.domains.sorted():
        for name, shown, kind, docname, anchor, _priority in domain.get_objects():
            if kind not in {"doc", "label"}:
                found.setdefault(name.lower(), []).append((domain.name, kind, str(shown), docname, anchor))
    return {name: sorted(places) for name, places in found.items()}


def _target(app: Sphinx, kind: str, name: str) -> Any:
    """What a reference to this document, label or object would show: titles, and the addresses of headings."""
    env = app.env
    if kind == "page":
        page = name.partition("#")[0]
        return page in derived_pages(app) or page in env.found_docs
    if kind == "result":
        found = labs.result(catalog_of(env), name)
        return found and found.model_dump(mode="json")
    if kind == "figure":
        return labs.figure(catalog_of(env), name) and labs.figure_view(catalog_of(env), name)
    if kind == "label":
        labels = env.domains.standard_domain
        places = [found.get(name.lower(), ()) for found in (labels.labels, labels.anonlabels)]
        # Sphinx's own labels have titles that are translated when they are shown.
        return [*([str(part) for part in place] for place in places), _objects(app).get(name.lower())]
    heading = env.titles.get(name, nodes.title()).astext()
    slugs = env.metadata[name]["myst_slugs"] if name in env.metadata and "myst_slugs" in env.metadata[name] else {}
    return [heading, sorted((slug, *place[1:]) for slug, place in slugs.items())]
