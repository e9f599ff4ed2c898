"""A note: the schema of its front matter, and what can be known of it from its file alone."""

from __future__ import annotations

import datetime
import math
import re
from functools import lru_cache
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from fieldnotes import frontmatter, prose
from fieldnotes.frontmatter import Line, Schema, complaint, kind, listed, suggestion
from fieldnotes.problem import Code, Invalid, Problem

WORDS_A_MINUTE = 220
RESERVED = re.compile(r"notes/(index|\d{4}(/\d+)?)")
"""Addresses of the archive: the index of all notes, and a page or more for each year."""
FILE_NAME = re.compile(r"""[^\s./\\?#%:*"<>|][^/\\?#%:*"<>|]*(/[^\s./\\?#%:*"<>|][^/\\?#%:*"<>|]*)*""")

MOST_TAGS = 30

QUOTING = re.compile(r"\{(?:result|number)\}`([a-z0-9-]+):|\{lab-figure\}\s+([a-z0-9-]+):")
"""Where a text quotes a lab, or shows a figure of one."""

SUMMARY = "What its reader can see or do after it, in one or two sentences."
"""The summary of a new note."""

OUTLINE = """\
% Say here what the reader can decide or do after this note, and what it takes: two or three sentences.

## What to look at

% The first sign, where it is written down, and what it excludes.

## What to do

% The steps in their order, and the number by which one goes on to the next.

## Where this ends

% What it does not hold for.

## Sources

Read in {month} {year}.

% Every external link of the note, each with what was taken from it.
"""
"""The text of a new note; what stands behind a % is for its author and is on no page."""

HINTS = [line for line in OUTLINE.split("\n") if line.startswith("%")]

DRAFT = "a draft"
"""What a note is that says so of itself: see ``Note.waits``."""


@lru_cache(maxsize=10_000)
def slug(tag: str) -> str:
    """Give the last part of a tag page's address: the rule of sphinx-tags, which makes the links to it."""
    return re.sub(r"[\s\W]+", "-", tag).lower().strip("-")


def _tag(name: str) -> str:
    if bad := re.search(r'[,"\\]', name):
        raise complaint(Code.TAG, f"holds a {bad[0]} sign; a tag is words without commas, double quotes or backslashes")
    if not slug(name) or slug(name) == "index":
        raise complaint(Code.TAG, f"`{name}` gives no address for its page; use a word with letters or digits")
    if len(slug(name).encode()) > 80:
        raise complaint(Code.LONG, "is too long for the address of its page; keep it to a few words")
    return name


