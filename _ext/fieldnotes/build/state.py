"""The state of a build: the catalog, and what is kept in the doctree folder."""

from __future__ import annotations

import hashlib
import importlib.metadata
import pickle
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sphinx.util import logging

from fieldnotes.pages import derived

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import DerivedPage
    from fieldnotes.sources.problem import Problem

logger = logging.getLogger(__name__)

WARNING_TYPE = "fieldnotes"


def catalog_of(env: BuildEnvironment) -> Catalog:
    """The catalog that this build has loaded."""
    catalog: Catalog = getattr(env, "fieldnotes")  # noqa: B009
    return catalog


def warn(problem: Problem) -> None:
    """Report a problem as a Sphinx warning of our type, with a subtype of its own."""
    logger.warning(
        "%s",
        problem.message,
        location=f"{problem.path}:{problem.line}",
        type=WARNING_TYPE,
        subtype=problem.code.value,
    )


T = TypeVar("T")


UNREADABLE = (OSError, pickle.UnpicklingError, EOFError, ImportError, AttributeError, TypeError, ValueError, IndexError)
"""What reading a pickle raises that is not there, was cut short, or is of other code."""


def once(work: Callable[[Sphinx], T]) -> Callable[[Sphinx], T]:
    """Do this work once in a build: two events need it, and nothing that it looks at changes between them."""

    @wraps(work)
    def kept(app: Sphinx) -> T:
        results: dict[str, Any] = app.__dict__.setdefault("fieldnotes_kept", {})
        if work.__name__ not in results:
            results[work.__name__] = work(app)
        result: T = results[work.__name__]
        return result

    return kept


def keep(app: Sphinx, name: str, kept: bytes) -> None:
    """Keep it under this name in Sphinx's doctree folder; what is half written is never taken for it."""
    path = Path(app.doctreedir, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(kept)
    part.replace(path)


@once
def derived_pages(app: Sphinx) -> dict[str, DerivedPage]:
    """The pages of this build that are no documents, by name."""
    return derived.derived_pages(catalog_of(app.env))


@once
def code(app: Sphinx) -> str:
    """A digest of what makes the pages: this extension, and the versions of Sphinx and of the others."""
    versions = [(name, extension.version) for name, extension in sorted(app.extensions.items())]
    others = ("sphinx", "docutils", "furo", "pygments", "pagefind")
    versions += [(name, importlib.metadata.version(name)) for name in others]
    parts = hashlib.sha256(repr(versions).encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        parts.update(path.read_bytes())
    return parts.hexdigest()
