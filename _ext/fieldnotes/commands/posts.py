"""Read the posts of other systems, whatever they call their fields."""

from __future__ import annotations

import datetime
import posixpath
import re
import tomllib
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
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DATED = re.compile(r"(\d{4}-\d\d?-\d\d?)(?:[-_ ](.*))?")
FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y")


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
    metadata: dict[str, Any]
    body: str
    name: str
    """The name of the note's file."""
    day: str | None
    """The date in the name of its file or folder."""
    pictures: dict[str, Path] = field(default_factory=dict)
    """The files to copy, by their path below ``notes/``."""
    remarks: list[str] = field(default_factory=list)

    def values(self, ours: str) -> list[Any]:
        """The values of a field of ours, by its own name and by those that other systems have for it."""
        given = {str(key).lower(): value for key, value in self.metadata.items()}
        names = [ours, *(theirs for theirs, name in FOREIGN_NAMES.items() if name == ours)]
        return [given[name] for name in map(str.lower, names) if name in given and given[name] not in (None, "", [])]


def read(folder: Path, path: Path) -> Post:
    """Read a post. Raises Left if it is no text, or its front matter does not parse."""
    source = path.relative_to(folder).as_posix()
    try:
        text = files.decode(source, files.read_bytes(path))
        handler = next((each for each in (TOMLHandler(), YAMLHandler()) if each.detect(text)), None)
        metadata, body = frontmatter.parse(text, handler=handler) if handler else ({}, text)
        metadata = dict(metadata)
    except OSError as error:
        raise Left(f"cannot be read: {error.strerror}") from error
    except Invalid as error:
        raise Left(error.problems[0].message) from error
    except (ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise Left(f"its front matter does not parse: {excerpt(text_of(error))}; correct it") from error
    stem = path.parent.name if path.stem in {"index", "_index"} and path.parent != folder else path.stem
    dated = DATED.fullmatch(stem)
    name = file_name(str(metadata.get("slug") or (dated and dated[2]) or stem))
    if not name:
        raise Left("its name has no Latin letter or digit; give it a `slug`")
    return Post(source, metadata, body, name, dated and dated[1])


def text_of(value: object) -> str:
    """The text of a value on one line, without what cannot be printed."""
    return " ".join("".join(char if char.isprintable() else " " for char in str(value)).split())


def names_of(values: Iterable[Any], *, spaces: bool = True) -> list[str]:
    """The texts of lists, of texts with commas, and of Jekyll's with ``spaces`` alone."""
    names: list[str] = []
    for value in values:
        each = value.get("name") if isinstance(value, dict) else value
        if isinstance(each, list):
            names += [name for item in each for name in names_of([item], spaces=False)]
        elif isinstance(each, str):
            names += re.split(r"," if "," in each or not spaces else r"\s+", each)
        elif isinstance(each, int | float) and not isinstance(each, bool):
            names.append(str(each))
    return [name for each in names if (name := text_of(re.sub(r'["\\]', " ", each)))]


def day_of(value: object) -> datetime.date | None:
    """The day of a date, a time, or a text in one of the usual forms; None for anything else."""
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
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


def keys_of(post: Post) -> Iterator[str]:
    """The names by which links of other posts may call a post, without slashes around them and in lower case."""
    stem = re.sub(r"(/_?index)?\.\w+$", "", post.path)
    titles = [text_of(title) for title in post.values("title")]
    for name in (
        stem,
        posixpath.basename(stem),
        post.name,
        *titles,
        *map(former_of, names_of(post.values("formerly"), spaces=False)),
    ):
        yield name.strip("/").removesuffix(".html").casefold()
