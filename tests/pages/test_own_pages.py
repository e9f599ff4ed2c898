"""Standalone pages, in `pages/`, and the blocks of home on any page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import Site, note

if TYPE_CHECKING:
    from conftest import Built

ABOUT = "---\ntitle: About <us>\ndescription: Who *we* are.\n---\n\nText. [A note](../notes/x.md)\n\n{block}\n"


def test_standalone_page_is_in_navigation_sitemap_and_search(sample: Built) -> None:
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


def test_blocks_of_home_work_on_a_page_with_their_styles(sample: Built) -> None:
    page = sample.page("pages/about")
    assert len(page.select(".note-grid .card")) == 6
    assert len(page.select(".lane-grid .card")) == 3
    assert len(page.select(".threads > li")) == 3
    assert [link["href"] for link in page.select("link[href*='front.css']")]


def test_each_block_works_by_itself_and_shows_new_notes(site: Site) -> None:
    blocks = ("latest-notes", "lane-grid", "lane-threads")
    for name in blocks:
        site.write(f"pages/{name}.md", f"---\ntitle: Of {name}\ndescription: D.\n---\n\n```{{{name}}}\n```\n")
    site.write("notes/x.md", note("X", body="```{latest-notes}\n```\n"))
    site.write("pages/one.md", "---\ntitle: One\ndescription: D.\n---\n\n```{latest-notes} 1\n```\n")
    site.write("pages/hero.md", "---\ntitle: Hero\ndescription: D.\n---\n\n:::{div} hero\nText.\n:::\n")
    site.write("index.md", "# Home\n\nNo block at all.\n")
    before = site.build()
    assert (before.status, before.log) == (0, "")
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


def test_faults_of_pages_and_blocks_are_one_line_each(site: Site) -> None:
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
