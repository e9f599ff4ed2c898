"""Pages opened in a browser; errors that the browser reports fail the test."""

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
"""Media features that can be changed after a page is opened, and their defaults."""


SCRIPTS_ARE_PENDING = """() => {
  return document.querySelector("template#scripts") && !document.documentElement.matches(".no-js, [data-ready]");
}"""
"""Whether a page's scripts, which load after the first paint, are still to come."""


def new_page(browser: Browser, **options: object) -> Page:
    """A page in its own context, whose navigation methods also wait for the scripts of the page."""
    page = browser.new_context(**options).new_page()
    for way in (page.goto, page.reload, page.go_back):
        setattr(page, way.__name__, _settled(page, way))
    return page


def _settled(page: Page, load: Callable[..., Response | None]) -> Callable[..., Response | None]:
    def load_and_settle(*args: Any, **options: Any) -> Response | None:
        response = load(*args, **options)
        end, waits = time.monotonic() + 30, options.get("wait_until") != "commit"
        while waits:
            assert time.monotonic() < end, "the scripts of the page did not load"
            try:
                waits = page.evaluate(SCRIPTS_ARE_PENDING)
            except PlaywrightError:  # the page has navigated to another, whose scripts are pending
                waits = not page.is_closed()
            if waits:
                page.wait_for_timeout(10)
        return response

    return load_and_settle


@contextmanager
def opened(
    browser: Browser, *, own: bool = False, cached: bool = True, lenient: bool = False, **options: object
) -> Iterator[Page]:
    """Open a page. Errors in the browser and requests to other hosts fail the test.

    A new page costs a second of CPU time. Tests that set only its size and media features therefore share one page,
    whose storage and routes are cleared after each test.

    - ``own``: open a new page, because the test leaves an irreversible change, such as a stopped clock.
    - ``cached``: allow files from the cache, where an earlier test may have left them.
    - ``lenient``: allow errors in the browser, as for files that the test withholds.
    """
    own = own or not options.keys() <= {"viewport", *MEDIA}
    page = new_page(browser, **options) if own else _shared(browser)[0]
    if not own:
        _shared(browser)[1].send("Network.setCacheDisabled", {"cacheDisabled": not cached})
        page.set_viewport_size(options.get("viewport", {"width": 1280, "height": 720}))
        page.emulate_media(media="null", **MEDIA | {name: options[name] for name in MEDIA.keys() & options.keys()})
    errors: list[str] = []
    origins: set[str] = set()
    listeners = {
        "console": lambda message: errors.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: errors.append(str(error)),
        "request": lambda request: errors.append(request.url) if _leaves(request.url) else None,
        "framenavigated": lambda frame: origins.add(_origin(frame)),
    }
    for event, listener in listeners.items():
        page.on(event, listener)
    try:
        yield page
    except BaseException as error:
        for complaint in errors:  # such as a script that did not load, for which the test waited in vain
            error.add_note(f"Reported by the browser: {complaint}")
        page.context.close()
        _shared.cache_clear()
        raise
    if own:
        page.context.close()
    else:
        page.unroute_all()
        for other in page.context.pages[1:]:
            other.close()
        with contextlib.suppress(PlaywrightError):  # a page without storage
            page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        for origin in origins:
            _shared(browser)[1].send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    assert lenient or errors == []


SCROLL_THROUGH = """async () => {
  for (const section of document.querySelectorAll("article > section > section")) {
    section.scrollIntoView({ behavior: "instant" });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  }
  scrollTo({ top: 0, behavior: "instant" });
}"""
"""Scroll through a page, as a reader does."""

DARK, LIGHT = ("dark", {"runOnly": ["color-contrast"]}), ("light", {})


def axe(page: Page, part: str | None = None, *, is_dark: bool = True) -> list[str]:
    """Violations that axe finds on a page or a part of it: all rules in the light theme, color contrast in the dark.

    The other rules give the same result in both themes, and take most of the time. On a phone, a section is laid out
    and made accessible by keyboard only when it is near the viewport, so the page is scrolled through first.
    """
    page.evaluate(SCROLL_THROUGH)
    problems = []
    for theme, rules in (DARK, LIGHT) if is_dark else (LIGHT,):
        page.emulate_media(color_scheme=theme)
        results = Axe().run(page, context=part, options={"resultTypes": ["violations"], **rules})
        problems += [
            f"{rule['id']}: {node['html']}" for rule in results.response["violations"] for node in rule["nodes"]
        ]
    return problems


@functools.cache
def _shared(browser: Browser) -> tuple[Page, CDPSession]:
    """The page that tests share, and the session that clears its storage."""
    page = new_page(browser)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    return page, session


def _origin(frame: Frame) -> str:
    address = urlsplit(frame.url)
    return f"{address.scheme}://{address.netloc}"


def _leaves(url: str) -> bool:
    return not url.startswith(("file:", "data:", "http://127.0.0.1:", "about:"))
