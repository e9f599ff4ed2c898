"""Summarize a build in one line: how many notes and warnings, where the site is, and whether it is fit to publish."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.util import logging

from fieldnotes.build.state import is_site, state_of
from fieldnotes.sources import build_date

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

logger = logging.getLogger(__name__)


def summarize(app: Sphinx, exception: Exception | None) -> None:
    """Log the summary (``build-finished``, last)."""
    if not exception and is_site(app.builder):
        logger.info(line(app))


def line(app: Sphinx) -> str:
    """Return the summary of a finished build."""
    catalog = state_of(app.env).catalog
    notes = _count(len(catalog.notes), "note")
    if catalog.hidden:
        notes += f" ({len(catalog.hidden)} not published yet)"
    warnings = _count(app._warncount, "warning")  # Sphinx has no public count
    home = os.path.relpath(Path(app.outdir, "index.html"))
    reasons = "; ".join(_obstacles(app))
    fitness = f"not fit to publish: {reasons}" if reasons else "fit to publish"
    return f"{notes}, {warnings}. The site is {home}, {fitness}."


def _obstacles(app: Sphinx) -> Iterator[str]:
    """Yield the reasons why the site is not fit to publish."""
    state, today = state_of(app.env), build_date.now("", app.config.fieldnotes_timezone)[0].date()
    if app._warncount:
        yield "there are warnings"
    if state.site.is_local:
        yield f"its address is {state.site.address} (set READTHEDOCS_CANONICAL_URL to the public address)"
    if app.config.fieldnotes_drafts:
        yield "drafts are shown"
    if state.catalog.notes and not Path(app.outdir, "search-index/overview").exists():
        yield "the search has no index"
    if state.catalog.today != today:
        yield f"it was built for {state.catalog.today}, but today is {today}"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
