"""Sanitize raw HTML: pictures and links become the nodes that MyST creates, and all else is checked against a list.

The allow-list is in ``sources.html``. MyST puts pieces of HTML between its own nodes; here the pieces are put together
again: tags are balanced, files are copied, and ids become targets of links.
"""

from __future__ import annotations

import os.path
import re
from collections import Counter
from functools import cached_property
from html import unescape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import quote, unquote

from docutils import nodes
from selectolax.lexbor import LexborHTMLParser
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

from fieldnotes.build.check_builder import text_of
from fieldnotes.build.state import is_site, state_of, warn
from fieldnotes.checks import pictures
from fieldnotes.sources import html
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx

    from fieldnotes.checks.prose import Text
    from fieldnotes.sources.html import Token

PAGE_IDS = frozenset(
    [
        *("furo-main-content", "journal-menu", "page-contents", "results", "scripts"),
        *("search-again", "search-input", "search-results"),
    ]
)
"""Ids of the page layout, which scripts and links use."""

COPIED = "\ue003"
"""Placeholder prefix of a copied file's address, until the path from the page to the file is known."""

THEME = re.compile(r"prefers-color-scheme:\s*(dark|light)")
"""The theme in ``media`` of a ``<source>``, if a picture has a version for each theme."""


class SanitizeHtml(SphinxTransform):
    """Sanitize and balance the HTML of a document."""

    default_priority = 4  # before CheckText, whose rules read the result

    def apply(self, **kwargs: Any) -> None:
        parents: dict[Element, None] = {}
        for node in [*self.document.findall(nodes.Element)]:
            if _is_html(node):
                parents[node.parent] = None
            elif node.tagname == "sd_icon":  # sphinx-design does not escape its classes, which authors write
                node["svg"] = "".join(token.markup() for token in html.Sanitizer().read(node["svg"]))
            elif isinstance(node, nodes.meta):
                node.parent.remove(node)
                message = "a document may not set the metadata of its page; remove this block"
                warn(self.text.problem(Code.RAW_HTML, message, node.line or 1))
        if parents:
            assert self.text.blocks is not None  # computed before the nodes change, as are lines
        for parent in parents:
            parent.children = self.children(parent)
            for child in parent.children:
                parent.setup_child(child)

    def children(self, parent: Element) -> list[Node]:
        """Return the sanitized content of a node: each element ends in the node in which it begins."""
        self.parent, self.is_inline = parent, isinstance(parent, nodes.TextElement)
        self.levels: list[list[Node | str]] = [[]]
        """The nodes and the markup so far; an open link adds a level for its content."""
        self.open_tags: list[Token] = []
        self.open_count: Counter[str] = Counter()
        """The number of open elements of each name."""
        self.themes: dict[str, str] = {}
        """The sources of the open `<picture>`, by theme."""
        reader = html.Sanitizer()
        for child in parent.children:
            if _is_html(child):
                self.read(reader, child)
            elif not reader.dropped:
                self.levels[-1].append(child)
            if not self.is_inline:
                reader.dropped = ""
        for token in reversed(self.open_tags):
            self.end(token)
        return _joined(self.levels[0])

    def read(self, reader: html.Sanitizer, child: nodes.raw) -> None:
        """Append the sanitized nodes and markup of a piece of HTML to the current level, and report its problems."""
        if not self.is_inline:  # an empty node keeps the source, in which `markup.open_fence` finds unclosed blocks
            source = nodes.raw(child.rawsource or child.astext(), "", format="html")
            source.line = child.line
            self.levels[-1].append(source)
        for token in reader.read(child.astext(), self.text.line_of(child)):
            self.add(token)
        for fault in reader.faults:
            warn(self.text.problem(fault.code, fault.message, fault.line))

    def add(self, token: Token) -> None:
        """Add a tag or text."""
        if token.is_end:
            if not self.open_count[token.name]:
                self.report(token, f"`</{token.name}>` has no start tag; remove it")
                return
            while (other := self.open_tags.pop()).name != token.name:
                self.end(other)
            self.end(other, is_closed=True)
            return
        theme = THEME.search(token.attributes.get("media", "")) if token.name == "source" else None
        if theme and self.open_count["picture"] and token.attributes.get("srcset"):
            self.themes[theme[1]] = token.attributes["srcset"].split()[0]
            return
        if token.name and token.name not in html.VOID:
            self.open_tags.append(token)
            self.open_count[token.name] += 1
        self.levels[-1] += self.targets(token)
        if token.name == "a" and token.attributes.get("href"):
            self.levels.append([])
        elif token.name == "img" and token.attributes.get("src") and "srcset" not in token.attributes:
            self.levels[-1] += self.images(token)
        else:
            self.levels[-1].append(self.markup(token))

    def end(self, token: Token, *, is_closed: bool = False) -> None:
        """Close an element; report a missing end tag, unless it is optional."""
        self.open_count[token.name] -= 1
        if not is_closed and token.name in html.OPTIONAL_END:
            return
        if not is_closed:
            place = "" if self.is_inline else " before the next heading"
            self.report(token, f"`<{token.name}>` is never closed; close it{place}, or write it as code")
        if token.name == "a" and token.attributes.get("href"):
            link = self.link(token, _joined(self.levels.pop()))
            self.levels[-1].append(link)
        else:
            self.levels[-1].append(f"</{token.name}>{'</div>' if token.name == 'table' else ''}")

    @cached_property
    def text(self) -> Text:
        """The document, as the rules of `checks` read it."""
        return text_of(self.env, self.document)

    def report(self, token: Token, message: str, code: Code = Code.RAW_HTML) -> None:
        """Report a problem with a tag, on its line."""
        warn(self.text.problem(code, message, token.line))

    def targets(self, token: Token) -> Iterator[Element]:
        """Move the ids and names of a tag into link targets; report and drop those that cannot be used on the page."""
        names = [token.attributes.pop("id", ""), token.attributes.pop("name", "") if token.name == "a" else ""]
        for name in dict.fromkeys(filter(None, names)):
            slugs = getattr(self.document, "myst_slugs", {})
            if name in PAGE_IDS or name in self.document.ids or name in slugs or len(name.split()) != 1:
                fault = "is already used on this page" if len(name.split()) == 1 else "contains a space"
                self.report(token, f"the id `{name}` {fault}; choose another")
                continue
            if {"href", "src"} & token.attributes.keys() or isinstance(self.parent, nodes.title):
                # links and pictures become nodes of their own; the table of contents repeats headings
                target: Element = nodes.target("", "", ids=[name], names=[name])
            else:
                token.attributes["id"] = name
                target = nodes.raw("", "", format="html", ids=[name], names=[name])
            self.document.note_explicit_target(target, target)
            yield target

    def link(self, token: Token, content: Sequence[Node]) -> Element:
        """Create a link, as MyST does for the same address."""
        address = token.attributes["href"]
        path, _separator, anchor = address.partition("#")
        link: Element
        options = {"refdoc": self.env.docname, "reftype": "myst", "refexplicit": True}
        if not path:
            link = nodes.reference("", "", *content, refuri=address, id_link=True)
        elif ":" in path.partition("/")[0] or path.startswith("//"):
            link = nodes.reference("", "", *content, refuri=address)
        else:
            path = pictures.match_file_name(Path(self.env.srcdir), self.env.docname, path)
            file = Path(self.env.relfn2path(path)[1])
            inner = nodes.inline("", "", *content, classes=["xref", "myst"])
            if not os.path.isfile(file):  # noqa: PTH113 - Path.is_file fails on names that are too long
                link = addnodes.pending_xref("", inner, refdomain=None, reftarget=unquote(address), **options)
            elif docname := self.env.path2doc(file):
                target = {"reftarget": docname, "reftargetid": unquote(anchor) or None}
                link = addnodes.pending_xref("", inner, refdomain="doc", **target, **options)
            else:
                link = addnodes.download_reference("", "", inner, refdomain=None, reftarget=path, **options)
        link["classes"] += token.attributes.get("class", "").split()
        if title := token.attributes.get("title"):
            link["reftitle"] = title
        link.source, link.line = self.document["source"], token.line
        return link if self.is_inline else nodes.inline("", "", link)

    def images(self, token: Token) -> Iterator[nodes.image]:
        """Yield an image node for each version in ``themes``, then one for the picture itself; empties ``themes``."""
        names = ("alt", "title", "width", "height", "align")
        attributes = {name: token.attributes[name] for name in names if name in token.attributes}
        for name in ("width", "height"):
            if not attributes.get(name, "1").removesuffix("%").removesuffix("px").isdecimal():
                message = f"the {name} `{attributes.pop(name)}` of a picture has no effect; write a number of pixels"
                self.report(token, message)
        classes = token.attributes.get("class", "").split()
        sources = [(source, [f"only-{theme}"]) for theme, source in self.themes.items()]
        classes += [f"only-{'light' if theme == 'dark' else 'dark'}" for theme in self.themes]
        for source, names_of_class in (*sources, (token.attributes["src"].strip(), classes)):
            image = nodes.image("", uri=source, classes=names_of_class, **attributes)
            image.source, image.line = self.document["source"], token.line
            yield image
        self.themes = {}

    def markup(self, token: Token) -> str:
        """Serialize a tag or text, after changing its attributes, and copying the files that it shows."""
        if token.name in {"video", "audio"} and not token.is_end:
            token.attributes.setdefault("controls", "")
            token.attributes.setdefault("preload", "metadata")
        for name in ("src", "poster", "srcset"):
            if value := token.attributes.pop(name, ""):
                sources = [part.split() for part in value.split(",")] if name == "srcset" else [[value.strip()]]
                copied = [[self.copy(token, source), *size] for source, *size in filter(None, sources)]
                if published := ", ".join(" ".join(part) for part in copied if part[0]):
                    token.attributes[name] = published
        if token.name == "table":  # styled and scrolled like a table of Markdown
            token.attributes["class"] = f"docutils {token.attributes.get('class', '')}".strip()
            return f'<div class="table-wrapper">{token.markup()}'
        return token.markup()

    def copy(self, token: Token, address: str) -> str:
        """Copy a file that a tag shows; return its placeholder address, or report a refusal and return ``""``."""
        path = pictures.match_file_name(Path(self.env.srcdir), self.env.docname, address)
        relative, file = self.env.relfn2path(path)
        if refusal := pictures.refusal_of(path, Path(file), state_of(self.env).tree):
            self.report(token, refusal.message, refusal.code)
        if refusal and not refusal.is_sanitized:
            return ""
        self.env.note_dependency(relative)
        return COPIED + quote(self.env.dlfiles.add_file(self.env.docname, relative).as_posix())


