"""Build one corpus in one piece and as three projects, a lane each; compare their addresses, links and search.

python projects.py [--public til] [--clones FOLDER] [--size 300] [--sample 40] [--seed 0]

The projects stand side by side on one host. Their notes link to each other by intersphinx, and the search of each finds
the notes of all. Writes projects.json and the table of CONTRIBUTING.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import LANES, corpus
from measure import Usage, circumstances, measure
from playwright.sync_api import sync_playwright
from public_collections import COLLECTIONS, write_notes
from query_sampler import sample
from search import chromium, first_query, rank_of, score, serve
from selectolax.lexbor import LexborHTMLParser
from systems import ROOT, SPHINX, our_note, write_ours

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HERE = Path(__file__).parent
RESULTS = HERE / "projects.json"
GUIDE = ROOT / "CONTRIBUTING.md"
MARKS = "<!-- projects: made by bench/projects.py -->", "<!-- projects: end -->"
HOST = "https://journal.example.org/"
WHOLE = "whole"
"""The name of the folder of the journal in one piece."""

ASK = """async (queries) => {
  const root = new URL("./", location.href).href;
  const { loadIndex } = await import(`${root}_static/search/engine.js`);
  const { ask } = await import(`${root}_static/search/ranking.js`);
  const index = await loadIndex(root);
  const answers = [];
  for (const query of queries) {
    const { notes } = await ask(index, query);
    answers.push(notes.map((note) => index.address(note).pathname));
  }
  return answers;
}"""

CONF = """
html_baseurl = "{host}{name}/"
extensions += ["sphinx.ext.intersphinx"]
intersphinx_mapping = {{
    other: (f"{host}{{other}}/", f"../../html/{{other}}/objects.inv") for other in {others}
}}
fieldnotes_search_sites = [f"../{{other}}/" for other in {others}]
"""


def main() -> None:
    """Build and compare; write the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--public", choices=[*COLLECTIONS], help="a public collection in place of the made-up corpus")
    parser.add_argument("--clones", type=Path, default=ROOT / "_build/collections", help="where it is cloned")
    parser.add_argument("--size", type=int, default=300, help="notes")
    parser.add_argument("--sample", type=int, default=40, help="queries of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-projects-") as name:
        folder = Path(name)
        texts = read_texts(folder / "texts", options.public, options.clones, options.size)
        queries = sample(folder / "texts", options.sample, options.seed)
        results = compare(folder, texts, queries, strict=not options.public)
    results |= {"collection": options.public or "corpus", **circumstances()}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    text = GUIDE.read_text("utf-8")
    before, after = text.partition(MARKS[0])[0], text.partition(MARKS[1])[2]
    GUIDE.write_text(f"{before}{MARKS[0]}\n\n{table(results)}\n\n{MARKS[1]}{after}", "utf-8")


def read_texts(folder: Path, collection: str | None, clones: Path, size: int) -> dict[str, str]:
    """The files of ``size`` notes by their names, also written into ``folder``."""
    folder.mkdir()
    if collection:
        write_notes(collection, clones, folder)
    else:
        for note in corpus(size):
            (folder / f"{note.slug}.md").write_text(our_note(note), "utf-8")
    paths = sorted(folder.glob("*.md"))
    for path in paths[size:]:
        path.unlink()
    return {path.stem: path.read_text("utf-8") for path in paths[:size]}


def lane_of(text: str) -> str:
    """The lane that a note's front matter names."""
    found = re.search(r'^lane: "?([\w-]+)', text, re.MULTILINE)
    assert found
    return found[1]


def compare(folder: Path, texts: dict[str, str], queries: list[dict[str, Any]], *, strict: bool) -> dict[str, Any]:
    """Build all four sites below ``folder``, and compare them; a warning fails ``strict`` builds."""
    lanes = {name: lane_of(text) for name, text in texts.items()}
    following = dict(itertools.pairwise([*texts, next(iter(texts))]))
    for site in (WHOLE, *LANES):
        own = [name for name in texts if site in (WHOLE, lanes[name])]
        write_journal(folder / "sources" / site, site)
        for name in own:
            after = following[name]
            is_near = site in (WHOLE, lanes[after])
            link = f"{after}.md" if is_near else f"inv:{lanes[after]}:std:doc#notes/{after}"
            path = folder / "sources" / site / f"notes/{name}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{texts[name]}\n\nNext: [the next note]({link}).\n", "utf-8")
    for site in LANES:  # for the inventories alone, which the others read
        build(folder, site, "-D", "fieldnotes_index=0", "-D", "intersphinx_mapping=", strict=False)
    usages = {site: build(folder, site, strict=strict) for site in (WHOLE, *LANES)}
    whole = pages_of(folder / "html" / WHOLE)
    joined = [pages_of(folder / "html" / lane) for lane in LANES]
    pages = {name: page for each in joined for name, page in each.items()}
    assert len(pages) == sum(map(len, joined)) == len(texts)
    across = {name: after for name, after in following.items() if lanes[name] != lanes[after]}
    addresses = {name: f"{HOST}{lanes[name]}/notes/{name}.html" for name in texts}
    results: dict[str, Any] = {
        "notes": [len(texts), *map(len, joined)],
        "addresses": [sum(len(ids) + 1 for ids, _next in each.values()) for each in (whole, pages)],
        "same_addresses": sum(len({name, *ids} & {name, *pages[name][0]}) for name, (ids, _next) in whole.items()),
        "links": [len(across), sum(pages[name][1] == addresses[after] for name, after in across.items())],
        "cpu": [usages[site].cpu for site in (WHOLE, *LANES)],
        "memory": [usages[site].memory for site in (WHOLE, *LANES)],
        "environment": [size(folder / "doctrees" / site / "environment.pickle") for site in (WHOLE, *LANES)],
        "sphinx_index": [size(folder / "html" / site / "searchindex.js") for site in (WHOLE, *LANES)],
    }  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        results |= search_both(browser, folder / "html", queries)
        browser.close()
    return results


