"""Show pictures and videos of the journal's own files."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.images import get_image_size

from fieldnotes.build.drawings import Diagram
from fieldnotes.build.state import warn_at
from fieldnotes.exports import drawing
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

VIDEOS = (".mp4", ".webm", ".ogv")
"""Ends of the names of videos that browsers play."""


class Video(Diagram):
    """``{video} talk.mp4``: a video of the journal's own, with controls, that loads when a reader plays it.

    ``:alt:`` says in words what it shows; ``:poster:`` is a picture that stands for it until then; ``:captions:`` is a
    file of WebVTT. The content is its caption.
    """

    option_spec: ClassVar[dict[str, Any]] = dict.fromkeys(("alt", "poster", "captions"), directives.unchanged_required)

    def run(self) -> list[Node]:
        name, alt = self.arguments[0], self.options.get("alt", "")
        if not alt:
            warn_at(self.get_location(), Code.ALT, f"the video {name} has no text; add `:alt:` with what it shows")
        if not name.lower().endswith(VIDEOS):
            message = f"{name} is not a video that browsers play; convert it to .mp4"
            warn_at(self.get_location(), Code.PICTURE, message)
            return []
        shown = {"src": name, "poster": self.options.get("poster"), "aria-label": alt}
        attributes = " ".join(f'{key}="{escape(value)}"' for key, value in shown.items() if value)
        captions = self.options.get("captions")
        track = f'<track kind="captions" src="{escape(captions)}" default>' if captions else ""
        raw = nodes.raw("", f"<video {attributes}>{track}</video>", format="html")  # CleanHtml copies its files
        self.set_source_info(raw)
        figure = nodes.figure("", raw, classes=["video"])
        self.set_source_info(figure)
        return self.captioned(figure, self.parse_content_to_nodes()) if self.content else [figure]


def visit_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Write a picture with its size, so that nothing moves when it comes, and load all but the first one late."""
    if node["uri"] in translator.builder.images:
        sizes = [size for size in ("width", "height", "scale") if size in node]
        path = Path(translator.builder.srcdir, node["uri"])
        # imagesize, which Sphinx asks, takes the size of the first shape for that of an SVG with a view box alone
        text = path.read_text("utf-8", "replace") if path.suffix.lower() == ".svg" else ""
        if not sizes and (size := drawing.size(text) if "viewBox" in text else get_image_size(path)):
            node["width"], node["height"] = map(str, size)
        if node.document and next(node.document.findall(nodes.image), node) is not node:
            node["loading"] = "lazy"
    type(translator).visit_image(translator, node)


def depart_image(translator: HTML5Translator, node: nodes.image) -> None:
    """Leave a picture."""


def setup_pictures(app: Sphinx) -> None:
    """Register the directive, and how pictures are written."""
    app.add_directive("video", Video)
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
