"""Pages of the journal's own, authors, and the blocks of home wherever they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import Site, note
from publishing import feed, linked_data, publish

if TYPE_CHECKING:
    from conftest import Built

ABOUT = "---\ntitle: About <us>\ndescription: Who *we* are.\n---\n\nText. [A note](../notes/x.md)\n\n{block}\n"


def test_a_page_of_its_own_is_in_the_navigation_the_sitemap_and_the_search(sample: Built) -> None:
    page = sample.page("pages/about")
    assert page.h1.get_text() == "About this sample¶"
    assert page.select_one(".standfirst").get_text() == "Who writes it, and what the software's tests read in it."
    assert page.select_one("meta[name=description]")["content"] == page.select_one(".standfirst").get_text()
    assert [link.get_text() for link in page.select(".trail a")] == ["Home"]
    links = sample.page("notes/specimen").select(".sidebar-tree > ul > li > a")
    assert [link["href"] for link in links if link.get_text() == "About this sample"] == ["../pages/about.html"]
    assert "/pages/about.html</loc>" in (sample.out / "sitemap.xml").read_text()
    assert '"pages/about"' in (sample.out / "searchindex.js").read_text()
    (edit,) = page.select(".edit-page a")
    assert edit["href"] == "https://github.com/example/journal/edit/main/pages/about.md"


def test_blocks_of_home_stand_in_a_page_with_their_styles(sample: Built) -> None:
    page = sample.page("pages/about")
    assert len(page.select(".note-grid .card")) == 6
    assert len(page.select(".lane-grid .card")) == 3
    assert len(page.select(".threads > li")) == 3
    assert [link["href"] for link in page.select("link[href*='front.css']")]


def test_each_block_works_alone_and_shows_what_is_new(site: Site) -> None:
    blocks = ("latest-notes", "lane-grid", "lane-threads")
    for name in blocks:
        site.write(f"pages/{name}.md", f"---\ntitle: Of {name}\ndescription: D.\n---\n\n```{{{name}}}\n```\n")
    site.write("notes/x.md", note("X", body="```{latest-notes}\n```\n"))
    site.write("pages/one.md", "---\ntitle: One\ndescription: D.\n---\n\n```{latest-notes} 1\n```\n")
    site.write("pages/hero.md", "---\ntitle: Hero\ndescription: D.\n---\n\n:::{div} hero\nText.\n:::\n")
    site.write("index.md", "# Home\n\nNo block at all.\n")
    assert (site.build().status, site.build().log) == (0, "")
    site.write("notes/y.md", note("Y", date="2025-01-01"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    for page in ("notes/x", "pages/latest-notes", "pages/lane-threads"):
        assert "Y" in [link.get_text() for link in built.page(page).select("article a")], page
    assert len(built.page("pages/lane-grid").select(".lane-grid .card")) == 3
    assert len(built.page("pages/one").select(".note-grid .card")) == 1
    for page in (*(f"pages/{name}" for name in blocks if name != "latest-notes"), "pages/hero"):
        assert "front.css" in built.html(page), page
    for page in ("pages/latest-notes", "notes/x", "notes/y"):
        assert "front.css" not in built.html(page), page
    clean = site.build(fresh=True)
    assert (clean.status, clean.log) == (0, "")


def test_wrong_pages_and_blocks_are_one_line_each(site: Site) -> None:
    site.write("pages/a.md", "---\ntitle: A\nsummary: Of A.\n---\n")
    site.write(
        "pages/b.md",
        ABOUT.format(block="```{lane-notes}\n```\n\n```{latest-notes} 19\n```").replace("../notes/x.md", "../index.md"),
    )
    site.write("pages/c.md", "---\ntitle: About <us>\ndescription: Twice.\n---\n")
    site.write("notes/x.md", note("X", tldr="Short.", summary=None, by="[Ada]"))
    assert [line.removeprefix(f"{site.root}/") for line in site.build().warnings] == [
        "notes/x.md:6: WARNING: `tldr` is not a field; did you mean `summary`? [fieldnotes.unknown-field]",
        "notes/x.md:7: WARNING: `by` is not a field; did you mean `authors`? [fieldnotes.unknown-field]",
        "pages/a.md:1: WARNING: `description` is missing; add it, as in `description: Who writes here.` "
        "[fieldnotes.missing-field]",
        "pages/a.md:3: WARNING: `summary` is not a field; the fields are title, description [fieldnotes.unknown-field]",
        "pages/c.md:2: WARNING: `title` is the same as in pages/b.md; change one of them [fieldnotes.title-twice]",
        "pages/b.md:8: WARNING: `{lane-notes}` lists the notes of a lane; write it in a file of lanes/, or "
        "`{latest-notes}` here [fieldnotes.toctree]",
        "pages/b.md:11: WARNING: `{latest-notes}` cannot show `19` notes; give a number from 1 to 18 "
        "[fieldnotes.toctree]",
    ]


def test_authors_have_pages_and_feeds_and_are_named(site: Site) -> None:
    site.write("notes/x.md", note("X", authors="[Grace Guest, Ada Sample]"))
    site.write("notes/y.md", note("Y"))
    built = publish(site)
    home = "https://example.org/en/latest/"
    byline = built.page("notes/x").select(".byline a")
    assert [(link.get_text(), link["href"]) for link in byline] == [
        ("Grace Guest", "../authors/grace-guest.html"),
        ("Ada Sample", "../authors/ada-sample.html"),
    ]
    assert built.page("notes/y").select(".byline") == []
    for slug, titles in {"grace-guest": ["X"], "ada-sample": ["X", "Y"]}.items():
        assert [link.get_text() for link in built.page(f"authors/{slug}").select(".card-title a")] == titles
        assert [entry.title for entry in feed(built, f"authors/{slug}.xml").entries] == titles
    entries = {
        entry.title: [author.name for author in entry.get("authors", [])] for entry in feed(built, "feed.xml").entries
    }
    assert entries == {"X": ["Grace Guest", "Ada Sample"], "Y": []}  # that of the feed
    head = built.page("notes/x").head
    assert head.select_one("meta[name=author]")["content"] == "Grace Guest, Ada Sample"
    profiles = [tag["content"] for tag in head.select("meta[property='article:author']")]
    assert profiles == [f"{home}authors/grace-guest.html", f"{home}authors/ada-sample.html"]
    (article,) = [data for data in linked_data(built, "notes/x") if data["@type"] == "Article"]
    assert [author["name"] for author in article["author"]] == ["Grace Guest", "Ada Sample"]
    assert "authors/grace-guest.html</loc>" in (built.out / "sitemap.xml").read_text()
    site.write("notes/z.md", note("Z", authors="[grace guest]"))
    assert ["is written `Grace Guest` in notes/x.md" in line for line in site.build().warnings] == [True]


GLOSSARY = """---
title: Terms
description: What words mean.
---

