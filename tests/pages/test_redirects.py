"""Redirects at the former addresses of notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import note
from playwright.sync_api import expect
from publishing import HOME, publish

if TYPE_CHECKING:
    from conftest import Site
    from playwright.sync_api import Browser


def test_redirect_opens_the_note_and_keeps_query_and_fragment(browser: Browser, site: Site) -> None:
    site.write("notes/new.md", note("Now & here", formerly="[first, second, deep/old name]"))
    site.write("notes/sub/other.md", note("Other", formerly="[other]"))
    built = publish(site)
    for name, to in {
        "first": "new.html", "second": "new.html", "deep/old name": "../new.html", "other": "sub/other.html",
    }.items():  # fmt: skip
        page = built.page(f"notes/{name}")
        assert page.select_one("meta[http-equiv=refresh]")["content"] == f"0; url={to}"
        assert page.select_one("main a")["href"] == to
        target = "sub/other" if name == "other" else "new"
        assert page.select_one("link[rel=canonical]")["href"] == f"{HOME}notes/{target}.html"
    assert built.page("notes/first").select_one("main a").get_text() == "Now & here"
    assert "notes/first" not in built.files()["searchindex.js"].decode()
    assert all(
        "notes/first" not in built.html(page) for page in ("index", "notes/index", "lanes/bigdata", "tags/spark")
    )
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(f"{(built.out / 'notes/deep/old name.html').as_uri()}?q=1#a-section")
        page.wait_for_url(re.compile(r"notes/new\.html"))
        assert page.url.endswith("notes/new.html?q=1#a-section" if scripts else "notes/new.html")
        expect(page.locator("h1")).to_contain_text("Now & here")
        context.close()


def test_redirect_is_deleted_with_the_field(site: Site) -> None:
    site.write("notes/x.md", note("X", formerly="[old]"))
    assert "notes/old.html" in publish(site).files()
    site.write("notes/x.md", note("X"))
    assert "notes/old.html" not in publish(site).files()


def test_former_name_in_use_is_reported(site: Site) -> None:
    site.write("notes/a.md", note("A", formerly="[gone, b]"))
    site.write("notes/b.md", note("B", formerly="\n  - gone\n  - b"))
    built = site.build()
    assert [line.split(" [")[0] for line in built.warnings] == [
        "notes/a.md:7: WARNING: `formerly` names notes/b.md, which is still a note; remove `b`, or rename that note",
        "notes/b.md:8: WARNING: `formerly` `gone` is claimed by notes/a.md too; keep it in one of them",
        "notes/b.md:9: WARNING: `formerly` names the note itself; remove `b`",
    ]
    assert all(line.endswith("[fieldnotes.former-address]") for line in built.warnings)
    assert built.page("notes/b").h1.contents[0] == "B"


@pytest.mark.slow
def test_former_paths_of_another_system_redirect_to_the_note(site: Site) -> None:
    former = "[old, /2023/01/x.html, /blog/größe/, /posts/7]"
    site.write("notes/new.md", note("New", formerly=former))
    built = publish(site)
    for path, to in {
        "2023/01/x.html": "../../notes/new.html",
        "blog/größe/index.html": "../../notes/new.html",
        "posts/7/index.html": "../../notes/new.html",
        "notes/old.html": "new.html",
    }.items():
        assert f'content="0; url={to}"' in (built.out / path).read_text()
    assert (built.out / "_redirects").read_text().splitlines() == [
        "/en/latest/notes/old.html /en/latest/notes/new.html 301",
        "/en/latest/2023/01/x.html /en/latest/notes/new.html 301",
        "/en/latest/blog/gr%C3%B6%C3%9Fe/ /en/latest/notes/new.html 301",
        "/en/latest/posts/7 /en/latest/notes/new.html 301",
    ]
    folders = site.build("-b", "dirhtml", out="dirhtml")
    assert (folders.status, folders.log) == (0, "")
    assert 'content="0; url=../../notes/new/"' in (folders.out / "2023/01/x.html").read_text()
    site.write("notes/new.md", note("New"))
    assert {"_redirects", "2023/01/x.html", "blog/größe/index.html"}.isdisjoint(publish(site).files())
