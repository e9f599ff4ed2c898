"""The catalog: every lane, note, page and lab, loaded before Sphinx reads any document.

Every list of notes is a query on it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from fieldnotes.catalog.related import SharedTags
from fieldnotes.sources.front_matter_fields import former_page, slug
from fieldnotes.sources.language import Language
from fieldnotes.sources.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from fieldnotes.catalog.note_pictures import Picture
    from fieldnotes.sources.lab_record import Lab
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note
    from fieldnotes.sources.page import Page

K = TypeVar("K")


@dataclass(frozen=True)
class NoteGroup:
    """A tag or an author, with its notes, newest first."""

    name: str
    slug: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Catalog:
    """Lanes by number, notes newest first (ties broken by docname), and labs by name."""

    lanes: tuple[Lane, ...] = ()
    notes: tuple[Note, ...] = ()
    pages: tuple[Page, ...] = ()
    """The standalone pages, by title."""
    labs: tuple[Lab, ...] = ()
    invalid_labs: frozenset[str] = frozenset()
    """Names of labs whose files have problems; notes that quote them are not reported."""
    unpublished: Mapping[str, str] = field(default_factory=dict)
    """Why each unpublished note is not published, by docname. A build with drafts includes these notes."""
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    """The pictures of notes, by docname."""
    today: datetime.date = datetime.date.min
    """The day of the build."""
    language: Language = field(default_factory=Language)
    """The language of the interface text."""
    journal: Settings = field(default_factory=Settings)
    """The journal's settings."""

    def without(self, docnames: Container[str]) -> Catalog:
        """Return the catalog without these notes."""
        return replace(self, notes=tuple(note for note in self.notes if note.docname not in docnames))

    @cached_property
    def lanes_by_name(self) -> dict[str, Lane]:
        """The lanes by name."""
        return {lane.name: lane for lane in self.lanes}

    @cached_property
    def documents(self) -> dict[str, Lane | Note | Page]:
        """The notes, lanes and standalone pages, by docname."""
        documents: list[Lane | Note | Page] = [*self.notes, *self.lanes, *self.pages]
        return {document.docname: document for document in documents}

    @cached_property
    def notes_by_docname(self) -> dict[str, Note]:
        """The notes by docname."""
        return {note.docname: note for note in self.notes}

    @cached_property
    def labs_by_name(self) -> dict[str, Lab]:
        """The labs by name."""
        return {lab.name: lab for lab in self.labs}

    @cached_property
    def hidden(self) -> dict[str, str]:
        """The part of ``unpublished`` that this build leaves out."""
        return {name: state for name, state in self.unpublished.items() if name not in self.notes_by_docname}

    def unpublished_message(self, docname: str) -> str:
        """Return the message for a link to an unpublished note; "" for any other document."""
        state = self.unpublished.get(docname)
        return f"`{docname}.md` is {state}, so the link is dead; remove it until the note is published" if state else ""

    @cached_property
    def notes_by_lab(self) -> dict[str, tuple[Note, ...]]:
        """The notes that quote each lab, by the name of the lab."""
        return _group(self.notes, lambda note: {name.partition(":")[0] for name in note.quotes}, self.labs_by_name)

    @cached_property
    def notes_by_lane(self) -> dict[str, tuple[Note, ...]]:
        """The notes of each lane, by the name of the lane."""
        return _group(self.notes, lambda note: [note.lane], self.lanes_by_name)

    def first_note(self, lane: Lane) -> Note | None:
        """Return the note of a lane to start with: the one that the lane names, or else the oldest."""
        notes = self.notes_by_lane[lane.name]
        return next((note for note in notes if note.docname == f"notes/{lane.begin}"), notes[-1] if notes else None)

    @cached_property
    def notes_by_year(self) -> dict[int, tuple[Note, ...]]:
        """The notes by year, newest first."""
        return _group(self.notes, lambda note: [note.date.year])

    @cached_property
    def notes_by_former_docname(self) -> dict[str, Note]:
        """The renamed notes, by each former docname that no note has now."""
        return {
            docname: note
            for note in reversed(self.notes)
            for docname in map(former_page, note.formerly)
            if docname not in self.notes_by_docname
        }

    @cached_property
    def tags(self) -> tuple[NoteGroup, ...]:
        """The tags of all notes, by name. Names with the same slug are one tag, which takes the first of them."""
        return _group_by_name(self.notes, lambda note: note.tags)

    def authors_of(self, note: Note) -> tuple[str, ...]:
        """Return the authors that a note names, or else the journal's author."""
        return note.authors or (self.journal.author,)

    @cached_property
    def authors(self) -> tuple[NoteGroup, ...]:
        """The authors that notes name, by name, with all of their notes."""
        named = {slug(name) for note in self.notes for name in note.authors}
        return tuple(author for author in _group_by_name(self.notes, self.authors_of) if author.slug in named)

    @cached_property
    def shared_tags(self) -> SharedTags:
        """The index that finds related notes and co-occurring tags."""
        return SharedTags(self)

    @cached_property
    def _position_in_lane(self) -> dict[str, int]:
        """The position of each note in its lane, by docname; 0 is the newest."""
        return {note.docname: index for notes in self.notes_by_lane.values() for index, note in enumerate(notes)}

    def neighbors(self, note: Note, reach: int) -> tuple[Note, ...]:
        """Return the notes at most ``reach`` positions from ``note`` in its lane, including ``note``."""
        index = self._position_in_lane[note.docname]
        return self.notes_by_lane[note.lane][max(0, index - reach) : index + reach + 1]

    def newer(self, note: Note) -> Note | None:
        """Return the next newer note of the lane; None for the newest."""
        index = self._position_in_lane[note.docname]
        return self.notes_by_lane[note.lane][index - 1] if index else None

    def older(self, note: Note) -> Note | None:
        """Return the next older note of the lane; None for the oldest."""
        index, notes = self._position_in_lane[note.docname] + 1, self.notes_by_lane[note.lane]
        return notes[index] if index < len(notes) else None


def _group(
    notes: Iterable[Note], keys_of: Callable[[Note], Iterable[K]], keys: Iterable[K] = ()
) -> dict[K, tuple[Note, ...]]:
    """Group notes by the keys of each; every key in ``keys`` gets a group, even an empty one."""
    groups: dict[K, list[Note]] = {key: [] for key in keys}
    for note in notes:
        for key in keys_of(note):
            groups.setdefault(key, []).append(note)
    return {key: tuple(group) for key, group in groups.items()}


def _group_by_name(notes: Sequence[Note], names_of: Callable[[Note], Iterable[str]]) -> tuple[NoteGroup, ...]:
    """Group notes by the slugs of their names, and sort the groups by name."""
    groups = _group(notes, lambda note: map(slug, names_of(note)))
    names = {key: min(name for note in groups[key] for name in names_of(note) if slug(name) == key) for key in groups}
    named = [NoteGroup(names[key], key, groups[key]) for key in groups]
    return tuple(sorted(named, key=lambda group: (group.name.casefold(), group.slug)))
