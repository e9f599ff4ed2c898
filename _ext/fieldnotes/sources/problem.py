"""Say what is wrong with a file: where, which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The rules that a source file can break, each with what it means; CONTRIBUTING has the list.

    To a build each is the subtype of a warning: ``path:line: WARNING: what is wrong; what to do [fieldnotes.<code>]``.
    """

    about: str

    def __new__(cls, name: str, about: str = "") -> Code:
        """Make the code of this name."""
        code = str.__new__(cls, name)
        code._value_, code.about = name, about
        return code

    @property
    def is_advice(self) -> bool:
        """Whether what it says is to be considered, and no fault."""
        return self in {Code.LONE_TAG, Code.WAITING}

    # The file, and its front matter
    ENCODING = "encoding", "The file is not UTF-8."
    UNREADABLE = "unreadable", "The file cannot be read."
    NO_FRONT_MATTER = "no-front-matter", "The file does not begin with front matter."
    UNCLOSED = "unclosed-front-matter", "The front matter has no end."
    YAML = "yaml", "The front matter is not YAML, or a field stands twice."
    MISSING = "missing-field", "A field that every file has is not there."
    EMPTY = "empty-field", "A field says nothing."
    UNKNOWN = "unknown-field", "There is no such field."
    TYPE = "wrong-type", "A field holds another kind of value than it takes."
    VALUE = "wrong-value", "A field holds a value that is not one of its own."
    TEXT = "unprintable-text", "A text holds a character that cannot be shown."
    LONG = "too-long", "A field, the front matter or a file is longer than it may be."
    LANE = "unknown-lane", "No file in `lanes/` has this name."
    DATE = "not-a-date", "A date is not written as YYYY-MM-DD."
    FUTURE = "future-date", "A note says that it was changed or checked after today."
    DAY = "build-day", "The setting `fieldnotes_today` is no day."
    OUTLINE = "outline", "A note that is no draft has words of the outline that `make new` gave it."
    # What stands between files
    TAG = "tag-name", "A name cannot be a tag, or tags stand where they are not read."
    TAG_TWICE = "tag-twice", "A note has one tag twice."
    TAG_CLASH = "tag-clash", "Two names of tags share one page."
    NEAR_TAG = "near-tag", "Two tags differ as a word and its plural do, or in their spaces."
    LONE_TAG = "lone-tag", "One note alone has this tag. Advice: it fails nothing."
    TITLE_TWICE = "title-twice", "Two notes, or two lanes, have one title."
    LANE_NUMBER = "lane-number", "A lane's number is out of range, or another lane's."
    ADDRESS = "reserved-address", "The file's name gives no address, or one that is taken."
    FORMER = "former-address", "A former name is none, is in use, or is claimed twice."
    SITE = "site-address", "The setting `html_baseurl` is no address."
    # The text
    OPEN_FENCE = "open-fence", "A block of code, a directive or HTML is never closed."
    NESTING = "nesting", "Blocks stand in blocks too deeply, or signs in signs."
    HEADING = "heading-order", "A heading skips a level, or is empty."
    LINK = "broken-link", "A link leads to no page, file or place."
    BARE = "bare-link", "A link shows its address, or a word such as *here*."
    ALT = "missing-alt", "A picture has no text for those who cannot see it."
    PICTURE = "picture", "A picture is not there, or comes from another host."
    SOURCES = "sources", "A note with external links does not end with sources, and when they were read."
    NUMBER = "loose-number", "A number has no lab and no source, and is not said to be made up."
    SPELLING = "spelling", "A word is misspelled; names go to `tests/words.txt`."
    WAITING = "waiting", "A note is a draft, or of a day to come. Advice: it fails nothing."
    UNPUBLISHED = "unpublished-note", "A link leads to a draft, or to a note of a day to come."
    DIAGRAM = "diagram", "A drawing cannot be used, or has no text equivalent."
    LAB = "lab", "The files of a lab do not fit, or a figure's caption does not."
    RESULT = "unknown-result", "No lab has what is quoted."
    PAGE = "unknown-page", "No page of the site has this name."
    MATH = "math", "A formula cannot be read."


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file.

    ``path`` is relative to the source folder, with forward slashes; ``line`` and ``column`` count from 1. The
    message is a line, and what in it cannot be shown is replaced. ``is_advice`` is whether it is to be considered, and
    fails nothing.
    """

    path: str
    line: int
    code: Code
    message: str
    column: int = 1
    is_advice: bool = False

    def __post_init__(self) -> None:
        """Make the message fit to be shown."""
        if not self.message.isprintable():
            shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in self.message)
            object.__setattr__(self, "message", shown)


class Invalid(Exception):
    """A file cannot be used; ``problems`` says why, in the order of its lines.

    ``draft`` is whether it can be read so far that it says of itself that it is a draft.
    """

    def __init__(self, *problems: Problem, draft: bool = False) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.draft = draft
