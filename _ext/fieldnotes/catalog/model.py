"""The catalog: every lane, note and lab, loaded from their files before Sphinx reads any.

Whatever lists notes is a query on it.
"""

from __future__ import annotations

import datetime
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from fieldnotes.sources import frontmatter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fieldnotes.sources.lab import Lab
    from fieldnotes.sources.lane import Lane
    from fieldnotes.sources.note import Note

NEAR = 3
"""Notes on either side, by date, that are looked at for each tag, and each two tags, of a note: see Catalog.related."""


@dataclass(frozen=True)
class Tag:
    """A subject, with its notes newest first."""

    name: str
    slug: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Catalog:
    """Lanes by number, notes newest first (those of one day by their docnames), and labs by name."""

    lanes: tuple[Lane, ...] = ()
    notes: tuple[Note, ...] = ()
    labs: tuple[Lab, ...] = ()
    unfit_labs: frozenset[str] = frozenset()
    """Names of labs that are left out for their files: what quotes them has no fault of its own."""
    unpublished: Mapping[str, str] = field(default_factory=dict)
    """What the notes are that are not to be published yet, by their docnames: see ``Note.waits``."""
    today: datetime.date = datetime.date.min
    """The day of the build."""

    def __reduce__(self) -> tuple[type[Catalog], tuple[()]]:
        """Pickle as an empty catalog: each build loads its own, so Sphinx's environment need not store it."""
        return Catalog, ()

    @cached_property
    def lanes_by_name(self) -> dict[str, Lane]:
        """The lanes by name."""
        return {lane.name: lane for lane in self.lanes}

    @cached_property
    def notes_by_docname(self) -> dict[str, Note]:
        """The notes by docname."""
        return {note.docname: note for note in self.notes}

    @cached_property
    def hidden(self) -> dict[str, str]:
        """What is not to be published, and left out for it: as ``unpublished``."""
        return {name: state for name, state in self.unpublished.items() if name not in self.notes_by_docname}

    def withheld(self, docname: str) -> str:
        """What is wrong with a link to a note, if that is not published."""
        state = self.unpublished.get(docname)
        return f"`{docname}.md` is {state}, so the link leads nowhere; take it out until then" if state else ""

    @cached_property
    def labs_by_name(self) -> dict[str, Lab]:
        """The labs by name."""
        return {lab.name: lab for lab in self.labs}

    @cached_property
    def notes_by_lab(self) -> dict[str, tuple[Note, ...]]:
        """The notes that quote each lab, by its name."""
        notes: dict[str, list[Note]] = {lab.name: [] for lab in self.labs}
        for note in self.notes:
            for name in note.labs:
                notes.setdefault(name, []).append(note)
        return {name: tuple(found) for name, found in notes.items()}

    @cached_property
    def notes_by_lane(self) -> dict[str, tuple[Note, ...]]:
        """The notes of each lane, by its name."""
        notes: dict[str, list[Note]] = {lane.name: [] for lane in self.lanes}
        for note in self.notes:
            notes[note.lane].append(note)
        return {name: tuple(found) for name, found in notes.items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The titles of the lanes and notes, by docname."""
        lanes = {lane.docname: lane.title for lane in self.lanes}
        return lanes | {note.docname: note.title for note in self.notes}

    @cached_property
    def position_in_lane(self) -> dict[str, int]:
        """Where in its lane, from 0 for the newest, each note stands, by docname."""
        return {note.docname: index for notes in self.notes_by_lane.values() for index, note in enumerate(notes)}

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The tags that a note has, by name. Names with one slug are one tag, under the first of its names."""
        notes: dict[str, list[Note]] = {}
        for note in self.notes:
            for name in note.tags:
                notes.setdefault(frontmatter.slug(name), []).append(note)
        names = {slug: min(_names(slug, found)) for slug, found in notes.items()}
        tags = [Tag(names[slug], slug, tuple(found)) for slug, found in notes.items()]
        return tuple(sorted(tags, key=lambda tag: (tag.name.casefold(), tag.slug)))

    @cached_property
    def notes_by_year(self) -> dict[int, tuple[Note, ...]]:
        """The notes of each year that has some, the newest year first."""
        counts = Counter(note.date.year for note in self.notes)
        notes = iter(self.notes)
        return {year: tuple(next(notes) for _ in range(count)) for year, count in counts.items()}

    @cached_property
    def notes_by_former_docname(self) -> dict[str, Note]:
        """The notes that had another name, by each docname that they had before and no note has now."""
        return {
            docname: note
            for note in reversed(self.notes)
            for docname in (f"notes/{name}" for name in note.formerly)
            if docname not in self.notes_by_docname
        }

    def near(self, note: Note, reach: int) -> tuple[Note, ...]:
        """The notes of its lane that are at most ``reach`` places from ``note``, itself among them."""
        index = self.position_in_lane[note.docname]
        return self.notes_by_lane[note.lane][max(0, index - reach) : index + reach + 1]

    def newer(self, note: Note) -> Note | None:
        """The note before it in its lane, if it is not the newest."""
        index = self.position_in_lane[note.docname]
        return self.notes_by_lane[note.lane][index - 1] if index else None

    def older(self, note: Note) -> Note | None:
        """The note after it in its lane, if it is not the oldest."""
        index = self.position_in_lane[note.docname] + 1
        return next(iter(self.notes_by_lane[note.lane][index : index + 1]), None)

    def related(self, note: Note, count: int) -> tuple[Note, ...]:
        """Find at most ``count`` notes that share a tag with this one, the closest first.

        Closest is, in this order: what is not the next newer or older note of its lane, to which the page leads
        anyhow; the greatest weight of the two rarest tags that they share, then of all that they share; the same lane;
        the nearest date; the newer one. A tag that n notes have weighs 1 / log2(1 + n), after Adamic and Adar, "Friends
        and neighbors on the Web" (2003): a rare one says more than a common one, two say more than one, and a new note
        changes no weight but those of its own tags.

        Of those that share each two tags, and each one, the heaviest first, only the NEAR notes before and after this
        one in time are looked at, of its lane and of all, until there are enough: the cost has a bound however many
        notes a tag has. All are looked at if they are no more than NEAR and this one.
        """
        here = self._index[note.docname]
        traits, weigh = self._traits, self._weights
        lane, day, mine = traits[here]
        beside = {self._index[other.docname] for other in (self.newer(note), self.older(note)) if other}
        near: set[int] = set()
        weight = 0
        keys = [(sum([weigh[slug] for slug in slugs]), slugs) for slugs in alone_and_paired(mine)]
        for its_weight, slugs in sorted(keys, reverse=True):
            if its_weight != weight and len(near - beside) > count:
                break
            weight = its_weight
            for found in (self._sharing["", slugs], self._sharing[lane, slugs]):
                place = bisect_left(found, here)
                near.update(found[max(0, place - NEAR) : place + NEAR + 1])
        near.discard(here)
        distances = []
        for index in near:
            its_lane, its_day, slugs = traits[index]
            shared = sorted([weigh[slug] for slug in mine if slug in slugs])
            distances.append(
                (index in beside, -sum(shared[-2:]), -sum(shared), its_lane != lane, abs(its_day - day), index)
            )
        distances.sort()
        return tuple(self.notes[index] for *_, index in distances[:count])

    @cached_property
    def co_occurring_tags(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each tag, by its slug: those that notes have beside it, with the number of these notes, most first.

        Tags with one number are in the order of their names. Linear in the notes, and in the square of the tags of one.
        """
        order = {tag.slug: index for index, tag in enumerate(self.tags)}
        found: dict[str, list[tuple[str, int]]] = {slug: [] for slug in order}
        for (lane, slugs), notes in self._sharing.items():
            if not lane and len(slugs) == 2:
                for one, other in (slugs, slugs[::-1]):
                    found[one].append((other, len(notes)))
        return {
            slug: tuple(sorted(others, key=lambda item: (-item[1], order[item[0]]))) for slug, others in found.items()
        }

    @cached_property
    def _index(self) -> dict[str, int]:
        """Where among all notes each one stands, by docname."""
        return {note.docname: index for index, note in enumerate(self.notes)}

    @cached_property
    def _traits(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """The lane of each note, its day, and the slugs of its tags in their alphabetical order."""
        slugs = frontmatter.slug
        return [(note.lane, note.date.toordinal(), tuple(sorted({*map(slugs, note.tags)}))) for note in self.notes]

    @cached_property
    def _sharing(self) -> dict[tuple[str, tuple[str, ...]], list[int]]:
        """Where the notes stand that have a tag, or two of them together, by lane (no name for all) and slugs."""
        found: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for index, (lane, _day, mine) in enumerate(self._traits):
            for slugs in alone_and_paired(mine):
                found.setdefault(("", slugs), []).append(index)
                found.setdefault((lane, slugs), []).append(index)
        return found

    @cached_property
    def _weights(self) -> dict[str, int]:
        """1 / log2(1 + n) for the n notes of each tag, as whole millionths of a sixteenth: equal on every machine.

        The length in bits of (1 + n) ** 16 is sixteen times its logarithm, rounded down, and one.
        """
        return {tag.slug: 10**6 // ((1 + len(tag.notes)) ** 16).bit_length() for tag in self.tags}


def alone_and_paired(slugs: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Each slug by itself, then each pair of them."""
    return [*((slug,) for slug in slugs), *combinations(slugs, 2)]


def _names(slug: str, notes: list[Note]) -> Iterator[str]:
    return (name for note in notes for name in note.tags if frontmatter.slug(name) == slug)
