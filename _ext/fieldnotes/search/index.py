"""Index the notes for the search after their pages are written, if what is searched has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.build import artifacts
from fieldnotes.build.artifacts import Stamp
from fieldnotes.build.glossary import all_terms
from fieldnotes.build.incremental import Builder
from fieldnotes.build.machine import one_line
from fieldnotes.build.state import catalog_of, state_of
from fieldnotes.exports.article import article
from fieldnotes.pages.labs import lab_page
from fieldnotes.pages.parts import author_page, tag_page
from fieldnotes.search.inverted import NOTES, OVERVIEW, index_files, pack, postings_of, text_file
from fieldnotes.search.text import sections_of
from fieldnotes.search.words import Words
from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

FOLDER = "search-index"

RECORD, TERMS = "search-index", "search-terms"
"""In Sphinx's doctree folder: what the index was made of, with the stamps of its files; and the terms of each note."""


@one_line()
def build_index(app: Sphinx, exception: Exception | None) -> None:
    """Bring the search index up to date with the notes (``build-finished``); ``fieldnotes_index`` off deletes it.

    A build that writes something reads the pages of all notes to tell which have changed: 0.1 ms a note. The terms of
    these are made anew, and those of all notes joined.
    """
    if exception or not isinstance(app.builder, Builder) or not app.builder.writes_files:
        return
    catalog, state = catalog_of(app.env), state_of(app.env)
    folder, record, terms = Path(app.outdir, FOLDER), Path(app.doctreedir, RECORD), Path(app.doctreedir, TERMS)
    pages = {note: Path(app.outdir, state.site.page_path(note.docname)) for note in catalog.notes}
    notes = sorted([note for note, page in pages.items() if page.is_file()], key=lambda note: note.docname)
    if not notes or not app.config.fieldnotes_index:
        shutil.rmtree(folder, ignore_errors=True)
        return
    overview = _overview(app, catalog, notes)
    known, stored = _stored(record) or (["", ""], {})
    stamps = {path: Stamp(*stamp) for path, stamp in stored.items()}
    is_whole = bool(stamps) and not artifacts.discard_changed(folder, stamps)
    stamp = [_digest(state.code, json.dumps(overview)), known[-1]]
    if is_whole and app.builder.is_idle and known == stamp:
        return
    articles = [article(pages[note].read_text(encoding="utf-8")) for note in notes]
    digests = [_digest(state.code, text, note.title, *note.tags) for note, text in zip(notes, articles, strict=True)]
    stamp[-1] = _digest(*digests)
    if is_whole and known == stamp:
        return
    record.unlink(missing_ok=True)  # a build that is killed from here on leaves no index that seems whole
    before, words = (_stored(terms) or {}) if stamps else {}, Words()
    after: dict[str, Any] = {}
    for name, digest, note, text in zip(overview["names"], digests, notes, articles, strict=True):
        path = folder / NOTES / name
        after[name] = before.get(name)
        if not after[name] or after[name][0] != digest or not path.is_file():
            sections = sections_of(text)
            after[name] = (digest, *postings_of(note.title, note.tags, sections, words))
            artifacts.write_changed(path, pack(text_file(sections)))
    overview["lengths"] = [length for _digest, _postings, length in after.values()]
    files = [f"{NOTES}/{name}" for name in after]
    for name, content in index_files([postings for _digest, postings, _length in after.values()], overview):
        files.append(name)
        if name == OVERVIEW or name not in stamps or not (folder / name).is_file():
            artifacts.write_changed(folder / name, pack(content))
    for path in {path for path in folder.rglob("*") if path.is_file()} - {folder / name for name in files}:
        path.unlink()
    terms.write_text(json.dumps(after), encoding="utf-8")
    record.write_text(json.dumps([stamp, {name: artifacts.stamp(folder / name) for name in files}]), encoding="utf-8")


def _stored(path: Path) -> Any:
    """What the last build has stored; None where there is nothing that can be read."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text(encoding="utf-8"))
    return None


def _overview(app: Sphinx, catalog: Catalog, notes: list[Note]) -> dict[str, Any]:
    """What the search shows of a note without its text, and what else it finds; see ``engine.js``."""
    lanes, tags = [lane.name for lane in catalog.lanes], [tag.slug for tag in catalog.tags]
    things = [("Lane", lane.title, lane.docname) for lane in catalog.lanes]
    things += [("Tag", tag.name, tag_page(tag.name)) for tag in catalog.tags]
    things += [("Lab", lab.title, lab_page(lab.name)) for lab in catalog.labs]
    things += [("Author", author.name, author_page(author.name)) for author in catalog.authors]
    things += [("Page", page.title, page.docname) for page in catalog.pages]
    target = app.builder.get_target_uri
    terms = [
        ("Term", term.name, f"{target(term.docname)}#{term.anchor}", term.definition) for term in all_terms(app.env)
    ]
    return {
        "names": [note.docname.removeprefix("notes/") for note in notes],
        "ending": target("notes/x").removeprefix("notes/x"),
        "titles": [note.title for note in notes],
        "dates": [note.date.isoformat() for note in notes],
        "lanes": [lanes.index(note.lane) for note in notes],
        "tags": [[tags.index(slug(name)) for name in note.tags] for note in notes],
        "laneTitles": [lane.title for lane in catalog.lanes],
        "tagTitles": [tag.name for tag in catalog.tags],
        "things": [(kind, title, target(page)) for kind, title, page in things] + terms,
        "sites": catalog.journal.search_sites,
        "synonyms": catalog.journal.synonyms,
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
