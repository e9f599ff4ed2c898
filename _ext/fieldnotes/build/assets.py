"""Which styles and scripts a page loads."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.build import stylesheet
from fieldnotes.build.state import state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

ASSETS = {
    "sd-": ["sphinx-design.min.css", "furo-extensions.css"],
    "systems-map": ["home.css"],
    "sd-tab-set": ["design-tabs.js"],
    'class="diagram': ["diagrams.css"],
    'class="lab-': ["figures.css"],
    'class="tag-table': ["tags.css"],
    'class="highlight': [
        "copybutton.js",
        "clipboard.min.js",
        "pygments.css",
        "documentation_options.js",
    ],
}
"""Files that a page needs only if its body holds the text."""

SEARCH_PARTS = ("doctools.js", "sphinx_highlight.js")
"""Scripts of Sphinx's search; ``search/sphinx.js`` loads them on the search page."""

RESTYLED = ("copybutton.css",)
"""Styles that ``journal.css`` has in other words."""

SOURCE = re.compile(r'\ssrc="([^"]*)"')
"""Where the tag of a script has it from."""


def keep_assets(app: Sphinx, context: dict[str, Any], body: str) -> None:
    """Leave out the styles and scripts that a page has no use for, and make the tags of the others once a folder.

    Sphinx reads each file again for each page, to put its checksum into the tag.
    """
    needed = context.get("needs", ())
    marked = (name for mark, names in ASSETS.items() if mark not in body for name in names if name not in needed)
    unused = (*SEARCH_PARTS, *RESTYLED, *marked)
    for kind, tag in {"css_files": "css_tag", "script_files": "js_tag"}.items():
        context[kind] = [asset for asset in context[kind] if not str(asset.filename).endswith(unused)]
        context[tag] = partial(_tag, state_of(app.env).asset_tags, context["content_root"], context[tag])
    styles = {str(asset.filename).removeprefix("_static/"): asset for asset in context["css_files"]}
    sheet = stylesheet.fitting(name for name in styles if name in stylesheet.ORDER)
    others = [asset for name, asset in styles.items() if name not in stylesheet.SHEETS[sheet]]
    tags = (str(context["js_tag"](asset)) for asset in context["script_files"])
    context["later"] = [unescape(source[1]) for tag in tags if (source := SOURCE.search(tag))]
    context["css_files"] = [f"_static/{sheet}?v={_version(app)}", *others]


def _version(app: Sphinx) -> str:
    tags = state_of(app.env).asset_tags
    if ("", "") not in tags:
        tags["", ""] = stylesheet.version(Path(app.outdir, "_static"))
    return tags["", ""]


def _tag(made: dict[tuple[str, str], str], root: str, make: Callable[[Any], str], asset: Any) -> str:
    key = (root, str(asset.filename))
    if key not in made:
        made[key] = make(asset)
    return made[key]
