"""Place drawings, inline on the site and as image files in books, and write the size of each picture."""

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
"""Pixels of a PNG for each pixel of its drawing: about 220 per inch on paper."""


class Drawing(nodes.General, nodes.Inline, nodes.Element):
    """A drawing: its ``svg``, its alternative text ``alt``, and ``name``, the path of its file in a book."""


class PlaceDrawings(SphinxPostTransform):
    """Place each drawing in the page or book; drop content for the site from books."""

    default_priority = 6

    def run(self, **kwargs: Any) -> None:
        is_on_site = is_site(self.app.builder)
        for part in list(self.document.findall(SiteOnly)):
            part.replace_self(part.children if is_on_site else [])
        for drawing in list(self.document.findall(Drawing)):
            if not is_on_site:
                drawing.replace_self(self.picture(drawing))
            elif drawing.get("in_books_only"):
                drawing.parent.remove(drawing)
            else:
                drawing.replace_self(nodes.raw("", drawing["svg"], format="html"))

    def picture(self, drawing: Drawing) -> nodes.image:
        """Write the drawing to a file in a format that the builder supports; return an image node."""
        folder = Path(self.env.doctreedir, "drawings")
        options: dict[str, str] = {}
        static = Path(self.app.confdir, "_static")
        colors = plain_svg.read_colors(static, catalog_of(self.env).journal.accent)
        svg = plain_svg.standalone(drawing["svg"], drawing.parent["classes"], plain_svg.read_rules(static, colors))
        path = folder / f"{drawing['name']}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
        types = self.app.builder.supported_image_types
        if types and "image/svg+xml" not in types:
            path = path.with_suffix(".png")
            path.write_bytes(raster.png(svg, raster.fonts(static, folder), zoom=ZOOM))
            options["width"] = f"{plain_svg.size(svg)[0]}px"
        self.env.images.add_file(self.env.docname, str(path))
        return nodes.image("", uri=str(path), candidates={"*": str(path)}, alt=drawing["alt"], **options)


class SiteOnly(nodes.General, nodes.Element):
    """Content for the site only, dropped from books."""


def table(name: str, title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> nodes.table:
    """Return a table of plain texts with the id ``name``."""
    head = list(head)
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _cell in head), cols=len(head))
    group += nodes.thead("", _row(head))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", nodes.title("", title), group, ids=[name])


def _row(cells: Iterable[str]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", cell)) for cell in cells))


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write a picture with its size, so that the layout does not shift, and lazy-load all but the first."""
    if node["uri"] in translator.builder.images:
        sizes = [size for size in ("width", "height", "scale") if size in node]
        path = Path(translator.builder.srcdir, node["uri"])
        # imagesize, which Sphinx uses, takes the size of the first shape if an SVG has only a view box
        text = path.read_text("utf-8", "replace") if path.suffix.lower() == ".svg" else ""
        if not sizes and (size := plain_svg.size(text) if "viewBox" in text else get_image_size(path)):
            node["width"], node["height"] = map(str, size)
        if node.document and next(node.document.findall(nodes.image), node) is not node:
            node["loading"] = "lazy"
    type(translator).visit_image(translator, node)
