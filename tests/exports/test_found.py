"""What feed readers, search engines, language models and old links get, read by programs that are not of this project."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import deploy
import feedparser
import jsonschema
import published
import pytest
import schema_org
from bs4 import BeautifulSoup
from conftest import ROOT, Built, Site, note
from fieldnotes.exports import sitemap
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE
from fieldnotes.pages.urls import Site as Published
from playwright.sync_api import expect
from usp.objects.sitemap import PagesXMLSitemap
from usp.tree import sitemap_from_str

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOME = "https://example.org/en/latest/"
MARKUP = """'<b>Bold</b> </script> ]]> & "q" *star*'"""


@pytest.fixture
def site(site: Site) -> Site:
    site.environment["READTHEDOCS_CANONICAL_URL"] = HOME
    return site


def build(site: Site) -> Built:
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


def feed(built: Built, path: str) -> Any:
    """A feed as a feed reader has it: unchanged, since the parser would mend and resolve what is wrong."""
    found = feedparser.parse((built.out / path).read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    assert found.bozo == 0, found.get("bozo_exception")
    assert found.version == "atom10"
    return found


def feed_paths(built: Built) -> list[str]:
    return [name for name in built.files() if name.endswith(".xml") and not name.startswith("sitemap")]


def pages(built: Built) -> list[str]:
    return [name.removesuffix(".html") for name in built.files() if name.endswith(".html")]


# Feeds


def test_a_feed_for_the_journal_each_lane_and_each_tag(site: Site) -> None:
    site.write("notes/old.md", note("Old", date="2025-12-31", tags="[Spark]"))
    site.write("notes/new.md", note("New", date="2026-01-02", tags="[Spark, YARN]", summary="It says *this*."))
    site.write("notes/other.md", note("Other", date="2026-01-01", lane="ai-systems", tags="['C++']"))
    built = build(site)
    titles = {path: [entry.title for entry in feed(built, path).entries] for path in feed_paths(built)}
    assert titles == {
        "feed.xml": ["New", "Other", "Old"],
        "lanes/ai-systems.xml": ["Other"],
        "lanes/bigdata.xml": ["New", "Old"],
        "tags/c.xml": ["Other"],
        "tags/spark.xml": ["New", "Old"],
        "tags/yarn.xml": ["New"],
    }
    found = feed(built, "lanes/bigdata.xml")
    assert found.feed.title == "Built at Scale: BigData"
    assert found.feed.updated == "2026-01-02T00:00:00Z"
    assert {link.rel: link.href for link in found.feed.links} == {
        "self": f"{HOME}lanes/bigdata.xml",
        "alternate": f"{HOME}lanes/bigdata.html",
    }
    entry = found.entries[0]
    assert (entry.published, entry.updated) == ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z")
    assert (entry.link, entry.summary) == (f"{HOME}notes/new.html", "It says *this*.")
    assert [(tag.term, tag.label) for tag in entry.tags] == [
        ("bigdata", "BigData"),
        ("spark", "Spark"),
        ("yarn", "YARN"),
    ]


def test_feeds_keep_the_rules_of_the_standard(journal: Built) -> None:
    """RFC 4287, section 4: what each element must hold, ids that differ, dates of RFC 3339, absolute addresses."""
    atom = "{http://www.w3.org/2005/Atom}"
    when = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
    paths = feed_paths(journal)
    assert {"feed.xml", "lanes/bigdata.xml", "tags/spark.xml"} <= set(paths)
    feed_ids = []
    for path in paths:
        feed(journal, path)
        root = ElementTree.fromstring((journal.out / path).read_bytes())
        assert root.tag == f"{atom}feed"
        assert root.find(f"{atom}author/{atom}name").text == "Built at Scale"
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


def test_a_feed_holds_the_whole_text(journal: Built) -> None:
    for entry in feed(journal, "feed.xml").entries:
        page = journal.page(urlsplit(entry.link).path.strip("/").removesuffix(".html")).select_one("article")
        for extra in page.select(".headerlink, nav, .note-line, h1, p.tags"):
            extra.decompose()
        text = BeautifulSoup(entry.content[0].value, "html.parser")
        assert len(text.select("figure.diagram svg")) == len(page.select("figure.diagram svg"))
        for style in text.select("style"):
            assert "var(--" not in style.extract().get_text()
        assert text.get_text(" ").split() == page.get_text(" ").split()


def test_what_is_no_address_is_left_out_of_a_feed(site: Site) -> None:
    site.write("notes/x.md", note("X", body='<a href="http://[x">raw</a>\n'))
    assert "<a>raw</a>" in feed(build(site), "feed.xml").entries[0].content[0].value.replace("<a >", "<a>")


def test_a_feed_holds_the_text_around_raw_html(site: Site) -> None:
    html = '<article><h1>Raw</h1>\n<p class="tags">raw tags</p></article>\n'
    site.write("notes/x.md", note("X", body=f"Before.\n\n{html}\nAfter.\n"))
    content = feed(build(site), "feed.xml").entries[0].content[0].value
    assert [text for text in ("Before.", html.strip(), "After.") if text not in content] == []
    assert "Spark" not in content


def test_the_addresses_of_a_feed_are_absolute_and_code_is_left_alone(site: Site) -> None:
    site.write("notes/pic.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/y.md", note("Y", date="2025-01-01"))
    body = (
        "![A](pic.png) [y](y.md) [up](../lanes/bigdata.md) [here](#here) <a href='/x?a=1&amp;b=2'>raw</a>\n\n"
        '<img alt="" src=pic.png srcset="pic.png 2x">\n\n## Here\n\n```html\n<a href="kept.html">\n```\n\x0b\n'
    )
    site.write("notes/x.md", note("X", body=body))
    content = feed(build(site), "feed.xml").entries[0].content[0].value
    assert re.findall(r"""(?:href|src)=["']?([^"'\s>]*)""", content) == [
        f"{HOME}_images/pic.png",
        f"{HOME}notes/y.html",
        f"{HOME}lanes/bigdata.html",
        f"{HOME}notes/x.html#here",
        "https://example.org/x?a=1&amp;b=2",
        f"{HOME}notes/pic.png",
    ]
    assert "srcset" not in content
    assert "kept.html" in BeautifulSoup(content, "html.parser").select_one("pre").get_text()
    assert "\x0b" not in content


