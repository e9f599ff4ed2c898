"""Pages opened in a browser that fail their test when the browser complains."""

from __future__ import annotations

import contextlib
import functools
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, CDPSession, Frame, Page, Response

NOTE = "notes/when-spark-fails-quietly-before-the-logs-agree.html"

MEDIA = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
"""Features of media that a page can be given after it was opened, and a browser's own values of them."""


WAITS = """() => {
  return document.querySelector("template#scripts") && !document.documentElement.matches(".no-js, [data-ready]");
}"""
"""Whether a page's scripts, which come when it has been painted, are still to come."""


def new_page(browser: Browser, **options: object) -> Page:
    """A page in a context of its own, which waits for its scripts too, as a reader does who sees it before touching it."""
    page = browser.new_context(**options).new_page()
    for way in (page.goto, page.reload, page.go_back):
        setattr(page, way.__name__, _settled(page, way))
    return page


def _settled(page: Page, load: Callable[..., Response | None]) -> Callable[..., Response | None]:
    def load_and_settle(*args: Any, **options: Any) -> Response | None:
        response = load(*args, **options)
        end, waits = time.monotonic() + 30, options.get("wait_until") != "commit"
        while waits:
            assert time.monotonic() < end, "the scripts of the page do not come"
            try:
                waits = page.evaluate(WAITS)
            except PlaywrightError:  # the page has led on to another, whose scripts are to come
                waits = not page.is_closed()
            if waits:
                page.wait_for_timeout(10)
        return response

    return load_and_settle


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
    page = new_page(browser, **options) if own else _shared(browser)[0]
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


NEAR = """async () => {
  for (const section of document.querySelectorAll("article > section > section")) {
    section.scrollIntoView({ behavior: "instant" });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  scrollTo({ top: 0, behavior: "instant" });
}"""
"""Scrolls through a page, as its reader does."""

DARK, LIGHT = ("dark", {"runOnly": ["color-contrast"]}), ("light", {})


def axe(page: Page, part: str | None = None, *, is_dark: bool = True) -> list[str]:
    """Problems that axe finds on a page or part of it: by every rule in the light theme, by that on colors in the dark.

    The other rules find in the dark theme what they find in the light one, and are most of what axe costs. A section of
    a phone is laid out when it comes near, and its blocks are marked for the keyboard then: so each comes near.
    """
    page.evaluate(NEAR)
    problems = []
    for theme, rules in (DARK, LIGHT) if is_dark else (LIGHT,):
        page.emulate_media(color_scheme=theme)
        found = Axe().run(page, context=part, options={"resultTypes": ["violations"], **rules})
        problems += [f"{rule['id']}: {node['html']}" for rule in found.response["violations"] for node in rule["nodes"]]
    return problems


@functools.cache
def _shared(browser: Browser) -> tuple[Page, CDPSession]:
    """The page of a browser that tests share, and the session that empties its storage."""
    page = new_page(browser)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    return page, session


def _origin(frame: Frame) -> str:
    address = urlsplit(frame.url)
    return f"{address.scheme}://{address.netloc}"


def _leaves(url: str) -> bool:
    return not url.startswith(("file:", "data:", "http://127.0.0.1:", "about:"))
