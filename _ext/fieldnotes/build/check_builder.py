"""Run the rules of ``checks`` in a build, and build without writing pages for `make check`."""

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
    links.missing_sources,
    numbers.loose_numbers,
    pictures.missing_alt,
)
"""Rules that a build runs only with ``fieldnotes_editorial``, since they take 4 % of a clean build's CPU time."""

REPORTABLE = (
    *(addnodes.pending_xref, addnodes.download_reference, nodes.reference),
    *(nodes.image, nodes.math, nodes.footnote_reference),
)
"""Inline nodes that a later step of a build may report."""


class CheckBuilder(incremental.Builder):
    """Runs every step of a site build that may warn, but writes no pages. ``Messages`` holds the warnings.

    Costs 0.74 of the CPU time of a clean build, and 0.85 of that of a build after an edit of one note in 1,600; README
    has the seconds. Each check reads a document again if it has a warning that depends on more than its text.
    """

    name = "check"
    search = False
    writes_files = False

    def get_outdated_docs(self) -> Iterator[str]:
        """Return nothing: Sphinx already resolves changed documents and those that ``env-updated`` returns."""
        return iter(())

    def prepare_writing(self, docnames: Set[str]) -> None:
        """Prepare to resolve and render documents."""
        StandaloneHTMLBuilder.prepare_writing(self, docnames)

    def copy_assets(self) -> None:
        """Copy nothing; create the folder into which Furo writes a stylesheet with every builder."""
        Path(self.outdir, "_static").mkdir(exist_ok=True)

    def handle_page(self, *args: Any, **options: Any) -> None:
        """Write no page."""

    def finish(self) -> None:
        """Write no indices, search files or static files."""


class CheckText(SphinxTransform):
    """Set the lines of inline nodes, drop files that may not be published, and run the rules for documents."""

    default_priority = 5  # before Sphinx sets the missing source of a node to its text, at 10

    def apply(self, **kwargs: Any) -> None:
        text = text_of(self.env, self.document)
        elements = [*self.document.findall(nodes.Element)]
        _set_lines(text, [node for node in elements if isinstance(node, REPORTABLE)])
        for node, problem in pictures.unpublishable(text, elements, Path(self.env.srcdir), state_of(self.env).tree):
            warn(problem)
            if node.parent is not None:
                _replace_with_text(node)
        is_lane = isinstance(catalog_of(self.env).documents.get(self.env.docname), Lane)
        if is_lane and (unclosed := markup.open_fence(text.path, self.document, "~~~{lane-notes}")):
            warn(unclosed)
        for rule in (dialects.foreign_markup, *(EDITORIAL if self.config.fieldnotes_editorial else ())):
            for problem in rule(text):
                warn(problem)


def _replace_with_text(node: nodes.Element) -> None:
    """Replace a picture or link with its alternative or link text, and put a link around it into a paragraph."""
    if isinstance(link := node.parent, nodes.reference) and not isinstance(link.parent, nodes.TextElement):
        place, block = link.parent.index(link), link.parent
        block[place] = nodes.paragraph("", "", link)  # outside of text a link may contain nothing but a picture
    node.replace_self(nodes.inline("", "", *(node.children or [nodes.Text(node.get("alt", ""))])))


def fix_nodes(app: Sphinx, doctree: nodes.document) -> None:
    """Remove nodes that MyST leaves unresolved in `eval-rst`, and set the lines of links to anchors (``doctree-read``).

    No builder can show unresolved nodes. MyST creates links to missing anchors last, and gives them no line.
    """
    anchors = []
    for node in list(doctree.findall(nodes.Element)):
        if isinstance(node, nodes.pending) or (isinstance(node, nodes.footnote_reference) and "refid" not in node):
            kind = "a footnote" if isinstance(node, nodes.footnote_reference) else "this directive"
            warn_at(node, Code.FOREIGN, f"{kind} has no effect in `eval-rst`; write it in Markdown")
            node.parent.remove(node)
        elif isinstance(node, addnodes.pending_xref) and node["reftype"] == "myst" and not node.line:
            anchors.append(node)
    if anchors:
        _set_lines(text_of(app.env, doctree), anchors)


def _set_lines(text: Text, inline_nodes: Iterable[nodes.Element]) -> None:
    for node in inline_nodes:
        if block := text.block_of(node):
            node.source, node.line = text.document["source"], block.line_of(node)
            if isinstance(node, nodes.image):
                node.rawsource = node["uri"]  # Sphinx removes the line of an image without a source


def text_of(env: BuildEnvironment, document: nodes.document) -> Text:
    """Return the document that is being read, as the rules see it."""
    return Text(f"{env.docname}.md", source_lines(env, env.docname), document, catalog_of(env))


def texts(env: BuildEnvironment) -> Iterator[Text]:
    """Yield all documents that have been read, in the order of their paths."""
    for docname in sorted(env.all_docs):
        yield Text(f"{docname}.md", source_lines(env, docname), env.get_doctree(docname), catalog_of(env))


def check_spelling(app: Sphinx, env: BuildEnvironment) -> None:
    """Report misspelled words in documents that were read, and where the last build found some (``env-updated``)."""
    is_english = (app.config.language or "en").startswith("en")
    if not isinstance(app.builder, CheckBuilder) or not app.config.fieldnotes_spelling or not is_english:
        return
    state = state_of(env)
    repeatable = state.previous.repeatable
    misspelled = {path.removesuffix(".md") for path, *_place, code, _message in repeatable if code == Code.SPELLING}
    if docnames := sorted((state.read | misspelled) & env.found_docs):
        texts = {f"{docname}.md": source_lines(env, docname) for docname in docnames}
        for problem in spelling.misspelled_words(Path(app.srcdir), texts):
            warn(problem)


def check_catalog(app: Sphinx, exception: Exception | None) -> None:
    """Report problems that involve several notes (``build-finished``, so that no document is read again for them).

    Only `make check` reports advice.
    """
    if exception or not app.config.fieldnotes_editorial:
        return
    catalog = catalog_of(app.env)
    waiting = [
        Problem(f"{docname}.md", 1, Code.WAITING, f"the note is {state} and not published yet")
        for docname, state in catalog.unpublished.items()
    ]
    for problem in (*tags.similar_and_lone(catalog), *waiting):
        is_advice = problem.code.is_advice and catalog.journal.rules.get(problem.code) != "error"
        if isinstance(app.builder, CheckBuilder) or not is_advice:
            warn(problem)


def setup_checks(app: Sphinx) -> None:
    """Register the rules and the builder of `make check`."""
    app.add_config_value("fieldnotes_editorial", False, "env", bool)
    app.add_config_value("fieldnotes_spelling", True, "", bool)
    app.add_builder(CheckBuilder)
    app.add_transform(CheckText)
    app.connect("doctree-read", fix_nodes, priority=100)
    app.connect("env-updated", check_spelling)
    app.connect("build-finished", check_catalog, priority=900)
