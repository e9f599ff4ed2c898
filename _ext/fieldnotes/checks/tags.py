"""Report tags that are nearly the same, and those of one note alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter import slug
from fieldnotes.sources.problem import Code, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog, Tag
    from fieldnotes.sources.problem import Problem

PLURAL = re.compile(r"(?<=[^aeious])ies$|(?<=[sxz])es$|(?<=[cs]h)es$|(?<=[^siu])s$")


def tags(catalog: Catalog) -> Iterator[Problem]:
    """Report tags that differ from another one by little, at their first use, and tags that one note alone has.

    Nothing is lone while notes are hidden: one of them may have the tag as well.
    """
    usual: dict[str, Tag] = {}
    by_use = sorted(catalog.tags, key=lambda tag: (-len(tag.notes), tag.slug))
    shared = [tag.name for tag in by_use if len(tag.notes) > 1]
    for tag in by_use:
        first = usual.setdefault(_folded(tag.slug), tag)
        if first is not tag:
            message = f"`{tag.name}` is nearly `{first.name}` of {first.notes[-1].docname}.md; write both alike"
            yield _problem(tag, Code.NEAR_TAG, message)
        elif len(tag.notes) == 1 and not catalog.hidden:
            near = suggestion(tag.name, shared)
            hint = f"did you mean `{near}`?" if near else "keep it if others will come"
            yield _problem(tag, Code.LONE_TAG, f"no other note has the tag `{tag.name}`; {hint}")


def _problem(tag: Tag, code: Code, message: str) -> Problem:
    note = tag.notes[-1]
    index = next(index for index, name in enumerate(note.tags) if slug(name) == tag.slug)
    return note.header.problem(code, message, "tags", index)


def _folded(name: str) -> str:
    """The slug of a tag without plural endings, and without spaces."""
    return "".join(PLURAL.sub(lambda ending: "y" if ending[0] == "ies" else "", word) for word in name.split("-"))
