"""Faults of each rule, with the message and line that `make check` reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import Site, note
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call

if TYPE_CHECKING:
    from pathlib import Path

    from fieldnotes.build.messages import Finding

TODAY = "2026-11-22"
SOURCES = "\n\n## Sources\n\nRead in May 2026.\n\n- [A guide](https://example.org/guide)\n"
WRONG = "het"[::-1]
"""A misspelling, written in reverse so that codespell does not report it here."""
HEADER = 8
"""Number of lines above the text of a note."""
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path class='line' d='M 0 0'/></svg>"
MYST, IMAGE, ROLE, LEVEL = "myst.xref_missing", "image.not_readable", "myst.role_unknown", "myst.header"

FAULTS = [
    # links, which MyST resolves
    ("[a](gone.md)", 1, MYST, "'myst' cross-reference target not found: 'gone.md'; correct the path"),
    ("[a](othar.md)", 1, MYST, "'othar.md'; did you mean `other.md`?"),
    ("[a](other.html)", 1, MYST, "'other.html'; did you mean `other.md`?"),
    ("[a](../tags/spark.html)", 1, MYST, "'../tags/spark.html'; it is a generated page; write {page}`the text <tags/spark>`"),
    ("[a](oldest.md)", 1, MYST, "that note is now `first.md`"),
    ("[a](/notes/gone.md#x)", 1, MYST, "'/notes/gone.md#x'; correct the path"),
    ("[a](../README.md)", 1, MYST, "'../README.md'; correct the path"),
    ("[a]()", 1, MYST, "target not found: ''; correct the path"),
    ("One\ntwo [a](first.md#a-secton).", 2, MYST, "'a-secton'; did you mean `#a-section`?"),
    ("[a](first.md#nowhere-at-all)", 1, MYST, "'nowhere-at-all'; use the anchor of a heading, or define"),
    ("[a](#nowhere)", 1, MYST, "'nowhere'; use the anchor of a heading"),
    ("- one\n\n  - [a](gone.md)", 3, MYST, "'gone.md'"),
    ("- one\n- two\n  [a](gone.md)", 3, MYST, "'gone.md'"),
    ("| A |\n| --- |\n| a |\n| [a](gone.md) |", 4, MYST, "'gone.md'"),
    ("> a\n> [a](gone.md)", 2, MYST, "'gone.md'"),
    ("```{note}\n:class: x\n\nSee\n[a](gone.md)\n```", 5, MYST, "'gone.md'"),
    (":::{note}\nSee [a](gone.md)\n:::", 2, MYST, "'gone.md'"),
    ("[a][b]\n\n[b]: gone.md", 1, MYST, "'gone.md'"),
    ("A `[b](gone.md)`\nand [a](gone.md)", 2, MYST, "'gone.md'"),
    ("A.[^1]\n\n[^1]: See\n    [a](gone.md)", 4, MYST, "'gone.md'"),
    ("{doc}`gone`", 1, "ref.doc", "unknown document: 'gone'; correct the path"),
    ("A\n{nothing}`x`", 2, ROLE, 'Unknown interpreted text role "nothing"; correct its name'),
    ("{page}`Spark <tags/sparks>`", 1, Code.PAGE, "`tags/sparks` is not a page of the site; did you mean `tags/spark`?"),
    # texts of links
    (f"See https://example.org/a.{SOURCES}", 1, Code.BARE, "https://example.org/a is a bare URL; write"),
    (f"See <https://example.org/a>.{SOURCES}", 1, Code.BARE, "the link to https://example.org/a shows its address"),
    (f"A\n[here](https://example.org/a){SOURCES}", 2, Code.BARE, "has the text `here`; write link text that says where it leads"),
    (f"[](https://example.org/a){SOURCES}", 1, Code.BARE, "has no text; write link text"),
    (f":::{{tip}}\nSee https://example.org/a\n:::{SOURCES}", 2, Code.BARE, "is a bare URL"),
    (f"A.[^1]\n\n[^1]: See https://example.org/a{SOURCES}", 3, Code.BARE, "is a bare URL"),
    ("[a](https://example.org/a)", 1, Code.SOURCES, "the note has external links but no sources; end it with"),
    (SOURCES.replace("Read in", "In"), 3, Code.SOURCES, "the sources do not say when they were read"),
    # pictures
    ("A\n![](picture.png)", 2, Code.ALT, "the picture picture.png has no alternative text; describe what it shows"),
    ("```{image} picture.png\n```", 1, Code.ALT, "the picture picture.png has no alternative text"),
    ("```{figure} picture.png\n\nA caption.\n```", 1, Code.ALT, "has no alternative text"),
    ("<img src='picture.png'>", 1, Code.ALT, "the picture picture.png has no alternative text; describe what it shows"),
    ("A\n<img src='picture.png' alt=' '> b", 2, Code.ALT, "the picture picture.png has no alternative text"),
    ("<p>\n<img src='picture.png'></p>", 2, Code.ALT, "the picture picture.png has no alternative text"),
    ("A\n![A](gone.png)", 2, IMAGE, "image file not readable: notes/gone.png; correct the path"),
    ("![A](diagrams)", 1, Code.PICTURE, "diagrams is a folder; give the path of a file"),
    ("{download}`A <diagrams>`", 1, Code.PICTURE, "diagrams is a folder; give the path of a file"),
    ("![A](https://example.org/a.png)", 1, Code.PICTURE, "is on another host, from which pages may not load files"),
    ("```{diagram} diagrams/gone.svg\n:alt: A.\n```", 1, Code.DIAGRAM, "notes/diagrams/gone.svg cannot be read"),
    ("```{diagram} diagrams/good.svg\n```", 1, Code.DIAGRAM, "has no alternative text; add `:alt:`"),
    ("A\n\n```{diagram} diagrams/good.svg\n:alt: A.\n\n- A\n```", 3, Code.DIAGRAM, "the caption is not one paragraph; shorten it"),
    ("```{lab-figure} speed:curve\n> A.\n```", 1, Code.LAB, "the caption is not one paragraph"),
    ("A\n\n<img src='picture.png' alt='A' width='10em'>", 3, Code.RAW_HTML, "the width `10em` of a picture has no effect; write a number of"),
    # headings, blocks and code
    ("## A\n\n#### B", 3, LEVEL, "Non-consecutive header level increase; H2 to H4; begin it with one `#`"),
    ("### A", 1, LEVEL, "H1 to H3"),
    ("##\n\nText", 1, Code.HEADING, "the heading is empty; write its text, or remove it"),
    ("Text\n\n```python\nx = 1", 3, Code.OPEN_FENCE, "is not closed; add the closing fence or tag"),
    (":::{note}\nText", 1, Code.OPEN_FENCE, "is not closed"),
    ("Text\n\n<!-- x", 3, Code.OPEN_FENCE, "is not closed"),
    ("```{math}\nx", 1, Code.OPEN_FENCE, "is not closed"),
    ("```{tags} Spark\n```", 1, Code.TAG, "tags belong in the front matter; remove"),
    ("Text\n\n```csvv\nx\n```", 3, "misc.highlighting_failure", "'csvv' is not known; use one of"),
    ("{math}`\\nothing`", 1, Code.MATH, "the formula cannot be parsed"),
    ("A.\n\n[^1]: B.", 3, "ref.footnote", "Footnote [1] is not referenced; refer to it"),
    # markup of other systems
    ("A [[Kafka]] topic.", 1, Code.FOREIGN, "`[[Kafka]]` is a wiki link; write `[text](note.md)`"),
    ("A\n![[picture.png]]", 2, Code.FOREIGN, "`![[picture.png]]` is a wiki embed; write `![what it shows](file.png)`"),
    ('!!! note "A title"\n    Text.', 1, Code.FOREIGN, '`!!! note "A title"` is an MkDocs admonition; write `:::{note}`'),
    ("Text.\n\n??? tip\n    Text.", 3, Code.FOREIGN, "`??? tip` is an MkDocs admonition"),
    (":::tip[A title]\nText.\n:::", 1, Code.FOREIGN, "`:::tip[A title]` is a block of another system; write `:::{tip}`"),
    ("::: warning\nText.\n:::", 1, Code.FOREIGN, "`:::warning` is a block of another system; write `:::{warning}`"),
    ("::: {.callout-note}\nText.\n:::", 1, "myst.directive_unknown", "'.callout-note'; write it as `:::{note}`"),
    ("> A\n\n> [!tip] A title\n> Text.", 3, Code.FOREIGN, "`[!tip] A title` is an Obsidian callout"),
    ('A\n{{< figure src="a.png" >}}', 2, Code.FOREIGN, '`{{< figure src="a.png" >}}` is a Hugo shortcode'),
    ("A {% include a.html %}.", 1, Code.FOREIGN, "`{% include a.html %}` is a template tag"),
    ("A {{ page.title }}.", 1, Code.FOREIGN, "`{{ page.title }}` is a template variable"),
    ("- A\n{:toc}", 2, Code.FOREIGN, "`{:toc}` is a kramdown attribute"),
    ("A ==marked== word.", 1, Code.FOREIGN, "`==marked==` is highlighted text; write `**…**`"),
    ("A word[^gone].", 1, "docutils", 'Unknown target name: "gone"; define it below with `[^name]: …`'),
    ("A word.^[A remark.]", 1, Code.FOREIGN, "`^[A remark.]` is an inline footnote"),
    ("[TOC]", 1, Code.FOREIGN, "`[TOC]` requests a table of contents; remove it"),
    ("H~a~O.", 1, Code.FOREIGN, "`~a~` is a subscript; write {sub}`…`"),
    ("x^n^.", 1, Code.FOREIGN, "`^n^` is a superscript"),
    (r"A \(x^n\).", 1, Code.FOREIGN, r"`\(x^n\)` is a LaTeX formula; write `$…$`"),
    ("A\n\\[\nx = 1\n\\]", 2, Code.FOREIGN, r"`\[ x = 1 \]` is a LaTeX formula"),
    ("A $$x$$.", 1, Code.FOREIGN, "`$$x$$` is inline; write `$x$`"),
    ("A $ x^n $.", 1, Code.FOREIGN, "`$ x^n $` is not a formula; write `$x$` without spaces"),
    ("In $HOME/$USER.", 1, Code.FOREIGN, r"`$HOME/$` is shown as a formula; write `\$`, or format it as code"),
    ("##\u00a0A heading", 1, Code.FOREIGN, "is not a heading; put a plain space after the `#`"),
    ("##A heading", 1, Code.FOREIGN, "`##A heading` is not a heading"),
    ("-\u00a0an item", 1, Code.FOREIGN, "is not a list item; put a plain space after the marker"),
    ("## A heading {#a}", 1, Code.FOREIGN, "`{#a}` is an attribute; write `(name)=` on the line above"),
    ("Text.\n\n```{note} A `word`\nText.\n```\n\nB.\n\n```text\nx\n```", 3, Code.FOREIGN, "does not open a block, because it contains a backtick; use `~~~` or `:::`"),
    ("| A | B |\n| --- | --- |\n| `a || b` | c |", 3, Code.FOREIGN, r"the row has 4 cells, but the header has 2; write a `|` inside a cell as `\|`"),
    ("| A | B |\n| --- | --- | --- |", 2, Code.FOREIGN, "`| --- | --- | --- |` does not form a table"),
    ("[a](with space.md)", 1, Code.FOREIGN, "`[a](with space.md)` is not a link; enclose an address with spaces in `<…>`"),
    ("# A title", 1, Code.FOREIGN, "`A title` is a second title; begin it with `##`"),
    ("A bell \x07 rings.", 1, Code.TEXT, "the character U+0007 cannot be shown; remove it"),
    ("```python hl_lines=\"9\"\nx\n```", 1, Code.FOREIGN, "the fence highlights line 9 of 1; correct the number"),
    ("> ```python exec=\"on\"\n> x\n> ```", 1, Code.FOREIGN, "`exec=\"on\"` after a fence's language has no effect; remove it (known: title="),
    ("```{.python}\nx\n```", 1, "myst.directive_unknown", "write only the language, as in ```python"),
    ("```json\n{ ... }\n```", 1, "misc.highlighting_failure", "The code is not json at '.'; correct it"),
    (":rocket: Launch", 1, Code.FOREIGN, "`:rocket:` begins a field list, so it is not shown as an emoji; write 🚀"),
    ("A\n\n```{csv-table}\n:file: table.csv\n\nc, d\n```", 3, Code.FOREIGN, "the content of `csv-table` is not shown, since `:file:` replaces it; remove"),
    # diagrams
    ("```mermaid\nflowchart LR\n  A --> B\n```", 1, Code.DIAGRAM, "the diagram has no alternative text; add `:alt:`, or a line `accDescr"),
    ("```dot\ndigraph { a -> b }\n```", 1, Code.DIAGRAM, "has no alternative text; add `:alt:`, or a line `// alt: what it shows`"),
    ("A.\n\n```mermaid\nflowchart LR\n  A -- B ->\n```", 3, Code.DIAGRAM, "Mermaid cannot draw this: Diagram parse error"),
    ("```{graphviz}\n:alt: A.\n\ndigraph { a [ShapeFile=\"x\"] }\n```", 1, Code.DIAGRAM, "Graphviz cannot draw this: `ShapeFile` opens a"),
    ("```{graphviz}\n:alt: A.\n\ndigraph {\n```", 1, Code.DIAGRAM, "Graphviz cannot draw this: syntax error in line 1; correct it, or export it"),
    ("```{graphviz}\n:alt: A.\n\ndigraph { viewport=\"0,0,0\"; a }\n```", 1, Code.DIAGRAM, "Graphviz cannot draw this: the result has no size; correct it"),
    ("```{mermaid} gone.mmd\n:alt: A.\n```", 1, Code.UNREADABLE, "gone.mmd cannot be read: No such file or directory; correct the path"),
    # numbers, labs
    ("It took\n12 s.", 2, Code.NUMBER, "12 has no source"),
    ("With `k` it took 12, not `x`.", 1, Code.NUMBER, "12 has no source; quote a lab, link a listed source, or mark it as *constructed*: With … it took 12, not …."),
    ("It took {result}`speed:tim`.", 1, Code.RESULT, "`speed:tim` is not a result of a lab"),
    ("It took\n{number}`sped:time.median`.", 2, Code.RESULT, "did you mean `speed:time.median`?"),
    ("```{lab-figure} speed:curv\nA.\n```", 1, Code.RESULT, "not a figure of a lab; did you mean `speed:curve`?"),
    (f"This is\n{WRONG} end.", 2, Code.SPELLING, f"`{WRONG}` is misspelled; did you mean the?"),
    (f"```{{note}}\n{WRONG}\n```", 2, Code.SPELLING, "is misspelled"),
]  # fmt: skip

SOUND = rf"""
[First](first.md), [a section](first.md#a-section), [deeper](/notes/first.md#deeper), [](other.md), [lane](../lanes/bigdata.md),
[home](/index.md), [by name](other), [it](#a-place), [](first.md#a-place), [inner](#its-own), [drawing](diagrams/good.svg),
<project:first.md#a-section>, [mail](mailto:a@example.org), [`code`](https://example.org/a), ![A picture](picture.png).

{{page}}`Spark <tags/spark>`, {{page}}`notes/index`, {{result}}`speed:time.median` and {{number}}`speed:change`.

Escaped: \[[a]], \{{{{ a }}}}, \=\=a\=\=, \(as is\), \[1\], and \$HOME/\$USER. Not escaped: $n$th, $5 and $6k (constructed), a == b,
[[0, 1], [1, 0]], x.y^[a-z], ~/a and ~/b.

Code: `[[a]]`, `{{{{ a }}}}`, `==a==`, `[a](gone.md)`, `https://example.org`, \[a\](gone.md).

```text
[a](gone.md) https://example.org 12 ms
```

```{{diagram}} diagrams/good.svg
:alt: A line.

It is [drawn](first.md).
```

```{{lab-figure}} speed:curve
It falls.
```

[a reference][ref] and a footnote.[^1]

[ref]: other.md
[^1]: In [another note](other.md).

```{{diagram}} diagrams/good.svg
:alt: A line without a caption.

[only]: other.md
```

## A

### Its own

:::{{note}}
Leads to [](#its-own).
:::

## B

```{{figure}} picture.png
:alt: A picture.
:name: named

A caption.
```

[named](#named)
{SOURCES}"""


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings of one check of a journal with a note for each fault, by path."""
    site = sound_journal(tmp_path_factory.mktemp("rules") / "journal")
    for number, (body, *_rest) in enumerate(FAULTS):
        site.write(f"notes/x{number:02}.md", note(f"X{number}", tags="[Spark, YARN]", body=body))
    site.write("notes/sound.md", note("Sound", tags="[Spark, YARN]", body=SOUND))
    site.write(
        "notes/fields.md",
        note(f"After 17 s, {WRONG}", summary="\n  See\n  12 and https://example.org/12.", tags="[Spark, YARN]"),
    )
    site.write(
        "lanes/new.md",
        "---\ntitle: New\nnumber: 9\nheadline: Of 15 s\ndescription: Text.\n---\n\n[a](gone.md) of\n16 s\n",
    )
    site.write("lanes/open.md", "---\ntitle: Open\nnumber: 8\nheadline: One\ndescription: Text.\n---\n\n```text\n")
    index = site.root / "index.md"
    index.write_text(index.read_text() + "\nIt took\n14 s.\n")
    by_path: dict[str, list[Finding]] = {}
    for finding in call(check_module.check, site.root, fieldnotes_today=TODAY):
        by_path.setdefault(finding.path, []).append(finding)
    return by_path


def sound_journal(root: Path) -> Site:
    """A journal of two valid notes, one of which has link targets."""
    site = Site(root)
    site.lab()
    body = "(a-place)=\nSome text.\n\n## A section\n\n### Deeper\n\n#### Deepest\n\n[There](other.md)\n"
    site.write("notes/first.md", note("First", tags="[Spark, YARN]", formerly="[oldest]", body=body))
    site.write("notes/other.md", note("Other", tags="[Spark, YARN]"))
    site.write("notes/diagrams/good.svg", SVG)
    site.write("notes/picture.png", b"")
    site.write("notes/table.csv", "a, b\n")
    return site


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[fault[0].split("\n")[-1][:30] for fault in FAULTS])
def test_fault_is_reported_on_its_line(findings: dict[str, list[Finding]], number: int) -> None:
    _body, line, code, message = FAULTS[number]
    (finding,) = findings[f"notes/x{number:02}.md"]
    assert (finding.line - HEADER, finding.code) == (line, code)
    assert message in finding.message
    assert "; " in finding.message
    assert not finding.is_advice


def test_valid_note_has_no_findings(findings: dict[str, list[Finding]]) -> None:
    assert findings.get("notes/sound.md") is None
    assert "notes/first.md" not in findings


def test_titles_summaries_lanes_and_home_are_checked(findings: dict[str, list[Finding]]) -> None:
    def reported(path: str) -> list[tuple[int, str, str]]:
        return [(finding.line, finding.code, re.split(" has no |;", finding.message)[0]) for finding in findings[path]]

    assert reported("notes/fields.md") == [
        (2, Code.NUMBER, "17"),
        (2, Code.SPELLING, f"`{WRONG}` is misspelled"),
        (7, Code.BARE, "https://example.org/12 is a bare URL"),
        (7, Code.NUMBER, "12"),
    ]
    assert reported("lanes/new.md") == [
        (4, Code.NUMBER, "15"),
        (8, MYST, "'myst' cross-reference target not found: 'gone.md'"),
        (9, Code.NUMBER, "16"),
    ]
    assert reported("lanes/open.md") == [(8, Code.OPEN_FENCE, "a block (```, :::, or HTML) is not closed")]
    (home,) = findings["index.md"]
    assert (home.code, home.message.partition(" ")[0]) == (Code.NUMBER, "14")
