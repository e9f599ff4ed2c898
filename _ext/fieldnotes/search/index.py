"""Index the notes for the search after their pages are written, if their text has changed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from fieldnotes.build import artifacts
from fieldnotes.build.artifacts import Stamp
from fieldnotes.build.incremental import Builder
from fieldnotes.build.machine import one_line
from fieldnotes.build.state import WARNING_TYPE, catalog_of, state_of
from fieldnotes.exports.article import article
from fieldnotes.search import service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

FOLDER = "pagefind"

RECORD = "search-index"
"""The digest of the indexed pages, and the stamps of the index's files, in Sphinx's doctree folder."""

SECTION = re.compile(r'<section id="([^"]+)">\s*(?:<span id="[^"]+"></span>)*<h([1-6])>')
FIELD = re.compile(r"<meta\b[^>]*\bdata-pagefind[^>]*>")
SKIPPED = re.compile(r"</?(?:span|img)\b[^>]*>")


@one_line()
def build_index(app: Sphinx, exception: Exception | None) -> None:
    """Bring the search index up to date with the notes (``build-finished``); ``fieldnotes_index`` off deletes it.

    Pagefind runs, on all notes, only if the searchable part of one has changed, or the index has. A build that writes
    something reads the pages of all notes to tell: 0.1 ms a note. A build whose index fails, fails.
    """
    if exception or not isinstance(app.builder, Builder) or not app.builder.writes_files:
        return
    folder, record = Path(app.outdir, FOLDER), Path(app.doctreedir, RECORD)
    notes = [note.docname for note in catalog_of(app.env).notes] if app.config.fieldnotes_index else []
    if not notes:
        shutil.rmtree(folder, ignore_errors=True)
        return
    stored, stamps = _read(record)
    is_whole = bool(stamps) and not artifacts.discard_changed(folder, stamps)
    if is_whole and app.builder.is_idle:
        return
    digest = hashlib.sha256(state_of(app.env).code.encode())
    for url, html in _pages(app, notes):
        digest.update(f"{url}\n{html}".encode())
    if is_whole and stored == digest.hexdigest():
        return
    try:
        files = service.index_pages(_pages(app, notes))
    except service.IndexingError as error:
        logger.error("the search index was not built: %s", error, type=WARNING_TYPE, subtype="search-index")
        app.statuscode = 1
        return
    record.unlink(missing_ok=True)  # a build that is killed from here on leaves no index that seems whole
    _replace(folder, files)
    stamps = {name: artifacts.stamp(folder / name) for name in files}
    record.write_text(json.dumps([digest.hexdigest(), stamps]), encoding="utf-8")


def _read(record: Path) -> tuple[str, dict[str, Stamp]]:
    """The digest and the stamps of the last index; empty where there is none."""
    try:
        digest, stamps = json.loads(record.read_text(encoding="utf-8"))
        return digest, {name: Stamp(*stamp) for name, stamp in stamps.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return "", {}


def _pages(app: Sphinx, notes: list[str]) -> Iterator[tuple[str, str]]:
    """The address and the searchable part of each note's page, in the order of their docnames."""
    for docname in sorted(notes):
        html = Path(app.outdir, state_of(app.env).site.page_path(docname)).read_text(encoding="utf-8")
        yield app.builder.get_target_uri(docname), searchable(html)


def searchable(html: str) -> str:
    """Cut a page down to the facets and fields in its head, and its article.

    Pagefind takes a section's address from its heading, where Sphinx puts it on the element around, so it is moved.
    Spans of highlighted code are half of the text to parse; a picture's address would be searched.
    """
    fields = "".join(FIELD.findall(html.partition("</head>")[0]))
    text = SKIPPED.sub("", SECTION.sub(r'<section><h\2 id="\1">', article(html)))
    return f"<html><head>{fields}</head><body><article>{text}</article></body></html>"


def _replace(folder: Path, files: dict[str, bytes]) -> None:
    """Make ``folder`` hold these files, by path; an equal file keeps its time."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, data in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
