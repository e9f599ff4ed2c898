"""Bundle the stylesheets, write the favicon, and select the stylesheets and scripts of each page."""

from __future__ import annotations

import re
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import furo

from fieldnotes.build.artifacts import write_changed
from fieldnotes.build.state import is_site, state_of, warn_at_setting
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
"""The three bundles, each with its parts in cascade order: 30, 32 and 42 kB compressed. A page links one of them:
``design.css`` if it uses sphinx-design, or else ``front.css`` if it has a block of the home page, or else ``site.css``.

In Lighthouse (mobile), a note is painted 0.15 s later with ``design.css`` than with ``site.css``.
"""

HOME_BLOCK = re.compile(r'class="[^"]*\b(?:hero|map-point|systems-map|threads|topics|lane-grid)\b')
DESIGN_COMPONENT = re.compile(r'class="[^"]*\bsd-')

MONO = "fonts/built-mono.woff2"
"""A font used on every page, and therefore embedded in the bundles. As a separate file, it delays the first paint by
0.15 s in Lighthouse (mobile), since a browser requests it only after the stylesheet."""

BUNDLED = {"pygments.css", *SHEETS["design.css"]}
"""Stylesheets that no page links, because the bundles include them; ``code.css`` replaces ``pygments.css``."""

SEARCH_ONLY = ("documentation_options.js", "translations.js", "doctools.js", "sphinx_highlight.js")
"""Scripts of Sphinx's search, which ``search/sphinx.js`` loads on the search page."""

NEEDED_FOR = {"design-tabs.js": "sd-tab-set", "explore.js": '<form class="exploration" ', "copy.js": 'class="highlight'}
"""Scripts that a page loads only if its body contains this markup."""

FAVICON = "favicon.svg"

MARK_CSS = "svg{{color:{}}}.accent{{color:{}}}"
"""The style of the mark in a browser tab: its ink and accent colors."""


def bundle_stylesheets(app: Sphinx) -> None:
    """Write the bundles and the favicon, register them, and set ``BuildState.papers`` (``builder-inited``, last)."""
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
        warn_at_setting(app.env, "fieldnotes_accent", message)
    variables = "".join(f"{name}:{color};" for name, color in accent_colors.variables(accent, tokens).items())
    font = b64encode(_find(static, MONO).read_bytes()).decode()
    for name, parts in SHEETS.items():
        styles = (_minify(_find(static, part).read_text("utf-8")) for part in parts)
        sheet = "\n".join([f":root{{{variables}}}", *styles])
        sheet = sheet.replace(f'"{MONO}"', f'"data:font/woff2;base64,{font}"')
        write_changed(folder / name, sheet.encode())
        app.add_css_file(name, priority=700)  # after the stylesheets of extensions, before those of conf.py
    if mark := state.catalog.journal.mark:
        _write_mark(app, mark, folder / FAVICON, accent_colors.tokens(tokens))
    else:
        (folder / FAVICON).unlink(missing_ok=True)
    app.config.html_static_path.append(str(folder))


def _write_mark(app: Sphinx, name: str, favicon: Path, themes: list[dict[str, str]]) -> None:
    """Set ``BuildState.mark``, and write the favicon; if that fails, report it, and delete the former favicon."""
    state = state_of(app.env)
    try:
        root = svg.read(Path(app.confdir, name))
    except ValueError as error:
        warn_at_setting(app.env, "fieldnotes_mark", f"`{name}` {error}")
        favicon.unlink(missing_ok=True)
        return
    root.attrib["aria-hidden"] = "true"
    state.mark = ElementTree.tostring(root, encoding="unicode")
    del root.attrib["aria-hidden"]
    root.attrib["xmlns"] = svg.NAMESPACE[1:]
    style = ElementTree.Element("style")
    light, dark = (
        MARK_CSS.format(theme["ink"], color) for theme, color in zip(themes, state.catalog.journal.accent, strict=True)
    )
    style.text = f"{light}@media(prefers-color-scheme:dark){{{dark}}}"
    root.insert(0, style)
    write_changed(favicon, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
    app.config.html_favicon = str(favicon)


def _find(folders: Iterable[Path], name: str) -> Path:
    return next(folder / name for folder in folders if (folder / name).is_file())


def _minify(style: str) -> str:
    """Drop comments and indentation, a tenth of the size."""
    return re.sub(r"\s*\n\s*", "\n", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))


def select_assets(context: dict[str, Any], body: str) -> None:
    """Drop from ``context`` the stylesheets and scripts that a page does not use. Sphinx has no setting for this."""
    sheet = "design.css" if DESIGN_COMPONENT.search(body) else "front.css" if HOME_BLOCK.search(body) else "site.css"
    unused = {
        *(SHEETS.keys() - {sheet}),
        *BUNDLED,
        *SEARCH_ONLY,
        *(name for name, markup in NEEDED_FOR.items() if markup not in body),
    }
    for kind in ("css_files", "script_files"):
        context[kind] = [file for file in context[kind] if str(file.filename).removeprefix("_static/") not in unused]
