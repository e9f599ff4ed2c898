"""Serve a built site as a host should, with the headers that a page cannot set itself: `make serve`."""

from __future__ import annotations

import argparse
import contextlib
import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}
"""Response headers: no framing by other sites, no MIME sniffing, and no full URL in requests to other sites."""


class Handler(SimpleHTTPRequestHandler):
    """Serves the files of a folder, with HEADERS."""

    def end_headers(self) -> None:
        """Add HEADERS to the headers of the file."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()


def main() -> None:
    """Serve a folder on 127.0.0.1 until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="serve", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    if not Path(options.folder).is_dir():
        sys.exit(f"serve: {options.folder} is not a folder; build the site with `make html`")
    handler = partial(Handler, directory=options.folder)
    try:
        server = ThreadingHTTPServer(("127.0.0.1", options.port), handler)
    except OSError as error:
        in_use = error.errno == errno.EADDRINUSE
        hint = "stop the program that uses it, such as `make live`" if in_use else "choose another with --port"
        sys.exit(f"serve: port {options.port}: {error.strerror}; {hint}")
    except OverflowError:
        sys.exit(f"serve: {options.port} is not a port; choose one from 1 to 65535")
    with server, contextlib.suppress(KeyboardInterrupt):
        print(f"Serving http://127.0.0.1:{server.server_port}/ (press Ctrl-C to stop)", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
