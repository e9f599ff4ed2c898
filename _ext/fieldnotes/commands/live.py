"""Show the journal as it is written: it is built again after each save, and the open page loads itself again.

The watcher and the server are sphinx-autobuild's. Its way to build starts Python and loads Sphinx for each save, which
is half of what a save costs a journal of this size; here each build is a fork of a process that has loaded them.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
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
from starlette.middleware import Middleware
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = logging.getLogger(__name__)

OURS = "fieldnotes"


def build(arguments: Sequence[str], host: str, changed_paths: Sequence[Path]) -> None:
    """Run sphinx-build in this process, which must be one of its own; Sphinx tells what is wrong."""
    for path in changed_paths[:5]:
        print(f"Changed: {os.path.relpath(path)}")
    for name in [name for name in sys.modules if name.partition(".")[0] == OURS]:
        del sys.modules[name]  # it is read anew, since it may be what has changed
    if code := sphinx_build.main(arguments):
        print(f"Sphinx ended with {code}: what is served may be older than its source. Mend what is told above.")
    print(f"Serving http://{host}", flush=True)


def first_build(rebuild: partial[None]) -> list[str]:
    """Build, and give the names of the modules that this has loaded, but for those of this extension."""
    rebuild(())
    return [name for name in sys.modules if name.partition(".")[0] != OURS]


def load(modules: Sequence[str]) -> None:
    """Import these modules, so that forks of this process have them."""
    for name in modules:
        with contextlib.suppress(ImportError):  # names that a package gives a module of its own making
            importlib.import_module(name)


def server(output: Path, host: str, watcher: RebuildServer) -> Starlette:
    """What serves ``output``, with a script in each page that loads it again after a build."""
    return Starlette(
        routes=[WebSocketRoute("/websocket-reload", watcher), Mount("/", StaticFiles(directory=output, html=True))],
        middleware=[Middleware(JavascriptInjectorMiddleware, ws_url=host)],
        lifespan=watcher.lifespan,
    )


def main(arguments: Sequence[str]) -> None:
    """Serve the journal on a free port of 127.0.0.1 until it is interrupted."""
    parser = argparse.ArgumentParser(
        prog="live", description=__doc__, epilog="What else is given is sphinx-build's, the two folders last."
    )
    parser.add_argument("--ignore", action="append", default=[], help="a pattern of paths that are no source")
    options, given = parser.parse_known_args(arguments)
    source, output = map(Path, given[-2:])
    output.mkdir(parents=True, exist_ok=True)
    with socket.create_server(("127.0.0.1", 0)) as listener, contextlib.suppress(KeyboardInterrupt):
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        rebuild = partial(build, given, host)
        with ProcessPoolExecutor(1) as first:
            load(first.submit(first_build, rebuild).result())
        logging.getLogger("watchfiles").setLevel(logging.WARNING)  # a11y_pygments has the root logger print all
        app = server(output, host, RebuildServer([source], IgnoreFilter(options.ignore, []), rebuild))
        print("Waiting for changes; Ctrl-C ends it", flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


if __name__ == "__main__":
    main(sys.argv[1:])
