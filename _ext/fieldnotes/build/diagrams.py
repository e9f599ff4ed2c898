"""The directives, and the fences of these names, that draw what a text describes: Mermaid and Graphviz."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from fieldnotes.build.drawings import Diagram
from fieldnotes.sources import graphviz, mermaid, themed_svg

if TYPE_CHECKING:
    from re import Pattern

    from docutils.nodes import Node
    from sphinx.application import Sphinx


SMALL = 480
"""Pixels of width with which a drawing can still be read when it is as wide as a phone."""


class Drawn(Diagram):
    """A drawing that a build makes of its content, or of the file that is its argument; ``:caption:`` is its caption.

    Its text equivalent is ``:alt:``, or what the source says of itself.
    """

    kind = way = ""
    alt: ClassVar[Pattern[str]]
    required_arguments = 0
    optional_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {**Diagram.option_spec, "caption": directives.unchanged_required}

    def run(self) -> list[Node]:
        source, name = "\n".join(self.content), self.arguments[0] if self.arguments else ""
        if name:
            if not self.may_read(name):
                return []
            relative, path = self.env.relfn2path(name)
            self.env.note_dependency(relative)
            try:
                source = Path(path).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError):
                self.problem(f"{relative} cannot be read; correct the path")
                return []
        try:
            picture, description = themed_svg.themed(self.draw(source), source)
        except ValueError as error:
            self.problem(f"{self.kind} is not drawn: {error}; correct it, or export it as SVG and use {{diagram}}")
            return [nodes.literal_block(source, source, language="text")]
        said = self.alt.search(source)
        alt = self.options.setdefault("alt", description or (said[1].strip() if said else ""))
        if not alt:
            self.problem(f"the diagram has no text equivalent; {self.way}")
        picture.attrib.update({"role": "img", "aria-label": alt})
        classes = ["drawn", "small"] if int(picture.attrib["width"]) <= SMALL else ["drawn"]
        figure = nodes.figure("", self.drawing(themed_svg.name_of(source), picture), classes=classes)
        self.add_name(figure)
        self.set_source_info(figure)
        if caption := self.options.get("caption"):
            texts, messages = self.parse_inline(caption, lineno=self.lineno)
            figure += nodes.caption(caption, "", *texts)
            return [figure, *messages]
        return [figure]

    def draw(self, source: str) -> str:
        """Draw a source as SVG. Raises ValueError."""
        raise NotImplementedError


class Mermaid(Drawn):
    """``{mermaid}``."""

    kind = "Mermaid"
    alt = mermaid.ALT
    way = "add `:alt:`, or a line `accDescr: what it shows`"

    def draw(self, source: str) -> str:
        return mermaid.draw(source)


class Graphviz(Drawn):
    """``{graphviz}``, of which ``:layout:`` names the engine."""

    kind = "Graphviz"
    alt = graphviz.ALT
    way = "add `:alt:`, or a line `// alt: what it shows`"
    option_spec: ClassVar[dict[str, Any]] = {
        **Drawn.option_spec,
        "layout": lambda value: directives.choice(value, graphviz.ENGINES),
    }

    def draw(self, source: str) -> str:
        return graphviz.draw(source, self.options.get("layout", "dot"))


def setup_diagrams(app: Sphinx) -> None:
    """Register the directives."""
    app.add_directive("mermaid", Mermaid)
    app.add_directive("graphviz", Graphviz)
    app.add_directive("dot", Graphviz)
