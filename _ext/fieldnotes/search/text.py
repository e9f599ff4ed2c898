"""Read the text of a note from its page, as the search shows it: in sections, without what stands around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

SKIPPED = frozenset({"byline", "headerlink", "linenos", "no-search", "note-line", "tags", "trail", "visually-hidden"})
"""Classes of elements whose text is no text of the note."""

BLOCKS = re.compile(
    "address|article|aside|blockquote|br|caption|dd|desc|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]"
    "|header|hr|legend|li|main|nav|ol|p|pre|section|summary|table|tbody|text|tfoot|thead|title|ul"
)
"""Elements that end a word: all that HTML does not set within a line, and the labels of a drawing."""

UNREAD = frozenset({"annotation", "script", "style", "template"})
CELLS = frozenset({"td", "th"})
VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr")
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
    parser = _Article()
    parser.feed(TAGS_WITHIN_WORDS.sub("", SKIPPED_INLINE.sub("", html)))
    parser.close()
    return [part for part in (_section(draft) for draft in parser.drafts) if part.text or part.heading]


@dataclass
class _Draft:
    id: str = ""
    aside: bool = False
    level: int = 0
    heading: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Article(HTMLParser):
    """Collects the text of each section; what is within an aside has a draft of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.drafts = [_Draft()]
        self.current = self.drafts[0]
        self.outer: list[tuple[str, _Draft]] = []
        """The elements whose text is an aside, each with the section around it."""
        self.skipping: list[str] = []
        """The open elements within a skipped one, which comes first."""
        self.section = ""
        self.heading: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if self.skipping or tag in UNREAD or SKIPPED & set((named.get("class") or "").split()):
            if not VOID.fullmatch(tag):
                self.skipping.append(tag)
            return
        if tag == "section":
            self.section = named.get("id") or ""
        elif HEADING.fullmatch(tag):
            self.begin(int(tag[1]), self.section or named.get("id") or "")
        elif tag in {"aside", "svg"} and not self.outer:
            self.outer.append((tag, self.current))
            self.current = _Draft(self.current.id, aside=True)
            self.drafts.append(self.current)
        elif self.outer and tag == self.outer[0][0]:
            self.outer.append((tag, self.current))
        self.write(CELL if tag in CELLS else BLOCK if BLOCKS.fullmatch(tag) else "")

    def begin(self, level: int, ident: str) -> None:
        """Begin a section at its heading; the title of the note is none of its sections."""
        self.section = ""
        if level == 1 or self.outer:
            self.heading = [] if level == 1 else None
            return
        within = self.current.aside and level > self.current.level
        self.current = _Draft(ident, within or bool(SOURCES.fullmatch(ident)), level)
        self.drafts.append(self.current)
        self.heading = self.current.heading

    def handle_endtag(self, tag: str) -> None:
        if self.skipping:
            if tag in self.skipping:
                while self.skipping.pop() != tag:
                    pass
            return
        if HEADING.fullmatch(tag):
            self.heading = None
        elif self.outer and tag == self.outer[-1][0]:
            self.current = self.outer.pop()[1]
        self.write(ROW if tag == "tr" else CELL if tag in CELLS else BLOCK if BLOCKS.fullmatch(tag) else "")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.write(data)

    def write(self, text: str) -> None:
        (self.current.text if self.heading is None else self.heading).append(text)


def _section(draft: _Draft) -> Section:
    text = SPACE.sub(_space, "".join(draft.text)).strip("\n ·")
    return Section(draft.id, " ".join("".join(draft.heading).split()), text, draft.aside)


def _space(match: re.Match[str]) -> str:
    """A line for the end of a block or a row, a point after each cell, one space for any other."""
    space = match[0]
    return " ·\n" if ROW in space else " · " if CELL in space else "\n" if BLOCK in space else " "
