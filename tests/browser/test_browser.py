"""The site in a browser: themes, keyboard and narrow screens."""

from __future__ import annotations

import re

import pytest
from browsing import NOTE, opened
from conftest import Built, serve
from playwright.sync_api import Browser, expect

PAGES = ["index.html", "lanes/bigdata.html", NOTE, "tags/index.html", "tags/amazon-emr.html", "notes/index.html"]
PAGES += ["labs/index.html", "labs/shared-components.html", "notes/specimen.html"]


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_the_screen(browser: Browser, sample: Built, path: str) -> None:
    with opened(browser) as page:
        page.goto(f"{sample.out.as_uri()}/{path}")
        for width in (1920, 1280, 768, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            expect(page.locator("h1")).to_be_visible()


LINES = """all => all.flatMap(line => {
  const clip = line.matches('.dotted') ? parseFloat(getComputedStyle(line).fontSize) * 0.6 : 0;
  const seen = line.getBoundingClientRect().left + clip;
  const rows = new Map();
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());)
    for (let at = 0; at < node.length; at++) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      const box = range.getBoundingClientRect();
      if (box.width && box.left + box.width / 2 > seen)
        rows.set(Math.round(box.bottom / 8), (rows.get(Math.round(box.bottom / 8)) ?? '') + node.data[at]);
    }
  return [...rows.values()].map(row => row.trim());
})"""
"""The visible text on each line of these paragraphs, without the part clipped on the left."""


@pytest.mark.parametrize("path", ["tags/amazon-emr.html", "index.html", NOTE])
def test_no_line_begins_or_ends_with_a_visible_dot(browser: Browser, sample: Built, path: str) -> None:
    with opened(browser) as page:
        page.goto(f"{sample.out.as_uri()}/{path}")
        for width in (320, 360, 412, 768):
            page.set_viewport_size({"width": width, "height": 800})
            lines = page.locator(".card-line, .freshness p").evaluate_all(LINES)
            assert lines
            assert [
                row
                for row in lines
                if row.startswith("·") or row.endswith("·") or (row.endswith(" min") and len(row) < 8)
            ] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_enough_contrast(browser: Browser, sample: Built, theme: str) -> None:
    """At least 4.5:1, as WCAG 2.2 defines it (success criterion 1.4.3)."""
    with opened(browser, color_scheme=theme) as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        colors = page.evaluate(
            """() => {
              const style = (selector) => getComputedStyle(document.querySelector(selector));
              const paint = (css) => {
                const canvas = document.createElement('canvas').getContext('2d');
                canvas.fillStyle = css; canvas.fillRect(0, 0, 1, 1);
                return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
              };
              const paper = paint(style('body').backgroundColor);
              return ['article p', 'article a.reference', '.standfirst', '.note-line', 'figcaption', '.diagram .quiet']
                .map((selector) => {
                  const found = style(selector);
                  return [selector, paint(selector.startsWith('.diagram') ? found.fill : found.color), paper];
                });
            }"""
        )
    for selector, ink, paper in colors:
        low, high = sorted((luminance(ink), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector


def luminance(color: list[int]) -> float:
    parts = [part / 255 for part in color]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_theme_is_remembered(browser: Browser, sample: Built) -> None:
    with serve(sample.out) as url, opened(browser, color_scheme="light") as page:
        page.goto(f"{url}/index.html")
        papers = []
        for _ in range(3):
            page.locator(".theme-toggle").click()
            papers.append(
                page.evaluate("[document.body.dataset.theme, getComputedStyle(document.body).backgroundColor]")
            )
        assert len({theme for theme, _paper in papers}) == 3
        assert len({paper for _theme, paper in papers}) == 2
        while page.evaluate("document.body.dataset.theme") != "dark":
            page.locator(".theme-toggle").click()
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.goto(f"{url}/{NOTE}")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


@pytest.mark.parametrize("script", [True, False])
def test_menu_on_a_phone_opens_and_closes_by_keyboard(browser: Browser, sample: Built, script: bool) -> None:
    with opened(browser, viewport={"width": 360, "height": 700}, java_script_enabled=script) as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        link = page.locator("#journal-menu a", has_text="All notes")
        expect(link).to_be_hidden()
        page.locator(".menu-button").focus()
        page.keyboard.press("Enter")
        expect(link).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()
        expect(page.locator(".menu-button")).to_be_focused()


def test_menu_closes_when_the_focus_leaves_it(browser: Browser, sample: Built) -> None:
    with opened(browser, viewport={"width": 360, "height": 700}) as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        page.locator(".menu-button").focus()
        page.keyboard.press("Enter")
        last = page.locator("#journal-menu a").last
        last.focus()
        expect(last).to_be_visible()
        page.keyboard.press("Tab")
        expect(last).to_be_hidden()
        expect(page.locator(".trail a").first).to_be_focused()


def test_skip_link_jumps_to_the_text(browser: Browser, sample: Built) -> None:
    with opened(browser) as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        for _ in range(4):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.className").startswith("skip-to-content"):
                break
        else:
            pytest.fail("no link to skip to the text")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#furo-main-content$"))


def test_closed_menus_take_no_focus(browser: Browser, sample: Built) -> None:
    with opened(browser, viewport={"width": 360, "height": 700}) as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        for _ in range(12):
            page.keyboard.press("Tab")
            box = page.evaluate("(({left, right}) => [left, right])(document.activeElement.getBoundingClientRect())")
            assert box[1] > 0
            assert box[0] < 360


def test_note_works_without_javascript(browser: Browser, sample: Built) -> None:
    with opened(browser, java_script_enabled=False, color_scheme="dark") as page:
        page.goto(f"{sample.out.as_uri()}/{NOTE}")
        expect(page.locator("h1")).to_be_visible()
        page.locator(".trail a", has_text="BigData").click()
        expect(page.locator("h1")).to_contain_text("BigData")
