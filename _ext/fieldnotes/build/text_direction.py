"""Set the direction of text that runs against the site's, such as a Hebrew paragraph in an English note."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from fieldnotes.build.state import catalog_of

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Characters of right-to-left scripts."""

LEFT_TO_RIGHT = (nodes.literal, nodes.math)
"""Nodes whose text runs from left to right in any language."""


class MarkDirections(SphinxTransform):
    """Give a title or paragraph the class ``rtl`` or ``ltr`` if most of its letters run against the site's language.

    ``dir="auto"`` would use only the first letter, and an Arabic paragraph may begin with *Spark*.
    """

    default_priority = 720  # after NoteFrame

    def apply(self, **kwargs: Any) -> None:
        site = catalog_of(self.env).language.direction
        if site == "ltr" and not RIGHT_TO_LEFT.search(self.document.astext()):
            return
        for kind in (nodes.title, nodes.paragraph, nodes.term, nodes.caption):
            for node in self.document.findall(kind):
                parts = (part for part in node.findall(nodes.Text) if not isinstance(part.parent, LEFT_TO_RIGHT))
                letters = [char for part in parts for char in part if char.isalpha()]
                right_to_left = sum(bool(RIGHT_TO_LEFT.match(char)) for char in letters)
                direction = "rtl" if 2 * right_to_left > len(letters) else "ltr"
                if letters and direction != site:
                    node["classes"].append(direction)
