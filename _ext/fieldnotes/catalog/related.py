"""Find notes that share tags, and tags that occur together."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter import slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

NEAR = 8
"""Notes on either side of a note, by date, that are compared with it for each of its tags."""


class SharedTags:
    """An index of the notes by their tags, in time linear in both."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tags = [tuple(sorted({*map(slug, note.tags)})) for note in catalog.notes]
        self._positions = {note.docname: position for position, note in enumerate(catalog.notes)}
        self._notes: dict[str, list[int]] = {}
        """The positions of the notes of each tag, ascending."""
        for position, tags in enumerate(self._tags):
            for tag in tags:
                self._notes.setdefault(tag, []).append(position)

    @cached_property
    def _weights(self) -> dict[str, int]:
        """The weight of each tag by slug: 1 / log2(1 + n) for n notes, in integers that are equal on every machine.

        The bit length of (1 + n) ** 16 is 16 * log2(1 + n), rounded down, plus 1.
        """
        return {tag.slug: 10**6 // ((1 + len(tag.notes)) ** 16).bit_length() for tag in self._catalog.tags}

    def related_notes(self, note: Note, count: int) -> tuple[Note, ...]:
        """Find the ``count`` closest notes that share a tag with ``note``, the closest first.

        Rare tags that two notes share bring them together: first the two rarest, then all of them. A tag of n notes
        weighs 1 / log2(1 + n) (Adamic and Adar, "Friends and neighbors on the Web", 2003). Of equally close ones, notes
        of the lane, those nearer in time, and newer ones come first; the next newer and older note of the lane come
        last, for the page links to them anyway.

        The cost does not grow with the notes of a tag: of each, the NEAR notes before and after ``note`` are compared.
        """
        catalog, weights = self._catalog, self._weights
        here = self._positions[note.docname]
        tags = self._tags[here]
        neighbours = {self._positions[other.docname] for other in (catalog.newer(note), catalog.older(note)) if other}
        near: set[int] = set()
        for positions in map(self._notes.__getitem__, tags):
            place = bisect_left(positions, here)
            near.update(positions[max(0, place - NEAR) : place + NEAR + 1])
        near.discard(here)

        def distance(position: int) -> tuple[bool, int, int, bool, int, int]:
            other, theirs = catalog.notes[position], self._tags[position]
            shared = sorted([weights[tag] for tag in tags if tag in theirs])
            days = abs((other.date - note.date).days)
            return position in neighbours, -sum(shared[-2:]), -sum(shared), other.lane != note.lane, days, position

        return tuple(catalog.notes[position] for position in sorted(near, key=distance)[:count])

    @cached_property
    def co_occurring_tags(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each tag, by slug: the tags that notes have together with it, and the number of these notes.

        The most frequent come first, equal ones in the order of ``catalog.tags``.
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
