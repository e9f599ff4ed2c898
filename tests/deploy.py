"""Report faults of the site as built for Read the Docs (`make deploy-check`), or of a published site (with `URL=…`).

lychee checks every address and anchor in the built files: pages, stylesheets, feeds, sitemap, catalog and Markdown. The
site is served below a path, so addresses elsewhere on its host count as dead. Two checks are added that lychee lacks:
orphan pages, and the canonical address of each page.

For a published site, the host is checked: status, headers, compression, and that the links and lists of home answer.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit

import feedparser
from bs4 import BeautifulSoup, SoupStrainer
from fieldnotes.commands.serve import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

HOST, PATH = "https://journal.internal/", "en/latest/"
"""The address that the site is built for. lychee skips example hosts, and nobody can own a host in `.internal`."""

LYCHEE = """--offline --no-progress --verbose --format=json --include-fragments --include-verbatim --index-files=index.html
--extensions=css,html,json,md,txt,xml"""


def faults(root: Path) -> list[str]:
    """Return a line for each fault of the site below ``root``, the document root of its host."""
    site = root / PATH
    missing = site / "no-such/folder/page.html"  # a host answers with 404.html at any depth
    missing.parent.mkdir(parents=True)
    shutil.copy(site / "404.html", missing)
    report = run_lychee(root)
    broken = [
        f"{Path(path).relative_to(site)}:{link['span']['line']}: {link['url'].removeprefix(site.as_uri())}: {link['status']['text']}"
        for path, links in report["error_map"].items()
        for link in links
    ]
    links_by_file = {path: {target(link["url"]) for link in links} for path, links in report["success_map"].items()}
    return [*broken, *pages(site, links_by_file), *search(site)]


def run_lychee(root: Path) -> dict[str, Any]:
    """Check all files below ``root`` offline, and return lychee's report."""
    command = [str(Path(sys.executable).with_name("lychee")), *LYCHEE.split(), f"--root-dir={root}"]
    command += [f"--remap=^{HOST} {root.as_uri()}/"]
    command += [f"--remap=^http://127.0.0.1:8000/ {root.as_uri()}/built-without-its-address/"]
    done = subprocess.run([*command, str(root)], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 2}:  # 2: there are broken links
        sys.exit(done.stderr)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def target(url: str) -> str:
    """The path of the file at a `file:` address."""
    path = unquote(urlsplit(url).path)
    return f"{path}index.html" if path.endswith("/") else path


def pages(site: Path, links_by_file: dict[str, set[str]]) -> Iterator[str]:
    """Report pages that are orphans, missing from the sitemap, or have the canonical address of another page."""
    listed = links_by_file.get(str(site / "sitemap.xml"), set())
    reached, waiting = set(), {str(site / "index.html")}
    while waiting:
        reached |= waiting
        waiting = set().union(*(links_by_file.get(path, set()) for path in waiting if path.endswith(".html"))) - reached
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        page = BeautifulSoup(path.read_bytes(), "html.parser", parse_only=SoupStrainer(["link", "meta"]))
        is_hidden = page.select_one("meta[name=robots][content*=noindex]") is not None
        if is_hidden == (str(path) in listed):
            yield f"{name}: {'asks not to be indexed, and is in' if is_hidden else 'is not in'} the sitemap"
        if is_hidden:
            continue
        if str(path) not in reached:
            yield f"{name}: no page leads to it"
        address = HOST + PATH + ("" if name == "index.html" else quote(name))
        names = [link["href"] for link in page.select("link[rel=canonical]")]
        names += [meta["content"] for meta in page.select("meta[property='og:url']")]
        if names != [address, address]:
            yield f"{name}: names itself {' and '.join(map(str, names)) or 'nowhere'}"


def search(site: Path) -> Iterator[str]:
    """Report a search index that is missing or lacks notes."""
    notes = len(json.loads((site / "catalog.json").read_bytes())["notes"])
    overview = site / "search-index/overview"
    indexed = len(json.loads(gzip.decompress(overview.read_bytes()))["names"]) if overview.exists() else 0
    if indexed != notes:
        yield f"search-index: has {indexed} of {notes} notes"