def test_markup_in_front_matter_is_text_in_every_file(site: Site) -> None:
    title, summary = (f"'{name} {MARKUP[1:-1]}'" for name in ("Title", "Summary"))
    site.write("notes/x.md", note(title, summary=summary, tags="['a </script><b> & b']"))
    built = build(site)
    entry = feed(built, "feed.xml").entries[0]
    assert (entry.title, entry.summary) == (title[1:-1], summary[1:-1])
    (article, _trail) = linked_data(built, "notes/x")
    assert (article["headline"], article["description"]) == (title[1:-1], summary[1:-1])
    assert article["keywords"] == ["a </script><b> & b"]
    page = built.page("notes/x")
    assert page.select_one("meta[property='og:title']")["content"] == title[1:-1]
    assert page.select_one("meta[property='article:tag']")["content"] == "a </script><b> & b"
    assert built.html("notes/x").count("<b>") == 0
    assert json.loads(built.files()["catalog.json"])["notes"][0]["title"] == title[1:-1]
    assert "\\<b\\>" in built.files()["llms.txt"].decode()


def test_ids_stay_when_a_note_is_renamed_and_when_the_site_moves(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    before = feed(build(site), "feed.xml")
    (site.root / "notes/x.md").unlink()
    site.write("notes/y.md", note("X", formerly="[x]"))
    site.write("notes/z.md", note("Z", date="2025-01-01"))
    site.environment["READTHEDOCS_CANONICAL_URL"] = "https://elsewhere.example/"
    after = feed(build(site), "feed.xml")
    assert after.feed.id == before.feed.id
    assert after.entries[0].id == before.entries[0].id != after.entries[1].id
    assert after.entries[0].link == "https://elsewhere.example/notes/y.html"


def test_a_feed_holds_the_newest_alone(site: Site) -> None:
    for number in range(25):
        site.write(f"notes/n{number}.md", note(f"N{number}", date=f"2026-01-{number + 1:02}"))
    built = build(site)
    assert [entry.title for entry in feed(built, "feed.xml").entries] == [f"N{n}" for n in range(24, 4, -1)]
    assert len(feed(built, "lanes/bigdata.xml").entries) == 20
    assert len(feed(built, "tags/spark.xml").entries) == 10


def test_pages_offer_the_feeds_of_what_they_are_about(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    built = build(site)

    def offered(page: str) -> list[str]:
        return [link["href"] for link in built.page(page).select("link[type='application/atom+xml']")]

    assert offered("index") == ["feed.xml"]
    assert offered("notes/x") == ["../feed.xml", "../lanes/bigdata.xml"]
    assert offered("lanes/bigdata") == ["../feed.xml", "bigdata.xml"]
    assert offered("lanes/ai-systems") == ["../feed.xml"]
    assert offered("tags/spark") == ["../feed.xml", "spark.xml"]
    assert offered("notes/2026") == ["../feed.xml"]
    for page in pages(built):
        assert all((built.out / page).parent.joinpath(path).exists() for path in offered(page))


def test_a_journal_without_notes_has_no_feeds(site: Site) -> None:
    built = build(site)
    assert feed_paths(built) == []
    assert not built.page("index").select("link[type='application/atom+xml']")


# Being found


def test_every_page_has_one_canonical_address_and_the_sitemap_names_them_all(site: Site) -> None:
    for number in range(60):
        site.write(
            f"notes/n{number}.md", note(f"N{number}", date=f"2024-01-{number % 28 + 1:02}", formerly=f"[o{number}]")
        )
    site.write("notes/in a/fold&r.md", note("Folder", date="2026-02-03", tags="[Ünïcode]"))
    built = build(site)
    hidden = {"search", "404", *(f"notes/o{number}" for number in range(60))}
    canonical = {}
    for page in pages(built):
        found = [link["href"] for link in built.page(page).select("link[rel=canonical]")]
        assert (built.page(page).select_one("meta[name=robots][content=noindex]") is not None) == (page in hidden), page
        if page in hidden:
            assert len(found) == (page not in {"search", "404"})
        else:
            (canonical[page],) = found
    assert canonical["index"] == HOME
    assert canonical["notes/in a/fold&r"] == f"{HOME}notes/in%20a/fold%26r.html"
    assert canonical["tags/spark/1"] == f"{HOME}tags/spark/1.html"
    sitemap = sitemap_from_str((built.out / "sitemap.xml").read_text())
    assert isinstance(sitemap, PagesXMLSitemap)
    listed = {page.url: page.last_modified for page in sitemap.all_pages()}
    assert set(listed) == set(canonical.values())
    assert len(listed) == len(list(sitemap.all_pages()))
    assert listed[f"{HOME}notes/n3.html"].date() == datetime.date(2024, 1, 4)
    assert listed[HOME].date() == listed[f"{HOME}tags/index.html"].date() == datetime.date(2026, 2, 3)
    assert listed[f"{HOME}tags/spark.html"].date() == datetime.date(2024, 1, 28)
    assert listed[f"{HOME}lanes/ai-systems.html"] is None


def test_a_large_sitemap_is_an_index_of_several() -> None:
    """At most 50,000 addresses in each: https://www.sitemaps.org/protocol.html."""
    listed = [(f"notes/n{number}", datetime.date(2026, 1, 1)) for number in range(7)]
    published_at = Published("Journal", HOME, "en")
    assert list(sitemap.sitemaps(published_at, listed, most=7)) == ["sitemap.xml"]
    files = sitemap.sitemaps(published_at, listed, most=3)
    assert list(files) == ["sitemap.xml", "sitemap-1.xml", "sitemap-2.xml", "sitemap-3.xml"]
    index = ElementTree.fromstring(files.pop("sitemap.xml"))
    assert index.tag == f"{{{sitemap.SITEMAPS}}}sitemapindex"
    assert [place.text for place in index.iter(f"{{{sitemap.SITEMAPS}}}loc")] == [HOME + name for name in files]
    found = [page.url for data in files.values() for page in sitemap_from_str(data.decode()).all_pages()]
    assert found == [f"{HOME}{name}.html" for name, _day in listed]
    assert sitemap.MAX_URLS == 50_000


def test_robots_are_told_where_the_sitemap_is(site: Site) -> None:
    from urllib.robotparser import RobotFileParser

    robots = RobotFileParser()
    robots.parse(build(site).files()["robots.txt"].decode().splitlines())
    assert robots.site_maps() == [f"{HOME}sitemap.xml"]
    assert robots.can_fetch("*", f"{HOME}notes/x.html")


def test_a_link_to_a_page_has_a_title_a_text_and_a_picture(journal: Built) -> None:
    for page in pages(journal):
        found = journal.page(page)
        if found.select_one("meta[name=robots]"):
            continue
        shown = {tag["property"]: tag["content"] for tag in found.select("meta[property^='og:']")}
        assert shown["og:url"] == found.select_one("link[rel=canonical]")["href"]
        assert shown["og:description"] == found.select_one("meta[name=description]")["content"]
        assert shown["og:type"] == (
            "article" if found.select_one("article .standfirst, p.tags") and found.select_one("p.tags") else "website"
        )
        assert found.title.get_text().startswith(shown["og:title"])
        assert shown["og:site_name"] == "Built at Scale"
        assert urlsplit(shown["og:image"]).path == f"/{PICTURE}"
        assert found.select_one("meta[name='twitter:card']")["content"] == "summary_large_image"
        assert len(found.select("meta[name=description]")) == 1
    data = (journal.out / PICTURE).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == PICTURE_SIZE
    assert len(data) < 80 * 1024


def linked_data(built: Built, page: str) -> list[dict[str, Any]]:
    return [json.loads(script.string) for script in built.page(page).select("script[type='application/ld+json']")]


def typed(value: Any) -> Any:
    """JSON-LD as models of schema.org's vocabulary, which take no property or type that it does not have."""
    if isinstance(value, list):
        return [typed(item) for item in value]
    if not isinstance(value, dict):
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return datetime.date.fromisoformat(value)
        return value
    model = getattr(schema_org, value["@type"])
    fields = {field.alias or name: name for name, field in model.model_fields.items()}
    keys = {fields.get(key, key): typed(item) for key, item in value.items() if key not in {"@type", "@context"}}
    return model(**keys)


def test_structured_data_is_of_the_vocabulary_and_has_what_search_engines_want(journal: Built) -> None:
    kinds = set()
    for page in pages(journal):
        found = {data["@type"]: data for data in linked_data(journal, page)}
        kinds |= set(found)
        for data in found.values():
            assert data["@context"] == "https://schema.org"
            typed(data)
        trail = journal.page(page).select(".trail li")
        assert ("BreadcrumbList" in found) == bool(trail)
        if trail:
            steps = found["BreadcrumbList"]["itemListElement"]
            assert [step["position"] for step in steps] == list(range(1, len(trail) + 1))
            assert [step["name"] for step in steps] == [step.get_text() for step in trail]
            assert steps[-1]["item"]["@id"] == journal.page(page).select_one("link[rel=canonical]")["href"]
        assert ("Article" in found) == bool(journal.page(page).select("p.tags"))
        if "Article" in found:  # https://developers.google.com/search/docs/appearance/structured-data/article
            article = found["Article"]
            assert article["author"]["name"] == article["publisher"]["name"] == "Built at Scale"
            assert article["headline"] == journal.page(page).h1.contents[0]
            assert datetime.date.fromisoformat(article["datePublished"]) <= datetime.date.fromisoformat(
                article["dateModified"]
            )
            assert article["image"].startswith("http")
            assert article["wordCount"] > 1000
    assert kinds == {"Article", "BreadcrumbList", "WebSite"}


def test_the_vocabulary_of_the_tests_takes_no_other_word() -> None:
    with pytest.raises(ValueError, match="Extra inputs are not permitted"):
        typed({"@type": "Article", "head-line": "x"})
    with pytest.raises(AttributeError):
        typed({"@type": "Artikel"})


def test_the_catalog_keeps_its_schema(journal: Built) -> None:
    catalog = json.loads((journal.out / "catalog.json").read_text(encoding="utf-8"))
    assert urlsplit(catalog["$schema"]).path == "/_static/catalog-1.schema.json"
    schema = json.loads((journal.out / "_static/catalog-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(catalog, schema, format_checker=jsonschema.FormatChecker())
    sources = {path.relative_to(ROOT).as_posix().removesuffix(".md") for path in (ROOT / "notes").rglob("*.md")}
    assert {found["docname"] for found in catalog["notes"]} == sources
    assert catalog["notes"] == sorted(catalog["notes"], key=lambda found: found["date"], reverse=True)
    for found in catalog["notes"]:
        for address in (found["url"], found["markdown"]):
            assert (journal.out / urlsplit(address).path[1:]).is_file()
        assert all((journal.out / f"tags/{tag['slug']}.html").is_file() for tag in found["tags"])
        assert set(found) == set(schema["$defs"]["note"]["properties"])


def test_the_day_of_a_change_is_in_every_file_that_tells_days(site: Site) -> None:
    site.write("notes/x.md", note("X", date="2025-03-04", updated="2026-05-06", verified="2026-07-08"))
    site.write("notes/y.md", note("Y", date="2025-04-05", applies_to="[Spark 4.x, 'Hadoop <3>']"))
    built = build(site)
    found = feed(built, "feed.xml")
    assert found.feed.updated == "2026-05-06T00:00:00Z"
    assert {entry.title: (entry.published, entry.updated) for entry in found.entries} == {
        "X": ("2025-03-04T00:00:00Z", "2026-05-06T00:00:00Z"),
        "Y": ("2025-04-05T00:00:00Z", "2025-04-05T00:00:00Z"),
    }
    sitemap = ElementTree.fromstring(built.files()["sitemap.xml"])
    days = {url[0].text.removeprefix(HOME): url[1].text for url in sitemap if len(url) > 1}
    assert days["notes/x.html"] == days[""] == days["tags/spark.html"] == days["notes/2025.html"] == "2026-05-06"
    assert days["notes/y.html"] == "2025-04-05"
    (article, _trail) = linked_data(built, "notes/x")
    assert (article["datePublished"], article["dateModified"]) == ("2025-03-04", "2026-05-06")
    assert built.page("notes/x").select_one("meta[property='article:modified_time']")["content"] == "2026-05-06"
    assert not built.page("notes/y").select("meta[property='article:modified_time']")
    catalog = json.loads(built.files()["catalog.json"])
    jsonschema.validate(catalog, json.loads((ROOT / "_static/catalog-1.schema.json").read_text()))
    assert [(n["title"], n["updated"], n["verified"], n["applies_to"]) for n in catalog["notes"]] == [
        ("Y", "2025-04-05", None, ["Spark 4.x", "Hadoop <3>"]),
        ("X", "2026-05-06", "2026-07-08", []),
    ]


def test_language_models_get_every_note_as_markdown(journal: Built) -> None:
    """The form of https://llmstxt.org/: a title, a quote, and sections that are lists of links with their notes."""
    text = (journal.out / "llms.txt").read_text(encoding="utf-8")
    title, quote, *rest = text.split("\n\n")
    assert (title, quote[:2]) == ("# Built at Scale", "> ")
    sections = [part.splitlines() for part in rest[rest.index("## AI systems") + 1 :: 2]]
    rows = [re.fullmatch(r"- \[(.+)\]\((\S+)\): (.+)", row) for section in sections for row in section]
    assert all(rows)
    paths = [urlsplit(row[2]).path[1:] for row in rows]
    assert sorted(paths) == sorted(path for path in journal.files() if path.endswith(".md"))
    for path in paths:
        page = path.removesuffix(".md")
        (link,) = journal.page(page).select("link[type='text/markdown']")
        assert (journal.out / page).parent / link["href"] == journal.out / path


# Not found


@pytest.mark.parametrize("under", ["/", "/en/latest/"])
def test_a_page_that_is_not_there_leads_on_from_any_depth(browser: Browser, site: Site, under: str) -> None:
    site.write("notes/x.md", note("Quiet failures"))
    published_at = f"https://example.org{under}"
    site.environment["READTHEDOCS_CANONICAL_URL"] = published_at
    built = build(site)
    with deploy.served(built.out, published_at) as root:
        page = browser.new_page()
        failed: list[str] = []
        page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
        for path in ("gone.html", "notes/gone.html", "a/b/c/gone"):
            failed.clear()
            response = page.goto(f"{root}{path}")
            assert response.status == 404
            assert failed == [f"{root}{path}"]
            expect(page.locator("h1")).to_contain_text("no page at this address")
            font = page.evaluate("getComputedStyle(document.querySelector('article h1')).fontFamily")
            assert "Times" not in font
            links = page.locator("article a, .sidebar-tree a, .sidebar-brand").evaluate_all(
                "all => all.map(a => a.href)"
            )
            assert {f"{root}{name}" for name in ("index.html", "notes/index.html", "lanes/bigdata.html")} <= set(links)
            for link in set(links):
                assert page.request.get(link).status == 200, link
            page.keyboard.press("Tab")
            expect(page.locator(".skip-to-content")).to_be_focused()
            page.keyboard.press("Enter")
            expect(page.locator("main")).to_be_focused()
            assert page.url == f"{root}{path}#furo-main-content"
        page.locator("article input[name=q]").fill("quiet")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{root}search.html?q=quiet")
        page.close()


# Links that last


def test_a_former_address_leads_to_the_note_and_keeps_the_place_in_it(browser: Browser, site: Site) -> None:
    site.write("notes/new.md", note("Now & here", formerly="[first, second, deep/old name]"))
    site.write("notes/sub/other.md", note("Other", formerly="[other]"))
    built = build(site)
    for name, to in {
        "first": "new.html", "second": "new.html", "deep/old name": "../new.html", "other": "sub/other.html",
    }.items():  # fmt: skip
        page = built.page(f"notes/{name}")
        assert page.select_one("meta[http-equiv=refresh]")["content"] == f"0; url={to}"
        assert page.select_one("main a")["href"] == to
        target = "sub/other" if name == "other" else "new"
        assert page.select_one("link[rel=canonical]")["href"] == f"{HOME}notes/{target}.html"
    assert built.page("notes/first").select_one("main a").get_text() == "Now & here"
    assert "notes/first" not in built.files()["searchindex.js"].decode()
    assert all(
        "notes/first" not in built.html(page) for page in ("index", "notes/index", "lanes/bigdata", "tags/spark")
    )
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{(built.out / 'notes/deep/old name.html').as_uri()}?q=1#a-section")
        page.wait_for_url(re.compile(r"notes/new\.html"))
        assert page.url.endswith("notes/new.html?q=1#a-section" if scripts else "notes/new.html")
        expect(page.locator("h1")).to_contain_text("Now & here")
        context.close()


def test_a_former_address_goes_when_the_field_goes(site: Site) -> None:
    site.write("notes/x.md", note("X", formerly="[old]"))
    assert "notes/old.html" in build(site).files()
    site.write("notes/x.md", note("X"))
    assert "notes/old.html" not in build(site).files()


def test_a_former_name_that_is_in_use(site: Site) -> None:
    site.write("notes/a.md", note("A", formerly="[gone, b]"))
    site.write("notes/b.md", note("B", formerly="\n  - gone\n  - b"))
    built = site.build()
    assert [line.split(" [")[0] for line in built.warnings] == [
        "notes/a.md:7: WARNING: `formerly` names notes/b.md, which is still a note; remove `b`, or rename that note",
        "notes/b.md:8: WARNING: `formerly` `gone` is claimed by notes/a.md too; keep it in the one that it became",
        "notes/b.md:9: WARNING: `formerly` names the note itself; remove `b`",
    ]
    assert all(line.endswith("[fieldnotes.former-address]") for line in built.warnings)
    assert built.page("notes/b").h1.contents[0] == "B"


def test_a_build_warns_of_an_address_that_is_none(site: Site) -> None:
    site.environment["READTHEDOCS_CANONICAL_URL"] = "example.org"
    (warning,) = site.build().warnings
    assert warning.startswith("conf.py:1: WARNING: `html_baseurl` is `example.org`, which is not a site's address; ")
    assert warning.endswith("[fieldnotes.site-address]")


def test_a_broken_link_is_noticed(site: Site) -> None:
    site.write("notes/x.md", note("X", body="## Here\n"))
    known = published.found(build(site).out)
    assert {"notes/x.html", "notes/x.html#here", "notes/x.html#x", "notes/x.md", "tags/spark.xml"} <= set(known)
    (site.root / "notes/x.md").unlink()
    site.write("notes/y.md", note("X", body="## There\n", formerly="[x]"))
    assert published.broken(build(site).out, known) == ["notes/x.html#here"]
    site.write("notes/y.md", note("X", body="## Here\n", tags="[Flink]"))
    assert published.broken(build(site).out, known) == [
        *("notes/x.html", "notes/x.html#x", "notes/x.html#here", "notes/x.md"),
        *("tags/spark.html", "tags/spark.html#bigdata", "tags/spark.xml"),
    ]
