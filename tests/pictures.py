"""Take the pictures of README, and the one that stands beside a link to the journal: `make pictures`."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from conftest import CHROMIUM_FLAGS, ROOT
from fieldnotes.site import PICTURE, PICTURE_SIZE
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def take_home(browser: Browser, home: Path) -> None:
    """The home page, in both themes."""
    for theme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=theme)
        page.goto(home.as_uri())
        page.screenshot(path=ROOT / f"pictures/home-{theme}.png")


def take_social(browser: Browser) -> None:
    """The journal's name beside its systems map, in the size that other sites ask for."""
    width, height = PICTURE_SIZE
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto((ROOT / "pictures/social.html").as_uri())
    drawing = (ROOT / "_static/systems-map.svg").read_text(encoding="utf-8")
    page.locator("figure").evaluate("(figure, drawing) => { figure.innerHTML = drawing; }", drawing)
    page.screenshot(path=ROOT / PICTURE)


if __name__ == "__main__":
    home = ROOT / "_build/html/index.html"
    if not home.exists():
        sys.exit("build the site first: make html")
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        take_home(browser, home)
        take_social(browser)
        browser.close()
