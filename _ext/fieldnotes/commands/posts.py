"""Read the posts of other systems, whatever they call their fields."""

from __future__ import annotations

import datetime
import email
import posixpath
import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import frontmatter
import yaml
from frontmatter.default_handlers import BaseHandler, YAMLHandler

from fieldnotes.commands.new import file_name
from fieldnotes.sources import files
from fieldnotes.sources.frontmatter import FOREIGN_NAMES
from fieldnotes.sources.problem import Invalid, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

DATED = re.compile(r"(\d{4}-\d\d?-\d\d?)(?:[-_ ](.*))?")
FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")
PELICAN = re.compile(r"(?i)(title|date):.*\n([a-z_]+:.*\n|[ \t]+\S.*\n)*\s*\n")
"""Front matter without a line around it, as the headers of a letter."""
OURS = {theirs.lower(): ours for theirs, ours in FOREIGN_NAMES.items()}


class TOMLHandler(BaseHandler):
    """Front matter between lines `+++`, read by Python's own parser."""

    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)

    def load(self, fm: str, **_options: object) -> dict[str, Any]:
        """Parse it."""
        return tomllib.loads(fm)


class Left(Exception):
    """A post cannot be taken; the message says why."""


@dataclass
class Post:
    """A post of the other system, and the note that it becomes."""

    path: str
    """Its path in the folder of posts."""
    fields: Mapping[str, list[Any]]
    """The values of its front matter, by our names of the fields."""
    body: str
    name: str
    """The name of the note's file."""
    day: datetime.date
    former: list[str]
    """Its old addresses, as ``formerly`` takes them."""
    pictures: dict[str, Path] = field(default_factory=dict)
    """The files to copy, by their path below ``notes/``."""
    remarks: list[str] = field(default_factory=list)

    def names(self) -> set[str]:
        """How links of other posts may call it, without slashes around and in lower case."""
        stem = re.sub(r"(/_?index)?\.\w+$", "", self.path)
        names = (stem, posixpath.basename(stem), self.name, *map(text_of, self.fields["title"]), *self.former)
        return {name.strip("/").removesuffix(".html").casefold() for name in names}


def read(folder: Path, path: Path, address: str) -> Post:
    """Read a post, whose old address has the form of ``address``.

    Raises Left if it is no text, its front matter does not parse, or it has no name or day.
    """
    source = path.relative_to(folder).as_posix()
    try:
        text = files.decode(source, files.read_bytes(path))
        handler = next((each for each in (TOMLHandler(), YAMLHandler()) if each.detect(text)), None)
        metadata, body = frontmatter.parse(text, handler=handler) if handler else ({}, text)
        if PELICAN.match(text):
            letter = email.message_from_string(text)
            metadata, body = {key: [value] for key, value in letter.items()}, str(letter.get_payload())
    except OSError as error:
        raise Left(f"cannot be read: {error.strerror}") from error
    except Invalid as error:
        raise Left(error.problems[0].message) from error
    except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise Left(f"its front matter does not parse: {excerpt(text_of(error))}; correct it") from error
    fields: defaultdict[str, list[Any]] = defaultdict(list)
    for key, value in metadata.items():
        if value not in (None, "", []):
            name = OURS.get(str(key).lower(), str(key).lower())
            fields[name] += value if isinstance(value, list) and name not in {"tags", "lane"} else [value]
    stem = path.parent.name if path.stem in {"index", "_index"} and path.parent != folder else path.stem
    dated = DATED.fullmatch(stem)
    name = text_of([*fields["slug"], (dated and dated[2]) or stem][0])
    if not file_name(name):
        raise Left("its name has no Latin letter or digit; give it a `slug`")
    day = next(filter(None, map(day_of, [*fields["date"], dated and dated[1]])), None)
    if not day:
        raise Left("neither its front matter nor its name has a date; give it a `date`")
    for part, text in {"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}", "title": name}.items():
        address = address.replace(f":{part}", text)
    former = map(former_of, [*names_of(fields["formerly"], spaces=False), address])
    return Post(source, fields, body, file_name(name), day, list(dict.fromkeys(filter(None, former))))


def text_of(value: object) -> str:
    """The text of a value on one line, without what cannot be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())


def names_of(given: Iterable[Any], *, spaces: bool = True) -> list[str]:
    """The texts of lists, of texts with commas, and of Jekyll's with ``spaces`` alone."""
    names: list[str] = []
    for value in given:
        each = value.get("name") if isinstance(value, dict) else value
        if isinstance(each, list):
            names += names_of(each, spaces=False)
        elif isinstance(each, str | int | float) and not isinstance(each, bool):
            names += re.split(r"," if "," in str(each) or not spaces else r"\s+", str(each))
    return [name for each in names if (name := text_of(re.sub(r'["\\]', " ", each)))]


def day_of(value: object) -> datetime.date | None:
    """The day of a date, a time, or a text in one of the usual forms; None for anything else."""
    if isinstance(value, datetime.date):
        return value.date() if isinstance(value, datetime.datetime) else value
    for form in FORMATS if isinstance(value, str) else ():
        for part in (text_of(value), re.split("[T ]", text_of(value))[0]):
            try:
                return datetime.datetime.strptime(part, form).date()  # noqa: DTZ007 - a day alone
            except ValueError:
                pass
    return None


def former_of(address: str) -> str:
    """An old address as ``formerly`` takes it; "" for what is none, such as a name of Obsidian or a pattern."""
    path = urlsplit(address).path
    if ("/" not in path.strip("/") and not path.startswith("/")) or re.search(r"[:*{]", path):
        return ""
    path = f"/{path.lstrip('/')}"
    return re.sub(r"^/notes/|\.html$", "", path) if path.startswith("/notes/") else path
