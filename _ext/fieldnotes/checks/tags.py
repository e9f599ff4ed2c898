"""Report near-duplicate tags, and tags that only one note has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fieldnotes.sources.front_matter_fields import slug
from fieldnotes.sources.problem import Code, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog, NoteGroup
    from fieldnotes.sources.problem import Problem

PLURAL = re.compile(r"(?<=[^aeious])ies$|(?<=[sxz])es$|(?<=[cs]h)es$|(?<=[^siu])s$")


def similar_and_lone(catalog: Catalog) -> Iterator[Problem]:
    """Report near-duplicate tags, at their first use, and tags that only one note has.

    Lone tags are not reported while notes are hidden, since a hidden note may have the same tag.
    """
    most_used: dict[str, NoteGroup] = {}
    by_use = sorted(catalog.tags, key=lambda tag: (-len(tag.notes), tag.slug))
    shared = [tag.name for tag in by_use if len(tag.notes) > 1]
    for tag in by_use:
        first = most_used.setdefault(_folded(tag.slug), tag)
        if first is not tag:
            message = f"`{tag.name}` is almost `{first.name}` in {first.notes[-1].docname}.md; use one spelling"
            yield _problem(tag, Code.NEAR_TAG, message)
        elif len(tag.notes) == 1 and not catalog.hidden:
            near = suggestion(tag.name, shared)
            hint = f"did you mean `{near}`?" if near else "keep it if more notes will use it"
            yield _problem(tag, Code.LONE_TAG, f"no other note has the tag `{tag.name}`; {hint}")


def _problem(tag: NoteGroup, code: Code, message: str) -> Problem:
    note = tag.notes[-1]
    index = next(index for index, name in enumerate(note.tags) if slug(name) == tag.slug)
    return note.header.problem(code, message, "tags", index)


def _folded(name: str) -> str:
    """Remove plural endings and hyphens from the slug of a tag."""
    return "".join(PLURAL.sub(lambda ending: "y" if ending[0] == "ies" else "", word) for word in name.split("-"))
