"""Complete the template context of each page."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from html import escape, unescape
from typing import TYPE_CHECKING, Any, cast

from fieldnotes.build.assets import select_assets
from fieldnotes.build.state import is_site, state_of
from fieldnotes.pages import documents, metadata
from fieldnotes.pages.shared import View, navigation, sidebar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx
    from sphinx.builders.html import StandaloneHTMLBuilder

INLINE_STYLE = re.compile(r'<[^<>]+\sstyle="([^"]*)"')
"""An inline style, which docutils writes for the width of an image or a column. Authors cannot write one."""

UNCOLORED = re.compile(r'<span class="(?:[nopw]|err|fm|n[abcefilnovx]|py|v[cgim])">([^<]*)</span>')
"""Code tokens that code.css does not color: half of the elements of a page with a lot of code."""


def page_context(app: Sphinx, pagename: str, templatename: str, context: View, doctree: Any) -> str | None:
    """Add to ``context`` what a page shows from the catalog (``html-page-context``, before Furo's handler).

    Returns the template, None for ``templatename``. Registers the page's scripts. Removes ``toctree`` and ``toc``, so
    that Furo's handler skips the page: it would render and parse the toctree of the whole site, and ask Sphinx for the
    page's table of contents a second time.
    """
    if not is_site(app.builder):
        scripts = {f"_static/{name}" for name, _attributes in app.config.html_js_files}
        context["script_files"] = [file for file in context["script_files"] if str(file.filename) not in scripts]
        return None
    context.pop("toctree", None)
    toc = context.pop("toc", "")
    hidden = not context.get("display_toc") or "hide-toc" in (context.get("meta") or {})
    context["contents"] = "" if hidden else toc
    state = state_of(app.env)
    if doctree is not None:
        context.update(documents.view(state.catalog, pagename), backlinks=state.plan.backlinks.get(pagename))
        for name, side in {"prev": "before", "next": "after"}.items():
            neighbor = context.get(side)
            context[name] = neighbor and {
                "title": escape(neighbor["title"]),
                "link": app.builder.get_relative_uri(pagename, neighbor["page"]),
            }
    context.setdefault("sidebar", sidebar(state.catalog))
    context.update(navigation=navigation(state.catalog), journal=state.catalog.journal)
    context.update(mark=state.mark, papers=state.papers, script_words=state.catalog.language.script_words)
    for script in context.get("scripts", ()):
        app.add_js_file(script, loading_method="defer", priority=900)  # after journal.js
    if pagename == "search":
        context["unlisted"] = True
    if state.catalog.language.direction == "rtl":
        context["language"] = f'{state.catalog.language.tag}" dir="rtl'  # Furo's <html> has no block for attributes
    context.update(metadata.head(state.site, state.catalog.journal, pagename, context))
    context["body"] = body = UNCOLORED.sub(r"\1", str(context.get("body", "")))
    context["csp_hash"] = csp_hash
    context["csp_styles"] = sorted({csp_hash(unescape(style)) for style in INLINE_STYLE.findall(body)})
    select_assets(context, body)
    if pagename == "404":
        _link_from_root(context, state.site.path)
    return "document.html" if templatename == "page.html" else None


def _link_from_root(context: View, root: str) -> None:
    """Make links root-relative, since a host serves the 404 page at any depth. 404.html does so for its assets."""
    pathto, context["content_root"] = context["pathto"], root
    context["pathto"] = lambda *args, **options: root + pathto(*args, **options)


@cache
def csp_hash(text: str) -> str:
    """Return the Content-Security-Policy source that allows this inline script or style."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def collect_pages(app: Sphinx) -> Iterator[tuple[str, View, str]]:
    """Yield the generated pages that have changed (``html-collect-pages``)."""
    state = state_of(app.env)
    for page in state.pages.values() if is_site(app.builder) else ():
        if not state.is_stale(state.site.page_path(page.pagename)):
            continue
        context = {**page.context, "title": escape(page.context["title"])}
        if page.template == "lab.html":
            highlighter = cast("StandaloneHTMLBuilder", app.builder).highlighter
            source = highlighter.highlight_block(page.context["source"], "python", linespans="line")
            context["source"] = UNCOLORED.sub(r"\1", source)
        yield page.pagename, context, page.template
