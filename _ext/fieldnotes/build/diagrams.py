"""Directives and fences that draw diagrams from Mermaid and Graphviz sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives

from fieldnotes.build.drawings import Diagram
from fieldnotes.sources import diagram_programs, themed_svg

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.application import Sphinx


MAX_SMALL_WIDTH = 480
"""The width in pixels up to which a drawing stays legible when it is scaled to the width of a phone."""

ALT_LINES = {"Mermaid": "accDescr: what it shows", "Graphviz": "// alt: what it shows"}
"""The line of a diagram's source that is its alternative text."""


class SourceDiagram(Diagram):
    """``{mermaid}``, ``{graphviz}`` or ``{dot}``: a drawing of the content, or of the file given as the argument.

    Its alternative text is ``:alt:``, or else the description in the source. ``:layout:`` selects a Graphviz engine.
    """

    required_arguments = 0
    optional_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        **Diagram.option_spec,
        "caption": directives.unchanged_required,
        "layout": lambda value: directives.choice(value, diagram_programs.ENGINES),
    }

    def run(self) -> list[Node]:
        source = self.read_text(self.arguments[0]) if self.arguments else "\n".join(self.content)
        if source is None:
            return []
        kind = "Mermaid" if self.name == "mermaid" else "Graphviz"
        try:
            engine = self.options.get("layout", "dot")
            drawn = diagram_programs.mermaid(source) if kind == "Mermaid" else diagram_programs.graphviz(source, engine)
            picture, description = themed_svg.restyle(drawn, source)
        except ValueError as error:
            self.report(f"{kind} cannot draw this: {error}; correct it, or export it as SVG and use {{diagram}}")
            return [nodes.literal_block(source, source, language="text")]
        in_source = diagram_programs.ALT.search(source)
        alt = self.options.setdefault("alt", description or (in_source[1].strip() if in_source else ""))
        if not alt:
            self.report(f"the diagram has no alternative text; add `:alt:`, or a line `{ALT_LINES[kind]}`")
        picture.attrib.update({"role": "img", "aria-label": alt})
        classes = ["drawn", "small"] if int(picture.attrib["width"]) <= MAX_SMALL_WIDTH else ["drawn"]
        figure = nodes.figure("", self.drawing(themed_svg.drawing_name(source), picture), classes=classes)
        self.add_name(figure)
        self.set_source_info(figure)
        if caption := self.options.get("caption"):
            texts, messages = self.parse_inline(caption, lineno=self.lineno)
            figure += nodes.caption(caption, "", *texts)
            return [figure, *messages]
        return [figure]


def setup_diagrams(app: Sphinx) -> None:
    """Register the directives."""
    for name in ("mermaid", "graphviz", "dot"):
        app.add_directive(name, SourceDiagram)
