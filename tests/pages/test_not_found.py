"""The 404 page, which a host shows at every address that does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from browsing import new_page
from conftest import note
from playwright.sync_api import expect
from publishing import publish

if TYPE_CHECKING:
    from conftest import Built, Site
    from playwright.sync_api import Browser, Route


def answer(route: Route, built: Built, address: str) -> None:
    """Answer a request as a static host does: with the file, or with 404.html if there is none."""
    path = unquote(route.request.url.partition("?")[0].removeprefix(address))
    file = built.out / path
    if not path.startswith("https:") and file.is_file():
        route.fulfill(path=file)
    else:
        route.fulfill(status=404, path=built.out / "404.html")


@pytest.mark.parametrize("address", ["https://example.org/", "https://example.org/en/latest/"])
def test_not_found_page_works_at_any_depth(browser: Browser, site: Site, address: str) -> None:
    site.write("notes/x.md", note("Quiet failures"))
    built = publish(site, address)
    page = new_page(browser)
    page.context.route("**/*", lambda route: answer(route, built, address))
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    for path in ("gone.html", "notes/gone.html", "a/b/c/gone"):
        failed.clear()
        response = page.goto(f"{address}{path}")
        assert response.status == 404
        assert failed == [f"{address}{path}"]
        expect(page.locator("h1")).to_contain_text("no page at this address")
        font = page.evaluate("getComputedStyle(document.querySelector('article h1')).fontFamily")
        assert "Times" not in font
        links = page.locator("article a, .sidebar-tree a, .sidebar-brand").evaluate_all("all => all.map(a => a.href)")
        assert {f"{address}{name}" for name in ("index.html", "notes/index.html", "lanes/bigdata.html")} <= set(links)
        assert [link for link in links if not (built.out / link.removeprefix(address)).is_file()] == []
        page.keyboard.press("Tab")
        expect(page.locator(".skip-to-content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        expect(page).to_have_url(f"{address}{path}#furo-main-content")
    page.locator("article input[name=q]").fill("quiet")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}search.html?q=quiet")
    page.context.close()
