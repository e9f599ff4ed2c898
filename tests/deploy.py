"""Build the site as Read the Docs does, crawl it over http as a search engine does, and say what is wrong with it.

`make deploy-check` runs it. The site is built for an https address with a path and served at another: what names the
wrong one is found.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
PUBLISHED = "https://journal.example/en/latest/"
"""Where the site is built to stand."""

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"

KINDS = {
    "a[href], area[href]": ("href", "page"),
    "form[action]": ("action", "page"),
    "link[rel~=stylesheet]": ("href", "style"),
    "link[rel~=icon]": ("href", "image"),
    "link[rel~=alternate][type='application/atom+xml']": ("href", "feed"),
    "link[rel~=prev], link[rel~=next], link[rel~=first], link[rel~=last], link[rel~=search]": ("href", "other"),
    "script[src]": ("src", "script"),
    "img[src], image[href]": ("src", "image"),
    "meta[property='og:image']": ("content", "image"),
}
"""Where a page names an address, and what it takes it for."""
TYPES = {
    "style": ("text/css",),
    "script": ("text/javascript", "application/javascript"),
    "image": ("image/",),
    "font": ("font/", "image/"),
    "feed": ("application/atom+xml", "application/xml", "text/xml"),
}
"""How the types of what is taken for it begin."""
LOADED = ("style", "script", "font", "image")


@dataclass(frozen=True)
class Answer:
    status: int
    type: str
    body: bytes


@dataclass
class Page:
    """What a crawler sees in a page."""

    links: list[tuple[str, str]] = field(default_factory=list)
    """What it takes an address for, and the address."""
    anchors: set[str] = field(default_factory=set)
    canonical: list[str] = field(default_factory=list)
    og_url: str | None = None
    to: str | None = None
    """Where it leads at once."""
    is_hidden: bool = False
    """Whether it asks not to be indexed."""


class Crawl:
    """A crawl of the site that is ``served`` at an address of this machine, and says that it stands at ``published``.

    Both end with a slash. What is wrong is in ``faults``, a line each.
    """

    def __init__(self, served: str, published: str = PUBLISHED) -> None:
        self.served, self.published = served, published
        self.faults: list[str] = []
        self.reached: set[str] = set()
        self.asked: dict[str, Answer] = {}
        self.read: dict[str, Page] = {}
        self.notes = 0
        host = urlsplit(served)
        self.connection = http.client.HTTPConnection(host.hostname or "", host.port, timeout=30)

    def fault(self, where: str, what: str) -> None:
        """Note what is wrong with the file at an address, once."""
        line = f"{self.name(where)}: {what}"
        if line not in self.faults:
            self.faults.append(line)

    def name(self, url: str) -> str:
        """An address as a line names it."""
        return re.sub(r"\?[^#]*", "", url.removeprefix(self.published)) or "index.html"

    def ask(self, url: str) -> Answer:
        """Fetch a published address from where it is served."""
        url = url.partition("?")[0]
        if url not in self.asked:
            path = urlsplit(self.served).path + url.removeprefix(self.published)
            self.connection.request("GET", quote(unquote(path)))
            response = self.connection.getresponse()
            self.asked[url] = Answer(response.status, response.headers.get_content_type(), response.read())
        return self.asked[url]

    def page(self, url: str) -> Page:
        """Read the page at an address."""
        if url not in self.read:
            self.read[url] = read(url, self.ask(url).body)
        return self.read[url]

    def is_ours(self, where: str, url: str, kind: str) -> bool:
        """Whether an address is one of the site; tells of one that should be."""
        parts = urlsplit(url)
        if url.startswith(self.published):
            return True
        if parts.scheme not in {"http", "https"}:
            return False
        if parts.hostname in {"localhost", "127.0.0.1", "::1"}:
            self.fault(where, f"names {url}, an address of one machine")
        elif parts.netloc == urlsplit(self.published).netloc:
            self.fault(where, f"leads out of the site's folder, to {url}")
        elif kind in LOADED:
            self.fault(where, f"loads {url} from another host")
        return False

    def follow(self, where: str, url: str, kind: str) -> Answer | None:
        """Ask for what a file leads to; gives it, if it is there and what it is taken for."""
        if not self.is_ours(where, url, kind):
            return None
        address, place = urldefrag(url)
        answer = self.ask(address)
        if answer.status != 200:
            self.fault(where, f"leads to {self.name(address)}, which answers {answer.status}")
            return None
        if kind in TYPES and not answer.type.startswith(TYPES[kind]):
            self.fault(where, f"takes {self.name(address)} as {kind}, which is served as {answer.type}")
            return None
        if place and answer.type == "text/html":
            page = self.page(address)
            if unquote(place) not in page.anchors and not page.to:
                self.fault(where, f"leads to {self.name(url)}, and there is no such place")
        return answer

    def run(self, folder: Path) -> list[str]:
        """Crawl all, and compare it with the folder that is served; gives the faults."""
        self.pages()
        listed = self.sitemap()
        self.orphans(listed, folder)
        self.catalog()
        self.not_found()
        self.search()
        return self.faults

    def pages(self) -> None:
        """Follow every link from home on."""
        waiting = deque([self.published])
        while waiting:
            url = waiting.popleft()
            if url in self.reached:
                continue
            self.reached.add(url)
            answer = self.ask(url)
            if answer.status != 200:
                self.fault(url, f"answers {answer.status}")
                continue
            page = self.page(url)
            self.identity(url, page)
            for kind, target in page.links:
                found = self.follow(url, target, kind)
                if found and kind == "page" and found.type == "text/html":
                    waiting.append(urldefrag(target).url.partition("?")[0])
                elif found and kind == "style":
                    self.style(urldefrag(target).url, found)
                elif found and kind == "feed":
                    self.feed(target, found)

    def identity(self, url: str, page: Page) -> None:
        """Look at which address a page says is its own."""
        if page.to:
            self.fault(url, "is linked to, and only leads on; link to where it leads")
        if page.is_hidden:
            return
        own = self.published if self.name(url) == "index.html" else url
        if len(page.canonical) != 1:
            self.fault(url, f"has {len(page.canonical)} canonical addresses")
        elif page.canonical[0] != own:
            self.fault(url, f"says that its address is {page.canonical[0]}")
        elif page.og_url != own:
            self.fault(url, f"is shared as {page.og_url}")

    def style(self, url: str, answer: Answer) -> None:
        """Follow what a style sheet loads."""
        if url in self.reached:
            return
        self.reached.add(url)
        text = re.sub(r"/\*.*?\*/", "", answer.body.decode("utf-8", "replace"), flags=re.DOTALL)
        for found in re.finditer(r"""url\(\s*["']?([^"')]+)["']?\s*\)""", text):
            if not found[1].startswith(("data:", "#")):
                self.follow(url, urljoin(url, found[1]), "font")

    def xml(self, url: str, answer: Answer) -> ElementTree.Element | None:
        try:
            return ElementTree.fromstring(answer.body)
        except ElementTree.ParseError as error:
            self.fault(url, f"is not XML: {error}")
            return None

    def feed(self, url: str, answer: Answer) -> None:
        """Read a feed as a reader of feeds does."""
        if url in self.reached:
            return
        self.reached.add(url)
        root = self.xml(url, answer)
        if root is None:
            return
        own = [link.get("href") for link in root.findall(f"{ATOM}link[@rel='self']")]
        if own != [url]:
            self.fault(url, f"says that its address is {' '.join(map(str, own)) or 'none'}")
        entries = root.findall(f"{ATOM}entry")
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        if not entries or None in ids or len(set(ids)) < len(ids):
            self.fault(url, "has no entries, or two of one id")
        for entry in entries:
            links = [link.get("href", "") for link in entry.findall(f"{ATOM}link")]
            for link in links:
                self.follow(url, urljoin(url, link), "other")
            for kind, target in read("", (entry.findtext(f"{ATOM}content") or "").encode()).links:
                if not urlsplit(target).scheme:
                    self.fault(url, f"has the relative address {target} in the text of {' '.join(links)}")
                else:
                    self.follow(url, target, kind)

    def sitemap(self) -> set[str]:
        """Read robots.txt and the sitemap that it names; gives the pages that are listed."""
        robots = self.ask(self.published + "robots.txt")
        named = re.findall(r"^Sitemap: (\S+)$", robots.body.decode("utf-8", "replace"), re.MULTILINE)
        if robots.status != 200 or not named:
            self.fault(self.published + "robots.txt", "is not there, or names no sitemap")
        listed: set[str] = set()
        waiting = deque(named)
        while waiting:
            url = waiting.popleft()
            answer = self.follow(self.published + "robots.txt", url, "other")
            root = self.xml(url, answer) if answer else None
            if root is None:
                continue
            waiting += [str(part.text) for part in root.findall(f"{SITEMAP}sitemap/{SITEMAP}loc")]
            for item in root.findall(f"{SITEMAP}url"):
                page = str(item.findtext(f"{SITEMAP}loc"))
                if page in listed:
                    self.fault(url, f"lists {self.name(page)} twice")
                listed.add(page)
                if self.follow(url, page, "other") and self.page(page).is_hidden:
                    self.fault(url, f"lists {self.name(page)}, which asks not to be indexed")
                day = item.findtext(f"{SITEMAP}lastmod")
                if day is not None and not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
                    self.fault(url, f"dates {self.name(page)} {day}")
        return listed

    def orphans(self, listed: set[str], folder: Path) -> None:
        """Tell of pages to which nothing leads, and of those that the sitemap forgets."""
        for url in sorted(listed - self.reached):
            self.fault(url, "is in the sitemap, and no page leads to it")
        for path in sorted(folder.rglob("*.html")):
            name = quote(path.relative_to(folder).as_posix())
            url = self.published if name == "index.html" else self.published + name
            if self.page(url).is_hidden or name.startswith("_static/"):
                continue
            if url not in listed:
                self.fault(url, "is not in the sitemap")
            if url not in self.reached and url not in listed:
                self.fault(url, "is published, and no page leads to it")

    def catalog(self) -> None:
        """Read catalog.json and llms.txt, and try each address of a note, the former ones as well."""
        url = self.published + "catalog.json"
        try:
            notes = json.loads(self.ask(url).body)["notes"]
        except (ValueError, KeyError):
            self.fault(url, "is no catalog of notes")
            return
        self.notes = len(notes)
        for note in notes:
            for name in ("url", "markdown"):
                self.follow(url, note[name], "other")
            for former in note["formerly"]:
                self.former(f"{self.published}{quote(former)}.html", note["url"])
        text = self.ask(self.published + "llms.txt").body.decode("utf-8", "replace")
        for target in re.findall(r"\]\((\S+?)\)", text):
            self.follow(self.published + "llms.txt", target, "other")

    def former(self, url: str, target: str) -> None:
        """Try an address that a note had before."""
        answer = self.ask(url)
        if answer.status != 200:
            self.fault(url, f"was the address of {self.name(target)}, and answers {answer.status}")
            return
        page = self.page(url)
        if urldefrag(url).url == target:
            return
        if page.to != target or page.canonical != [target] or not page.is_hidden:
            self.fault(url, f"was the address of {self.name(target)}, and does not lead there")

    def not_found(self) -> None:
        """Ask for what is not there, in a folder that is not there: the page for that must still find its files."""
        url = self.published + "no-such/folder/page.html"
        answer = self.ask(url)
        if answer.status != 404:
            self.fault(url, f"is not there, and answers {answer.status}")
        page = self.page(url)
        if not page.links:
            self.fault(self.published + "404.html", "has no links: a reader is lost on it")
        if not page.is_hidden:
            self.fault(self.published + "404.html", "does not ask not to be indexed")
        for kind, target in page.links:
            if urldefrag(target).url != url:
                self.follow(self.published + "404.html", target, kind)

    def search(self) -> None:
        """Load both indexes of the search, as the scripts of its page do."""
        url = self.published + "searchindex.js"
        text = self.ask(url).body.decode("utf-8", "replace")
        try:
            index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
            for name in index["docnames"]:
                self.follow(url, f"{self.published}{quote(name)}.html", "other")
        except (ValueError, KeyError, TypeError):
            self.fault(url, "is no index of Sphinx's search")
        entry = self.published + "pagefind/pagefind-entry.json"
        for name in ("pagefind.js", "wasm.en.pagefind"):
            self.follow(entry, urljoin(entry, name), "other")
        try:
            language = json.loads(self.ask(entry).body)["languages"]["en"]
            gzip.decompress(self.ask(urljoin(entry, f"pagefind.{language['hash']}.pf_meta")).body)
            count = int(language["page_count"])
        except (ValueError, TypeError, KeyError, OSError, EOFError):
            self.fault(entry, "leads to no index of the search that can be loaded")
        else:
            if count != self.notes:
                self.fault(entry, f"leads to an index of {count} notes, and there are {self.notes}")


@functools.lru_cache(maxsize=1000)
def read(url: str, body: bytes) -> Page:
    """Read a page as a crawler does; nobody changes what it gives."""
    soup = BeautifulSoup(body, "html.parser")
    page = Page()
    for selector, (attribute, kind) in KINDS.items():
        for element in soup.select(selector):
            value = element.get(attribute) or element.get("href")
            if value is not None:
                page.links.append((kind, urljoin(url, str(value))))
    for scripts in soup.select("script#scripts"):
        page.links += [("script", urljoin(url, source)) for source in json.loads(scripts.text)]
    page.anchors = {str(element.get("id") or element["name"]) for element in soup.select("[id], a[name]")} | {"top"}
    page.canonical = [urljoin(url, str(link["href"])) for link in soup.select("link[rel~=canonical][href]")]
    named = soup.select_one("meta[property='og:url']")
    page.og_url = str(named["content"]) if named else None
    refresh = soup.select_one("meta[http-equiv=refresh]")
    page.to = urljoin(url, str(refresh["content"]).partition("url=")[2]) if refresh else None
    robots = soup.select_one("meta[name=robots]")
    page.is_hidden = robots is not None and "noindex" in str(robots["content"])
    return page


@contextlib.contextmanager
def served(folder: Path, published: str = PUBLISHED) -> Iterator[str]:
    """Serve a folder as a static host does, on a free port of this machine, below the path of its address.

    What is not there is answered with 404.html. Gives the address, with a slash at the end.
    """
    root = urlsplit(published).path

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # it holds back each answer for 40 ms

        def translate_path(self, path: str) -> str:
            below = path.removeprefix(root) if path.startswith(root) else "outside-of-the-site"
            return super().translate_path(f"/{below}")

        def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
            page = folder / "404.html"
            body = page.read_bytes() if page.is_file() else b""
            self.send_response(code)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def list_directory(self, path: object) -> None:
            self.send_error(404)

        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}{root}"
        finally:
            server.shutdown()
            thread.join()


def faults(folder: Path, published: str = PUBLISHED) -> list[str]:
    """All that is wrong with a built site that says it stands at ``published``."""
    with served(folder, published) as address:
        crawl = Crawl(address, published)
        try:
            return crawl.run(folder)
        finally:
            crawl.connection.close()


def build(out: Path) -> int:
    """Build what git knows of, as Read the Docs does from its configuration; gives the exit status."""
    sources = out / "sources"
    names = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True).split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, sources / name)
    command = [sys.executable, "-m", "sphinx", "-T", "-W", "--keep-going", "-q", "-b", "html", "-d", "_build/doctrees"]
    return subprocess.run(
        [*command, "-D", "language=en", ".", str(out / "html")],
        cwd=sources,
        env={**os.environ, "READTHEDOCS": "True", "READTHEDOCS_CANONICAL_URL": PUBLISHED},
        check=False,
    ).returncode


def main() -> int:
    """Build, crawl, and print a line for each fault."""
    with tempfile.TemporaryDirectory() as name:
        if build(Path(name)):
            print("deploy-check: the build failed", file=sys.stderr)
            return 1
        html = Path(name, "html")
        found = faults(html)
        print(*found, sep="\n", end="\n" if found else "")
        print(f"{len(found)} to mend on {len([*html.rglob('*.html')])} pages", file=sys.stderr)
        return bool(found)


if __name__ == "__main__":
    sys.exit(main())
