"""Related notes and co-occurring tags, ranked for arbitrary catalogs."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from itertools import combinations

import pytest
from fieldnotes.catalog import related
from fieldnotes.catalog.model import Catalog
from fieldnotes.sources.dates import Day
from fieldnotes.sources.front_matter_fields import slug
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.note import Note
from hypothesis import given
from hypothesis import strategies as st

LANES = ("ai-systems", "data-platforms", "bigdata")


def catalog_of(notes: list[tuple[str, int, set[str]]]) -> Catalog:
    """A catalog of notes, each given by its lane, day and tags."""
    lanes = [
        Lane.model_construct(docname=f"lanes/{name}", title=name, number=number) for number, name in enumerate(LANES)
    ]
    all_notes = [
        Note.model_construct(
            docname=f"notes/{index}",
            title=f"N{index}",
            lane=lane,
            date=Day.at(
                datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=day), has_time=False
            ),
            tags=tuple(sorted(tags)),
        )
        for index, (lane, day, tags) in enumerate(notes)
    ]
    return Catalog(tuple(lanes), tuple(sorted(all_notes, key=lambda note: note.order)))


CATALOGS = st.lists(
    st.tuples(
        st.sampled_from(LANES), st.integers(0, 9), st.sets(st.sampled_from("abcdefghij"), min_size=1, max_size=4)
    ),
    max_size=30,
).map(catalog_of)


def weights(catalog: Catalog) -> dict[str, int]:
    """The weights as in the docstring of `related_notes`, computed with `math.log2` and rounded as in the module."""
    return {tag.slug: 10**6 // (math.floor(16 * math.log2(1 + len(tag.notes))) + 1) for tag in catalog.tags}


def distance(catalog: Catalog, weight_of: dict[str, int], note: Note, other: Note) -> tuple[object, ...]:
    shared = sorted((weight_of[slug(name)] for name in {*note.tags} & {*other.tags}), reverse=True)
    return (
        other in (catalog.newer(note), catalog.older(note)),
        -sum(shared[:2]),
        -sum(shared),
        other.lane != note.lane,
        abs((other.date - note.date).days),
        catalog.notes.index(other),
    )


def notes_that_share_a_tag(catalog: Catalog, note: Note) -> list[Note]:
    """The other notes that have a tag of this note."""
    return [other for other in catalog.notes if other is not note and {*note.tags} & {*other.tags}]


@given(CATALOGS, st.integers(1, 4))
def test_related_notes_match_a_comparison_with_every_note(catalog: Catalog, count: int) -> None:
    weight_of = weights(catalog)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(related, "WINDOW", 30)
        for note in catalog.notes:
            expected = sorted(
                notes_that_share_a_tag(catalog, note), key=lambda other: distance(catalog, weight_of, note, other)
            )
            assert catalog.shared_tags.related_notes(note, count) == tuple(expected[:count])


@given(CATALOGS)
def test_related_notes_share_a_tag_and_fill_the_list(catalog: Catalog) -> None:
    for note in catalog.notes:
        names = [other.docname for other in catalog.shared_tags.related_notes(note, 3)]
        others = {other.docname for other in notes_that_share_a_tag(catalog, note)}
        assert len(set(names)) == len(names) == min(3, len(others))
        assert others >= {*names}


@given(CATALOGS)
def test_related_notes_ignore_the_order_of_tags(catalog: Catalog) -> None:
    reversed_tags = [note.model_copy(update={"tags": note.tags[::-1]}) for note in catalog.notes]
    other = Catalog(catalog.lanes, tuple(reversed_tags))
    for note, same in zip(catalog.notes, other.notes, strict=True):
        assert [each.docname for each in catalog.shared_tags.related_notes(note, 3)] == [
            each.docname for each in other.shared_tags.related_notes(same, 3)
        ]


@given(CATALOGS)
def test_co_occurring_tags_are_counted_and_sorted(catalog: Catalog) -> None:
    pairs = Counter(pair for note in catalog.notes for pair in combinations(sorted(note.tags), 2))
    for tag in catalog.tags:
        counts = dict(catalog.shared_tags.co_occurring_tags[tag.slug])
        assert counts == {({*pair} - {tag.name}).pop(): count for pair, count in pairs.items() if tag.name in pair}
        assert list(counts) == sorted(counts, key=lambda other: (-counts[other], other))
