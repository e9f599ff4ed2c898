"""Take the screenshots in README, and draw the picture that other sites show for the journal: `make pictures`."""

from __future__ import annotations

import json
import runpy
import shutil
import sys
from typing import TYPE_CHECKING

from conftest import CHROMIUM, CHROMIUM_FLAGS, ROOT
from fieldnotes.pages.accent_colors import variables
from fieldnotes.pages.urls import PICTURE, PICTURE_SIZE
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser


def take_pages(browser: Browser, site: Path) -> None:
    """Take screenshots of home and the newest note in both themes."""
    newest = json.loads((site / "catalog.json").read_bytes())["notes"][0]["docname"]
    for theme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=theme, reduced_motion="reduce")
        for name, path in {"home": "index.html", "note": f"{newest}.html"}.items():
            page.goto((site / path).as_uri())
            page.evaluate("document.fonts.ready")
            page.screenshot(path=ROOT / f"pictures/{name}-{theme}.png")


def take_social(browser: Browser) -> None:
    """Draw the journal's name next to its systems map, in the size that other sites require."""
    width, height = PICTURE_SIZE
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto((ROOT / "pictures/social.html").as_uri())
    drawing = ROOT / "_static/map/systems-map-tall.svg"
    conf = runpy.run_path(str(ROOT / "conf.py"))
    css = (ROOT / "_static/tokens.css").read_text(encoding="utf-8")
    shown = {
        "name": conf["project"],
        "tagline": conf["fieldnotes_tagline"],
        "drawing": drawing.read_text(encoding="utf-8") if drawing.exists() else "",
        "colors": variables(conf["fieldnotes_accent"], css),
    }
    page.evaluate(
        """({ name, tagline, drawing, colors }) => {
          document.querySelector("h1").textContent = name;
          document.querySelector("p").textContent = tagline;
          document.querySelector("figure").innerHTML = drawing;
          for (const [color, value] of Object.entries(colors)) document.documentElement.style.setProperty(color, value);
        }""",
        shown,
    )
    page.screenshot(path=ROOT / PICTURE)


if __name__ == "__main__":
    site = ROOT / "_build/html"
    if not (site / "index.html").exists():
        sys.exit("build the site first: make html")
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        take_pages(browser, site)
        take_social(browser)
        browser.close()
