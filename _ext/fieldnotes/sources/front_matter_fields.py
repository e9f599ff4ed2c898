"""Declare the fields of front matter: of notes, then of lanes and other pages.

A field is declared only here; `make schema` generates what editors and CONTRIBUTING say about it.
"""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import Annotated
from urllib.parse import unquote

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo, WithJsonSchema

from fieldnotes.sources.dates import Day, guess, parse
from fieldnotes.sources.field_validators import UNPRINTABLE, Schema, Text, field_error, one_line
from fieldnotes.sources.problem import Code, excerpt, suggestion

RESERVED = re.compile(r"notes/(index|\d{4}(/\d+)?)")
"""Docnames of archive pages: the index of all notes, and the pages of each year."""

PART = r"""[^\s./\\?#%:*"<>|][^/\\?#%:*"<>|]*"""

FILE_NAME = re.compile(f"{PART}(/{PART})*")
"""A file name without its extension, or a path of several: no part is empty or begins with a dot or a space."""

TOP_LEVEL_NAMES = {
    *("404", "authors", "index", "labs", "lanes", "notes", "pages", "search", "search-index", "tags"),
    *("catalog.json", "feed.xml", "llms.txt", "objects.inv", "robots.txt", "searchindex.js", "sitemap.xml"),
}
"""Top-level pages, folders and files of the output, which former addresses may not replace."""

MAX_NAMES = 30
"""Maximum number of tags, or of authors, of a note."""

FOREIGN_NAMES = {
    **dict.fromkeys(("created", "posted", "pubdate", "publishdate", "published"), "date"),
    **dict.fromkeys(("lastmod", "last_modified_at", "last_updated", "lastupdated", "modified"), "updated"),
    **dict.fromkeys(("description", "excerpt", "subtitle", "abstract", "tldr"), "summary"),
    **dict.fromkeys(("category", "section"), "lane"),
    **dict.fromkeys(("categories", "keywords", "tag", "topics"), "tags"),
    **dict.fromkeys(("aliases", "permalink", "redirect_from", "redirects", "url"), "formerly"),
    **dict.fromkeys(("author", "by", "creator"), "authors"),
}
"""The field of a note by its name in other systems, in lower case, for messages and `make bring`."""


@cache
def slug(tag: str) -> str:
    """Return the last part of a tag page's address. The symbols of C++ and C# are spelled out."""
    spelled = re.sub(r"\+", "-plus", re.sub("#", "-sharp", tag))
    return re.sub(r"[\s\W]+", "-", spelled).lower().strip("-")


def _name(name: str) -> str:
    """Validate a tag or an author, which has a page of its own."""
    if bad := re.search(r'[,"\\]', name):
        raise field_error(Code.TAG, f"contains `{bad[0]}`; write it without commas, double quotes or backslashes")
    if not slug(name) or slug(name) == "index":
        raise field_error(Code.TAG, f"`{name}` cannot be turned into a page address; use a word with letters or digits")
    if len(slug(name).encode()) > 80:
        raise field_error(Code.LONG, "is too long for a page address; keep it to a few words")
    return name


