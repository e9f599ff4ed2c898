"""The state of one build, in one typed place, and the one way to report a problem."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sphinx.util import logging

from fieldnotes.build.artifacts import Plan, Record
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
    """What one build knows: set when its builder is there, and gone with it."""

    catalog: Catalog
    pages: dict[str, DerivedPage]
    """The pages that are no documents, by name."""
    site: Site
    tree: Tree
    """Decides which files may be read and published."""
    lines: dict[str, int]
    """The line of each name that ``conf.py`` sets."""
    code: str
    """A digest of the code that makes the pages."""
    previous: Record
    """What the last complete build left in the output."""
    mark: str = ""
    """The journal's mark as SVG, for the head of each page."""
    papers: list[str] = field(default_factory=list)
    """The color of the page in the light theme and in the dark one."""
    hidden: tuple[str, ...] = ()
    """Patterns of the files that Sphinx does not see."""
    read: set[str] = field(default_factory=set)
    """The documents that this build reads."""
    plan: Plan = field(default_factory=Plan)
    """What this build leaves, known once all documents are read."""
    lost: set[str] = field(default_factory=set)
    """The files of the last build that are missing in the output, or were changed since and are deleted."""
    broken: set[str] = field(default_factory=set)
    """Documents that could not be read or written: a note is left out, home or a lane stands without its text."""

    def is_stale(self, path: str) -> bool:
        """Whether a planned file of the output is missing, or is made from something else than before."""
        return path in self.lost or self.previous.files.get(path) != self.plan.files[path]


def domain_of(env: BuildEnvironment) -> FieldNotesDomain:
    """The domain, which keeps what documents refer to and holds the state of the build."""
    return cast("FieldNotesDomain", env.domains[DOMAIN])


def state_of(env: BuildEnvironment) -> BuildState:
    """The state of this build."""
    return domain_of(env).state


def catalog_of(env: BuildEnvironment) -> Catalog:
    """The catalog that this build has loaded."""
    return state_of(env).catalog


def source_lines(env: BuildEnvironment, docname: str) -> list[str]:
    """The lines of a document's file."""
    return Path(env.doc2path(docname)).read_text(encoding="utf-8-sig").split("\n")


def is_site(builder: Builder) -> bool:
    """Whether a builder makes the site, with its derived pages, or checks it. Others make a book of its documents."""
    return builder.name in {"html", "dirhtml", "check"}


def warn(problem: Problem) -> None:
    """Report a problem of a file as a Sphinx warning: its type is ours, its subtype the rule's code."""
    warn_at(f"{problem.path}:{problem.line}", problem.code, problem.message, problem.column)


def warn_of_setting(env: BuildEnvironment, name: str, message: str) -> None:
    """Report what is wrong with a setting."""
    warn(Problem("conf.py", state_of(env).lines.get(name, 1), Code.SETTING, f"`{name}` {message}"))


def warn_at(location: str | tuple[str, int] | Node, code: Code, message: str, column: int = 1) -> None:
    """Report what is wrong at a node, a document's name and line, or a ``path:line``; `make check` has the column."""
    extra = {"column": column}
    logger.warning("%s", message, location=location, type=WARNING_TYPE, subtype=code.value, extra=extra)
