"""Clean the HTML of a text: its pictures and links become those of MyST, and only what is allowed is published.

``sources.html`` decides what may stand in a page. Here each piece of it, which MyST has put between its own nodes, is
put back: tags are balanced, files are copied, and names are known as targets of links.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

from fieldnotes.build.checking import text_of
from fieldnotes.build.state import state_of, warn
from fieldnotes.checks import pictures
from fieldnotes.sources import html
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

    from fieldnotes.sources.html import Piece, Token

PAGE_IDS = frozenset(
    [
        *("furo-main-content", "journal-menu", "page-contents", "results", "scripts"),
        *("search-again", "search-input", "search-results"),
    ]
)
"""Ids of the frame around every text, which its scripts and links look for."""

COPIED = "copied:"
"""Begins the address of a file that is copied, until the page is known that it is seen from."""

DARK, LIGHT = "prefers-color-scheme: dark", "prefers-color-scheme: light"
"""What the media of a picture's source asks for, if the picture is one of a pair for the two themes."""


class CleanHtml(SphinxTransform):
    """Put the HTML of a document in order."""

    default_priority = 4  # before the rules of texts, which read the result

    def apply(self, **kwargs: Any) -> None:
        found = [node for node in self.document.findall(nodes.Element) if isinstance(node, nodes.raw | nodes.meta)]
        raws = [raw for raw in found if "html" in raw.get("format", "").split() and not raw.get("is_clean")]
        self.text = text_of(self.env, self.document)
        for node in found:
            if isinstance(node, nodes.meta):
                node.parent.remove(node)
                message = "a text may not set metadata of its page; remove this"
                warn(self.text.problem(Code.RAW_HTML, message, node.line or 1))
        if raws:
            assert self.text.blocks is not None  # the lines of a text are those of its nodes before they change
            self.clean(raws)

    def clean(self, raws: Sequence[Element]) -> None:
        """Clean these nodes, which stand in the order of the text."""
        self.pieces: dict[Element, Piece] = {}
        self.raws: dict[Token, Element] = {}
        self.endings: dict[Element, list[str]] = {}
        """The end tags that are missing, by the node at whose end they belong."""
        blocks: list[Token] = []
        inlines: dict[Element, list[Token]] = {}
        dropped: dict[Element, str] = {}
        for raw in raws:
            if isinstance(raw.parent, nodes.TextElement):
                self.read(raw, dropped.get(raw.parent, ""))
                dropped[raw.parent] = self.pieces[raw].dropped
                self.balance(raw, inlines.setdefault(raw.parent, []))
            else:
                self.read(raw, "")
                parents = [*_ancestors(raw)]
                self.end(blocks, [token for token in blocks if self.raws[token].parent not in parents])
                self.balance(raw, blocks)
        for opened in (*inlines.values(), blocks):
            self.end(opened, [*opened])
        for parent in dict.fromkeys(raw.parent for raw in raws):
            parent.children = [*self.children(parent)]
            for child in parent.children:
                parent.setup_child(child)

    def report(self, token: Token, code: Code, message: str) -> None:
        """Report what is wrong with a tag, on its line."""
        warn(self.text.problem(code, message, self.line_of(token)))

    def line_of(self, token: Token) -> int:
        """The line of the file on which a token stands."""
        return self.text.line_of(self.raws[token]) + token.line

    def read(self, raw: Element, dropped: str) -> None:
        """Take a piece apart, and report what is wrong with it."""
        piece = self.pieces[raw] = html.read(raw.astext(), dropped)
        self.raws.update(dict.fromkeys(piece.tokens, raw))
        for fault in piece.faults:
            warn(self.text.problem(fault.code, fault.message, self.text.line_of(raw) + fault.line))

    def balance(self, raw: Element, opened: list[Token]) -> None:
        """Drop end tags that close nothing, and close what another element closes."""
        tokens: list[Token] = []
        for token in self.pieces[raw].tokens:
            if token.is_end and token.name not in (other.name for other in opened):
                self.report(token, Code.RAW_HTML, f"`</{token.name}>` closes nothing; remove it")
                continue
            if token.is_end:
                while (other := opened.pop()).name != token.name:
                    if self.is_never_closed(other):
                        tokens.append(html.Token(token.line, other.name, is_end=True))
            elif token.name and token.name not in html.VOID:
                opened.append(token)
            tokens.append(token)
        self.pieces[raw].tokens = tokens

    def is_never_closed(self, token: Token) -> bool:
        """Report an element without an end tag, unless it needs none."""
        if token.name in html.OPTIONAL_END:
            return False
        self.report(token, Code.RAW_HTML, f"`<{token.name}>` is never closed; close it, or write it as code")
        return True

    def end(self, opened: list[Token], ended: Sequence[Token]) -> None:
        """Close elements whose end tag did not come where it belongs."""
        for token in reversed(ended):
            opened.remove(token)
            if self.is_never_closed(token):
                self.endings.setdefault(self.raws[token].parent, []).append(token.name)

    def children(self, parent: Element) -> Iterator[Node]:
        """What stands in a node when the HTML in it is in order."""
        self.parent = parent
        links: list[Token] = []
        levels: list[list[Node]] = [[]]
        is_dropped = False
        pieces = {child: self.pieces[child] for child in parent.children if child in self.pieces}
        _split_themes([token for piece in pieces.values() for token in piece.tokens])
        for child in parent.children:
            if child not in pieces:
                levels[-1] += [] if is_dropped else [child]
                continue
            is_dropped = bool(pieces[child].dropped)
            if not isinstance(parent, nodes.TextElement):  # what was written tells where a block is never closed
                written = nodes.raw(child.rawsource or child.astext(), "", format="html", is_clean=True)
                written.line = child.line
                levels[-1].append(written)
            for token in pieces[child].tokens:
                levels[-1] += self.targets(token)
                if token.name == "a" and token.attributes.get("href"):
                    links.append(token)
                    levels.append([])
                elif token.name == "a" and token.is_end and links:
                    link = self.link(links.pop(), levels.pop())
                    levels[-1].append(link)
                elif token.name == "img" and token.attributes.get("src") and "srcset" not in token.attributes:
                    levels[-1].append(self.image(token))
                else:
                    self.add_markup(levels[-1], self.markup(token))
        for token in reversed(links):
            link = self.link(token, levels.pop())
            levels[-1].append(link)
        for name in self.endings.get(parent, ()):
            if name != "a":
                self.add_markup(levels[-1], self.markup(html.Token(0, name, is_end=True)))
        yield from levels[0]

    def add_markup(self, level: list[Node], markup: str) -> None:
        """Add markup to the last node of raw HTML, or as a node of its own."""
        if not markup:
            return
        if not (level and isinstance(level[-1], nodes.raw) and level[-1].get("is_clean")):
            level.append(nodes.raw("", "", format="html", is_clean=True))
        level[-1].children = [nodes.Text(level[-1].astext() + markup)]

    def targets(self, token: Token) -> Iterator[Element]:
        """The names that a tag gives its place, as targets of links; reports one that the page has already."""
        names = [token.attributes.pop("id", ""), token.attributes.pop("name", "") if token.name == "a" else ""]
        for name in dict.fromkeys(filter(None, names)):
            slugs = getattr(self.document, "myst_slugs", {})
            if name in PAGE_IDS or name in self.document.ids or name in slugs or len(name.split()) != 1:
                self.report(token, Code.RAW_HTML, f"the page has the id `{name}` already; choose another one")
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
            path = pictures.spelling(Path(self.env.srcdir), self.env.docname, path)
            file = Path(self.env.relfn2path(path)[1])
            inner = nodes.inline("", "", *content, classes=["xref", "myst"])
            if not file.is_file():
                link = addnodes.pending_xref("", inner, refdomain=None, reftarget=unquote(address), **known)
            elif docname := self.env.path2doc(file):
                place = {"reftarget": docname, "reftargetid": unquote(anchor) or None}
                link = addnodes.pending_xref("", inner, refdomain="doc", **place, **known)
            else:
                link = addnodes.download_reference("", "", inner, refdomain=None, reftarget=path, **known)
        link["classes"] += token.attributes.get("class", "").split()
        if title := token.attributes.get("title"):
            link["reftitle"] = title
        link.source, link.line = self.document["source"], self.line_of(token)
        return link if isinstance(self.parent, nodes.TextElement) else nodes.inline("", "", link)

    def image(self, token: Token) -> nodes.image:
        """A picture, which is copied and checked like one of MyST."""
        names = ("alt", "title", "width", "height", "align")
        attributes = {name: token.attributes[name] for name in names if name in token.attributes}
        for name in ("width", "height"):
            if not attributes.get(name, "1").removesuffix("%").removesuffix("px").isdecimal():
                del attributes[name]
        image = nodes.image("", uri=token.attributes["src"].strip(), **attributes)
        image["classes"] += token.attributes.get("class", "").split()
        image.source, image.line = self.document["source"], self.line_of(token)
        return image

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
            return f"{token.markup()}</div>" if token.is_end else f'<div class="table-wrapper">{token.markup()}'
        return token.markup()

    def copy(self, token: Token, address: str) -> str:
        """Have a file copied that a tag shows, and give it an address; reports a file that may not be."""
        copied = copy_file(self.env, address)
        if isinstance(copied, str):
            return copied
        self.report(token, copied.code, copied.message)
        return ""