```{{glossary}}
burn rate
  {definition}

  [One](../notes/one.md#a-section)

SLO
objective
  What is promised.

spill
  Writing to disk.

tail
  The *slowest* few & last.
```
"""

TERMS = """Spill and [spill](two.md), `spill`, SPILL. A slo, two SLOs, an SLO, the objective.

## Burn rate

| burn rate |
| --- |
| burn rate |

> burn rate

**Burn rates** are no burn-rate; a burn rate. [Tails]{.other-sense} wag, and a tail.

## Sources

- Objective sources, {term}`burn rate`.
"""


def test_the_first_use_of_a_term_in_a_note_leads_to_its_definition(site: Site) -> None:
    site.write("pages/terms.md", GLOSSARY.format(definition="How fast a budget is spent."))
    site.write("notes/one.md", note("One", body="A burn rate, the tail.\n\n## A section\n\nText of the tail.\n"))
    site.write("notes/two.md", note("Two", summary="On spill.", body=TERMS))
    site.write("notes/three.md", note("Three", body="The burn rate by {term}`its name <burn rate>`.\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")

    def terms(page: str) -> list[tuple[str, str]]:
        return [(link.get_text(), link["href"].split("#")[1]) for link in built.page(page).select("a.term")]

    assert terms("notes/one") == [("tail", "term-tail")]
    assert terms("notes/two") == [
        ("Spill", "term-spill"),
        ("SLOs", "term-SLO"),
        ("objective", "term-objective"),
        ("burn rate", "term-burn-rate"),
    ]
    assert terms("notes/three") == [("its name", "term-burn-rate")]
    (tail,) = built.page("notes/one").select("a.term")
    assert (tail["href"], tail["data-definition"]) == ("../pages/terms.html#term-tail", "The slowest few & last.")
    assert "term" not in str(built.page("pages/terms").select("dd a"))
    another = GLOSSARY.format(definition="How soon it is spent.").replace("spill\n", "text\n")
    site.write("pages/terms.md", another)
    built = site.build()
    assert terms("notes/one") == [("tail", "term-tail"), ("Text", "term-text")]
    assert terms("notes/two")[0] == ("SLOs", "term-SLO")
    assert built.page("notes/three").select_one("a.term")["data-definition"] == "How soon it is spent."
