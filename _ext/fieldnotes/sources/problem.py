"""The rules for source files, the problems that break them, and helpers for messages."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Code(StrEnum):
    """The rules that a source file can break, each with its meaning; CONTRIBUTING lists them too.

    In a build, a code is the subtype of a warning: ``path:line: WARNING: what is wrong; what to do [fieldnotes.code]``.
    """

    about: str

    def __new__(cls, name: str, about: str = "") -> Code:
        """Create a code with its meaning."""
        code = str.__new__(cls, name)
        code._value_, code.about = name, about
        return code

    @property
    def is_advice(self) -> bool:
        """Whether the rule is advice: a check that reports it still passes."""
        return self in {Code.LONE_TAG, Code.WAITING}

    # One file and its front matter
    ENCODING = "encoding", "The file is not UTF-8."
    UNREADABLE = "unreadable", "The file cannot be read."
    NO_FRONT_MATTER = "no-front-matter", "The file does not begin with front matter."
    UNCLOSED = "unclosed-front-matter", "The front matter has no closing `---`."
    YAML = "yaml", "The front matter is not valid YAML, or a field appears twice."
    MISSING = "missing-field", "A required field is missing."
    EMPTY = "empty-field", "A field is empty."
    UNKNOWN = "unknown-field", "The front matter has an unknown field."
    TYPE = "wrong-type", "A value has the wrong type, such as text instead of a list."
    VALUE = "wrong-value", "A field does not accept this value."
    TEXT = "unprintable-text", "A text contains an unprintable character."
    LONG = "too-long", "A field, the front matter or the file is too long."
    LANE = "unknown-lane", "No file in `lanes/` has this name."
    DATE = "not-a-date", "A date is not written as YYYY-MM-DD, or `updated` is before `date`."
    FUTURE = "future-date", "`updated` or `verified` is in the future."
    DAY = "build-day", "The setting `fieldnotes_today` is not a date, or `fieldnotes_timezone` is not a time zone."
    OUTLINE = "outline", "A note that is not a draft still has text from the outline of `make new`."
    OUTSIDE = "outside-file", "A file is outside the journal, hidden or ignored by git, or a directive reads a URL."
    # Several files
    TAG = "tag-name", "The name of a tag or an author is not allowed, or tags are written where they are not read."
    TAG_TWICE = "tag-twice", "A note has the same tag or author twice."
    TAG_CLASH = "tag-clash", "Two tags, or two authors, share one page."
    NEAR_TAG = "near-tag", "Two tags differ only in a plural ending or in spaces."
    LONE_TAG = "lone-tag", "Only one note has this tag. Advice: the check still passes."
    TITLE_TWICE = "title-twice", "Two notes, lanes or pages have the same title."
    LANE_NUMBER = "lane-number", "Two lanes have the same number."
    ADDRESS = "reserved-address", "The file name cannot be used in a URL, or the address is reserved."
    FORMER = "former-address", "A former name is malformed, in use, or claimed twice."
    SITE = "site-address", "The setting `html_baseurl` is not a URL."
    SETTING = "setting", "A setting of `conf.py` is invalid or unknown."
    # The text
    TOCTREE = "toctree", "A list of pages is used where it is not allowed."
    FAILED = "failed-document", "Sphinx or an extension fails on the text, so the note is left out."
    OPEN_FENCE = "open-fence", "A code block, a directive or HTML is not closed."
    NESTING = "nesting", "Blocks or inline markup are nested too deeply."
    HEADING = "empty-heading", "A heading is empty."
    FOREIGN = "foreign-markup", "Markup of another system is shown literally, or dropped."
    BARE = "bare-link", "A link's text is its address, or a word such as *here*."
    ALT = "missing-alt", "A picture has no alternative text."
    PICTURE = "picture", "A picture or download is not a file, is on another host, or may run code."
    RAW_HTML = "raw-html", "HTML that is not allowed on a page, or an element that is unknown or not closed."
    ADDRESS_SCHEME = "unsafe-link", "A link's address has a scheme that may run code, such as `javascript:`."
    SOURCES = "sources", "A note with external links does not end with its sources and the month they were read in."
    NUMBER = "loose-number", "A number has no lab and no source, and is not marked as constructed."
    SPELLING = "spelling", "An English word is misspelled; add names to `tests/words.txt`."
    WAITING = "waiting", "A note is a draft or scheduled. Advice: the check still passes."
    UNPUBLISHED = "unpublished-note", "A link leads to a draft or a scheduled note."
    DIAGRAM = "diagram", "A drawing cannot be used, or has no alternative text."
    LAB = "lab", "A lab file or the caption of a lab figure has an error."
    RESULT = "unknown-result", "No lab has the quoted result or figure."
    PAGE = "unknown-page", "No page of the site has this name."
    MATH = "math", "A formula does not parse."


@dataclass(frozen=True, order=True)
class Problem:
    """A problem in a file.

    ``path`` is relative to the source folder, with forward slashes; ``line`` and ``column`` count from 1. ``message``
    is one line, "what is wrong; what to do".
    """

    path: str
    line: int
    code: Code
    message: str
    column: int = 1

    def __post_init__(self) -> None:
        """Replace unprintable characters: path and message are printed on one line."""
        for name in ("path", "message"):
            object.__setattr__(self, name, printable(getattr(self, name)))


class Invalid(Exception):
    """A file that cannot be used, with all of its ``problems``; ``draft`` if its front matter says so."""

    def __init__(self, *problems: Problem, draft: bool = False) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.draft = draft

    def __str__(self) -> str:
        """Join the messages on one line, without their places."""
        return "; ".join(problem.message for problem in self.problems)


def printable(text: str) -> str:
    """Replace the unprintable characters of a text, including line breaks."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def excerpt(text: str) -> str:
    """Cut a text to 60 characters, to be quoted in a message."""
    return printable(text if len(text) <= 60 else f"{text[:60]}…")


def suggestion(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that a misspelled ``word`` most likely stands for, ignoring case; None if none is close."""
    folded = {choice.casefold(): choice for choice in choices}
    matches = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[matches[0]] if matches else None