def _tags(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(names) > MOST_TAGS:
        raise complaint(Code.LONG, f"holds {len(names)} tags; keep those that it is about, {MOST_TAGS} at the most")
    seen: dict[str, str] = {}
    for name in names:
        if first := seen.get(slug(name)):
            how = "stands twice" if first == name else f"holds `{first}` and `{name}`, which share one page"
            raise complaint(Code.TAG_TWICE, f"{how}; keep one `{first}`")
        seen[slug(name)] = name
    return names


def _former(name: str) -> str:
    bare = re.sub(r"^/?(notes/)?|\.(md|html)$", "", name)
    if bare and bare != name:
        raise complaint(Code.FORMER, f"`{name}` is more than a name; write `{bare}`, without notes/ and .html")
    if not FILE_NAME.fullmatch(name):
        raise complaint(
            Code.FORMER, f"`{name}` cannot have been the name of a note's file; write it as in `[old-name]`"
        )
    if len(name.encode()) > 200:
        raise complaint(Code.LONG, "is too long for an address; remove it")
    if RESERVED.fullmatch(f"notes/{name}"):
        raise complaint(Code.FORMER, f"`{name}` is an address of the archive; remove it")
    return name


def _formers(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise complaint(Code.FORMER, f"holds `{twice}` twice; keep one")
    return names


def _lane(name: str, info: ValidationInfo) -> str:
    lanes: dict[str, str] = info.context["lanes"] if info.context else {}
    if name in lanes:
        return name
    titles = {title: lane for lane, title in lanes.items()}
    near = suggestion(name, [*lanes, *titles])
    hint = f"did you mean `{titles.get(near, near)}`?" if near else f"the lanes are {', '.join(lanes) or 'none yet'}"
    raise complaint(Code.LANE, f"`{name}` is not a lane; {hint}")


def _date(value: object) -> datetime.date:
    if isinstance(value, datetime.datetime):
        raise complaint(Code.DATE, "holds a time of day; write the day alone, as YYYY-MM-DD")
    if isinstance(value, str):
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
                raise ValueError
            day: object = datetime.date.fromisoformat(value)
        except ValueError:
            raise complaint(Code.DATE, f"`{value[:40]}` is not a date; write it as YYYY-MM-DD") from None
    else:
        day = value
    if not isinstance(day, datetime.date):
        raise complaint(Code.DATE, f"is {kind(value)}, not a date; write it as YYYY-MM-DD")
    return day


def _updated(day: datetime.date, info: ValidationInfo) -> datetime.date:
    first = info.data.get("date")
    if first and day < first:
        raise complaint(Code.DATE, f"{day} is before `date`; give the day of the change, or remove the line")
    return day


def _applies(names: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise complaint(Code.VALUE, f"holds `{twice}` twice; keep one")
    return names


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        found = "text" if isinstance(value, str) else kind(value)
        raise complaint(Code.TYPE, f"is {found}; write true or false, without quotes")
    return value


class FrontMatter(Schema):
    """The fields of a note's front matter, each written here and nowhere else."""

    title: Line = Field(
        description="The note's heading, and its name in every list. Text, not markup.",
        examples=["When Spark Fails Quietly Before the Logs Agree"],
    )
    lane: Annotated[Line, AfterValidator(_lane)] = Field(
        description="The lane it belongs to: the name of a file in `lanes/`.",
        examples=["bigdata"],
    )
    date: Annotated[datetime.date, BeforeValidator(_date)] = Field(
        description="The day it is first published, as YYYY-MM-DD. A note of a day to come is left out until then.",
        examples=["2026-10-19"],
    )
    summary: Line = Field(
        description="One or two sentences under the heading and in every list. Text, not markup.",
        examples=["Some Spark incidents begin as shape changes."],
    )
    tags: Annotated[
        tuple[Annotated[Line, AfterValidator(_tag)], ...], listed("[Spark, YARN]"), AfterValidator(_tags)
    ] = Field(
        description="The subjects it is about, across lanes.",
        examples=["[Spark, YARN]"],
        json_schema_extra={"minItems": 1, "uniqueItems": True},
    )
    updated: Annotated[datetime.date | None, BeforeValidator(_date), AfterValidator(_updated)] = Field(
        default=None,
        description="The day its text last changed in what it says. May be left out.",
        examples=["2026-11-24"],
    )
    verified: Annotated[datetime.date | None, BeforeValidator(_date)] = Field(
        default=None,
        description="The day a person last checked that it still holds. May be left out.",
        examples=["2026-11-24"],
    )
    applies_to: Annotated[tuple[Line, ...], listed("[Spark 4.x]"), AfterValidator(_applies)] = Field(
        default=(),
        description="What it was written for: products with their versions. May be left out.",
        examples=["[Spark 4.x, Hadoop 3.4]"],
        json_schema_extra={"minItems": 1, "uniqueItems": True},
    )
    formerly: Annotated[
        tuple[Annotated[Line, AfterValidator(_former)], ...], listed("[old-name]"), AfterValidator(_formers)
    ] = Field(
        default=(),
        description="Names that it had before, the first one first: their addresses lead here. May be left out.",
        examples=["[quiet-failures]"],
        json_schema_extra={"minItems": 1, "uniqueItems": True},
    )
    draft: Annotated[bool, BeforeValidator(_yes_or_no)] = Field(
        default=False,
        description="Whether it is left out of what is published, whatever its date. May be left out.",
        examples=["true"],
    )


class Note(FrontMatter):
    """A note that is fit to publish: its front matter, its address and its length."""

    docname: str
    """The file's path without its suffix, as ``notes/<slug>``: also the address of the page."""
    words: int
    labs: tuple[str, ...] = ()
    """The labs that its text quotes or shows a figure of, by their names."""
    hints: tuple[int, ...] = ()
    """The lines of its file where words of the outline stand that a new note has."""

    def waits(self, today: datetime.date) -> str:
        """What it is if it is not to be published on that day: a draft, or scheduled for a day to come."""
        if self.draft:
            return DRAFT
        return f"scheduled for {self.date}" if self.date > today else ""

    def is_stale(self, today: datetime.date) -> bool:
        """Whether it was last verified, or published, more than a year before that day."""
        last = self.last_verified
        return (last.year + 1, last.month, last.day) < (today.year, today.month, today.day)

    @property
    def last_verified(self) -> datetime.date:
        """The day on which it was last known to hold: what is published has been checked."""
        return max(self.verified or self.date, self.date)

    @property
    def changed(self) -> datetime.date:
        """The day that its readers are told it last changed."""
        return self.updated or self.date

    @property
    def first_docname(self) -> str:
        """The docname under which it was first published: a renamed note stays the same one for feed readers."""
        return f"notes/{self.formerly[0]}" if self.formerly else self.docname

    @property
    def minutes(self) -> int:
        """Minutes to read it, at 220 words a minute, rounded up: at least one."""
        return max(1, math.ceil(self.words / WORDS_A_MINUTE))


def read(path: str, data: bytes, context: dict[str, Any]) -> tuple[Note, frontmatter.Lines]:
    """Read the bytes of a note at ``path``; raise Invalid with all that is wrong with it.

    ``context`` holds ``lanes`` (title by name).
    """
    docname = path.removesuffix(".md")
    if RESERVED.fullmatch(docname):
        message = f"{docname}.html is an address of the archive; give the file another name"
        raise Invalid(Problem(path, 1, Code.ADDRESS, message))
    text = frontmatter.decode(path, data)
    _header, body = frontmatter.split(path, text)
    front_matter, lines = frontmatter.read(path, text, FrontMatter, context)
    if deep := prose.nested(path, text):
        raise Invalid(deep, draft=front_matter.draft)
    words = len(body.replace("|", " ").split())
    labs = tuple(sorted({quoted or shown for quoted, shown in QUOTING.findall(body)}))
    hints = [lines.of("summary")] if front_matter.summary == SUMMARY else []
    if any(hint in body for hint in HINTS):
        hints += [number for number, line in enumerate(text.split("\n"), start=1) if line.strip() in HINTS]
    read = Note.model_construct(**dict(front_matter), docname=docname, words=words, labs=labs, hints=tuple(hints))
    return read, lines
