"""Create a note: `make new`. The file is a valid draft, and no file is ever overwritten."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml

from fieldnotes.catalog import loading
from fieldnotes.sources import build_date, files, front_matter_fields, note, outline, settings
from fieldnotes.sources.language import Language
from fieldnotes.sources.problem import Invalid, excerpt, suggestion

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping, Sequence

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.outline import Outline
    from fieldnotes.sources.settings import Settings

T = TypeVar("T")

MAX_NAME = 80
"""Maximum characters of a file name: people read it out as part of an address."""

NEXT_STEPS = "`make live` shows it. To publish it, remove `draft: true` and set `date` to the day of publication."

NO_LANE = "the journal has no valid lane; write one in lanes/, and run `make check`"


class Refused(Exception):
    """A value cannot be used; the message says why and what to do."""


def parse_title(text: str, catalog: Catalog) -> str:
    """Return the title in ``text``, on one line. Raises Refused if another note has it, in any letter case."""
    title = unicodedata.normalize("NFC", " ".join(text.split()))
    for other in catalog.notes:
        if other.title.casefold() == title.casefold():
            raise Refused(f"{other.docname}.md already has this title; give another one")
    return title


def parse_lane(text: str, catalog: Catalog) -> str:
    """Return the name of the lane whose name or title is ``text``; ``text`` itself if there is none."""
    names = {lane.title.casefold(): lane.name for lane in catalog.lanes}
    return names.get(text.strip().casefold(), text.strip())


def parse_tags(text: str, catalog: Catalog) -> Sequence[str]:
    """Return the tags in ``text``, separated by commas; each is spelled as in other notes. Raises Refused if none."""
    spelling = {tag.slug: tag.name for tag in catalog.tags}
    names = [" ".join(name.split()) for name in text.split(",") if name.strip()]
    if not names and "tags" in catalog.journal.optional:
        return ()
    if not names:
        raise Refused("a note needs a tag; separate tags with commas, as in: Spark, YARN")
    return list(dict.fromkeys(spelling.get(front_matter_fields.slug(name), name) for name in names))


def new_tags(names: Sequence[str], catalog: Catalog) -> list[str]:
    """Return a line for each tag that no note has yet: a misspelled tag would get its own page."""
    used = [tag.name for tag in catalog.tags]
    closest = {name: suggestion(name, used) for name in names if name not in used}
    return [f"`{name}` is a new tag" + (f"; did you mean `{tag}`?" if tag else "") for name, tag in closest.items()]


def file_name(title: str) -> str:
    """Return the file name for a title: ASCII letters and digits, joined by hyphens, cut between words; "" if none."""
    ascii_text = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", ascii_text.lower())).strip("-")
    if len(name) <= MAX_NAME:
        return name
    return name[: MAX_NAME + 1].rpartition("-")[0] or name[:MAX_NAME]


def parse_docname(name: str, catalog: Catalog, root: Path) -> str:
    """Return the docname for a file name. Raises Refused if a note has or had it, in any letter case."""
    hint = "choose a file name, as in NAME=another-name"
    name = unicodedata.normalize("NFC", name).removeprefix("notes/").removesuffix(".md")
    docname = f"notes/{name}"
    if not name:
        raise Refused(f"the title has no Latin letter or digit for an address; {hint}")
    if not front_matter_fields.FILE_NAME.fullmatch(name):
        raise Refused(f"`{excerpt(name)}` cannot be the file name of a note; use letters, digits and hyphens")
    try:
        files.check_name(f"{docname}.md")
    except Invalid as error:
        raise Refused(f"`{excerpt(name)}`: {error}") from error
    if front_matter_fields.RESERVED.fullmatch(docname):
        raise Refused(f"{docname}.html is the address of an archive page; {hint}")
    docnames = (path.relative_to(root).with_suffix("").as_posix() for path in root.glob("notes/**/*.md"))
    if docname.casefold() in map(str.casefold, docnames):
        raise Refused(f"{docname}.md already exists; {hint}")
    for other in catalog.notes:
        if name.casefold() in map(str.casefold, other.formerly):
            raise Refused(f"{docname}.html is a former address of {other.docname}.md, and redirects there; {hint}")
    return docname


def create(
    root: Path,
    given: Mapping[str, str],
    ask: Callable[[str], str],
    now: datetime.datetime,
    journal: Settings | None = None,
    language: str = "en",
) -> list[str]:
    """Write a new note in the journal at ``root``, and return the lines to print for its author.

    ``given`` may have TITLE, LANE, TAGS and NAME. Missing values are asked for until the answer is valid; NAME only if
    the title gives no valid file name. Raises Refused, with nothing written, if a given value cannot be used.
    """
    catalog, today = loading.load(root, now, drafts=True, journal=journal).catalog, now.date()
    try:
        template = outline.read(root)
    except Invalid as error:
        raise Refused(f"{outline.FILE}: {error}") from error
    lanes = {lane.name: lane.title for lane in catalog.lanes}
    if not lanes:
        raise Refused(NO_LANE)
    fields: dict[str, object] = {
        "title": "A title",
        "lane": next(iter(lanes)),
        "date": today,
        "summary": template.summary,
        "tags": ["tag"],
        "draft": True,
    }

    def fill(field: str, value: T) -> T:
        """Set a field. Raises Refused if the schema of the front matter does not accept the value."""
        try:
            text = draft({**fields, field: value}, template, today, language)
            note.read("notes/x.md", text, lanes, optional=catalog.journal.optional)
        except Invalid as error:
            raise Refused(str(error)) from error
        fields[field] = value
        return value

    def answer(key: str, question: str, use: Callable[[str], T], proposal: str | None = None) -> T:
        """Use the given value of a key, or the proposal, or else ask until an answer is valid."""
        value = given.get(key, proposal if "TITLE" in given else None)
        if value is not None:
            return use(value)
        while True:
            try:
                return use(ask(question) if proposal is None else proposal)
            except Refused as error:
                print(f"  {error}", file=sys.stderr)
                proposal = None

    title = answer("TITLE", "Title: ", lambda text: fill("title", parse_title(text, catalog)))
    docname = answer("NAME", "File name: ", lambda text: parse_docname(text.strip(), catalog, root), file_name(title))
    answer("LANE", f"Lane ({', '.join(lanes)}): ", lambda text: fill("lane", parse_lane(text, catalog)))
    tags = answer("TAGS", "Tags, separated by commas: ", lambda text: fill("tags", parse_tags(text, catalog)))
    path = root / f"{docname}.md"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(draft(fields, template, today, language))
    except OSError as error:
        raise Refused(f"{docname}.md cannot be written: {error.strerror}") from error
    return [f"{docname}.md is a draft; its address will be {docname}.html", *new_tags(tags, catalog), NEXT_STEPS]


def draft(fields: Mapping[str, object], template: Outline, today: datetime.date, language: str) -> bytes:
    """Return the file of a new note: its front matter, then the outline with its {month}, in words, and {year}."""
    given = {name: value for name, value in fields.items() if value != ()}
    text = template.text.replace("{month}", Language(language).month(today.month)).replace("{year}", str(today.year))
    return note_file(given, text)


def note_file(fields: Mapping[str, object], text: str) -> bytes:
    """Return the file of a note: its front matter, with lists in brackets, then its text."""
    # With None, YAML would put a header without lists in braces.
    style = None if any(isinstance(value, list) for value in fields.values()) else False
    header = yaml.safe_dump(dict(fields), allow_unicode=True, width=10_000, default_flow_style=style, sort_keys=False)
    return f"---\n{header}---\n{text}".encode()


def now_in(root: Path) -> datetime.datetime:
    """Return the build time of the journal at ``root``. Raises Refused if its ``conf.py`` is invalid."""
    try:
        now, problems = build_date.now(*build_date.settings(root))
    except Invalid as error:
        problems = [*error.problems]
    for problem in problems:
        raise Refused(f"{problem.path}: {problem.message}")
    return now


def main() -> int:
    """Create a note in the working directory from environment variables and answers; return the exit status."""
    given = {key: value for key in ("TITLE", "LANE", "TAGS", "NAME") if (value := os.environ.get(key)) is not None}
    root = Path.cwd()
    try:
        now, values = now_in(root), build_date.evaluate(root)
        journal, _problems = settings.read(values, {}, ())  # the build reports them
        print("\n".join(create(root, given, input, now, journal, str(values.get("language") or "en"))))
    except Refused as error:
        print(f"make new: {error}", file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        missing = " and ".join(f"{key}=" for key in ("TITLE", "LANE", "TAGS") if key not in given)
        print(f"\nmake new: nothing was written; pass {missing or 'NAME='}, or answer the questions", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
