"""The search in a browser: over HTTP, from a folder, without its index, and without scripts."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import re
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import browsing
import pytest
from browsing import NOTE
from conftest import Built, Site, note, serve
from corpus import corpus
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import Error as PlaywrightError
from systems import write_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Route

from search import find, first_query

SEARCH_FILES = ("search-index/", "searchindex.js", "searchtools.js", "language_data.js", "dialog.js", "search.css")


@pytest.fixture(scope="module")
def address(sample: Built) -> Iterator[str]:
    with serve(sample.out) as url:
        yield url


TERMS = re.compile(r"/search-index/terms-[0-9a-f]{8}$")
"""Addresses of files with terms."""

SECTIONS = "**/search-index/notes/*"
"""Addresses of files with the sections of a note."""

HOUR = 3_600_000
"""Milliseconds."""


@contextmanager
def opened(
    browser: Browser, address: str, path: str = NOTE, *, clocked: bool = False, own: bool = False, **options: object
) -> Iterator[tuple[Page, list[str]]]:
    """Open a page, and give it and the addresses that it requests; errors in the browser fail the test.

    If ``clocked``, the test may stop the page's clock.
    """
    requested: list[str] = []
    with browsing.opened(browser, own=own or clocked, **options) as page:
        page.on("request", log := lambda request: requested.append(request.url))
        if clocked:
            page.clock.install(time=0)
        page.goto(f"{address}/{path}")
        yield page, requested
        page.remove_listener("request", log)


@contextmanager
def held(page: Page, pattern: str | re.Pattern[str]) -> Iterator[None]:
    """Hold requests for these addresses until the end of the block."""
    routes: list[Route] = []
    is_held = True
    page.route(pattern, lambda route: routes.append(route) if is_held else route.continue_())
    yield
    is_held = False
    for route in routes:
        route.continue_()


def type_query(page: Page, query: str) -> None:
    page.keyboard.press("Control+k")
    page.locator("dialog input").fill(query)
    expect(page.locator("dialog .result-excerpt").first).to_be_visible()


def test_search_loads_nothing_before_it_is_used(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, requested):
        page.wait_for_load_state("networkidle")
        assert [url for url in requested if any(part in url.partition("?")[0] for part in SEARCH_FILES)] == []
        type_query(page, "spark")
        assert any("/search-index/" in url for url in requested)
        assert not any("searchindex.js" in url for url in requested)


def test_search_finds_notes_of_other_sites(browser: Browser, site: Site, sample: Built, tmp_path: Path) -> None:
    site.write("notes/x.md", note("Heartbeats of our own", body="A HeartbeatReceiver loses its pulse.\n"))
    with (site.root / "conf.py").open("a") as conf:
        conf.write('fieldnotes_search_sites = ["../other", "../gone/"]\n')
    built = site.build()
    assert (built.status, built.log) == (0, "")
    (tmp_path / "host").mkdir()
    for name, folder in {"own": built.out, "other": sample.out}.items():
        (tmp_path / "host" / name).symlink_to(folder)
    with serve(tmp_path / "host") as address, browsing.opened(browser, own=True, lenient=True) as page:
        page.goto(f"{address}/own/notes/x.html")
        type_query(page, "heartbeatreceiver")
        expect(page.locator("dialog .result-excerpt")).to_have_count(2)
        links = page.locator("dialog .result-title a").evaluate_all("all => all.map((link) => link.pathname)")
        assert sorted(links)[0].startswith("/other/notes/when-spark")
        assert sorted(links)[1] == "/own/notes/x.html"
        page.locator("dialog .result a[href*='/other/']").first.click()
        page.wait_for_url("**/other/notes/when-spark*")
        expect(page.locator(".landed")).to_contain_text("HeartbeatReceiver")


@pytest.mark.parametrize("way", ["click", "Control+k", "Meta+k"])
def test_dialog_opens_and_returns_the_focus(browser: Browser, address: str, way: str) -> None:
    with opened(browser, address) as (page, _requested):
        box = page.locator("button.sidebar-search")
        if way == "click":
            box.click()
        else:
            box.focus()
            page.keyboard.press(way)
        expect(page.locator("dialog input")).to_be_focused()
        page.keyboard.type("spark/k")
        expect(page.locator("dialog input")).to_have_value("spark/k")
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        expect(box).to_be_focused()


def test_keyboard_opens_the_paragraph_and_the_term_is_highlighted(browser: Browser, address: str) -> None:
    with opened(browser, address, "index.html") as (page, _requested):
        type_query(page, "HeartbeatReceiver")
        page.keyboard.press("ArrowDown")
        expect(page.locator("dialog .result-title a").first).to_be_focused()
        page.keyboard.press("ArrowDown")
        expect(page.locator("dialog .result-sections a").first).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(page.locator("dialog input")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url("**/notes/when-spark*")
        landed = page.locator(".landed")
        expect(landed).to_contain_text("HeartbeatReceiver")
        expect(landed).to_be_in_viewport()
        expect(page).not_to_have_url(re.compile("highlight"))
        assert page.evaluate("CSS.highlights.get('search-terms').size") > 0
        page.keyboard.press("Escape")
        assert not page.evaluate("CSS.highlights.has('search-terms')")


def test_keyboard_loads_more_notes(browser: Browser, long_lists: Built) -> None:
    with serve(long_lists.out) as address, opened(browser, address, "notes/n1.html") as (page, _requested):
        type_query(page, "shared words")
        expect(page.locator("dialog .result")).to_have_count(8)
        page.locator("dialog .result").last.scroll_into_view_if_needed()
        expect(page.locator("dialog .result").last.locator(".result-excerpt")).to_be_visible()
        page.locator("dialog .result a").last.focus()
        page.keyboard.press("ArrowDown")
        expect(page.get_by_role("button", name="More notes")).to_be_focused()
        page.keyboard.press("ArrowUp")
        expect(page.locator("dialog .result a").last).to_be_focused()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect(page.locator("dialog .result")).to_have_count(16)
        expect(page.locator("dialog .result").nth(8).locator(".result-title a")).to_be_focused()


def test_result_shows_lane_date_tags_and_matches(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "healthy neighbor")
        result = page.locator("dialog .result").first
        expect(result.locator(".result-title")).to_have_text("EMR Escalation Playbooks and Enterprise Blast Radius")
        expect(result.locator(".result-facts")).to_have_text(
            "BigData · 12 October 2026 · Amazon EMR, Operations, Enterprise Support"
        )
        expect(result.locator(".result-section", has_text="Scope: find the healthy neighbor")).to_be_visible()
        assert {text.lower().strip(".,") for text in result.locator("mark").all_text_contents()} >= {
            "healthy",
            "neighbor",
        }


def test_facets_count_and_filter(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "spark")
        lane = page.get_by_label("lane")
        expect(lane.locator("option", has_text="BigData")).to_have_count(1)
        total = page.locator("dialog .result").count()
        counts = [int(text.rpartition("(")[2][:-1]) for text in lane.locator("option").all_text_contents()[1:]]
        assert sum(counts) == total > counts[0]
        (label,) = (text for text in lane.locator("option").all_text_contents() if text.startswith("BigData"))
        lane.select_option("BigData")
        expect(page.locator("dialog .result-facts").first).to_contain_text("BigData")
        expect(page.locator("dialog .search-status")).to_have_text(f"{label.rpartition('(')[2][:-1]} notes")
        assert len(lane.locator("option").all()) == len(counts) + 1


def test_facets_count_a_phrase_among_other_words(browser: Browser, address: str) -> None:
    with opened(browser, address, 'search.html?q="blast radius" spark') as (page, _requested):
        lane = page.get_by_label("lane")
        expect(lane).to_be_enabled()
        labels = lane.locator("option").all_text_contents()[1:]
        total = page.locator(".search-page .search-status").text_content() or ""
        assert sum(int(text.rpartition("(")[2][:-1]) for text in labels) == int(total.split()[0]) > 0


def test_slow_search_is_announced_and_the_last_query_wins(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        waiting: list[Route] = []
        page.route(TERMS, lambda route: waiting.append(route))
        page.keyboard.press("Control+k")
        with page.expect_request(TERMS):
            page.locator("dialog input").fill("yarn")
        status = page.locator("dialog .search-status")
        expect(status).to_have_text("Searching…")
        with page.expect_request(TERMS):
            page.locator("dialog input").fill("HeartbeatReceiver")
        page.route(TERMS, lambda route: route.continue_())
        for route in reversed(waiting):
            route.continue_()
        expect(status).to_have_text(re.compile(r"^\d+ notes?$"))
        expect(page.locator("dialog .result-title").first).to_contain_text("Spark Fails Quietly")


FIRST_QUERY = 50_000
"""Bytes, gzipped: 43,900 were measured with 100 notes. Sphinx's index of the same notes would exceed the limit."""


