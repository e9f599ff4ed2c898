"""Parse the info string of a code fence: its language, title, highlighted lines, and line numbers.

Supports the spellings of MkDocs, Hugo, Docusaurus, mdBook and Pandoc.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain

LANGUAGE = re.compile(r"\s*(?:\{\.(?P<class>[\w+#-]+)(?!\S*\}\s*$)|(?P<name>[^\s{},:`]+)[,:]?)")
"""A plain name, or Pandoc's `{.python .numberLines}`."""

PART = re.compile(
    r"""
      (?P<key>[\w-]+)\s*=\s*(?P<value>"[^"]*"|'[^']*'|\[[^\]]*\]|\{[^}]*\}|[^\s,{}]+)
    | \{(?P<lines>\s*\d[\d\s,-]*)\}
    | (?P<flag>[^\s,={}]+)
    """,
    re.VERBOSE,
)

RANGE = re.compile(r"(\d{1,5})(?:\s*-\s*(\d{1,5}))?")

MAX_HIGHLIGHTED = 10_000
"""Maximum number of highlighted lines, more than any block has: a few ranges could name millions."""

TITLE_KEYS = {"title", "caption", "filename", "file"}
HIGHLIGHT_KEYS = {"hl_lines", "emphasize-lines", "highlight"}
NUMBER_KEYS = {"linenums", "linenos", "lineno-start", "linenostart", "startline", "showlinenumbers", "numberlines"}
IGNORED_FLAGS = re.compile("editable|ignore|no_run|should_panic|compile_fail|noplayground|edition20.*")
"""Flags of mdBook and rustdoc that affect only tools, not the rendering."""


@dataclass
class FenceInfo:
    """How a code block is displayed. ``highlighted`` lists lines, from 1; ``start`` is the number of the first line."""

    language: str
    title: str = ""
    highlighted: list[int] = field(default_factory=list)
    start: int = 0
    """0 for a block without numbers."""
    unknown: list[str] = field(default_factory=list)
    """Parts that are not recognized, or that name no lines or too many."""


def parse(text: str) -> FenceInfo | None:
    """Parse the info string of a code fence; None for a directive or an empty info string."""
    match = LANGUAGE.match(text)
    if match is None:
        return None
    info = FenceInfo(match["class"] or match["name"])
    for part in PART.finditer(text, match.end()):
        key = (part["key"] or part["flag"] or "").lower().lstrip(".")
        value = (part["value"] or "").strip("\"'")
        if part["lines"] or (key in HIGHLIGHT_KEYS and value):
            bounds = RANGE.findall(part["lines"] or value)
            ranges = [range(int(first), int(last or first) + 1) for first, last in bounds]
            is_valid = ranges and all(lines and lines.start for lines in ranges)
            if is_valid and len(info.highlighted) + sum(map(len, ranges)) <= MAX_HIGHLIGHTED:
                info.highlighted += chain(*ranges)
            else:
                info.unknown.append(part[0])
        elif key in TITLE_KEYS and value:
            info.title = value
        elif key in NUMBER_KEYS and len(value) < 10:
            is_off = value.lower() in {"false", "0", "none"}
            info.start = 0 if is_off else int(value) if value.isdecimal() else info.start or 1
        elif not IGNORED_FLAGS.fullmatch(key):
            info.unknown.append(part[0])
    return info
