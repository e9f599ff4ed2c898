"""Which stylesheets and scripts a page loads."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import furo

from fieldnotes.build.artifacts import write_changed
from fieldnotes.build.state import is_site, state_of, warn_of_setting
from fieldnotes.pages import accent_colors
from fieldnotes.sources import svg

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sphinx.application import Sphinx

FURO = "styles/furo.css"
DESIGN = ("sphinx-design.min.css", "styles/furo-extensions.css")
JOURNAL = ("tokens.css", "journal.css", "code.css", "diagrams.css", "figures.css", "tags.css")

SHEETS = {
    "site.css": (FURO, *JOURNAL),
    "front.css": (FURO, *JOURNAL, "home.css"),
    "design.css": (FURO, *DESIGN, *JOURNAL, "home.css"),
}
"""The three stylesheets and their parts in cascade order, of 30, 32 and 42 kB compressed. A page links one of them: one
with a block of home ``front.css``, and one with a component of sphinx-design ``design.css``.

A note that links ``design.css`` is painted 0.15 s later in Lighthouse (mobile) than with ``site.css``.
"""

FRONT = re.compile(r'class="[^"]*\b(?:hero|map-point|systems-map|threads|topics|lane-grid)\b')
DESIGNED = re.compile(r'class="[^"]*\bsd-')

MONO = "fonts/built-mono.woff2"
"""A font with words on every page. It stands in the stylesheet: Lighthouse (mobile) paints a page 0.15 s later if it
is a file that the browser asks for once it has the stylesheet."""

REPLACED = {"pygments.css", *SHEETS["design.css"]}
"""Stylesheets that no page links: the three hold all of them, but for ``pygments.css``, which code.css replaces."""

SEARCH_ONLY = ("documentation_options.js", "translations.js", "doctools.js", "sphinx_highlight.js")
"""Scripts of Sphinx's own search, which ``search/sphinx.js`` loads on the search page."""

USED_BY = {
    "design-tabs.js": "sd-tab-set",
    "explore.js": '<form class="exploration" ',
    "copy.js": 'class="highlight',
}
"""The text in the body of a page without which the page does not load a script."""

FAVICON = "favicon.svg"

LOOK = "svg{{color:{}}}.accent{{color:{}}}"
"""The colors of the mark in a browser's tab."""


def join_stylesheets(app: Sphinx) -> None:
    """Write the stylesheets and the mark, and hand them to Sphinx as static files (``builder-inited``, last)."""
    if not is_site(app.builder):
        return
    state = state_of(app.env)
    accent = state.catalog.journal.accent
    static = [furo.THEME_PATH / "static", *(Path(app.confdir, name) for name in app.config.html_static_path)]
    folder = Path(app.doctreedir, "stylesheets")
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _find(static, "tokens.css").read_text("utf-8")
    state.papers = [theme["paper"] for theme in accent_colors.tokens(tokens)]
    for message in accent_colors.unreadable(accent, tokens):
        warn_of_setting(app.env, "fieldnotes_accent", message)
    own = "".join(f"{name}:{color};" for name, color in accent_colors.variables(accent, tokens).items())
    for name, parts in SHEETS.items():
        styles = (_minify(_find(static, part).read_text("utf-8")) for part in parts)
        font = b64encode(_find(static, MONO).read_bytes()).decode()
        sheet = "\n".join([f":root{{{own}}}", *styles])
        sheet = sheet.replace(f'"{MONO}"', f'"data:font/woff2;base64,{font}"')
        write_changed(folder / name, sheet.encode())
        app.add_css_file(name, priority=700)  # after those of extensions, before those of conf.py
    if mark := state.catalog.journal.mark:
        _write_mark(app, mark, folder / FAVICON, accent_colors.tokens(tokens))
    else:
        (folder / FAVICON).unlink(missing_ok=True)
    app.config.html_static_path.append(str(folder))


def _write_mark(app: Sphinx, name: str, favicon: Path, themes: list[dict[str, str]]) -> None:
    """Keep the mark for the head of each page, and write it as the icon of the site."""
    state = state_of(app.env)
    try:
        root = svg.read(Path(app.confdir, name))
    except ValueError as error:
        warn_of_setting(app.env, "fieldnotes_mark", f"`{name}` {error}")
        return
    root.attrib["aria-hidden"] = "true"
    state.mark = ElementTree.tostring(root, encoding="unicode")
    del root.attrib["aria-hidden"]
    root.attrib["xmlns"] = svg.NAMESPACE[1:]
    style = ElementTree.Element("style")
    light, dark = (
        LOOK.format(theme["ink"], color) for theme, color in zip(themes, state.catalog.journal.accent, strict=True)
    )
    style.text = f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
    root.insert(0, style)
    write_changed(favicon, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    app.config.html_favicon = str(favicon)


def _find(folders: Iterable[Path], name: str) -> Path:
    return next(folder / name for folder in folders if (folder / name).is_file())


def _minify(style: str) -> str:
    """Drop comments and indents: a tenth of the size."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def select_assets(context: dict[str, Any], body: str) -> None:
    """Leave out the stylesheets and scripts that a page does not use. Sphinx has no setting for it."""
    sheet = "design.css" if DESIGNED.search(body) else "front.css" if FRONT.search(body) else "site.css"
    unused = {
        *(SHEETS.keys() - {sheet}),
        *REPLACED,
        *SEARCH_ONLY,
        *(name for name, mark in USED_BY.items() if mark not in body),
    }
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if str(file.filename).removeprefix("_static/") not in unused]