def test_first_query_stays_below_its_size_limit(browser: Browser, site: Site) -> None:
    shutil.rmtree(site.root)
    write_journal(site.root, corpus(100))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    sphinx = len(gzip.compress((built.out / "searchindex.js").read_bytes()))
    loaded = first_query(browser, built.out, 100, "checkpoint schema")["kB"] * 1000
    assert loaded < FIRST_QUERY < loaded + sphinx


def test_search_page_keeps_the_query_in_its_url(browser: Browser, address: str) -> None:
    with opened(browser, address, "search.html?q=spark&lane=BigData") as (page, requested):
        expect(page.locator(".search-page .search-status")).to_have_text(re.compile(r"^\d+ notes$"))
        expect(page.locator(".search-page .result-facts", has_not_text="BigData")).to_have_count(0)
        page.locator("#search-input").fill('"node failure"')
        page.wait_for_url("**/search.html?q=%22node+failure%22&lane=BigData")
        assert not any("searchindex.js" in url for url in requested)


def test_dialog_links_to_the_search_page_with_its_query(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "checkpoint interval")
        page.get_by_text("Open as a page").click()
        page.wait_for_url("**/search.html?q=checkpoint+interval")
        expect(page.locator(".search-page .result").first).to_be_visible()


def test_unmatched_phrase_is_reported(browser: Browser, address: str) -> None:
    with opened(browser, address, 'search.html?q="executor spark"') as (page, _requested):
        expect(page.locator(".search-page .search-status")).to_contain_text("No note contains this phrase")


@pytest.mark.parametrize("query", ["zzqqxx", "<zzqq>"])
def test_query_without_a_match_is_reported(browser: Browser, address: str, sample: Built, query: str) -> None:
    for base in (address, sample.out.as_uri()):
        with opened(browser, base, f"search.html?q={query}") as (page, _requested):
            status = page.locator(".search-page [role=status]")
            expect(status).to_contain_text("No note matches. Check the spelling,")
            expect(page.locator(".result-things a")).to_have_count(8 if base == address else 0)  # suggested tags
            assert page.locator(".search-page zzqq").count() == 0


