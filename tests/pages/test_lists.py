"""Lists of notes: tag pages, the archive and the table of tags, built and in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browsing import opened
from comparing import links, texts
from conftest import Built, Site, note, scripts, serve
from playwright.sync_api import Browser, expect
from systems import SAMPLE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_tag_page_lists_its_lanes_and_co_occurring_tags(long_lists: Built) -> None:
    assert texts(long_lists, "tags/spark", ".counted .lanes li") == ["Data platforms 1 note", "BigData 105 notes"]
    places = links(long_lists, "tags/spark", ".counted .lanes a")
    assert places == ["spark/1.html#data-platforms", "#bigdata"]
    assert texts(long_lists, "tags/spark/1", "#data-platforms h3") == ["N0"]
    assert texts(long_lists, "tags/spark", "#bigdata h2") == ["BigData"]
    assert texts(long_lists, "tags/spark", ".counted .goes-with li") == ["YARN 6 notes", "EMR 4 notes"]
    assert links(long_lists, "tags/spark", ".counted .goes-with a") == ["yarn.html", "emr.html"]
    assert texts(long_lists, "tags/spark/1", ".counted") == []
    assert texts(long_lists, "tags/yarn", ".counted dt") == ["Related tags"], "its lanes are the headings of the page"
    assert texts(long_lists, "tags/yarn", ".card-line a") == []
    row = "tbody tr:nth-child(2)"
    places = ["spark.html", "spark/1.html#data-platforms", "spark.html#bigdata"]
    assert links(long_lists, "tags/index", f"{row} a") == places
    assert texts(long_lists, "tags/index", f"{row} > *") == ["Spark", "106", "–", "1", "105"]
    assert [cell["aria-label"] for cell in long_lists.page("tags/index").select(f"{row} [role=img]")] == ["none"]


def test_tag_page_lists_at_most_eight_co_occurring_tags(site: Site) -> None:
    site.write("notes/x.md", note("X", tags=f"[{', '.join(f'T{number:02}' for number in range(20))}]"))
    built = site.build()
    assert texts(built, "tags/t05", ".goes-with a") == ["T00", "T01", "T02", "T03", "T04", "T06", "T07", "T08"]


def test_year_links_to_its_months(long_lists: Built) -> None:
    months = ["April 15 notes", "March 31 notes", "February 28 notes", "January 31 notes"]
    assert texts(long_lists, "notes/2025", ".counted .months li") == months
    places = ["#april", "2025/2.html#march", "2025/2.html#february", "2025/1.html#january"]
    assert links(long_lists, "notes/2025", ".counted .months a") == places
    assert texts(long_lists, "notes/2025", "section section h2") == ["April"]
    assert texts(long_lists, "notes/2025/2", "section section h2") == ["April", "March", "February"]
    assert texts(long_lists, "notes/2025/1", "section section h2") == ["February", "January"]
    assert texts(long_lists, "notes/2024", ".counted dt") == ["Years"]


def test_page_of_a_list_shows_its_number(long_lists: Built) -> None:
    for page, part in {"notes/2025": 1, "notes/2025/2": 2, "notes/2025/1": 3, "lanes/bigdata/1": 3}.items():
        assert texts(long_lists, page, "nav.paging .count") == [f"Page {part} of 3"]
    assert texts(long_lists, "notes/2025/1", "h1") == ["Notes from 2025"]
    assert texts(long_lists, "notes/2025/1", "head > title") == [f"Notes from 2025, page 3 of 3 - {SAMPLE_NAME}"]
    assert texts(long_lists, "notes/2025", "head > title") == [f"Notes from 2025 - {SAMPLE_NAME}"]
    titles = [re.findall("<title>(.*?)</title>", path.read_text())[0] for path in long_lists.out.rglob("*.html")]
    assert len(titles) == len(set(titles))
    assert texts(long_lists, "notes/index", "nav.paging") == []


def test_long_lists_are_paginated_and_the_archive_counts_notes(long_lists: Built) -> None:
    assert texts(long_lists, "notes/index", ".years li") == ["2025 105 notes", "2024 1 note"]
    assert texts(long_lists, "notes/index", ".standfirst") == ["The newest notes. Older notes are listed by year."]
    assert len(long_lists.page("notes/index").select(".note-index > li")) == 50
    assert len(long_lists.page("notes/2024").select(".note-index > li")) == 1

    def paging_links(page: str) -> dict[str, str]:
        return {link["rel"][0]: link["href"] for link in long_lists.page(page).select("nav.paging a")}

    assert paging_links("tags/spark") == {"next": "spark/2.html", "last": "spark/1.html"}
    assert paging_links("tags/spark/2") == {
        "first": "../spark.html",
        "prev": "../spark.html",
        "next": "1.html",
        "last": "1.html",
    }
    assert paging_links("tags/spark/1") == {"first": "../spark.html", "prev": "2.html"}
    head_links = [
        (link["rel"][0], link["href"])
        for link in long_lists.page("tags/spark/2").select("head link[rel=prev], head link[rel=next]")
    ]
    assert head_links == [("prev", "../spark.html"), ("next", "1.html")]
    assert links(long_lists, "lanes/bigdata", "article p a.internal:has(.explore)") == ["bigdata/2.html"]
    (canonical,) = links(long_lists, "tags/spark/1", "link[rel=canonical]")
    assert f"<loc>{canonical}</loc>" in (long_lists.out / "sitemap.xml").read_text()


@pytest.fixture
def tags(site: Site) -> Built:
    for number, (lane, names) in enumerate(
        [
            ("bigdata", "[Spark, YARN, Café]"),
            ("bigdata", "[Spark, Amazon EMR]"),
            ("ai-systems", "[Spark, amazon Z]"),
            ("ai-systems", "[YARN]"),
        ]
    ):
        site.write(f"notes/n{number}.md", note(f"N{number}", lane=lane, tags=names))
    return site.build()


@pytest.fixture(params=["file", "http"])
def address(request: pytest.FixtureRequest, tags: Built) -> Iterator[str]:
    if request.param == "file":
        yield tags.out.as_uri()
    else:
        with serve(tags.out) as url:
            yield url


NAMES = "() => [...document.querySelectorAll('.tag-table tbody th')].map((cell) => cell.textContent)"
BY_NAME = ["Amazon EMR", "amazon Z", "Café", "Spark", "YARN"]


def test_tag_table_is_sorted_by_keyboard(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/tags/index.html")
        sorts = page.locator(".tag-table [aria-sort]")
        expect(sorts).to_have_text(["Tag"])
        page.locator("#tag-filter").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "All"
        page.keyboard.press("Enter")
        expect(sorts).to_have_attribute("aria-sort", "descending")
        assert page.evaluate(NAMES) == ["Spark", "YARN", "Amazon EMR", "amazon Z", "Café"]
        page.keyboard.press("Space")
        expect(sorts).to_have_attribute("aria-sort", "ascending")
        assert page.evaluate(NAMES) == ["Amazon EMR", "amazon Z", "Café", "YARN", "Spark"]
        for _ in range(3):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(sorts).to_have_text(["BigData"])
        assert page.evaluate(NAMES) == ["Spark", "Amazon EMR", "Café", "YARN", "amazon Z"]
        page.wait_for_url("**/tags/index.html?sort=lane-bigdata")
        page.get_by_role("button", name="Tag", exact=True).press("Enter")
        assert page.evaluate(NAMES) == BY_NAME
        page.get_by_role("button", name="Tag", exact=True).press("Enter")
        assert page.evaluate(NAMES) == BY_NAME[::-1]


def test_tag_table_is_filtered(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/tags/index.html")
        status = page.get_by_role("main").get_by_role("status")
        expect(status).to_have_text("5 tags")
        page.get_by_label("Filter the tags").press_sequentially("EMR ama")
        expect(status).to_have_text("1 of 5 tags")
        assert page.evaluate(NAMES) == ["Amazon EMR"]
        page.get_by_label("Filter the tags").fill("cafe")
        assert page.evaluate(NAMES) == ["Café"]
        page.get_by_label("Filter the tags").fill("<b>")
        expect(status).to_have_text("No tag matches “<b>”.")
        page.get_by_label("Filter the tags").press("Escape")
        assert page.evaluate(NAMES) == BY_NAME


def test_state_of_the_tag_table_is_kept_in_the_url(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/tags/index.html")
        page.get_by_role("button", name="All").click()
        page.get_by_role("button", name="All").click()
        page.get_by_label("Filter the tags").fill("a")
        page.wait_for_url("**/tags/index.html?q=a&sort=all&order=ascending")
        seen = page.evaluate(NAMES)
        assert seen == ["Amazon EMR", "amazon Z", "Café", "YARN", "Spark"]
        page.reload()
        expect(page.get_by_label("Filter the tags")).to_have_value("a")
        assert page.evaluate(NAMES) == seen
        page.goto(f"{address}/tags/index.html?sort=nonsense&order=sideways&q=%20")
        assert page.evaluate(NAMES) == BY_NAME


def test_tag_table_is_complete_without_javascript(browser: Browser, address: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{address}/tags/index.html")
        expect(page.locator(".tag-filter")).to_be_hidden()
        expect(page.locator(".tag-table tbody th")).to_have_text(BY_NAME)
        expect(page.locator(".tag-table thead th")).to_have_text(
            ["Tag", "All", "AI systems", "Data platforms", "BigData"]
        )


def test_long_tag_table_is_shown_in_two_steps(browser: Browser, site: Site) -> None:
    for start in range(0, 310, 10):
        tags = ", ".join(f"T{number:03}" for number in range(start, start + 10))
        site.write(f"notes/x{start}.md", note(f"X{start}", tags=f"[{tags}]"))
    built = site.build()
    rows = ".tag-table tbody tr"
    with opened(browser) as page:
        page.goto(f"{built.out.as_uri()}/tags/index.html")
        expect(page.locator(rows)).to_have_count(300)
        expect(page.get_by_role("main").get_by_role("status")).to_have_text("310 tags")
        page.get_by_role("button", name="Show all 310 tags").press("Enter")
        expect(page.locator(rows)).to_have_count(310)
        expect(page.get_by_role("link", name="T300")).to_be_focused()
        expect(page.locator(".tag-more")).to_be_hidden()
        page.get_by_role("button", name="Tag", exact=True).press("Enter")
        expect(page.locator(rows).first).to_contain_text("T309")
        expect(page.locator(rows)).to_have_count(310)
        page.get_by_label("Filter the tags").fill("t30")
        expect(page.get_by_role("main").get_by_role("status")).to_have_text("10 of 310 tags")
        expect(page.locator(rows)).to_have_count(10)
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{built.out.as_uri()}/tags/index.html")
        expect(page.locator(rows)).to_have_count(310)


def test_only_the_tag_table_loads_its_script(tags: Built) -> None:
    loading = [
        path.relative_to(tags.out).as_posix() for path in tags.out.rglob("*.html") if "tags.js" in path.read_text()
    ]
    assert loading == ["tags/index.html"]
    (script,) = (source for source in scripts(tags.page("tags/index")) if "tags.js" in source)
    assert re.search(r"\?v=\w+$", script)


def test_tag_pages_with_many_lanes_fit_a_phone(browser: Browser, site: Site) -> None:
    for number in range(4, 9):
        header = f"title: Long lane {number}\nnumber: {number}\nheadline: H\ndescription: D"
        site.write(f"lanes/l{number}.md", f"---\n{header}\n---\n\nText.\n")
    site.write("notes/x.md", note("X", tags="[Aquitelongtagwithoutanyspacesinit, Spark]"))
    built = site.build()
    with opened(browser, viewport={"width": 360, "height": 700}) as page:
        for path in ("tags/index.html", "tags/spark.html"):
            page.goto(f"{built.out.as_uri()}/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.goto(f"{built.out.as_uri()}/tags/index.html")
        expect(page.locator(".table-wrapper")).to_have_attribute("tabindex", "0")
