"""Fixtures: small journals to build, the built journal itself, and a browser."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from bs4 import BeautifulSoup
from fieldnotes.sources.lab_digest import part_digests, text_digest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright
from processes import FOLDER, serving, sphinx_build
from systems import write_journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[1]

settings.register_profile("journal", deadline=None)  # no test depends on the speed of the machine
settings.load_profile("journal")

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Commands of the browser, the fastest first; `browser.sh` has the same list."""

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--font-render-hinting=none",  # as in a window; otherwise the widths of letters are rounded to whole pixels
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


DAY = "2026-11-24"
"""The day on which small journals are built, unless a test sets another."""


MARKUP = '<b>Bold</b> *star* `code` {ref}`x` [a](b) &amp; $m$ "q" C# 1. \\ {{ x }} #'


def note(title: str = "A note", **fields: str) -> str:
    """The text of a valid note, with these fields replaced, omitted (None) or added; ``body`` is its text."""
    header = {
        "title": title,
        "lane": "bigdata",
        "date": "2026-01-02",
        "summary": "What it says.",
        "tags": "[Spark]",
        "body": "Some text.\n\n## A section\n\nMore text.\n",
    } | fields
    body = header.pop("body")
    lines = [f"{name}: {value}" for name, value in header.items() if value is not None]
    return "\n".join(["---", *lines, "---", "", body])


def requirements(file: str) -> list[str]:
    """The requirements in a file as written, without comments and references to other files."""
    text = (ROOT / file).read_text().replace("\\\n", "")
    bare = (line.split("#")[0].strip() for line in text.splitlines())
    return [line for line in bare if line and not line.startswith(("-r ", "-c "))]


@dataclass
class Built:
    """A built site: its files, and the log and exit status of the build."""

    root: Path
    out: Path
    log: str
    status: int

    @property
    def warnings(self) -> list[str]:
        return [line for line in self.log.splitlines() if "WARNING" in line or "ERROR" in line]

    def html(self, page: str) -> str:
        return (self.out / f"{page}.html").read_text(encoding="utf-8")

    def page(self, page: str) -> BeautifulSoup:
        return BeautifulSoup(self.html(page), "html.parser")

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.out).as_posix(): path.read_bytes()
            for path in sorted(self.out.rglob("*"))
            if path.is_file()
        }


CODE = ("_ext", "_static", "_templates", "hosts")
"""The folders whose files all test journals share as hard links, because copying them takes 15 ms per journal."""


def link(file: str, new: str) -> None:
    """Make a hard link to a file, or copy it if it is on another file system."""
    try:
        os.link(file, new)
    except OSError:
        shutil.copy2(file, new)


