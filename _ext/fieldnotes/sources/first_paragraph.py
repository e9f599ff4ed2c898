"""Extract the first paragraph of a note that has no summary."""

from __future__ import annotations

import re
import textwrap
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from fieldnotes.sources.field_validators import MAX_TEXT, UNPRINTABLE

TEXT_TOKENS = {"text", "code_inline", "myst_role", "softbreak", "hardbreak"}

MAX_LENGTH = 200
"""Maximum characters of a summary, unless its first sentence is longer."""


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").use(myst_block_plugin).use(myst_role_plugin).use(colon_fence_plugin)


def summary_of(body: str) -> str:
    """Return the first paragraph of a note as plain text, cut at the end of a sentence; "" if there is none."""
    for before, token in pairwise(_parser().parse(body)):
        if before.type == "paragraph_open" and before.level == 0:
            children = [child for child in token.children or () if child.type in TEXT_TOKENS]
            texts = [re.sub(r"\s*<[^<>]*>$", "", child.content) or " " for child in children]
            if text := UNPRINTABLE.sub("", " ".join("".join(texts).split())):
                return _cut(text)
    return ""


def _cut(text: str) -> str:
    text, *sentences = re.split(r"(?<=[.!?])\s+(?=[^a-z])", text)
    for sentence in sentences:
        if len(text) + len(sentence) >= MAX_LENGTH:
            break
        text += f" {sentence}"
    return textwrap.shorten(text, MAX_TEXT, placeholder=" …")
