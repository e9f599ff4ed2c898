r"""Report markup of other systems, which MyST shows literally or drops.

Patterns are matched against the rendered text, which has no code, formulas or raw HTML. A match is reported only if the
source has it unescaped: ``\[[a]]`` is literal text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.checks.prose import DELIMITER_ROW
from fieldnotes.sources.problem import Code, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.prose import Block, Text
    from fieldnotes.sources.problem import Problem


SYNTAX = {
    r"!\[\[[^\[\]\n]+\]\]": "is a wiki embed; write `![what it shows](file.png)`",
    r"\A\s*(?:\[(?i:toc)\]|\[\[(?:TOC|toc|_TOC_)\]\])\s*\Z":
        "requests a table of contents; remove it, since pages list their headings",
    r"(?<![\[!])\[\[(?!_?TOC|toc\]\])(?![\s\d,.+-]*\]\])[^\s\[\]][^\[\]\n]*\]\](?!\])":
        "is a wiki link; write `[text](note.md)`",
    r"^(?:!!!|\?\?\?\+?)[ \t]+[a-z][\w-]*(?:[ \t].*)?$":
        "is an MkDocs admonition; write `:::{note}`, the text, and `:::`",
    r"\A\[![A-Za-z-]+\].*":
        "is an Obsidian callout; write `:::{admonition} Title`, `:class: tip`, the text, and `:::`",
    r"\{\{[<%][^}]*[%>]\}\}": "is a Hugo shortcode; replace it with what it shows",
    r"(?<!\{)\{%-?\s*\w[^%\n]*%\}": "is a template tag; replace it with what it shows",
    r"\{\{-?\s*[A-Za-z_.$][^{}\n]*\}\}": "is a template variable; replace it with its value",
    r"\{:[^{}\n]*\}": "is a kramdown attribute; write `{.class}` on the line above the block",
    r"\{[#.][^{}\n]*\}\s*\Z": "is an attribute; write `(name)=` on the line above",
    r"(?<![=\w<>!])==(?=[^\s=])[^=\n]+(?<=[^\s=])==(?![=\w])": "is highlighted text; write `**…**`",
    r"(?<=[\w.,;:!?)\"”])\^\[[^\[\]\n]*\s[^\[\]\n]*\]": "is an inline footnote; write `[^1]`, and `[^1]: …` below",
    r"^#{1,6}[^\S\n ]+\S.*|^#{2,6}[^\s#!].*": "is not a heading; put a plain space after the `#`",
    r"^(?:[-*+•]|\d{1,3}[.)])[\u00a0\u202f\u3000].*": "is not a list item; put a plain space after the marker",
    r"(?<=[A-Za-z)])~[\w+-]{1,5}~(?!~)": "is a subscript; write {sub}`…`",
    r"(?<=[\w)])\^[\w+-]{1,5}\^(?!\^)": "is a superscript; write {sup}`…`",
    r"^\|?[ \t]*:?-{3,}:?[ \t]*(?:\|[ \t]*:?-{3,}:?[ \t]*)+\|?[ \t]*$":
        "does not form a table; give it as many cells as the header row, and put a blank line above both",
    r"!?\[[^\[\]]*\]\([^()\n]+\)": "is not a link; enclose an address with spaces in `<…>`",
    r"\$\$|(?<![\w$\\])\$ [^$\n]*[\\^_][^$\n]* \$(?!\w)":
        "is not a formula; write `$x$` without spaces, or put each `$$` on its own line",
}  # fmt: skip
"""Patterns of foreign markup in the rendered text, each with its message: what it is; what to write."""

PATTERNS = {re.compile(pattern, re.MULTILINE): message for pattern, message in SYNTAX.items()}

TRIGGERS = re.compile(r"[\[{$~^#|\u00a0\u202f\u3000]|==|!!!|\?\?\?")
"""Every match contains one of these. Most texts contain none and are skipped."""

STRAIGHT_QUOTES = str.maketrans("“”‘’", "\"\"''")
"""Undoes MyST's typographic quotes, to match what the author typed."""

CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)

TEX_FORMULA = re.compile(
    r"(?<!\\)\\\((?P<inline>(?:(?!\\\().)+?)\\\)|^[ \t>]*\\\[(?P<block>.+?)\\\][ \t.,;]*$", re.DOTALL | re.MULTILINE
)
"""A formula between `\\(` and `\\)`, or `\\[` and `\\]`."""

OPERATOR = re.compile(r"[\\^_=<>+]")

INLINE_MATH = re.compile(rf"{OPERATOR.pattern}|\A\s*\w(?:\(\w+\))?\s*\Z")

SHELL_OR_PRICE = re.compile(r".*[/:@=,.-]|[A-Z_]{3,}|\{[A-Z_]+\}.*|\d[^\\^_{}=+<>]*\s[^\\^_{}=+<>]*", re.DOTALL)
"""Text between dollar signs that are not math: shell variables (`$HOME/$USER`) or prices (`$5 and 10$`)."""

FENCE_WITH_BACKTICK = re.compile(r"^(`{3,})(?!.*(?<!`)\1(?!`))[^`\n]+`.*", re.MULTILINE)

