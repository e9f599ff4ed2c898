"""Read the pictures that notes have in lists."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from fieldnotes.sources import svg
from fieldnotes.sources.front_matter_fields import slug
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fieldnotes.sources.files import Tree
    from fieldnotes.sources.lab_record import Lab
    from fieldnotes.sources.note import Note

Picture = tuple[str, str]
"""The kit of a drawing, a set of CSS classes (``diagram`` or ``lab-figure``), and its markup without text."""


def read_pictures(
    tree: Tree, notes: Iterable[Note], labs: Mapping[str, Lab]
) -> Iterator[tuple[str, Picture | Problem | None]]:
    """Yield the docname of each note whose front matter names a picture, and the picture or a problem.

    None stands for a figure that no lab has.
    """
    for note in notes:
        lab, colon, key = note.picture.partition(":")
        name = f"mark-{slug(note.docname)}"
        if colon:
            figure = labs[lab].figures.get(key) if lab in labs else None
            markup = svg.without_text(ElementTree.fromstring(figure.svg), name) if figure else ""
            yield note.docname, ("lab-figure", markup) if figure else None
        elif note.picture:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(note.docname), note.picture))
            file = tree.root / path
            try:
                message = tree.refusal(file)
                markup = "" if message else svg.without_text(svg.read(file), name)
            except ValueError as error:
                message = str(error)
            line, column = note.header.position("picture")
            problem = Problem(note.header.path, line, Code.PICTURE, f"`picture`: {path} {message}", column)
            yield note.docname, problem if message else ("diagram", markup)
