"""The sitemap and robots.txt, as crawlers parse them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING
from urllib.robotparser import RobotFileParser

from conftest import note
from publishing import HOME, pages, publish
from usp.objects.sitemap import PagesXMLSitemap
from usp.tree import sitemap_from_str

if TYPE_CHECKING:
    from conftest import Site


def test_sitemap_lists_the_canonical_address_of_every_page(site: Site) -> None:
    for number in range(4):
        site.write(f"notes/n{number}.md", note(f"N{number}", date=f"2024-01-0{number + 1}", formerly=f"[o{number}]"))
    site.write("notes/in a/fold&r.md", note("Folder", date="2026-02-03", tags="[Ünïcode]"))
    built = publish(site)
    hidden = {"search", "404", *(f"notes/o{number}" for number in range(4))}
    canonical = {}
    for page in pages(built):
        head = built.page(page).head
        addresses = [link["href"] for link in head.select("link[rel=canonical]")]
        assert (head.select_one("meta[name=robots][content=noindex]") is not None) == (page in hidden), page
        if page in hidden:
            assert len(addresses) == (page not in {"search", "404"})
        else:
            (canonical[page],) = addresses
    assert canonical["index"] == HOME
    assert canonical["notes/in a/fold&r"] == f"{HOME}notes/in%20a/fold%26r.html"
    sitemap = sitemap_from_str((built.out / "sitemap.xml").read_text())
    assert isinstance(sitemap, PagesXMLSitemap)
    listed = {page.url: page.last_modified for page in sitemap.all_pages()}
    assert set(listed) == set(canonical.values())
    assert len(listed) == len(list(sitemap.all_pages()))
    assert listed[f"{HOME}notes/n3.html"].date() == datetime.date(2024, 1, 4)
    assert listed[HOME].date() == listed[f"{HOME}tags/index.html"].date() == datetime.date(2026, 2, 3)
    assert listed[f"{HOME}tags/spark.html"].date() == datetime.date(2024, 1, 4)
    assert listed[f"{HOME}lanes/ai-systems.html"] is None


def test_robots_txt_names_the_sitemap(site: Site) -> None:
    robots = RobotFileParser()
    robots.parse(publish(site).files()["robots.txt"].decode().splitlines())
    assert robots.site_maps() == [f"{HOME}sitemap.xml"]
    assert robots.can_fetch("*", f"{HOME}notes/x.html")
