"""Addresses of the published site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fieldnotes.pages.urls import SERVED, site_at
from fieldnotes.sources.language import Language
from fieldnotes.sources.problem import printable

if TYPE_CHECKING:
    from conftest import Site


@pytest.mark.parametrize(
    "address",
    [
        *("https://example.org", "https://example.org/", "http://127.0.0.1:8000/", "https://example.org/en/latest"),
        *("http://[::1]:8000/", "https://xn--bcher-kva.example/", "https://bücher.example/a%20b/"),
    ],
)
def test_site_address_ends_with_a_slash(address: str) -> None:
    site, problems = site_at("Journal", address, Language())
    assert (site.address, problems) == (address.rstrip("/") + "/", [])


@pytest.mark.parametrize(
    "address",
    [
        *("", "example.org", "ftp://example.org/", "https://", "https:///path/", "http://[x", "https://example.org:x/"),
        *("https://example.org/?x", "https://example.org/#x", "https://example.org/a b/"),
        *("https://user:secret@example.org/", "https://example.org:0/", "https://example.org:65536/", "http://[::g]/"),
        *("https://example.org/\n", "https://example.org/a\nb/", 'https://example.org/"x', "https://example.org/'x'/"),
        *(
            "https://example.org/<b>/",
            "https://example.org\\@evil.example/",
            "https://.example.org/",
            "https://example.org/\x00",
        ),
    ],
)
def test_invalid_site_address_is_reported(address: str) -> None:
    site, (problem,) = site_at("Journal", address, Language())
    assert site.address == SERVED
    assert f"`html_baseurl` is `{printable(address)}`" in problem.message


def test_addresses_are_percent_encoded() -> None:
    site, _problems = site_at("Journal", "https://example.org/en/latest/", Language())
    assert site.page("index") == "https://example.org/en/latest/"
    assert site.page("notes/a b") == "https://example.org/en/latest/notes/a%20b.html"
    assert site.file("feed.xml") == "https://example.org/en/latest/feed.xml"
    assert site.path == "/en/latest/"


def test_build_reports_an_invalid_base_url(site: Site) -> None:
    site.environment["READTHEDOCS_CANONICAL_URL"] = "example.org"
    (warning,) = site.build().warnings
    line = (site.root / "conf.py").read_text().partition("\nhtml_baseurl = ")[0].count("\n") + 2
    assert warning.startswith(f"conf.py:{line}: WARNING: `html_baseurl` is `example.org`, not the address of a site; ")
    assert warning.endswith("[fieldnotes.site-address]")
