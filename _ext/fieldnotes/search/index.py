"""Build the search index from the written pages of the notes."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.build import artifacts
from fieldnotes.build.glossary import all_terms
from fieldnotes.build.incremental import Builder
from fieldnotes.build.output_plan import INDEX_FOLDER
from fieldnotes.build.state import catalog_of, state_of
from fieldnotes.build.system_errors import exit_on_system_error
from fieldnotes.exports.article import article
from fieldnotes.pages.labs import lab_page
from fieldnotes.pages.shared import author_page, tag_page
from fieldnotes.search.inverted_index import NOTES, OVERVIEW, index_files, pack, postings_of, text_file
from fieldnotes.search.sections import sections_of
from fieldnotes.search.terms import PieceCache
from fieldnotes.sources.front_matter_fields import slug

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

TERMS = "search-terms"
"""In Sphinx's doctree folder: the terms of each note, and the digest of its text."""


@exit_on_system_error()
def build_index(app: Sphinx, exception: Exception | None) -> None:
    """Update the search index (``build-finished``, before the record of the build is stored).

    A build that writes something reads the pages of all notes to find those that changed: 0.1 ms a note. Changed notes
    are indexed again, then all notes are merged. Outdated files are deleted; if ``fieldnotes_index`` is off, all files.
    """
    if exception or not isinstance(app.builder, Builder) or not app.builder.writes_files or app.builder.is_idle:
        return
    catalog, state = catalog_of(app.env), state_of(app.env)
    folder, record = Path(app.outdir, INDEX_FOLDER), Path(app.doctreedir, TERMS)
    if f"{INDEX_FOLDER}/{OVERVIEW}" not in state.plan.files:
        shutil.rmtree(folder, ignore_errors=True)
        return
    notes = sorted(catalog.notes, key=lambda note: note.docname)
    overview = _overview(app, catalog, notes)
    intact = state.previous.stamps.keys() - state.lost
    stored, terms, pieces = _stored(record), dict[str, Any](), PieceCache()
    for name, note in zip(overview["names"], notes, strict=True):
        text = article(Path(app.outdir, state.site.page_path(note.docname)).read_text(encoding="utf-8"))
        facts = _facts(catalog, note)
        digest = _digest(state.code, text, note.title, *note.tags, *facts)
        terms[name] = stored.get(name)
        if not terms[name] or terms[name][0] != digest or f"{INDEX_FOLDER}/{NOTES}/{name}" not in intact:
            sections = sections_of(text)
            terms[name] = (digest, *postings_of(note.title, note.tags, facts, sections, pieces))
            artifacts.write_changed(folder / NOTES / name, pack(text_file(sections)))
    overview["lengths"] = [length for *_rest, length in terms.values()]
    files = {folder / NOTES / name for name in terms}
    for name, content in index_files([postings for _, postings, _length in terms.values()], overview):
        files.add(folder / name)
        if name == OVERVIEW or f"{INDEX_FOLDER}/{name}" not in intact:
            artifacts.write_changed(folder / name, pack(content))
    for path in {path for path in folder.rglob("*") if path.is_file()} - files:
        path.unlink()
    record.write_text(json.dumps(terms), encoding="utf-8")


def _stored(path: Path) -> dict[str, Any]:
    """Return, for each note, what the last build stored: digest, terms, word count. Empty if it cannot be read."""
    with suppress(OSError, ValueError):
        return dict(json.loads(path.read_text(encoding="utf-8")))
    return {}


def _facts(catalog: Catalog, note: Note) -> list[str]:
    """Return what the search finds a note by besides its text: its lane, its date in several forms, its authors."""
    day = note.date.isoformat()
    month = f"{catalog.language.month(note.date.month)} {note.date.year}"
    return [catalog.lanes_by_name[note.lane].title, month, day[:7], day, *note.authors]


def _overview(app: Sphinx, catalog: Catalog, notes: list[Note]) -> dict[str, Any]:
    """Return the metadata of notes, and the lanes, tags, labs and other pages that can match; see ``engine.js``."""
    lanes, tags = [lane.name for lane in catalog.lanes], [tag.slug for tag in catalog.tags]
    others = [("Lane", lane.title, lane.docname) for lane in catalog.lanes]
    others += [("Tag", tag.name, tag_page(tag.name)) for tag in catalog.tags]
    others += [("Lab", lab.title, lab_page(lab.name)) for lab in catalog.labs]
    others += [("Author", author.name, author_page(author.name)) for author in catalog.authors]
    others += [("Page", page.title, page.docname) for page in catalog.pages]
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
        "things": [(kind, title, target(page)) for kind, title, page in others] + terms,
        "sites": catalog.journal.search_sites,
        "synonyms": catalog.journal.synonyms,
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
