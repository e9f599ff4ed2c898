"""Serve the journal with its drafts, build it after each save, and reload the open page: `make live`.

The watcher and the server are sphinx-autobuild's. Its builder starts Python and loads Sphinx for each save, which takes
half of the time from a save to the page; here each build is a fork of a process that has loaded both.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
from concurrent.futures import ProcessPoolExecutor
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
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

from fieldnotes.build.run_sphinx import run
from fieldnotes.commands.serve import HEADERS
from fieldnotes.sources.problem import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SOURCE = "."
OUTPUT = "_build/live/html"
DOCTREES = "_build/live/doctrees"
SETTINGS = {"fieldnotes_drafts": True, "fieldnotes_editorial": True, "fieldnotes_index": False, "html_context.live": 1}
PROBLEMS = Path("_build/live/problems.txt")
"""The problems of the last build, one per line; the server shows them on every page."""

PORTS = range(8000, 8100)
"""The first free port is used, so that the address stays the same across restarts and can be bookmarked."""

MAX_PROBLEMS = 5
"""Problems in the banner of a page; the terminal has all."""

BANNER_STYLE = (
    "position: sticky; top: 0; z-index: 99; max-height: 40vh; overflow: auto; padding: .8em 1.2em; font-size: .875rem; "
    "overflow-wrap: anywhere; color: #fff; background: #8c1d18"
)

NOT_WATCHED = [
    *("_build", "bench", "node_modules", "pictures", "tests"),
    *(".*", "*/.*", "*/__pycache__/*", "*~", "*.tmp", "*/4913"),
]
"""Paths that trigger no build: output, hidden files, folders without sources, and the temporary files of editors."""


def build(changed_paths: Sequence[Path]) -> list[str]:
    """Build the journal in this process, which must run no other build; write its problems to PROBLEMS.

    The extension is loaded from its files each time, since it may have changed. A saved document that cannot be built
    keeps its former page. Returns the names of all other loaded modules, which a fork server can load in advance.
    """
    # Ctrl-C reaches every process. It stops the first build; a later one finishes, and the server waits for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN if changed_paths else signal.SIG_DFL)
    paths = [os.path.relpath(path) for path in changed_paths]
    for path in paths[:5]:
        print(f"Changed: {printable(path)}")
    print("Building", flush=True)
    for name in extension_modules():
        del sys.modules[name]
    files = [Path(OUTPUT, path).with_suffix(".html") for path in paths if path.endswith(".md") and Path(path).exists()]
    pages = {file: file.read_bytes() for file in files if file.is_file()}
    problems = run(Path(SOURCE), Path(OUTPUT), Path(DOCTREES), "html", SETTINGS).lines
    for file, page in pages.items():
        if problems and not file.exists():
            file.write_bytes(page)
    PROBLEMS.write_text("\n".join(problems), "utf-8")
    print(*problems, f"Built; problems: {len(problems)}", sep="\n", flush=True)
    return [name for name in sys.modules if name not in extension_modules()]


def extension_modules() -> list[str]:
    """Return the names of the loaded modules of this extension."""
    return [name for name in sys.modules if name.partition(".")[0] == "fieldnotes"]


class SameOrigin:
    """Refuses requests from other origins or for other hosts, and adds the headers of `make serve`.

    Otherwise a page of another site could read drafts, through a host name of its own (DNS rebinding) or the socket.
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
            refuse = PlainTextResponse("This server only answers requests from its own pages.", status_code=403)
            close = WebSocketClose(code=1008)
            await (refuse if scope["type"] == "http" else close)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update({**HEADERS, "Cache-Control": "no-store"})
            await send(message)

        await self.app(scope, receive, send_with_headers)


class LivePages:
    """Adds to each page a script that reloads it after a build, and the problems of the last build."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self.app, self.host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Inject autobuild's script and the current banner."""
        injector = JavascriptInjectorMiddleware(self.app, self.host)
        injector.script += banner(PROBLEMS.read_text("utf-8").splitlines() if PROBLEMS.exists() else []).encode()
        await injector(scope, receive, send)


def banner(problems: Sequence[str]) -> str:
    """Return the first problems, as HTML that moves itself to the top of the page; "" if there are none."""
    if not problems:
        return ""
    others = len(problems) - MAX_PROBLEMS
    more = f"<li>and {others} more: see the terminal</li>" if others > 0 else ""
    items = "".join(f"<li>{escape(line)}</li>" for line in problems[:MAX_PROBLEMS]) + more
    return (
        f'<aside id="live-problems" role="alert" style="{BANNER_STYLE}"><b>The last build reported problems. Pages '
        "that cannot be built stay as they were.</b>"
        f'<ul style="margin: .4em 0 0; padding-left: 1.2em">{items}</ul></aside>'
        '<script>document.body.prepend(document.getElementById("live-problems"))</script>'
    )


def server(host: str, watcher: RebuildServer) -> Starlette:
    """Return the app that serves the output; each page reloads itself after a build of ``watcher``."""
    return Starlette(
        routes=[WebSocketRoute("/websocket-reload", watcher), Mount("/", StaticFiles(directory=OUTPUT, html=True))],
        middleware=[Middleware(SameOrigin, host=host), Middleware(LivePages, host=host)],
        lifespan=watcher.lifespan,
    )


def listen() -> socket.socket:
    """Listen on the first free port of 127.0.0.1. Raises OSError if there is none."""
    for port in (*PORTS, 0):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port))
    raise OSError("127.0.0.1 has no free port")


def main() -> None:
    """Serve the journal in the working directory on 127.0.0.1 until Ctrl-C."""
    multiprocessing.set_start_method("forkserver")
    Path(OUTPUT).mkdir(parents=True, exist_ok=True)
    with listen() as listener, contextlib.suppress(KeyboardInterrupt):
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as first:
            multiprocessing.set_forkserver_preload(first.submit(build, ()).result())
        multiprocessing.Process().start()  # starts the fork server, which loads the modules
        # a11y_pygments makes the root logger print everything
        logging.getLogger("watchfiles").setLevel(logging.WARNING)
        watcher = RebuildServer([SOURCE], IgnoreFilter(NOT_WATCHED, []), build)
        print(f"Serving http://{host} and rebuilding after each save (press Ctrl-C to stop)", flush=True)
        uvicorn.Server(uvicorn.Config(server(host, watcher), log_level="warning")).run([listener])


if __name__ == "__main__":
    main()
