"""Number the named figures, tables and listings of each document by itself, for ``{numref}``.

Sphinx counts those of all documents in one row, and loads every doctree in each build for it: a picture put into one
note would change the numbers in all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes

from fieldnotes.build.state import domain_of

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment


def store_numbers(app: Sphinx, document: nodes.document) -> None:
    """Store the numbers of what has a caption and a ``:name:`` (``doctree-read``)."""
    standard = app.env.domains.standard_domain
    numbers: dict[str, dict[str, tuple[int, ...]]] = {}
    for node in document.findall(nodes.Element):
        kind = standard.get_enumerable_node_type(node) if node.get("names") else None
        if kind and not isinstance(node, nodes.section) and standard.get_numfig_title(node):
            numbered = numbers.setdefault(kind, {})
            numbered[node["ids"][0]] = (len(numbered) + 1,)
    domain_of(app.env).numbers[app.env.docname] = numbers


def skip_numbering(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have Sphinx number nothing (``env-get-updated``, before it would). None stands for True until then."""
    env.config.numfig = env.config.numfig and None
    return []


def assign_numbers(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Hand Sphinx the stored numbers (``env-get-updated``, after it would number)."""
    if env.config.numfig is None:
        env.config.numfig = True
        env.toc_fignumbers = dict(domain_of(env).numbers)
    return []
