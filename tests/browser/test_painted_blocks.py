"""The blocks of a note as rendered: formulas, footnotes, dropdowns, and content wider than a phone."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from browsing import axe, opened
from conftest import Built, Site, note, serve
from playwright.sync_api import Browser, expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG = " ".join(["A remark that takes several lines in a narrow margin."] * 4)
SUM = " + ".join("abcdefghijklmnopqrstuvwxyz" * 2)

BODY = rf"""
A short line[^a] and {{math}}`O(n \log n)`.

Another short line[^b], and one of both[^a].

- An item[^c]
- Another[^d]

A third[^e].

[^a]: {LONG}
[^b]: {LONG}

    Its second paragraph, with {{math}}`{SUM}`.

    ```text
    {"code " * 40}
    ```
[^c]: {LONG}
[^d]: {LONG}
[^e]: {LONG}

```diff
- removed
+ added
```

```console
# a remark
$ ls
```

```{{math}}
:label: numbered

loss &= a + b + c \\
&= d
```

```{{math}}
f(x) = \begin{{cases}} 1 & \text{{if }} x > 0 \\ 0 & \text{{otherwise}} \end{{cases}}
```

```{{math}}
{SUM} = 1
```

Inline: {{math}}`{SUM}`.

::::{{dropdown}} Outer
:::{{dropdown}} Inner
:name: inner

Folded.
:::
::::

::::{{tab-set}}
:::{{tab-item}} Python
One.
:::
:::{{tab-item}} Scala
Two.
:::
::::

| {" | ".join(["A very long head of a column"] * 6)} |
| {" | ".join(["---"] * 6)} |
| {" | ".join(["12"] * 6)} |

<table><tr><td>{"unbroken" * 30}</td></tr></table>
<video width="900" height="300" controls></video>
<hr width="900">

{"unbroken" * 30} `{"unbroken" * 30}`
"""


@pytest.fixture(scope="module")
def address(build_once: Callable[[str, Callable[[Path], Site]], Built]) -> Iterator[str]:
    def write(root: Path) -> Site:
        site = Site(root)
        site.write("notes/x.md", note("X", body=BODY))
        return site

    with serve(build_once("blocks", write).out) as url:
        yield f"{url}/notes/x.html"


@pytest.mark.parametrize("width", [320, 360, 768, 1100, 1280, 1920])
def test_nothing_overflows_the_page_and_footnotes_do_not_overlap(browser: Browser, address: str, width: int) -> None:
    with opened(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        boxes = page.locator("aside.footnote").evaluate_all(
            "all => all.map(each => each.getBoundingClientRect().toJSON())"
        )
        assert len(boxes) == 5
        for before, after in pairwise(boxes):
            assert before["bottom"] <= after["top"] + 0.5
        line = page.locator("article p", has_text="A short line").bounding_box()
        assert line
        is_beside = boxes[0]["left"] > line["x"] + line["width"]
        assert is_beside == (width >= 1280)
        assert boxes[0]["right"] <= width
        end = page.locator(".note-end, .colophon").first.bounding_box()
        assert end
        assert boxes[-1]["bottom"] <= end["y"]


def test_formulas_have_book_spacing_and_alignment(browser: Browser, address: str) -> None:
    places = """math => [...math.querySelectorAll("mi, mo, mn, mtext")].map(part => {
      const box = part.getBoundingClientRect();
      return [part.textContent.trim(), box.left, box.right];
    })"""
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(address)
        face = page.evaluate("document.fonts.load('16px \"Built Math\"').then(faces => faces.map(face => face.status))")
        assert face == ["loaded"]
        parts = page.locator("article math").first.evaluate(places)
        log = next(index for index, part in enumerate(parts) if part[0] == "log")
        assert parts[log][1] - parts[log - 1][2] > 1
        assert parts[log + 2][1] - parts[log][2] > 1
        rows = page.locator("div.math math").first.evaluate(places)
        signs = [left for text, left, _right in rows if text == "="]
        assert len(signs) == 2
        assert signs[0] == pytest.approx(signs[1], abs=0.5)
        cases = page.locator("div.math math").nth(1).evaluate(places)
        values = [left for text, left, _right in cases if text in {"if", "otherwise"}]
        assert values[0] == pytest.approx(values[1], abs=0.5)
        formula, number = page.locator("div.math .formula").first.bounding_box(), page.locator(".eqno").bounding_box()
        assert formula
        assert number
        assert number["x"] >= formula["x"] + formula["width"]
        assert formula["y"] < number["y"] < formula["y"] + formula["height"]
        assert page.locator("article annotation").first.is_hidden()


def test_fragment_opens_the_dropdowns_around_its_target(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        expect(page.get_by_text("Folded.")).to_be_hidden()
        page.evaluate("location.hash = 'inner'")
        expect(page.get_by_text("Folded.")).to_be_visible()
        expect(page.locator("#inner > summary")).to_be_in_viewport()


def test_dropdowns_and_tabs_are_printed_open(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        expect(page.get_by_text("Two.")).to_be_hidden()
        page.emulate_media(media="print")
        for text in ("Folded.", "One.", "Two."):
            expect(page.get_by_text(text)).to_be_visible()
        page.emulate_media(media="null")


def test_axe_finds_no_violation_in_blocks(browser: Browser, address: str) -> None:
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.goto(address)
        assert axe(page) == []
