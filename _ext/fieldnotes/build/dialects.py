"""Show what other Markdown means: titles and marked lines of code, struck text, task lists, emoji, folded notes."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.locale import admonitionlabels
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from fieldnotes.build.hints import source_lines
from fieldnotes.build.state import warn_at
from fieldnotes.sources import fence_info
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator
    from sphinx.writers.latex import LaTeXTranslator
    from sphinx.writers.text import TextTranslator

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
"""Names of languages that Pygments does not know, by the lexer that shows each."""

EMOJI = re.compile(r"(?<![\w:]):[a-z0-9+_-]+:(?![\w:])")

KNOWN_PARTS = "known are title=, hl_lines=, linenums= and {1,3}"


class Strike(nodes.inline):
    """Struck text."""


class Task(nodes.inline):
    """The box of a task, as text; ``done`` is whether it is ticked."""


class ReadDialects(SphinxTransform):
    """Read what MyST leaves unread, or makes raw HTML of, which only browsers show."""

    default_priority = 3  # before raw HTML, which is then the author's alone, is cleaned

    def apply(self, **kwargs: Any) -> None:
        blocks = [node for node in self.document.findall(nodes.literal_block) if node.line and "language" in node]
        lines = source_lines(self.env, self.env.docname) if blocks else []
        for block in blocks:
            opening = lines[(block.line or 1) - 1] if block.source == self.document["source"] else ""
            if (info := fence_info.parse(opening)) and info.language in block["language"]:
                self.show_code(block, info)
        for raw in list(self.document.findall(nodes.raw)):
            if raw.astext() == "</s>":
                strike(raw)
            elif "task-list-item-checkbox" in raw.astext():
                done = 'checked="' in raw.astext()
                raw.parent.parent["classes"].append("task")
                raw.replace_self(Task("", "[x] " if done else "[ ] ", done=done))
        if EMOJI.search(self.document.astext()):
            self.show_emoji()
        for fields in self.document.findall(nodes.field_list):
            name = next(fields.findall(nodes.field_name)).astext()
            if len(fields) == 1 and (shown := emoji_of(f":{name}:")):
                message = f"`:{name}:` begins a field, and is no emoji here; write {shown}"
                warn_at(fields[0], Code.FOREIGN, message)

    def show_code(self, block: nodes.literal_block, info: fence_info.FenceInfo) -> None:
        """Give a block of code what its fence says."""
        block["language"] = info.language
        highlight: dict[str, Any] = block.setdefault("highlight_args", {})
        if info.start:
            block["linenos"] = True
            highlight["linenostart"] = info.start
        last = block.astext().rstrip("\n").count("\n") + 1
        if info.marked:
            highlight["hl_lines"] = [line for line in info.marked if line <= last]
        if beyond := [line for line in info.marked if line > last]:
            message = f"the fence marks line {beyond[0]} of {last}; mark another, or none"
            warn_at(block, Code.FOREIGN, message)
        if info.unknown:
            message = f"`{info.unknown[0]}` behind the language of a fence says nothing here; remove it: {KNOWN_PARTS}"
            warn_at(block, Code.FOREIGN, message)
        if info.title:
            wrapper = nodes.container("", literal_block=True, classes=["literal-block-wrapper"])
            wrapper.source, wrapper.line = block.source, block.line
            _put(block, [wrapper])
            wrapper += nodes.caption("", info.title)
            wrapper += block

    def show_emoji(self) -> None:
        """Put emoji in the place of their short names, outside of code and formulas."""
        for text in list(self.document.findall(nodes.Text)):
            if EMOJI.search(text) and not isinstance(text.parent, nodes.FixedTextElement | nodes.literal | nodes.math):
                shown = EMOJI.sub(lambda match: emoji_of(match[0]) or match[0], text)
                text.parent.replace(text, nodes.Text(shown))


def emoji_of(name: str) -> str:
    """The character of a short name; ``""`` if it is none."""
    from emoji import emojize  # imported when needed: it loads its table, in 50 ms

    shown = emojize(name, language="alias")
    return "" if shown == name else shown


def strike(end: nodes.raw) -> None:
    """Put what stands between a tag ``<s>`` and its ``end`` into one node."""
    parent = end.parent
    last = parent.index(end)
    starts = [
        place for place in range(last) if isinstance(parent[place], nodes.raw) and parent[place].astext() == "<s>"
    ]
    if starts:
        struck = Strike("", "", *parent[starts[-1] + 1 : last])
        parent[starts[-1] : last + 1] = [struck]


class FoldAdmonitions(SphinxPostTransform):
    """Show an admonition of the class ``dropdown`` as a fold that its title opens."""

    default_priority = 7
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for node in list(self.document.findall(nodes.Element)):
            if not isinstance(node, nodes.Admonition) or "dropdown" not in node["classes"]:
                continue
            kind = "" if isinstance(node, nodes.admonition) else node.tagname
            title = node.pop(0).children if not kind else [nodes.Text(admonitionlabels[kind])]
            classes = escape(" ".join(filter(None, ["admonition", kind, *node["classes"]])))
            anchor = "".join(f' id="{escape(name)}"' for name in node["ids"][:1])
            opening = f'<details class="{classes}"{anchor}><summary class="admonition-title">'
            fold = [_html(opening), nodes.inline("", "", *title), _html("</summary>"), *node.children]
            _put(node, [*fold, _html("</details>")])


def _put(node: nodes.Element, others: list[nodes.Node]) -> None:
    """Put others in the place of a node: ``replace_self`` would give its names and classes to one of them."""
    place = node.parent.index(node)
    node.parent[place : place + 1] = others


def _html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def visit_strike(translator: HTML5Translator, node: Strike) -> None:
    """Open ``<s>``."""
    translator.body.append("<s>")


def depart_strike(translator: HTML5Translator, node: Strike) -> None:
    """Close it."""
    translator.body.append("</s>")


def visit_task(translator: HTML5Translator, node: Task) -> None:
    """Write a box that nobody can tick."""
    state = ' aria-label="done" checked' if node["done"] else ' aria-label="to do"'
    translator.body.append(f'<input class="task-box" type="checkbox" disabled{state}> ')
    raise nodes.SkipNode


def strike_text(translator: TextTranslator, node: Strike) -> None:
    """Write the signs of Markdown around struck text."""
    translator.add_text("~~")


def strike_latex(translator: LaTeXTranslator, node: Strike) -> None:
    """Open a strike of the package ulem."""
    translator.body.append(r"\sout{")


def end_latex(translator: LaTeXTranslator, node: Strike) -> None:
    """Close it."""
    translator.body.append("}")


def setup_dialects(app: Sphinx) -> None:
    """Register the transforms, the nodes with their look in each output, and names of languages."""
    from pygments.lexers import find_lexer_class_by_name

    for lexer, names in LEXERS.items():
        for name in names:
            app.add_lexer(name, find_lexer_class_by_name(lexer))
    html = (visit_strike, depart_strike)
    app.add_node(Strike, html=html, text=(strike_text, strike_text), latex=(strike_latex, end_latex))
    app.add_node(Task, html=(visit_task, None))
    app.add_latex_package("ulem", "normalem")
    app.add_transform(ReadDialects)
    app.add_post_transform(FoldAdmonitions)
