"""What the text of a page says: where it leads, what can be led to in it, and what is wrong with it by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import unquote

from markdown_it import MarkdownIt
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin
from myst_parser.slugs import docutils_slugify, github_slugify, unique_slug

from fieldnotes.exports import plain_markdown
from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

MOST_NESTED = 20
"""Levels of blocks that the parser enters, an item of a list being two: ``maxNesting`` of markdown-it's CommonMark.

So deep may directives stand in each other as well, and emphasis: each takes a share of Python's stack.
"""

DEEP_BLOCK = re.compile(
    r"^(?=[ >*+\-0-9.)]{19})[ >]*(?:[*+-]|\d{1,9}[.)])[ \t]|^(?: ?>){19}|^(?:[ >*+-]*\t){3}", re.MULTILINE
)
"""How a line in ten lists or twenty quotes begins, and some others."""

BLOCK = re.compile(r"\n(?=[ \t]*(?:[-*+>|]|\d+[.)]|\n))")
"""Where one block ends, and signs with it."""

OPENING = re.compile(r"^[ \t>*+-]*(?:```|~~~|:::)[`~:]*\{", re.MULTILINE)
"""Where a directive begins, or would outside of a block of code."""

LINKED_HEADINGS = 3
"""Headings to this level have an anchor: ``myst_heading_anchors`` in conf.py."""

OPEN_FENCE = "a block (```, :::, or HTML) is never closed; close it"

TAGS_IN_TEXT = "a note's tags stand in its front matter; remove this {tags} block"

NO_EQUIVALENT = "has no text equivalent; add `:alt:` with what the drawing shows"

END = "{tags} end"

SAYS_NOTHING = re.compile(r"https?:.*|here|this|link|page|this page|", re.IGNORECASE)
"""Texts of a link that do not name what it leads to."""

WEB = re.compile(r"https?://", re.IGNORECASE)

SCHEME = re.compile(r"[a-zA-Z][\w+.-]*:|//")

BARE = re.compile(r"https?://[^\s<>\[\]()`\"']+", re.IGNORECASE)

READ = re.compile(r"Read in [A-Z][a-z]+ 20\d\d\b")

HTML_IMAGE = re.compile(r"<img\b(?![^>]*\salt\s*=\s*[\"'][^\"']*[^\s\"'])", re.IGNORECASE)

WITH_TEXT = {*plain_markdown.ADMONITIONS, *plain_markdown.OPEN, "admonition", "figure", "diagram", "lab-figure"}
"""Directives whose content is text of the page."""

PICTURES = {"image", "figure", "figure-md"}

DRAWINGS = {"diagram", "systems-map"}


@dataclass(frozen=True)
class Reference:
    """What a text refers to, and where: a ``kind`` and a name.

    Kinds are ``link`` and ``picture``, whose name is an address as MyST reads it; ``diagram``, a path; ``page``,
    ``result``, ``number`` and ``figure``, as a role or directive names them.
    """

    kind: str
    name: str
    line: int
    column: int


@dataclass
class Page:
    """What the text of a page holds.

    ``anchors`` are places to which others can lead, ``inner`` those to which only the page itself can, ``targets``
    names of places that are known to every page.
    """

    path: str
    references: list[Reference] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    inner: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def parse(text: str) -> list[Token]:
    """Parse a text, with or without front matter, as MyST does with the journal's settings."""
    return _parser().parse(text, {})


def parse_whole(text: str) -> tuple[list[Token], bool]:
    """Parse a text, and say whether each of its blocks is closed: the build sets a note's tags below it."""
    *tokens, last = parse(f"{text}\n\n~~~{END}\n~~~\n")
    if last.type == "fence" and last.info == END:
        return tokens, True
    last.content = last.content.rpartition(f"~~~{END}")[0]
    return [*tokens, last], False


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table").use(front_matter_plugin).use(myst_block_plugin)
    parser.use(myst_role_plugin).use(footnote_plugin, inline=False, move_to_end=False, always_match_refs=True)
    parser.use(colon_fence_plugin).use(deflist_plugin).use(attrs_block_plugin)
    after = ("image", "code_inline", "link_close", "span_close")
    return parser.use(attrs_plugin, after=after, spans=True, span_after="footnote_ref")