def write_journal(folder: Path, site: str) -> None:
    """The journal's code and home, with all lanes or with the one that the site has its name of."""
    write_ours(folder, [])
    others = [lane for lane in LANES if lane != site] if site != WHOLE else []
    for lane in others:
        (folder / f"lanes/{lane}.md").unlink()
    with (folder / "conf.py").open("a", encoding="utf-8") as conf:
        conf.write(CONF.format(host=HOST, name=site, others=others))
    (folder / "index.md").write_text("# A journal\n\n```{lane-grid}\n```\n", "utf-8")


def build(folder: Path, site: str, *options: str, strict: bool = True) -> Usage:
    """Build a site from nothing but the inventories of the others; a warning fails a ``strict`` build."""
    shutil.rmtree(folder / "doctrees" / site, ignore_errors=True)
    out = folder / "html" / site
    command = [*SPHINX[:3], "-q", *(["-W"] if strict else []), *options, "-b", "html", "-d"]
    return measure([*command, str(folder / "doctrees" / site), ".", str(out)], folder / "sources" / site)


def pages_of(site: Path) -> dict[str, tuple[set[str], str]]:
    """The ids of headings, and the address of the next note, of each note's page."""
    pages = {}
    for path in (site / "notes").glob("*.html"):
        page = LexborHTMLParser(path.read_text("utf-8"))
        ids = {node.attributes["id"] or "" for node in page.css("article section[id]")}
        links = [node.attributes["href"] or "" for node in page.css("article a") if node.text() == "the next note"]
        if links:  # a list of notes has none
            pages[path.stem] = ids, links[-1]
    return pages


def size(path: Path) -> int:
    """The size of a file in kB."""
    return round(path.stat().st_size / 1000)


def search_both(browser: Browser, html: Path, queries: list[dict[str, Any]]) -> dict[str, Any]:
    """Ask the journal in one piece, and each project, the same queries; and measure what a first query loads."""
    asked = [query["query"] for query in queries]
    answers = {}
    with serve(html) as address:
        page = browser.new_page()
        for site in (WHOLE, *LANES):
            page.goto(f"{address}/{site}/search.html")
            found = page.evaluate(ASK, asked)
            answers[site] = [[path.rpartition("/")[2].removesuffix(".html") for path in paths] for paths in found]
        page.close()
    whole, joined = answers[WHOLE], answers[next(iter(LANES))]
    pairs = [*zip(whole, joined, strict=True)]
    ranks = [[*map(rank_of, queries, found)] for found in (whole, joined)]
    return {
        "queries": len(queries),
        "same_first": sum(one[:1] == other[:1] for one, other in pairs),
        "same_five": sum(one[:5] == other[:5] for one, other in pairs),
        "same_notes": sum(set(one) == set(other) for one, other in pairs),
        "same_everywhere": all(answers[lane] == joined for lane in LANES),
        "scores": [*map(score, ranks)],
        "loads": [first_query(browser, html, 0, asked[0], path=f"{site}/") for site in (WHOLE, next(iter(LANES)))],
    }


def table(results: dict[str, Any]) -> str:
    """What CONTRIBUTING says of the comparison, in Markdown."""
    whole, *parts = results["notes"]
    named = {"corpus": "the benchmark's corpus"}.get(
        results["collection"], f"the public notes `{results['collection']}`"
    )
    (one, many), (first, other) = results["scores"], results["loads"]
    count, cpu, memory = results["queries"], results["cpu"], results["memory"]
    rows = [
        ("notes", f"{whole}", ", ".join(map(str, parts))),
        (
            "addresses of notes and of their headings",
            f"{results['addresses'][0]:,}",
            f"{results['addresses'][1]:,}; {results['same_addresses']:,} are the same below their folder",
        ),
        ("links to notes of another lane", f"{results['links'][0]}", f"{results['links'][1]} lead to them"),
        (
            "processor time and memory of a clean build",
            f"{cpu[0]:.1f} s, {memory[0]:.0f} MB",
            f"{max(cpu[1:]):.1f} s, {max(memory[1:]):.0f} MB at most; {sum(cpu[1:]):.1f} s in all",
        ),
        (
            "Sphinx's environment; the index of Sphinx's search",
            f"{results['environment'][0]:,} kB; {results['sphinx_index'][0]:,} kB",
            f"{max(results['environment'][1:]):,} kB; {max(results['sphinx_index'][1:]):,} kB at most",
        ),
        (
            "what a first query loads",
            f"{first['kB']} kB, {first['requests']} files",
            f"{other['kB']} kB, {other['requests']} files",
        ),
        ("queries with the same first note", f"{count}", f"{results['same_first']}"),
        ("with the same first five, in their order", "", f"{results['same_five']}"),
        ("with the same notes", "", f"{results['same_notes']}"),
        (
            "the wanted note is first; mean reciprocal rank",
            f"{one['hit1']:.1%}; {one['mrr']:.3f}",
            f"{many['hit1']:.1%}; {many['mrr']:.3f}",
        ),
    ]  # fmt: skip
    lines = [
        f"Measured on {named} ({results['machine']}, {results['date']}):",
        "",
        "| | in one piece | three projects |",
        "| --- | ---: | --- |",
        *(f"| {what} | {here} | {there} |" for what, here, there in rows),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
