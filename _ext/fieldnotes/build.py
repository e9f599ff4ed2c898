"""Join the catalog to Sphinx's build: what happens at which event."""

from __future__ import annotations

import datetime
import re
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from fieldnotes import catalog, frontmatter, incremental, views
from fieldnotes.directives import WARNING_TYPE, catalog_of
from fieldnotes.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docutils.nodes import Element, Node
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

logger = logging.getLogger(__name__)

LAST_DAY_ON_EARTH = datetime.timezone(datetime.timedelta(hours=14))
"""Where a new day begins first: a note dated by its author's calendar is never early."""


def warn(problem: Problem) -> None:
    """Report a problem as a Sphinx warning of our type, with a subtype of its own."""
    logger.warning(
        "%s",
        problem.message,
        location=f"{problem.path}:{problem.line}",
        type=WARNING_TYPE,
        subtype=problem.code.value,
    )


def load(app: Sphinx) -> None:
    """Load the catalog (``builder-inited``), say what is wrong with the files, and leave out the unfit ones."""
    loaded = catalog.load(Path(app.srcdir), datetime.datetime.now(LAST_DAY_ON_EARTH).date())
    for problem in loaded.problems:
        warn(problem)
    app.config.exclude_patterns += [re.sub(r"([*?\[])", r"[\1]", path) for path in loaded.left_out]
    app.env.fieldnotes = loaded.catalog  # type: ignore[attr-defined]


def hand_over(app: Sphinx, docname: str, source: list[str]) -> None:
    """Hand MyST the text of a note or lane (``source-read``): its title and its body, without the front matter.

    The title is escaped, for it is text and MyST reads markup. It takes the front matter's place line for line, so
    that warnings point to the right one. A note's tags are given to sphinx-tags' directive, below its text.
    """
    found = catalog_of(app.env)
    note = found.note.get(docname)
    page = note or next((lane for lane in found.lanes if lane.docname == docname), None)
    if page is None:
        return
    header, body = frontmatter.split(docname, source[0])
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", page.title)
    lines = "\n" * (header.count("\n") + 1)
    source[0] = f"# {title}{lines}{body}"
    if note:
        source[0] += f"\n\n~~~{{tags}} {', '.join(note.tags)}\n~~~\n"


class NoteFrame(SphinxTransform):
    """Set a note's standfirst below its title, and see that its tags stand below its text."""

    default_priority = 700

    def apply(self, **kwargs: Any) -> None:
        note = catalog_of(self.env).note.get(self.env.docname)
        if note is None:
            return
        title = next(self.document.findall(nodes.title))
        standfirst = nodes.paragraph("", note.summary, classes=["standfirst"])
        title.parent.insert(title.parent.index(title) + 1, standfirst)
        framed = [node for node in self.document.findall(nodes.paragraph) if node["classes"] == ["tags"]]
        if not framed:
            message = "a block opened with ``` or ::: is never closed; close it"
            warn(Problem(f"{note.docname}.md", 1, Code.OPEN_FENCE, message))
        for tags in framed:
            for reference in tags.findall(nodes.reference):
                reference["internal"] = True


def resolve_page(app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element) -> Node | None:
    """Resolve a link to a page by its name (``missing-reference``), to a derived page as to a document."""
    if node["reftype"] != "page":
        return None
    uri = app.builder.get_relative_uri(node["refdoc"], node["reftarget"])
    return nodes.reference("", "", content, internal=True, refuri=uri)


def page_context(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page what it shows from the catalog (``html-page-context``), before Furo's own handler.

    Furo would render the whole toctree and parse it again for every page; its sidebar is ours, so it gets none.
    For ``toc`` see page_toc.
    """
    context["toctree"] = lambda **kwargs: ""
    context["our_toc"], context["toc"] = context.get("toc", ""), ""
    found = catalog_of(app.env)
    if doctree is not None:
        context.update(views.view(found, pagename))
        for ours, furos in {"before": "prev", "after": "next"}.items():
            target = context.get(ours)
            context[furos] = target and {
                "title": escape(target["title"]),
                "link": app.builder.get_relative_uri(pagename, target["page"]),
            }
    context.setdefault("sidebar", views.sidebar(found))


def page_toc(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put back the page's own contents (``html-page-context``), after Furo's handler.

    Furo asks Sphinx for them a second time, to see whether there is enough to show: Sphinx has counted them already.
    """
    context["toc"] = context.pop("our_toc")
    context["furo_hide_toc"] = not context.get("display_toc") or "hide-toc" in (context.get("meta") or {})


def collect_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the pages made from the catalog alone (``html-collect-pages``), those that are not as they were."""
    for page in incremental.changed_pages(app):
        yield page.pagename, {**page.context, "title": escape(page.context["title"])}, page.template
