"""The Atom feeds, as a feed parser reads them."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from bs4 import BeautifulSoup
from conftest import Site, note
from fieldnotes.exports import plain_svg
from publishing import HOME, feed, pages, publish
from systems import SAMPLE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Built


def feed_paths(built: Built) -> list[str]:
    return [name for name in built.files() if name.endswith(".xml") and not name.startswith("sitemap")]


def test_journal_lanes_and_tags_have_feeds(site: Site) -> None:
    site.write("notes/old.md", note("Old", date="2025-12-31", tags="[Spark]"))
    site.write("notes/new.md", note("New", date="2026-01-02", tags="[Spark, YARN]", summary="It says *this*."))
    site.write("notes/other.md", note("Other", date="2026-01-01", lane="ai-systems", tags="['C++']"))
    built = publish(site)
    titles = {path: [entry.title for entry in feed(built, path).entries] for path in feed_paths(built)}
    assert titles == {
        "feed.xml": ["New", "Other", "Old"],
        "lanes/ai-systems.xml": ["Other"],
        "lanes/bigdata.xml": ["New", "Old"],
        "tags/c-plus-plus.xml": ["Other"],
        "tags/spark.xml": ["New", "Old"],
        "tags/yarn.xml": ["New"],
    }
    parsed = feed(built, "lanes/bigdata.xml")
    assert parsed.feed.title == f"{SAMPLE_NAME}: BigData"
    assert parsed.feed.updated == "2026-01-02T00:00:00Z"
    assert {link.rel: link.href for link in parsed.feed.links} == {
        "self": f"{HOME}lanes/bigdata.xml",
        "alternate": f"{HOME}lanes/bigdata.html",
    }
    entry = parsed.entries[0]
    assert (entry.published, entry.updated) == ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z")
    assert (entry.link, entry.summary) == (f"{HOME}notes/new.html", "It says *this*.")
    assert [(tag.term, tag.label) for tag in entry.tags] == [
        ("bigdata", "BigData"),
        ("spark", "Spark"),
        ("yarn", "YARN"),
    ]


def test_feeds_conform_to_rfc_4287(sample: Built) -> None:
    """Section 4: required elements, unique ids, RFC 3339 dates, absolute addresses."""
    atom = "{http://www.w3.org/2005/Atom}"
    when = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    paths = feed_paths(sample)
    assert {"feed.xml", "lanes/bigdata.xml", "tags/spark.xml"} <= set(paths)
    feed_ids = []
    for path in paths:
        feed(sample, path)
        root = ElementTree.fromstring((sample.out / path).read_bytes())
        assert root.tag == f"{atom}feed"
        assert root.find(f"{atom}author/{atom}name").text == "Ada Sample"
        (self_link,) = root.findall(f"{atom}link[@rel='self']")
        assert urlsplit(self_link.get("href")).path == f"/{path}"
        entries = root.findall(f"{atom}entry")
        assert entries
        feed_ids += [root.findtext(f"{atom}id")]
        ids = [entry.findtext(f"{atom}id") for entry in entries]
        assert len(set(ids)) == len(ids)
        for element in [root, *entries]:
            for name in ("id", "title", "updated"):
                assert len(element.findall(f"{atom}{name}")) == 1
            assert when.fullmatch(element.findtext(f"{atom}updated"))
            assert len(element.findall(f"{atom}link[@rel='alternate']")) == 1
            assert element.findtext(f"{atom}id").startswith("urn:uuid:")
        updated = [entry.findtext(f"{atom}updated") for entry in entries]
        assert root.findtext(f"{atom}updated") == max(updated)
        for content in root.iter(f"{atom}content"):
            assert content.get("type") == "html"
            text = BeautifulSoup(content.text, "html.parser")
            for element in text.select("[href], [src]"):
                address = element.get("href") or element.get("src")
                assert urlsplit(address).scheme in {"http", "https"}, address
    assert len(set(feed_ids)) == len(feed_ids)


def test_feed_contains_the_full_text(sample: Built) -> None:
    for entry in feed(sample, "feed.xml").entries:
        page = sample.page(urlsplit(entry.link).path.strip("/").removesuffix(".html")).select_one("article")
        for extra in page.select(".headerlink, nav, .note-line, .byline, h1, p.tags"):
            extra.decompose()
        text = BeautifulSoup(entry.content[0].value, "html.parser")
        pictures = text.select("figure img")
        assert len(pictures) == len(page.select("figure svg"))
        for picture, drawing in zip(pictures, page.select("figure svg"), strict=True):
            file = BeautifulSoup((sample.out / urlsplit(picture["src"]).path.lstrip("/")).read_text(), "html.parser")
            assert file.svg.get_text().split() == drawing.get_text().split()
            assert file.select("[class]") == []
            for shape in file.select("rect, path"):
                assert "var(" not in str(shape)
                assert shape.get("fill") or shape.get("stroke")
            drawing.decompose()
        assert text.get_text(" ").split() == page.get_text(" ").split()


def keep_only(content: str, tags: str, attributes: str = "") -> str:
    """Content as shown by a reader that allows only these elements, addresses, `alt`, and these attributes."""
    text = BeautifulSoup(content, "html.parser")
    for element in text.find_all(True):
        if element.name not in tags.split():
            element.unwrap()
        element.attrs = {
            name: value for name, value in element.attrs.items() if name in {"href", "src", "alt", *attributes.split()}
        }
    return str(text)


READERS: dict[str, Callable[[str], str]] = {
    "feedparser": lambda content: feedparser.parse(FEED.format(escape(content))).entries[0].content[0].value,
    "full": lambda content: keep_only(
        content,
        "a aside b blockquote br caption code col colgroup data dd details div dl dt em figcaption figure h1 h2 h3 h4 hr i"
        " img kbd li math mi mn mo mrow ol p pre s samp section span strong sub summary sup table tbody td th thead tr ul",
        "id title width height colspan",
    ),
    "strict": lambda content: keep_only(content, "a blockquote code h2 h3 img li ol p pre table td th tr ul"),
}
"""Three readers that strip styles, classes and SVG: feedparser's sanitizer, and two allow-lists."""

