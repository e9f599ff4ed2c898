"""Let readers choose among the states that a lab has measured."""

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
    """Where the controls of a lab are to stand."""


class Explore(SphinxDirective):
    """``{explore} lab``: controls for the axes of a lab's grid, and the answers, which are committed results.

    The content says what to turn and what to look for. A reader without scripts sees nothing of it, nor does one of a
    book.
    """

    required_arguments = 1
    has_content = True

    def run(self) -> list[Node]:
        place = Exploration("", *self.parse_content_to_nodes(), reftarget=self.arguments[0])
        domain_of(self.env).note_reference(self.env.docname, "explore", self.arguments[0])
        self.set_source_info(place)
        return [place]


class PlaceExplorations(SphinxPostTransform):
    """Replace each place by its controls."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        for place in list(self.document.findall(Exploration)):
            name = place["reftarget"]
            view = labs.exploration(catalog_of(self.env), name)
            if view is None and name not in catalog_of(self.env).unfit_labs:
                warn_at(place, Code.RESULT, f"`{name}` is no lab with a grid; name one by its folder in labs/")
            if view is None or not is_site(self.app.builder):
                place.parent.remove(place)
                continue
            view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
            head, form, rest = self.app.builder.templates.render("explore.html", view).partition(">")
            parts = nodes.raw("", head + form, format="html"), *place.children, nodes.raw("", rest, format="html")
            place.replace_self(parts)


def setup_explorations(app: Sphinx) -> None:
    """Register the directive, and the script, which pages with controls alone load."""
    app.add_directive("explore", Explore)
    app.add_post_transform(PlaceExplorations)
    app.add_js_file("explore.js", loading_method="defer", priority=900)
