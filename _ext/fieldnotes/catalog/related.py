"""Find notes that share tags, and tags that occur together."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter_fields import slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

WINDOW = 8
"""The number of notes before and after a note, by date, that are compared with it for each of its tags."""


class SharedTags:
    """An index of notes by tag, built in linear time."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tags = [tuple(sorted({*map(slug, note.tags)})) for note in catalog.notes]
        self._positions = {note.docname: position for position, note in enumerate(catalog.notes)}
        self._positions_by_tag: dict[str, list[int]] = {}
        """The positions of the notes of each tag, ascending."""
        for position, tags in enumerate(self._tags):
            for tag in tags:
                self._positions_by_tag.setdefault(tag, []).append(position)

    @cached_property
    def _weights(self) -> dict[str, int]:
        """The weight of each tag, by slug: 1 / log2(1 + n) for n notes, as an integer that is equal on every machine.

        The bit length of (1 + n) ** 16 is 16 * log2(1 + n), rounded down, plus 1.
        """
        return {tag.slug: 10**6 // ((1 + len(tag.notes)) ** 16).bit_length() for tag in self._catalog.tags}

    def related_notes(self, note: Note, count: int) -> tuple[Note, ...]:
        """Find the ``count`` notes that are closest to ``note`` by the tags they share, closest first.

        The two rarest shared tags decide, then all of them: a tag of n notes weighs 1 / log2(1 + n) (Adamic and Adar,
        "Friends and neighbors on the Web", 2003). Ties go to notes of the lane, then to those nearer in time, then to
        newer ones. The next newer and older note of the lane come last, since the page links to them anyway.

        The cost does not grow with the notes of a tag: for each, WINDOW notes before and after ``note`` are compared.
        """
        catalog, weights = self._catalog, self._weights
        here = self._positions[note.docname]
        tags = self._tags[here]
        adjacent = {self._positions[other.docname] for other in (catalog.newer(note), catalog.older(note)) if other}
        candidates: set[int] = set()
        for positions in map(self._positions_by_tag.__getitem__, tags):
            index = bisect_left(positions, here)
            candidates.update(positions[max(0, index - WINDOW) : index + WINDOW + 1])
        candidates.discard(here)

        def distance(position: int) -> tuple[bool, int, int, bool, int, int]:
            other, other_tags = catalog.notes[position], self._tags[position]
            shared = sorted([weights[tag] for tag in tags if tag in other_tags])
            days = abs((other.date - note.date).days)
            return position in adjacent, -sum(shared[-2:]), -sum(shared), other.lane != note.lane, days, position

        return tuple(catalog.notes[position] for position in sorted(candidates, key=distance)[:count])

    @cached_property
    def co_occurring_tags(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each tag, by slug: the tags that share notes with it, and the number of these notes.

        The most frequent come first, ties in the order of ``catalog.tags``.
        """
        order = {tag.slug: position for position, tag in enumerate(self._catalog.tags)}
        counts: dict[str, Counter[str]] = {tag: Counter() for tag in order}
        for tags in self._tags:
            for tag, other in permutations(tags, 2):
                counts[tag][other] += 1
        return {
            tag: tuple(sorted(others.items(), key=lambda item: (-item[1], order[item[0]])))
            for tag, others in counts.items()
        }
