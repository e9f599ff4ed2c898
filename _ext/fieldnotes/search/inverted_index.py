"""Build an inverted index of the notes' terms, in shards, so that a query loads few files.

The files are JSON compressed with gzip, so that they are small on any server:

``overview``
    Notes, lanes, tags and labs, the settings of the search, and the names of the other files. It is loaded first.
``terms-<digest>``
    A range of terms in order. Each is the term, the other words with its stem, and its postings: for each note its
    distance from the previous one, and what ``postings_of`` returns.
``words-<digest>``
    The words of the notes, and the bit length of the number of notes with each: the nearest one replaces a word that
    no note has.
``notes/<name>``
    The sections of a note, for excerpts.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import Stemmer

from fieldnotes.search.terms import STOP_WORDS, PieceCache

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fieldnotes.search.sections import Section

OVERVIEW, NOTES = "overview", "notes"

TITLE, TAG, HEADING, TEXT, ASIDE = (1 << bit for bit in range(5))
"""Kinds of occurrences of a term, which rank differently."""

SHARD_SIZE = 16_000
"""Characters of a file of terms, about a third of that in bytes. A query loads one file for each word."""

BLOCK_GAP, SECTION_GAP = 4, 20
"""Positions that are skipped after a block and a section, so that no phrase spans two."""

Postings = dict[str, str]
"""The terms of a note, each with the kinds of its occurrences as bits, their number, the first position, and gaps."""


def postings_of(
    title: str, tags: Sequence[str], facts: Sequence[str], sections: Sequence[Section], pieces: PieceCache
) -> tuple[Postings, int]:
    """Return the terms of a note, and the word count of its text. ``facts`` are its lane, its date and its authors."""
    kinds: defaultdict[str, int] = defaultdict(int)
    positions: defaultdict[str, list[int]] = defaultdict(list)
    position = length = 0

    def add(text: str, kind: int, gap: int) -> None:
        nonlocal position, length
        start = position
        for piece in pieces.split(text):
            for offset, term in piece.terms:
                kinds[term] |= kind
                positions[term].append(position + offset)
            position += piece.size
        length += (position - start) * (kind == TEXT)
        position += gap

    add(title, TITLE, SECTION_GAP)
    for tag in tags:
        add(tag, TAG, SECTION_GAP)
    for section in sections:
        add(section.heading, ASIDE if section.aside else HEADING, BLOCK_GAP)
        for block in section.text.split("\n"):
            add(block, ASIDE if section.aside else TEXT, BLOCK_GAP)
        position += SECTION_GAP
    for fact in facts:
        add(fact, ASIDE, SECTION_GAP)
    return {term: _posting(kinds[term], places) for term, places in positions.items()}, length


def _posting(kinds: int, positions: list[int]) -> str:
    if len(positions) == 1:
        return f"{kinds},1,{positions[0]}"
    gaps = ",".join([str(after - before) for before, after in pairwise(positions)])
    return f"{kinds},{len(positions)},{positions[0]},{gaps}"


def index_files(notes: Sequence[Postings], overview: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the files of an index except those of the notes, each a path and its content before it is packed.

    The notes are in the order of the overview, to which the names of the other files and the stop words are added.
    """
    terms: defaultdict[str, list[str]] = defaultdict(list)
    last: dict[str, int] = {}
    for number, postings in enumerate(notes):
        for term, posting in postings.items():
            terms[term].append(f"{number - last.get(term, 0)},{posting}")
            last[term] = number
    for term in [term for term in terms if term.isupper() and len(terms[term]) == len(terms.get(term.lower(), ()))]:
        del terms[term]  # all notes with this word have it in capitals, so they tell no notes apart
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
    """Return the content of a note's file: a JSON list of its sections, each with id, heading, text and aside."""
    return _json([[section.id, section.heading, section.text, int(section.aside)] for section in sections])


def pack(content: str) -> bytes:
    """Compress a file of the index; equal contents give equal bytes."""
    return gzip.compress(content.encode(), mtime=0)


def _shards(terms: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Divide the terms into files; yields the first term of each, and its content as JSON."""
    families: defaultdict[str, list[str]] = defaultdict(list)
    words = sorted(term for term in terms if term.isalpha() and not term.isupper())
    for word, stem in zip(words, Stemmer.Stemmer("english").stemWords(words), strict=True):
        families[stem].append(word)
    relatives = {word: [other for other in family if other != word] for family in families.values() for word in family}
    first, shard, size = "", [""], 0
    for term in sorted(terms):
        entry = f"[{_json(term)},{_json(' '.join(relatives.get(term, [])))},[{','.join(terms[term])}]]"
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
