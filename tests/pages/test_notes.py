"""The page of a note: its fields, its neighbors in the lane, related notes and backlinks."""

from __future__ import annotations

import json

import pytest
from comparing import links, texts
from conftest import MARKUP, Built, Site, note
from publishing import HOME, feed, linked_data, publish

RELATED = "nav[aria-label='Related notes']"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with three notes in each of two lanes. A new field may be added to B3, and tested below."""
    site = Site(tmp_path_factory.mktemp("notes") / "journal")
    for number in (1, 2, 3):
        tags = "[Spark, YARN]" if number == 3 else "[Spark]"
        site.write(f"notes/b{number}.md", note(f"B{number}", date=f"2026-01-0{number}", tags=tags))
        site.write(f"notes/a{number}.md", note(f"A{number}", date=f"2026-01-0{number}", lane="ai-systems"))
    return site.build()


def test_note_shows_its_lane_date_summary_and_tags(built: Built) -> None:
    page = built.page("notes/b3")
    assert (built.status, built.log) == (0, "")
    assert [step.get_text() for step in page.select(".trail li")] == ["Home", "BigData", "B3"]
    assert texts(built, "notes/b3", "p.note-line") == ["BigData · 3 January 2026 · 1 min read"]
    assert texts(built, "notes/b3", "p.standfirst") == ["What it says."]
    assert links(built, "notes/b3", "p.tags a") == ["../tags/spark.html", "../tags/yarn.html"]
    assert page.select_one("meta[name=description]")["content"] == "What it says."


def test_prev_and_next_stay_in_the_lane(built: Built) -> None:
    ways = {
        page: (links(built, f"notes/{page}", "a.prev-page"), links(built, f"notes/{page}", "a.next-page"))
        for page in ("b3", "b2", "b1")
    }
    assert ways == {"b3": ([], ["b2.html"]), "b2": (["b3.html"], ["b1.html"]), "b1": (["b2.html"], [])}
    assert [link["href"] for link in built.page("notes/b2").select("link[rel=prev], link[rel=next]")] == [
        "b1.html",
        "b3.html",
    ]


def test_authors_are_in_the_byline_and_have_pages_and_feeds(site: Site) -> None:
    site.write("notes/x.md", note("X", authors="[Grace Guest, Ada Sample]"))
    site.write("notes/y.md", note("Y"))
    built = publish(site)
    byline = built.page("notes/x").select(".byline a")
    assert [(link.get_text(), link["href"]) for link in byline] == [
        ("Grace Guest", "../authors/grace-guest.html"),
        ("Ada Sample", "../authors/ada-sample.html"),
    ]
    assert built.page("notes/y").select(".byline") == []
    for slug, titles in {"grace-guest": ["X"], "ada-sample": ["X", "Y"]}.items():
        assert [link.get_text() for link in built.page(f"authors/{slug}").select(".card-title a")] == titles
        assert [entry.title for entry in feed(built, f"authors/{slug}.xml").entries] == titles
    entries = {
        entry.title: [author.name for author in entry.get("authors", [])] for entry in feed(built, "feed.xml").entries
    }
    assert entries == {"X": ["Grace Guest", "Ada Sample"], "Y": []}  # Y has the author of the feed
    head = built.page("notes/x").head
    assert head.select_one("meta[name=author]")["content"] == "Grace Guest, Ada Sample"
    profiles = [tag["content"] for tag in head.select("meta[property='article:author']")]
    assert profiles == [f"{HOME}authors/grace-guest.html", f"{HOME}authors/ada-sample.html"]
    (article,) = [data for data in linked_data(built, "notes/x") if data["@type"] == "Article"]
    assert [author["name"] for author in article["author"]] == ["Grace Guest", "Ada Sample"]
    assert "authors/grace-guest.html</loc>" in (built.out / "sitemap.xml").read_text()
    site.write("notes/z.md", note("Z", authors="[grace guest]"))
    assert ["is written `Grace Guest` in notes/x.md" in line for line in site.build().warnings] == [True]


def test_related_notes_share_the_rarest_tags(site: Site) -> None:
    for number in range(1, 6):
        site.write(f"notes/common{number}.md", note(f"Common {number}", date=f"2026-01-0{number}", tags="[Spark]"))
    site.write("notes/x.md", note("X", date="2026-01-03", lane="ai-systems", tags="[Spark, Skew, Rare]"))
    site.write("notes/rare.md", note("Rare", date="2020-01-01", tags="[Rare, Other]"))
    site.write("notes/both.md", note(f"'{MARKUP.replace(chr(39), '')}'", date="2021-01-01", tags="[Skew, Spark]"))
    site.write("notes/alone.md", note("Alone", tags="[Alone]"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert links(built, "notes/x", f"{RELATED} a") == ["both.html", "rare.html", "common3.html"]
    assert texts(built, "notes/x", f"{RELATED} a")[0] == " ".join(MARKUP.split())
    assert texts(built, "notes/x", f"{RELATED} li p") == [
        "BigData · 1 January 2021 · Spark, Skew",
        "BigData · 1 January 2020 · Rare",
        "BigData · 3 January 2026 · Spark",
    ]
    assert texts(built, "notes/alone", ".note-end") == []


def test_neighbors_in_the_lane_are_related_only_if_there_is_room(site: Site) -> None:
    for number in range(1, 7):
        site.write(f"notes/n{number}.md", note(f"N{number}", date=f"2026-01-0{number}"))
    built = site.build()
    assert links(built, "notes/n3", f"{RELATED} a") == ["n5.html", "n1.html", "n6.html"]
    for number in range(3, 7):
        (site.root / f"notes/n{number}.md").unlink()
    assert links(site.build(), "notes/n2", f"{RELATED} a") == ["n1.html"]


def test_backlinks_are_listed(site: Site) -> None:
    site.write("notes/x.md", note("X", tags="[X]", body="Myself: [](x.md).\n\n(here)=\n## Here\n"))
    forms = ["[x](x.md)", "[](x.md#here)", "{doc}`x`", "{doc}`it </notes/x>`", "{ref}`here`", "[](#here)"]
    forms += ["{page}`X <notes/x>`", "[x](x.md) and [x](x.md)"]
    for number, form in enumerate(forms):
        text = note(f"N{number}", date=f"2026-01-0{number + 1}", tags=f"[T{number}]", body=f"See {form}.\n")
        site.write(f"notes/n{number}.md", text)
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert links(built, "notes/x", f"{RELATED} > ul a") == [f"n{number}.html" for number in (7, 6, 5, 4, 3)]
    assert texts(built, "notes/x", f"{RELATED} > ul p")[0] == "BigData · 8 January 2026 · mentions this note"
    assert texts(built, "notes/x", f"{RELATED} summary") == ["and 3 older notes that mention this one"]
    assert links(built, "notes/x", f"{RELATED} details a") == [f"n{number}.html" for number in (2, 1, 0)]
    for number in (7, 6, 5):
        (site.root / f"notes/n{number}.md").unlink()
    built = site.build()
    assert links(built, "notes/x", f"{RELATED} a") == [f"n{number}.html" for number in (4, 3, 2, 1, 0)]
    assert texts(built, "notes/x", f"{RELATED} summary") == []
    assert texts(built, "notes/n1", ".note-end") == []


def test_related_notes_are_not_part_of_the_text(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    site.write("notes/y.md", note("Zyzzyva", body="See [it](x.md).\n"))
    built = site.build()
    page = built.page("notes/x")
    assert len(page.select(".note-end a[href='y.html']")) == 1
    assert page.select("article .note-end, .toc-tree a[href*=related], .toc-tree a[href*=mention]") == []
    text = (built.out / "searchindex.js").read_text().removeprefix("Search.setIndex(").removesuffix(")")
    index = json.loads(text)
    (word,) = [word for word in index["titleterms"] if word.startswith("zyzz")]
    places = index["titleterms"][word]
    assert [index["docnames"][place] for place in ([places] if isinstance(places, int) else places)] == ["notes/y"]
    assert word not in index["terms"]
