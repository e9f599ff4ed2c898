"""Run the same queries on the same notes in other searches: MiniSearch, lunr, Pagefind and Sphinx's own."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.exports.article import article
from fieldnotes.search.sections import sections_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"

LOAD = {
    # All words, or else any; prefix and fuzzy matches: suggested by its documentation for searching a site.
    "MiniSearch": """async (notes) => {
        const index = new MiniSearch({ fields: ["title", "tags", "text"], idField: "name" });
        index.addAll(notes);
        const options = { boost: { title: 2 }, prefix: true, fuzzy: 0.2 };
        window.askPeer = (query) => {
            const matches = index.search(query, { ...options, combineWith: "AND" });
            return (matches.length ? matches : index.search(query, options)).map(({ id }) => id);
        };
        return JSON.stringify(index);
    }""",
    "lunr": """async (notes) => {
        const index = lunr(function () {
            this.ref("name");
            this.field("title", { boost: 2 });
            for (const field of ["tags", "text"]) this.field(field);
            for (const note of notes) this.add(note);
        });
        window.askPeer = (query) => index.search(query.replace(/[:~^*+-]/g, " ")).map(({ ref }) => ref);
        return JSON.stringify(index);
    }""",
    "Pagefind": """async () => {
        const pagefind = await import("/pagefind/pagefind.js");
        window.askPeer = async (query) => {
            const { results } = await pagefind.search(query);
            const pages = await Promise.all(results.slice(0, 10).map((result) => result.data()));
            return pages.map(({ url }) => url.replace(/.*\\//, "").replace(/\\.html$/, ""));
        };
        return "";
    }""",
    # What Sphinx's page does before it shows results; these are private names of Sphinx 9.0.
    "Sphinx": """async () => {
        window.askPeer = (query) => {
            const results = Search._performSearch(...Search._parseQuery(query)).reverse();
            return [...new Set(results.map(([name]) => name.replace("notes/", "")))];
        };
        return "";
    }""",
}
"""JavaScript that builds each search's index, defines `askPeer`, and returns the index if it is loaded whole."""


def peers(
    page: Page, address: str, site: Path, judge: Callable[[str], list[dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """Yield the scores of each search, with the gzipped kB of an index that is loaded whole.

    Pagefind has its defaults, except which pages are notes and where their text is.
    """
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    only_notes = ["--glob", "notes/*.html", "--root-selector", "article"]
    subprocess.run([MODULES / ".bin/pagefind", "--site", site, *only_notes], check=True, stdout=subprocess.DEVNULL)
    notes = [
        _text(path, site)
        for path in sorted((site / "notes").glob("*.html"))
        if (site / "search-index/notes" / path.stem).exists()
    ]
    for name, load in LOAD.items():
        page.route("**/search-index/**", lambda route: route.abort())  # so that Sphinx's own search runs
        page.goto(f"{address}/search.html?q=words")
        page.locator(".search-summary, ul.search li").first.wait_for()
        page.add_script_tag(path=MODULES / "minisearch/dist/umd/index.js")
        page.add_script_tag(path=MODULES / "lunr/lunr.js")
        index = page.evaluate(load, notes)
        for row in judge("(query) => askPeer(query)"):
            yield {
                "engine": name,
                **row,
                **({"index_kB": round(len(gzip.compress(index.encode())) / 1000)} if index else {}),
            }


def _text(path: Path, site: Path) -> dict[str, str]:
    """Return the fields of a note, for engines that index fields."""
    overview = _overview(site)
    at = overview["names"].index(path.stem)
    sections = sections_of(article(path.read_text(encoding="utf-8")))
    text = "\n".join(f"{section.heading}\n{section.text}" for section in sections)
    tags = " ".join(overview["tagTitles"][tag] for tag in overview["tags"][at])
    return {"name": path.stem, "title": overview["titles"][at], "tags": tags, "text": text}


def _overview(site: Path) -> dict[str, Any]:
    overview: dict[str, Any] = json.loads(gzip.decompress((site / "search-index/overview").read_bytes()))
    return overview
