"""Read the drawings that stand for notes in lists."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fieldnotes.sources import svg
from fieldnotes.sources.front_matter import slug
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fieldnotes.sources.files import Tree
    from fieldnotes.sources.lab_record import Lab
    from fieldnotes.sources.note import Note

Picture = tuple[str, str]
"""A kit, whose classes a drawing has, and its markup without words."""


def read_pictures(
    tree: Tree, notes: Iterable[Note], labs: Mapping[str, Lab]
) -> Iterator[tuple[str, Picture | Problem | None]]:
    """The picture that the front matter of each note names, by docname, or what is wrong with it.

    None stands for a figure that no lab has.
    """
    for note in notes:
        lab, colon, figure = note.picture.partition(":")
        name = f"mark-{slug(note.docname)}"
        if colon:
            drawn = labs[lab].figures.get(figure) if lab in labs else None
            root = ElementTree.fromstring(drawn.svg) if drawn else None
            yield note.docname, None if root is None else ("lab-figure", svg.without_text(root, name))
        elif note.picture:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(note.docname), note.picture))
            file = tree.root / path
            try:
                message = tree.refusal(file)
                shown = "" if message else svg.without_text(svg.read(file), name)
            except ValueError as error:
                message = str(error)
            line, column = note.header.position("picture")
            problem = Problem(note.header.path, line, Code.PICTURE, f"`picture`: {path} {message}", column)
            yield note.docname, problem if message else ("diagram", shown)
