"""The index that Pagefind gives for pages, and its facets."""

from __future__ import annotations

import gzip
import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from fieldnotes.search import facets, service
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path

TAGS = [f"Tag {number}" for number in range(30)]


def page(name: str, words: str) -> str:
    tags = "".join(f'<meta content="{tag}" data-pagefind-filter="tag[content]">' for tag in TAGS)
    lane = '<meta content="BigData" data-pagefind-filter="lane[content]" data-pagefind-meta="lane[content]">'
    return f"<html><head>{lane}{tags}</head><body><article><h1>{name}</h1><p>{words}</p></article></body></html>"


def test_same_pages_give_the_same_files() -> None:
    """As of Pagefind 1.5.2, which alone gives three files another name in each run."""
    pages = [(f"{number}.html", page(f"Page {number}", f"shared words, word{number}")) for number in range(3)]
    files = service.index_pages(pages)
    assert service.index_pages(pages) == files


def test_index_has_the_program_the_notes_and_the_facets() -> None:
    """The overview and the files that it names are there under these names, and no interface of Pagefind's."""
    pages = [(f"{number}.html", page(f"Page {number}", "shared words")) for number in range(300)]
    files = service.index_pages(pages)
    language = json.loads(files.pop("pagefind-entry.json"))["languages"]["en"]
    assert language["page_count"] == 300
    version, listed, chunks, named, _sorts, fields = facets._load(files.pop(f"pagefind.{language['hash']}.pf_meta"))
    assert (version, fields) == ("1.5.2", ["lane", "title"])
    urls = [json.loads(content(files.pop(f"fragment/{name}.pf_fragment")))["url"] for name, _words in listed]
    assert urls == [url for url, _html in pages]
    values = [facets._load(files.pop(f"filter/{name}.pf_filter")) for _facet, name in named]
    assert values == [
        ["lane", [["BigData", list(range(300))]]],
        ["tag", [[tag, list(range(300))] for tag in sorted(TAGS)]],
    ]
    for _first, _last, name in chunks:
        assert files.pop(f"index/{name}.pf_index")
    assert files.keys() == {"pagefind.js", "wasm.en.pagefind"}


def content(data: bytes) -> bytes:
    return gzip.decompress(data).removeprefix(b"pagefind_dcd")


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, "00"), (23, "17"), (24, "1818"), (100, "1864"), (1000, "1903e8"), (1000000, "1a000f4240"),
        (1000000000000, "1b000000e8d4a51000"), ("", "60"), ("IETF", "6449455446"), ("\u00fc", "62c3bc"),
        ([], "80"), ([1, [2, 3], [4, 5]], "8301820203820405"), (["a", ["b"]], "826161816162"),
    ],
)  # fmt: skip
def test_cbor_is_that_of_the_standard(value: object, encoded: str) -> None:
    """Examples of RFC 8949, appendix A."""
    assert facets._encode(value).hex() == encoded
    assert facets._decode(BytesIO(bytes.fromhex(encoded))) == value


@given(st.recursive(st.integers(0, 2**64 - 1) | st.text(), lambda items: st.lists(items, max_size=300)))
def test_cbor_decodes_to_what_was_encoded(value: object) -> None:
    assert facets._decode(BytesIO(facets._encode(value))) == value


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("exec sleep 60", "Pagefind did not answer within 1 s; build again"),
        ("exit 1", "Pagefind ended before it answered"),
        ("printf xxxxxxx,; exec sleep 60", "Pagefind's answer cannot be read: Incorrect padding"),
    ],
)
def test_program_that_does_not_answer_is_stopped(
    program: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pagefind"
    file.write_text(f"#!/bin/sh\n{program}\n")
    file.chmod(0o755)
    monkeypatch.setattr(service, "get_executable", lambda: str(file))
    monkeypatch.setattr(service, "TIME_LIMIT", 1)
    with pytest.raises(service.IndexingError) as error:
        service.index_pages([("x.html", "x" * 100_000)])
    assert str(error.value) == reason
