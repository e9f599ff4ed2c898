"""Splitting a list of notes into pages."""

from __future__ import annotations

import pytest
from fieldnotes.pages.note_lists import PAGE_SIZE, paginate
from fieldnotes.sources.language import Language
from fieldnotes.sources.note import Note
from hypothesis import given
from hypothesis import strategies as st


def notes_with_names(count: int) -> tuple[Note, ...]:
    """Notes with only a docname, newest first."""
    return tuple(Note.model_construct(docname=f"notes/{number}") for number in range(count, 0, -1))


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (49, [49]), (50, [50]), (51, [1, 50]), (100, [50, 50]), (101, [1, 50, 50])]
)
def test_paginate_fills_every_page_but_the_first(count: int, sizes: list[int]) -> None:
    assert [len(page.notes) for page in paginate("tags/x", notes_with_names(count))] == sizes


@given(st.integers(0, 500), st.integers(1, 120))
def test_paginate_leaves_older_pages_unchanged(count: int, more: int) -> None:
    notes = notes_with_names(count + more)
    before, after = paginate("tags/x", notes[more:]), paginate("tags/x", notes)
    assert [note for page in after for note in page.notes] == list(notes)
    assert all(len(page.notes) == PAGE_SIZE for page in after[1:])
    assert 1 <= len(after[0].notes) <= PAGE_SIZE
    places = {page.pagename: page.notes for page in after}
    assert all(places[page.pagename] == page.notes for page in before[1:])


def test_list_page_links_to_its_neighbors() -> None:
    pages = paginate("tags/x", notes_with_names(151))
    assert [page.pagename for page in pages] == ["tags/x", "tags/x/3", "tags/x/2", "tags/x/1"]
    assert [{link["rel"]: link["page"] for link in page.links(Language())} for page in pages] == [
        {"next": "tags/x/3", "last": "tags/x/1"},
        {"first": "tags/x", "prev": "tags/x", "next": "tags/x/2", "last": "tags/x/1"},
        {"first": "tags/x", "prev": "tags/x/3", "next": "tags/x/1", "last": "tags/x/1"},
        {"first": "tags/x", "prev": "tags/x/2"},
    ]
    assert [page.older for page in pages] == ["tags/x/3", "tags/x/2", "tags/x/1", None]
