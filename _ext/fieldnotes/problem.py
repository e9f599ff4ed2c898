"""Say what is wrong with a file: where, which rule, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """The rules a source file can break; each is the subtype of its Sphinx warning.

    A warning reads ``path:line: WARNING: what is wrong; what to do [fieldnotes.<code>]``.
    """

    ENCODING = "encoding"
    UNREADABLE = "unreadable"
    NO_FRONT_MATTER = "no-front-matter"
    UNCLOSED = "unclosed-front-matter"
    YAML = "yaml"
    MISSING = "missing-field"
    EMPTY = "empty-field"
    UNKNOWN = "unknown-field"
    TYPE = "wrong-type"
    VALUE = "wrong-value"
    TEXT = "unprintable-text"
    LONG = "too-long"
    LANE = "unknown-lane"
    DATE = "not-a-date"
    DAY = "build-day"
    UNPUBLISHED = "unpublished-note"
    TAG = "tag-name"
    TAG_TWICE = "tag-twice"
    TAG_CLASH = "tag-clash"
    TITLE_TWICE = "title-twice"
    LANE_NUMBER = "lane-number"
    ADDRESS = "reserved-address"
    FORMER = "former-address"
    SITE = "site-address"
    OPEN_FENCE = "open-fence"
    DIAGRAM = "diagram"
    LAB = "lab"
    RESULT = "unknown-result"
    PAGE = "unknown-page"
    MATH = "math"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file.

    ``path`` is relative to the source folder, with forward slashes; ``line`` counts from 1.
    """

    path: str
    line: int
    code: Code
    message: str


class Invalid(Exception):
    """A file cannot be used; ``problems`` says why, in the order of its lines.

    ``draft`` is whether it can be read so far that it says of itself that it is a draft.
    """

    def __init__(self, *problems: Problem, draft: bool = False) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.draft = draft
