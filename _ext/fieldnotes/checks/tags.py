"""Check for tags that are nearly the same, and for lone ones."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fieldnotes.sources.frontmatter import slug
from fieldnotes.sources.problem import Code, Problem, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog import model
    from fieldnotes.catalog.loading import Loaded

PLURAL = re.compile(r"(?<=[^aeious])ies$|(?<=[sxz])es$|(?<=[cs]h)es$|(?<=[^siu])s$")


def tags(loaded: Loaded) -> Iterator[Problem]:
    """Tell of tags that are nearly another one, at their first use, and of those that one note alone has."""
    found = loaded.catalog
    usual: dict[str, model.Tag] = {}
    by_use = sorted(found.tags, key=lambda tag: (-len(tag.notes), tag.slug))
    for tag in by_use:
        first = usual.setdefault(_folded(tag.slug), tag)
        note = tag.notes[-1]
        index = next(index for index, name in enumerate(note.tags) if slug(name) == tag.slug)
        line, column = note.header.position("tags", index)
        if first is not tag:
            message = f"`{tag.name}` is nearly `{first.name}` of {first.notes[-1].docname}.md; write both alike"
            yield Problem(f"{note.docname}.md", line, Code.NEAR_TAG, message, column)
        elif len(tag.notes) == 1:
            near = suggestion(tag.name, (other.name for other in by_use if len(other.notes) > 1))
            hint = f"did you mean `{near}`?" if near else "keep it if others will come"
            message = f"no other note has the tag `{tag.name}`; {hint}"
            yield Problem(f"{note.docname}.md", line, Code.LONE_TAG, message, column)


def _folded(name: str) -> str:
    """The slug of a tag without what makes a plural, and without spaces."""
    return "".join(PLURAL.sub(lambda ending: "y" if ending[0] == "ies" else "", word) for word in name.split("-"))
