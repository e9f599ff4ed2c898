"""A journal published at an address of its own, and its files as other programs read them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import feedparser

if TYPE_CHECKING:
    from conftest import Built, Site

HOME = "https://example.org/en/latest/"


def publish(site: Site, address: str = HOME) -> Built:
    """Build a site for an address; the build must not warn."""
    site.environment["READTHEDOCS_CANONICAL_URL"] = address
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


def feed(built: Built, path: str) -> Any:
    """A parsed feed, not sanitized and not resolved, so that the parser hides no mistake."""
    parsed = feedparser.parse((built.out / path).read_bytes(), sanitize_html=False, resolve_relative_uris=False)
    assert parsed.bozo == 0, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def pages(built: Built) -> list[str]:
    """The names of all pages."""
    return [name.removesuffix(".html") for name in built.files() if name.endswith(".html")]


def linked_data(built: Built, page: str) -> list[dict[str, Any]]:
    """The JSON-LD of a page."""
    return [json.loads(script.string) for script in built.page(page).select("script[type='application/ld+json']")]
