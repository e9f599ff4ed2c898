"""Anchors of headings, and footnotes: their numbers, places and backlinks."""

from __future__ import annotations

from conftest import Built, Site, note

HEADINGS = """
[one](#заголовок-1), [two](#c-1), [three](#was-named) and [four](#deep).

## Заголовок

### Заголовок

## C++

## C#

## Ubuntu 20.04

(was-named)=
## Named

### Sources

#### Deep
"""

SLUGS = ["заголовок", "заголовок-1", "c", "c-1", "ubuntu-2004", "was-named", "sources", "deep"]

FOOTNOTES = """
A claim[^3], a second[^why], a third[^1].

- An item[^sources]
- Another[^why]

| a |
| - |
| b[^in-a-table] |

[^3]: First.
[^why]: Second.

    Its second paragraph.

    ```text
    code
    ```
[^1]: Third[^last].
[^sources]: Fifth.
[^in-a-table]: Sixth.
[^last]: Fourth.
"""


def sections(built: Built) -> list[str]:
    return [section["id"] for section in built.page("notes/x").select("article section section")]


def test_headings_keep_their_anchors_when_text_is_inserted(site: Site) -> None:
    site.write("notes/x.md", note("X", body=HEADINGS))
    first = site.build()
    assert (first.status, first.log) == (0, "")
    page = first.page("notes/x")
    assert sections(first) == SLUGS
    assert [link["href"] for link in page.select(".toc-tree a")][1:] == [f"#{slug}" for slug in SLUGS]
    assert [link["href"] for link in page.select("article section section a.headerlink")] == [
        f"#{slug}" for slug in SLUGS
    ]
    assert [link["href"] for link in page.select("article p:not(.tags) > a")][-4:] == [
        "#заголовок-1",
        "#c-1",
        "#was-named",
        "#deep",
    ]
    assert page.select_one("#ubuntu-20-04")
    assert page.select_one("#named")
    site.write("notes/x.md", note("X", body=f"A[^sources].\n\n## Число\n\n[^sources]: B.\n{HEADINGS}"))
    second = site.build()
    assert (second.status, second.log) == (0, "")
    assert sections(second) == ["число", *SLUGS]


def test_footnotes_are_numbered_in_text_order_and_link_back(site: Site) -> None:
    site.write("notes/x.md", note("X", body=FOOTNOTES))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    page = built.page("notes/x")
    footnotes = {element["id"]: element for element in page.select("aside.footnote")}
    names = ["3", "why", "1", "last", "sources", "in-a-table"]
    assert [*footnotes] == [f"footnote-{name}" for name in names]
    numbers = [element.select_one(".label").get_text().strip("[]\n") for element in footnotes.values()]
    assert numbers == ["1", "2", "3", "4", "5", "6"]
    references = [(element["href"], element.get_text().strip("[]")) for element in page.select("a.footnote-reference")]
    order = ["3", "why", "1", "last", "sources", "why", "in-a-table"]
    assert references == [(f"#footnote-{name}", str(names.index(name) + 1)) for name in order]
    back = [link["href"] for link in footnotes["footnote-why"].select("a[role=doc-backlink]")]
    assert back == ["#footnote-why-use-1", "#footnote-why-use-2"]
    ids = [element["id"] for element in page.find_all(id=True)]
    assert {link["href"][1:] for link in page.select("a[role=doc-backlink], a.footnote-reference")} <= {*ids}
    assert len(ids) == len({*ids})
    assert page.select_one("li aside.footnote")["id"] == "footnote-sources"
    assert [element.name for element in footnotes["footnote-why"].find_all(recursive=False)][2:] == ["p", "p", "div"]


def test_unreferenced_footnote_is_reported(site: Site) -> None:
    site.write("notes/x.md", note("X", body="Text.\n\n[^unused]: Nothing leads here.\n"))
    (warning,) = site.build().warnings
    assert (
        "notes/x.md:11: WARNING: Footnote [unused] is not referenced; refer to it in the text, or remove it" in warning
    )
