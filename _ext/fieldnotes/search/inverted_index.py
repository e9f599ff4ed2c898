"""Make the index of the search: which note has which term, and where, in files of which a query loads few.

The files are JSON, compressed with gzip whatever server they come from:

``overview``
    Notes, lanes, tags and labs, the settings of the search, and the names of the other files: the first that is loaded.
``terms-<digest>``
    Terms from one to another, in order: each is the term, the other words with its stem, and its postings: for each
    note its distance from the one before, and what ``postings_of`` gives.
``words-<digest>``
    The words of the notes, and how many notes have each: the nearest stands in for a word that no note has.
``notes/<name>``
    The sections of a note, to show what was found.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import Stemmer

from fieldnotes.search.terms import STOP_WORDS, Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fieldnotes.search.sections import Section

OVERVIEW, NOTES = "overview", "notes"

TITLE, TAG, HEADING, TEXT, ASIDE = (1 << bit for bit in range(5))
"""Kinds of places of a term, which rank differently."""

SHARD_SIZE = 16_000
"""Characters of a file of terms: about a third in bytes. A query loads one for each word."""

BLOCK_GAP, SECTION_GAP = 4, 20
"""Places between blocks and sections, so that no phrase reaches across."""

Postings = dict[str, str]
"""The terms of a note, each with the kinds of its places as bits, their number, the first, and the distances."""


def postings_of(
    title: str, tags: Sequence[str], facts: Sequence[str], sections: Sequence[Section], words: Words
) -> tuple[Postings, int]:
    """The terms of a note, and the number of words of its text. ``facts`` are its lane, its date and its authors."""
    kinds: defaultdict[str, int] = defaultdict(int)
    places: defaultdict[str, list[int]] = defaultdict(list)
    place = length = 0

    def add(text: str, kind: int, gap: int) -> None:
        nonlocal place, length
        start = place
        for piece in words.of(text):
            for offset, term in piece.terms:
                kinds[term] |= kind
                places[term].append(place + offset)
            place += piece.size
        length += (place - start) * (kind == TEXT)
        place += gap

    add(title, TITLE, SECTION_GAP)
    for tag in tags:
        add(tag, TAG, SECTION_GAP)
    for section in sections:
        add(section.heading, ASIDE if section.aside else HEADING, BLOCK_GAP)
        for block in section.text.split("\n"):
            add(block, ASIDE if section.aside else TEXT, BLOCK_GAP)
        place += SECTION_GAP
    for fact in facts:
        add(fact, ASIDE, SECTION_GAP)
    return {term: _posting(kinds[term], at) for term, at in places.items()}, length


def _posting(kinds: int, places: list[int]) -> str:
    if len(places) == 1:
        return f"{kinds},1,{places[0]}"
    distances = ",".join([str(after - before) for before, after in pairwise(places)])
    return f"{kinds},{len(places)},{places[0]},{distances}"


def index_files(notes: Sequence[Postings], overview: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The files of an index but those of the notes, each a path and its content before it is packed.

    The notes are in the order of the overview, which is given without what follows from their terms.
    """
    terms: defaultdict[str, list[str]] = defaultdict(list)
    last: dict[str, int] = {}
    for number, postings in enumerate(notes):
        for term, posting in postings.items():
            terms[term].append(f"{number - last.get(term, 0)},{posting}")
            last[term] = number
    for term in [term for term in terms if term.isupper() and len(terms[term]) == len(terms.get(term.lower(), ()))]:
        del terms[term]  # written in capitals everywhere
    shards = []
    for first, shard in _shards(terms):
        shards.append([first, name := f"terms-{_digest(shard)}"])
        yield name, shard
    words = sorted(term for term in terms if len(term) > 3 and term.isalpha() and not term.isupper())
    vocabulary = _json([" ".join(words), "".join(str(min(len(terms[term]).bit_length(), 9)) for term in words)])
    yield f"words-{_digest(vocabulary)}", vocabulary
    stop = " ".join(sorted(STOP_WORDS))
    yield OVERVIEW, _json({**overview, "shards": shards, "words": f"words-{_digest(vocabulary)}", "stop": stop})


def text_file(sections: Sequence[Section]) -> str:
    """The content of the file of a note."""
    return _json([[section.id, section.heading, section.text, int(section.aside)] for section in sections])


def pack(content: str) -> bytes:
    """The bytes of a file of the index."""
    return gzip.compress(content.encode(), mtime=0)


def _shards(terms: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Files of terms, each with its first term."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    alike = sorted(term for term in terms if term.isalpha() and not term.isupper())
    for term, stem in zip(alike, Stemmer.Stemmer("english").stemWords(alike), strict=True):
        families[stem].append(term)
    family = {term: [other for other in group if other != term] for group in families.values() for term in group}
    first, shard, size = "", [""], 0
    for term in sorted(terms):
        entry = f"[{_json(term)},{_json(' '.join(family.get(term, [])))},[{','.join(terms[term])}]]"
        if size and size + len(entry) > SHARD_SIZE:
            yield first, f"[{','.join(shard)}]"
            size = 0
        if not size:
            first, shard = term, []
        shard.append(entry)
        size += len(entry)
    if size:
        yield first, f"[{','.join(shard)}]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:8]
