"""Declare the fields of a note's front matter."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from fieldnotes.sources.problem import Code
from fieldnotes.sources.yaml_header import Line, Schema, complaint, kind, listed, suggestion

RESERVED = re.compile(r"notes/(index|\d{4}(/\d+)?)")
"""Addresses of the archive: the index of all notes, and a page or more for each year."""


FILE_NAME = re.compile(r"""[^\s./\\?#%:*"<>|][^/\\?#%:*"<>|]*(/[^\s./\\?#%:*"<>|][^/\\?#%:*"<>|]*)*""")


MAX_TAGS = 30


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
    if len(names) > MAX_TAGS:
        raise complaint(Code.LONG, f"holds {len(names)} tags; keep those that it is about, {MAX_TAGS} at the most")
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
