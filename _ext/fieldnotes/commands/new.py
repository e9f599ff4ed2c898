"""Begin a note: `make new`. The file is valid, a draft, and new; nothing is ever written over."""

from __future__ import annotations

import datetime
import os
import re
import sys
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import yaml

from fieldnotes.catalog import loading
from fieldnotes.pages.parts import MONTHS
from fieldnotes.sources import build_date, frontmatter
from fieldnotes.sources import note as notes
from fieldnotes.sources.problem import Invalid
from fieldnotes.sources.yaml_header import LONGEST, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fieldnotes.catalog.model import Catalog

T = TypeVar("T")


NAME = 80
"""Characters of a file's name, at most: an address is to be read, and told."""


class Refused(Exception):
    """What was asked for can't be; says why, and what to do."""


def file_name(title: str) -> str:
    """The name for a title: Latin letters and digits, at most NAME of them, cut between words."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", plain.lower())).strip("-")
    return words if len(words) <= NAME else words[: NAME + 1].rpartition("-")[0] or words[:NAME]


def lane(given: str, found: Catalog) -> str:
    """The lane that is meant by its name or its title."""
    names = {lane.name: lane.name for lane in found.lanes} | {lane.title.casefold(): lane.name for lane in found.lanes}
    if name := names.get(given) or names.get(given.casefold()):
        return name
    near = suggestion(given, names) if given else None
    hint = f"did you mean `{names[near]}`? " if near else ""
    choice = ", ".join(lane.name for lane in found.lanes) or "none yet"
    raise Refused(f"{f'`{given}` is not a lane' if given else 'a note needs a lane'}; {hint}The lanes are: {choice}")


def tags(given: str, found: Catalog) -> list[str]:
    """The tags of a line with commas, each as the journal spells it where it has it."""
    names = {tag.slug: tag.name for tag in found.tags}
    asked = [" ".join(name.split()) for name in given.split(",") if name.strip()]
    if not asked:
        raise Refused("a note needs a tag; write them with commas, as in: Spark, YARN")
    return list(dict.fromkeys(names.get(frontmatter.slug(name), name) for name in asked))


def title(given: str, found: Catalog) -> str:
    """A title that no note has."""
    text = unicodedata.normalize("NFC", " ".join(given.split()))
    if not text:
        raise Refused("a note needs a title")
    if len(text) > LONGEST:
        raise Refused(f"the title is {len(text)} characters long; keep it to {LONGEST}")
    other = next((note for note in found.notes if note.title.casefold() == text.casefold()), None)
    if other:
        raise Refused(f"{other.docname}.md has this title; give another")
    return text


def free(name: str, root: Path, found: Catalog) -> str:
    """The docname of a note of this name, which none has or had; letter case does not tell names apart."""
    hint = "name the file yourself, as in NAME=another-name"
    if not name:
        raise Refused(f"the title has no Latin letter or digit to make an address of; {hint}")
    docname = f"notes/{name}"
    if not frontmatter.FILE_NAME.fullmatch(name) or "/" in name or file_name(name) != name:
        raise Refused(f"`{name}` is not the name of a note's file; write small letters, digits and hyphens")
    if frontmatter.RESERVED.fullmatch(docname):
        raise Refused(f"{docname}.html is an address of the archive; {hint}")
    there = {path.relative_to(root).with_suffix("").as_posix().casefold() for path in (root / "notes").rglob("*.md")}
    if docname in there:
        raise Refused(f"{docname}.md is there already; {hint}")
    for note in found.notes:
        if docname.casefold() in {f"notes/{former}".casefold() for former in note.formerly}:
            raise Refused(f"{docname}.html was the address of {note.docname}.md, and leads there; {hint}")
    return docname


def text(title: str, lane: str, tags: Sequence[str], today: datetime.date) -> str:
    """The file of a new note."""
    fields = {"title": title, "lane": lane, "date": today, "summary": notes.SUMMARY}
    header = "".join(yaml.safe_dump({key: value}, allow_unicode=True, width=10_000) for key, value in fields.items())
    listed = yaml.safe_dump(list(tags), allow_unicode=True, width=10_000, default_flow_style=True)
    outline = notes.OUTLINE.format(month=MONTHS[today.month], year=today.year)
    return f"---\n{header}tags: {listed}draft: true\n---\n\n{outline}"


def create(root: Path, given: Mapping[str, str], ask: Callable[[str], str], today: datetime.date) -> list[str]:
    """Write the note that is asked for; gives what there is to say of it.

    ``given`` has TITLE, LANE, TAGS and NAME where they were given; the first three are asked for where they were not,
    and again until they can be used. Raises Refused.
    """
    found = loading.load(root, today, drafts=True).catalog
    choice = ", ".join(lane.name for lane in found.lanes)

    def taken(key: str, question: str, read: Callable[[str, Catalog], T]) -> T:
        if key in given:
            return read(given[key], found)
        while True:
            try:
                return read(ask(question), found)
            except Refused as error:
                print(f"  {error}", file=sys.stderr)

    its_title = taken("TITLE", "Title: ", title)
    try:
        docname = free(given.get("NAME") or file_name(its_title), root, found)
    except Refused as error:
        if "TITLE" in given:
            raise
        print(f"  {error}", file=sys.stderr)
        docname = taken("NAME", "Name of the file: ", lambda name, found: free(name.strip(), root, found))
    its_lane = taken("LANE", f"Lane ({choice}): ", lane)
    its_tags = taken("TAGS", "Tags, with commas: ", tags)
    data = text(its_title, its_lane, its_tags, today).encode()
    path = root / f"{docname}.md"
    try:
        notes.read(f"{docname}.md", data, {"lanes": {lane.name: lane.title for lane in found.lanes}})
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
    except Invalid as error:
        raise Refused("; ".join(problem.message for problem in error.problems)) from error
    except OSError as error:
        raise Refused(f"{docname}.md cannot be written: {error.strerror}") from error
    return [f"{docname}.md is a draft; its address will be {docname}.html", *_new_tags(its_tags, found), HOW]


HOW = "`make live` shows it. To publish it, take out `draft: true` and give `date` its day."


def _new_tags(names: Sequence[str], found: Catalog) -> list[str]:
    """What to say of tags that no note has: a misspelled one would get a page of its own."""
    known = [tag.name for tag in found.tags]
    near = {name: suggestion(name, known) for name in names if name not in known}
    return [f"`{name}` is a new tag" + (f"; did you mean `{other}`?" if other else "") for name, other in near.items()]


def main() -> int:
    """Begin the note that the environment asks for, in the working directory."""
    here = datetime.datetime.now().astimezone().date()  # an author's own day, which is never after that of a build
    today, wrong = build_date.of(os.environ.get("FIELDNOTES_TODAY") or str(here))
    given = {key: value for key in ("TITLE", "LANE", "TAGS", "NAME") if (value := os.environ.get(key)) is not None}
    try:
        for problem in wrong:
            raise Refused(problem.message)
        for line in create(Path.cwd(), given, input, today):
            print(line)
    except Refused as error:
        print(f"make new: {error}", file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        print("\nmake new: nothing was written; give TITLE=, LANE= and TAGS=, or answer", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
