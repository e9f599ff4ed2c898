"""What a template is given for each page."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from html import escape, unescape
from typing import TYPE_CHECKING, Any

from fieldnotes.build import incremental
from fieldnotes.build.assets import keep_assets
from fieldnotes.build.state import state_of
from fieldnotes.pages import documents, metadata
from fieldnotes.pages.parts import sidebar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sphinx.application import Sphinx

STYLE = re.compile(r'<[^<>]+\sstyle="([^"]*)"')
"""The style of a tag, as docutils writes it for the width of an image or a column."""


def page_context(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page what it shows from the catalog (``html-page-context``), before Furo's own handler.

    Furo would render the whole toctree and parse it again for every page; its sidebar is ours, so it gets none.
    For ``toc`` see page_toc.
    """
    context["toctree"] = lambda **kwargs: ""
    context["our_toc"], context["toc"] = context.get("toc", ""), ""
    state = state_of(app.env)
    found = state.catalog
    if doctree is not None:
        mentions = state.plan.mentions if state.plan else {}
        context.update(documents.view(found, pagename), mentions=mentions.get(pagename))
        for ours, furos in {"before": "prev", "after": "next"}.items():
            target = context.get(ours)
            context[furos] = target and {
                "title": escape(target["title"]),
                "link": app.builder.get_relative_uri(pagename, target["page"]),
            }
    context.setdefault("sidebar", sidebar(found))
    for script in context.get("scripts", ()):
        app.add_js_file(script, loading_method="defer")
    if pagename == "search":
        context["unlisted"] = True
    context.update(metadata.head(state.site, pagename, context))
    context["csp_hash"] = csp_hash
    body = str(context.get("body", ""))
    styles = STYLE.findall(body) if " style=" in body else []
    context["csp_styles"] = sorted({csp_hash(unescape(style)) for style in styles})
    if pagename == "404":
        _link_from_anywhere(context, state.site.path)
    keep_assets(app, context, body)


def _link_from_anywhere(context: dict[str, Any], root: str) -> None:
    """Make what a page links to right at whatever depth it is shown, and its links to itself lead nowhere else."""
    near, context["content_root"] = context["pathto"], root
    context["pathto"] = lambda *args, **options: root + near(*args, **options)
    for tag in ("css_tag", "js_tag"):
        context[tag] = partial(_rooted_tag, root, context[tag])


def _rooted_tag(root: str, make: Callable[[Any], str], asset: Any) -> str:
    return make(asset).replace('="_static/', f'="{root}_static/')


@cache
def csp_hash(text: str) -> str:
    """The source of a Content-Security-Policy that lets this inline text through, and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def page_toc(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put back the page's own contents (``html-page-context``), after Furo's handler.

    Furo asks Sphinx for them a second time, to see whether there is enough to show: Sphinx has counted them already.
    """
    context["toc"] = context.pop("our_toc")
    context["furo_hide_toc"] = not context.get("display_toc") or "hide-toc" in (context.get("meta") or {})


def collect_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the pages made from the catalog alone (``html-collect-pages``), those that are not as they were."""
    for page in incremental.changed_pages(app):
        context = {**page.context, "title": escape(page.context["title"])}
        if page.template == "lab.html":
            highlighter = app.builder.highlighter  # type: ignore[attr-defined]
            context["source"] = highlighter.highlight_block(page.context["lab"]["source"], "python")
        yield page.pagename, context, page.template