def read(path: str, text: str, tokens: list[Token], title: str | None = None) -> Page:
    """Read the text of the file at ``path``, whose ``tokens`` are parse(text). ``title`` is that of a note or lane."""
    reader = _Reader(Page(path), text.split("\n"))
    if title is not None:
        reader.heading(1, title)
    reader.blocks(tokens, 0)
    return reader.page


def unclosed(path: str, tokens: list[Token]) -> Problem:
    """Tell of the block that takes in all that stands below it, the last of these tokens."""
    opened = next((token for token in reversed(tokens) if token.map), None)
    return Problem(path, (opened.map[0] if opened and opened.map else 0) + 1, Code.OPEN_FENCE, OPEN_FENCE)


def nested(path: str, text: str) -> Problem | None:
    """Tell of what is nested so deeply that a build would lose it, or Python's stack not hold it.

    Nothing is parsed of a text whose signs are too few for that.
    """
    deep = DEEP_BLOCK.search(text) or (
        _signs(text) > 2 * MOST_NESTED and any(_signs(block) > 2 * MOST_NESTED for block in BLOCK.split(text))
    )
    opened = len(OPENING.findall(text)) if "{" in text else 0
    if not deep and opened <= MOST_NESTED:
        return None
    tokens = parse(text)
    line = 0
    for token, after in pairwise([*tokens, tokens[-1]]):
        line = token.map[0] if token.map else line
        if token.nesting == 1 and after.nesting == -1 and token.level >= MOST_NESTED - 1:
            message = f"lists and quotes stand in each other more than {MOST_NESTED // 2 - 1} deep; take some out"
            return Problem(path, line + 1, Code.NESTING, message)
        if token.children and max(child.level for child in token.children) > MOST_NESTED:
            message = f"signs stand in each other more than {MOST_NESTED} deep; take some out, or close them"
            return Problem(path, line + 1, Code.NESTING, message)
    directive = _deep_directive(tokens) if opened > MOST_NESTED else None
    if directive:
        message = f"directives stand in each other more than {MOST_NESTED} deep; close some, or take some out"
        return Problem(path, (directive.map or [0])[0] + 1, Code.NESTING, message)
    return None


def _signs(text: str) -> int:
    return text.count("*") + text.count("_") + text.count("[")


def _deep_directive(tokens: list[Token]) -> Token | None:
    """The directive that holds more than MOST_NESTED others in each other."""
    return next((token for token in tokens if _holds(token, MOST_NESTED)), None)


def _holds(token: Token, levels: int) -> bool:
    if not token.info.strip().startswith("{"):
        return False
    return not levels or any(_holds(inner, levels - 1) for inner in parse(token.content))


def sources(page: Page, tokens: list[Token]) -> Iterator[Problem]:
    """Tell of a note with external links which does not end with its sources, and when they were read."""
    outward = [reference for reference in page.references if WEB.match(reference.name)]
    sections = [index for index, token in enumerate(tokens) if token.type == "heading_open" and not token.level]
    last = sections[-1] if sections else None
    if not outward:
        return
    if last is None or tokens[last + 1].content != "Sources":
        message = "has external links and no sources; end it with a section `## Sources` that lists them"
        yield Problem(page.path, outward[0].line, Code.SOURCES, message, outward[0].column)
        return
    first = next((token for token in tokens[last + 3 :] if token.type == "inline"), None)
    if first is None or not READ.match(first.content):
        line = (tokens[last].map or [0])[0] + 1
        message = "the sources do not say when they were read; begin them with `Read in <month> <year>`"
        yield Problem(page.path, line, Code.SOURCES, message)


