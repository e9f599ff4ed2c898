"""Markdown of other systems is shown as its author meant it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import Built, Site, note

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

BODY = r"""
Prices are $5 and $10; the loss is $L$.

$$
L = 0
$$

\begin{align}
a &= b
\end{align}

```math
x^2
```

- [x] done
- [ ] open

The ~~old~~ name :rocket:, `:rocket:` and a:on:b.

> [!WARNING]
> A commit deletes files.

Term
: Its definition.

:field: its value
:other: another

(folded)=
:::{admonition} A *title*
:class: dropdown
:name: fold

Folded.
:::

[](#fold), {numref}`shape`, {numref}`cells`, {numref}`job`, {numref}`elsewhere`.

```{diagram} shape.svg
:alt: A line.
:name: shape

A shape.
```

```{table} Cells
:name: cells

| a |
|---|
| b |
```

```{code-block} python
:name: job
:caption: job.py

x = 1
```

```py title="title.py" hl_lines="2"
a = 1
b = 2
```

```csv
a,b
```

```mermaid
flowchart LR
  accDescr: A leads to B.
  A --> B
```

```{graphviz}
:alt: C leads to D.
:caption: A *graph*.
:name: graph

digraph { C -> D }
```

{numref}`graph`
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with a note that has all of BODY, and one with a second figure."""
    site = Site(tmp_path_factory.mktemp("dialects") / "journal")
    site.write("notes/shape.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path d='M 0 0'/></svg>")
    figure = "```{diagram} shape.svg\n:alt: A line.\n:name: NAME\n\nA shape.\n```\n\n"
    site.write("notes/all.md", note("All", tags="[Spark, YARN]", body=BODY))
    other = figure.replace("NAME", "first") + figure.replace("NAME", "elsewhere")
    site.write("notes/a-second.md", note("Other", tags="[Spark, YARN]", body=other))
    built = site.build()
    assert built.log == ""
    return built


@pytest.fixture(scope="module")
def page(built: Built) -> BeautifulSoup:
    return built.page("notes/all")


def test_dollars_mark_formulas_but_not_prices(page: BeautifulSoup) -> None:
    assert len(page.select("article math")) == 4
    assert "Prices are $5 and $10; the loss is" in page.get_text()


def test_task_has_a_labeled_checkbox(page: BeautifulSoup) -> None:
    boxes = page.select("article li.task input[disabled]")
    assert [(box["aria-label"], box.has_attr("checked")) for box in boxes] == [("done", True), ("to do", False)]


def test_strikethrough_and_emoji_are_shown(page: BeautifulSoup) -> None:
    paragraph = next(each for each in page.select("article p") if each.s)
    assert str(paragraph.s) == "<s>old</s>"
    assert paragraph.get_text() == "The old name \N{ROCKET}, :rocket: and a:on:b."


def test_alert_is_an_admonition(page: BeautifulSoup) -> None:
    assert page.select_one("article .admonition.warning").get_text(" ", strip=True) == "Warning A commit deletes files."


def test_definitions_and_fields_are_definition_lists(page: BeautifulSoup) -> None:
    assert [term.get_text() for term in page.select("article dt")] == ["Term", "field:", "other:"]


def test_admonition_of_class_dropdown_is_a_details_element_with_its_anchor(page: BeautifulSoup) -> None:
    fold = page.select_one("details#fold.admonition, #fold + details.admonition")
    assert str(fold.summary.em) == "<em>title</em>"
    assert fold.p.get_text() == "Folded."
    assert [link.get_text() for link in page.select('a[href="#fold"]')] == ["A title"]
    assert [len(page.select(f'[id="{name}"]')) for name in ("fold", "folded")] == [1, 1]


def test_figures_are_numbered_by_note(page: BeautifulSoup) -> None:
    assert "A title, Fig. 1, Table 1, Listing 1, Fig. 2." in page.get_text()
    captions = [number.get_text() for number in page.select(".caption-number")]
    assert captions == ["Fig. 1 ", "Table 1 ", "Listing 1 ", "Fig. 2 "]


def test_fence_has_its_title_and_highlighted_lines(page: BeautifulSoup) -> None:
    block = next(each for each in page.select(".literal-block-wrapper") if "title.py" in each.get_text())
    assert block.select_one(".code-block-caption .caption-text").get_text() == "title.py"
    assert block.select_one(".hll").get_text() == "b = 2\n"


def test_diagrams_are_drawn_into_the_page(page: BeautifulSoup) -> None:
    drawn = page.select("figure.drawn > svg[role=img]")
    assert [picture["aria-label"] for picture in drawn] == ["A leads to B.", "C leads to D."]
    assert [letter in picture.get_text() for picture, letter in zip(drawn, "AC", strict=True)] == [True, True]
    assert page.select_one("figure#graph figcaption em").get_text() == "graph"
    assert [link.get_text() for link in page.select('a[href="#graph"].reference')] == ["Fig. 2"]


def test_changed_figure_number_updates_the_notes_that_refer_to_it(built: Built) -> None:
    site = Site.__new__(Site)
    site.root, site.environment = built.root, {}
    path = site.root / "notes/a-second.md"
    text = path.read_text()
    path.write_text(text.replace(":name: first\n", ""))
    try:
        again = site.build()
    finally:
        path.write_text(text)
    assert again.log == ""
    assert "Listing 1, Fig. 1." in again.page("notes/all").get_text()