@dataclass
class Site:
    """A new journal in an empty folder: the real code, the home and lanes of the sample, and no notes."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in Path(os.environ[FOLDER], "journal").iterdir():
            if path.name in CODE:
                shutil.copytree(path, self.root / path.name, copy_function=link)
            else:
                (shutil.copytree if path.is_dir() else shutil.copy2)(path, self.root / path.name)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file. A file of the code is replaced, not changed in place, because all sites share it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.startswith(CODE):
            file.unlink(missing_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def lab(
        self,
        name: str = "speed",
        value: float = 12.5,
        *,
        texts: Mapping[str, str] = MappingProxyType({}),
        **fields: object,
    ) -> None:
        """Write a lab with two results and a figure, with these fields and ``texts`` of files replaced."""
        what = "seconds that it took"
        record = {
            "title": "How fast it is",
            "shows": ["It shows how fast it is."],
            "limits": ["Nothing carries over."],
            "rerun": "test",
            "command": f"make lab NAME={name}",
            "date": "2026-01-02",
            "took": 1.5,
            "machine": {"processor": "A processor", "cores": 2, "memory": 4, "system": "Linux", "load": 0.5},
            "versions": {"Python": "3.11"},
            "parameters": {"runs": {"value": 3, "what": "how often it ran"}},
            "results": {
                "time.median": {"value": value, "what": what, "unit": "s", "format": ".1f"},
                "change": {"value": -2, "what": "how many fewer"},
            },
            "figures": {"curve": {"title": "A curve", "description": ["It falls."]}},
        } | fields
        drawing = "<path class='line-lamp' d='M 0 0'/>"
        texts = {
            "lab.py": '"""How fast it is."""\n',
            "curve.csv": f"k,time\n1,{value}\n",
            "curve.svg": f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 200'>{drawing}</svg>",
            **texts,
        }
        record["files"] = {file: text_digest(text) for file, text in texts.items()}
        record["digests"] = part_digests(json.loads(json.dumps(record)))
        for file, text in {**texts, "results.json": json.dumps(record, indent=1)}.items():
            self.write(f"labs/{name}/{file}", text)

    def build(self, *options: str, out: str = "_build", server: str = "", fresh: bool = False) -> Built:
        """Build the journal, into an emptied folder if ``fresh``. Another ``out`` folder is built by another server."""
        if fresh:
            shutil.rmtree(self.root / out, ignore_errors=True)
        server = server or ("first" if out == "_build" else "second")
        output = self.root / out / "html"
        arguments = ["-W", "--keep-going", "-q", "-b", "html", "-d", str(self.root / out / "doctrees"), *options]
        arguments += [str(self.root), str(output)]
        environment = {**os.environ, "NO_COLOR": "1", "FIELDNOTES_TODAY": DAY} | self.environment
        log_file = self.root.parent / f"{self.root.name}-{server}.log"
        if "PYTHONHASHSEED" not in environment:
            status = sphinx_build(arguments, environment, log_file, server)
        else:
            command = [sys.executable, "-B", "-m", "sphinx", *arguments]
            with log_file.open("w") as log:
                status = subprocess.run(command, stdout=log, stderr=log, check=False, env=environment).returncode
        return Built(self.root, output, log_file.read_text(encoding="utf-8"), status)


def pytest_configure(config: pytest.Config) -> None:
    """Start the build servers, and write the files of every test journal, once for all processes of a test run."""
    if not hasattr(config, "workerinput"):
        servers = contextlib.ExitStack()
        template = servers.enter_context(serving()) / "journal"
        write_journal(template, [])
        (template / "notes").mkdir()
        config.add_cleanup(servers.close)


@pytest.fixture(scope="session", autouse=True)
def shared_code() -> Iterator[None]:
    """Fail if a test changes a shared file in place."""

    def times() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in Path(os.environ[FOLDER], "journal").rglob("*")}

    before = times()
    yield
    assert times() == before, "a test changed a file of the code in place; use Site.write"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make test-fast` skips: with a browser, of the journal itself, and of long lists."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if item.path.parent == ROOT / "tests/journal" or "long_lists" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "journal")


def site_of(root: Path, source: Path, *folders: str) -> Site:
    """A new site with these folders copied from another journal."""
    site = Site(root)
    for name in folders:
        shutil.rmtree(site.root / name, ignore_errors=True)
        if (source / name).is_dir():
            shutil.copytree(source / name, site.root / name)
    return site


@pytest.fixture(scope="session")
def build_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], Site]], Built]:
    """Build a named site once for all processes of a test run; no test may change it."""
    folder = tmp_path_factory.getbasetemp()
    folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder

    def build(name: str, write: Callable[[Path], Site]) -> Built:
        root = folder / f"built-{name}" / "journal"
        with (folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not root.exists():
                built = write(root).build()
                assert (built.status, built.log) == (0, "")
        return Built(root, root / "_build/html", "", 0)

    return build


@pytest.fixture(scope="session")
def sample(build_once: Callable[[str, Callable[[Path], Site]], Built]) -> Built:
    """A small journal with shortened notes and a lab of this one, and a specimen note with every kind of content."""
    return build_once("sample", lambda root: site_of(root, ROOT / "tests/sample", "notes", "labs", "pages"))


def one_of_many(number: int) -> str:
    """A note of a long list, with a unique word and two shared words; the first twenty link to each other."""
    word = chr(97 + number % 26) * 5 + chr(97 + number // 26)
    link = f"See [another](n{7 * number % 20}.md)." if number < 20 else ""
    tags = ["Spark", *(["YARN"] if number % 20 == 0 else []), *(["EMR"] if number % 30 == 1 else [])]
    return note(
        f"N{number}",
        lane="bigdata" if number else "data-platforms",
        date=str(datetime.date(2025, 1, 1) + datetime.timedelta(days=number)),
        tags=f"[{', '.join(tags)}]",
        body=f"{word} shared words. {link}\n\n## A section\n\nMore text.\n",
    )


@pytest.fixture(scope="session")
def long_lists(build_once: Callable[[str, Callable[[Path], Site]], Built]) -> Built:
    """A journal of 106 notes: one for each day from 1 January 2025, and an older one."""

    def write(root: Path) -> Site:
        site = Site(root)
        for number in range(105):
            site.write(f"notes/n{number}.md", one_of_many(number))
        site.write("notes/old.md", note("Old", date="2024-05-06"))
        return site

    return build_once("long-lists", write)


@pytest.fixture(scope="session")
def journal(build_once: Callable[[str, Callable[[Path], Site]], Built]) -> Built:
    """The journal itself, built for today."""

    def write(root: Path) -> Site:
        site = site_of(root, ROOT, *("notes", "labs", "lanes", "pages", "pictures", "_static"))
        site.environment["FIELDNOTES_TODAY"] = ""
        for name in ("conf.py", "index.md"):
            shutil.copy(ROOT / name, site.root)
        return site

    return build_once("journal", write)


def scripts(page: BeautifulSoup) -> list[str]:
    """The scripts that a page loads after the first paint."""
    return [script["src"] for script in page.select_one("template#scripts").find_all("script")]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert path, "no Chromium found: run `sh tests/browser.sh`, or install the package chromium-headless-shell"
    expect.set_options(timeout=30_000)  # no test depends on the speed of the machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on a free local port, and give its address without a trailing slash."""

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 64  # a browser requests a dozen files at once

        def handle_error(self, *arguments: object) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # the browser has left the page
                super().handle_error(*arguments)

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