def test_markup_in_a_title_is_escaped(browser: Browser, site: Site) -> None:
    site.write("notes/x.md", note("A <b>bold</b> & plain one", summary="Some `<i>code</i>` here."))
    site.write("notes/y.md", note("About C#", body="Text on C and C# alone.\n"))
    built = site.build()
    assert built.log == ""
    with serve(built.out) as url, opened(browser, url, "search.html?q=bold") as (page, _requested):
        expect(page.locator(".result-title")).to_have_text("A <b>bold</b> & plain one")
        page.goto(f"{url}/search.html?q=C%23")
        expect(page.locator(".result-title").first).to_have_text("About C#")


def test_markup_in_any_field_is_escaped_in_the_dialog(browser: Browser, site: Site) -> None:
    hostile = "'<xss-a onerror=x></script> <xss-b>lamp <img src=x onerror=alert(1)>'"
    header = f"title: {hostile}\nnumber: 9\nheadline: H\ndescription: D\n"
    site.write("lanes/hostile.md", f"---\n{header}---\n\nText.\n")
    body = "The lamp `<xss-c>` and \\<xss-d>.\n\n## A lamp \\<xss-e> here\n\nA lamp.\n"
    site.write("notes/x.md", note(hostile, lane="hostile", summary=hostile, tags="['<xss-f> lamp']", body=body))
    built = site.build()
    assert built.log == ""
    with serve(built.out) as url, opened(browser, url, "index.html") as (page, _requested):
        type_query(page, "lamp")
        expect(page.locator("dialog .result-title").first).to_contain_text(
            "<xss-a onerror=x></script> <xss-b>lamp <img"
        )
        ask_again = page.locator("dialog input")
        ask_again.fill("<xss-z>lamp")
        page.wait_for_timeout(300)
        names = page.evaluate(
            "[...document.querySelectorAll('*')].map(e => e.localName).filter(n => n.startsWith('xss-'))"
        )
        assert names == []
        assert page.locator("[onerror]").count() == 0


def test_search_box_falls_back_to_sphinx_in_a_folder(browser: Browser, sample: Built) -> None:
    with opened(browser, sample.out.as_uri()) as (page, _requested):
        page.keyboard.press("Control+k")
        page.keyboard.type("observability orchestration")
        page.keyboard.press("Enter")
        first = page.locator("#search-results ul.search li a").first
        expect(first).to_have_text("Observability Before Orchestration")
        expect(page.locator(".search-summary[role=status]")).to_contain_text("results.")
        first.click()
        expect(page.locator("h1")).to_contain_text("Observability Before Orchestration")
        expect(page.locator(".landed")).to_be_visible()
        assert page.evaluate("CSS.highlights.get('search-terms').size") > 0


def test_search_falls_back_to_sphinx_without_the_index(browser: Browser, address: str) -> None:
    with browsing.opened(browser, lenient=True) as page:
        page.route("**/search-index/**", lambda route: route.abort())
        page.goto(f"{address}/{NOTE}")
        page.keyboard.press("Control+k")
        expect(page.locator("dialog input")).to_be_focused()
        page.keyboard.type("observability orchestration")
        expect(page.locator("dialog .search-status")).to_contain_text("could not be loaded")
        page.keyboard.press("Enter")
        expect(page.locator("#search-results ul.search li a").first).to_have_text("Observability Before Orchestration")


@contextmanager
def losing_the_index(browser: Browser, address: str, path: str) -> Iterator[Page]:
    """Open a page whose requests for terms fail; the browser may report errors."""
    with browsing.opened(browser, cached=False, lenient=True) as page:
        page.route(TERMS, lambda route: route.abort())
        page.goto(f"{address}/{path}")
        yield page


def test_dialog_falls_back_to_sphinx_if_the_index_is_lost_midway(browser: Browser, address: str) -> None:
    with losing_the_index(browser, address, NOTE) as page:
        page.unroute_all()
        type_query(page, "yarn")
        page.route("**/search-index/**", lambda route: route.abort())
        page.locator("dialog input").fill("observability")
        expect(page.locator("dialog .search-status")).to_contain_text("could not be loaded")
        expect(page.locator("dialog .result")).to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator("#search-results ul.search li a").first).to_be_visible()
        assert page.url.endswith("search.html?q=observability")


def test_search_page_falls_back_to_sphinx_if_the_index_is_lost_midway(browser: Browser, address: str) -> None:
    with losing_the_index(browser, address, "search.html") as page:
        box = page.locator("#search-input")
        expect(box).to_be_focused()
        box.fill("observability orchestration")
        expect(page.locator(".search-status")).to_contain_text("could not be loaded")
        page.keyboard.press("Enter")
        first = page.locator("#search-results ul.search li a").first
        expect(first).to_have_text("Observability Before Orchestration")
        page.goto(f"{address}/search.html?q=spark")
        expect(first).to_be_visible()


def test_index_is_used_again_once_it_is_back(browser: Browser, address: str) -> None:
    with losing_the_index(browser, address, "search.html") as page:
        box = page.locator("#search-input")
        expect(box).to_be_focused()
        box.fill("spark")
        expect(page.locator(".search-status")).to_contain_text("could not be loaded")
        page.unroute_all()
        box.fill("observability orchestration")
        expect(page.locator(".result-title").first).to_have_text("Observability Before Orchestration")


