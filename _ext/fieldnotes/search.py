"""Index the notes for the search after their pages are written, and only when one of them has changed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zlib
from fnmatch import fnmatch
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from fieldnotes import pagefind
from fieldnotes.directives import WARNING_TYPE, catalog_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

FOLDER = "pagefind"
UNUSED = ("pagefind-*ui.*", "pagefind-highlight.js", "pagefind-worker.js", "wasm.unknown.pagefind")
"""What Pagefind writes and the journal's own interface has no use for."""

SHARED = ("pagefind.js", "wasm.en.pagefind")
"""What the first part has for all."""

PARTS = "parts.json"
"""The number of parts."""

NOTES = 2500
"""Notes of one part, unless ``fieldnotes_index`` says so: 450 MB in Pagefind's process, where 10,000 took 1,430."""

SECTION = re.compile(r'<section id="([^"]+)">\s*(?:<span id="[^"]+"></span>)*<h([1-6])>')


def index(app: Sphinx, exception: Exception | None) -> None:
    """Bring the search index up to date with the pages (``build-finished``); ``fieldnotes_index`` 0 leaves it out.

    Pagefind makes an index whole, and holds all of its pages while it does. So a large journal has several, each of the
    notes whose names have the same hash, and the browser asks them together. An index is made anew only if the page of
    one of its notes was written or removed since the last time. Its files are named by their content, so few of them
    are new. A build whose index fails, fails.
    """
    if exception or app.builder.name != "html":
        return
    folder, state = Path(app.outdir, FOLDER), Path(app.doctreedir, "fieldnotes-search")
    parts = _parts(app)
    known = state.read_text(encoding="utf-8").split() if state.exists() else []
    stamps = [_stamp(part) for part in parts]
    for number, part in enumerate(parts):
        place = folder / str(number)
        if stamps[number : number + 1] == known[number : number + 1] and (place / pagefind.ENTRY).exists():
            continue
        try:
            files = pagefind.index(_contents(app, part))
        except pagefind.IndexingError as error:
            logger.error("the search index was not made: %s", error, type=WARNING_TYPE, subtype="search-index")
            app.statuscode = 1
            return
        unused = UNUSED if number == 0 else (*UNUSED, *SHARED)
        _replace(place, {path: data for path, data in files.items() if not any(fnmatch(path, one) for one in unused)})
    for place in folder.glob("*/"):
        if place.name not in map(str, range(len(parts))):
            shutil.rmtree(place)
    _replace(folder, {PARTS: json.dumps(len(parts)).encode()} if parts else {}, deep=False)
    if stamps != known:
        state.write_text("\n".join(stamps), encoding="utf-8")


def _parts(app: Sphinx) -> list[dict[str, Path]]:
    """The pages of the notes, by their names, in as many parts as they need."""
    if not app.config.fieldnotes_index:
        return []
    pages = {note.docname: Path(app.outdir, f"{note.docname}.html") for note in catalog_of(app.env).notes}
    parts: list[dict[str, Path]] = [{} for _ in range(-(-len(pages) // app.config.fieldnotes_index))]
    for name, path in sorted(pages.items()):
        parts[zlib.crc32(name.encode()) % len(parts)][name] = path
    return [part for part in parts if part]


def _stamp(pages: dict[str, Path]) -> str:
    """What the index depends on, without reading it: when each page was written and how long it is."""
    parts = hashlib.sha256(repr([version(name) for name in ("pagefind", "cbor2")]).encode())
    for module in (__file__, pagefind.__file__):
        parts.update(Path(module).read_bytes())
    for name, path in sorted(pages.items()):
        stat = path.stat()
        parts.update(f"{name} {stat.st_mtime_ns} {stat.st_size}\n".encode())
    return parts.hexdigest()


def _contents(app: Sphinx, pages: dict[str, Path]) -> Iterator[tuple[str, str]]:
    for name, path in sorted(pages.items()):
        yield app.builder.get_target_uri(name), searchable(path.read_text(encoding="utf-8"))


def searchable(html: str) -> str:
    """Cut a page down to what is searched: its head, with the facets, and its article.

    Pagefind knows a section by the id of its heading, and Sphinx puts it on the element around: it is moved. Spans of
    highlighted code are half of what there is to parse, and mean nothing here.
    """
    head, _head, rest = html.partition("</head>")
    _before, _start, article = rest.partition("<article")
    article, _end, _after = article.partition("</article>")
    article = SECTION.sub(r'<section><h\2 id="\1">', article)
    article = re.sub(r"</?span\b[^>]*>", "", article)
    return f"{head}</head><body><article{article}</article></body></html>"


def _replace(folder: Path, files: dict[str, bytes], *, deep: bool = True) -> None:
    """Make ``folder`` hold these files; one with the same content stays. Not ``deep``, its folders stay as they are."""
    for path in sorted(folder.rglob("*") if deep else folder.glob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