FEED = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><content type="html">{}</content></entry></feed>'


@pytest.mark.parametrize("reader", READERS)
def test_figures_and_text_survive_a_reader_that_strips_styles(sample: Built, reader: str) -> None:
    for entry in feed(sample, "feed.xml").entries:
        whole = BeautifulSoup(entry.content[0].value, "html.parser")
        left = BeautifulSoup(READERS[reader](entry.content[0].value), "html.parser")
        assert left.select("svg, style, script, [style]") == []
        assert [img["src"] for img in left.select("img")] == [img["src"] for img in whole.select("img")]
        assert all(img["alt"] for img in left.select("img"))
        assert len(left.select("tr")) == len(whole.select("tr"))
        assert "".join(left.get_text().split()) == "".join(whole.get_text().split())


def test_feed_explains_itself_in_a_browser(sample: Built) -> None:
    for path in ("feed.xml", "tags/spark.xml"):
        text = (sample.out / path).read_text()
        (style,) = re.findall(r'<\?xml-stylesheet href="([^"]*)"', text)
        assert ((sample.out / path).parent / style).is_file()
        root = ElementTree.fromstring(text)
        (page,) = root.iter("{http://www.w3.org/1999/xhtml}a")
        assert page.get("href") == root.find("{*}link[@rel='alternate']").get("href")
        shown = [paragraph.text for paragraph in root.iter("{http://www.w3.org/1999/xhtml}p")]
        assert root.find("{*}link[@rel='self']").get("href") in shown


RAW = '<article><h1>Raw</h1>\n<p class="tags">raw tags</p></article>\n'

