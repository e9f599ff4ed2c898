"""A note as plain Markdown: what each sign of MyST becomes, and what stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import Built, Site, note
from fieldnotes.catalog.model import Catalog
from fieldnotes.exports.plain_markdown import Links, plain
from fieldnotes.sources.lab import Figure, Lab, Result
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.note import Note
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from pathlib import Path

CATALOG = Catalog(
    lanes=(Lane.model_construct(docname="lanes/bigdata", title="BigData"),),
    notes=tuple(
        Note.model_construct(docname=name, title=title)
        for name, title in {"notes/y": "Why", "notes/in/z": "Zed"}.items()
    ),
    labs=(
        Lab.model_construct(
            name="a",
            results={"b": Result(value=12, what="seconds", unit="s")},
            figures={"c": Figure.model_construct(title="It falls", description=("Slowly.",))},
        ),
    ),
)
LINKS = Links(CATALOG, docname="notes/x", here="notes/x", pictures={"notes/pic.png": "_images/pic1.png"})

SIGNS = [
    # of labs
    ("{result}`a:b` or {number}`a:b`", "[12\N{NARROW NO-BREAK SPACE}s](../labs/a.html#result-b) or [12](../labs/a.html#result-b)"),
    ("{result}`a:x`", "a:x"),
    (
        "```{lab-figure} a:c\nOf {number}`a:b`.\n```",
        "*Figure: [It falls. Slowly.](../labs/a.html)*\n\nOf [12](../labs/a.html#result-b).",
    ),
    # links
    ("[so](y.md)", "[so](y.md)"),
    ("[](y.md)", "[Why](y.md)"),
    ("[](y.md#part)", "[Why](y.md#part)"),
    ("[a](/notes/y.md) [b](in/z.md) [c](../notes/in/z.md)", "[a](y.md) [b](in/z.md) [c](in/z.md)"),
    ("[](../lanes/bigdata.md)", "[BigData](../lanes/bigdata.html)"),
    ("[a](../index.md#here)", "[a](../index.html#here)"),
    ("[](#here) [a](#here)", "[here](#here) [a](#here)"),
    ("[a](https://example.org/y.md) [b](mailto:a@b.c)", "[a](https://example.org/y.md) [b](mailto:a@b.c)"),
    ('[a](y.md "Title")', '[a](y.md "Title")'),
    ("[a](gone.md) [b](y)", "[a](gone.md) [b](y)"),
    ("<project:y.md> <https://example.org>", "[Why](y.md) <https://example.org>"),
    ("![A](pic.png)", "![A](../_images/pic1.png)"),
    ("[![A](pic.png)](y.md)", "[![A](pic.png)](y.md)"),
    # roles
    ("{page}`Spark <tags/spark>` and {page}`tags/yarn`", "[Spark](../tags/spark.html) and [tags/yarn](../tags/yarn.html)"),
    ("{doc}`y` {doc}`that <in/z>`", "[Why](y.md) [that](in/z.md)"),
    ("{math}`a < b`", "$a < b$"),
    ("{abbr}`SLO (service level objective)`", "SLO (service level objective)"),
    ("{ref}`text <label>` {ref}`label`", "text label"),
    ("{kbd}`Ctrl` {py:func}`len` {code}`List<Note>`", "`Ctrl` `len` `List<Note>`"),
    ("{sub}``a`b``", "a`b"),
    # code and escapes
    ("`{page}` `` `{math}`a` ``", "`{page}` `` `{math}`a` ``"),
    (r"\{page}`a` \[x](y.md)", r"\{page}`a` \[x](y.md)"),
    ("```python\n{page}`a <b>`\n[](y.md)\n```", "```python\n{page}`a <b>`\n[](y.md)\n```"),
    ("- ```\n  {math}`a`\n  ```\n- {math}`b`", "- ```\n  {math}`a`\n  ```\n- $b$"),
    ("Text:\n\n    {math}`a`\n", "Text:\n\n    {math}`a`\n"),
    ("1. Item\n\n    {math}`a`\n", "1. Item\n\n    $a$\n"),
    # attributes, targets, comments
    ("{.quiet}\nText.", "Text."),
    ("(target)=\n## Heading", "## Heading"),
    ("% A comment.\nText.\n+++\nMore.", "Text.\n\nMore."),
    ("[text]{.lead} `code`{.python} [a](y.md){.x #y}", "text `code` [a](y.md)"),
    ("f(x){a} {b} [c] {1: 2}", "f(x){a} {b} [c] {1: 2}"),
    # directives
    ("```{code-block} python\n:caption: A\n:linenos:\n\nx = 1\n```", "```python\nx = 1\n```"),
    (":::{code-block} text\n```\nx\n```\n:::", "````text\n```\nx\n```\n````"),
    ("```{math}\n:label: e\na = b\n```", "$$\na = b\n$$"),
    (":::{important}\nRead {math}`a`.\n\nMore.\n:::", "> **Important**\n>\n> Read $a$.\n>\n> More."),
    (":::{admonition} Mind *this*\n:class: tip\nText.\n:::", "> **Mind *this***\n>\n> Text."),
    ("```{note} At once.\n```", "> **Note**\n>\n> At once."),
    ("::::{note}\n:::{tip}\nDeep.\n:::\n::::", "> **Note**\n>\n> > **Tip**\n> >\n> > Deep."),
    ("> :::{note}\n> Text.\n> :::\n> After.", "> > **Note**\n> >\n> > Text.\n>\n> After."),
    ("Text.\n:::{div} x\nMore.\n:::\nEnd.", "Text.\n\nMore.\n\nEnd."),
    ("- :::{note}\n  Text.\n  :::\n", "- > **Note**\n  >\n  > Text.\n"),
    ("::::{div} hero\n{.lead}\nText.\n\n- [](y.md)\n::::", "Text.\n\n- [Why](y.md)"),
    ("::::{tab-set}\n:::{tab-item} One\nText.\n:::\n::::", "**One**\n\nText."),
    ("```{diagram} d.svg\n:alt: What it\n  shows.\n\nThe [caption](y.md).\n```", "*Drawing: What it shows.*\n\nThe [caption](y.md)."),
    ("```{figure} pic.png\n---\nalt: A\n---\nCaption.\n```", "![A](../_images/pic1.png)\n\nCaption."),
    ("```{image} pic.png\n:alt: A\n```", "![A](../_images/pic1.png)"),
    ("A\n\n```{toctree}\ny\n```\n\nB", "A\n\n\nB"),
    ("```{mermaid}\ngraph LR\n```", "```mermaid\ngraph LR\n```"),
    (":::{table} Caption\n| a |\n| - |\n| b |\n:::", "**Caption**\n\n| a |\n| - |\n| b |"),
    ("```{note}\nNever closed.", "> **Note**\n>\n> Never closed."),
]  # fmt: skip


@pytest.mark.parametrize(("myst", "markdown"), SIGNS)
def test_a_sign_of_myst(myst: str, markdown: str) -> None:
    assert plain(myst, LINKS) == markdown


@pytest.mark.parametrize(("_myst", "markdown"), SIGNS)
def test_what_is_plain_stays(_myst: str, markdown: str) -> None:
    if "\\" not in markdown and "[![" not in markdown and "_images" not in markdown:
        assert plain(markdown, LINKS) == markdown


LINES = st.sampled_from(
    [
        *("Text.", "# Heading", "- item", "  more", "1. one", "> quote", "    indented", "| a | b |", "| - | - |", ""),
        *("Some `code` and *emphasis*.", "[a](https://example.org)", "![b](https://example.org/c.png)", "---", "Term"),
        *(
            ": definition",
            "A { b } and [c] and (d) and $e$.",
            "<b>html</b>",
            "````",
            "[^1]: note",
            "f`",
            "\\`",
            "* * *",
        ),
        *("``` {x", "key: value", "a `b` c `d", "[x][y] [z]", "{", "}", "  - nested", "\tTab."),
    ]
)


@given(st.lists(LINES, max_size=20))
def test_plain_markdown_is_left_as_it_is(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert plain(text, LINKS) == text


@pytest.mark.parametrize("text", ["`x`{" + "a=b" * 60, "[" + "![a]" * 60, "`x`{" + ".a" * 60, "{" + " a=b" * 60 + "!"])
def test_a_text_of_many_halves_comes_to_an_end(text: str) -> None:
    """Each sign can be taken in one way only: with two, these would take longer than anyone waits."""
    assert plain(text, LINKS) == text


BLOCK = st.sampled_from(
    [
        "Text with {math}`a`,\n`{page}` and {page}`b <tags/c>`.",
        "{.quiet}\n[](y.md) and [text]{.lead}.",
        "(target)=\n## Heading",
        "```{code-block} python\n:linenos:\n\nx = {1: 2}\n```",
        "```python\n{page}`a <b>`\n```",
        "~~~text\n```\n:::\n~~~",
        "```{diagram} d.svg\n:alt: A\n\nThe [caption](y.md).\n```",
        "| a | b |\n| - | - |\n| {math}`a` | `b` |",
        "% comment",
    ]
)


def _indented(text: str, first: str, other: str) -> str:
    return "\n".join((other if number else first) + line for number, line in enumerate(text.split("\n")))


def _wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    many = st.lists(inner, min_size=1, max_size=4).map("\n\n".join)
    return st.one_of(
        st.builds("{0}{{div}} hero\n{1}\n{0}".format, st.just("::::::"), BLOCK),
        st.builds(
            "{0}{{note}}\n{1}\n{0}".format, st.just("::::::::::"), many.filter(lambda text: ":" * 10 not in text)
        ),
        many.map(lambda text: _indented(text, "- ", "  ")),
        many.map(lambda text: _indented(text, "> ", "> ")),
    )


DOCUMENT = st.lists(st.recursive(BLOCK, _wrapped, max_leaves=6), max_size=6).map("\n\n".join)


@given(DOCUMENT)
def test_once_is_enough(text: str) -> None:
    """What came out is plain: it is not changed again."""
    once = plain(text, LINKS)
    assert plain(once, LINKS) == once
    assert not re.search(r":{4}|\{(diagram|code-block|note|div)\}", once)


MYST = st.sampled_from(
    [
        *("Text with {math}`a` and {page}`b <tags/c>`.", "```", "```python", "[](y.md)", "- item", "  more", "", "~~~"),
        *("> quote", "`{page}`", "    {math}`indented`", "- ```", "  ```", "> ```"),
    ]
)


@given(st.lists(MYST, max_size=25))
def test_code_is_never_altered(lines: list[str]) -> None:
    """By CommonMark's own parser: the code blocks in what comes out are those in what went in."""
    before, after = ("\n".join(lines), plain("\n".join(lines), LINKS))
    code = [
        [(found.info, found.content) for found in MarkdownIt().parse(text) if found.type == "fence"]
        for text in (before, after)
    ]
    assert code[0] == code[1]


