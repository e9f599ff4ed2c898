"""Index the notes for the search after their pages are written, and only when one of them has changed."""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from fieldnotes.build.state import UNREADABLE, WARNING_TYPE, catalog_of, code, keep
from fieldnotes.search import pagefind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)

FOLDER = "pagefind"


STATE = "fieldnotes-search"
"""The pieces of the index and its files, in Sphinx's doctree folder, behind the stamps of the groups."""


GROUP = 16
"""Notes that are indexed together, at least, and up to twice as many: an edit indexes one group anew."""


BATCH = 80
"""Groups that Pagefind holds in memory at once: 450 MB, where 10,000 notes took 1,430."""


SECTION = re.compile(r'<section id="([^"]+)">\s*(?:<span id="[^"]+"></span>)*<h([1-6])>')


def index(app: Sphinx, exception: Exception | None) -> None:
    """Bring the search index up to date with the pages (``build-finished``); ``fieldnotes_index`` off leaves it out.

    Pagefind is asked only for the groups in which the page of a note was written or removed since the last time; what
    it made of the others is kept beside the doctrees. A build whose index fails, fails.
    """
    if exception or app.builder.name != "html":
        return
    folder, groups = Path(app.outdir, FOLDER), _groups(app)
    stamps = {name: _stamp(app, name, pages) for name, pages in groups.items()}
    known, pieces, before = _known(app, stamps)
    if known and (folder / pagefind.ENTRY).exists() == bool(groups):
        return
    files = dict(before)
    missing = [name for name, stamp in stamps.items() if stamp not in pieces]
    for start in range(0, len(missing), BATCH):
        batch = {name: groups[name] for name in missing[start : start + BATCH]}
        try:
            made, new = pagefind.index(_contents(app, batch))
        except pagefind.IndexingError as error:
            logger.error("the search index was not made: %s", error, type=WARNING_TYPE, subtype="search-index")
            app.statuscode = 1
            return
        pieces |= {stamps[name]: piece for name, piece in made.items()}
        files |= new
    pieces = {stamp: pieces[stamp] for stamp in stamps.values()}
    files = pagefind.join(pieces.values(), files)
    _replace(folder, files, before)
    keep(app, STATE, pickle.dumps(stamps) + pickle.dumps((pieces, files)))


def _known(app: Sphinx, stamps: dict[str, str]) -> tuple[bool, dict[str, pagefind.Piece], dict[str, bytes]]:
    """Whether the index is that of these groups; if not, its pieces by the stamps of their groups, and its files."""
    try:
        with Path(app.doctreedir, STATE).open("rb") as file:
            if pickle.load(file) == stamps:
                return True, {}, {}
            pieces, files = pickle.load(file)
            return False, pieces, files
    except UNREADABLE:
        return False, {}, {}


def _groups(app: Sphinx) -> dict[str, dict[str, Path]]:
    """The pages of the notes, by their names, in groups by the hash of these; their number is a power of two.

    So a note that comes or goes changes the group of no other, but where there are twice as many notes, or half.
    """
    if not app.config.fieldnotes_index:
        return {}
    notes = sorted(note.docname for note in catalog_of(app.env).notes)
    number = 1 << max(0, (len(notes) // GROUP).bit_length() - 1)
    groups: dict[str, dict[str, Path]] = {}
    for name in notes:
        group = format(zlib.crc32(name.encode()) % number, "x")
        groups.setdefault(group, {})[name] = Path(app.outdir, f"{name}.html")
    return dict(sorted(groups.items()))


def _stamp(app: Sphinx, group: str, pages: dict[str, Path]) -> str:
    """What a piece depends on, without reading it: the code, and when each page was written and how long it is."""
    stats = [(name, (stat := path.stat()).st_mtime_ns, stat.st_size) for name, path in pages.items()]
    return hashlib.sha256(repr((code(app), group, stats)).encode()).hexdigest()


def _contents(app: Sphinx, groups: dict[str, dict[str, Path]]) -> Iterator[tuple[str, str, str]]:
    for group, pages in groups.items():
        for name, path in pages.items():
            yield group, app.builder.get_target_uri(name), searchable(path.read_text(encoding="utf-8"))


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


def _replace(folder: Path, files: dict[str, bytes], before: dict[str, bytes]) -> None:
    """Make ``folder`` hold these files; one that is there as it was before stays."""
    there = set()
    for place, _folders, names in os.walk(folder, topdown=False):
        inside = Path(place).relative_to(folder)
        for name in names:
            path = (inside / name).as_posix()
            if path in files:
                there.add(path)
            else:
                (folder / path).unlink()
        if not any(Path(place).iterdir()):
            Path(place).rmdir()
    for path, data in files.items():
        if path not in there or before.get(path) != data:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
