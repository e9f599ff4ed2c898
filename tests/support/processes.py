"""Sphinx's command in forks of processes that have loaded it: a small build takes a third of a Python of its own.

Run as a script, this is such a process. It reads one build a line from its input, and answers with its exit status.
"""

from __future__ import annotations

import atexit
import contextlib
import filecmp
import functools
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache
from sphinx import jinja2glue
from sphinx.application import builtin_extensions
from sphinx.cmd import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2.bccache import Bucket

CODE = Path(__file__).parents[2] / "_ext/fieldnotes"


def sphinx_build(arguments: Sequence[str], environment: dict[str, str], log: Path, server: str = "first") -> int:
    """Run the command in a fork of a server, and write what it prints to ``log``; gives its exit status.

    Each server orders sets in another way: two builds of one journal that must be equal are run by two of them.
    """
    process = _server(server)
    assert process.stdin is not None
    assert process.stdout is not None
    json.dump([list(arguments), environment, str(log)], process.stdin)
    process.stdin.write("\n")
    process.stdin.flush()
    status = process.stdout.readline()
    assert status, "the server of builds has ended: run `python tests/support/processes.py` to see why"
    return int(status)


@functools.cache
def _server(_name: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


def _serve() -> None:
    sys.path.insert(0, str(CODE.parent))
    fieldnotes = importlib.import_module("fieldnotes")
    modules = pkgutil.walk_packages(fieldnotes.__path__, "fieldnotes.")
    own = [module.name for module in modules if not module.name.startswith("fieldnotes.commands.")]
    for name in (*builtin_extensions, *own):
        importlib.import_module(name)
    importlib.import_module("fieldnotes.sources.language").Language().month(1)  # Babel reads its data once
    sys.path.pop(0)
    with tempfile.TemporaryDirectory() as folder:
        _keep_templates(_Templates(folder))
        _answer()


def _answer() -> None:
    """Answer each line. What the first build imports is imported here too, for all that follow."""
    learned: list[str] = []
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            known = [*sys.modules]
            arguments, environment, log = json.loads(line)
            _prepare(environment, Path(log), Path(arguments[-2]))
            try:
                status = build.main(arguments)
            except SystemExit as end:
                status = int(str(end.code))
            sys.stdout.flush()
            sys.stderr.flush()
            os.write(writing, " ".join(sys.modules.keys() - {*known}).encode())
            os._exit(status)
        os.close(writing)
        with os.fdopen(reading) as names:
            imported = names.read().split()
        for name in () if learned else imported:
            with contextlib.suppress(ImportError):  # of a folder that is on the path of that build alone
                importlib.import_module(name)
        learned = learned or imported
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _prepare(environment: dict[str, str], log: Path, source: Path) -> None:
    """Give this fork an environment and a log; a journal whose code is another than this one's loads it anew."""
    os.environ.clear()
    os.environ.update(environment)
    sys.dont_write_bytecode = True
    with Path(os.devnull).open() as nothing, log.open("w") as file:
        for stream, target in ((0, nothing), (1, file), (2, file)):
            os.dup2(target.fileno(), stream)
    if not _same(filecmp.dircmp(CODE, source / "_ext/fieldnotes")):
        for name in [name for name in sys.modules if name.partition(".")[0] == "fieldnotes"]:
            del sys.modules[name]


class _Templates(BytecodeCache):
    """Compiled templates by name and source, for all sites of a server: compiling them is a third of a small build."""

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
    """Give every build's template environment the cache; Sphinx has no setting for it."""
    initialize = jinja2glue.BuiltinTemplateLoader.init

    def init(self: jinja2glue.BuiltinTemplateLoader, *args: Any, **options: Any) -> None:
        initialize(self, *args, **options)
        self.environment.bytecode_cache = cache

    jinja2glue.BuiltinTemplateLoader.init = init


def _same(folders: filecmp.dircmp[str]) -> bool:
    """Whether two folders of code are equal, by the sizes and times of their files."""
    others = [name for name in folders.left_only + folders.right_only if name != "__pycache__"]
    return not (others or folders.diff_files) and all(map(_same, folders.subdirs.values()))


if __name__ == "__main__":
    _serve()