@pytest.mark.parametrize("module", ["dialog", "engine"])
def test_failed_modules_are_loaded_again(browser: Browser, address: str, module: str) -> None:
    with losing_the_index(browser, address, NOTE) as page:
        page.unroute_all()
        page.route(f"**/_static/search/{module}.js*", lambda route: route.abort())
        page.route("**/search-index/**", lambda route: route.abort())
        with page.expect_event("requestfailed", lambda request: module in request.url):
            page.keyboard.press("Control+k")
        page.unroute(f"**/_static/search/{module}.js*")
        status = page.locator("dialog .search-status")
        for _press in range(5):  # a press fails while the browser is still giving up on the module
            page.keyboard.press("Escape")
            page.keyboard.press("Control+k")
            with contextlib.suppress(PlaywrightError):
                status.wait_for(timeout=2_000)
                break
        expect(status).to_contain_text("could not be loaded")
        page.unroute_all()
        page.locator("dialog input").fill("observability orchestration")
        expect(page.locator("dialog .result-title").first).to_have_text("Observability Before Orchestration")


MODULE = re.compile(r"/_static/search/(?!box)\w+\.js")


@pytest.mark.parametrize("path", [NOTE, "search.html"])
def test_all_modules_are_loaded_in_one_round_trip(browser: Browser, address: str, path: str) -> None:
    with opened(browser, address, own=True) as (page, requested):
        with held(page, MODULE):
            with page.expect_request("**/_static/search/dom.js"):
                page.goto(f"{address}/{path}?q=spark", wait_until="commit")
                if path == NOTE:
                    page.wait_for_selector("html[data-ready]")
                    page.keyboard.press("Control+k")
            page.keyboard.type("spark")
            page.wait_for_timeout(300)  # until the browser has reported its other requests
            at_once = {url for url in requested if MODULE.search(url)}
        expect(page.locator(".result").first).to_be_visible()
        assert {url for url in requested if MODULE.search(url)} == at_once
        assert any("ranking.js" in url for url in at_once)


def test_search_box_falls_back_to_sphinx_without_the_dialog_script(browser: Browser, address: str) -> None:
    with losing_the_index(browser, address, NOTE) as page:
        page.route("**/_static/search/dialog.js*", lambda route: route.abort())
        page.keyboard.press("Control+k")
        page.keyboard.type("observability orchestration")
        page.keyboard.press("Enter")
        expect(page.locator("#search-results ul.search li a").first).to_have_text("Observability Before Orchestration")


@pytest.mark.parametrize("path", [NOTE, "search.html"])
def test_enter_retries_while_offline(browser: Browser, address: str, path: str) -> None:
    with losing_the_index(browser, address, path) as page:
        page.unroute_all()
        page.keyboard.press("Control+k")
        expect(page.locator("dialog input, .search-page input")).to_be_focused()
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        page.keyboard.type("HeartbeatReceiver")
        status = page.locator(".search-status")
        expect(status).to_have_text("You are offline. Press Enter to try again.")
        page.keyboard.press("Enter")
        expect(status).to_have_text("You are offline. Press Enter to try again.")
        page.context.set_offline(False)
        page.keyboard.press("Enter")
        expect(page.locator(".result-title").first).to_contain_text("Spark Fails Quietly")


def test_search_gives_up_on_an_index_that_never_loads(browser: Browser, address: str) -> None:
    with opened(browser, address, clocked=True) as (page, _requested):
        page.route(TERMS, lambda route: None)
        page.keyboard.press("Control+k")
        with page.expect_request(TERMS):
            page.keyboard.type("observability")
        page.keyboard.press("Enter")
        expect(page.locator("dialog .search-status")).to_have_text("Searching…")
        page.clock.pause_at(HOUR)
        page.clock.run_for(60_000)
        page.wait_for_url("**/search.html?q=observability")


def test_search_page_reports_that_no_search_can_be_loaded(browser: Browser, address: str) -> None:
    with losing_the_index(browser, address, NOTE) as page:
        page.route("**/search-index/**", lambda route: route.abort())
        page.route("**/_static/searchtools.js*", lambda route: route.abort())
        page.goto(f"{address}/search.html?q=spark")
        expect(page.get_by_role("alert")).to_have_text("The search could not be loaded. Press Enter to try again.")
        page.unroute_all()
        page.locator("#search-input").press("Enter")
        expect(page.locator(".result").first).to_be_visible()