def _names(names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Validate the tags or the authors of a note together."""
    if len(names) > MAX_NAMES:
        raise field_error(Code.LONG, f"has {len(names)} {info.field_name}; keep the {MAX_NAMES} most important")
    seen: dict[str, str] = {}
    for name in names:
        if first := seen.get(slug(name)):
            clash = f"contains `{name}` twice" if first == name else f"has `{first}` and `{name}`, which share one page"
            raise field_error(Code.TAG_TWICE, f"{clash}; keep one of them")
        seen[slug(name)] = name
    return names


def former_page(name: str) -> str:
    """Return the docname of the page that redirects from a value of `formerly`.

    A file name such as ``old`` gives ``notes/old``, and a path such as ``/blog/x/`` the index of that folder,
    ``blog/x/index``. Only a path that names an HTML file keeps its extension: ``/2023/x.html`` gives ``2023/x.html``.
    """
    if not name.startswith("/"):
        return f"notes/{name}"
    path = unquote(name).strip("/").removesuffix("/index.html")
    return path if path.endswith(".html") else f"{path}/index"


def _former_name(name: str) -> str:
    if len(name.encode()) > 200:
        raise field_error(Code.LONG, "is too long for an address; remove it")
    return _former_path(name) if name.startswith("/") and not name.startswith("/notes/") else _former_file(name)


def _former_path(name: str) -> str:
    path = unquote(name).strip("/")
    if not FILE_NAME.fullmatch(path) or UNPRINTABLE.search(path):
        message = f"`{name}` is not a valid path of the site; write it as in `[/2023/01/old-name.html]`"
        raise field_error(Code.FORMER, message)
    if path.startswith("_") or path.partition("/")[0].removesuffix(".html") in TOP_LEVEL_NAMES:
        raise field_error(Code.FORMER, f"`{name}` is reserved for the journal's own pages; remove it")
    return name


def _former_file(name: str) -> str:
    stem = re.sub(r"^/?(notes/)?|\.(md|html)$", "", name)
    if stem and stem != name:
        message = f"`{name}` contains a path or extension; write `{stem}`, without notes/ and .html"
        raise field_error(Code.FORMER, message)
    if not FILE_NAME.fullmatch(name):
        raise field_error(Code.FORMER, f"`{name}` is not a valid file name; write it as in `[old-name]`")
    if RESERVED.fullmatch(f"notes/{name}"):
        raise field_error(Code.FORMER, f"`{name}` is the address of an archive page; remove it")
    return name


def _lane(name: str, info: ValidationInfo) -> str:
    lanes: dict[str, str] = (info.context or {}).get("lanes", {})
    if name in lanes:
        return name
    titles = {title: lane for lane, title in lanes.items()}
    match = suggestion(name, [*lanes, *titles])
    hint = f"did you mean `{titles.get(match, match)}`?" if match else f"the lanes are {', '.join(lanes) or 'none yet'}"
    raise field_error(Code.LANE, f"`{name}` is not a lane; {hint}")


def _date(value: object, info: ValidationInfo) -> Day:
    zone: datetime.tzinfo = (info.context or {}).get("zone", datetime.UTC)
    try:
        return parse(value, zone)
    except ValueError:
        shown = f"`{excerpt(value)}` " if isinstance(value, str) else ""
        guessed = guess(value) if isinstance(value, str) and ":" not in value else None
        hint = f"write it as {guessed or 'YYYY-MM-DD'}, or with a time as in 2026-11-24T09:30+01:00"
        raise field_error(Code.DATE, f"{shown}is not a date; {hint}") from None


def _updated(day: Day, info: ValidationInfo) -> Day:
    first: Day | None = info.data.get("date")
    if first and (day.moment < first.moment if day.has_time else day < first):
        raise field_error(Code.DATE, f"{day.iso} is before `date`; write the day of the change, or remove the line")
    return day


DATE_TIME = r"^\d{4}-\d{2}-\d{2}([Tt]|[ \t]+)\d{1,2}:\d{2}"
"""The beginning of a date with a time, by which editors tell it from a date."""

DATE = (
    PlainValidator(_date),
    WithJsonSchema({"type": "string", "if": {"pattern": DATE_TIME}, "else": {"format": "date"}}),
)
"""Validates a date, or a date and time."""

Date = Annotated[Day, *DATE]

Name = Annotated[Text, AfterValidator(_name)]

FormerName = Annotated[Text, AfterValidator(_former_name)]

NOT_EMPTY = Field(json_schema_extra={"minItems": 1})

Names = Annotated[
    tuple[Name, ...], AfterValidator(_names), Field(json_schema_extra={"minItems": 1, "uniqueItems": True})
]


class FrontMatter(Schema):
    """The fields of a note."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    title: Text = Field(examples=["What a restart hides"])
    """The heading, and the name in every list. Plain text, not markup."""
    lane: Annotated[Text, AfterValidator(_lane)] = Field(examples=["platform"])
    """The lane it belongs to: the name of a file in `lanes/`."""
    date: Date = Field(examples=["2026-10-19"])
    """The publication date, as YYYY-MM-DD, or a date and time. The note is not published before."""
    summary: Text = Field(examples=["A restart clears the error, and with it the evidence."])
    """One or two sentences, below the heading and in every list. Plain text, not markup."""
    tags: Names = Field(examples=["[Spark, YARN]"])
    """Topics, shared across lanes."""
    authors: Names = Field(default=(), examples=["[Ada Lovelace]"])
    """Who wrote it, if not the journal's author. Optional."""
    updated: Annotated[Day | None, *DATE, AfterValidator(_updated)] = Field(default=None, examples=["2026-11-24"])
    """The day of the last substantive change. Optional."""
    verified: Annotated[Day | None, *DATE] = Field(default=None, examples=["2026-11-24"])
    """The day someone last checked that it still holds. Optional."""
    applies_to: Annotated[tuple[Text, ...], NOT_EMPTY] = Field(default=(), examples=["[Spark 4.x, Hadoop 3.4]"])
    """The products that it applies to, with their versions. Optional."""
    formerly: Annotated[tuple[FormerName, ...], NOT_EMPTY] = Field(default=(), examples=["[quiet-failures]"])
    """Earlier file names or paths, oldest first; they redirect here. Optional."""
    picture: Annotated[str, BeforeValidator(one_line)] = Field(default="", examples=["diagrams/split.svg"])
    """The picture for lists: an SVG file next to the note, or a figure of a lab. Optional."""
    draft: bool = Field(default=False, examples=["true"])
    """Keeps the note unpublished, whatever its date. Optional."""


class PageFrontMatter(Schema):
    """The fields of a page in `pages/`."""

    title: Text = Field(examples=["About"])
    description: Text = Field(examples=["Who writes here."])
    """The sentence below the heading."""


class LaneFrontMatter(Schema):
    """The fields of a lane."""

    title: Text = Field(examples=["Platform"])
    number: int = Field(ge=1, le=99, examples=[3])
    """The position among the lanes."""
    headline: Text = Field(examples=["What everything else stands on"])
    description: Text = Field(examples=["Clusters, deploys, and habits."])
    """The sentence below the headline."""
    begin: Text = Field(default="", examples=["slow-jobs"])
    """The note to start with, by its file name."""
