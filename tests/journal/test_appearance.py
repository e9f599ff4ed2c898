"""The journal's own pages in a browser: tables, listings and figures fit, and axe finds no violation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import NOTE, axe, opened
from conftest import serve

if TYPE_CHECKING:
    from conftest import Built
    from playwright.sync_api import Browser


def test_no_page_is_wider_than_the_screen(browser: Browser, journal: Built) -> None:
    """Pages of labs, which share one template, load without scripts, which make up most of the time of a page load."""
    for folder, has_scripts in {"notes": True, "labs": False}.items():
        names = sorted(f"{folder}/{path.stem}.html" for path in (journal.root / folder).iterdir())
        names = [*(["index.html"] if has_scripts else []), *(name for name in names if (journal.out / name).is_file())]
        assert len(names) > 6
        with opened(browser, **({} if has_scripts else {"java_script_enabled": False})) as page:
            for name in names:
                page.goto(f"{journal.out.as_uri()}/{name}")
                for width in (1280, 320):
                    page.set_viewport_size({"width": width, "height": 800})
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize("path", ["index.html", NOTE])
def test_axe_finds_no_violation(browser: Browser, journal: Built, path: str) -> None:
    with serve(journal.out) as address, opened(browser, viewport={"width": 360, "height": 900}) as page:
        page.goto(f"{address}/{path}")
        assert axe(page) == []