class _Reader:
    """Reads the blocks of a text, and those within its directives."""

    def __init__(self, page: Page, lines: list[str]) -> None:
        self.page, self.lines = page, lines
        self.level, self.depth = 1, 0
        self.line, self.column = 0, 0
        """From 0: where in the file what has been read ends."""

    def problem(self, code: Code, message: str, place: tuple[int, int]) -> None:
        self.page.problems.append(Problem(self.page.path, place[0], code, message, place[1]))

    def refer(self, kind: str, name: str, place: tuple[int, int]) -> None:
        self.page.references.append(Reference(kind, name, *place))

    def blocks(self, tokens: list[Token], offset: int) -> None:
        """Read the tokens of a text that begins below line ``offset`` of the file."""
        for index, token in enumerate(tokens):
            start = (token.map or [0])[0] + offset
            if name := token.attrs.get("id"):
                self.target(str(name))
            if token.type == "heading_open":
                title = tokens[index + 1]
                self.heading(int(token.tag[1:]), _text(title.children), None if token.level or offset else start)
            elif token.type == "inline":
                self.seek(start)
                self.inline(token.children or [], (token.map or [0, 0])[1] + offset)
            elif token.type == "myst_target":
                self.target(token.content)
            elif token.type in {"fence", "colon_fence"}:
                self.fence(token, start)
            elif token.type == "html_block":
                self.seek(start)
                self.html(token.content, (token.map or [0, 0])[1] + offset)

    def heading(self, level: int, text: str, line: int | None = None) -> None:
        """Note the anchor of a heading; tell, for one on ``line`` that stands in no block, if its level is wrong."""
        if slug := github_slugify(text):
            (self.page.anchors if level <= LINKED_HEADINGS else self.page.inner).add(
                unique_slug(slug, self.page.anchors)
            )
        (self.page.anchors if level <= LINKED_HEADINGS else self.page.inner).add(docutils_slugify(text))
        if line is None:
            return
        if not text.strip():
            self.problem(Code.HEADING, "the heading is empty; write something, or remove it", (line + 1, 1))
        if level > self.level + 1:
            message = f"a heading of level {level} stands below one of level {self.level}; begin it with "
            self.problem(Code.HEADING, f"{message}`{'#' * (self.level + 1)}`", (line + 1, 1))
        self.level = level

    def target(self, name: str) -> None:
        self.page.targets.add(" ".join(name.lower().split()))

    def seek(self, line: int) -> None:
        """Go on at this line of the file, counted from 0, unless it was reached before."""
        if line > self.line:
            self.line, self.column = line, 0

    def find(self, text: str, end: int) -> tuple[int, int]:
        """The line and column, from 1, at which this text stands next, before line ``end``; else where we are."""
        for line in range(self.line, min(end, len(self.lines))):
            start = self.column if line == self.line else 0
            if (column := self.lines[line].find(text, start)) >= 0:
                self.line, self.column = line, column + len(text)
                return line + 1, column + 1
        here = self.lines[self.line] if self.line < len(self.lines) else ""
        return self.line + 1, max(self.column, len(here) - len(here.lstrip())) + 1

    def inline(self, children: list[Token], end: int) -> None:
        """Read what stands in a paragraph, a heading or a cell, which ends before line ``end`` of the file."""
        link: Token | None = None
        shown: list[Token] = []
        for child in children:
            if name := child.attrs.get("id"):
                self.target(str(name))
            if child.type == "link_open":
                link, shown = child, []
            elif child.type == "link_close" and link:
                self.link(link, shown, end)
                link = None
            elif link:
                shown.append(child)
            elif child.type == "text":
                for found in BARE.finditer(child.content):
                    address = found[0].rstrip(".,:;!?")
                    message = f"the address {address} stands bare; write `[what it is]({address})`"
                    self.problem(Code.BARE, message, self.find(address, end))
            if child.type == "image":
                self.image(child, end)
            elif child.type == "myst_role":
                self.role(str(child.meta["name"]), child.content, end)
            elif child.type == "html_inline":
                self.html(child.content, end)

    def link(self, link: Token, shown: list[Token], end: int) -> None:
        address = str(link.attrs.get("href", ""))
        text, is_rich = _text(shown).strip(), any(child.type != "text" for child in shown)
        place = self.find_address(address, end)
        if WEB.match(address) and SAYS_NOTHING.fullmatch(text) and not is_rich:
            what = "shows its address" if WEB.match(text) else f"is named `{text}`" if text else "has no text"
            self.problem(Code.BARE, f"the link to {address} {what}; name what it leads to", place)
        self.refer("link", address, place)

    def find_address(self, address: str, end: int) -> tuple[int, int]:
        """Find an address, as it was written or as the parser has made it."""
        written = unquote(address)
        before = self.line, self.column
        place = self.find(written, end)
        return place if (self.line, self.column) != before else self.find(address, end)

    def image(self, image: Token, end: int) -> None:
        address = str(image.attrs.get("src", ""))
        self.refer("picture", address, self.find_address(address, end))
        if not image.content.strip():
            self.no_text(address, (self.page.references[-1].line, self.page.references[-1].column))

    def no_text(self, address: str, place: tuple[int, int]) -> None:
        self.problem(Code.ALT, f"the picture {address} has no text; say in words what it shows", place)

    def html(self, content: str, end: int) -> None:
        for found in HTML_IMAGE.finditer(content):
            place = self.find(found[0], end)
            self.problem(Code.ALT, "the picture has no text; give it an alt attribute that says what it shows", place)

    def role(self, role: str, content: str, end: int) -> None:
        if role in {"page", "result", "number"}:
            place = self.find(content, end)
            self.refer(role, page_named(content)[1] if role == "page" else content.strip(), place)

    def fence(self, token: Token, start: int) -> None:
        """Read a directive, which begins on line ``start`` of the file, from 0, and the text in it."""
        directive = plain_markdown.DIRECTIVE.fullmatch(token.info.strip())
        if not directive:
            return
        self.seek(start)
        name, argument = directive["name"], directive["argument"].strip()
        inner = token.content.removesuffix("\n").split("\n")
        options, body = split_options(inner)
        below = start + 1 + len(inner) - len(body)
        place = self.find(argument, start + 1) if argument else (start + 1, 1)
        for option in ("name", "label"):
            if option in options:
                self.target(options[option])
        if name == "tags" and self.page.path.startswith("notes/"):
            self.problem(Code.TAG, TAGS_IN_TEXT, place)
        elif name == "lab-figure":
            self.refer("figure", argument, place)
        elif name in DRAWINGS:
            paths = argument.split() if name == "systems-map" else [argument]
            for path in paths:
                self.refer("diagram", path, place)
            if not options.get("alt"):
                self.problem(Code.DIAGRAM, f"{argument} {NO_EQUIVALENT}", place)
        elif name in PICTURES and argument and name != "figure-md":
            self.refer("picture", argument, place)
            if not options.get("alt"):
                self.no_text(argument, place)
        if name == "systems-map":
            for number, line in enumerate(body, start=below):
                label, colon, page = line.rpartition(":")
                if colon and label.strip() and page.strip():
                    self.refer("page", page.strip(), (number + 1, len(line) - len(page.lstrip()) + 1))
        if name in WITH_TEXT and self.depth < MOST_NESTED:
            self.depth += 1
            self.blocks(parse("\n".join(body)), below)
            self.depth -= 1


def _text(children: list[Token] | None) -> str:
    return "".join(child.content for child in children or [] if child.type in {"text", "code_inline"})


OPTION = re.compile(r":(?P<name>[\w-]+):[ \t]*(?P<value>.*)")


def split_options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the content of a directive into its options and its text."""
    found: dict[str, str] = {}
    name, end = "", 0
    if lines and lines[0].strip() == "---":
        end = next((at for at, line in enumerate(lines[1:], start=1) if line.strip() == "---"), 0)
        parts = (line.partition(":") for line in lines[1:end])
        return {key.strip(): value.strip() for key, _sign, value in parts}, lines[end + 1 :]
    for line in lines:
        if option := OPTION.fullmatch(line.strip()):
            name = option["name"]
            found[name] = option["value"]
        elif name and line[:1] in {" ", "\t"} and line.strip():
            found[name] = f"{found[name]} {line.strip()}"
        else:
            break
        end += 1
    return found, lines[end:]


def page_named(content: str) -> tuple[str, str]:
    """Split the content of a role that leads to a page, ``text <page>`` or its name alone, into text and page."""
    text, _sign, page = (part.strip() for part in content.removesuffix(">").rpartition("<"))
    return text, page
