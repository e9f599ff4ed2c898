"""Sphinx's other builders: dirhtml builds the same site, and the others build books from its documents."""

from __future__ import annotations

import zipfile
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
from conftest import Site, note

if TYPE_CHECKING:
    from pathlib import Path


HOST = "http://127.0.0.1:8000/"

TEXT = """\
It took {result}`speed:time.median`, see {page}`all notes <notes/index>` and [another](other.md#a-section).

```{lab-figure} speed:curve
It falls.
```

```{diagram} drawing.svg
:alt: A box
What the drawing says.
```

```{math}
x = y^2
```

<table><tr><td>A cell</td><td>of HTML</td></tr></table>

Press <kbd>Enter</kbd>.

- [ ] To do

````{tab-set}
```{tab-item} A tab
Its text.
```
````
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("books") / "journal")
    site.write("notes/first.md", note("The first", tags="['C++', 'C#']", formerly="[old]", body=TEXT))
    site.write(
        "notes/other.md", note("Another", body="## A section\n\n```{diagram} more/drawing.svg\n:alt: Another\n```\n")
    )
    box = "<rect class='box' width='9' height='9'/>"
    site.write("notes/drawing.svg", f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>{box}</svg>")
    site.write(
        "notes/more/drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><text>Other</text></svg>"
    )
    site.lab()
    return site


class Links(HTMLParser):
    """The addresses that a page refers to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attributes if name in {"href", "src"}]


def dangling(out: Path) -> list[str]:
    """Dead links between the files of a dirhtml site."""
    bad = []
    for page in out.rglob("*.html"):
        address = HOST + page.relative_to(out).as_posix().removesuffix("index.html")
        for link in Links(page.read_text(encoding="utf-8")).links:
            url = urlsplit(urljoin(address, link))
            path = unquote(url.path).lstrip("/")
            if url.netloc == urlsplit(HOST).netloc and not (out / (path + "index.html" * path.endswith("/"))).is_file():
                bad += [f"{address}: {link}"] if path else []
    return bad


def files(out: Path) -> list[Path]:
    """The files of a site, except the one that Furo writes in each build."""
    return [path for path in out.rglob("*") if path.is_file() and path.name != "pygments.css"]


def test_dirhtml_builds_the_site_without_html_suffixes(site: Site) -> None:
    built = site.build("-b", "dirhtml", out="dirhtml")

    assert (built.status, built.log) == (0, "")
    assert dangling(built.out) == []
    assert (built.out / "notes/first/index.html").is_file()
    assert (built.out / "404.html").is_file()
    assert (built.out / "notes/old/index.html").read_text().count('href="../first/"') == 1
    sitemap, feed = ((built.out / name).read_text() for name in ("sitemap.xml", "feed.xml"))
    for address in ("notes/first/", "tags/c-plus-plus/", "tags/c-sharp/", "lanes/bigdata/"):
        assert f"<loc>{HOST}{address}</loc>" in sitemap
    assert f'href="{HOST}notes/first/"' in feed
    assert (built.out / "search-index/overview").is_file()
    assert f'<link rel="canonical" href="{HOST}notes/first/"' in (built.out / "notes/first/index.html").read_text()


def test_dirhtml_writes_nothing_without_a_change(site: Site) -> None:
    first = site.build("-b", "dirhtml", out="dirhtml")
    before = {path: path.stat().st_mtime_ns for path in files(first.out)}

    again = site.build("-b", "dirhtml", out="dirhtml")

    assert (again.status, again.log) == (0, "")
    assert {path: path.stat().st_mtime_ns for path in files(again.out)} == before


def test_epub_shows_figures_with_their_tables_and_links_to_the_site(site: Site) -> None:
    built = site.build("-b", "epub", out="epub")

    assert (built.status, built.log) == (0, "")
    (book,) = built.out.glob("*.epub")
    with zipfile.ZipFile(book) as archive:
        names = archive.namelist()
        pages = {name: archive.read(name).decode() for name in names if name.endswith(".xhtml")}
        assert all(ElementTree.fromstring(page) is not None for page in pages.values())
        page = pages["notes/first.xhtml"]
        assert {"_images/speed-curve.svg", "_images/drawing.svg"} <= {*names}
        assert b"var(" not in archive.read("_images/drawing.svg")
        assert b'fill="#' in archive.read("_images/drawing.svg")
        assert sum(b"Other</text>" in archive.read(name) for name in names if "drawing" in name) == 1
        (listed,) = (
            line
            for line in archive.read("content.opf").decode().split("\n")
            if "notes/first.xhtml" in line and "<item " in line
        )
        assert 'properties="mathml"' in listed
    assert 'alt="A curve. It falls."' in page
    assert 'disabled="disabled"' in page
    assert "12.5" in page
    assert f'href="{HOST}notes/index.html"' in page
    assert f'href="{HOST}tags/c-sharp.html"' in page
    assert 'href="other.xhtml#a-section"' in page
    assert "<script" not in page


@pytest.mark.parametrize(
    ("name", "file", "texts"),
    [
        (
            "latex",
            "samplejournal.tex",
            ["12.5", "{speed-curve}.png}", f"{HOST}notes/index.html"],
        ),
        (
            "text",
            "notes/first.txt",
            ["12.5", "[image: A box]", "What the drawing says.", "A cell of HTML", "Press Enter."],
        ),
        ("xml", "notes/first.xml", ["12.5", "A cell of HTML", "It falls.", 'alt="A box"']),
        ("singlehtml", "index.html", ["12.5", 'alt="A box"', f"{HOST}tags/c-sharp.html", "#document-notes/other"]),
        ("gettext", "notes.pot", ["What the drawing says."]),
        ("pseudoxml", "notes/first.pseudoxml", ["12.5"]),
        ("linkcheck", "output.txt", []),
        ("doctest", "output.txt", ["0 tests"]),
    ],
)
def test_other_builder_includes_the_text_of_documents(site: Site, name: str, file: str, texts: list[str]) -> None:
    built = site.build("-b", name, out=name)

    assert (built.status, built.log) == (0, "")
    text = (built.out / file).read_text(encoding="utf-8")
    assert [part for part in texts if part not in text] == []