class PlaceCopies(SphinxPostTransform):
    """Complete the addresses of the files that raw HTML shows, relative to the page.

    Books show their alternative text instead, and only the light version of a picture for two themes.
    """

    default_priority = 500

    def run(self, **kwargs: Any) -> None:
        in_site, in_html = is_site(self.app.builder), self.app.builder.format == "html"
        for image in [*self.document.findall(nodes.image)]:
            if "only-dark" in image["classes"] and not in_site:
                image.parent.remove(image)
        folder = relative_uri(self.app.builder.get_target_uri(self.env.docname), "_downloads")
        for raw in [raw for raw in self.document.findall(nodes.raw) if "html" in raw.get("format", "").split()]:
            markup = raw.astext()
            if COPIED in markup and in_site:
                raw.children = [nodes.Text(markup.replace(COPIED, f"{folder}/"))]
            elif COPIED in markup:
                label = re.search('aria-label="([^"]*)"', markup)
                raw.replace_self(nodes.emphasis("", unescape(label[1]) if label else ""))
            elif not in_html and not isinstance(raw.parent, nodes.TextElement):  # inline, raw nodes hold only tags
                text = " ".join(LexborHTMLParser(markup).text(separator=" ").split())
                raw.replace_self([nodes.paragraph("", text)] if text else [])


def _joined(level: Iterable[Node | str]) -> list[Node]:
    """Join adjacent markup into nodes of raw HTML."""
    joined: list[Node] = []
    for is_node, group in groupby(level, key=lambda item: isinstance(item, nodes.Node)):  # nodes.Text is a str too
        items: list[Any] = [*group]
        joined += items if is_node else [nodes.raw("", "".join(items), format="html")]
    return joined


def _is_html(node: Node) -> TypeGuard[nodes.raw]:
    """Whether a node is HTML written by an author; drawings, sanitized by ``sources.svg``, are marked as clean."""
    return isinstance(node, nodes.raw) and "html" in node.get("format", "").split() and not node.get("is_sanitized")


def setup_raw_html(app: Sphinx) -> None:
    """Register the transforms for raw HTML."""
    app.add_transform(SanitizeHtml)
    app.add_post_transform(PlaceCopies)