CONTAINER_NAMES = {
    *("attention", "caution", "danger", "details", "error", "hint", "important", "info", "note", "success", "tip"),
    *("warning", "question", "example", "quote", "abstract", "bug", "secondary"),
}
"""Names after `:::` that select a kind of block in other systems; in MyST they are CSS classes."""

CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202d\u202e\ufffe\uffff]")

CELL_END = re.compile(r"(?<!\\)\|")


def foreign_markup(text: Text) -> Iterator[Problem]:
    """Report the foreign markup in a document."""
    yield from _control_characters(text)
    yield from _containers(text)
    yield from _long_rows(text)
    for block in text.blocks.values():
        code = CODE_SPAN.sub(lambda span: re.sub(r"[^\n]", " ", span[0]), block.raw) if "`" in block.raw else block.raw
        if TRIGGERS.search(block.plain):
            yield from _foreign_syntax(text, block, code)
        if "```" in block.raw and (match := FENCE_WITH_BACKTICK.search(block.raw)):
            line = block.line + block.raw.count("\n", 0, match.start())
            message = "does not open a block, because it contains a backtick; use `~~~` or `:::`"
            yield _problem(text, line, match[0], message)
        if "$" in code or "\\" in code:
            yield from _formulas(text, block, code)


def _foreign_syntax(text: Text, block: Block, source: str) -> Iterator[Problem]:
    """Report the patterns that match in a block, one for each place; ``source`` is its source without code spans."""
    reported: set[int] = set()
    plain = block.plain.translate(STRAIGHT_QUOTES)
    for pattern, message in PATTERNS.items():
        for match in pattern.finditer(plain):
            places = {*range(*match.span())}
            if not places & reported and _is_unescaped(match[0], source):
                reported |= places
                word = re.search(r"\w", match[0])
                offset = block.raw.count("\n", 0, max(block.raw.find(match[0]), 0))
                line = block.line_of(match.start() + word.start()) if word else block.line + offset
                yield _problem(text, line, match[0], message)


def _is_unescaped(shown: str, source: str) -> bool:
    """Whether the source has this markup unescaped, perhaps with other markup inside."""
    return bool(re.search(r"(?<!\\)" + r"[*_`\"']*".join(map(re.escape, shown[:3])), source))


def _formulas(text: Text, block: Block, source: str) -> Iterator[Problem]:
    r"""Report formulas in LaTeX delimiters (``\(x\)``), and text that only happens to parse as a formula."""
    for match in TEX_FORMULA.finditer(source):
        if INLINE_MATH.search(match["inline"] or "") or OPERATOR.search(match["block"] or ""):
            line = block.line + source.count("\n", 0, match.start())
            yield _problem(text, line, match[0], "is a LaTeX formula; write `$…$`, or put each `$$` on its own line")
    for inner in block.inner:
        shown = f"${inner.written}$"
        if isinstance(inner.node, nodes.math) and shown in source:
            line = block.line_of(inner.node)
            if f"${shown}$" in source:
                yield _problem(text, line, f"${shown}$", "is inline; write `$x$`, or put each `$$` on its own line")
            elif SHELL_OR_PRICE.fullmatch(inner.written):
                yield _problem(text, line, shown, r"is shown as a formula; write `\$`, or format it as code")


def _containers(text: Text) -> Iterator[Problem]:
    """Report `:::` blocks in the syntax of other systems."""
    for node in text.document.findall(nodes.container):
        if node.get("is_div") and node.line and node["classes"]:
            opening = text.lines[node.line - 1].lstrip(" \t>:")
            name = re.split(r"[\s\[{]", opening, maxsplit=1)[0].lower()
            if "[" in opening or name in CONTAINER_NAMES:
                message = f"is a block of another system; write `:::{{{name}}}`"
                yield _problem(text, node.line, f":::{opening}", message)


def _long_rows(text: Text) -> Iterator[Problem]:
    """Report table rows with more cells than the header row: MyST drops the extra cells."""
    for table in text.document.findall(nodes.table):
        start = table.line or 0
        if not DELIMITER_ROW.fullmatch("".join(text.lines[start : start + 1])):
            continue
        columns = len([*table.findall(nodes.colspec)])
        rows = len([*table.findall(nodes.row)])
        for number, line in enumerate(text.lines[start + 1 : start + rows], start=start + 2):
            cells = len(CELL_END.split(re.sub(r"^[ \t>]*\|?|(?<!\\)\|\s*$", "", line)))
            if cells > columns:
                message = f"the row has {cells} cells, but the header has {columns}; write a `|` inside a cell as `\\|`"
                yield text.problem(Code.FOREIGN, message, number)


def _control_characters(text: Text) -> Iterator[Problem]:
    """Report invisible control characters below the front matter; feeds cannot contain them."""
    header = text.page.header.text.count("\n") + 1 if text.page else 0
    for number, line in enumerate(text.lines[header:], start=header + 1):
        if match := CONTROL_CHARACTER.search(line):
            yield text.problem(Code.TEXT, f"the character U+{ord(match[0]):04X} cannot be shown; remove it", number)


def _problem(text: Text, line: int, shown: str, message: str) -> Problem:
    return text.problem(Code.FOREIGN, f"`{excerpt(' '.join(shown.split()))}` {message}", line)