def test_search_page_shows_its_query_while_it_waits(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        with held(page, "**/search-index/overview"):
            page.goto(f"{address}/search.html?q=HeartbeatReceiver&lane=BigData", wait_until="commit")
            box = page.locator("#search-input")
            expect(box).to_have_value("HeartbeatReceiver")
            expect(page.locator(".search-status")).to_have_text("Searching…")
            page.evaluate("window.kept = true")
            box.press("Enter")
            page.wait_for_load_state()
        expect(page.locator(".result a").first).to_be_focused()
        expect(page.get_by_label("lane")).to_have_value("BigData")
        assert page.evaluate("window.kept")


def test_search_status_is_announced_once_after_typing(browser: Browser, address: str) -> None:
    with opened(browser, address, clocked=True) as (page, _requested):
        shown, read = page.locator("dialog .search-status"), page.locator("dialog [role=status]")
        type_query(page, "spark")
        expect(read).to_have_text(re.compile(r"^\d+ notes$"))
        page.clock.pause_at(HOUR)
        for word, notes in ((" heartbeat", re.compile(r"^\d notes$")), ("receiver", "1 note")):
            page.keyboard.type(word)
            expect(read).to_have_text("")
            page.clock.run_for(200)
            expect(shown).to_have_text(notes)
            expect(read).to_have_text("")
        page.clock.run_for(2000)
        expect(read).to_have_text("1 note")
        expect(shown).to_have_attribute("aria-hidden", "true")


def test_focus_stays_in_changing_results(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "spark")
        with held(page, TERMS):
            with page.expect_request(TERMS):
                page.locator("dialog input").fill("HeartbeatReceiver")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowDown")
        expect(page.locator("dialog .search-status")).to_have_text("1 note")
        expect(page.locator("dialog .result a").first).to_be_focused()


def test_page_down_scrolls_the_results(browser: Browser, address: str) -> None:
    with opened(browser, address, viewport={"width": 1280, "height": 700}) as (page, _requested):
        type_query(page, "spark")
        first = page.locator("dialog .result").first
        expect(first).to_be_in_viewport()
        page.keyboard.press("PageDown")
        expect(first).not_to_be_in_viewport()
        assert page.evaluate("scrollY") == 0


def test_dialog_stays_open_when_a_result_opens_in_a_new_tab(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "spark")
        with page.context.expect_page():
            page.locator("dialog .result a").first.click(modifiers=["ControlOrMeta"])
        expect(page.locator("dialog")).to_be_visible()


def test_status_names_the_lane_without_a_match(browser: Browser, address: str) -> None:
    with opened(browser, address, "search.html?q=zzqqxx&lane=BigData") as (page, _requested):
        expect(page.locator(".search-status")).to_contain_text("No note matches in BigData.")


def test_highlights_are_readable_in_forced_colors(browser: Browser, address: str) -> None:
    with opened(browser, address, forced_colors="active", color_scheme="dark") as (page, _requested):
        type_query(page, "spark")
        png = base64.b64encode(page.locator("dialog .result mark").first.screenshot()).decode()
        colors = page.evaluate(
            """async (png) => {
              const image = new Image();
              image.src = `data:image/png;base64,${png}`;
              await image.decode();
              const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
              canvas.drawImage(image, 0, 0);
              return new Set(new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer)).size;
            }""",
            png,
        )
        assert colors > 1


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (360, 740), (320, 256)])
def test_dialog_fits_any_screen(browser: Browser, address: str, width: int, height: int) -> None:
    """Targets of 24 px (WCAG 2.5.8), and room for results on a screen of 1280 by 1024 at 400% zoom (1.4.10)."""
    with opened(browser, address, viewport={"width": width, "height": height}) as (page, _requested):
        type_query(page, "spark")
        expect(page.get_by_label("lane")).to_be_enabled()
        for control in page.locator("dialog :is(a, button, input, select):visible").all():
            box = control.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 24, control.evaluate("element => element.outerHTML")
        page.locator("dialog .result").last.scroll_into_view_if_needed()
        room = page.locator("dialog .result").last.evaluate(
            """found => {
              for (let box = found; box; box = box.parentElement)
                if (box.scrollHeight > box.clientHeight && getComputedStyle(box).overflowY !== 'visible')
                  return box.clientHeight;
            }"""
        )
        assert room > height / 2


def test_link_within_the_search_page_does_not_reload_it(browser: Browser, address: str) -> None:
    with opened(browser, address, "search.html?q=spark") as (page, _requested):
        expect(page.locator(".search-page .result").first).to_be_visible()
        page.evaluate("window.kept = true")
        page.evaluate("location.hash = 'search-results'")
        page.go_back()
        page.wait_for_url("**/search.html?q=spark")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.kept")


def test_landing_does_not_scroll_after_the_reader_has(browser: Browser, address: str) -> None:
    with opened(browser, address, "index.html", own=True) as (page, _requested):
        with held(page, "**/_static/search/landing.js*"):
            with page.expect_request("**/_static/search/landing.js*"):
                page.goto(f"{address}/{NOTE}?highlight=HeartbeatReceiver", wait_until="commit")
            page.mouse.move(300, 300)
            page.mouse.wheel(0, 600)
            page.wait_for_function("scrollY === 600")
        page.wait_for_url(f"**/{NOTE}")
        assert page.evaluate("[scrollY, document.activeElement.localName]") == [600, "body"]


def test_landing_scrolls_once(browser: Browser, address: str) -> None:
    with opened(browser, address, "index.html", own=True) as (page, _requested):
        page.add_init_script("window.places = []; addEventListener('scroll', () => places.push(scrollY));")
        page.goto(f"{address}/{NOTE}?highlight=HeartbeatReceiver#sources")
        page.goto(f"{address}/{NOTE}?highlight=HeartbeatReceiver")
        expect(page.locator(".landed")).to_be_in_viewport()
        page.evaluate("new Promise(requestAnimationFrame)")
        assert len(page.evaluate("places")) == 1


def test_landing_opens_closed_details(browser: Browser, address: str) -> None:
    path = "notes/emr-escalation-playbooks-and-enterprise-blast-radius.html?highlight=one+a+workload"
    with opened(browser, address, path) as (page, _requested):
        landed = page.locator("details .landed")
        expect(landed).to_be_focused()
        expect(landed).to_be_in_viewport()


def test_unclosed_phrase_is_searched_as_words(browser: Browser, address: str) -> None:
    with opened(browser, address, 'search.html?q="blast rad') as (page, _requested):
        expect(page.locator(".search-page .result").first).to_be_visible()


@contextmanager
def dialog_loading(page: Page) -> Iterator[None]:
    """Request the dialog, and hold its script until the end of the block.

    Needs a page of its own: a shared page may have the script in memory and request nothing.
    """
    expect(page.locator("html[data-ready]")).to_have_count(1)
    with held(page, "**/_static/search/dialog.js*"):
        with page.expect_request("**/_static/search/dialog.js*"):
            page.keyboard.press("Control+k")
        yield


