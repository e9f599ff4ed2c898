"""Prepare a build: lock its folders, load the catalog, and hide unpublished files from Sphinx."""

from __future__ import annotations

import atexit
import fcntl
import gc
import logging
import os
import re
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.jinja2glue import BuiltinTemplateLoader
from sphinx.util.logging import NAMESPACE

from fieldnotes.build import artifacts
from fieldnotes.build.state import WARNING_TYPE, BuildState, domain_of, state_of, warn, warn_at_setting
from fieldnotes.build.system_errors import exit_on_system_error
from fieldnotes.catalog import loading
from fieldnotes.pages import all_pages, labs, urls
from fieldnotes.sources import build_date, settings
from fieldnotes.sources.files import Tree, text_files
from fieldnotes.sources.language import Language

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

LOCK = "fieldnotes.lock"


def lock_output(app: Sphinx) -> None:
    """Create the folders of the build, and wait until no other build uses them; exit with one line if that fails."""
    with exit_on_system_error():
        for folder in (app.outdir, app.doctreedir):
            Path(folder).mkdir(parents=True, exist_ok=True)
        file = Path(app.doctreedir, LOCK).open("a")  # noqa: SIM115 - stays open and locked until the build ends
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"Another build uses {app.doctreedir}; waiting for it to finish.", file=sys.stderr)
        fcntl.lockf(file, fcntl.LOCK_EX)
    app.connect("build-finished", lambda *_: file.close(), priority=1000)


def tune_runtime(app: Sphinx, config: Config) -> None:
    """Exempt loaded objects from garbage collection, and drop debug records (``config-inited``).

    A build frees little. With the thresholds of ``conf.py`` this saves 15 % of a clean build of 400 notes, as much of
    an edit, and 40 % of a build without changes. ``-v`` keeps the debug records that Sphinx writes for each event.
    """
    gc.freeze()
    atexit.register(gc.freeze)
    if not app.verbosity:
        logging.getLogger(NAMESPACE).setLevel(logging.INFO)


def exclude_unreadable(app: Sphinx, config: Config) -> None:
    """Exclude files with a text suffix that are not readable Markdown (``config-inited``).

    The catalog reports them. Sphinx would follow cyclic links to folders forever, and warn about other files only in
    clean builds.
    """
    paths = [path for folder in ("lanes", "notes", "pages") for path in text_files(Path(app.srcdir), folder)]
    config.exclude_patterns += [_pattern(path) for path in paths if not _is_readable(Path(app.srcdir, path))]


def _is_readable(path: Path) -> bool:
    is_composed = unicodedata.is_normalized("NFC", path.name)  # Sphinx only looks for the composed name
    return path.suffix == ".md" and is_composed and path.is_file() and os.access(path, os.R_OK)


def _pattern(path: str) -> str:
    """Return the pattern that matches only this path, in composed form (NFC) like the paths that Sphinx finds."""
    return re.sub(r"([*?\[])", r"[\1]", unicodedata.normalize("NFC", path))


def add_settings(app: Sphinx) -> None:
    """Register the settings of a journal."""
    for name in settings.NAMES.values():
        if name not in settings.SPHINX_NAMES.values():
            affects_texts = name in {"fieldnotes_rules", "fieldnotes_optional"}
            is_for_search = name in {"fieldnotes_synonyms", "fieldnotes_search_sites"}  # the index compares its inputs
            app.add_config_value(name, None, "env" if affects_texts else "" if is_for_search else "html", Any)


def apply_rules(app: Sphinx, config: Config) -> None:
    """Suppress rules that are off, and advice outside of `make check` (``config-inited``)."""
    if isinstance(config.fieldnotes_rules, dict):
        silent = {"off"} if config.fieldnotes_advice else {"off", "advice"}
        names = [str(name) for name, level in config.fieldnotes_rules.items() if level in silent]
        types = [name if "." in name else f"{WARNING_TYPE}.{name}" for name in names]
        config.suppress_warnings = [*config.suppress_warnings, *types]


def load_catalog(app: Sphinx) -> None:
    """Create the ``BuildState``, and report the problems of files and settings (``builder-inited``, before all others).

    Adds hidden files to ``exclude_patterns`` while Sphinx looks for documents. Sphinx reads every document again if the
    setting differs from that of the last build, but publishing a note should cost only that note.
    """
    now, day_problems = build_date.now(app.config.fieldnotes_today, app.config.fieldnotes_timezone)
    lines, names = settings.assignments(Path(app.confdir)), {option.name for option in app.config}
    values = {name: app.config[name] for name in settings.NAMES.values()}
    journal, setting_problems = settings.read(values, lines, names)
    loaded = loading.load(Path(app.srcdir), now, drafts=app.config.fieldnotes_drafts, journal=journal)
    language = Language(app.config.language)
    in_folders = app.builder.name == "dirhtml"
    site, address_problems = urls.site_at(journal.name, app.config.html_baseurl, language, in_folders=in_folders)
    picture_problems = labs.unknown_pictures(loaded.catalog)
    for problem in (*loaded.problems, *setting_problems, *day_problems, *address_problems, *picture_problems):
        warn(problem)
    catalog = replace(loaded.catalog, language=language)
    domain_of(app.env).state = BuildState(
        catalog=catalog,
        pages=all_pages.derived_pages(catalog),
        site=site,
        tree=Tree(Path(app.srcdir)),
        lines=lines,
        code=artifacts.code_digest(app),
        previous=artifacts.read(Path(app.doctreedir)),
        hidden=tuple(map(_pattern, sorted(loaded.left_out))),
    )
    app.config.exclude_patterns = [*app.config.exclude_patterns, *state_of(app.env).hidden]
    pages = state_of(app.env).pages.keys()
    documents = {app.config.root_doc, *catalog.documents}
    for link in journal.navigation:
        if not link.is_external and (message := all_pages.unknown_page_message(link.address, pages, documents)):
            warn_at_setting(app.env, "fieldnotes_navigation", f"contains a dead link: {message}")


def prepare_templates(app: Sphinx) -> None:
    """Install the site's translations in the templates, and disable reloading of templates (``builder-inited``).

    Sphinx's own translations are the fallback.
    """
    if isinstance(app.builder, StandaloneHTMLBuilder) and isinstance(app.builder.templates, BuiltinTemplateLoader):
        translations, environment = state_of(app.env).catalog.language.translations, app.builder.templates.environment
        translations.add_fallback(app.translator)
        environment.install_gettext_translations(translations)  # type: ignore[attr-defined]
        environment.auto_reload = False


def restore_exclude_patterns(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Restore ``exclude_patterns`` to the value of ``conf.py`` (``env-get-outdated``, after documents are found)."""
    hidden = state_of(env).hidden
    app.config.exclude_patterns = [pattern for pattern in app.config.exclude_patterns if pattern not in hidden]
    return []
