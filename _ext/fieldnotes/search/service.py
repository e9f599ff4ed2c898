"""Drive Pagefind's indexer: pages in, the files of an index out.

Pagefind's program is run as a service, the mode that its own clients use: a request is JSON in base64 that ends with a
comma, and so is its answer. With Pagefind 1.5.2 no documented way is both fast and reproducible: the command line
indexes pages in the order of the file system, and the wheel's Python client sleeps 0.1 s before it reads each answer,
15.6 s for 150 pages that take 0.8 s here.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pagefind.service import get_executable

from fieldnotes.search.facets import sort_facets

if TYPE_CHECKING:
    from collections.abc import Iterable

ENTRY = "pagefind-entry.json"
"""The first file that a search loads; it names the overview."""

PROGRAM = (ENTRY, "pagefind.js", "wasm.en.pagefind")
"""Files that search in the browser; Pagefind's other ones are interfaces that the journal does not use."""

DATA = (".pf_meta", ".pf_index", ".pf_filter", ".pf_fragment")
"""Files of the overview, the words, the facets and the notes, in this order."""

CHUNK_SIZE = "3000"
"""Places of words in one file of the index, in place of Pagefind's 20,000. A query loads a file for each word."""

OPTIONS = {
    "force_language": "en",
    "include_characters": "+#-",
    "exclude_selectors": [".headerlink", ".trail", ".note-line", "p.tags"],
}
"""Settings of the index: https://pagefind.app/docs/config-options/. With its hyphens, `--all` is not `all`."""


TIME_LIMIT = 120
"""Seconds that Pagefind may take for one answer. It takes 20 s for its longest, the files of 10,000 notes."""


class IndexingError(Exception):
    """Pagefind failed; the message is its reason."""


def index_pages(pages: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """Index pages, each an address and its HTML; return the files of the index by path.

    The same pages in the same order give the same bytes. Pagefind holds the whole index in memory: 1.4 GB for 10,000
    notes. Raise IndexingError.
    """
    program = get_executable()
    if program is None:
        raise IndexingError("Pagefind is not installed; install requirements.txt")
    environment = {**os.environ, "PAGEFIND_UNSTABLE_INDEX_CHUNK_SIZE": CHUNK_SIZE}
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen([program, "--service"], stdin=pipe, stdout=pipe, env=environment) as service:
            try:
                _ask(service, "NewIndex", config=OPTIONS)
                for url, html in pages:
                    _ask(service, "AddFile", index_id=0, url=url, file_contents=html, file_path=None)
                # Not WriteFiles: Pagefind answers it before the files are on the disk.
                answer = _ask(service, "GetFiles", index_id=0)
            finally:
                service.kill()
                with suppress(BrokenPipeError):  # closing flushes what could not be written
                    service.communicate()
    except OSError as error:
        raise IndexingError(f"Pagefind cannot be run: {error}") from error
    files = {file["path"]: base64.b64decode(file["content"]) for file in answer["files"]}
    files = {path: data for path, data in files.items() if path in PROGRAM or path.endswith(DATA)}
    sort_facets(files, ENTRY)
    return files


def _ask(service: subprocess.Popen[bytes], kind: str, **request: Any) -> dict[str, Any]:
    """Send one request and wait for its answer, so that neither side waits with a full pipe."""
    timer = threading.Timer(TIME_LIMIT, service.kill)
    start = time.monotonic()
    timer.start()
    try:
        message = {"message_id": 0, "payload": {"type": kind, **request}}
        answer = _exchange(service, base64.b64encode(json.dumps(message).encode()) + b",")
        payload: dict[str, Any] = json.loads(base64.b64decode(answer))["payload"]
    except BrokenPipeError as error:
        if time.monotonic() - start < TIME_LIMIT:
            raise IndexingError("Pagefind ended before it answered") from error
        raise IndexingError(f"Pagefind did not answer within {TIME_LIMIT} s; build again") from error
    except ValueError as error:
        raise IndexingError(f"Pagefind's answer cannot be read: {error}") from error
    finally:
        timer.cancel()
    if payload["type"] == "Error":
        raise IndexingError(f"{request.get('url', kind)}: {payload['message']}")
    return payload


def _exchange(service: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Write a request, and read the answer up to the comma that ends it."""
    assert service.stdin is not None
    assert service.stdout is not None
    service.stdin.write(request)
    service.stdin.flush()
    answer = bytearray()
    while not answer.endswith(b","):
        part = os.read(service.stdout.fileno(), 1 << 20)
        if not part:
            raise BrokenPipeError
        answer += part
    return bytes(answer[:-1])
