"""Clean the HTML of a text: its pictures and links become those of MyST, and only what is allowed is published.

``sources.html`` decides what may stand in a page. Here each piece of it, which MyST has put between its own nodes, is
put back: tags are balanced, files are copied, and names are known as targets of links.
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
"""Ids of the frame around every text, which its scripts and links look for."""

COPIED = "\ue003"
"""Begins the address of a file that is copied, until the page is known that it is seen from."""

THEME = re.compile(r"prefers-color-scheme:\s*(dark|light)")
"""What the media of a picture's source asks for, if the picture is one of a pair for the two themes."""


class CleanHtml(SphinxTransform):
    """Put the HTML of a document in order."""

    default_priority = 4  # before the rules of texts, which read the result

    def apply(self, **kwargs: Any) -> None:
        parents: dict[Element, None] = {}
        for node in [*self.document.findall(nodes.Element)]:
            if _is_html(node):
                parents[node.parent] = None
            elif node.tagname == "sd_icon":  # sphinx-design writes what an author names its classes as it is
                node["svg"] = "".join(token.markup() for token in html.Reader().read(node["svg"]))
            elif isinstance(node, nodes.meta):
                node.parent.remove(node)
                message = "a text may not set metadata of its page; remove this"
                warn(self.text.problem(Code.RAW_HTML, message, node.line or 1))
        if parents:
            assert self.text.blocks is not None  # they are of the nodes before these change, and so are lines
        for parent in parents:
            parent.children = self.children(parent)
            for child in parent.children:
                parent.setup_child(child)

    def children(self, parent: Element) -> list[Node]:
        """What stands in a node when the HTML in it is in order: each element ends in the node in which it begins."""
        self.parent, self.is_inline = parent, isinstance(parent, nodes.TextElement)
        self.levels: list[list[Node | str]] = [[]]
        """The nodes and the markup so far; those in a link are a level of their own."""
        self.opened: list[Token] = []
        self.count: Counter[str] = Counter()
        """How many elements of each name have begun, and not ended."""
        self.themes: dict[str, str] = {}
        """The source for each theme of the `<picture>` that has begun."""
        reader = html.Reader()
        for child in parent.children:
            if _is_html(child):
                self.read(reader, child)
            elif not reader.dropped:
                self.levels[-1].append(child)
            if not self.is_inline:
                reader.dropped = ""
        for token in reversed(self.opened):
            self.end(token)
        return _joined(self.levels[0])

    def read(self, reader: html.Reader, child: nodes.raw) -> None:
        """Read a piece of HTML, and report what is wrong with it."""
        if not self.is_inline:  # what was written tells where a block is never closed
            written = nodes.raw(child.rawsource or child.astext(), "", format="html")
            written.line = child.line
            self.levels[-1].append(written)
        for token in reader.read(child.astext(), self.text.line_of(child)):
            self.add(token)
        for fault in reader.faults:
            warn(self.text.problem(fault.code, fault.message, fault.line))

    def add(self, token: Token) -> None:
        """Add a tag or a text."""
        if token.is_end:
            if not self.count[token.name]:
                self.report(token, f"`</{token.name}>` closes nothing here; remove it")
                return
            while (other := self.opened.pop()).name != token.name:
                self.end(other)
            self.end(other, is_closed=True)
            return
        theme = THEME.search(token.attributes.get("media", "")) if token.name == "source" else None
        if theme and self.count["picture"] and token.attributes.get("srcset"):
            self.themes[theme[1]] = token.attributes["srcset"].split()[0]
            return
        if token.name and token.name not in html.VOID:
            self.opened.append(token)
            self.count[token.name] += 1
        self.levels[-1] += self.targets(token)
        if token.name == "a" and token.attributes.get("href"):
            self.levels.append([])
        elif token.name == "img" and token.attributes.get("src") and "srcset" not in token.attributes:
            self.levels[-1] += self.images(token)
        else:
            self.levels[-1].append(self.markup(token))

    def end(self, token: Token, *, is_closed: bool = False) -> None:
        """End an element; one without an end tag is reported, unless it needs none."""
        self.count[token.name] -= 1
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
        """The document as the rules of texts see it."""
        return text_of(self.env, self.document)

    def report(self, token: Token, message: str, code: Code = Code.RAW_HTML) -> None:
        """Report what is wrong with a tag, on its line."""
        warn(self.text.problem(code, message, token.line))

    def targets(self, token: Token) -> Iterator[Element]:
        """The names that a tag gives its place, as targets of links; reports one that the page has already."""
        names = [token.attributes.pop("id", ""), token.attributes.pop("name", "") if token.name == "a" else ""]
        for name in dict.fromkeys(filter(None, names)):
            slugs = getattr(self.document, "myst_slugs", {})
            if name in PAGE_IDS or name in self.document.ids or name in slugs or len(name.split()) != 1:
                self.report(token, f"the page has the id `{name}` already; choose another one")
                continue
            if {"href", "src"} & token.attributes.keys() or isinstance(self.parent, nodes.title):
                # a link and a picture become nodes of their own; the contents repeat what is in a heading
                target: Element = nodes.target("", "", ids=[name], names=[name])
            else:
                token.attributes["id"] = name
                target = nodes.raw("", "", format="html", ids=[name], names=[name])
            self.document.note_explicit_target(target, target)
            yield target

    def link(self, token: Token, content: Sequence[Node]) -> Element:
        """A link, as MyST makes it for the same address."""
        address = token.attributes["href"]
        path, _sign, anchor = address.partition("#")
        link: Element
        known = {"refdoc": self.env.docname, "reftype": "myst", "refexplicit": True}
        if not path:
            link = nodes.reference("", "", *content, refuri=address, id_link=True)
        elif ":" in path.partition("/")[0] or path.startswith("//"):
            link = nodes.reference("", "", *content, refuri=address)
        else:
            path = pictures.match_file_name(Path(self.env.srcdir), self.env.docname, path)
            file = Path(self.env.relfn2path(path)[1])
            inner = nodes.inline("", "", *content, classes=["xref", "myst"])
            if not os.path.isfile(file):  # noqa: PTH113 - Path.is_file raises for a name that is too long
                link = addnodes.pending_xref("", inner, refdomain=None, reftarget=unquote(address), **known)
            elif docname := self.env.path2doc(file):
                place = {"reftarget": docname, "reftargetid": unquote(anchor) or None}
                link = addnodes.pending_xref("", inner, refdomain="doc", **place, **known)
            else:
                link = addnodes.download_reference("", "", inner, refdomain=None, reftarget=path, **known)
        link["classes"] += token.attributes.get("class", "").split()
        if title := token.attributes.get("title"):
            link["reftitle"] = title
        link.source, link.line = self.document["source"], token.line
        return link if self.is_inline else nodes.inline("", "", link)

    def images(self, token: Token) -> Iterator[nodes.image]:
        """A picture, which is copied and checked like one of MyST; before it those that a theme shows instead."""
        names = ("alt", "title", "width", "height", "align")
        attributes = {name: token.attributes[name] for name in names if name in token.attributes}
        for name in ("width", "height"):
            if not attributes.get(name, "1").removesuffix("%").removesuffix("px").isdecimal():
                del attributes[name]
        classes = token.attributes.get("class", "").split()
        sources = [(source, [f"only-{theme}"]) for theme, source in self.themes.items()]
        classes += [f"only-{'light' if theme == 'dark' else 'dark'}" for theme in self.themes]
        for source, names_of_class in (*sources, (token.attributes["src"].strip(), classes)):
            image = nodes.image("", uri=source, classes=names_of_class, **attributes)
            image.source, image.line = self.document["source"], token.line
            yield image
        self.themes = {}

    def markup(self, token: Token) -> str:
        """A tag or text as HTML; files that a tag shows are copied."""
        if token.name in {"video", "audio"} and not token.is_end:
            token.attributes.setdefault("controls", "")
            token.attributes.setdefault("preload", "metadata")
        for name in ("src", "poster", "srcset"):
            if value := token.attributes.pop(name, ""):
                sources = [part.split() for part in value.split(",")] if name == "srcset" else [[value.strip()]]
                copied = [[self.copy(token, source), *size] for source, *size in filter(None, sources)]
                if shown := ", ".join(" ".join(part) for part in copied if part[0]):
                    token.attributes[name] = shown
        if token.name == "table":  # it looks like any other, and scrolls by itself
            token.attributes["class"] = f"docutils {token.attributes.get('class', '')}".strip()
            return f'<div class="table-wrapper">{token.markup()}'
        return token.markup()

    def copy(self, token: Token, address: str) -> str:
        """Have a file copied that a tag shows, and give it an address; reports a file that may not be."""
        path = pictures.match_file_name(Path(self.env.srcdir), self.env.docname, address)
        relative, file = self.env.relfn2path(path)
        if problem := pictures.publish_error(path, Path(file), state_of(self.env).tree):
            self.report(token, problem.message, problem.code)
        if problem and not problem.is_cleaned:
            return ""
        self.env.note_dependency(relative)
        return COPIED + quote(self.env.dlfiles.add_file(self.env.docname, relative).as_posix())


