"""`make live`: saved changes appear by themselves, drafts are shown and marked, and errors do not stop it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from checkout import venv_of_make
from conftest import DAY, ROOT, Site, note
from fieldnotes.commands.serve import HEADERS
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SOON = 120_000
"""Timeout in milliseconds, long enough for the busiest machine."""


(TASK,) = (
    task for task in json.loads((ROOT / ".vscode/tasks.json").read_text())["tasks"] if task["command"] == "make live"
)
"""The editor task that runs `make live`."""


class Terminal(threading.Thread):
    """Collect the output of a command as it is printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(daemon=True)
        self.process, self.text, self.ended, self.more = process, "", False, threading.Condition()

    def run(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self.more:
                self.text += line
                self.more.notify_all()
        with self.more:
            self.ended = True
            self.more.notify_all()

    def wait(self, pattern: str) -> re.Match[str]:
        with self.more:
            self.more.wait_for(lambda: self.ended or re.search(pattern, self.text), SOON / 1000)
            match = re.search(pattern, self.text)
        assert match, self.text
        return match


@contextlib.contextmanager
def live(site: Site) -> Iterator[Terminal]:
    """Run `make live` in the environment of these tests, and give its terminal."""
    venv = Path(sys.prefix)
    if not (venv / "live").exists():
        pytest.skip("the tests run outside the environment that make installs")
    site.write("Makefile", (ROOT / "Makefile").read_bytes())
    process = subprocess.Popen(
        ["make", "live", venv_of_make(), "-o", f"{venv}/live"],  # install nothing, even if requirements are newer
        cwd=site.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"NO_COLOR": "1", "FIELDNOTES_TODAY": DAY},
    )
    terminal = Terminal(process)
    terminal.start()
    try:
        yield terminal
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(30)
        assert process.stdout
        terminal.join()
        process.stdout.close()


def assert_rejects_other_hosts_and_origins(address: str) -> None:
    """Requests of another site's page, which resolves its own name to this machine or opens the socket."""
    host = address.removeprefix("http://")

    def fetch(path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    own = fetch("/index.html", {})
    assert (own.status, {name: own.headers[name] for name in HEADERS}) == (200, HEADERS)
    assert fetch("/index.html", {"Host": "evil.example"}).status == 403
    assert fetch("/index.html", {"Origin": "http://evil.example"}).status == 403
    socket = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
    }
    assert fetch("/websocket-reload", {**socket, "Origin": "http://evil.example"}).status == 403


def visit(page: Page, url: str) -> None:
    """Open a page; try again if the reload after a build interferes."""
    with contextlib.suppress(PlaywrightError):
        page.goto(url)
    if page.url != url:
        page.goto(url)


def test_live_shows_saved_changes_and_survives_errors(site: Site, browser: Browser) -> None:
    site.lab()
    site.write("notes/y.md", note("Y"))
    draft = note("Of drafts", draft="true", body="First words, and {result}`speed:time.median`.\n")
    path = site.write("notes/x.md", draft)
    with live(site) as terminal:
        address = terminal.wait(r"http://127\.0\.0\.1:\d+")[0]
        for name in ("beginsPattern", "endsPattern"):
            terminal.wait(f"(?m){TASK['problemMatcher']['background'][name]}")
        assert_rejects_other_hosts_and_origins(address)
        page = browser.new_page()
        page.goto(f"{address}/notes/x.html")
        expect(page.locator(".note-line .state")).to_have_text("Draft")
        article = page.locator("article")

        for number in range(20):  # it serves before it starts to watch
            path.write_text(draft.replace("First words", f"Other words, {number}"))
            with contextlib.suppress(AssertionError):
                expect(article).to_contain_text("Other words", timeout=SOON / 20)
                break
        expect(article).to_contain_text("Other words")

        site.lab(value=77.7)
        expect(article).to_contain_text("77.7", timeout=SOON)

        lane = site.root / "lanes/bigdata.md"
        lane.write_text(lane.read_text().replace("title: BigData", "title: Large data"))
        expect(page.locator(".masthead")).to_contain_text("Large data", timeout=SOON)

        trail = site.root / "_templates/breadcrumbs.html"
        whole = trail.read_text()
        site.write("_templates/breadcrumbs.html", "{{ 1 / 0 }}")
        terminal.wait("ZeroDivisionError|division by zero")
        terminal.wait("the build failed.*; fix this, as pages may be outdated")
        trail.write_text(f"{whole}<p>From a template</p>")
        expect(article).to_contain_text("From a template", timeout=SOON)

        code = site.root / "_ext/fieldnotes/pages/shared.py"
        site.write("_ext/fieldnotes/pages/shared.py", code.read_text().replace('"Draft"', '"In the making"'))
        expect(page.locator(".note-line .state")).to_have_text("In the making", timeout=SOON)

        path.write_text(draft.replace("lane: bigdata", "lane: nowhere"))
        problem = r"notes/x\.md:3: WARNING: `lane` `nowhere` is not a lane; .+"
        line = terminal.wait(rf"(?m)^{problem}$")[0]
        expect(page.locator("#live-problems li")).to_have_text(line, timeout=SOON)
        expect(article).to_contain_text("Other words")  # the last good version

        settings = site.root / "conf.py"
        right = settings.read_text()
        settings.write_text(right.replace('language = "en"', 'language = "en'))
        line = terminal.wait("(?m)^conf.py:[0-9]+: ERROR: cannot be evaluated: SyntaxError.*; correct it$")[0]
        expect(page.locator("#live-problems li")).to_have_text(line, timeout=SOON)
        settings.write_text(right)
        path.write_text(draft.replace("First words", "Last words"))
        visit(page, f"{address}/index.html")
        expect(page.locator("article")).to_contain_text("Of drafts", timeout=SOON)
        visit(page, f"{address}/notes/x.html")
        expect(article).to_contain_text("Last words", timeout=SOON)
        expect(page.locator("#live-problems")).to_have_count(0)

        style = site.root / "_static/journal.css"
        site.write("_static/journal.css", f"{style.read_text()}\nbody {{ letter-spacing: 3px; }}\n")
        expect(page.locator("body")).to_have_css("letter-spacing", "3px", timeout=SOON)
        page.close()
    assert terminal.text.count("Serving") == 1
    assert not re.search("Interrupt|Traceback|Error 1", terminal.text.rpartition("Built")[2])
    assert not (site.root / "_build/live/html/search-index").exists()
    assert not (site.root / "_build/html").exists()
