"""The Markdown of a note, converted from its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import Built, Site, note
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from pathlib import Path

HOST = "http://127.0.0.1:8000"

DATUM = f'[12.5 s]({HOST}/labs/speed.html#result-time.median "seconds that it took")'

CODE = 'def f(x):\n\tif x < "`a` *b* {math}`c`":\n        return ```\n\n    [x](why.md) &amp; <b>\n'

PARTS = {
    "text": (r"Snake_case, 2 \* 3, \[x\], List\<Note\>, a \\ b.", r"Snake\_case, 2 \* 3, \[x\], List\<Note\>, a \\ b."),
    "emphasis": ("*One* **two** `a_b *c*`", "*One* **two** `a_b *c*`"),
    "roles": ("{kbd}`Ctrl` H{sub}`2`O 10{sup}`-3`", "`Ctrl` H<sub>2</sub>O 10<sup>-3</sup>"),
    "math": (r"{math}`a_1 < \lambda`", r"$a_1 < \lambda$"),
    "block of math": ("```{math}\na^* = \\lambda_1\n```", r"$$a^* = \lambda_1$$"),
    "link to a note": ("[](why.md) [so](why.md#a-section)", f"[Why]({HOST}/notes/why.md) [so]({HOST}/notes/why.md#a-section)"),
    "link to a page": ("{page}`Spark <tags/spark>` [](../lanes/bigdata.md)", f"[Spark]({HOST}/tags/spark.html) [BigData]({HOST}/lanes/bigdata.html)"),
    "link elsewhere": ('[a](https://example.org/y.md "Title")', '[a](https://example.org/y.md "Title")'),
    "link to a heading": ("[there](#the-end)", "[there](#the-end)"),
    "picture": ("![A \\[b\\]](pic.png)", f"![A [b]]({HOST}/_images/pic.png)"),
    "figure": ("```{figure} pic.png\n:alt: A\n\nThe *caption*.\n```", f"![A]({HOST}/_images/pic.png)\n\nThe *caption*."),
    "drawing": ("```{diagram} d.svg\n:alt: What *it* shows.\n\nThe caption.\n```", "*Figure: What \\*it\\* shows.*\n\nThe caption."),
    "result": ("{result}`speed:time.median`", DATUM),
    "figure of a lab": (
        "```{lab-figure} speed:curve\nOf *one*.\n```",
        "*Figure: A curve. It falls.*\n\nOf *one*.\n\n**Data**\n\n| k | time |\n| --- | --- |\n| 1 | 12.5 |\n\n"
        f"How it was made: [How fast it is]({HOST}/labs/speed.html)",
    ),
    "admonition": (
        "::::{tip}\nSee:\n\n```python\nx\n\n  y\n```\n\n:::{note}\nDeep.\n:::\n::::",
        "> **Tip**\n>\n> See:\n>\n> ```python\n> x\n>\n>   y\n> ```\n>\n> > **Note**\n> >\n> > Deep.",
    ),
    "titled admonition": (":::{admonition} Mind *this*\nText.\n:::", "> **Mind *this***\n>\n> Text."),
    "tabs": (
        "::::{tab-set}\n:::{tab-item} One\nText one.\n:::\n:::{tab-item} Two\nText two.\n:::\n::::",
        "**One**\n\nText one.\n\n**Two**\n\nText two.",
    ),
    "dropdown": (":::{dropdown} More\nInside.\n:::", "**More**\n\nInside."),
    "card": (":::{card} A card\nInside.\n:::", "**A card**\n\nInside."),
    "table": ("| a | b |\n| - | -: |\n| {math}`x` | `c` |", "| a | b |\n| --- | --- |\n| $x$ | `c` |"),
    "list": ("1. One\n\n   ```text\n   code\n   ```\n2. Two\n   - deep", "1. One\n\n   ```text\n   code\n   ```\n\n2. Two\n\n   - deep"),
    "quotation": ("> Words\n> of two", "> Words\n> of two"),
    "definition": ("Term\n: What it is", "**Term**\n\nWhat it is"),
    "code with a caption": ("```{code-block} python\n:caption: a.py\n:linenos:\n\nx = 1\n```", "a.py\n\n```python\nx = 1\n```"),
    "code without a language": ("```\nplain\n```", "```\nplain\n```"),
    "code with fences": (f"````text\n{CODE}````", f"````text\n{CODE}````"),
    "code as HTML": ('<div class="highlight-x"><pre>a</pre></div>', "```x\na\n```"),
    "comment": ("Before.\n\n% Hidden.\n\n(target)=\nAfter.", "Before.\n\nAfter."),
    "file": ("```{include} part.txt\n```", "Included *text*."),
}  # fmt: skip
"""Parts of a note as MyST, and as plain Markdown."""

FOOTNOTES = (
    "## Footnotes\n\nA claim.[^one] Another.[^two]\n\n[^one]: With `code`.\n[^two]: So.\n\n"
    "    More: $a$, a*b.\n\n    ```python\n    x = 1\n\n    y = 2\n    ```\n\n- An item[^three]\n\n[^three]: Of it.\n\n    More.\n\n## The end"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with one note that has every entry of PARTS in a section named after it."""
    site = Site(tmp_path_factory.mktemp("markdown") / "journal")
    site.lab()
    site.write("notes/pic.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/d.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path d='M 0 0'/></svg>")
    site.write("notes/part.txt", "Included *text*.\n")
    site.write("notes/why.md", note("Why"))
    body = "\n\n".join(f"## {name}\n\n{myst}" for name, (myst, _markdown) in PARTS.items())
    site.write("notes/x.md", note("A *note*", summary="It [says].", body=f"{body}\n\n{FOOTNOTES}\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


def markdown(built: Built, name: str = "x") -> str:
    return (built.out / f"notes/{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PARTS)
def test_part_is_converted_to_markdown(built: Built, name: str) -> None:
    section = re.search(rf"^## {name}\n\n(.*?)(?=\n\n## |\Z)", markdown(built), re.M | re.S)
    assert section
    assert section[1] == PARTS[name][1].rstrip()


def test_code_is_unchanged(built: Built) -> None:
    """A CommonMark parser reads the same code block as in the source."""
    fences = [token.content for token in MarkdownIt().parse(markdown(built)) if token.type == "fence"]
    assert CODE in fences


def test_markdown_begins_with_front_matter_title_and_summary(built: Built) -> None:
    header = "---\ntitle: A *note*\nlane: bigdata\ndate: 2026-01-02\nsummary: It [says].\ntags: [Spark]\n---"
    assert markdown(built).startswith(f"{header}\n\n# A \\*note\\*\n\nIt \\[says\\].\n\n## text\n")


def test_footnotes_are_converted_to_footnotes(built: Built) -> None:
    shown = (
        "A claim.[^1] Another.[^2]\n\n[^1]: With `code`.\n\n[^2]: So.\n\n    More: $a$, a\\*b.\n\n"
        "    ```python\n    x = 1\n\n    y = 2\n    ```\n\n- An item[^3]\n\n  [^3]: Of it.\n\n      More.\n\n## The end\n"
    )
    assert shown in markdown(built)


def test_markdown_is_the_same_at_a_former_address(site: Site) -> None:
    site.write("notes/y.md", note("Why"))
    site.write("notes/x.md", note(body="\nSee [](y.md).\n", formerly="[old, deep/old]"))
    built = site.build()
    assert markdown(built, "old") == markdown(built, "deep/old") == markdown(built)
    assert "See [Why](" in markdown(built)
    site.write("notes/y.md", note("Because"))
    assert f"See [Because]({HOST}/notes/y.md)." in markdown(site.build())


def test_invalid_formula_stays_as_source(site: Site) -> None:
    site.write("notes/x.md", note(body="\nA {math}`\\nope_1` here.\n"))
    assert "A `\\nope_1` here." in markdown(site.build())


def test_deeply_nested_html_is_converted(site: Site) -> None:
    depth = 1100  # above Python's recursion limit
    site.write("notes/x.md", note(body=f"\nBefore.\n\n{'<div>' * depth}text{'</div>' * depth}\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert "Before." in markdown(built)


def test_every_note_has_plain_markdown_with_working_links(sample: Built) -> None:
    paths: list[Path] = list(sample.out.glob("notes/*.md"))
    assert paths
    for path in paths:
        text = re.sub(r"^(`{3,}).*?^\1$", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
        assert re.findall(r"^:::|^```\{|\{\w+\}`|^%.*", text, re.M) == []
        for address in re.findall(rf"\]\({HOST}/([^)\s#]+)", text):
            assert (sample.out / address).exists(), address
