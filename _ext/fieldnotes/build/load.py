"""Load the catalog before Sphinx reads the documents, and hide from Sphinx what is not published."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.build import artifacts
from fieldnotes.build.state import BuildState, domain_of, state_of, warn
from fieldnotes.catalog import loading
from fieldnotes.pages import derived, urls
from fieldnotes.sources import build_date
from fieldnotes.sources.files import text_files

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment


def exclude_linked_folders(app: Sphinx, config: Config) -> None:
    """Exclude links to folders (``config-inited``): Sphinx would follow one that forms a circle without end."""
    paths = [path for folder in ("lanes", "notes") for path in text_files(Path(app.srcdir), folder)]
    config.exclude_patterns += [_pattern(path) for path in paths if Path(app.srcdir, path).is_dir()]


def _pattern(path: str) -> str:
    """The pattern that matches this path alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def load_catalog(app: Sphinx) -> None:
    """Load the catalog and report what is wrong with the files (``builder-inited``, before all others).

    Hidden files are in ``exclude_patterns`` only while Sphinx looks for documents. It compares the setting with that of
    the last build, and reads every document again when it differs: a note that is published should cost only itself.
    """
    today, wrong_day = build_date.of(app.config.fieldnotes_today)
    loaded = loading.load(Path(app.srcdir), today, drafts=app.config.fieldnotes_drafts)
    site, wrong_address = urls.site_at(app.config.project, app.config.html_baseurl, app.config.language)
    for problem in (*loaded.problems, *wrong_day, *wrong_address):
        warn(problem)
    domain_of(app.env).state = BuildState(
        catalog=loaded.catalog,
        pages=derived.derived_pages(loaded.catalog),
        site=site,
        code=artifacts.code_digest(app),
        previous=artifacts.read(Path(app.doctreedir)),
        hidden=tuple(map(_pattern, sorted(loaded.left_out))),
    )
    app.config.exclude_patterns = [*app.config.exclude_patterns, *state_of(app.env).hidden]


def restore_exclude_patterns(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Give ``exclude_patterns`` the value of ``conf.py`` again (``env-get-outdated``, after documents are found)."""
    hidden = state_of(env).hidden
    app.config.exclude_patterns = [pattern for pattern in app.config.exclude_patterns if pattern not in hidden]
    return []
