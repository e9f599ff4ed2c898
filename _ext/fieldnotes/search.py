"""Index the notes for the search after their pages are written, and only when one of them has changed."""

from __future__ import annotations

import hashlib
import re
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

SECTION = re.compile(r'<section id="([^"]+)">\s*(?:<span id="[^"]+"></span>)*<h([1-6])>')


def index(app: Sphinx, exception: Exception | None) -> None:
    """Bring the search index up to date with the pages (``build-finished``).

    The index is made whole, since Pagefind knows no other way, but only if a note's page was written or removed since
    the last time. Its files are named by their content, so few of them are new. A build whose index fails, fails.
    """
    if exception or app.builder.name != "html":
        return
    out, state = Path(app.outdir), Path(app.doctreedir, "fieldnotes-search")
    pages = {note.docname: out / f"{note.docname}.html" for note in catalog_of(app.env).notes}
    now = _stamp(pages)
    there = not pages or (out / FOLDER / pagefind.ENTRY).exists()
    if there and state.exists() and state.read_bytes() == now.encode():
        return
    files: dict[str, bytes] = {}
    if pages:
        try:
            files = pagefind.index(_contents(app, pages))
        except pagefind.IndexingError as error:
            logger.error("the search index was not made: %s", error, type=WARNING_TYPE, subtype="search-index")
            app.statuscode = 1
            return
    _replace(
        out / FOLDER,
        {path: data for path, data in files.items() if not any(fnmatch(path, unused) for unused in UNUSED)},
    )
    state.write_text(now, encoding="utf-8")


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


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Make ``folder`` hold these files; one with the same content stays as it is."""
    for path in sorted(folder.rglob("*"), reverse=True):
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
    if folder.is_dir() and not files:
        folder.rmdir()
