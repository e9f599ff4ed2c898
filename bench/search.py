"""Measure the search: the rank of the wanted note for each query, and what a first query loads.

python search.py [--sizes 1600 10000] [--notes FOLDER --sample 40 --seed 0] [--out search.json]
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from corpus import corpus
from playwright.sync_api import sync_playwright
from systems import ROOT, write_ours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
QUERIES = HERE / "queries.json"
AROUND = 400
"""Notes of the benchmark's corpus that are searched together with the journal's."""
ENGINES = ("Pagefind", "Sphinx", "Sphinx from a folder")
RESULTS = ".search-page .result-title a, .search-page ul.search > li > a"
FIRST = (("checkpoint", "schema"), ("lineage", "schema"))
"""Two words of nearly every note of the corpus; one of them, and a word of one note in twenty."""
SETTLED = """() => {
  const said = document.querySelector('.search-page .search-status, .search-page .search-summary');
  return said && /[^…]$/.test(said.textContent) && !document.querySelector('#search-results h2 span:not(:empty)');
}"""

Query = dict[str, str]
"""``kind``, ``query``, and ``note``: the name of the wanted note."""


def main() -> None:
    """Measure ranks and sizes; write them to ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1600, 10000])
    parser.add_argument("--notes", type=Path, help="a folder of notes to search, and to sample queries from")
    parser.add_argument("--sample", type=int, default=40, help="queries of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "search.json")
    options = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        if options.notes:
            queries = sample(options.notes, options.sample, options.seed)
        else:
            queries = json.loads(QUERIES.read_text())
        with built(AROUND if not options.notes else 0, options.notes or ROOT / "notes") as site:
            quality = [row for engine in ENGINES for row in judge(browser, site, engine, queries)]
        loads = []
        for size in options.sizes:
            with built(size) as site:
                for words in FIRST:
                    loads.append(first_query(browser, site, size, words))
                    sys.stderr.write(f"{loads[-1]}\n")
        browser.close()
    options.out.write_text(json.dumps({"quality": quality, "first_query": loads}, indent=1) + "\n")


def chromium() -> str:
    """The system's browser, which the tests use too."""
    names = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
    path = next(filter(None, map(shutil.which, names)), None)
    return path or sys.exit("no Chromium found: run `sh tests/browser.sh`")


@contextmanager
def built(size: int, notes: Path | None = None) -> Iterator[Path]:
    """Build a journal of ``size`` notes of the corpus and the notes of a folder; yield the folder of its pages."""
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        folder = Path(name)
        write_ours(folder, corpus(size))
        if notes:
            shutil.copytree(notes, folder / "notes", dirs_exist_ok=True)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", "doctrees", ".", "html"]
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
        yield folder / "html"


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; yield its address."""

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 64  # a browser asks for a dozen files at once

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with Server(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def judge(browser: Browser, site: Path, engine: str, queries: list[Query]) -> Iterator[dict[str, Any]]:
    """Ask one engine all queries; yield the scores of each kind of query."""
    ranks: dict[str, list[int]] = {}
    with serve(site) as address:
        page = browser.new_page()
        if engine == "Sphinx":
            page.route("**/search-index/**", lambda route: route.abort())
        for query in queries:
            rank = find(page, site.as_uri() if engine.endswith("folder") else address, query)
            ranks.setdefault(query["kind"], []).append(rank)
            if rank != 1:
                sys.stderr.write(
                    f"{engine}: {query['kind']}: {query['query']!r} has {query['note']} at {rank or 'none'}\n"
                )
        page.close()
    for kind, found in ranks.items():
        yield {"engine": engine, "kind": kind, "queries": len(found), **score(found)}


def score(ranks: list[int]) -> dict[str, float]:
    """hit@1, hit@5 and the mean reciprocal rank; a rank of 0 stands for a note that is not in the results."""
    return {
        "hit1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "hit5": round(sum(0 < rank <= 5 for rank in ranks) / len(ranks), 3),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
    }


def find(page: Page, address: str, query: Query) -> int:
    """The rank of the wanted note on the search page, from 1; 0 if it is not there."""
    page.goto(f"{address}/search.html?q={quote(query['query'])}")
    page.wait_for_function(SETTLED)
    paths = page.locator(RESULTS).evaluate_all("all => all.map((link) => link.pathname)")
    notes = list(dict.fromkeys(path.rpartition("/")[2].removesuffix(".html") for path in paths))
    return notes.index(query["note"]) + 1 if query["note"] in notes else 0


def first_query(browser: Browser, site: Path, size: int, words: tuple[str, str]) -> dict[str, Any]:
    """Gzipped kB that the dialog's first query, of two words, loads, its scripts and styles included."""
    with serve(site) as address:
        page = browser.new_page()
        page.goto(f"{address}/index.html", wait_until="networkidle")
        sizes: dict[str, int] = {}
        page.on("response", lambda answer: sizes.update({answer.url: len(gzip.compress(answer.body(), mtime=0))}))
        page.keyboard.press("Control+k")
        page.locator("dialog input").fill(" ".join(words))  # typed key by key, a slow machine would query a part of it
        page.locator(".result").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        page.close()
    return {"notes": size, "query": " ".join(words), "kB": round(sum(sizes.values()) / 1000, 1), "requests": len(sizes)}


WORD = re.compile(r"[^\W\d_]{4,}")
IDENTIFIER = re.compile(r"(?<![\w.-])(?:--[a-z][a-z-]+|\w+(?:[._]\w+)+|[a-z]+[A-Z]\w+)(?![\w-])")


def sample(folder: Path, count: int, seed: int) -> list[Query]:
    """Sample ``count`` queries of each kind from a folder of notes, each with the note that it wants.

    The kinds: three words of the title, the same with the last word unfinished, and an identifier or a phrase of five
    words that no other note has.
    """
    chance = random.Random(seed)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}
    identifiers = {name: set(IDENTIFIER.findall(_body(text))) for name, text in texts.items()}
    owners = Counter(word.lower() for words in identifiers.values() for word in words)
    whole = {name: " ".join(re.sub(r"[`*_]", "", _body(text)).split()) for name, text in texts.items()}
    kinds: dict[str, list[Query]] = {}

    def add(kind: str, query: str, note: str) -> None:
        kinds.setdefault(kind, []).append({"kind": kind, "query": query, "note": note})

    for name, text in texts.items():
        title = re.search(r"^title: (.*)$", text, re.M)
        words = WORD.findall(title[1]) if title else []
        if len(words) >= 3:
            start = chance.randrange(len(words) - 2)
            add("title words", " ".join(words[start : start + 3]).lower(), name)
            add("unfinished word", f"{words[0]} {words[1]} {words[2][:-2]}".lower(), name)
        for own in sorted(word for word in identifiers[name] if owners[word.lower()] == 1)[:40]:
            add("identifier", own, name)
        sentences = re.findall(r"(?<=[.] )[A-Z][\w' -]{30,}", whole[name])
        for sentence in sentences[:20]:
            phrase = " ".join(sentence.split()[1:6])
            if sum(phrase in other for other in whole.values()) == 1:
                add("phrase", f'"{phrase}"', name)
    return [query for found in kinds.values() for query in chance.sample(found, min(count, len(found)))]


def _body(text: str) -> str:
    return text.split("\n---\n", 1)[-1]


if __name__ == "__main__":
    main()
