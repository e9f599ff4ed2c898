"""What a reader gets: fonts, the map, footnotes, keyboard access, page weight, and the Content-Security-Policy."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from browsing import NOTE, axe, opened
from conftest import ROOT, Built, Site, note, serve
from fieldnotes.build.assets import MONO, SHEETS
from fontTools.ttLib import TTFont
from playwright.sync_api import Browser, Page, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    "home": "index.html",
    "lane": "lanes/bigdata.html",
    "note": NOTE,
    "specimen": "notes/specimen.html",
    "tag": "tags/amazon-emr.html",
    "tags": "tags/index.html",
    "archive": "notes/index.html",
    "year": "notes/2026.html",
    "lab": "labs/shared-components.html",
    "search": "search.html",
    "404": "404.html",
}
"""A page of each kind."""


@pytest.fixture(scope="module")
def address(sample: Built) -> Iterator[str]:
    with serve(sample.out) as url:
        yield url


@dataclass
class Seen:
    """Browser measurements of a page of one kind."""

    kind: str
    shifts: list[float]
    """Layout shifts while it loaded on a phone."""
    painted: float
    requested: list[float]
    """When it was painted, and when each script was requested."""
    rules: int
    matched: list[str]
    """The number of rules for home, and the selectors that match something."""
    widths: dict[int, int]
    """Its width, by the width of the screen."""
    problems: dict[int, list[str]]
    """Violations that axe finds, by the width of the screen."""


@pytest.fixture(scope="module", params=KINDS)
def seen(request: pytest.FixtureRequest, browser: Browser, address: str) -> Seen:
    """A page of each kind, opened twice for all its tests, because loading it takes most of their time."""
    url = f"{address}/{KINDS[request.param]}"
    with opened(browser, viewport={"width": 412, "height": 823}, cached=False) as page:
        page.goto(url)
        page.evaluate("document.fonts.ready")
        shifts = page.evaluate(
            """new Promise(resolve => new PerformanceObserver(
              list => resolve(list.getEntries().map(found => found.value))
            ).observe({type: 'layout-shift', buffered: true}) || setTimeout(resolve, 100, []))"""
        )
    with opened(browser) as page:
        page.goto(url)
        painted, *requested = page.evaluate(
            """[
              performance.getEntriesByName('first-contentful-paint')[0].startTime,
              ...performance.getEntriesByType('resource').filter(found => found.initiatorType === 'script')
                .filter(found => found.name.includes('.js')).map(found => found.startTime),
            ]"""
        )
        rules, matched = page.evaluate(
            """async root => {
              const sheet = new CSSStyleSheet();
              sheet.replaceSync(await (await fetch(`${root}/_static/home.css`)).text());
              const selectors = rules => [...rules].flatMap(rule => rule.selectorText ?? selectors(rule.cssRules ?? []));
              const all = selectors(sheet.cssRules);
              return [all.length, all.filter(selector => document.querySelector(selector))];
            }""",
            address,
        )
        problems, widths = {}, {}
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 900})
            problems[width] = axe(page, is_dark=width == 1280)
        for width in (640, 320):
            page.set_viewport_size({"width": width, "height": 800})
            widths[width] = page.evaluate("document.documentElement.scrollWidth")
    return Seen(request.param, shifts, painted, requested, rules, matched, widths, problems)


# Fonts


def fonts() -> dict[str, TTFont]:
    return {path.stem: TTFont(path) for path in (ROOT / "_static/fonts").glob("*.woff2")}


def test_fonts_have_every_character_of_the_sample() -> None:
    by_name = fonts()
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests/sample").rglob("*.md")]
    used = {letter for text in texts for letter in text} - {"\n"}
    serif = {*by_name["built-serif"].getBestCmap(), *by_name["built-serif-accents"].getBestCmap()}
    mono = {*by_name["built-mono"].getBestCmap()}
    assert {letter for letter in used if ord(letter) not in serif | mono} == set()


def test_fonts_have_their_own_names_and_a_license() -> None:
    for name, font in fonts().items():
        names = {record.nameID: str(record) for record in font["name"].names}
        assert "Source" not in "".join(names[number] for number in (1, 3, 4, 6)), name
        assert "Open Font License" in names[13], name
        license_file = ROOT / "_static/fonts" / f"LICENSE-{'-'.join(name.split('-')[:2])}.txt"
        assert "SIL OPEN FONT LICENSE" in license_file.read_text(encoding="utf-8")


def test_fallback_font_keeps_line_breaks() -> None:
    lines = fonts()["built-serif"]["hhea"]
    css = (ROOT / "_static/tokens.css").read_text(encoding="utf-8")
    rules = [rule for rule in re.findall(r"@font-face \{(.*?)\}", css, re.S) if "local(" in rule]
    assert len(rules) >= 4
    for rule in rules:
        value = {name: float(number) for name, number in re.findall(r"([\w-]+): ([\d.]+)%", rule)}
        scale = value["size-adjust"]
        assert value["ascent-override"] == pytest.approx(lines.ascent / 10 / scale * 100, abs=0.1)
        assert value["descent-override"] == pytest.approx(-lines.descent / 10 / scale * 100, abs=0.1)
        assert value["line-gap-override"] == lines.lineGap == 0


# The map


def test_new_lane_is_on_the_map(site: Site) -> None:
    header = "title: Edge\nnumber: 4\nheadline: At the edge\ndescription: What runs far out."
    site.write("lanes/edge.md", f"---\n{header}\n---\n\nText.\n")
    site.write("notes/x.md", note("X"))
    built = site.build()
    assert built.status == 0, built.log
    lanes = [link.get_text() for link in built.page("index").select(".map-lanes a")]
    assert lanes == ["01 AI systems", "02 Data platforms", "03 BigData", "04 Edge"]


def test_build_reports_each_fault_of_the_map(site: Site) -> None:
    wrong = {
        "Data sources": "Data sources: tags/nothing",
        "Feature store": "Feature shop: tags/spark",
        "Streaming layer": "Streaming layer",
        "Latency": "Latency = : lanes/bigdata",
        "Feedback loop": "",
        "Jobs": "Streams = batch + async: lanes/bigdata",
    }
    site.write("notes/x.md", note("X"))
    home = site.root / "index.md"
    lines = home.read_text(encoding="utf-8").splitlines()
    places = {name: next(at for at, line in enumerate(lines) if re.match(f"{name}( =|:)", line)) for name in wrong}
    for name, at in places.items():
        lines[at] = wrong[name]
    home.write_text("\n".join(lines), encoding="utf-8")
    built = site.build()
    assert all(re.search(r"index\.md:\d+: WARNING: ", line) for line in built.warnings), built.log
    drawing = "_static/map/systems-map.svg"
    for message in (
        "`tags/nothing` is not a page of the site",
        f"{drawing} has no node `Feature shop`",
        *(f"the node `{node}` of {drawing} has no link; add a line `{node}: page`"
          for node in ("Feature store", "Streaming layer", "Feedback loop")),
    ):  # fmt: skip
        assert f"WARNING: {message}" in built.log
    for name in ("Streaming layer", "Latency"):
        message = "this line is not a link of the map; write `Node: page` or `Tile = value: page`"
        assert f"index.md:{places[name] + 1}: WARNING: {message}" in built.log
    message = "`Streams` already has a link on the map; remove this line"
    assert f"index.md:{places['Jobs'] + 1}: WARNING: {message}" in built.log


@pytest.mark.parametrize(("width", "shown", "hidden"), [(1280, "wide", "tall"), (360, "tall", "wide")])
def test_map_works_by_keyboard(browser: Browser, address: str, width: int, shown: str, hidden: str) -> None:
    with opened(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{address}/index.html")
        expect(page.locator(f".map-{shown}")).to_be_visible()
        expect(page.locator(f".map-{hidden}")).to_be_hidden()
        node = page.locator(f".map-{shown} a", has_text="Model service")
        node.focus()
        before = node.locator("rect").evaluate("box => getComputedStyle(box).strokeWidth")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        expect(node).to_be_focused()
        assert float(before.removesuffix("px")) >= 3
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("AI systems")


def test_signals_stop_by_themselves_and_can_be_started_and_stopped(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/index.html")
        ends = page.evaluate("document.getAnimations().map(found => found.effect.getComputedTiming().endTime)")
        assert ends
        assert max(ends) < 5000
        signals = page.locator("button.signals")
        expect(signals).to_have_text("Stop the animation")
        pulse = page.locator(".map-wide .pulse").first
        for name, state in (("Play the animation", "paused"), ("Stop the animation", "running")):
            signals.click()
            expect(signals).to_have_text(name)
            expect(pulse).to_have_css("animation-play-state", state)
        expect(pulse).to_have_css("animation-iteration-count", "infinite")


def test_signals_run_unless_motion_is_reduced(browser: Browser, address: str) -> None:
    names = []
    for motion in ("no-preference", "reduce"):
        with opened(browser, reduced_motion=motion) as page:
            page.goto(f"{address}/index.html")
            names.append(page.locator(".map-wide .pulse").evaluate("path => getComputedStyle(path).animationName"))
            running = page.evaluate("document.getAnimations().filter(found => found.playState === 'running').length")
            assert (running > 0) == (motion == "no-preference")
    assert names == ["signal", "none"]


# A note


def test_footnote_is_below_the_paragraph_that_refers_to_it(sample: Built) -> None:
    page = sample.page("notes/specimen")
    first, second = page.select("aside.footnote-list")
    assert "Ctrl" in first.find_previous_sibling("p").get_text()
    assert len(second.select("aside.footnote")) == 2
    for reference in page.select("a.footnote-reference"):
        assert page.select_one(f'aside.footnote[id="{reference["href"][1:]}"]')


def test_footnote_is_next_to_its_paragraph(browser: Browser, address: str) -> None:
    for width in (1280, 360):
        with opened(browser, viewport={"width": width, "height": 900}) as page:
            page.goto(f"{address}/{KINDS['specimen']}")
            paragraph = page.locator("article p:has(a.footnote-reference)").last.bounding_box()
            footnotes = page.locator("aside.footnote-list").last.bounding_box()
            assert paragraph
            assert footnotes
            if width == 1280:
                assert footnotes["x"] >= paragraph["x"] + paragraph["width"]
                assert footnotes["x"] + footnotes["width"] <= width
                assert paragraph["y"] - 40 < footnotes["y"] < paragraph["y"] + paragraph["height"]
            else:
                assert 0 <= footnotes["y"] - paragraph["y"] - paragraph["height"] < 40


@pytest.mark.parametrize(("width", "least", "most"), [(1280, 66, 75), (1920, 66, 75), (768, 60, 75), (360, 42, 52)])
def test_lines_have_a_readable_length(browser: Browser, address: str, width: int, least: int, most: int) -> None:
    """Mean number of characters on the full lines of a note's paragraphs."""
    with opened(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(f"{address}/{NOTE}")
        page.evaluate("document.fonts.ready")
        mean = page.evaluate(
            """() => {
              const lengths = [];
              for (const p of document.querySelectorAll('article section > p:not([class])')) {
                const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
                const lines = new Map();
                const top = p.getBoundingClientRect().top, height = parseFloat(getComputedStyle(p).lineHeight);
                for (let node; (node = walker.nextNode());) {
                  for (let i = 0; i < node.length; i++) {
                    const range = document.createRange();
                    range.setStart(node, i); range.setEnd(node, i + 1);
                    const box = range.getBoundingClientRect();
                    const line = Math.floor(((box.top + box.bottom) / 2 - top) / height);
                    lines.set(line, (lines.get(line) ?? 0) + 1);
                  }
                }
                lengths.push(...[...lines.values()].slice(0, -1).filter(length => length > 20));
              }
              return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
            }"""
        )
        assert least <= mean <= most


def test_external_links_have_rel_noopener(sample: Built) -> None:
    for path in sample.out.rglob("*.html"):
        page = sample.page(path.relative_to(sample.out).with_suffix("").as_posix())
        for link in page.select('a[href*="://"]'):
            assert "noopener" in link.get("rel", []), link


def test_note_is_printed_as_an_article(browser: Browser, address: str) -> None:
    with opened(browser, color_scheme="dark") as page:
        page.goto(f"{address}/{KINDS['specimen']}")
        page.emulate_media(media="print", color_scheme="dark")
        for hidden in (".masthead", ".contents-drawer", ".related-pages", ".headerlink"):
            assert page.locator(hidden).first.evaluate("found => getComputedStyle(found).display") == "none", hidden
        shown = page.locator("article a.external").first.evaluate("link => getComputedStyle(link, '::after').content")
        assert "sphinx-doc.org" in shown or "attr(href)" in shown
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(251, 248, 242)"
        assert page.pdf().startswith(b"%PDF-")
        whole = """() => [...document.querySelectorAll('article :is(.table-wrapper, table, .highlight, pre)')].filter(
            (one) => getComputedStyle(one).overflow !== 'visible' || getComputedStyle(one).breakInside !== 'auto').length"""
        assert page.locator("article :is(.table-wrapper, pre)").count()
        assert page.evaluate(whole) == 0, "a table or listing that does not fit leaves the rest of a sheet empty"


def test_page_fits_a_very_narrow_screen(seen: Seen) -> None:
    """320 px is 1280 at 400% zoom (WCAG 1.4.10), 640 is 1280 at 200% (1.4.4)."""
    assert [width for width, used in seen.widths.items() if used > width] == []


# Keyboard


def test_article_is_a_few_key_presses_away(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address}/{NOTE}")
        page.keyboard.press("Tab")
        expect(page.locator(".skip-to-content")).to_be_focused()
        stops = 1
        while not page.evaluate("Boolean(document.activeElement.closest('article'))"):
            page.keyboard.press("Tab")
            stops += 1
            assert stops < 20


@pytest.mark.parametrize("script", [True, False])
def test_contents_on_a_phone_open_by_keyboard(browser: Browser, address: str, script: bool) -> None:
    with opened(browser, viewport={"width": 360, "height": 700}, java_script_enabled=script) as page:
        page.goto(f"{address}/{NOTE}")
        link = page.locator("#page-contents a", has_text="Sources")
        expect(link).to_be_hidden()
        page.locator(".contents-button").focus()
        page.keyboard.press("Enter")
        expect(link).to_be_visible()
        link.click()
        expect(page).to_have_url(re.compile("#sources$"))
        if script:
            expect(link).to_be_hidden()
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()


def test_contents_follow_the_scroll_position(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address}/{NOTE}#sources")
        expect(page.locator(".toc-tree li.scroll-current a", has_text="Sources")).to_be_in_viewport()


def test_anchor_and_copy_button_are_visible_when_focused(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(f"{address}/{KINDS['specimen']}")
        for selector in ("article a.headerlink:not([tabindex='-1'])", "button.copybtn"):
            control = page.locator(selector).first
            assert float(control.evaluate("element => getComputedStyle(element).opacity")) < 0.5
            control.focus()
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Tab")
            expect(control).to_be_focused()
            expect(control).to_have_css("opacity", "1")


# Accessibility


def test_axe_finds_no_violation(seen: Seen) -> None:
    assert seen.problems == {1280: [], 360: []}


def test_targets_are_large_enough(browser: Browser, address: str) -> None:
    """24 px on a side, except for links in a sentence (WCAG 2.5.8)."""
    for width in (360, 1280):
        with opened(browser, viewport={"width": width, "height": 900}) as page:
            page.goto(f"{address}/{NOTE}")
            for control in page.locator("button:visible, input:visible, .masthead a:visible").all():
                box = control.bounding_box()
                assert box
                assert min(box["height"], box["width"]) >= 24, control.evaluate("element => element.outerHTML")


# Weight


def loaded(page: Page, url: str) -> dict[str, bytes]:
    """Load a page, and return every response by its URL."""
    responses: dict[str, bytes] = {}
    page.on("response", lambda response: responses.update({response.url: response.body()}))
    page.goto(url, wait_until="networkidle")
    return responses


@pytest.mark.parametrize(("kind", "most"), [("home", 75), ("lane", 70), ("note", 80), ("tag", 70)])
def test_page_weight_stays_below_its_limit(browser: Browser, address: str, kind: str, most: int) -> None:
    """In kilobytes as a host sends them: text gzipped, fonts as they are; a note without its figures."""
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        responses = loaded(page, f"{address}/{KINDS[kind]}")
    if kind == "note":
        responses = {url: re.sub(b"<figure.*?</figure>", b"", body, flags=re.S) for url, body in responses.items()}
        responses = {url: body for url, body in responses.items() if not re.search(r"/(figures|diagrams)\.css", url)}
    weights = {
        url.rpartition("/")[2]: len(body) if url.endswith(".woff2") else len(gzip.compress(body))
        for url, body in responses.items()
    }
    assert sum(weights.values()) <= most * 1000, weights


def test_layout_does_not_shift_during_loading(seen: Seen) -> None:
    assert sum(seen.shifts) < 0.001


@pytest.mark.parametrize("kind", KINDS)
def test_no_script_blocks_rendering(sample: Built, kind: str) -> None:
    page = sample.page(KINDS[kind].removesuffix(".html"))
    assert len(page.select("meta[name=viewport]")) == 1
    assert page.head.select("script[src]:not([defer], [async])") == []
    assert page.select("style") == []


def test_scripts_are_requested_after_the_first_paint(seen: Seen) -> None:
    """Except on the search page, which needs them first."""
    assert len(seen.requested) >= 3
    assert min(seen.requested) > seen.painted or seen.kind == "search"


def test_failed_script_does_not_block_the_others(browser: Browser, address: str) -> None:
    with opened(browser, own=True, lenient=True) as page:
        page.route("**/search/box.js*", lambda route: route.abort())
        page.goto(f"{address}/{NOTE}")
        page.locator(".theme-toggle").click()
        assert page.locator("body").get_attribute("data-theme") in {"dark", "light"}


@pytest.mark.parametrize("sheet", SHEETS)
def test_stylesheet_has_the_rules_of_its_parts(browser: Browser, address: str, sheet: str) -> None:
    """As a browser parses them, after the accent from conf.py.

    Its URLs are font files or data URLs.
    """
    with opened(browser) as page:
        page.goto(f"{address}/index.html")
        rules, *parts = (
            page.evaluate(
                """async path => {
                  const text = await (await fetch(`_static/${path}`)).text();
                  const sheet = new CSSStyleSheet();
                  sheet.replaceSync(text);
                  return [...sheet.cssRules].map(rule => rule.cssText);
                }""",
                path,
            )
            for path in (sheet, *SHEETS[sheet])
        )
    plain = [re.sub(r'url\("data:font/woff2[^"]*"\)', f'url("{MONO}")', rule) for rule in rules]
    accent = plain.pop(0)
    assert accent.startswith(":root { --accent-light: #1d5f8a; --wash-light: ")
    assert plain == [rule for part in parts for rule in part]
    assert len(plain) > 300
    assert {path[:4] for path in re.findall(r'url\("([^"]*)"', "".join(rules))} == {"data", "font"}


def test_rules_of_home_match_nothing_on_other_pages(seen: Seen) -> None:
    assert seen.rules > 50
    assert seen.matched == [] or seen.kind == "home"


# Content-Security-Policy


def test_pages_comply_with_their_content_security_policy(browser: Browser, address: str) -> None:
    """A page of each kind, opened and used, violates no directive and contacts no other host."""
    with opened(browser, viewport={"width": 1280, "height": 900}, permissions=["clipboard-write"]) as page:
        page.add_init_script(
            "window.broken = []; addEventListener('securitypolicyviolation', event =>"
            " window.broken.push(event.violatedDirective + ' ' + event.blockedURI));"
        )
        for kind, path in KINDS.items():
            page.goto(f"{address}/{path}")
            page.locator(".theme-toggle").click()
            for button in page.locator("button.copybtn").all()[:1]:
                button.focus()
                page.keyboard.press("Enter")
                expect(button).to_have_attribute("data-said", "Copied")
            policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content") or ""
            assert "unsafe-inline" not in policy, kind
            assert "default-src 'none'" in policy, kind
            assert page.evaluate("window.broken") == [], kind


def test_policy_blocks_injected_scripts(browser: Browser, address: str) -> None:
    with browser.new_context().new_page() as page:
        page.goto(f"{address}/{NOTE}")
        page.evaluate(
            """() => {
              const script = document.createElement('script');
              script.textContent = 'window.injected = true';
              document.body.append(script);
              document.querySelector('h1').setAttribute('onclick', 'window.injected = true');
              document.querySelector('h1').click();
            }"""
        )
        assert page.evaluate("window.injected") is None


def test_inline_style_of_an_author_is_allowed_by_its_hash(browser: Browser, site: Site) -> None:
    table = "```{list-table}\n:widths: 20 80\n\n* - a\n  - b\n```\n"
    site.write("notes/x.md", note("X", body=table))
    built = site.build()
    assert built.status == 0, built.log
    policy = built.page("notes/x").select_one("meta[http-equiv]")["content"]
    assert ("style-src-attr 'unsafe-hashes' 'sha256-" in policy) == (" style=" in built.html("notes/x"))
    with serve(built.out) as url, opened(browser) as page:
        page.goto(f"{url}/notes/x.html")
        widths = page.locator("article td").evaluate_all("cells => cells.map(cell => cell.offsetWidth)")
        assert widths[0] * 3 < widths[1]
