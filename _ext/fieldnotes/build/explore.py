"""Let readers explore the states that a lab has measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from fieldnotes.build.state import catalog_of, domain_of, is_site, warn_at
from fieldnotes.pages import labs
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.application import Sphinx


class Exploration(nodes.General, nodes.Element):
    """The controls of a lab, rendered by ``PlaceExplorations``."""


class Explore(SphinxDirective):
    """``{explore} lab``: controls for the axes of a lab's grid, and the committed results for each setting.

    The content says what to change and what to look for. Hidden without JavaScript and in books.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        controls = Exploration("", *self.parse_content_to_nodes(), reftarget=self.arguments[0])
        domain_of(self.env).note_reference(self.env.docname, "explore", self.arguments[0])
        self.set_source_info(controls)
        return [controls]


class PlaceExplorations(SphinxPostTransform):
    """Render the controls of labs on the site; remove them from books."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        for controls in list(self.document.findall(Exploration)):
            name = controls["reftarget"]
            view = labs.exploration(catalog_of(self.env), name)
            if view is None and name not in catalog_of(self.env).invalid_labs:
                warn_at(controls, Code.RESULT, f"`{name}` is not a lab with a grid; give the name of a folder in labs/")
            if view is None or not is_site(self.app.builder):
                controls.parent.remove(controls)
                continue
            view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
            head, form, rest = self.app.builder.templates.render("explore.html", view).partition(">")
            parts = nodes.raw("", head + form, format="html"), *controls.children, nodes.raw("", rest, format="html")
            controls.replace_self(parts)


def setup_explorations(app: Sphinx) -> None:
    """Register the directive, and the script, which only pages with controls load."""
    app.add_directive("explore", Explore)
    app.add_post_transform(PlaceExplorations)
    app.add_js_file("explore.js", loading_method="defer", priority=900)
