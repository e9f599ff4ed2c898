"""Support syntax of other Markdown dialects: fence options, strikethrough, task lists, emoji, folded admonitions."""

from __future__ import annotations

import re
from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx.locale import admonitionlabels
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.build.state import catalog_of, warn_at
from fieldnotes.sources import fence_info
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.tree import SyntaxTreeNode
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

LEXERS = {
    "text": (
        *("ascii", "conf", "config", "cron", "crontab", "csv", "dotenv", "env", "gitignore", "hosts", "log", "logs"),
        *("out", "plain", "plaintext", "pseudo", "pseudocode", "result", "tsv", "txt", "url"),
    ),
    "bash": ("shellscript",),
    "console": ("terminal",),
    "diff": ("patch",),
    "graphql": ("gql",),
    "html": ("astro", "svelte"),
    "jinja": ("j2", "jinja2"),
    "json": ("geojson", "jsonc", "jsonl", "ndjson"),
    "sql": ("hiveql", "hql", "sparksql", "spark-sql"),
    "xml": ("svg",),
}
"""Language names that Pygments does not know, by the lexer that highlights them."""

EMOJI = re.compile(r"(?<![\w:]):[a-z0-9+_-]+:(?![\w:])")

FENCE_OPTIONS = "title=, hl_lines=, linenums=, {1,3}"


class Strike(nodes.inline):
    """Strikethrough text."""


class Task(nodes.inline):
    """The checkbox of a task, as text; ``done`` if it is checked."""


class DialectRenderer(SphinxRenderer):
    """Renders Markdown, with fence options as other systems write them, and strikethrough in any output format."""

    def render_fence(self, token: SyntaxTreeNode) -> None:
        """Render a code block with its title, highlighted lines and line numbers."""
        info = fence_info.parse(token.info)
        if info is None or token.token is None or info.language in self.md_config.fence_as_directive:
            super().render_fence(token)
            return
        token.token.info = info.language
        super().render_fence(token)
        block = cast("nodes.literal_block", self.current_node[-1])
        highlight: dict[str, Any] = block.setdefault("highlight_args", {})
        if info.start:
            block["linenos"] = True
            highlight["linenostart"] = info.start
        last = token.content.rstrip("\n").count("\n") + 1
        if info.highlighted:
            highlight["hl_lines"] = [line for line in info.highlighted if line <= last]
        if beyond := [line for line in info.highlighted if line > last]:
            warn_at(block, Code.FOREIGN, f"the fence highlights line {beyond[0]} of {last}; correct the number")
        if info.unknown:
            message = f"`{info.unknown[0]}` after a fence's language has no effect; remove it (known: {FENCE_OPTIONS})"
            warn_at(block, Code.FOREIGN, message)
        if info.title:
            wrapper = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
            wrapper.source, wrapper.line = block.source, block.line
            _replace(block, [wrapper])
            wrapper += nodes.caption("", info.title)
            wrapper += block

    def render_s(self, token: SyntaxTreeNode) -> None:
        """Render strikethrough text."""
        with self.current_node_context(Strike(), append=True):
            self.render_children(token)


class ReadDialects(SphinxTransform):
    """Replace the markup of task checkboxes, and the short names of emoji."""

    default_priority = 3  # before SanitizeHtml, which then sees only the author's HTML

    def apply(self, **kwargs: Any) -> None:
        for raw in list(self.document.findall(nodes.raw)):
            if "task-list-item-checkbox" in raw.astext():
                done = 'checked="' in raw.astext()
                raw.parent.parent["classes"].append("task")
                raw.replace_self(Task("", "[x] " if done else "[ ] ", done=done))
        if EMOJI.search(self.document.astext()):
            for text in list(self.document.findall(nodes.Text)):
                is_code = isinstance(text.parent, nodes.FixedTextElement | nodes.literal | nodes.math)
                if EMOJI.search(text) and not is_code:
                    shown = EMOJI.sub(lambda match: emoji_of(match[0]) or match[0], text)
                    text.parent.replace(text, nodes.Text(shown))
        for fields in self.document.findall(nodes.field_list):
            name = next(fields.findall(nodes.field_name)).astext()
            if len(fields) == 1 and (shown := emoji_of(f":{name}:")):
                message = f"`:{name}:` begins a field list, so it is not shown as an emoji; write {shown}"
                warn_at(fields[0], Code.FOREIGN, message)


def emoji_of(name: str) -> str:
    """Return the emoji with a short name; ``""`` if there is none."""
    from emoji import emojize  # imported on first use, as it takes 50 ms to load its table

    shown = emojize(name, language="alias")
    return "" if shown == name else shown


class FoldAdmonitions(SphinxPostTransform):
    """Render admonitions of the class ``dropdown`` as ``<details>``, with their titles as ``<summary>``."""

    default_priority = 7
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.Element)):
            if not isinstance(node, nodes.Admonition) or "dropdown" not in node["classes"]:
                continue
            kind = "" if isinstance(node, nodes.admonition) else node.tagname
            title = node.pop(0).children if not kind else [nodes.Text(admonitionlabels[kind])]
            classes = escape(" ".join(filter(None, ["admonition", kind, *node["classes"]])))
            first, *others = [f' id="{escape(name)}"' for name in node["ids"]] or [""]
            anchors = "".join(f"<span{other}></span>" for other in others)
            opening = f'{anchors}<details class="{classes}"{first}><summary class="admonition-title">'
            fold = [_html(opening), nodes.inline("", "", *title), _html("</summary>"), *node.children]
            _replace(node, [*fold, _html("</details>")])


def _replace(node: nodes.Element, others: list[nodes.Node]) -> None:
    """Replace a node with others; unlike ``replace_self``, copy no names or classes to them."""
    index = node.parent.index(node)
    node.parent[index : index + 1] = others


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def visitors(start: str, end: str, write: str = "body.append") -> tuple[Callable[..., None], Callable[..., None]]:
    """Return visit and depart functions that write ``start`` and ``end`` with the translator's method ``write``."""
    add = attrgetter(write)
    return lambda translator, _node: add(translator)(start), lambda translator, _node: add(translator)(end)


def visit_task(translator: HTML5Translator, node: Task) -> None:
    """Write a disabled checkbox."""
    gettext = catalog_of(translator.builder.env).language.gettext
    label, checked = (gettext("done"), " checked") if node["done"] else (gettext("to do"), "")
    translator.body.append(f'<input class="task-box" type="checkbox" disabled aria-label="{escape(label)}"{checked}> ')
    raise nodes.SkipNode


def setup_dialects(app: Sphinx) -> None:
    """Register the transforms, the nodes with their visitors for each format, and the names of languages."""
    from pygments.lexers import find_lexer_class_by_name

    for lexer, names in LEXERS.items():
        for name in names:
            app.add_lexer(name, find_lexer_class_by_name(lexer))
    strike: dict[str, Any] = {
        "html": visitors("<s>", "</s>"),
        "latex": visitors(r"\sout{", "}"),
        "text": visitors("~~", "~~", "add_text"),
    }
    app.add_node(Strike, **strike)
    app.add_node(Task, html=(visit_task, None))
    app.add_latex_package("ulem", "normalem")
    app.add_transform(ReadDialects)
    app.add_post_transform(FoldAdmonitions)
