"""Show drawings, inline in a page of the site and as pictures in books, and pictures with their sizes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.images import get_image_size

from fieldnotes.build.state import catalog_of, is_site
from fieldnotes.exports import plain_svg, raster

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.writers.html5 import HTML5Translator

ZOOM = 3
"""Pixels of a PNG for each pixel of its drawing: about 220 on an inch of paper."""


class Drawing(nodes.General, nodes.Inline, nodes.Element):
    """A drawing: its ``svg``, its text equivalent ``alt``, and the ``name`` of its file in a book."""


class PlaceDrawings(SphinxPostTransform):
    """Put each drawing into the page or the book; a part of an index that only the site shows is left out of books."""

    default_priority = 6

    def run(self, **kwargs: Any) -> None:
        is_on_site = is_site(self.app.builder)
        for part in list(self.document.findall(SiteOnly)):
            part.replace_self(part.children if is_on_site else [])
        for place in list(self.document.findall(Drawing)):
            if not is_on_site:
                place.replace_self(self.picture(place))
            elif place.get("in_books_only"):
                place.parent.remove(place)
            else:
                place.replace_self(nodes.raw("", place["svg"], format="html"))

    def picture(self, place: Drawing) -> nodes.image:
        """Write the drawing to a file of a kind that the builder takes, and return its image."""
        folder = Path(self.env.doctreedir, "drawings")
        folder.mkdir(exist_ok=True)
        options: dict[str, str] = {}
        static = Path(self.app.confdir, "_static")
        kits = place.parent["classes"]
        colors = plain_svg.read_colors(static, catalog_of(self.env).journal.accent)
        svg = plain_svg.file(place["svg"], kits, plain_svg.read_rules(static, colors))
        path = folder / f"{place['name']}.svg"
        path.write_text(svg, encoding="utf-8")
        if "image/svg+xml" not in self.app.builder.supported_image_types:
            path = path.with_suffix(".png")
            path.write_bytes(raster.png(svg, raster.fonts(static, folder), zoom=ZOOM))
            options["width"] = f"{plain_svg.size(svg)[0]}px"
        self.env.images.add_file(self.env.docname, str(path))
        return nodes.image("", uri=str(path), candidates={"*": str(path)}, alt=place["alt"], **options)


class SiteOnly(nodes.General, nodes.Element):
    """What only a page of the site can show."""


def table(name: str, title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> nodes.table:
    """A table of texts with the id ``name``."""
    head = list(head)
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _cell in head), cols=len(head))
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", nodes.title("", title), group, ids=[name])


def _row(cells: Iterable[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write a picture with its size, so that nothing moves when it comes, and load all but the first one late."""
    if node["uri"] in translator.builder.images:
        sizes = [size for size in ("width", "height", "scale") if size in node]
        path = Path(translator.builder.srcdir, node["uri"])
        # imagesize, which Sphinx asks, takes the size of the first shape for that of an SVG with a view box alone
        text = path.read_text("utf-8", "replace") if path.suffix.lower() == ".svg" else ""
        if not sizes and (size := plain_svg.size(text) if "viewBox" in text else get_image_size(path)):
            node["width"], node["height"] = map(str, size)
        if node.document and next(node.document.findall(nodes.image), node) is not node:
            node["loading"] = "lazy"
    type(translator).visit_image(translator, node)


def depart_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Leave a picture."""
