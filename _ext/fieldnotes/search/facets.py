"""Write Pagefind's facets in a fixed order, so that the same notes give the same files.

Pagefind 1.5.2 writes them, and the values of each, in the order of a hash table that differs with every run; its source
plans a stable one. All else in its index follows the order of the pages. Its format is not documented: the overview
(``.pf_meta``) and the file of each facet (``.pf_filter``) are gzipped CBOR (RFC 8949) after a mark, and the files are
named by their content. Delete this module when Pagefind sorts them itself.
"""

from __future__ import annotations

import gzip
import hashlib
from io import BytesIO
from typing import Any

MARK = b"pagefind_dcd"


def sort_facets(files: dict[str, bytes], entry: str) -> None:
    """Sort the facets and their values in the files of an index, given by path; ``entry`` names the overview."""
    for overview in [path for path in files if path.endswith(".pf_meta")]:
        meta = _load(files.pop(overview))
        facets = meta[3]  # after the version, the pages and the files of words
        for facet in facets:
            name, values = _load(files.pop(f"filter/{facet[1]}.pf_filter"))
            facet[1] = _store(files, "filter/{}.pf_filter", [name, sorted(values)])
        facets.sort()
        name = _store(files, "pagefind.{}.pf_meta", meta)
        files[entry] = files[entry].replace(overview.split(".")[1].encode(), name.encode())


def _load(data: bytes) -> Any:
    return _decode(BytesIO(gzip.decompress(data).removeprefix(MARK)))


def _store(files: dict[str, bytes], path: str, value: Any) -> str:
    """Store a value under a name by its content; return the name."""
    content = _encode(value)
    name = "en_" + hashlib.sha256(content).hexdigest()[:10]
    files[path.format(name)] = gzip.compress(MARK + content, mtime=0)
    return name


def _decode(stream: BytesIO) -> Any:
    """Decode an item of CBOR: a number (kind 0), a text (kind 3) or an array (kind 4)."""
    kind, number = divmod(stream.read(1)[0], 32)
    if number > 23:
        number = int.from_bytes(stream.read(1 << number - 24))
    if kind == 3:
        return stream.read(number).decode()
    return [_decode(stream) for _ in range(number)] if kind == 4 else number


def _encode(value: Any) -> bytes:
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    return _head(4, len(value)) + b"".join(map(_encode, value)) if isinstance(value, list) else _head(0, value)


def _head(kind: int, number: int) -> bytes:
    """Encode what an item begins with: its kind and its number, or its length."""
    if number < 24:
        return bytes((kind << 5 | number,))
    size = next(size for size in range(4) if number < 1 << (8 << size))
    return bytes((kind << 5 | 24 + size,)) + number.to_bytes(1 << size)
