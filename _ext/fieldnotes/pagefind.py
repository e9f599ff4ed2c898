"""Drive Pagefind's indexer: pages in, the files of an index out.

The binary of the wheel is used as a service, which takes requests as JSON in base64, each ended by a comma, and answers
each in turn. Of the three ways to run it, it is the one that serves: the command line takes pages in the order in which
the file system lists them, and its index differs with that order; the wheel's own Python client sleeps a tenth of a
second for each answer, which is three minutes for 1,600 notes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import subprocess
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import cbor2
from pagefind.service import get_executable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

CHUNK = "2500"
"""Places of words in one file of the index, an eighth of Pagefind's own: a word of a query loads an eighth of it."""

ENTRY = "pagefind-entry.json"
"""The file that a search begins with."""

MARK = b"pagefind_dcd"
"""What the content of each binary file of the index begins with."""

OPTIONS = {
    "force_language": "en",
    "include_characters": "+#",
    "exclude_selectors": [".headerlink", ".trail", ".note-line", "p.tags"],
}
"""Settings of the index: see https://pagefind.app/docs/config-options/."""


class IndexingError(Exception):
    """Pagefind could not make the index; says why."""


def index(pages: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """Index ``pages``, each an address and its HTML, in this order; gives the files of the index by their paths.

    The same pages give the same bytes. Raises IndexingError.
    """
    program = get_executable()
    if program is None:
        raise IndexingError("Pagefind's program is not installed; install requirements.txt")
    try:
        environment = {**os.environ, "PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": CHUNK}
        service = subprocess.Popen(
            [program, "--service"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
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
    if answers.errors or ENTRY not in answers.files:
        raise IndexingError("; ".join(answers.errors) or "Pagefind's program ended before the index was made")
    return _in_order(answers.files)


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


def _in_order(files: dict[str, bytes]) -> dict[str, bytes]:
    """Sort the facets and their values, which Pagefind writes in the order of a hash table that differs each time.

    They are CBOR behind a mark, gzipped, and named by their content: the overview of the index names them, and the
    entry names the overview.
    """
    entry = json.loads(files[ENTRY])
    language = entry["languages"].get("en")
    if language is None:  # no page
        return files
    version, pages, chunks, facets, *rest = _decode(files.pop(f"pagefind.{language['hash']}.pf_meta"))
    named = []
    for facet, part in sorted(facets):
        _facet, values = _decode(files.pop(f"filter/{part}.pf_filter"))
        data = _encode([facet, sorted(values)])
        named.append([facet, f"en_{hashlib.sha256(data).hexdigest()[:7]}"])
        files[f"filter/{named[-1][1]}.pf_filter"] = data
    data = _encode([version, pages, chunks, named, *rest])
    language["hash"] = f"en_{hashlib.sha256(data).hexdigest()[:10]}"
    files[f"pagefind.{language['hash']}.pf_meta"] = data
    files[ENTRY] = json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
    return files


def _decode(data: bytes) -> list[Any]:
    found: list[Any] = cbor2.loads(gzip.decompress(data).removeprefix(MARK))
    return found


def _encode(content: list[Any]) -> bytes:
    return gzip.compress(MARK + cbor2.dumps(content), mtime=0)
