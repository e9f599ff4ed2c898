"""The layout of a page: edges, widths and colors, and what screen readers announce."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from browsing import NOTE, opened
from conftest import Built, Site, note, serve
from fieldnotes.pages.accent_colors import MIN_CONTRAST, contrast
from playwright.sync_api import Browser, expect

if TYPE_CHECKING:
    from collections.abc import Iterator

SPECIMEN = "notes/specimen.html"
LAB = "labs/shared-components.html"
COPIED = 'yarn logs -applicationId application_1_0001 | grep -c "ExecutorLostFailure"'


@pytest.fixture(scope="module")
def address(sample: Built) -> Iterator[str]:
    with serve(sample.out) as url:
        yield url


def hexadecimal(color: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*map(int, re.findall(r"\d+", color)[:3]))


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_text_of_every_page_starts_at_the_same_edge(browser: Browser, address: str, width: int) -> None:
    edges = set()
    with opened(browser, viewport={"width": width, "height": 800}) as page:
        for path in (NOTE, "lanes/bigdata.html", "tags/index.html", "notes/index.html", "labs/index.html", LAB):
            page.goto(f"{address}/{path}")
            edges.add(page.locator("h1").evaluate("heading => Math.round(heading.getBoundingClientRect().left)"))
        expect(page.locator("#page-contents")).to_be_visible()
    assert len(edges) == 1


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_text_scales_with_the_font_size_of_the_reader(browser: Browser, address: str, width: int) -> None:
    sizes = """['article p:not([class])', 'h1', 'h2'].map(name =>
      parseFloat(getComputedStyle(document.querySelector(name)).fontSize))"""
    with opened(browser, viewport={"width": width, "height": 800}) as page:
        for path in (NOTE, "index.html"):
            page.goto(f"{address}/{path}")
            before = page.evaluate(sizes)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            assert page.evaluate(sizes) == [2 * size for size in before]


def test_wide_code_grows_into_the_margin(browser: Browser, address: str) -> None:
    blocks = """[...document.querySelectorAll('article section > div[class*="highlight-"]')].filter(block => {
      const pre = block.querySelector('pre');
      return pre.scrollWidth > pre.clientWidth && block.clientWidth < 870 && !block.parentElement.querySelector('aside.footnote-list');
    }).map(block => block.textContent)"""
    with opened(browser, viewport={"width": 1280, "height": 800}) as page:
        for path in (NOTE, SPECIMEN):
            page.goto(f"{address}/{path}")
            assert page.evaluate(blocks) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_code_has_four_readable_colors(browser: Browser, address: str, theme: str) -> None:
    with opened(browser, color_scheme=theme) as page:
        page.goto(f"{address}/{SPECIMEN}")
        colors = page.evaluate(
            "[...document.querySelectorAll('.highlight pre, .highlight pre span')].map(part => getComputedStyle(part).color)"
        )
        assert page.locator(".highlight :is(.n, .o, .p, .w)").count() == 0
        paper = page.locator(".highlight pre").first.evaluate("pre => getComputedStyle(pre).backgroundColor")
    tones = {hexadecimal(color) for color in colors}
    assert 3 <= len(tones) <= 4
    assert min(contrast(tone, hexadecimal(paper)) for tone in tones) >= MIN_CONTRAST


@pytest.mark.parametrize(("system", "remembered"), [("dark", "light"), ("light", "dark")])
def test_drawings_follow_forced_colors(browser: Browser, address: str, system: str, remembered: str) -> None:
    with opened(browser, color_scheme=system, forced_colors="active") as page:
        page.goto(f"{address}/{LAB}")
        page.evaluate("theme => localStorage.setItem('theme', theme)", remembered)
        for path, text in ((LAB, ".lab-figure text"), ("index.html", ".map-wide text")):
            page.goto(f"{address}/{path}")
            ink = page.locator(text).first.evaluate("text => getComputedStyle(text).fill")
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert contrast(hexadecimal(ink), hexadecimal(paper)) >= MIN_CONTRAST, path


def test_theme_button_names_the_current_theme(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/{NOTE}")
        names = []
        for _click in range(3):
            button = page.get_by_role("button", name=re.compile("^Theme: "))
            names += re.findall(r"Theme: (\w+)", button.aria_snapshot())[:1]
            button.click()
    assert sorted(names) == ["automatic", "dark", "light"]


def test_toc_and_copy_are_announced(browser: Browser, address: str) -> None:
    with opened(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(f"{address}/{SPECIMEN}")
        page.locator("article h2").last.scroll_into_view_if_needed()
        page.mouse.wheel(0, 20_000)
        expect(page.locator(".toc-tree .scroll-current > a[aria-current=true]")).to_have_count(1)
        page.locator(".highlight-console button.copybtn").first.click()
        expect(page.locator("body > p[role=status]")).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == COPIED
        page.evaluate("Object.defineProperty(navigator, 'clipboard', {})")
        page.get_by_role("button", name="Copy code").last.click()
        expect(page.locator("body > p[role=status]")).to_have_text("Could not copy; the code is selected")
        assert page.evaluate("String(getSelection())")


def test_search_on_a_phone_is_below_the_name(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 360, "height": 740}) as page:
        page.goto(f"{address}/{NOTE}")
        name, search = (page.locator(part).bounding_box() for part in (".brand", ".masthead .sidebar-search"))
    assert name
    assert search
    assert search["y"] >= name["y"] + name["height"]


def test_section_on_a_phone_is_laid_out_when_it_is_near(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 412, "height": 823}) as page:
        page.goto(f"{address}/{NOTE}")
        last = page.locator("article > section > section").last
        asked = "section => section.firstElementChild.checkVisibility({ contentVisibilityAuto: true })"
        assert not last.evaluate(asked)
        page.goto(f"{address}/{NOTE}#{last.get_attribute('id')}")
        page.wait_for_function(asked, arg=last.element_handle())  # the browser checks once a frame
        page.set_viewport_size({"width": 1280, "height": 823})
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_function(asked, arg=last.element_handle())


def test_scrollable_block_has_a_name(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 320, "height": 800}) as page:
        page.goto(f"{address}/{SPECIMEN}")
        blocks = page.locator("article :is(pre, .table-wrapper)[tabindex]")
        names = blocks.evaluate_all("all => all.map(block => [block.role, block.ariaLabel])")
    assert names
    assert all(role == "group" and name for role, name in names)


SIDES = """() => {
  const main = document.querySelector('article').getBoundingClientRect();
  const boxes = [...document.querySelectorAll('.sidenotes p, aside.footnote-list, div.highlight')].filter((box) => box.checkVisibility({ visibilityProperty: true }));
  const rects = boxes.map((box) => box.getBoundingClientRect()).filter(({ right }) => right > main.right + 1);
  return [...document.querySelectorAll('.sidenotes p')].map((note, index) => {
    const { top, bottom, left } = note.getBoundingClientRect();
    return [note.textContent, left > main.right, rects.filter((other) => other.top < bottom && other.bottom > top).length];
  });
}"""

QUOTING = """From {{number}}`speed:change` to {{number}}`speed:time.median`, [as one says](https://example.org/one#a) and
[so](https://example.org/two), [again](https://example.org/one). {long}{long}{long}{long}

A footnote.[^f]

[^f]: A footnote.

## Long

[So](https://example.org/three).

```text
{wide}
```

## Sources

- [One](https://example.org/one): first.
- [Two, {long}](https://example.org/two): second.
- In general [Three](https://example.org/three), and [four](https://example.org/four): `last`.
"""


def test_numbers_and_sources_have_sidenotes_and_keyboard_navigation(browser: Browser, site: Site) -> None:
    site.lab()
    site.write("notes/x.md", note("X", body=QUOTING.format(wide="wide " * 17, long="long " * 30)))
    with serve(site.build().out) as address, opened(browser) as page:
        page.goto(f"{address}/notes/x.html")
        page.wait_for_selector("a.lab-datum[tabindex='-1']")
        block = page.locator("p, table, li").filter(has=page.locator("a.lab-datum[tabindex='-1']")).last
        numbers = block.locator("a.lab-datum")
        numbers.first.focus()
        page.keyboard.press("ArrowRight")
        expect(numbers.nth(1)).to_be_focused()
        expect(block.locator("a.lab-datum:not([tabindex='-1'])")).to_have_count(1)
        page.keyboard.press("ArrowLeft")
        expect(numbers.first).to_be_focused()
        expect(page.locator(".toc-tree a[href='#long'], section#long .headerlink[tabindex='-1']")).to_have_count(2)
        expect(page.locator(".sidenotes p").first).to_be_visible()
        noted = page.evaluate(SIDES)
        assert [text[:19] for text, *_place in noted] == [
            "−2, from a lab: how",
            "One: first.",
            "Two, long long long",
            "In general Three, a",
        ]
        assert noted[-1][0] == "In general Three, and four: last."
        assert all(place == [True, 1] for _text, *place in noted), noted
        page.set_viewport_size({"width": 1024, "height": 800})
        expect(page.locator(".sidenotes p").first).to_be_hidden()


def test_exploration_shows_its_state_and_keeps_it_in_the_url(browser: Browser, site: Site) -> None:
    axes = {
        "size": {"what": "Size", "options": {"small": "1 kB", "large": "1 MB"}, "start": "small"},
        "wait": {"what": "Wait", "options": {f"{wait}": f"{wait} min" for wait in range(6)}, "start": "3"},
    }
    answers = {
        "time": {"what": "to be done", "axes": ["size"]},
        "lost": {"what": "lost", "axes": ["wait", "size"], "state": "w{}.{}.lost"},
    }
    results = {
        f"time.{size}": {"value": value, "what": "time", "unit": "s"}
        for size, value in {"small": 2, "large": 34}.items()
    } | {
        f"w{wait}.{size}.lost": {"value": 10 * wait + number, "what": "lost"}
        for wait in range(6)
        for number, size in enumerate(["small", "large"])
    }
    site.lab(grid={"axes": axes, "answers": answers}, results=results)
    site.write("notes/x.md", note("X", body="```{explore} speed\n```\n"))
    site.write("index.md", (site.root / "index.md").read_text().replace("Latency = 12 ms:", "Latency = 1 kB:"))
    with (site.root / "index.md").open("a") as home:
        home.write("\n```{explore} speed\n```\n")
    built = site.build()
    assert (built.status, built.log) == (0, "")
    with serve(built.out) as address, opened(browser) as page:
        for path in ("notes/x.html", "index.html"):
            page.goto(f"{address}/{path}")
            answer = page.locator("output[name=time]")
            expect(answer).to_have_text("2\N{NARROW NO-BREAK SPACE}s")
            page.get_by_role("radio", name="1 kB").focus()
            page.keyboard.press("ArrowRight")
            expect(answer).to_have_text("34\N{NARROW NO-BREAK SPACE}s")
            expect(page).to_have_url(re.compile(rf"/{path}\?size=large$"))
            page.reload()
            expect(answer).to_have_text("34\N{NARROW NO-BREAK SPACE}s")
            wait, lost = page.get_by_role("slider", name="Wait", exact=True), page.locator("output[name=lost]")
            expect(lost).to_have_text("31")
            expect(wait).to_have_attribute("aria-valuetext", "3 min")
            wait.press("ArrowRight")
            expect(lost).to_have_text("41")
            expect(wait).to_have_attribute("aria-valuetext", "4 min")
            assert page.url.endswith(f"/{path}?size=large&wait=4")
            page.reload()
            expect(lost).to_have_text("41")
            wait.press("ArrowLeft")
            assert page.url.endswith(f"/{path}?size=large")
        expect(page.locator(".map-tiles")).to_contain_text("1 MB")
    with serve(built.out) as address, opened(browser, java_script_enabled=False) as page:
        page.goto(f"{address}/index.html")
        expect(page.locator("form.exploration")).to_be_hidden()
