"""The state of one build, and the functions that report problems as Sphinx warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sphinx.util import logging

from fieldnotes.build.artifacts import BuildRecord, Plan
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from docutils.nodes import Node
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from fieldnotes.build.domain import FieldNotesDomain
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.shared import DerivedPage
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.files import Tree

logger = logging.getLogger(__name__)

DOMAIN = "fieldnotes"
WARNING_TYPE = "fieldnotes"


@dataclass
class BuildState:
    """The state of one build, created at ``builder-inited`` and never stored."""

    catalog: Catalog
    pages: dict[str, DerivedPage]
    """The generated pages, by name."""
    site: Site
    tree: Tree
    """Decides which files may be read and published."""
    lines: dict[str, int]
    """The line on which ``conf.py`` sets each name."""
    code: str
    """A digest of the code that builds the pages."""
    previous: BuildRecord
    """The record of the last complete build."""
    mark: str = ""
    """The journal's mark as SVG, for the top of each page."""
    papers: list[str] = field(default_factory=list)
    """The background color of the light theme and of the dark theme."""
    hidden: tuple[str, ...] = ()
    """Exclude patterns for the files that the catalog leaves out."""
    read: set[str] = field(default_factory=set)
    """The documents that this build reads."""
    plan: Plan = field(default_factory=Plan)
    """The planned output, known once all documents are read."""
    lost: set[str] = field(default_factory=set)
    """Output files of the last build that are missing, or were deleted because they had been changed."""
    broken: set[str] = field(default_factory=set)
    """Documents that could not be read or written: notes are left out, home and lanes are shown without their text."""

    def is_stale(self, path: str) -> bool:
        """Whether a planned output file is missing, or its inputs have changed."""
        return path in self.lost or self.previous.files.get(path) != self.plan.files[path]


def domain_of(env: BuildEnvironment) -> FieldNotesDomain:
    """Return the domain, which stores what documents refer to and holds the state of the build."""
    return cast("FieldNotesDomain", env.domains[DOMAIN])


def state_of(env: BuildEnvironment) -> BuildState:
    """Return the state of this build."""
    return domain_of(env).state


def catalog_of(env: BuildEnvironment) -> Catalog:
    """Return the catalog of this build."""
    return state_of(env).catalog


def source_lines(env: BuildEnvironment, docname: str) -> list[str]:
    """Return the lines of a document's file."""
    return Path(env.doc2path(docname)).read_text(encoding="utf-8-sig").split("\n")


def is_site(builder: Builder) -> bool:
    """Whether a builder builds or checks the site with its generated pages. Others build a book from the documents."""
    return builder.name in {"html", "dirhtml", "check"}


def warn(problem: Problem) -> None:
    """Report a problem as a Sphinx warning of type ``fieldnotes``, whose subtype is the rule's code."""
    warn_at(f"{problem.path}:{problem.line}", problem.code, problem.message, problem.column)


def warn_at_setting(env: BuildEnvironment, name: str, message: str) -> None:
    """Report a problem with a setting, at its line of ``conf.py``."""
    warn(Problem("conf.py", state_of(env).lines.get(name, 1), Code.SETTING, f"`{name}` {message}"))


def warn_at(location: str | tuple[str, int] | Node, code: Code, message: str, column: int = 1) -> None:
    """Report a problem at a node, a docname and line, or a ``path:line``. Only `make check` shows the column."""
    extra = {"column": column}
    logger.warning("%s", message, location=location, type=WARNING_TYPE, subtype=code.value, extra=extra)
