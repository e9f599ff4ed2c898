"""Notes and lanes as cards: one layout for documents and generated pages, in every builder."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from conftest import note

if TYPE_CHECKING:
    from bs4 import Tag
    from conftest import Built, Site


def cards(built: Built, page: str) -> list[Tag]:
    return built.page(page).select(".note-grid .card, .note-rows > li, .note-index > li")


def target(page: str, link: Tag) -> str:
    """The target of a link on this page, relative to the site's root."""
    href = unquote(link.get("href", ""))
    return f"{page}.html" if href == "#" else posixpath.normpath(posixpath.join(posixpath.dirname(page), href))


def shown(built: Built, page: str) -> list[list[tuple[str, str, str | bool]]]:
    """For each card on a page, the name, text and target of its elements."""
    return [
        [
            (element.name, " ".join(element.get_text().split()), element.name == "a" and target(page, element))
            for element in card.select("p, h2, h3, a, time, span")
        ]
        for card in cards(built, page)
    ]


def test_card_is_the_same_on_home_and_in_lists(site: Site) -> None:
    site.write("notes/x.md", note('"Less & <more>"', tags="[Spark, C++]", summary="'1 < 2 & \"3\"'"))
    site.write("notes/y.md", note("Y", date="2025-01-01"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    first, second = shown(built, "index")
    assert [text for name, text, _ in first if name == "p"] == [
        "BigData · 2 January 2026 · 1 min",
        '1 < 2 & "3"',
        "Spark, C++",
    ]
    assert [target for name, _, target in first if name == "a"] == [
        "lanes/bigdata.html",
        "notes/x.html",
        "tags/spark.html",
        "tags/c-plus-plus.html",
    ]
    in_lanes = [card[3:] for card in shown(built, "tags/spark")]
    assert in_lanes == [card[4:] for card in (first, second)], "all but the lane, which is the heading there"
    lines = [" ".join(line.get_text().split()) for line in built.page("notes/index").select(".note-index > li")]
    assert lines == ["2 Less & <more> BigData", "1 Y BigData"]
    lane = [[element for element in card if element[0] == "h2"] for card in shown(built, "lanes/bigdata")]
    assert lane == [[("h2", "Less & <more>", False)], [("h2", "Y", False)]]


def test_card_links_work_in_dirhtml(site: Site) -> None:
    site.write("notes/x.md", note("X", tags="[Spark, YARN]"))
    built = site.build("-b", "dirhtml")
    assert (built.status, built.log) == (0, "")
    for page, count in {"index": 4, "lanes/bigdata/index": 3, "notes/2026/index": 2, "tags/yarn/index": 3}.items():
        links = [link for card in cards(built, page) for link in card.select("a")]
        assert len(links) == count, page
        for link in links:
            assert link["href"] == "#" or (built.out / target(page, link) / "index.html").is_file(), (page, link)
    lanes = [link["href"] for link in built.page("index").select(".lane-grid a")]
    assert lanes == [f"lanes/{name}/" for name in ("ai-systems", "data-platforms", "bigdata") for _ in "ab"]


def test_text_builder_lists_notes_in_place_of_cards(site: Site) -> None:
    site.write("notes/x.md", note("X", body="Text.\n"))
    built = site.build("-b", "text")
    assert "* X" in (built.out / "index.txt").read_text()
    assert "* BigData" in (built.out / "index.txt").read_text()
    assert "* X" in (built.out / "lanes/bigdata.txt").read_text()
