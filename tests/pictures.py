"""Take the pictures of README from the built site: `make pictures`."""

from __future__ import annotations

import shutil
import sys

from conftest import CHROMIUM_FLAGS, ROOT
from playwright.sync_api import sync_playwright

if __name__ == "__main__":
    home = ROOT / "_build/html/index.html"
    if not home.exists():
        sys.exit("build the site first: make html")
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        for theme in ("light", "dark"):
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=theme)
            page.goto(home.as_uri())
            page.screenshot(path=ROOT / f"pictures/home-{theme}.png")
        browser.close()
