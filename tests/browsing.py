"""Pages opened in a browser that fail their test when the browser complains."""

from __future__ import annotations

import contextlib
import functools
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, CDPSession, Frame, Page

NOTE = "notes/when-spark-fails-quietly-before-the-logs-agree.html"

MEDIA = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
"""Features of media that a page can be given after it was opened, and a browser's own values of them."""


@contextmanager
def opened(
    browser: Browser, *, own: bool = False, cached: bool = True, lenient: bool = False, **options: object
) -> Iterator[Page]:
    """Open a page that fails its test on anything that the browser complains of, or that leaves this machine.

    A page of one's own costs a second of CPU time. So tests that need no other options than its size and media are
    handed the same one, without the storage and routes of the last test.

    - ``own``: the test leaves something behind that cannot be taken back, such as a stopped clock.
    - ``cached``: files may come from the cache, where the last test may have left them.
    - ``lenient``: the browser may complain, of files that the test withholds.
    """
    own = own or not options.keys() <= {"viewport", *MEDIA}
    page = browser.new_context(**options).new_page() if own else _shared(browser)[0]
    if not own:
        _shared(browser)[1].send("Network.setCacheDisabled", {"cacheDisabled": not cached})
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
        for other in page.context.pages[1:]:
            other.close()
        with contextlib.suppress(PlaywrightError):  # an address without storage
            page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        for origin in origins:
            _shared(browser)[1].send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert lenient or complaints == []


DARK, LIGHT = ("dark", {"runOnly": ["color-contrast"]}), ("light", {})


def axe(page: Page, part: str | None = None, *, is_dark: bool = True) -> list[str]:
    """Problems that axe finds on a page or part of it: by every rule in the light theme, by that on colors in the dark.

    The other rules find in the dark theme what they find in the light one, and are most of what axe costs.
    """
    problems = []
    for theme, rules in (DARK, LIGHT) if is_dark else (LIGHT,):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, context=part, options={"resultTypes": ["violations"], **rules})
        problems += [f"{rule['id']}: {node['html']}" for rule in found.response["violations"] for node in rule["nodes"]]
    return problems


@functools.cache
def _shared(browser: Browser) -> tuple[Page, CDPSession]:
    """The page of a browser that tests share, and the session that empties its storage."""
    page = browser.new_context().new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    return page, session


def _origin(frame: Frame) -> str:
    address = urlsplit(frame.url)
    return f"{address.scheme}://{address.netloc}"


def _leaves(url: str) -> bool:
    return not url.startswith(("file:", "data:", "http://127.0.0.1:", "about:"))
