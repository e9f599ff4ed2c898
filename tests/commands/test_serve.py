"""`make serve`: the built site, with the headers that a page cannot set."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

from conftest import ROOT
from fieldnotes.commands.serve import HEADERS

if TYPE_CHECKING:
    from pathlib import Path


def test_serve_sends_files_with_headers(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>Home</p>")
    command = [sys.executable, "-m", "fieldnotes.commands.serve", str(tmp_path), "--port=0"]
    with subprocess.Popen(
        command, cwd=ROOT / "_ext", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout
        address = re.search(r"http://127\.0\.0\.1:\d+/", server.stdout.readline())
        assert address
        with urllib.request.urlopen(address[0]) as answer:
            assert answer.read() == b"<p>Home</p>"
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            port = address[0].rpartition(":")[2].strip("/")
            command[-1] = f"--port={port}"
            second = subprocess.run(command, cwd=ROOT / "_ext", capture_output=True, text=True, check=False)
            assert (
                second.stderr
                == f"serve: port {port}: Address already in use; stop the program that uses it, such as `make live`\n"
            )
        server.terminate()


def test_invalid_argument_is_reported_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fieldnotes.commands.serve"]
    for arguments, message in (
        ((str(tmp_path), "--port=70000"), "serve: 70000 is not a port; choose one from 1 to 65535\n"),
        (("nowhere",), "serve: nowhere is not a folder; build the site with `make html`\n"),
    ):
        done = subprocess.run([*command, *arguments], cwd=ROOT / "_ext", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (1, message)
