"""A note as plain Markdown, for readers that do not support MyST, such as language models.

It is generated from the note's page, so it has what the page shows: included files, lab numbers, drawings in words.
html-to-markdown writes the Markdown; the page is first reduced to HTML that Markdown has syntax for.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from html_to_markdown import ConversionOptions, convert

from fieldnotes.exports.article import article, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note

LEFT_OUT = (
    ".trail, .note-line, .byline, .freshness, p.tags, .visually-hidden, .linenos, .backrefs, "
    "summary svg, .sd-tab-set > input, .only-dark, script, style"
)
"""Elements around the note's text, and controls, which do nothing in a file."""

TITLES = "dt, .admonition-title, .rubric, .sidebar-title, .topic-title, .sd-card-title, .sd-tab-label"

VERBATIM = {"code", "kbd", "math", "pre", "samp", "svg"}

OPTIONS = ConversionOptions(
    compact_tables=True, extract_metadata=False, autolinks=False, sub_symbol="<sub>", sup_symbol="<sup>"
)

MARKUP = r"\`*_[]<>"
"""Characters that Markdown may read as markup."""

DELIMITER = "\ufdef"
"""Encloses the number of a footnote, in place of its Markdown."""

ESCAPED = {ord(char): 0xFDD0 + index for index, char in enumerate(MARKUP)}
LITERAL = {ord(char): 0xFDE0 + index for index, char in enumerate(MARKUP)}
RESTORED = {ESCAPED[ord(char)]: f"\\{char}" for char in MARKUP} | {LITERAL[ord(char)]: char for char in MARKUP}
"""The converter escapes by its own rules, so it gets noncharacters in place of markup; they become ``\\*`` in text and
``*`` in math."""

RESTORED[ord("\N{WORD JOINER}")] = ""  # on the page it keeps a comma on the line of a formula


def markdown_file(note: Note, page: str, catalog: Catalog, site: Site) -> bytes:
    """Return the published file of a note: its front matter as written, then its ``page`` from the title to the tags.

    Links are absolute, and lead to the Markdown of other notes, so they work wherever the file is copied to.
    """
    tree = parse(article(page), site.page(note.docname))
    for node in tree.css(LEFT_OUT):
        node.decompose()
    for text in [*_texts(tree.root)]:
        if not set(MARKUP).isdisjoint(text.text_content or ""):
            text.replace_with((text.text_content or "").translate(ESCAPED))
    _rewrite(tree)
    for node in tree.css("a[href]"):
        node.attrs["href"] = _link(node.attrs.sget("href"), note, catalog, site)
    footnotes = [*_footnotes(tree)]
    markdown = re.sub(
        rf"^( *){DELIMITER}(\d+){DELIMITER}$",
        lambda match: _indented(match[1], footnotes[int(match[2])]),
        _convert(tree.html),
        flags=re.M,
    )
    return f"{note.header.text}\n\n{markdown.translate(RESTORED)}".encode()


def _convert(html: str | None) -> str:
    """Return HTML as Markdown, with noncharacters in place of escaped markup."""
    html = (html or "").replace("<blockquote", "<section><blockquote")  # otherwise no blank line follows
    return convert(html.replace("</blockquote>", "</blockquote></section>"), OPTIONS).content or ""


def _footnotes(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield each footnote as Markdown, and replace it in the tree with its number between two delimiters.

    The converter does not support footnotes, and would end each after its first paragraph.
    """
    for number, node in enumerate(tree.css("aside.footnote")):
        label = node.css_first(".label")
        name = f"[^{_number(label)}]: ".translate(LITERAL) if label else ""
        if label:
            label.decompose()
        yield name + _indented("    ", _convert(node.inner_html).strip()).lstrip()
        node.inner_html = f"<p>{DELIMITER}{number}{DELIMITER}</p>"


def _indented(indent: str, text: str) -> str:
    return re.sub(r"^(?=.)", indent, text, flags=re.M)


def escaped(text: str) -> str:
    """Return the text with Markdown markup escaped."""
    return text.translate(ESCAPED).translate(RESTORED)


def _texts(root: LexborNode | None) -> Iterator[LexborNode]:
    """Yield the text nodes inside a node, except in code, math and drawings; it may be nested deeply."""
    nodes = [root] if root else []
    while nodes:
        for child in nodes.pop().iter(include_text=True):
            if child.is_text_node:
                yield child
            elif child.tag not in VERBATIM:
                nodes.append(child)


def _rewrite(tree: LexborHTMLParser) -> None:
    """Replace, in the tree, what Markdown has no syntax for: titles, math, drawings, code, footnotes, admonitions."""
    for node in tree.css(TITLES):
        node.inner_html = f"<p><strong>{node.inner_html}</strong></p>"
    for node in tree.css("math"):
        tex = node.css_first("annotation")
        fence = "$$" if node.attrs.get("display") == "block" else "$"
        node.replace_with(f"{fence}{(tex or node).text().strip()}{fence}".translate(LITERAL))
    for node in tree.css("svg"):
        text = node.attrs.get("aria-label") or ". ".join(part.text() for part in node.css("title, desc"))
        figure = tree.create_node("p")
        figure.inner_html = f"<em>Figure: {escape(text.translate(ESCAPED))}</em>" if text else ""
        node.replace_with(figure)
    for block in tree.css("[class^=highlight-]"):
        language = block.attrs.sget("class").split()[0].removeprefix("highlight-")
        attribute = f' class="language-{language}"' if language not in {"default", "none"} else ""
        for node in block.css("pre"):
            node.inner_html = f"<code{attribute}>{escape(node.text())}</code>"
    for node in tree.css("a.footnote-reference"):
        node.replace_with(f"[^{_number(node)}]".translate(LITERAL))
    for node in reversed(tree.css(".admonition")):  # inner ones first
        quote = tree.create_node("blockquote")
        quote.inner_html = node.inner_html or ""
        node.replace_with(quote)
    tree.unwrap_tags(["figure", "figcaption"])


def _number(node: LexborNode) -> str:
    """Return the number of a footnote without its brackets."""
    return re.sub(r"\D", "", node.text())


def _link(address: str, note: Note, catalog: Catalog, site: Site) -> str:
    """Return the target of a page's link in the Markdown: another note's Markdown, a heading, or the same address."""
    page, separator, fragment = address.partition("#")
    docname = unquote(page.removeprefix(site.address)).removesuffix(".html").rstrip("/")
    if page != site.page(docname) or docname not in catalog.notes_by_docname:
        return address
    return f"{'' if docname == note.docname else site.file(f'{docname}.md')}{separator}{fragment}"
