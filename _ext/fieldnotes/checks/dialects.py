r"""Report markup of other systems, which MyST shows as letters, or drops.

Signs are looked for in what a reader sees, so code, formulas and raw HTML are left alone, and in what the author wrote:
one that is escaped, as ``\[[a]]``, is meant.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.checks.prose import DELIMITER
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.prose import Block, Text
    from fieldnotes.sources.problem import Problem


SIGNS = {
    r"!\[\[[^\[\]\n]+\]\]": "is an embed of a wiki; write `![what it shows](file.png)`",
    r"\A\s*(?:\[(?i:toc)\]|\[\[(?:TOC|toc|_TOC_)\]\])\s*\Z":
        "asks for the contents; remove it: a page lists its headings",
    r"(?<![\[!])\[\[(?!_?TOC|toc\]\])(?![\s\d,.+-]*\]\])[^\s\[\]][^\[\]\n]*\]\](?!\])":
        "is a link of a wiki; write `[text](note.md)`",
    r"^(?:!!!|\?\?\?\+?)[ \t]+[a-z][\w-]*(?:[ \t].*)?$":
        "is an admonition of MkDocs; write `:::{note}`, the text, and `:::`",
    r"\A\[![A-Za-z-]+\].*":
        "is a callout of Obsidian; write `:::{admonition} Title`, `:class: tip`, the text, and `:::`",
    r"\{\{[<%][^}]*[%>]\}\}": "is a shortcode of Hugo; write what it shows",
    r"(?<!\{)\{%-?\s*\w[^%\n]*%\}": "is a tag of a template; write what it shows",
    r"\{\{-?\s*[A-Za-z_.$][^{}\n]*\}\}": "is a variable of a template; write its value",
    r"\{:[^{}\n]*\}": "is an attribute of kramdown; write `{.class}` on the line above the block",
    r"\{[#.][^{}\n]*\}\s*\Z": "is an attribute; write `(name)=` on the line above",
    r"(?<![=\w<>!])==(?=[^\s=])[^=\n]+(?<=[^\s=])==(?![=\w])": "is marked text; write `**…**`",
    r"(?<=[\w.,;:!?)\"”])\^\[[^\[\]\n]*\s[^\[\]\n]*\]": "is a footnote in a line; write `[^1]`, and `[^1]: …` below",
    r"^#{1,6}[^\S\n ]+\S.*|^#{2,6}[^\s#!].*": "is no heading; put a plain space behind the `#`",
    r"^(?:[-*+•]|\d{1,3}[.)])[\u00a0\u202f\u3000].*": "is no item of a list; put a plain space behind its sign",
    r"(?<=[A-Za-z)])~[\w+-]{1,5}~(?!~)": "is a subscript; write {sub}`…`",
    r"(?<=[\w)])\^[\w+-]{1,5}\^(?!\^)": "is a superscript; write {sup}`…`",
    r"^\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$":
        "makes no table; give it and the line above as many cells, and put a blank line above them",
    r"!?\[[^\[\]]*\]\([^()\n]+\)": "is no link; put an address with spaces into `<…>`",
    r"\$\$|(?<![\w$\\])\$ [^$\n]*[\\^_][^$\n]* \$(?!\w)":
        "is no formula; write `$x$` without spaces, and `$$` on lines of their own",
}  # fmt: skip
"""Markup as it looks in a text: what it is elsewhere; what to write."""

PATTERNS = {re.compile(pattern, re.MULTILINE): said for pattern, said in SIGNS.items()}

ANY = re.compile(r"[\[{$~^#|\u00a0\u202f\u3000]|==|!!!|\?\?\?")
"""What a text without any sign has none of: most texts are not looked at further."""

STRAIGHT = str.maketrans("“”‘’", "\"\"''")
"""Quotation marks as the author wrote them."""

CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)

TEX = re.compile(
    r"(?<!\\)\\\((?P<inline>(?:(?!\\\().)+?)\\\)|^[ \t>]*\\\[(?P<block>.+?)\\\][ \t.,;]*$", re.DOTALL | re.MULTILINE
)
"""A formula between `\\(` and `\\)`, or `\\[` and `\\]`."""

SIGN_OF_MATH = re.compile(r"[\\^_=<>+]")

IS_MATH = re.compile(rf"{SIGN_OF_MATH.pattern}|\A\s*\w(?:\(\w+\))?\s*\Z")

NO_MATH = re.compile(r".*[/:@=,.-]|[A-Z_]{3,}|\{[A-Z_]+\}.*|\d[^\\^_{}=+<>]*\s[^\\^_{}=+<>]*", re.DOTALL)
"""What stands between two dollar signs of a shell, as `$HOME/$USER`, or of prices, as `$5 and 10$`."""

OPENED_BY_TICKS = re.compile(r"^(`{3,})(?!.*(?<!`)\1(?!`))[^`\n]+`.*", re.MULTILINE)

CONTAINERS = {
    *("attention", "caution", "danger", "details", "error", "hint", "important", "info", "note", "success", "tip"),
    *("warning", "question", "example", "quote", "abstract", "bug", "secondary"),
}
"""Words behind `:::` that name a block elsewhere; here they would be a class of CSS."""

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufffe\uffff]")

CELL_END = re.compile(r"(?<!\\)\|")


def foreign_markup(text: Text) -> Iterator[Problem]:
    """Report each sign of another system in a document."""
    yield from _control_characters(text)
    yield from _containers(text)
    yield from _long_rows(text)
    for block in text.blocks.values():
        bare = CODE_SPAN.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), block.raw) if "`" in block.raw else block.raw
        if ANY.search(block.plain):
            yield from _signs(text, block, bare)
        if "```" in block.raw and (match := OPENED_BY_TICKS.search(block.raw)):
            line = block.line + block.raw.count("\n", 0, match.start())
            yield _problem(text, line, match[0], "opens no block, for a backtick stands in it; use `~~~` or `:::`")
        if "$" in bare or "\\" in bare:
            yield from _formulas(text, block, bare)


def _signs(text: Text, block: Block, bare: str) -> Iterator[Problem]:
    """Report the signs of a block, each place once; ``bare`` is the block as it was written, without its code."""
    reported: set[int] = set()
    plain = block.plain.translate(STRAIGHT)
    for pattern, said in PATTERNS.items():
        for match in pattern.finditer(plain):
            places = {*range(*match.span())}
            if not places & reported and _is_written(match[0], bare):
                reported |= places
                word = re.search(r"\w", match[0])
                written = block.raw.count("\n", 0, max(block.raw.find(match[0]), 0))
                line = block.line_of(match.start() + word.start()) if word else block.line + written
                yield _problem(text, line, match[0], said)


def _is_written(shown: str, bare: str) -> bool:
    """Whether the author wrote a sign that a reader sees, perhaps with markup in it, and did not escape it."""
    return bool(re.search(r"(?<!\\)" + r"[*_`\"']*".join(map(re.escape, shown[:3])), bare))


def _formulas(text: Text, block: Block, bare: str) -> Iterator[Problem]:
    """Report formulas in brackets with a backslash, and what is a formula only by chance."""
    for match in TEX.finditer(bare):
        if IS_MATH.search(match["inline"] or "") or SIGN_OF_MATH.search(match["block"] or ""):
            line = block.line + bare.count("\n", 0, match.start())
            yield _problem(text, line, match[0], "is a formula of LaTeX; write `$…$`, or `$$` on lines of their own")
    for inner in block.inner:
        shown = f"${inner.written}$"
        if isinstance(inner.node, nodes.math) and shown in bare:
            line = block.line_of(inner.node)
            if f"${shown}$" in bare:
                said = "stands in a line; write `$x$`, or put `$$` on lines of their own"
                yield _problem(text, line, f"${shown}$", said)
            elif NO_MATH.fullmatch(inner.written):
                yield _problem(text, line, shown, r"is shown as a formula; write `\$`, or code")


def _containers(text: Text) -> Iterator[Problem]:
    """Report blocks between `:::` that other systems know."""
    for node in text.document.findall(nodes.container):
        if node.get("is_div") and node.line and node["classes"]:
            opening = text.lines[node.line - 1].lstrip(" \t>:")
            name = re.split(r"[\s\[{]", opening, maxsplit=1)[0].lower()
            if "[" in opening or name in CONTAINERS:
                said = f"is a block of another system; write `:::{{{name}}}`"
                yield _problem(text, node.line, f":::{opening}", said)


def _long_rows(text: Text) -> Iterator[Problem]:
    """Report the rows of tables that have more cells than the head: the rest is dropped."""
    for table in text.document.findall(nodes.table):
        start = table.line or 0
        if not DELIMITER.fullmatch("".join(text.lines[start : start + 1])):
            continue
        columns = len([*table.findall(nodes.colspec)])
        rows = len([*table.findall(nodes.row)])
        for number, line in enumerate(text.lines[start + 1 : start + rows], start=start + 2):
            cells = len(CELL_END.split(re.sub(r"^[ \t>]*\|?|(?<!\\)\|\s*$", "", line)))
            if cells > columns:
                message = f"the row has {cells} cells, and its head {columns}; write a `|` inside of a cell as `\\|`"
                yield text.problem(Code.FOREIGN, message, number)


def _control_characters(text: Text) -> Iterator[Problem]:
    """Report characters below the front matter that nobody sees, and that feeds cannot hold."""
    header = text.page.header.text.count("\n") + 1 if text.page else 0
    for number, line in enumerate(text.lines[header:], start=header + 1):
        if match := CONTROL.search(line):
            yield text.problem(Code.TEXT, f"the character U+{ord(match[0]):04X} cannot be shown; remove it", number)


def _problem(text: Text, line: int, shown: str, said: str) -> Problem:
    return text.problem(Code.FOREIGN, f"`{excerpt(' '.join(shown.split()))}` {said}", line)