def test_search_field_appears_at_once_and_keeps_typed_text(browser: Browser, address: str) -> None:
    with opened(browser, address, own=True) as (page, _requested):
        with dialog_loading(page):
            box = page.locator(".masthead input[name=q]")
            expect(box).to_be_focused()
            page.keyboard.type("HeartbeatReceiver /kx")
            page.keyboard.press("Backspace")
            expect(box).to_have_value("HeartbeatReceiver /k")
        expect(page.locator("dialog input")).to_be_focused()
        expect(page.locator("dialog input")).to_have_value("HeartbeatReceiver /k")
        page.keyboard.press("Backspace")
        page.keyboard.press("Backspace")
        expect(page.locator("dialog .result").first).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("button.sidebar-search")).to_be_visible()


@pytest.mark.parametrize("key", ["Escape", "Tab"])
def test_search_left_while_loading_does_not_open(browser: Browser, address: str, key: str) -> None:
    with opened(browser, address, own=True) as (page, _requested):
        with page.expect_response("**/_static/search/dialog.js*"), dialog_loading(page):
            page.keyboard.type("spark")
            page.keyboard.press(key)
            button = page.locator("button.sidebar-search")
            expect(button).to_be_visible()
            if key == "Escape":
                expect(button).to_be_focused()
        page.wait_for_load_state("networkidle")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.keyboard.press("Control+k")
        expect(page.locator("dialog[open]")).to_have_count(1)


def test_enter_opens_the_search_page_while_the_dialog_loads(browser: Browser, address: str) -> None:
    with opened(browser, address, own=True) as (page, _requested):
        page.route("**/_static/search/dialog.js*", lambda route: None, times=1)
        page.keyboard.press("Control+k")
        page.keyboard.type("HeartbeatReceiver")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=HeartbeatReceiver")
        expect(page.locator(".result").first).to_be_visible()


