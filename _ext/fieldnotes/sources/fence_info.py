"""Read what stands after the language of a fenced block: a title, marked lines, and line numbers.

The spellings are those of MkDocs, Hugo, Docusaurus, mdBook and Pandoc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FENCE = re.compile(r"[ \t>*+\-\d.)]*?(?:`{3,}|~{3,})[ \t]*(?P<language>[^\s{},:`]*)[,:]?(?P<info>[^`]*)")
"""The line that opens a fenced block, in whatever lists and quotes."""

CLASS = re.compile(r"\{\.(?P<language>[\w+#-]+)")
"""Pandoc's language: `{.python .numberLines}`."""

PART = re.compile(
    r"""
      (?P<key>[\w-]+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^\s,{}]+)
    | \{(?P<lines>\s*\d[\d\s,-]*)\}
    | (?P<flag>[^\s,={}]+)
    """,
    re.VERBOSE,
)

RANGE = re.compile(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?")

TITLE = {"title", "caption", "filename", "file"}
MARKED = {"hl_lines", "emphasize-lines", "highlight"}
NUMBERED = {"linenums", "linenos", "lineno-start", "linenostart", "startline", "showlinenumbers", "numberlines"}
NO_MATTER = {"editable", "ignore", "no_run", "should_panic", "compile_fail", "noplayground"}
"""What mdBook's and rustdoc's authors say to tools, and nothing to readers."""

OFF = {"false", "0", "none"}


@dataclass
class FenceInfo:
    """How a block of code is shown. ``marked`` are lines, counted from 1; ``start`` is the number of the first line."""

    language: str
    title: str = ""
    marked: list[int] = field(default_factory=list)
    start: int = 0
    """0 for a block without numbers."""
    unknown: list[str] = field(default_factory=list)
    """Parts that say nothing here."""


def parse(line: str) -> FenceInfo | None:
    """Parse the line that opens a fenced block of code; None for another line, and for a directive."""
    match = FENCE.match(line)
    if match is None:
        return None
    rest = match["info"].strip()
    language = match["language"]
    if not language and (pandoc := CLASS.match(rest)):
        language, rest = pandoc["language"], rest[pandoc.end() :]
    if not language:
        return None
    info = FenceInfo(language)
    for part in PART.finditer(rest):
        key = (part["key"] or part["flag"] or "").lower().lstrip(".")
        value = (part["value"] or "").strip("\"'")
        if part["lines"]:
            info.marked += _lines(part["lines"])
        elif key in TITLE and value:
            info.title = value
        elif key in MARKED and value:
            info.marked += _lines(value)
        elif key in NUMBERED:
            info.start = 0 if value.lower() in OFF else int(value) if value.isdecimal() else info.start or 1
        elif key not in NO_MATTER and not key.startswith("edition20"):
            info.unknown.append(part[0])
    return info


def _lines(text: str) -> list[int]:
    """The numbers of ``1 3-5`` or ``1,3-5``."""
    return [number for first, last in RANGE.findall(text) for number in range(int(first), int(last or first) + 1)]