class PlaceCopies(SphinxPostTransform):
    """Give the files that raw HTML shows their addresses, as the page sees them.

    Books have the text in their place, and one picture of a pair for two themes.
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
            elif not in_html and not isinstance(raw.parent, nodes.TextElement):  # in a line only tags are HTML
                text = " ".join(LexborHTMLParser(markup).text(separator=" ").split())
                raw.replace_self([nodes.paragraph("", text)] if text else [])


def _joined(level: Iterable[Node | str]) -> list[Node]:
    """Nodes, with a node of raw HTML for all markup that stands together."""
    joined: list[Node] = []
    for is_node, group in groupby(level, key=lambda item: isinstance(item, nodes.Node)):  # a text is a str as well
        items: list[Any] = [*group]
        joined += items if is_node else [nodes.raw("", "".join(items), format="html")]
    return joined


def _is_html(node: Node) -> TypeGuard[nodes.raw]:
    """Whether a node is HTML of an author: a drawing, which ``sources.svg`` has read, says that it is clean."""
    return isinstance(node, nodes.raw) and "html" in node.get("format", "").split() and not node.get("is_clean")


def setup_raw_html(app: Sphinx) -> None:
    """Register what is done to HTML in a text."""
    app.add_transform(CleanHtml)
    app.add_post_transform(PlaceCopies)