def test_dialog_closed_while_searching_opens_no_result(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        with held(page, SECTIONS):
            page.keyboard.press("Control+k")
            page.locator("dialog input").fill("HeartbeatReceiver")
            page.keyboard.press("Enter")
            expect(page.locator("dialog .search-status")).to_have_text("1 note")
            page.keyboard.press("Escape")
            page.keyboard.press("Control+k")
        expect(page.locator("dialog .result-excerpt").first).to_be_visible()
        assert page.url.endswith(NOTE)


def test_unknown_facet_is_ignored(browser: Browser, address: str) -> None:
    with opened(browser, address, "search.html?q=spark&lane=Nope&year=2026") as (page, _requested):
        expect(page.locator(".search-page .result").first).to_be_visible()
        expect(page.get_by_label("lane")).to_have_value("")
        expect(page.get_by_label("year")).to_have_value("2026")
        expect(page).to_have_url(re.compile(r"search\.html\?q=spark&year=2026$"))


def test_unmatched_identifier_is_reported(browser: Browser, address: str) -> None:
    with opened(browser, address, "search.html?q=spark%2Bexecutor") as (page, _requested):
        status = page.locator(".search-page .search-status")
        expect(status).to_contain_text("No exact match")
        page.locator("#search-input").fill("HeartbeatReceiver")
        expect(page.locator(".search-page .result").first).to_be_visible()
        expect(status).to_have_text(re.compile(r"^\d+ notes?$"))


def test_search_without_javascript_links_to_the_lists(browser: Browser, address: str) -> None:
    with opened(browser, address, java_script_enabled=False) as (page, _requested):
        page.locator("input.sidebar-search").fill("spark")
        page.keyboard.press("Enter")
        expect(page.get_by_text("The search needs JavaScript")).to_be_visible()
        expect(page.locator(".without-script a", has_text="all notes")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_no_violation(browser: Browser, address: str, sample: Built, width: int) -> None:
    size = {"width": width, "height": 740}
    with opened(browser, address, viewport=size) as (page, _requested):
        if width == 360:
            page.locator("button.sidebar-search").click()
        type_query(page, "spark")
        expect(page.get_by_label("lane")).to_be_enabled()
        assert browsing.axe(page, "dialog") == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for query in ("", "zzqqxx"):
            page.locator("dialog input").fill(query)
            expect(page.locator("dialog .result")).to_have_count(0)
            assert browsing.axe(page, "dialog") == []
    for base in (address, sample.out.as_uri()):
        # axe itself makes requests that fail in a folder
        with browsing.opened(browser, lenient=True, viewport=size) as page:
            page.goto(f"{base}/search.html?q=spark")
            expect(page.locator(".search-page li").first).to_be_visible()
            assert browsing.axe(page, ".search-page") == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A journal with a long note that defines terms, and short ones that mention them or similar words."""
    site = Site(tmp_path_factory.mktemp("reference"))
    other = "\n\n".join(
        f"Line {number} speaks of another matter, at some length, and of no other." for number in range(90)
    )
    sections = (
        "## Settings\n\n### `AUDIT_LIMIT`\n\nA number.\n\n## Options\n\nWith `--every`, each `Map<Key>` is kept.\n"
    )
    site.write("notes/manual.md", note("Manual", body=f"{other}\n\n{sections}\nIt answers a `PATCH`.\n"))
    for number in range(10):
        body = "Every day has a map, and every map its day.\n" * (1 + number % 3)
        site.write(
            f"notes/m{number}.md",
            note(f"Mention {number}", body=body + "A patch. Set `AUDIT_LIMIT`, or not.\n" * (number % 2)),
        )
    # Twelve times in the text of one note, once in a heading of another: the weight of the heading decides.
    often = "\n\n".join(f"Line {number} says that `RETRY_CEILING` is reached." for number in range(12))
    site.write("notes/often.md", note("A night on call", body=f"{other}\n\n{often}\n"))
    site.write("notes/knobs.md", note("Knobs", body=f"{other}\n\n## Knobs of it\n\n### `RETRY_CEILING`\n\nA number.\n"))
    site.write("notes/pump.md", note("How to Prime a Pump by Hand", body=f"{other}\n\nThe pump.\n"))
    pumps = "## Prime a pump\n\nPrime a pump. To prime a pump, prime it as a pump is primed.\n"
    site.write("notes/pumps.md", note("primePump", body=pumps * 3))
    built = site.build()
    assert built.status == 0
    with serve(built.out) as url:
        yield url


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("AUDIT_LIMIT", "manual"),
        ("RETRY_CEILING", "knobs"),
        ("--every", "manual"),
        ("PATCH", "manual"),
        ("Map<Key>", "manual"),
        ("prime a pump", "pump"),
    ],
)
def test_ranking_prefers_definitions_to_mentions(browser: Browser, reference: str, query: str, wanted: str) -> None:
    with opened(browser, reference, "search.html") as (page, _requested):
        assert find(page, reference, {"query": query, "note": wanted}) == 1


@pytest.fixture(scope="module")
def small_journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, str]]:
    """A journal for typical queries, and its address."""
    site = Site(tmp_path_factory.mktemp("small"))
    far = "\n\n".join(f"Line {number} is about nothing in particular." for number in range(40))
    site.lab()
    site.write(
        "notes/compaction.md",
        note(
            "When Compaction Stalls",
            tags="[Iceberg]",
            date="2026-03-01",
            body=f"Writers outrun the merge. Set `write.target-file-size` first.\n\n{far}\n\nA quorum is lost at 3.5.1.\n",
        ),
    )
    table = "| Case | Events in windows | Counted |\n| --- | --- | --- |\n| late | 103801 | 100158 |\n"
    site.write(
        "notes/windows.md",
        note("Windows and Reliability", tags="[Kubernetes]", date="2026-02-01", body=f"{table}\nReliable.\n"),
    )
    sources = "## Sources\n\n- Quiet brokers, a talk on brokers\n- Brokers again\n"
    site.write("notes/sources.md", note("A Note That Cites", date="2026-01-05", body=f"Text.\n\n{sources}"))
    site.write("notes/brokers.md", note("On Call", date="2026-01-01", body=f"{far}\n\nThe brokers were quiet.\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    with serve(built.out) as url:
        yield site, url


@pytest.mark.parametrize(
    ("query", "wanted", "status"),
    [
        ("compation stalls", "compaction", "“compaction” instead of “compation”"),
        ("writers quorum", "compaction", "1 note"),
        ("how do I know that the writers outrun a merge?", "compaction", "1 note"),
        ("3.5.1", "compaction", "1 note"),
        ("target-file-size", "compaction", "1 note"),
        ("merge-outrun", "compaction", "No exact match; showing 1 note with parts of it"),
        ("“outrun the merge”", "compaction", "1 note"),
        ("k8s", "windows", "1 note"),
        ("compactions zzqqxx", "compaction", "No note contains “zzqqxx”; showing 1 note for the other words"),
        ("brokers", "brokers", "2 notes"),
        ("brokers merge", "compaction", "No note contains all the words"),
        ("when", "compaction", "1 note"),
        ("march", "compaction", "1 note"),
        ("2026-02", "windows", "1 note"),
        ("Feb", "windows", "1 note"),
        ("february 2026", "windows", "1 note"),
        ("writers " * 2000, "compaction", "The query was too long; only its beginning was used."),
    ],
)
def test_search_answers_typical_queries(
    browser: Browser, small_journal: tuple[Site, str], query: str, wanted: str, status: str
) -> None:
    with opened(browser, small_journal[1], "search.html") as (page, _requested):
        page.locator("#search-input").fill(query)
        expect(page.locator(".search-page .search-status")).to_contain_text(status)
        link = page.locator(".search-page .result-title a").first
        assert (link.get_attribute("href") or "").partition("?")[0].endswith(f"/notes/{wanted}.html")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("compation", "When Compaction Stalls"),
        ("writers zzqqxx", "When Compaction Stalls"),
        ("when do writers outrun the blue merge", "When Compaction Stalls"),
        ("march zzqqxx", "When Compaction Stalls"),
        ("v3.5.1 zzqqxx", "When Compaction Stalls"),
        ("reliabilty", "Windows and Reliability"),
    ],
)
def test_sphinx_search_finds_notes_without_every_word(
    browser: Browser, small_journal: tuple[Site, str], query: str, title: str
) -> None:
    address = (small_journal[0].root / "_build/html").as_uri()
    with opened(browser, address, f"search.html?q={query}") as (page, _requested):
        expect(page.locator("ul.search li a").first).to_have_text(title)
        expect(page.locator("#search-results .search-status")).to_contain_text("No note contains every word as typed.")


def test_results_stay_while_a_word_is_typed(browser: Browser, small_journal: tuple[Site, str]) -> None:
    with opened(browser, small_journal[1], "notes/brokers.html") as (page, requested):
        page.keyboard.press("Control+k")
        expect(page.locator("dialog")).to_be_visible()
        for end in range(3, len("reliability") + 1):
            page.locator("dialog input").fill("reliability"[:end])
            expect(page.locator("dialog .result-title")).to_have_text(["Windows and Reliability"])
        assert len(requested) - requested.index(next(url for url in requested if "dialog.js" in url)) <= 20


def test_excerpt_separates_cells_and_highlights_every_word(browser: Browser, small_journal: tuple[Site, str]) -> None:
    with opened(browser, small_journal[1], "search.html?q=events reliable") as (page, _requested):
        excerpt = page.locator(".result-excerpt").first
        expect(excerpt).to_contain_text("Case · Events in windows · Counted · late · 103801 · 100158")
        expect(excerpt.locator("mark")).to_have_text(["Events", "Reliable"])


def test_lanes_tags_and_labs_are_listed_above_the_notes(browser: Browser, small_journal: tuple[Site, str]) -> None:
    with opened(browser, small_journal[1], "search.html") as (page, _requested):
        for query, kind, path in (
            ("bigdata", "Lane", "lanes/bigdata.html"),
            ("kuberne", "Tag", "tags/kubernetes.html"),
            ("k8s", "Tag", "tags/kubernetes.html"),
            ("how fast", "Lab", "labs/speed.html"),
        ):
            page.locator("#search-input").fill(query)
            thing = page.locator(".result-things a", has_text=kind)
            expect(thing).to_have_attribute("href", f"{small_journal[1]}/{path}")


def test_search_page_has_the_query_in_its_title_and_sorts_by_date(
    browser: Browser, small_journal: tuple[Site, str]
) -> None:
    with opened(browser, small_journal[1], "search.html?q=brokers&sort=date") as (page, _requested):
        titles = page.locator(".search-page .result-title")
        expect(titles).to_have_text(["A Note That Cites", "On Call"])
        expect(page).to_have_title(re.compile("^brokers - Search - "))
        page.get_by_label("sort").select_option("Best first")
        expect(titles).to_have_text(["On Call", "A Note That Cites"])
        page.wait_for_url("**/search.html?q=brokers")


def test_back_button_reopens_the_dialog_with_its_query(browser: Browser, address: str) -> None:
    with opened(browser, address) as (page, _requested):
        type_query(page, "spark")
        page.get_by_label("lane").select_option("BigData")
        expect(page.locator("dialog .result-facts", has_not_text="BigData")).to_have_count(0)
        page.locator("dialog .result-title a").last.click()
        page.wait_for_url(lambda url: not url.endswith(NOTE))
        page.go_back()
        expect(page.locator("dialog input")).to_have_value("spark")
        expect(page.get_by_label("lane")).to_have_value("BigData")
        page.keyboard.press("Escape")
        page.reload()
        page.wait_for_load_state("networkidle")
        expect(page.locator("dialog[open]")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_opening_the_search_does_not_scroll_the_page(browser: Browser, address: str, width: int) -> None:
    with opened(browser, address, viewport={"width": width, "height": 740}) as (page, _requested):
        page.evaluate("scrollTo({ top: 3000, behavior: 'instant' })")
        page.wait_for_timeout(300)  # on a phone, sections are laid out now, which may move the text
        before = page.evaluate("scrollY")
        page.keyboard.press("Control+k")
        expect(page.locator("dialog input")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
        page.wait_for_timeout(300)
        assert page.evaluate("scrollY") == before > 2000


def test_text_typed_before_the_script_loads_is_kept(browser: Browser, address: str) -> None:
    with opened(browser, address, "index.html", own=True) as (page, _requested):
        with held(page, "**/_static/search/box.js*"):
            with page.expect_request("**/_static/search/box.js*"):
                page.goto(f"{address}/{NOTE}", wait_until="commit")
            page.locator("input.sidebar-search").focus()
            page.keyboard.type("heartbeat")
        expect(page.locator("dialog input")).to_have_value("heartbeat")
        expect(page.locator("dialog .result").first).to_be_visible()


def test_search_uses_the_index_of_a_later_build(browser: Browser, site: Site) -> None:
    site.write("notes/x.md", note("X", body="The numbat.\n"))
    built = site.build()
    with serve(built.out) as url, browsing.opened(browser, lenient=True) as page:
        page.goto(f"{url}/search.html?q=zzqqxx")
        expect(page.locator(".search-status")).to_contain_text("No note matches")
        page.reload()
        with held(page, TERMS):
            page.goto(f"{url}/search.html", wait_until="networkidle")
            site.write("notes/y.md", note("Y", body="The quokka.\n"))
            assert site.build().status == 0
        page.locator("#search-input").fill("quokka")
        expect(page.locator(".result-title")).to_have_text("Y")


def test_lists_are_not_indexed(browser: Browser, address: str, sample: Built) -> None:
    for base in (address, sample.out.as_uri()):
        with opened(browser, base, "search.html?q=spark") as (page, _requested):
            results = page.locator(".search-page :is(.result, ul.search > li) a")
            expect(results.first).to_be_visible()
            paths = results.evaluate_all("all => all.map((link) => link.pathname)")
            assert all("/notes/" in path or "/pages/" in path for path in paths)
    overview = json.loads(gzip.decompress((sample.out / "search-index/overview").read_bytes()))
    assert sorted(overview["names"]) == sorted(path.stem for path in (sample.root / "notes").glob("*.md"))


def test_search_counts_notes_in_all_lanes(browser: Browser, long_lists: Built) -> None:
    with serve(long_lists.out) as address, opened(browser, address, "notes/n1.html") as (page, _requested):
        type_query(page, "shared words")
        expect(page.locator("dialog .search-status")).to_have_text("105 notes")
        lane = page.get_by_label("lane")
        expect(lane.locator("option")).to_have_text(["All lanes", "BigData (104)", "Data platforms (1)"])
        type_query(page, "aaaaac")
        expect(page.locator("dialog .result-title")).to_have_text(["N52"])
