"""Formulas: what a page shows of them, and how invalid formulas are reported."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from conftest import Site, note

VALID = r"""
See {eq}`later`, {eq}`eq:labeled` and {eq}`first`; {eq}`outer`, {eq}`row` and {eq}`inner`. Sorting takes {math}`O(n \log n)`, and {math}`a < b`.

```{math}
:label: first

x = 1
```

```{math}
y = \text{in LaTeX, with $x$} \label{eq:labeled}
```

```{math}
a &= b \\[2em]
  &= c
```

```{math}
a = b

c = d
```

```{math}
\begin{align}
\sum_{\substack{i \\ j}} &= \widetilde{d} \\
e &= \mbox{f}
\end{align}
```

```{math}
:label: later

\begin{split} a &= b \\ &= c \end{split}
```

```{math}
E = mc^2 \tag{A}
```

```{math}
\begin{alignat}{2} a &= b &\quad c &= \left(\begin{smallmatrix} d \\ e \end{smallmatrix}\right) \end{alignat}
```

```{math}
\operatorname\& < \operatorname{\lt}
```

```{math}
:label: outer

a = b \label{row} \\ c = d \label{inner}
```
"""

INVALID = {
    r"{math}`\nothing`": r'formula cannot be parsed: Unknown command "\nothing"; correct it',
    "{math}`}`": "Unmatched closing token",
    "```{math}\na & b\n```": "may only appear in a table-like environment",
    "```{math}\n\\begin{aligned}a\n```": "reached end of input",
    r"{math}`\eqref{eq-x}`": r"`\eqref{eq-x}` does not work in a formula; write `` {eq}`eq-x` `` in the text",
    f"{{math}}`{'{' * 5000}`": "it is longer than 4000 characters; split it",
}
"""Invalid formulas, each with a part of its message."""


def test_formulas_are_numbered_and_keep_their_latex(site: Site) -> None:
    site.write("notes/x.md", note("X", body=VALID))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    page = built.page("notes/x")
    numbers = {part.parent["id"]: part.get_text()[:3] for part in page.select(".math > .eqno")}
    assert numbers == {
        "equation-first": "(1)",
        "equation-eq-labeled": "(2)",
        "equation-later": "(3)",
        "equation-row": "(4)",
    }
    links = [(link["href"], link.get_text()) for link in page.select('article p a[href^="#equation"]')]
    assert links[:3] == [("#equation-later", "(3)"), ("#equation-eq-labeled", "(2)"), ("#equation-first", "(1)")]
    assert links[3:] == [(f"#equation-{name}", "(4)") for name in ("outer", "row", "inner")]
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len({*ids})
    assert {href.removeprefix("#") for href, _number in links} <= {*ids}
    annotations = [part.get_text() for part in page.select('annotation[encoding="application/x-tex"]')]
    assert annotations[:4] == [r"O(n \log n)", "a < b", "x = 1", r"y = \text{in LaTeX, with $x$} "]
    rows = [len(block.select("semantics > mtable > mtr")) for block in page.select("div.math")]
    assert rows == [0, 0, 2, 2, 2, 2, 1, 1, 0, 2]
    for formula in re.findall("<math.*?</math>", built.html("notes/x"), re.DOTALL):
        ElementTree.fromstring(formula)  # e-books need XML
    markdown = (built.out / "notes/x.md").read_text(encoding="utf-8")
    assert "$O(n \\log n)$, and $a < b$." in markdown
    assert "[2em]" not in page.select("mtable")[0].get_text()


def test_invalid_formula_is_reported_and_shown_as_source(site: Site) -> None:
    body, lines = "", []
    for text in INVALID:
        lines.append(9 + body.count("\n"))
        body += f"{text}\n\n"
    site.write("notes/x.md", note("X", body=body))
    built = site.build()
    messages = [warning.partition("notes/x.md:")[2] for warning in built.warnings]
    assert [int(warning.partition(":")[0]) for warning in messages] == lines
    assert all(part in warning for part, warning in zip(INVALID.values(), messages, strict=True)), messages
    assert [code.get_text() for code in built.page("notes/x").select("p > code")][:2] == [r"\nothing", "}"]
