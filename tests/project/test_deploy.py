"""What is wrong with a site that is published is found by who crawls it, each kind of fault on a line of its own."""

from __future__ import annotations

import gzip
import re
import shutil
from typing import TYPE_CHECKING

import deploy
import pytest
import yaml
from conftest import Site, note

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small site as it is published."""
    site = Site(tmp_path_factory.mktemp("deploy") / "journal", {"READTHEDOCS_CANONICAL_URL": deploy.PUBLISHED})
    site.lab()
    body = "It took {result}`speed:change`.\n\n## A section\n\nSee [the other](b.md#here).\n\n![A dot](dot.png)\n"
    site.write("notes/dot.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/a.md", note("A", formerly="[old]", body=body))
    site.write("notes/b.md", note("B", tags="[YARN]", lane="ai-systems", body="## Here\n\nSee [](a.md).\n"))
    built = site.build()
    assert built.status == 0, built.log
    return built.out


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    shutil.copytree(sound, tmp_path / "html")
    return tmp_path / "html"


def test_a_sound_site_has_no_fault(sound: Path) -> None:
    assert deploy.faults(sound) == []


HOME = deploy.PUBLISHED
NOTE = "notes/a.html"

PLANTED = [
    # what a page leads to
    (NOTE, "b.html#here", "gone.html", "notes/a.html: leads to notes/gone.html, which answers 404"),
    (NOTE, "b.html#here", "b.html#there", "notes/a.html: leads to notes/b.html#there, and there is no such place"),
    (NOTE, "b.html#here", "old.html", "notes/old.html: is linked to, and only leads on; link to where it leads"),
    (NOTE, "b.html#here", "/en/other.html", "notes/a.html: leads out of the site's folder, to https://journal.example/en/other.html"),
    (NOTE, "b.html#here", "http://localhost:8000/b.html", "notes/a.html: names http://localhost:8000/b.html, an address of one machine"),
    (NOTE, 'src="../_images/dot.png"', 'src="https://elsewhere.example/dot.png"', "notes/a.html: loads https://elsewhere.example/dot.png from another host"),
    (NOTE, 'src="../_images/dot.png"', 'src="../_images/gone.png"', "notes/a.html: leads to _images/gone.png, which answers 404"),
    (NOTE, 'src="../_images/dot.png"', 'src="../robots.txt"', "notes/a.html: takes robots.txt as image, which is served as text/plain"),
    (NOTE, "_static/sheet-note.css", "_static/gone.css", "notes/a.html: leads to _static/gone.css, which answers 404"),
    (NOTE, "_static/journal.js", "_static/journal.css", "notes/a.html: takes _static/journal.css as script, which is served as text/css"),
    # what it says it is
    (NOTE, f'rel="canonical" href="{HOME}notes/a.html"', f'rel="canonical" href="{HOME}notes/b.html"', f"notes/a.html: says that its address is {HOME}notes/b.html"),
    (NOTE, 'rel="canonical"', 'rel="other"', "notes/a.html: has 0 canonical addresses"),
    (NOTE, f'property="og:url" content="{HOME}', 'property="og:url" content="https://x.example/', "notes/a.html: is shared as https://x.example/notes/a.html"),
    (NOTE, "<head>", '<head><meta name="robots" content="noindex">', "sitemap.xml: lists notes/a.html, which asks not to be indexed"),
    # lists for machines
    ("robots.txt", "Sitemap:", "Site:", "robots.txt: is not there, or names no sitemap"),
    ("sitemap.xml", f"{HOME}notes/a.html", f"{HOME}notes/gone.html", "sitemap.xml: leads to notes/gone.html, which answers 404"),
    ("sitemap.xml", f"{HOME}notes/a.html", f"{HOME}notes/gone.html", "notes/a.html: is not in the sitemap"),
    ("sitemap.xml", f"{HOME}notes/a.html", f"{HOME}notes/b.html", "sitemap.xml: lists notes/b.html twice"),
    ("sitemap.xml", f"{HOME}notes/a.html", "http://127.0.0.1:8000/notes/a.html", "sitemap.xml: names http://127.0.0.1:8000/notes/a.html, an address of one machine"),
    ("sitemap.xml", "2026-01-02", "yesterday", "sitemap.xml: dates index.html yesterday"),
    ("sitemap.xml", "</urlset>", "", "sitemap.xml: is not XML: no element found"),
    ("feed.xml", f'rel="self" type="application/atom+xml" href="{HOME}feed.xml"', f'rel="self" type="application/atom+xml" href="{HOME}other.xml"', f"feed.xml: says that its address is {HOME}other.xml"),
    ("feed.xml", f"{HOME}notes/b.html#here", "b.html", "feed.xml: has the relative address b.html in the text of"),
    ("feed.xml", f'href="{HOME}notes/b.html"', f'href="{HOME}notes/c.html"', "feed.xml: leads to notes/c.html, which answers 404"),
    ("feed.xml", "</feed>", "", "feed.xml: is not XML: no element found"),
    ("catalog.json", f"{HOME}notes/a.md", f"{HOME}notes/c.md", "catalog.json: leads to notes/c.md, which answers 404"),
    ("catalog.json", "{", "", "catalog.json: is no catalog of notes"),
    ("llms.txt", "notes/a.md", "notes/c.md", "llms.txt: leads to notes/c.md, which answers 404"),
    # what is not there, and the search
    ("404.html", 'href="/en/latest/notes/index.html"', 'href="notes/index.html"', "404.html: leads to no-such/folder/"),
    ("404.html", "noindex", "index", "404.html: does not ask not to be indexed"),
    ("notes/old.html", "a.html", "b.html", "notes/old.html: was the address of notes/a.html, and does not lead there"),
    ("searchindex.js", "Search.setIndex({", "Search.setIndex(", "searchindex.js: is no index of Sphinx's search"),
    ("searchindex.js", '"notes/a"', '"notes/c"', "searchindex.js: leads to notes/c.html, which answers 404"),
    ("pagefind/pagefind-entry.json", '"hash":"en_', '"hash":"no_', "pagefind/pagefind-entry.json: leads to no index of the search that can be loaded"),
    ("pagefind/pagefind-entry.json", '"page_count":2', '"page_count":1', "pagefind/pagefind-entry.json: leads to an index of 1 notes, and there are 2"),
    ("_static/sheet-page.css", ".woff2", ".woff3", "_static/sheet-page.css: leads to _static/fonts/"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "sound_text", "broken_text", "line"), PLANTED)
def test_a_fault_that_is_planted_is_found(copy: Path, path: str, sound_text: str, broken_text: str, line: str) -> None:
    text = (copy / path).read_text()
    assert sound_text in text
    (copy / path).write_text(text.replace(sound_text, broken_text))
    found = deploy.faults(copy)
    assert any(fault.startswith(line) for fault in found), found


GONE = [
    ("notes/b.html", "notes/a.html: leads to notes/b.html, which answers 404"),
    ("notes/old.html", "notes/old.html: was the address of notes/a.html, and answers 404"),
    ("feed.xml", "index.html: leads to feed.xml, which answers 404"),
    ("sitemap.xml", "robots.txt: leads to sitemap.xml, which answers 404"),
    ("robots.txt", "robots.txt: is not there, or names no sitemap"),
    ("404.html", "404.html: has no links: a reader is lost on it"),
    ("searchindex.js", "searchindex.js: is no index of Sphinx's search"),
    ("pagefind/pagefind.js", "pagefind/pagefind-entry.json: leads to pagefind/pagefind.js, which answers 404"),
    ("_static/social.png", "index.html: leads to _static/social.png, which answers 404"),
    ("index.html", "index.html: answers 404"),
]


@pytest.mark.parametrize(("path", "line"), GONE)
def test_a_file_that_is_gone_is_found(copy: Path, path: str, line: str) -> None:
    (copy / path).unlink()
    assert line in deploy.faults(copy)


def test_a_page_to_which_nothing_leads_is_found(copy: Path) -> None:
    lonely = (copy / "notes/b.html").read_text().replace("notes/b.html", "notes/lonely.html")
    (copy / "notes/lonely.html").write_text(lonely)
    found = deploy.faults(copy)
    assert "notes/lonely.html: is published, and no page leads to it" in found
    assert "notes/lonely.html: is not in the sitemap" in found
    sitemap = (copy / "sitemap.xml").read_text()
    item = f"<url><loc>{HOME}notes/lonely.html</loc></url></urlset>"
    (copy / "sitemap.xml").write_text(sitemap.replace("</urlset>", item))
    assert deploy.faults(copy) == ["notes/lonely.html: is in the sitemap, and no page leads to it"]


def test_a_broken_overview_of_the_search_is_found(copy: Path) -> None:
    (overview,) = copy.glob("pagefind/*.pf_meta")
    overview.write_bytes(gzip.compress(b"x")[:-4])
    assert deploy.faults(copy) == ["pagefind/pagefind-entry.json: leads to no index of the search that can be loaded"]


def test_a_sitemap_in_parts_is_read_whole(copy: Path) -> None:
    text = (copy / "sitemap.xml").read_text()
    (copy / "sitemap-1.xml").write_text(text)
    namespace = re.search(r'xmlns="[^"]+"', text)[0]  # type: ignore[index]
    item = f"<sitemap><loc>{HOME}sitemap-1.xml</loc></sitemap>"
    (copy / "sitemap.xml").write_text(f"<sitemapindex {namespace}>{item}</sitemapindex>")
    assert deploy.faults(copy) == []


def test_the_build_is_that_of_read_the_docs() -> None:
    """The configuration says what the command does: conf.py, html, and warnings as errors."""
    settings = yaml.safe_load((deploy.ROOT / ".readthedocs.yaml").read_text())["sphinx"]
    assert settings == {"configuration": "conf.py", "builder": "html", "fail_on_warning": True}
