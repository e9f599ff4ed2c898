"""Drive Pagefind's indexer: pages in, the files of an index out.

Pagefind makes an index whole. So what it makes of a group of pages is kept as a piece, and the index is joined of the
pieces: after an edit Pagefind sees one group. The files of an index are gzipped, and but for those of the pages they
are CBOR (RFC 8949) behind a mark. `pf_meta` lists the pages, the files of words with the first and last word of each,
and the facets; a `pf_index` has words, each with its pages and its places on each; a `pf_filter` has the pages of each
value of a facet; a `pf_fragment` is a page. A page is known by its number, in a word's list by its distance from
the last: nothing else in what Pagefind makes of a page depends on the others.

The binary of the wheel is used as a service, which takes requests as JSON in base64, each ended by a comma, and answers
each in turn. Of the three ways to run it, it is the one that serves: the command line takes pages in the order in which
the file system lists them, and its index differs with that order; the wheel's own Python client sleeps a tenth of a
second for each answer, which is three minutes for 1,600 notes.
"""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import json
import re
import subprocess
import threading
from itertools import accumulate, count, groupby, islice, pairwise, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2
import deflate
from pagefind.service import get_executable

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
    from typing import IO

CHUNK = 8000
"""Bytes of words that fill a file of the index: a query loads a file for each of its words."""


BEGUN = 3
"""Letters that two words share in one file: for a word that is begun, Pagefind loads a single one."""


FAST, SMALL = 6, 12
"""How hard files are compressed: those of words, of which an edit changes most, and those that any search loads."""


ENTRY = "pagefind-entry.json"
"""The file that a search begins with."""


FRAGMENT = "fragment/{}.pf_fragment"


WASM = "wasm.en.pagefind"


PROGRAM = ("pagefind.js", WASM)
"""What searches in the browser. The rest that Pagefind gives is other interfaces, which the journal has no use for."""


FIELDS = ["date", "lane", "title"]
"""Fields of a page that are searched: those of the head, and not the address of its first picture."""


MARK = b"pagefind_dcd"
"""What the content of each binary file of the index begins with."""


OPTIONS = {
    "force_language": "en",
    "include_characters": "+#-",
    "exclude_selectors": [".headerlink", ".trail", ".note-line", "p.tags"],
}
"""Settings of the index: see https://pagefind.app/docs/config-options/. With its hyphens, `--all` is not `all`."""


NUMBER = rb"(?:[\x00-\x17\x20-\x37]|[\x18\x38].|[\x19\x39]..|[\x1a\x3a]....)"


NUMBERS = rb"(?:[\x80-\x97]|\x98.|\x99..|\x9a....)(?:%b)*+" % NUMBER


PAGE = re.compile(rb"\x83(%b)%b%b" % (NUMBER, NUMBERS, NUMBERS), re.DOTALL)
"""A page that has a word, in CBOR: its distance from the one before, and its places in the text and in the fields."""


class IndexingError(Exception):
    """Pagefind could not make the index; says why."""


Run = tuple[int, int, int, bytes]
"""The pages of one piece that have a word: the numbers, within the piece, of the first and the last of them, how many
they are, and all that Pagefind writes of them after the number of the first.
"""


class Piece(NamedTuple):
    """The index of a few pages."""

    pages: dict[str, int]
    """How many words each page has, by the page's name in the index."""
    words: dict[tuple[str, str], Run]
    """By a word's stem, and its form where that has other signs (`cafe`, `café`), else ""."""
    facets: dict[str, dict[str, list[int]]]
    """For each facet, the numbers of the pages that have each of its values."""


def index(pages: Iterable[tuple[str, str, str]]) -> tuple[dict[str, Piece], dict[str, bytes]]:
    """Index pages, each a group, an address and its HTML, one group after the other.

    Gives a piece for each group, and files that ``join`` takes: those of the pages, and of the program. The same pages
    give the same piece, whatever groups are beside it. Raises IndexingError.
    """
    groups: dict[str, str] = {}

    def contents() -> Iterator[tuple[str, str]]:
        for group, url, html in pages:
            groups[url] = group
            yield url, html

    made = _ask(contents())
    files = {name: made[name] for name in (ENTRY, *PROGRAM)}
    files[WASM] = _zip(_unzip(files[WASM]), SMALL)
    pieces = {group: Piece({}, {}, {}) for group in groups.values()}
    if json.loads(files[ENTRY])["languages"]:  # else no page has a word
        files |= _split(made, pieces, groups)
    return pieces, files


