"""Read the text of a note from its page, as the search shows it: in sections, without what stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborNode

SKIPPED = frozenset({"byline", "headerlink", "linenos", "no-search", "note-line", "tags", "trail", "visually-hidden"})
"""Classes of elements whose text is no text of the note."""

BLOCKS = re.compile(
    "address|article|aside|blockquote|br|caption|dd|desc|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|legend|li|main|nav|ol|p|pre|section|summary|table|tbody|text|tfoot|thead|title|ul"
)
"""Elements that end a word: all that HTML does not set within a line, and the labels of a drawing."""

UNREAD = frozenset({"annotation", "script", "style", "template"})
CELLS = frozenset({"td", "th"})
HEADING = re.compile("h[1-6]")

SOURCES = re.compile("sources?|references|bibliography|citations|footnotes|further-reading|see-also|links")
"""Ids of sections that list what a note rests on, or leads to."""

INLINE = "span|a|code|em|strong|b|i|data"
SKIPPED_INLINE = re.compile(rf'<({INLINE})\b[^>]*\bclass="[^">]*\b(?:{"|".join(sorted(SKIPPED))})\b[^>]*>.*?</\1>')
TAGS_WITHIN_WORDS = re.compile(rf"</?(?:{INLINE}|img)\b[^>]*>")
"""Most tags of a page; the parser is spared them."""

ROW, CELL, BLOCK = "\x1d", "\x1e", "\x1f"
"""Written where one ends; all three are white space."""

SPACE = re.compile(r"\s+")


@dataclass
class Section:
    """A part of a note below one heading; ``id`` is "" for what stands before the first.

    ``text`` has a line for each block. ``aside`` marks what a reader looks up rather than reads: footnotes, a list of
    sources, the labels of a drawing.
    """

    id: str = ""
    heading: str = ""
    text: str = ""
    aside: bool = False


def sections_of(html: str) -> list[Section]:
    """The sections of a note's article that have a text, in their order, each followed by its asides."""
    root = LexborHTMLParser(TAGS_WITHIN_WORDS.sub("", SKIPPED_INLINE.sub("", html)), is_fragment=True).root
    reader = _Reader()
    if root:
        reader.read(root)
    return [part for part in (_section(draft) for draft in reader.drafts) if part.text or part.heading]


@dataclass
class _Draft:
    id: str = ""
    aside: bool = False
    level: int = 0
    heading: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Reader:
    """Collects the text of each section; what is within an aside has a draft of its own."""

    def __init__(self) -> None:
        self.current = _Draft()
        self.drafts = [self.current]
        self.texts = self.current.text
        """Where the next text goes: to a section or to its heading."""
        self.section = ""
        """The id of the element around the next heading."""
        self.in_aside = False

    def read(self, root: LexborNode) -> None:
        """Read what is in an element, however deeply it is nested."""
        inside: list[tuple[Iterator[LexborNode], Callable[[], None]]] = [(root.iter(include_text=True), lambda: None)]
        while inside:
            children, end = inside[-1]
            node = next(children, None)
            if node is None:
                inside.pop()
                end()
            elif node.is_text_node:
                self.texts.append(node.text_content or "")
            elif node.is_element_node and (tag := node.tag) and tag not in UNREAD:
                attributes = node.attributes
                if SKIPPED.isdisjoint((attributes.get("class") or "").split()):
                    inside.append((node.iter(include_text=True), self.element(tag, attributes.get("id") or "")))

    def element(self, tag: str, ident: str) -> Callable[[], None]:
        """Begin an element, which may begin a section or an aside; gives what is to be done at its end."""
        outer, is_heading = self.current, bool(HEADING.fullmatch(tag))
        begins_aside = tag in {"aside", "svg"} and not self.in_aside
        if tag == "section":
            self.section = ident
        elif is_heading:
            self.begin(int(tag[1]), self.section or ident)
        elif begins_aside:
            self.in_aside = True
            self.enter(_Draft(self.current.id, aside=True))
        ends = CELL if tag in CELLS else BLOCK if BLOCKS.fullmatch(tag) else ""
        self.texts.append(ends)

        def end() -> None:
            if is_heading:
                self.texts = self.current.text
            elif begins_aside:
                self.in_aside, self.current, self.texts = False, outer, outer.text
            self.texts.append(ROW if tag == "tr" else ends)

        return end

    def enter(self, draft: _Draft) -> None:
        """Begin a part."""
        self.drafts.append(draft)
        self.current, self.texts = draft, draft.text

    def begin(self, level: int, ident: str) -> None:
        """Begin a section at its heading; the title of the note is none of its sections."""
        self.section = ""
        if level == 1:
            self.texts = []
        elif not self.in_aside:
            within = self.current.aside and level > self.current.level
            self.enter(_Draft(ident, within or bool(SOURCES.fullmatch(ident)), level))
            self.texts = self.current.heading


def _section(draft: _Draft) -> Section:
    text = SPACE.sub(_space, "".join(draft.text)).strip("\n ·")
    return Section(draft.id, " ".join("".join(draft.heading).split()), text, draft.aside)


def _space(match: re.Match[str]) -> str:
    """A line for the end of a block or a row, a point after each cell, one space for any other."""
    space = match[0]
    return " ·\n" if ROW in space else " · " if CELL in space else "\n" if BLOCK in space else " "