@given(st.text(alphabet="ab {}`[]()<>:#.=-~|\\\n\t$%+!1", max_size=200))
def test_any_text_gives_a_text(text: str) -> None:
    plain(text, LINKS)


def files(built: Path) -> str:
    return (built / "notes/x.md").read_text(encoding="utf-8")


def test_a_note_stands_beside_its_page_as_markdown(site: Site) -> None:
    site.write("notes/pic.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/y.md", note("Why"))
    body = (
        "\n:::{tip}\nSee [](y.md), {page}`Spark <tags/spark>` and ![A](pic.png).\n:::\n\n```python\nx = {1: 2}\n```\n"
    )
    site.write("notes/x.md", note("A *note*", summary="It says.", body=body, formerly="[old, deep/old]"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    text = files(built.out)
    header = "---\ntitle: A *note*\nlane: bigdata\ndate: 2026-01-02\nsummary: It says.\ntags: [Spark]\nformerly: [old, deep/old]\n---"
    assert text == (
        f"{header}\n\n# A \\*note\\*\n\nIt says.\n\n> **Tip**\n>\n> See [Why](y.md), [Spark](../tags/spark.html) and "
        "![A](../_images/pic.png).\n\n```python\nx = {1: 2}\n```\n"
    )
    assert (built.out / "notes/old.md").read_text() == text
    assert "[Why](../y.md), [Spark](../../tags/spark.html)" in (built.out / "notes/deep/old.md").read_text()
    site.write("notes/y.md", note("Because"))
    assert "See [Because](y.md)" in files(site.build().out)


def test_every_note_of_a_site_is_plain(sample: Built) -> None:
    for path in sample.out.glob("notes/*.md"):
        text = path.read_text(encoding="utf-8")
        code = re.compile(r"^(`{3,}).*?^\1$", re.M | re.S)
        assert [line for line in code.sub("", text).splitlines() if re.search(r"^:::|^```\{|\{\w+\}`", line)] == []
        for address in re.findall(r"\]\(([^)\s:]+)\)", code.sub("", text)):
            assert (path.parent / address.split("#")[0]).exists() or address.startswith("#"), address
