"""Mark the texts that run the other way than the site does, such as a Hebrew paragraph of an English note."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

from fieldnotes.build.state import catalog_of

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Characters of the scripts that run from right to left."""


CODE = (nodes.literal, nodes.math)
"""Nodes whose text runs from left to right in any language."""


class MarkDirections(SphinxTransform):
    """Give a title or paragraph the class ``rtl`` or ``ltr`` if most of its letters run against the site's language.

    ``dir="auto"`` would go by the first letter: an Arabic paragraph may well begin with Spark.
    """

    default_priority = 720  # after NoteFrame

    def apply(self, **kwargs: Any) -> None:
        site = catalog_of(self.env).language.direction
        if site == "ltr" and not RIGHT_TO_LEFT.search(self.document.astext()):
            return
        for kind in (nodes.title, nodes.paragraph, nodes.term, nodes.caption):
            for node in self.document.findall(kind):
                parts = (part for part in node.findall(nodes.Text) if not isinstance(part.parent, CODE))
                letters = [char for part in parts for char in part if char.isalpha()]
                against = sum(bool(RIGHT_TO_LEFT.match(char)) for char in letters)
                direction = "rtl" if 2 * against > len(letters) else "ltr"
                if letters and direction != site:
                    node["classes"].append(direction)