def _ask(pages: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """What Pagefind makes of pages: the files of their index by their paths. Raises IndexingError."""
    program = get_executable()
    if program is None:
        raise IndexingError("Pagefind's program is not installed; install requirements.txt")
    try:
        service = subprocess.Popen([program, "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    except OSError as error:
        raise IndexingError(f"Pagefind's program cannot be run: {error}") from error
    assert service.stdin is not None
    assert service.stdout is not None
    answers = _Answers(service.stdout)
    answers.start()
    number = count()
    try:
        _send(service.stdin, next(number), type="NewIndex", config=OPTIONS)
        for url, html in pages:
            page = {"url": url, "file_contents": html, "file_path": None}
            _send(service.stdin, next(number), type="AddFile", index_id=0, **page)
        # Not asked to write them: it answers, and ends, before what it writes has reached the disk.
        _send(service.stdin, next(number), type="GetFiles", index_id=0)
        service.stdin.flush()
        answers.join()
        service.stdin.close()
    except BrokenPipeError:
        answers.join()
    finally:
        service.kill()
        service.wait()
        service.stdout.close()
    if answers.errors or not answers.files.keys() >= {ENTRY, *PROGRAM}:
        raise IndexingError("; ".join(answers.errors) or "Pagefind's program ended before the index was made")
    return answers.files


def _split(files: Mapping[str, bytes], pieces: Mapping[str, Piece], groups: Mapping[str, str]) -> dict[str, bytes]:
    """Put what Pagefind made into the pieces, ``groups`` has the name of that of each address; gives the pages' files.

    Their names begin with their groups', so that no two are the same.
    """
    own_files: dict[str, bytes] = {}
    (overview,) = [data for path, data in files.items() if path.endswith(".pf_meta")]
    _version, pages, chunks, facets, _sorts, fields = _decode(overview)
    homes: list[tuple[str, int]] = []
    for fragment, length in pages:
        data = files[FRAGMENT.format(fragment)]
        group = groups[json.loads(_unzip(data))["url"]]
        piece = pieces[group]
        if piece.pages and homes[-1][0] != group:
            raise IndexingError("Pagefind gave the pages in another order than it got them")
        homes.append((group, len(piece.pages)))
        name = _name(f"{group}-", data, piece.pages, 5)
        piece.pages[name] = length
        own_files[FRAGMENT.format(name)] = data
    for _first, _last, chunk in chunks:
        data = _unzip(files[f"index/{chunk}.pf_index"])
        for word, postings in _words(data if fields == FIELDS else _known(data, fields)):
            for group, run in _runs(postings, homes):
                pieces[group].words[word] = run
    for facet, part in facets:
        for value, numbers in _decode(files[f"filter/{part}.pf_filter"])[1]:
            for number in numbers:
                group, page = homes[number]
                pieces[group].facets.setdefault(facet, {}).setdefault(value, []).append(page)
    return own_files


def _words(data: bytes) -> Iterator[tuple[tuple[str, str], list[re.Match[bytes]]]]:
    """The words of a file and their forms, each with its pages, which are found and not decoded."""

    def length(at: int) -> tuple[int, int]:
        """How long the array or text is that begins here, and where its content does."""
        more = 1 << (data[at] & 31) - 24 if data[at] & 31 > 23 else 0
        return int.from_bytes(data[at + 1 : at + 1 + more]) if more else data[at] & 31, at + 1 + more

    def text_and_pages(at: int) -> tuple[str, list[re.Match[bytes]], int]:
        size, at = length(at + 1)
        text = data[at : at + size].decode()
        count, at = length(at + size)
        pages = list(islice(PAGE.finditer(data, at), count))
        return text, pages, pages[-1].end() if pages else at

    words, at = length(1)
    for _word in range(words):
        stem, pages, at = text_and_pages(at)
        yield (stem, ""), pages
        forms, at = length(at)
        for _form in range(forms):
            form, pages, at = text_and_pages(at)
            yield (stem, form), pages
    if at != len(data):
        raise IndexingError("Pagefind's index has another form than that of the version which is pinned")


def _runs(pages: list[re.Match[bytes]], homes: Sequence[tuple[str, int]]) -> Iterator[tuple[str, Run]]:
    """The pages of a word, a run for each group; ``homes`` has the group of each page, and its number there."""
    numbers = accumulate(_value(page[1]) for page in pages)
    found = zip((homes[number] for number in numbers), pages, strict=True)
    for group, own in groupby(found, key=lambda one: one[0][0]):
        run = list(own)
        (_group, first), begin = run[0]
        (_group, last), end = run[-1]
        yield group, (first, last, len(run), begin.string[begin.end(1) : end.end()])


def _known(data: bytes, fields: list[str]) -> bytes:
    """A file of words with their places in ``FIELDS`` only. A field is a negative number before the places in it."""

    def known(postings: list[tuple[int, list[int], list[int]]]) -> list[tuple[int, list[int], list[int]]]:
        kept = []
        skipped = 0
        for distance, places, named in postings:
            own: list[int] = []
            field = ""
            for place in named:
                if place < 0:
                    field = fields[-place - 1]
                if field in FIELDS:
                    own.append(-FIELDS.index(field) - 1 if place < 0 else place)
            skipped += distance
            if places or own:
                kept.append((skipped, places, own))
                skipped = 0
        return kept

    (words,) = cbor2.loads(data)
    return cbor2.dumps(
        [[(stem, known(own), [(form, known(its)) for form, its in forms]) for stem, own, forms in words]]
    )


def join(pieces: Iterable[Piece], known: Mapping[str, bytes]) -> dict[str, bytes]:
    """Join pieces, in this order, into an index; gives its files by their paths.

    ``known`` has the files that ``index`` gave, and may have those of an earlier index: what is the same again is taken
    from it. The pages of a word are those of each piece in turn; only the distance to the first of a piece is new.
    """
    pages: list[tuple[str, int]] = []
    words: dict[tuple[str, str], _Word] = {}
    facets: dict[str, dict[str, list[int]]] = {}
    for piece in pieces:
        start = len(pages)
        pages += piece.pages.items()
        for key, (first, last, number, data) in piece.words.items():
            word = words.get(key) or words.setdefault(key, _Word())
            word.data += (b"\x83", _number(start + first - word.last), data)
            word.last = start + last
            word.pages += number
        for facet, values in piece.facets.items():
            for value, numbers in values.items():
                facets.setdefault(facet, {}).setdefault(value, []).extend(start + number for number in numbers)
    if not pages:
        return {}
    files = {path: known[path] for path in (*PROGRAM, *(FRAGMENT.format(name) for name, _length in pages))}
    names: set[str] = set()

    def put(path: str, content: bytes, level: int) -> str:
        name = _name("en_", content, names)
        names.add(name)
        path = path.format(name)
        files[path] = known[path] if path in known and _unzip(known[path]) == content else _zip(content, level)
        return name

    chunks = [(first, last, put("index/{}.pf_index", data, FAST)) for first, last, data in _chunks(words)]
    filters = [
        (facet, put("filter/{}.pf_filter", cbor2.dumps([facet, sorted(values.items())]), SMALL))
        for facet, values in sorted(facets.items())
    ]
    entry = json.loads(known[ENTRY])
    content = cbor2.dumps([entry["version"], pages, chunks, filters, [], FIELDS])
    overview = put("pagefind.{}.pf_meta", content, SMALL)
    entry["languages"] = {"en": {"hash": overview, "wasm": "en", "page_count": len(pages)}}
    files[ENTRY] = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
    return files


class _Word:
    """A word of the index, as far as it is joined."""

    def __init__(self) -> None:
        self.last = self.pages = 0
        self.data: list[bytes] = []

    def encoded(self) -> bytes:
        """Its pages with their places, in CBOR."""
        return _array(self.pages) + b"".join(self.data)


def _chunks(words: Mapping[tuple[str, str], _Word]) -> list[tuple[str, str, bytes]]:
    """The words in files of some ``CHUNK`` bytes, each with its first word and its last, cut as Pagefind cuts them.

    Cut to what tells it from the word at the other side, either still has a word of which a query has the beginning.
    """
    chunks: list[tuple[str, str, bytes]] = []
    held: list[tuple[str, bytes]] = []
    size = 0

    def close() -> None:
        data = b"".join(data for _stem, data in held)
        chunks.append((held[0][0], held[-1][0], b"\x81" + _array(len(held)) + data))
        held.clear()

    for stem, keys in groupby(sorted(words), key=itemgetter(0)):
        forms = {form: words[stem, form] for _stem, form in keys}
        own = forms.pop("", _Word())
        variants = [b"\x82" + cbor2.dumps(form) + word.encoded() for form, word in forms.items()]
        data = b"".join((b"\x83", cbor2.dumps(stem), own.encoded(), _array(len(variants)), *variants))
        if size >= CHUNK and (size >= 2 * CHUNK or stem[:BEGUN] != held[-1][0][:BEGUN]):
            close()
            size = 0
        held.append((stem, data))
        size += len(data)
    if held:
        close()
    for number, (here, there) in enumerate(pairwise(chunks)):
        same = takewhile(lambda pair: pair[0] == pair[1], zip(here[1], there[0], strict=False))
        end = len(list(same)) + 1
        first = chunks[number][0]
        chunks[number] = (first, here[1][:end] if here[1][:end] >= first else here[1], here[2])
        chunks[number + 1] = (there[0][:end], *there[1:])
    return chunks


@functools.cache
def _number(number: int) -> bytes:
    return cbor2.dumps(number)


@functools.cache
def _value(data: bytes) -> int:
    value: int = cbor2.loads(data)
    return value


def _array(length: int) -> bytes:
    """What an array in CBOR begins with: its length as a number's, of major type 4."""
    first, *rest = _number(length)
    return bytes((first | 0x80, *rest))


def _send(stream: IO[bytes], number: int, **payload: Any) -> None:
    message = {"message_id": number, "payload": payload}
    stream.write(base64.b64encode(json.dumps(message).encode()) + b",")


class _Answers(threading.Thread):
    """Takes the answers as they come, so that the service never waits for its reader, up to the last one."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self.stream = stream
        self.errors: list[str] = []
        self.files: dict[str, bytes] = {}

    def run(self) -> None:
        """Read until the files have come, or the service has ended."""
        try:
            self._read()
        except (ValueError, KeyError) as error:
            self.errors.append(f"Pagefind's program gave what is no answer: {error}")

    def _read(self) -> None:
        rest: list[bytes] = []
        while chunk := self.stream.read1(1 << 20):  # type: ignore[attr-defined]
            *whole, last = chunk.split(b",")
            for part in whole:
                payload = json.loads(base64.b64decode(b"".join([*rest, part])))["payload"]
                rest = []
                if payload["type"] == "Error":
                    self.errors.append(str(payload.get("message")))
                if payload["type"] == "GetFiles":
                    self.files = {file["path"]: base64.b64decode(file["content"]) for file in payload["files"]}
                    return
            rest.append(last)


def _name(prefix: str, content: bytes, taken: Container[str], length: int = 7) -> str:
    """A name by its content, in as many digits of its hash as make it another than those that are taken."""
    digest = hashlib.sha256(content).hexdigest()
    names = (prefix + digest[:end] for end in range(length, len(digest) + 1))
    return next(name for name in names if name not in taken)


def _decode(data: bytes) -> list[Any]:
    found: list[Any] = cbor2.loads(_unzip(data))
    return found


def _unzip(data: bytes) -> bytes:
    return gzip.decompress(data).removeprefix(MARK)


def _zip(data: bytes, level: int) -> bytes:
    return bytes(deflate.gzip_compress(MARK + data, level))