BODIES = {
    "invalid": '<a href="http://[x">raw</a>\n',
    "raw": f"Before.\n\n{RAW}\nAfter.\n",
    "addresses": "![A](pic.png) [y](y.md) [up](../lanes/bigdata.md) [here](#here) <a href='y.md'>raw</a>\n\n"
    '<img alt="" src=pic.png srcset="pic.png 2x">\n\n## Here\n\n```html\n<a href="kept.html">\n```\n',
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A published journal with a note for each entry of BODIES."""
    site = Site(tmp_path_factory.mktemp("published") / "journal")
    site.write("notes/pic.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/y.md", note("Y", date="2025-01-01"))
    for name, body in BODIES.items():
        site.write(f"notes/{name}.md", note(name, body=body))
    return publish(site)


def content_of(built: Built, title: str) -> str:
    """The content of a note in the feed."""
    (entry,) = [entry for entry in feed(built, "feed.xml").entries if entry.title == title]
    return entry.content[0].value


def test_feed_omits_an_invalid_address(published: Built) -> None:
    link = BeautifulSoup(content_of(published, "invalid"), "html.parser").a
    assert (link.get_text(), link.get("href")) == ("raw", None)


def test_feed_keeps_raw_html_and_the_text_around_it(published: Built) -> None:
    content = content_of(published, "raw")
    assert [text for text in ("Before.", RAW.strip(), "After.") if text not in content] == []
    assert "Spark" not in content


def test_feed_makes_addresses_absolute_except_in_code(published: Built) -> None:
    content = content_of(published, "addresses")
    elements = BeautifulSoup(content, "html.parser").select("[href], [src]")
    assert [element.get("href") or element["src"] for element in elements] == [
        f"{HOME}_images/pic.png",
        f"{HOME}notes/y.html",
        f"{HOME}lanes/bigdata.html",
        f"{HOME}notes/addresses.html#here",
        f"{HOME}notes/y.html",
        *(f"{HOME}{path.relative_to(published.out)}" for path in published.out.glob("_downloads/*/*")),
    ]
    assert "srcset" not in content
    assert BeautifulSoup(content, "html.parser").select_one("pre").get_text() == '<a href="kept.html">\n'


def test_feed_ids_survive_a_renamed_note_and_a_moved_site(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    before = feed(publish(site), "feed.xml")
    (site.root / "notes/x.md").unlink()
    site.write("notes/y.md", note("X", formerly="[x]"))
    site.write("notes/z.md", note("Z", date="2025-01-01"))
    after = feed(publish(site, "https://elsewhere.example/"), "feed.xml")
    assert after.feed.id == before.feed.id
    assert after.entries[0].id == before.entries[0].id != after.entries[1].id
    assert after.entries[0].link == "https://elsewhere.example/notes/y.html"


def test_feed_lists_only_the_newest_notes(long_lists: Built) -> None:
    assert [entry.title for entry in feed(long_lists, "feed.xml").entries] == [f"N{n}" for n in range(104, 84, -1)]
    assert len(feed(long_lists, "lanes/bigdata.xml").entries) == 20
    assert len(feed(long_lists, "tags/spark.xml").entries) == 10


def test_pages_link_to_the_feeds_of_their_lists(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    built = publish(site)

    def linked_feeds(page: str) -> list[str]:
        return [link["href"] for link in built.page(page).select("link[type='application/atom+xml']")]

    assert linked_feeds("index") == ["feed.xml"]
    assert linked_feeds("notes/x") == ["../feed.xml", "../lanes/bigdata.xml"]
    assert linked_feeds("lanes/bigdata") == ["../feed.xml", "bigdata.xml"]
    assert linked_feeds("lanes/ai-systems") == ["../feed.xml"]
    assert linked_feeds("tags/spark") == ["../feed.xml", "spark.xml"]
    assert linked_feeds("notes/2026") == ["../feed.xml"]
    for page in pages(built):
        assert all((built.out / page).parent.joinpath(path).exists() for path in linked_feeds(page))


def test_journal_without_notes_has_no_feeds(site: Site) -> None:
    built = publish(site)
    assert feed_paths(built) == []
    assert not built.page("index").select("link[type='application/atom+xml']")


@pytest.mark.parametrize(
    ("view_box", "size"),
    [
        ("0 0 40 20", ("40", "20")),
        (" -1,-1, 40.5 ,.5 ", ("40.5", ".5")),
        ("0 0 1e3 2", ("1e3", "2")),
        ("0 0", ("600", "400")),
    ],
)
def test_size_of_a_drawing_is_that_of_its_view_box(view_box: str, size: tuple[str, str]) -> None:
    assert plain_svg.size(f'<svg viewBox="{view_box}"/>') == size
