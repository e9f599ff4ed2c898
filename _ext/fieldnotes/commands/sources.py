"""List each number that a source is given for, with the words of the source that say it: `make sources`.

The words are kept beside the notes, in ``notes/sources/<note>.yaml``::

    - source: https://example.org/guide
      read: 2026-11-29
      says:
        "12": It takes 12 seconds.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - pydantic reads the annotation
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from fieldnotes.build.check_builder import texts
from fieldnotes.checks.find_numbers import bare_number
from fieldnotes.checks.numbers import mentions, plain_address, shorten
from fieldnotes.commands.check import CheckError, build
from fieldnotes.sources.validators import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.numbers import Mention

FOLDER = "notes/sources"

SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Source(Schema):
    """What a source says: its address, the day on which it was read, and its words for each number."""

    source: str
    read: datetime.date
    says: dict[str, str]


class Words(NamedTuple):
    """The words of a source for one number of a note, and the day on which they were read."""

    note: str
    number: str
    address: str
    text: str
    read: datetime.date

    @property
    def say_it(self) -> bool:
        """Whether the words have the number, in digits or spelled."""
        number = bare_number(self.number)
        names = [number, *SPELLED[int(number) : int(number) + 1]] if number.isdecimal() else [number]
        text = re.sub(r"(?<=\d),(?=\d{3})", "", self.text)
        return any(
            re.search(rf"(?<![\w.]){re.escape(name)}(?:\.0+)?(?![.,]?\d)", text, re.IGNORECASE) for name in names
        )


def read_words(root: Path) -> Iterator[Words]:
    """Read the words that are kept. Raises CheckError at a file that cannot be used."""
    for path in sorted((root / FOLDER).glob("*.yaml")):
        try:
            sources = TypeAdapter(list[Source]).validate_python(yaml.safe_load(path.read_text("utf-8")) or [])
        except (ValueError, yaml.YAMLError, ValidationError) as error:
            reason = " ".join(str(error).split())
            message = f"{path.relative_to(root)} is not a list of `source`, `read` and `says`; correct it: {reason}"
            raise CheckError(message) from error
        for source in sources:
            for number, text in source.says.items():
                yield Words(f"notes/{path.stem}.md", number, plain_address(source.source), text, source.read)


def sourced(root: Path) -> Iterator[tuple[str, Mention]]:
    """The numbers that a source is given for, with the paths of their files. Raises CheckError."""
    builder, _findings = build(root, root / "_build/check/doctrees", {})
    for text in texts(builder.env):
        yield from ((text.path, mention) for mention in mentions(text) if mention.sources)


def report(root: Path) -> tuple[list[str], int]:
    """A line for each number that a source is given for, and lines below it for the words; and how many are wrong."""
    lines, wrong = [], 0
    unused = {(words.note, words.number, words.address): words for words in read_words(root)}
    kept = dict(unused)
    for path, mention in sourced(root):
        keys = [(path, mention.number, address) for address in mention.sources]
        if mention.is_setting and not any(key in kept for key in keys):
            continue  # it is the lab's
        line = mention.block.line_of(mention.offset)
        lines.append(f"{path}:{line}: {mention.number}: {shorten(mention.words)}")
        for words in [kept[key] for key in keys if key in kept]:
            fault = "" if words.say_it else f" (these words do not have {mention.number})"
            lines.append(f"    {words.address}, read on {words.read}: “{words.text}”{fault}")
            wrong += not words.say_it
        if not any(key in kept for key in keys):
            lines.append(f"    no words of {' or '.join(mention.sources)}; add them to {FOLDER}/{Path(path).stem}.yaml")
            wrong += 1
        for key in keys:
            unused.pop(key, None)
    for words in unused.values():
        place = f"{FOLDER}/{Path(words.note).stem}.yaml"
        lines.append(f"{place}: {words.number} of {words.address} is not in the note; remove it")
    return lines, wrong + len(unused)


def main(root: Path) -> int:
    """Print the numbers and the words of their sources; return 1 where words are missing, wrong or not needed."""
    try:
        lines, wrong = report(root)
    except CheckError as error:
        print(f"sources: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    print(f"{sum(not line.startswith(' ') for line in lines)} numbers from sources, {wrong} to mend", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
