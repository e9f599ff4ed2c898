"""Pages opened in a browser that fail their test when the browser complains."""

from __future__ import annotations

import contextlib
import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, CDPSession, Frame, Page

NOTE = "notes/when-spark-fails-quietly-before-the-logs-agree.html"

MEDIA = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
"""Features of media that a page can be given after it was opened, and a browser's own values of them."""


@contextmanager
def opened(browser: Browser, *, own: bool = False, **options: object) -> Iterator[Page]:
    """Open a page that fails its test on anything that the browser complains of, or that leaves this machine.

    A page of one's own costs a second of CPU time, so tests that need no other options than its size and media are
    handed the same one, without cache, storage and routes of the last. A test that leaves something behind that cannot
    be taken back, such as a script for every page or a stopped clock, asks for a page of its ``own``.
    """
    own = own or not options.keys() <= {"viewport", *MEDIA}
    page = browser.new_context(**options).new_page() if own else _shared(browser)[0]
    if not own:
        page.set_viewport_size(options.get("viewport", {"width": 1280, "height": 720}))
        page.emulate_media(media="null", **MEDIA | {name: options[name] for name in MEDIA.keys() & options.keys()})
    complaints: list[str] = []
    origins: set[str] = set()
    listeners = {
        "console": lambda message: complaints.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: complaints.append(request.url) if _leaves(request.url) else None,
        "framenavigated": lambda frame: origins.add(_origin(frame)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        yield page
    except BaseException:
        page.context.close()
        _shared.cache_clear()
        raise
    if own:
        page.context.close()
    else:
        page.unroute_all()
        with contextlib.suppress(PlaywrightError):  # an address without storage
            page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        for origin in origins:
            _shared(browser)[1].send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert complaints == []


@functools.cache
def _shared(browser: Browser) -> tuple[Page, CDPSession]:
    """The page of a browser that tests share, and the session that empties its storage."""
    page = browser.new_context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page, session


def _origin(frame: Frame) -> str:
    address = urlsplit(frame.url)
    return f"{address.scheme}://{address.netloc}"


def _leaves(url: str) -> bool:
    return not url.startswith(("file:", "data:", "http://127.0.0.1:", "about:"))
