"""Extract the text of a note from its page, by section, as the search shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from selectolax.lexbor import LexborNode

SKIPPED = frozenset({"byline", "headerlink", "linenos", "no-search", "note-line", "tags", "trail", "visually-hidden"})
"""Classes of elements that are not part of the note's text."""

BLOCKS = re.compile(
    "address|article|aside|blockquote|br|caption|dd|desc|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|legend|li|main|nav|ol|p|pre|section|summary|table|tbody|text|tfoot|thead|title|ul"
)
"""Elements that end a word: all block elements, and the labels of a drawing."""

UNREAD = frozenset({"annotation", "script", "style", "template"})
CELLS = frozenset({"td", "th"})
HEADING = re.compile("h[1-6]")

SOURCES = re.compile("sources?|references|bibliography|citations|footnotes|further-reading|see-also|links")
"""Ids of sections that list a note's sources or further reading."""

INLINE = "span|a|code|em|strong|b|i|data"
SKIPPED_INLINE = re.compile(rf'<({INLINE})\b[^>]*\bclass="[^">]*\b(?:{"|".join(sorted(SKIPPED))})\b[^>]*>.*?</\1>')
TAGS_WITHIN_WORDS = re.compile(rf"</?(?:{INLINE}|img)\b[^>]*>")
"""Most tags of a page; they are removed before parsing, which saves time."""

ROW, CELL, BLOCK = "\x1d", "\x1e", "\x1f"
"""Written at the end of each; all three are white space."""

SPACE = re.compile(r"\s+")


@dataclass
class Section:
    """A part of a note below one heading; ``id`` is "" for the text before the first.

    ``text`` has a line for each block. ``aside`` marks text that is looked up rather than read: footnotes, a list of
    sources, the labels of a drawing.
    """

    id: str = ""
    heading: str = ""
    text: str = ""
    aside: bool = False


def sections_of(html: str) -> list[Section]:
    """Return the sections of a note's article that have a text or heading, in order, each followed by its asides."""
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
    """Collects the text of each section; each aside is collected separately."""

    def __init__(self) -> None:
        self.current = _Draft()
        self.drafts = [self.current]
        self.texts = self.current.text
        """The target of the next text: a section or its heading."""
        self.section = ""
        """The id of the section element around the next heading."""
        self.in_aside = False

    def read(self, root: LexborNode) -> None:
        """Read the content of an element, without recursion, since it may be nested deeply."""
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
        """Start an element, and perhaps a section or an aside; returns the callback for its end."""
        outer, is_heading = self.current, bool(HEADING.fullmatch(tag))
        is_aside = tag in {"aside", "svg"} and not self.in_aside
        if tag == "section":
            self.section = ident
        elif is_heading:
            self.start_section(int(tag[1]), self.section or ident)
        elif is_aside:
            self.in_aside = True
            self.enter(_Draft(self.current.id, aside=True))
        boundary = CELL if tag in CELLS else BLOCK if BLOCKS.fullmatch(tag) else ""
        self.texts.append(boundary)

        def end() -> None:
            if is_heading:
                self.texts = self.current.text
            elif is_aside:
                self.in_aside, self.current, self.texts = False, outer, outer.text
            self.texts.append(ROW if tag == "tr" else boundary)

        return end

    def enter(self, draft: _Draft) -> None:
        """Collect text in a new draft."""
        self.drafts.append(draft)
        self.current, self.texts = draft, draft.text

    def start_section(self, level: int, ident: str) -> None:
        """Start a section at its heading; the title of the note starts none, and is skipped."""
        self.section = ""
        if level == 1:
            self.texts = []
        elif not self.in_aside:
            is_within_aside = self.current.aside and level > self.current.level
            self.enter(_Draft(ident, is_within_aside or bool(SOURCES.fullmatch(ident)), level))
            self.texts = self.current.heading


def _section(draft: _Draft) -> Section:
    text = SPACE.sub(_separator, "".join(draft.text)).strip("\n ·")
    return Section(draft.id, " ".join("".join(draft.heading).split()), text, draft.aside)


def _separator(match: re.Match[str]) -> str:
    """Replace white space: by a line break after a block or row, ` · ` after a cell, or else one space."""
    space = match[0]
    return " ·\n" if ROW in space else " · " if CELL in space else "\n" if BLOCK in space else " "
