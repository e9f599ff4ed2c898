"""Split text into search terms. ``_static/search/query.js`` splits a query by the same rules."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from sphinx.search.en import SearchEnglish

if TYPE_CHECKING:
    from collections.abc import Iterator

STOP_WORDS = frozenset(SearchEnglish.stopwords)
"""Stop words, as in Sphinx's search. Here they count within a phrase."""

PIECE = re.compile(r"(?:(?<![\w-])(?:--?|[@$.])(?=[^\W\d]))?\w+(?:(?:[.:@#$+-]{1,2}|['’])\w+)*(?:\+{1,2}|#)?")
"""A word, or an identifier: ``spark.sql.shuffle``, ``--conf``, ``3.5.1``, ``C#``, ``don't``."""

APOSTROPHE = re.compile(r"['’](?:s$)?")
INNER_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|[\W_]+")
"""Where a name is split into words: ``HeartbeatReceiver``, ``HTTPServer``, ``snake_case``."""

VERSION = re.compile(r"(?<![\w.])v?(\d+(?:\.\d+)+\w*)")
"""A version, which is also a term without its `v`, and within a longer name."""
NUMBER = re.compile(r"v?\d{1,3}")
"""A word in a name that is not a term by itself."""

MAX_NAME = 48
"""Maximum characters of a name that is a term as a whole."""


class Piece(NamedTuple):
    """The terms of a piece of text, in lower case and without accents.

    ``terms`` are its words, each with its position among them; and at position 0 the whole, if it has several words,
    and its form in capitals. ``size`` is the number of positions.
    """

    terms: tuple[tuple[int, str], ...]
    size: int


def fold(text: str) -> str:
    """Remove the accents of a text, character for character."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", char)[0] for char in unicodedata.normalize("NFC", text))


class PieceCache(dict[str, Piece]):
    """Analyzed pieces: texts repeat their words, so each is analyzed once."""

    def split(self, text: str) -> Iterator[Piece]:
        """Return the pieces of a text, in order."""
        return map(self.__getitem__, PIECE.findall(fold(text)))

    def __missing__(self, piece: str) -> Piece:
        self[piece] = analyzed = _analyze(piece)
        return analyzed


def _analyze(piece: str) -> Piece:
    name = APOSTROPHE.sub("", piece)
    whole = name.lower()
    words = [word.lower() for word in INNER_WORD.split(name) if word]
    if words == [whole]:
        terms = [(0, whole)]
    else:
        words = [word for word in words if len(word) > 1 and not NUMBER.fullmatch(word)]
        names = {whole, *VERSION.findall(whole)}
        terms = [*enumerate(words), *((0, name) for name in sorted(names) if len(name) <= MAX_NAME)]
    if len(name) > 1 and name.isalpha() and name.isupper():
        terms.append((0, name))
    return Piece(tuple(terms), max(1, len(words)))
