"""Find notes that share tags, and tags that occur together."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from fieldnotes.sources.frontmatter import slug

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

NEAR = 3
"""Notes on either side of a note, by date, that are compared with it for each tag and pair of tags."""


class SharedTags:
    """An index of the notes by their tags and pairs of tags.

    It takes time linear in the notes, and in the square of the number of tags of each.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tags = [tuple(sorted({*map(slug, note.tags)})) for note in catalog.notes]
        self._positions = {note.docname: position for position, note in enumerate(catalog.notes)}
        self._notes: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        """Positions in ``catalog.notes``, by lane ("" for all lanes) and by a tag or a pair of tags."""
        for position, (note, tags) in enumerate(zip(catalog.notes, self._tags, strict=True)):
            for shared in _singles_and_pairs(tags):
                self._notes.setdefault(("", shared), []).append(position)
                self._notes.setdefault((note.lane, shared), []).append(position)

    @cached_property
    def _weights(self) -> dict[str, int]:
        """The weight of each tag, 1 / log2(1 + n) for n notes, in integers that are equal on every machine.

        (1 + n) ** 16 has sixteen times as many bits as log2(1 + n) says, rounded down, plus one.
        """
        return {tag.slug: 10**6 // ((1 + len(tag.notes)) ** 16).bit_length() for tag in self._catalog.tags}

    def related_notes(self, note: Note, count: int) -> tuple[Note, ...]:
        """Find the ``count`` closest notes that share a tag with ``note``, the closest first.

        They are sorted by, in this order: not being next to the note in its lane, since its page links those already;
        the weight of the two rarest tags that they share; the weight of all that they share; the same lane; the
        distance in days; the newer note. A tag of n notes weighs 1 / log2(1 + n) (Adamic and Adar, "Friends and
        neighbors on the Web", 2003): a rare tag says more than a common one, and a new note changes no weights but
        those of its own tags.

        The cost does not grow with the notes of a tag. Pairs of tags and single tags are taken from the heaviest to the
        lightest, until there are enough notes; of each, only the NEAR notes before and after ``note`` are compared,
        in its lane and in all lanes.
        """
        catalog, weights = self._catalog, self._weights
        here = self._positions[note.docname]
        tags = self._tags[here]
        neighbours = {self._positions[other.docname] for other in (catalog.newer(note), catalog.older(note)) if other}
        near: set[int] = set()
        weight = 0
        keys = [(sum([weights[tag] for tag in shared]), shared) for shared in _singles_and_pairs(tags)]
        for next_weight, shared in sorted(keys, reverse=True):
            if next_weight != weight and len(near - neighbours) > count:
                break
            weight = next_weight
            for positions in (self._notes["", shared], self._notes[note.lane, shared]):
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
        counts: dict[str, list[tuple[str, int]]] = {tag: [] for tag in order}
        for (lane, shared), notes in self._notes.items():
            if not lane and len(shared) == 2:
                for one, other in (shared, shared[::-1]):
                    counts[one].append((other, len(notes)))
        return {
            tag: tuple(sorted(others, key=lambda item: (-item[1], order[item[0]]))) for tag, others in counts.items()
        }


def _singles_and_pairs(tags: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [*((tag,) for tag in tags), *combinations(tags, 2)]