TYPES = {
    "": "text/html; charset=utf-8",
    "notes/index.html": "text/html; charset=utf-8",
    "sitemap.xml": "xml",
    "robots.txt": "text/plain",
    "llms.txt": "text/plain",
    "catalog.json": "application/json",
}
"""Files that every site has, and their content types."""


def published(url: str) -> Iterator[str]:
    """Yield a line for each fault of the site published at ``url``."""
    url = f"{url.rstrip('/')}/"
    home, headers, text = fetch(url)
    if home != 200:
        yield f"{url}: answers with {home or text.decode()}"
        return
    for name, value in HEADERS.items():
        if value not in headers.get(name, ""):
            yield f"{url}: has no header `{name}: {value}`; see hosts/ for how the host sends it"
    if headers.get("Content-Encoding") not in {"br", "gzip", "zstd"}:
        yield f"{url}: is not compressed; turn on gzip"
    status, _headers, missing = fetch(f"{url}no-such/folder/page")
    if status != 404:
        yield f"{url}no-such/folder/page: answers with {status}, not 404"
    elif b'class="search-again"' not in missing:
        yield f"{url}no-such/folder/page: does not show the site's 404.html; name it in the settings of the host"
    for path, kind in TYPES.items():
        status, headers, _text = fetch(url + path)
        if status != 200 or kind not in headers.get("Content-Type", "").lower():
            yield f"{url}{path}: answers with {status} and `{headers.get('Content-Type', '')}`; expected is {kind}"
    page = BeautifulSoup(text, "html.parser")
    canonical = [str(link["href"]) for link in page.select("link[rel=canonical]")]
    if canonical != [url]:
        yield f"{url}: names itself {' and '.join(canonical) or 'nowhere'}; build with READTHEDOCS_CANONICAL_URL={url}"
    addresses = {urldefrag(urljoin(url, str(element["href"])))[0] for element in page.select("a[href], link[href]")}
    for address in sorted(address for address in addresses if address.startswith(url)):
        status, headers, text = fetch(address)
        if status != 200:
            yield f"{address}: answers with {status}; home links to it"
        elif address.endswith("feed.xml") and (feedparser.parse(text).bozo or not feedparser.parse(text).version):
            yield f"{address}: is not a feed"


def fetch(url: str) -> tuple[int, Message, bytes]:
    """Return status, headers and content of an address; if there is no answer, status 0 and the reason."""
    request = urllib.request.Request(url, headers={"Accept-Encoding": "gzip", "User-Agent": "deploy-check"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, headers, content = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, headers, content = error.code, error.headers, error.read()
    except (OSError, ValueError) as error:
        return 0, Message(), str(error).encode()
    is_packed = headers.get("Content-Encoding") == "gzip"
    return status, headers, gzip.decompress(content) if is_packed else content


def build(sources: Path, out: Path) -> int:
    """Build the committed and staged files as Read the Docs does; return the exit status."""
    subprocess.run(["git", "checkout-index", "--all", f"--prefix={sources}/"], cwd=ROOT, check=True)
    command = [sys.executable, "-m", "sphinx", "-T", "-W", "--keep-going", "-q", "-b", "html", "-d", "_build/doctrees"]
    environment = {**os.environ, "READTHEDOCS": "True", "READTHEDOCS_CANONICAL_URL": HOST + PATH}
    return subprocess.run([*command, ".", str(out)], cwd=sources, env=environment, check=False).returncode


def main(url: str = "") -> int:
    """Check the site at ``url``, or build the site and check it; print a line for each fault."""
    if url:
        lines = [*published(url)]
        print(*lines, f"deploy-check: {len(lines)} faults", sep="\n")
        return bool(lines)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve() / "host"
        if build(Path(name) / "sources", root / PATH):
            print("deploy-check: the build failed", file=sys.stderr)
            return 1
        lines = faults(root)
    print(*lines, f"deploy-check: {len(lines)} faults", sep="\n")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
