"""Pages opened in a browser that fail their test when the browser complains."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

NOTE = "notes/when-spark-fails-quietly-before-the-logs-agree.html"


@contextmanager
def opened(browser: Browser, **options: object) -> Iterator[Page]:
    """Open a page that fails its test on anything that the browser complains of, or that leaves this machine."""
    complaints: list[str] = []
    context = browser.new_context(**options)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(request.url) if _leaves(request.url) else None)
    yield page
    context.close()
    assert complaints == []


def _leaves(url: str) -> bool:
    return not url.startswith(("file:", "data:", "http://127.0.0.1:"))
