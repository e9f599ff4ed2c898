"""Drive Pagefind's indexer: pages in, a folder of index files out.

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
    from pathlib import Path
    from typing import IO

CHUNK = "5000"
"""Places of words in one file of the index, a quarter of Pagefind's own: a word of a query loads a quarter of it."""

GRACE = 60
"""Seconds for the service to end after its answer."""

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


def write_index(pages: Iterable[tuple[str, str]], folder: Path) -> None:
    """Index ``pages``, each an address and its HTML, in this order; write the index into ``folder``, which is new.

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
    errors: list[str] = []
    done = threading.Event()
    reader = threading.Thread(target=_listen, args=(service.stdout, errors, done))
    reader.start()
    number = count()
    try:
        _send(service.stdin, next(number), type="NewIndex", config=OPTIONS)
        for url, html in pages:
            page = {"url": url, "file_contents": html, "file_path": None}
            _send(service.stdin, next(number), type="AddFile", index_id=0, **page)
        _send(service.stdin, next(number), type="WriteFiles", index_id=0, output_path=str(folder))
        service.stdin.flush()
        reader.join()
        service.stdin.close()
        service.wait(GRACE)  # it answers before its last file has reached the disk, and ends when that has
    except subprocess.TimeoutExpired:
        errors.append("Pagefind's program does not end")
    except BrokenPipeError:
        reader.join()
    finally:
        service.kill()
        service.wait()
        service.stdout.close()
    if errors or not done.is_set() or not (folder / "pagefind-entry.json").is_file():
        raise IndexingError("; ".join(errors) or "Pagefind's program ended before the index was written")
    try:
        _put_in_order(folder)
    except (ValueError, EOFError, OSError) as error:
        raise IndexingError(f"the index is not whole: {error}") from error


def _put_in_order(folder: Path) -> None:
    """Sort the facets and their values, which Pagefind writes in the order of a hash table that differs each time.

    They are CBOR behind a mark, gzipped, and named by their content: the overview of the index names them, and
    ``pagefind-entry.json`` names the overview.
    """
    (overview,) = folder.glob("pagefind.*.pf_meta")
    version, pages, chunks, facets, *rest = _decode(overview)
    named = []
    for name, part in sorted(facets):
        path = folder / f"filter/{part}.pf_filter"
        _name, values = _decode(path)
        data = _encode([name, sorted(values)])
        path.unlink()
        named.append([name, f"en_{hashlib.sha256(data).hexdigest()[:7]}"])
        (folder / f"filter/{named[-1][1]}.pf_filter").write_bytes(data)
    data = _encode([version, pages, chunks, named, *rest])
    entry = json.loads((folder / "pagefind-entry.json").read_text(encoding="utf-8"))
    entry["languages"]["en"]["hash"] = f"en_{hashlib.sha256(data).hexdigest()[:10]}"
    overview.unlink()
    (folder / f"pagefind.{entry['languages']['en']['hash']}.pf_meta").write_bytes(data)
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    (folder / "pagefind-entry.json").write_text(text, encoding="utf-8")


def _decode(path: Path) -> list[Any]:
    found: list[Any] = cbor2.loads(gzip.decompress(path.read_bytes()).removeprefix(MARK))
    return found


def _encode(content: list[Any]) -> bytes:
    return gzip.compress(MARK + cbor2.dumps(content), mtime=0)


def _send(stream: IO[bytes], number: int, **payload: Any) -> None:
    message = {"message_id": number, "payload": payload}
    stream.write(base64.b64encode(json.dumps(message).encode()) + b",")


def _listen(stream: IO[bytes], errors: list[str], done: threading.Event) -> None:
    """Take the answers as they come, so that the service never waits for its reader, up to the last one."""
    rest = b""
    while chunk := stream.read1(1 << 16):  # type: ignore[attr-defined]
        *messages, rest = (rest + chunk).split(b",")
        for message in messages:
            payload = json.loads(base64.b64decode(message))["payload"]
            if payload["type"] == "Error":
                errors.append(str(payload.get("message")))
            if payload["type"] == "WriteFiles":
                done.set()
                return
