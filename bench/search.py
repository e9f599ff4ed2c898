"""Measure the search: the rank of the wanted note for each query, and what a search loads.

python search.py [--public til otel] [--peers] [--clones FOLDER] [--sample 40] [--seed 0] [--out search.json]

Without options, runs the committed queries on the journal's notes, mixed with those of the benchmark. With `--public`,
clones public collections, runs sampled queries of many kinds on them, and measures what a search loads.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from corpus import corpus
from playwright.sync_api import sync_playwright
from public_collections import COLLECTIONS, write_notes
from query_sampler import sample
from search_peers import peers
from systems import ROOT, write_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
QUERIES = HERE / "queries.json"
OTHER_NOTES = 400
"""Number of notes of the benchmark's corpus that are searched together with the journal's."""
ENGINES = ("ours", "Sphinx", "Sphinx from a folder")
RESULTS = ".search-page .result-title a, .search-page ul.search > li > a"
TYPED = ("spark", "install error", "how do I trace a request", "python 3.12 release")
TEN_LETTERS = "reliability"
"""First queries whose loads are measured; the last is typed key by key."""

LARGEST = 1600
"""Number of notes of the largest journal."""

ASK = """async (query) => {
  const { loadIndex } = await import("/_static/search/engine.js");
  const { ask } = await import("/_static/search/ranking.js");
  const index = await loadIndex(new URL("/", location.href).href);
  return (await ask(index, query)).notes.map((note) => index.overview.names[note]);
}"""
SETTLED = """() => {
  const status = document.querySelector('.search-page .search-status, .search-page .search-summary');
  return status && /[^…]$/.test(status.textContent) && !document.querySelector('#search-results h2 span:not(:empty)');
}"""

Query = dict[str, Any]
"""``kind``, ``query``, and ``note``, the name of the wanted note, or ``notes``, any of which counts."""


def main() -> None:
    """Measure ranks and sizes; write them to ``--out``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--public", nargs="*", default=[], choices=[*COLLECTIONS], help="public collections to search")
    parser.add_argument("--peers", action="store_true", help="also run the queries in other searches; needs npm")
    parser.add_argument("--clones", type=Path, default=ROOT / "_build/collections", help="the folder for their clones")
    parser.add_argument("--sample", type=int, default=40, help="number of queries of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "search.json")
    options = parser.parse_args()
    if not (options.public or QUERIES.is_file()):
        parser.error(f"{QUERIES} is missing; write queries for your notes, or use --public")
    quality, loads = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        if not options.public:
            with built(OTHER_NOTES, ROOT / "notes") as site:
                queries = json.loads(QUERIES.read_text())
                quality += [row for engine in ENGINES for row in judge(browser, site, engine, queries)]
        for name in options.public:
            with tempfile.TemporaryDirectory() as notes:
                write_notes(name, options.clones, Path(notes))
                queries = sample(Path(notes), options.sample, options.seed)
                with built(0, Path(notes)) as site:
                    quality += [{"notes": name, **row} for row in judge_at_once(browser, site, queries, options.peers)]
                    loads += measure_loads(browser, site, name)
        if options.public:
            with tempfile.TemporaryDirectory() as notes:
                for name in COLLECTIONS:
                    write_notes(name, options.clones, Path(notes))
                for path in sorted(Path(notes).glob("*.md"))[LARGEST:]:
                    path.unlink()
                with built(0, Path(notes)) as site:
                    loads += measure_loads(browser, site, "all")
        browser.close()
    options.out.write_text(json.dumps({"quality": quality, "loads": loads}, indent=1) + "\n")


def chromium() -> str:
    """Return the path of the system's browser, which the tests use too."""
    names = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
    path = next(filter(None, map(shutil.which, names)), None)
    return path or sys.exit("no Chromium found; run `sh tests/browser.sh`")


@contextmanager
def built(size: int, notes: Path | None = None) -> Iterator[Path]:
    """Build a journal of ``size`` notes of the corpus and the notes of a folder; yield its output folder."""
    with tempfile.TemporaryDirectory(prefix="bench-search-") as name:
        folder = Path(name)
        write_journal(folder, corpus(size))
        if notes:
            shutil.copytree(notes, folder / "notes", dirs_exist_ok=True)
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", "doctrees", ".", "html"]
        subprocess.run(command, cwd=folder, check=True, stderr=subprocess.DEVNULL)
        yield folder / "html"


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on localhost; yield its address."""

    class Server(http.server.ThreadingHTTPServer):
        request_queue_size = 64  # browsers request a dozen files at once

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    with Server(("127.0.0.1", 0), functools.partial(Handler, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def judge(browser: Browser, site: Path, engine: str, queries: list[Query]) -> Iterator[dict[str, Any]]:
    """Run all queries in one engine; yield the scores of each kind of query."""
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
    for kind, kind_ranks in ranks.items():
        yield {"engine": engine, "kind": kind, "queries": len(kind_ranks), **score(kind_ranks)}


def judge_at_once(
    browser: Browser, site: Path, queries: list[Query], with_peers: bool = False
) -> Iterator[dict[str, Any]]:
    """Run all queries on one page in the journal's search, and in its peers; yield the scores of each kind."""
    with serve(site) as address:
        page = browser.new_page(bypass_csp=True)
        page.goto(f"{address}/search.html")

        def judged(ask: str) -> list[dict[str, Any]]:
            ranks: dict[str, list[int]] = {}
            for query in queries:
                rank = rank_of(query, page.evaluate(ask, query["query"]))
                ranks.setdefault(query["kind"], []).append(rank)
            return [
                {"kind": kind, "queries": len(kind_ranks), **score(kind_ranks)} for kind, kind_ranks in ranks.items()
            ]

        yield from ({"engine": "ours", **row} for row in judged(ASK))
        if with_peers:
            yield from peers(page, address, site, judged)
        page.close()


def rank_of(query: Query, names: list[str]) -> int:
    """Return the rank of the first right note, from 1; 0 if there is none."""
    right = query.get("notes") or [query["note"]]
    return next((rank for rank, name in enumerate(names, start=1) if name in right), 0)


def score(ranks: list[int]) -> dict[str, float]:
    """hit@1, hit@5 and the mean reciprocal rank; a rank of 0 means that the note is not in the results."""
    return {
        "hit1": round(sum(rank == 1 for rank in ranks) / len(ranks), 3),
        "hit5": round(sum(0 < rank <= 5 for rank in ranks) / len(ranks), 3),
        "mrr": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
    }


def find(page: Page, address: str, query: Query) -> int:
    """Return the rank of the wanted note on the search page, from 1; 0 if it is not there."""
    page.goto(f"{address}/search.html?q={quote(query['query'])}")
    page.wait_for_function(SETTLED)
    paths = page.locator(RESULTS).evaluate_all("all => all.map((link) => link.pathname)")
    return rank_of(query, list(dict.fromkeys(path.rpartition("/")[2].removesuffix(".html") for path in paths)))


def measure_loads(browser: Browser, site: Path, name: str) -> Iterator[dict[str, Any]]:
    """Measure what first queries load, and what a slowly typed word of ten letters loads."""
    count = len(list((site / "search-index/notes").iterdir()))
    for text in TYPED:
        yield {"collection": name, **first_query(browser, site, count, text)}
    yield {"collection": name, "typed": True, **first_query(browser, site, count, TEN_LETTERS, delay=300)}


def first_query(browser: Browser, site: Path, size: int, text: str, delay: int = 0, path: str = "") -> dict[str, Any]:
    """Measure the gzipped kB that the dialog's first query loads, scripts and styles included.

    With a ``delay`` in milliseconds, it is typed key by key. ``path`` is the journal's path on the host.
    """
    with serve(site) as address:
        page = browser.new_page()
        page.goto(f"{address}/{path}index.html")
        page.wait_for_selector("html[data-ready]")
        page.wait_for_load_state("networkidle")
        sizes: dict[str, int] = {}
        page.on("response", lambda reply: sizes.update({reply.url: len(gzip.compress(reply.body(), mtime=0))}))
        page.keyboard.press("Control+k")
        if delay:
            page.locator("dialog[open]").wait_for()
            page.keyboard.type(text, delay=delay)
        else:  # if typed key by key, a slow machine would search for a part of it
            page.locator("dialog input").fill(text)
        page.locator(".result-excerpt").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        page.close()
    return {"notes": size, "query": text, "kB": round(sum(sizes.values()) / 1000, 1), "requests": len(sizes)}


if __name__ == "__main__":
    main()
