"""Load the catalog before Sphinx reads the documents, and hide from Sphinx what is left out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.build.state import warn
from fieldnotes.catalog import loading
from fieldnotes.pages import urls
from fieldnotes.sources import build_date

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment


def load(app: Sphinx, config: Config) -> None:
    """Load the catalog (``config-inited``), and say what is wrong with the files."""
    today, wrong = build_date.of(config.fieldnotes_today)
    loaded = loading.load(Path(app.srcdir), today, drafts=config.fieldnotes_drafts)
    app.fieldnotes_site, odd = urls.site_at(config.project, config.html_baseurl, config.language)  # type: ignore[attr-defined]
    for problem in (*loaded.problems, *wrong, *odd):
        warn(problem)
    app.fieldnotes = loaded.catalog  # type: ignore[attr-defined]
    folders = {path for path in loaded.left_out if Path(app.srcdir, path).is_dir()}
    config.exclude_patterns += map(_pattern, sorted(folders))  # at once: a link in a circle has no end
    left_out = {path for path in loaded.left_out if path not in folders}
    # Sphinx would look for documents among what it has written.
    written = [Path(folder) for folder in (app.outdir, app.doctreedir)]
    left_out |= {folder.relative_to(app.srcdir).as_posix() for folder in written if folder.is_relative_to(app.srcdir)}
    app.fieldnotes_left_out = [*map(_pattern, sorted(left_out))]  # type: ignore[attr-defined]


def _pattern(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)


def hide_unpublished(app: Sphinx) -> None:
    """Give the catalog to Sphinx's environment, and hide from it the files that are left out (``builder-inited``).

    Sphinx reads every document again when ``exclude_patterns`` is not what it was, and compares it before this event:
    so that a note which is published costs no more than itself, it is changed only while Sphinx looks for files.
    """
    app.env.fieldnotes = app.fieldnotes  # type: ignore[attr-defined]
    app.fieldnotes_tags = {}  # type: ignore[attr-defined]
    app.fieldnotes_read = 0  # type: ignore[attr-defined]
    app.config.exclude_patterns = [*app.config.exclude_patterns, *app.fieldnotes_left_out]  # type: ignore[attr-defined]


def restore_exclude_patterns(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Give ``exclude_patterns`` back as ``conf.py`` has it (``env-get-outdated``, once the files have been found)."""
    count = len(app.fieldnotes_left_out)  # type: ignore[attr-defined]
    app.config.exclude_patterns = app.config.exclude_patterns[: len(app.config.exclude_patterns) - count]
    return []