def copy_file(env: BuildEnvironment, address: str) -> str | pictures.Unfit:
    """Have a file of a document copied, and give its address, which ``PlaceCopies`` completes; or why it is not."""
    path = pictures.spelling(Path(env.srcdir), env.docname, address)
    relative, file = env.relfn2path(path)
    if (problem := pictures.fault(path, Path(file), state_of(env).tree)) and not problem.is_cleaned:
        return problem
    env.note_dependency(relative)
    return COPIED + quote(env.dlfiles.add_file(env.docname, relative).as_posix())


class PlaceCopies(SphinxPostTransform):
    """Give the files that raw HTML shows their addresses, as the page sees them."""

    default_priority = 500
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        folder = relative_uri(self.app.builder.get_target_uri(self.env.docname), "_downloads")
        for raw in self.document.findall(nodes.raw):
            if raw.get("is_clean") and COPIED in (markup := raw.astext()):
                markup = markup.replace(f'"{COPIED}', f'"{folder}/').replace(f", {COPIED}", f", {folder}/")
                raw.children = [nodes.Text(markup)]


def _split_themes(tokens: Sequence[Token]) -> None:
    """Turn a `<picture>` with a source for the dark or light theme into two pictures, of which each theme shows one."""
    for place, token in enumerate(tokens):
        media = " ".join(token.attributes.get("media", "").replace(":", ": ").split())
        picture = next((other for other in tokens[place:] if other.name == "img"), None)
        if token.name == "source" and picture and token.attributes.get("srcset") and (DARK in media or LIGHT in media):
            this, other = ("only-dark", "only-light") if DARK in media else ("only-light", "only-dark")
            source = token.attributes["srcset"].split()[0]
            token.name, token.attributes = "img", {**picture.attributes, "src": source, "class": this}
            picture.attributes["class"] = f"{picture.attributes.get('class', '')} {other}".strip()


def _ancestors(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def setup_raw_html(app: Sphinx) -> None:
    """Register what is done to HTML in a text."""
    app.add_transform(CleanHtml)
    app.add_post_transform(PlaceCopies)
