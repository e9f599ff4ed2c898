"""Link the first use of each ``{glossary}`` term in a note, and show the definition there."""

from __future__ import annotations

import re
from html import escape, unescape
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.build.domain import Term, reference
from fieldnotes.build.state import catalog_of, domain_of, is_site
from fieldnotes.checks.prose import is_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

OTHER_SENSE = "other-sense"
"""Class of a word that is not used as the term, as in ``[spill]{.other-sense}``: its note never links the term."""

UNLINKED_NODES = (
    *(nodes.block_quote, nodes.citation, nodes.entry, nodes.footnote, nodes.legend),
    *(nodes.literal, nodes.math, nodes.raw, nodes.reference),
)
"""Nodes in which terms are not linked: quotations, table cells, legends, footnotes, code, math and links."""


def store_terms(app: Sphinx, document: nodes.document) -> None:
    """Store the terms that a document defines (``doctree-read``)."""
    terms = domain_of(app.env).documents[app.env.docname].terms
    glossaries = document.findall(addnodes.glossary)
    for item in chain.from_iterable(glossary.findall(nodes.definition_list_item) for glossary in glossaries):
        definition = cast("nodes.definition", item[-1])
        text = definition.next_node(nodes.paragraph)
        links = {reference(app.env, link)[1] for link in definition.findall(addnodes.pending_xref)}
        summary = " ".join(text.astext().split()) if text else ""
        for term in item.findall(nodes.term):
            name = " ".join(term.astext().split())
            terms.append(Term(name, app.env.docname, term["ids"][0], summary, tuple(sorted(links))))


def all_terms(env: BuildEnvironment) -> list[Term]:
    """Return the terms of all glossaries, sorted by name."""
    terms: list[Term] = domain_of(env).data["terms"]
    return terms


def store_uses(env: BuildEnvironment) -> None:
    """Store the terms of all glossaries, and which of them occur in the files of each note (``env-updated``).

    Costs 1 ms for each note that was read, or for every note if a term was added or removed.
    """
    domain, before = domain_of(env), [term.name for term in all_terms(env)]
    domain.data["terms"] = terms = sorted(term for stored in domain.documents.values() for term in stored.terms)
    names = {term.name: f" {_words(term.name)}" for term in terms}
    for docname in catalog_of(env).notes_by_docname.keys() & domain.documents.keys():
        stored = domain.documents[docname]
        if stored.uses is None or before != [term.name for term in terms]:
            files = [env.doc2path(docname), *env.dependencies.get(docname, ())] if names else []
            paths = [path for file in files if (path := Path(env.srcdir, file)).is_file()]
            words = f" {_words(' '.join(path.read_text(errors='replace') for path in paths))}"
            stored.uses = [name for name, phrase in names.items() if phrase in words]


def shown_terms(env: BuildEnvironment) -> dict[str, list[tuple[object, ...]]]:
    """Return the terms that the page of each note may show, by docname, and whether the note introduces them."""
    terms = all_terms(env)
    return {
        docname: [(*term[:-1], docname in term.introduced) for term in terms if term.name in stored.uses]
        for docname, stored in domain_of(env).documents.items()
        if stored.uses
    }


def _words(text: str) -> str:
    """Return the words of a text, in lower case and separated by single spaces."""
    return " ".join(re.findall(r"[^\W_]+", unescape(text).lower()))


class LinkTerms(SphinxPostTransform):
    """Link each term once in a note, at its first ``{term}`` role or first use, unless the note introduces it.

    Names match in the plural, and in any case unless they have capitals. Costs 0.4 ms a note for 30 terms.
    """

    default_priority = 800  # after references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        docname = self.env.docname
        if docname not in catalog_of(self.env).notes_by_docname or not is_site(self.app.builder):
            return
        terms = {term.name.lower(): term for term in all_terms(self.env) if docname not in term.introduced}
        if not terms:
            return
        names = "|".join(sorted(map(re.escape, terms), key=len, reverse=True))
        pattern = re.compile(rf"(?<![\w-])({names})(?:e?s)?(?![\w-])", re.IGNORECASE)
        for inline in self.document.findall(nodes.inline):
            if OTHER_SENSE in inline["classes"] and (match := pattern.fullmatch(inline.astext())):
                terms.pop(match[1].lower(), None)
        for link in list(self.document.findall(nodes.reference)):
            if any("std-term" in inner["classes"] for inner in link.findall(nodes.inline)):
                term = next((term for term in terms.values() if link["refuri"].endswith(f"#{term.anchor}")), None)
                if term:
                    link.replace_self(self.link(term, link.astext()))
                    del terms[term.name.lower()]
        for text in list(self.texts()):
            self.link_terms(text, pattern, terms)

    def texts(self) -> Iterator[nodes.Text]:
        """Yield the text nodes of a note's own paragraphs, in document order."""
        for paragraph in self.document.findall(nodes.paragraph):
            if not paragraph["classes"] and not _inside(paragraph, UNLINKED_NODES):
                yield from (text for text in paragraph.findall(nodes.Text) if not _inside(text, UNLINKED_NODES))

    def link_terms(self, text: nodes.Text, pattern: re.Pattern[str], terms: dict[str, Term]) -> None:
        """Link the terms in a text that are not linked yet."""
        content, parts, end = str(text), list[nodes.Node](), 0
        for match in pattern.finditer(content):
            term = terms.get(match[1].lower())
            if term and (term.name.islower() or term.name == match[1]):
                parts += [nodes.Text(content[end : match.start()]), self.link(term, match[0])]
                end = match.end()
                del terms[term.name.lower()]
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(content[end:])])

    def link(self, term: Term, text: str) -> nodes.raw:
        """Return a link with the definition as an attribute, as raw HTML since docutils has no node for it."""
        uri = f"{self.app.builder.get_relative_uri(self.env.docname, term.docname)}#{term.anchor}"
        attributes = f'href="{escape(uri)}" data-definition="{escape(term.definition)}"'
        return nodes.raw("", f'<a class="reference internal term" {attributes}>{escape(text)}</a>', format="html")


def _inside(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    """Whether a node is inside a node of one of these kinds, or in the list of sources."""
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds) or (isinstance(node, nodes.section) and is_sources(node)):
            return True
    return False
