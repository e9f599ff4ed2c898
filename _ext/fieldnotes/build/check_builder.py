"""Run the rules of ``checks`` in a build; and build without writing a page, for `make check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.transforms import SphinxTransform

from fieldnotes.build import incremental
from fieldnotes.build.state import catalog_of, source_lines, state_of, warn, warn_at
from fieldnotes.checks import dialects, links, markup, numbers, pictures, spelling, tags
from fieldnotes.checks.prose import Text
from fieldnotes.sources.lane import Lane
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

EDITORIAL = (
    markup.empty_headings,
    links.bare_links,
    links.sources,
    numbers.loose_numbers,
    pictures.pictures,
)
"""Rules that a build runs only with ``fieldnotes_editorial``: they are 4 % of a clean build's CPU time."""

REPORTED = (
    *(addnodes.pending_xref, addnodes.download_reference, nodes.reference),
    *(nodes.image, nodes.math, nodes.footnote_reference),
)
"""Nodes in a paragraph that a later step of a build may report."""


class CheckBuilder(incremental.Builder):
    """Does all that may warn in a build of the site, and writes no page. What it finds is kept in ``Messages``.

    Cost: 0.74 of a clean build's CPU time, and 0.85 of a build's after an edit of one note among 1,600; README has the
    seconds. A document with a fault that does not depend only on its text is read again each time.
    """

    name = "check"
    search = False
    writes_files = False

    def get_outdated_docs(self) -> Iterator[str]:
        """Name none: documents that were read, and those whose links show something new, are resolved without it."""
        return iter(())

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to resolve documents and to render them."""
        StandaloneHTMLBuilder.prepare_writing(self, docnames)

    def copy_assets(self) -> None:
        """Copy nothing. Furo writes a stylesheet with every builder, into a folder that must be there."""
        Path(self.outdir, "_static").mkdir(exist_ok=True)

    def handle_page(self, *args: Any, **options: Any) -> None:
        """Write no page."""

    def finish(self) -> None:
        """Write nothing else."""


class CheckText(SphinxTransform):
    """Give what stands in a paragraph its own line, and run the rules of texts."""

    default_priority = 5  # at 10 Sphinx gives each node without a source its text as one

    def apply(self, **kwargs: Any) -> None:
        text = text_of(self.env, self.document)
        elements = [*self.document.findall(nodes.Element)]
        _locate(text, [node for node in elements if isinstance(node, REPORTED)])
        for node, problem in pictures.unpublishable(text, elements, Path(self.env.srcdir), state_of(self.env).tree):
            warn(problem)
            if node.parent is not None:
                if isinstance(link := node.parent, nodes.reference) and not isinstance(link.parent, nodes.TextElement):
                    place, block = link.parent.index(link), link.parent
                    block[place] = nodes.paragraph("", "", link)  # outside of one, a link holds a picture alone
                node.replace_self(nodes.inline("", "", *(node.children or [nodes.Text(node.get("alt", ""))])))
        is_lane = isinstance(catalog_of(self.env).documents.get(self.env.docname), Lane)
        if is_lane and (lane_notes := markup.open_fence(text.path, self.document, "~~~{lane-notes}")):
            warn(lane_notes)
        for problem in dialects.foreign_markup(text):
            warn(problem)
        for rule in EDITORIAL if self.config.fieldnotes_editorial else ():
            for problem in rule(text):
                warn(problem)


def mend_nodes(app: Sphinx, doctree: nodes.document) -> None:
    """Drop what MyST leaves unresolved in `eval-rst`, and give links to anchors their lines (``doctree-read``).

    No builder can show the former. MyST makes a link to an anchor that the page does not have at the end of its work,
    and gives it no line.
    """
    anchors = []
    for node in list(doctree.findall(nodes.Element)):
        if isinstance(node, nodes.pending) or (isinstance(node, nodes.footnote_reference) and "refid" not in node):
            what = "a footnote" if isinstance(node, nodes.footnote_reference) else "this directive"
            warn_at(node, Code.FOREIGN, f"{what} has no effect in `eval-rst`; write it in Markdown")
            node.parent.remove(node)
        elif isinstance(node, addnodes.pending_xref) and node["reftype"] == "myst" and not node.line:
            anchors.append(node)
    if anchors:
        _locate(text_of(app.env, doctree), anchors)


def _locate(text: Text, inline: Iterable[nodes.Element]) -> None:
    for node in inline:
        if block := text.block_of(node):
            node.source, node.line = text.document["source"], block.line_of(node)
            if isinstance(node, nodes.image):
                node.rawsource = node["uri"]  # Sphinx takes the line away from an image without a source


def text_of(env: BuildEnvironment, document: nodes.document) -> Text:
    """A document that has been read, as the rules of texts see it."""
    return Text(f"{env.docname}.md", source_lines(env, env.docname), document, catalog_of(env))


def texts(env: BuildEnvironment) -> Iterator[Text]:
    """All documents that have been read, in the order of their paths."""
    for docname in sorted(env.all_docs):
        yield Text(f"{docname}.md", source_lines(env, docname), env.get_doctree(docname), catalog_of(env))


def check_spelling(app: Sphinx, env: BuildEnvironment) -> None:
    """Report misspelled words of the documents that were read, and of those that had some before (``env-updated``)."""
    if not isinstance(app.builder, CheckBuilder) or not app.config.fieldnotes_spelling:
        return
    state = state_of(env)
    repeatable = state.previous.repeatable
    misspelled = {
        path.removesuffix(".md") for path, _line, _column, code, _message in repeatable if code == Code.SPELLING
    }
    if docnames := sorted((state.read | misspelled) & env.found_docs):
        texts = {f"{docname}.md": source_lines(env, docname) for docname in docnames}
        for problem in spelling.misspelled(Path(app.srcdir), texts):
            warn(problem)


def check_catalog(app: Sphinx, exception: Exception | None) -> None:
    """Report what is wrong between notes (``build-finished``, so that no document is read again for it).

    Advice is for `make check` alone.
    """
    if exception or not app.config.fieldnotes_editorial:
        return
    catalog = catalog_of(app.env)
    waiting = [
        Problem(f"{docname}.md", 1, Code.WAITING, f"it is {state}, and not published")
        for docname, state in catalog.unpublished.items()
    ]
    for problem in (*tags.tags(catalog), *waiting):
        is_advice = problem.code.is_advice and catalog.journal.rules.get(problem.code) != "error"
        if isinstance(app.builder, CheckBuilder) or not is_advice:
            warn(problem)


def setup_checks(app: Sphinx) -> None:
    """Register the rules and the builder of `make check`."""
    app.add_config_value("fieldnotes_editorial", False, "env", bool)
    app.add_config_value("fieldnotes_spelling", True, "", bool)
    app.add_builder(CheckBuilder)
    app.add_transform(CheckText)
    app.connect("doctree-read", mend_nodes, priority=100)
    app.connect("env-updated", check_spelling)
    app.connect("build-finished", check_catalog, priority=900)
