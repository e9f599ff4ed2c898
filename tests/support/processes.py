"""Run Sphinx and the journal's commands in forks of processes that have loaded them, shared by all tests.

A small build takes a third of the time that it takes in a new Python process, and a command a tenth.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

P, T = ParamSpec("P"), TypeVar("T")

FOLDER = "FIELDNOTES_TEST_FOLDER"
"""The environment variable with the folder that all processes of a test run share."""


@contextmanager
def serving() -> Iterator[Path]:
    """Run the servers during a test run; yields the shared folder.

    Each has another hash seed: two builds of a journal that must be equal are run by two servers. A server loads
    nothing until its first request.
    """
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        for name in ("first", "second"):
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(f"{folder}/{name}")
            listener.listen()
            command = [sys.executable, __file__, str(listener.fileno())]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[listener.fileno()])
            stack.callback(process.communicate)  # a server exits when its stdin is closed
        os.environ[FOLDER] = folder
        yield Path(folder)


def sphinx_build(arguments: Sequence[str], environment: dict[str, str], log: Path, server: str = "first") -> int:
    """Run sphinx-build (the last two arguments are folders), write its output to ``log``, and return its exit status."""
    request = {"arguments": arguments, "environment": environment, "source": arguments[-2], "folder": str(Path.cwd())}
    with Path(os.devnull).open() as nothing, log.open("w") as file:
        return _send(server, request, nothing, file, file)


def run_command(
    name: str, *arguments: str, folder: Path, environment: dict[str, str], answers: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a module of ``fieldnotes.commands`` in a folder, as ``python -m`` does."""
    module = f"fieldnotes.commands.{name}"
    request = {"module": module, "arguments": arguments, "environment": environment, "folder": str(folder)}
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8", newline="")) for _ in range(3)]
        files[0].write(answers)
        files[0].seek(0)
        status = _send("first", request, *files)
        printed = []
        for file in files[1:]:
            file.seek(0)
            printed.append(file.read())
        return subprocess.CompletedProcess([module, *arguments], status, *printed)


def call(function: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Call a function of ``fieldnotes`` in this folder and environment, without loading Sphinx into this process.

    Prints the function's output, and returns its result or raises its exception.
    """
    pickled = pickle.dumps((function, arguments, options)).hex()
    request = {"call": pickled, "environment": {**os.environ}, "folder": str(Path.cwd())}
    with contextlib.ExitStack() as stack:
        nothing = stack.enter_context(Path(os.devnull).open())
        printed = [stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in range(2)]
        outcome = stack.enter_context(tempfile.TemporaryFile())
        status = _send("first", request, nothing, *printed, outcome)
        for file, stream in zip(printed, (sys.stdout, sys.stderr), strict=True):
            file.seek(0)
            stream.write(file.read())
        assert status == 0, "the function did not return, see above"
        outcome.seek(0)
        returned, raised = pickle.load(outcome)
    if raised:
        raise raised
    return returned


def _send(server: str, request: dict[str, object], *streams: IO[Any]) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(f"{os.environ[FOLDER]}/{server}")
        socket.send_fds(connection, [f"{json.dumps(request)}\n".encode()], [stream.fileno() for stream in streams])
        status = connection.makefile().readline()
    assert status, "the server has exited; its traceback is above"
    return int(status)


def _wait(listener: socket.socket) -> None:
    """Wait for the first request, then load the code and serve."""
    ready, _, _ = select.select([sys.stdin, listener], [], [])
    if listener in ready:
        from build_server import serve

        serve(listener)


if __name__ == "__main__":
    _wait(socket.socket(fileno=int(sys.argv[1])))
