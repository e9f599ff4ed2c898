"""Properties that all exports share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import jsonschema
from conftest import ROOT, note
from publishing import HOME, feed, linked_data, publish

if TYPE_CHECKING:
    from conftest import Site

MARKUP = """'<b>Bold</b> </script> ]]> & "q" *star*'"""


def test_exports_escape_markup_in_front_matter(site: Site) -> None:
    title, summary = (f"'{name} {MARKUP[1:-1]}'" for name in ("Title", "Summary"))
    site.write("notes/x.md", note(title, summary=summary, tags="['a </script><b> & b']"))
    built = publish(site)
    entry = feed(built, "feed.xml").entries[0]
    assert (entry.title, entry.summary) == (title[1:-1], summary[1:-1])
    (article, _trail) = linked_data(built, "notes/x")
    assert (article["headline"], article["description"]) == (title[1:-1], summary[1:-1])
    assert article["keywords"] == ["a </script><b> & b"]
    page = built.page("notes/x")
    assert page.select_one("meta[property='og:title']")["content"] == title[1:-1]
    assert page.select_one("meta[property='article:tag']")["content"] == "a </script><b> & b"
    assert built.html("notes/x").count("<b>") == 0
    assert json.loads(built.files()["catalog.json"])["notes"][0]["title"] == title[1:-1]
    assert "\\<b\\>" in built.files()["llms.txt"].decode()


def test_exports_agree_on_the_date_of_the_last_change(site: Site) -> None:
    site.write("notes/x.md", note("X", date="2025-03-04", updated="2026-05-06", verified="2026-07-08"))
    site.write("notes/y.md", note("Y", date="2025-04-05", applies_to="[Spark 4.x, 'Hadoop <3>']"))
    built = publish(site)
    parsed = feed(built, "feed.xml")
    assert parsed.feed.updated == "2026-05-06T00:00:00Z"
    assert {entry.title: (entry.published, entry.updated) for entry in parsed.entries} == {
        "X": ("2025-03-04T00:00:00Z", "2026-05-06T00:00:00Z"),
        "Y": ("2025-04-05T00:00:00Z", "2025-04-05T00:00:00Z"),
    }
    sitemap = ElementTree.fromstring(built.files()["sitemap.xml"])
    days = {url[0].text.removeprefix(HOME): url[1].text for url in sitemap if len(url) > 1}
    assert days["notes/x.html"] == days[""] == days["tags/spark.html"] == days["notes/2025.html"] == "2026-05-06"
    assert days["notes/y.html"] == "2025-04-05"
    (article, _trail) = linked_data(built, "notes/x")
    assert (article["datePublished"], article["dateModified"]) == ("2025-03-04", "2026-05-06")
    assert built.page("notes/x").select_one("meta[property='article:modified_time']")["content"] == "2026-05-06"
    assert not built.page("notes/y").select("meta[property='article:modified_time']")
    catalog = json.loads(built.files()["catalog.json"])
    jsonschema.validate(catalog, json.loads((ROOT / "_static/catalog-1.schema.json").read_text()))
    assert [(n["title"], n["updated"], n["verified"], n["applies_to"]) for n in catalog["notes"]] == [
        ("Y", "2025-04-05", None, ["Spark 4.x", "Hadoop <3>"]),
        ("X", "2026-05-06", "2026-07-08", []),
    ]
