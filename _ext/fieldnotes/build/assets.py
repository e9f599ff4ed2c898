"""Which stylesheets and scripts a page loads."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any

import furo

from fieldnotes.build.state import is_site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

FURO = "styles/furo.css"
DESIGN = ("sphinx-design.min.css", "styles/furo-extensions.css")
JOURNAL = ("tokens.css", "journal.css", "diagrams.css", "figures.css", "tags.css")

SHEETS = {"site.css": (FURO, *JOURNAL), "design.css": (FURO, *DESIGN, *JOURNAL, "home.css")}
"""The two stylesheets and their parts in cascade order, which Pygments' rules begin. A page links one of them.

Home, the lanes and notes with a component of sphinx-design link ``design.css``, of 38 kB compressed. A note that
links it is painted 0.15 s later in Lighthouse (mobile) than with ``site.css``, of 28 kB.
"""

MONO = "fonts/built-mono.woff2"
"""A font with words on every page. It stands in the stylesheet: Lighthouse (mobile) paints a page 0.15 s later if it
is a file that the browser asks for once it has the stylesheet."""

REPLACED = {"pygments.css", "copybutton.css", *SHEETS["design.css"]}
"""Stylesheets that no page links: the two hold all of them, but for ``copybutton.css``, which they do not need."""

SEARCH_ONLY = ("doctools.js", "sphinx_highlight.js")
"""Scripts of Sphinx's own search, which ``search/sphinx.js`` loads on the search page."""

USED_BY = {
    "design-tabs.js": "sd-tab-set",
    "copybutton.js": 'class="highlight',
    "clipboard.min.js": 'class="highlight',
    "documentation_options.js": 'class="highlight',
}
"""The text in the body of a page without which the page does not load a script."""


def join_stylesheets(app: Sphinx) -> None:
    """Write the two stylesheets and hand them to Sphinx as static files (``builder-inited``, after extensions)."""
    if not is_site(app.builder):
        return
    static = [furo.THEME_PATH / "static", *(Path(app.confdir, name) for name in app.config.html_static_path)]
    folder = Path(app.doctreedir, "stylesheets")
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in SHEETS.items():
        styles = [furo.get_pygments_stylesheet(), *(_find(static, part).read_text("utf-8") for part in parts)]
        font = b64encode(_find(static, MONO).read_bytes()).decode()
        sheet = "\n".join(map(_minify, styles)).replace(f'"{MONO}"', f'"data:font/woff2;base64,{font}"')
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != sheet:
            path.write_text(sheet, "utf-8")
        app.add_css_file(name, priority=700)  # after those of extensions, before those of conf.py
    app.config.html_static_path.append(str(folder))


def _find(folders: Iterable[Path], name: str) -> Path:
    return next(folder / name for folder in folders if (folder / name).is_file())


def _minify(style: str) -> str:
    """Drop comments and indents: a tenth of the size."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def select_assets(context: dict[str, Any], body: str) -> None:
    """Leave out the stylesheets and scripts that a page does not use. Sphinx has no setting for it."""
    other = "site.css" if "sd-" in body else "design.css"
    unused = {other, *REPLACED, *SEARCH_ONLY, *(name for name, mark in USED_BY.items() if mark not in body)}
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if str(file.filename).removeprefix("_static/") not in unused]
