"""A process that has loaded Sphinx and the journal's code, and handles each request in a fork of itself."""

from __future__ import annotations

import contextlib
import filecmp
import importlib
import json
import os
import pickle
import pkgutil
import runpy
import selectors
import socket
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache
from sphinx import jinja2glue
from sphinx.application import builtin_extensions
from sphinx.cmd import build

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

CODE = Path(__file__).parents[2] / "_ext/fieldnotes"


@dataclass
class _Job:
    """A request handled in a fork, which writes the names of the modules that it imports to a pipe."""

    process: int
    connection: socket.socket
    imported: int


def serve(listener: socket.socket) -> None:
    """Handle the requests to a socket, several at a time, until stdin is closed."""
    _load()
    with tempfile.TemporaryDirectory() as folder, selectors.DefaultSelector() as selector:
        _keep_templates(_Templates(folder))
        _finish(_fork(listener))  # by itself: later forks need its imports
        selector.register(sys.stdin, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _events in selector.select():
                if key.fileobj is sys.stdin:
                    return
                if key.fileobj is listener:
                    job = _fork(listener)
                    selector.register(job.imported, selectors.EVENT_READ, job)
                else:
                    selector.unregister(key.fileobj)
                    _finish(key.data)


def _load() -> None:
    sys.path.insert(0, str(CODE.parent))
    fieldnotes = importlib.import_module("fieldnotes")
    modules = pkgutil.walk_packages(fieldnotes.__path__, "fieldnotes.")
    own = [module.name for module in modules if not module.name.startswith("fieldnotes.commands.")]
    for name in (*builtin_extensions, *own):
        importlib.import_module(name)
    importlib.import_module("fieldnotes.sources.language").Language().month(1)  # Babel reads its data once
    sys.path.pop(0)


def _fork(listener: socket.socket) -> _Job:
    connection, _address = listener.accept()
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return _Job(process, connection, reading)
    status = 1
    try:
        loaded = {*sys.modules}
        status = _answer(connection)
        os.write(writing, " ".join(sys.modules.keys() - loaded).encode())
    finally:
        os._exit(status)


def _finish(job: _Job) -> None:
    """Send the exit status, and import the modules that this fork has imported, for all later forks."""
    with os.fdopen(job.imported) as names:
        imported = names.read().split()
    _, status = os.waitpid(job.process, 0)
    with job.connection, contextlib.suppress(OSError):  # the client may be gone
        job.connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    for name in imported:
        with contextlib.suppress(ImportError):  # in a folder that is only on the path of that fork
            importlib.import_module(name)


def _answer(connection: socket.socket) -> int:
    line, streams, _flags, _address = socket.recv_fds(connection, 2**16, 4)
    while not line.endswith(b"\n"):
        line += connection.recv(2**16)
    request = json.loads(line)
    for number, stream in enumerate(streams[:3]):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    os.chdir(request["folder"])
    sys.dont_write_bytecode = True
    try:
        if "call" in request:
            return _call(bytes.fromhex(request["call"]), streams[3])
        if "module" in request:
            return _run_module(request["module"], request["arguments"])
        return _build(request["arguments"], Path(request["source"]))
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _build(arguments: list[str], source: Path) -> int:
    """Run sphinx-build; if the journal's code differs from this one's, unload the modules first."""
    if not _same(filecmp.dircmp(CODE, source / "_ext/fieldnotes")):
        for name in [name for name in sys.modules if name.partition(".")[0] == "fieldnotes"]:
            del sys.modules[name]
    return build.main(arguments)


def _run_module(module: str, arguments: list[str]) -> int:
    sys.argv[1:] = arguments
    sys.path.insert(0, str(Path.cwd()))
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


def _call(pickled: bytes, stream: int) -> int:
    """Call a function, and write its result or exception to a stream."""
    sys.path.insert(0, str(CODE.parent))
    function, arguments, options = pickle.loads(pickled)
    returned = raised = None
    try:
        returned = function(*arguments, **options)
    except Exception as error:
        raised = error
    with os.fdopen(stream, "wb") as outcome:
        pickle.dump((returned, raised), outcome)
    return 0


class _Templates(BytecodeCache):
    """Cache compiled templates for all sites of a server: compiling them takes a third of a small build."""

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name.replace("/", "-")

    def load_bytecode(self, bucket: Bucket) -> None:
        path = self.folder / f"{bucket.key}-{bucket.checksum}"
        if path.exists():
            bucket.bytecode_from_string(path.read_bytes())

    def dump_bytecode(self, bucket: Bucket) -> None:
        part = self.folder / str(os.getpid())
        part.write_bytes(bucket.bytecode_to_string())
        part.rename(self.folder / f"{bucket.key}-{bucket.checksum}")


def _keep_templates(cache: _Templates) -> None:
    """Use the cache in every build's template environment; Sphinx has no setting for it."""
    initialize = jinja2glue.BuiltinTemplateLoader.init

    def init(self: jinja2glue.BuiltinTemplateLoader, *args: Any, **options: Any) -> None:
        initialize(self, *args, **options)
        self.environment.bytecode_cache = cache

    jinja2glue.BuiltinTemplateLoader.init = init


def _same(folders: filecmp.dircmp[str]) -> bool:
    """Whether two folders of code are equal, by the size and mtime of their files."""
    others = [name for name in folders.left_only + folders.right_only if name != "__pycache__"]
    return not (others or folders.diff_files) and all(map(_same, folders.subdirs.values()))
