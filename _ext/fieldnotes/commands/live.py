"""Serve the journal with its drafts, build it after each save, and reload the open page: `make live`.

The watcher and the server are sphinx-autobuild's. Its builder starts Python and loads Sphinx for each save, which takes
half of the time from a save to the page; here each build is a fork of a process that has loaded them.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import socket
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from sphinx.cmd import build as sphinx_build
from sphinx_autobuild.filter import IgnoreFilter
from sphinx_autobuild.middleware import JavascriptInjectorMiddleware
from sphinx_autobuild.server import RebuildServer
from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocketClose

from fieldnotes.commands.serve import HEADERS
from fieldnotes.sources.problem import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SOURCE = "."
OUTPUT = "_build/live/html"
SETTINGS = ["-D", "fieldnotes_drafts=1", "-D", "fieldnotes_editorial=1", "-D", "fieldnotes_index=0", "-A", "live=1"]
SPHINX_BUILD = ["-q", "-b", "html", *SETTINGS, "-d", "_build/live/doctrees", SOURCE, OUTPUT]

NOT_WATCHED = [
    *("_build", "bench", "node_modules", "pictures", "tests"),
    *(".*", "*/.*", "*/__pycache__/*", "*~", "*.tmp", "*/4913"),
]
"""Paths that start no build: output, hidden files, folders without a source, and the temporary files of editors."""


def build(host: str, changed_paths: Sequence[Path]) -> list[str]:
    """Run sphinx-build in this process, which must run no second build, and return the modules that this has loaded.

    The extension is loaded from its files each time, since it may be what has changed.
    """
    for path in changed_paths[:5]:
        print(f"Changed: {printable(os.path.relpath(path))}")
    print("Building", flush=True)
    for name in extension_modules():
        del sys.modules[name]
    if status := sphinx_build.main(SPHINX_BUILD):
        print(f"Sphinx ended with {status}: pages may be older than their sources. Correct the errors above.")
    print(f"Serving http://{host}", flush=True)
    return [name for name in sys.modules if name not in extension_modules()]


def extension_modules() -> list[str]:
    """The names of this extension's modules that are loaded."""
    return [name for name in sys.modules if name.partition(".")[0] == "fieldnotes"]


class OwnPages:
    """Answers requests for ``host`` from its own pages alone, and adds the headers of `make serve`.

    A page of another site may ask this server under a name of its own, or open its socket: drafts are not for it.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app = app
        port = host.rpartition(":")[2]
        self.hosts = {host, f"localhost:{port}"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if headers.get("host") not in self.hosts or (origin and origin.removeprefix("http://") not in self.hosts):
            refuse = PlainTextResponse("This server answers its own pages alone.", status_code=403)
            close = WebSocketClose(code=1008)
            await (refuse if scope["type"] == "http" else close)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def server(host: str, watcher: RebuildServer) -> Starlette:
    """Serve the output; each page has a script that reloads it when ``watcher`` has built."""
    return Starlette(
        routes=[WebSocketRoute("/websocket-reload", watcher), Mount("/", StaticFiles(directory=OUTPUT, html=True))],
        middleware=[Middleware(OwnPages, host=host), Middleware(JavascriptInjectorMiddleware, ws_url=host)],
        lifespan=watcher.lifespan,
    )


def main() -> None:
    """Serve the journal in the working directory on a free port of 127.0.0.1 until Ctrl-C."""
    multiprocessing.set_start_method("forkserver")
    Path(OUTPUT).mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.suppress(KeyboardInterrupt):
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as first:
            multiprocessing.set_forkserver_preload(first.submit(build, host, ()).result())
        multiprocessing.Process().start()  # starts the server of forks, which loads the modules
        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # a11y_pygments makes the root logger print all
        watcher = RebuildServer([SOURCE], IgnoreFilter(NOT_WATCHED, []), partial(build, host))
        print("Waiting for changes; Ctrl-C ends it", flush=True)
        uvicorn.Server(uvicorn.Config(server(host, watcher), log_level="warning")).run([listener])


if __name__ == "__main__":
    main()
