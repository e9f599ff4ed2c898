"""List each number that cites a source, with the quotation that supports it: `make sources`.

The quotations are kept next to the notes, in ``notes/sources/<note>.yaml``::

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
from fieldnotes.sources.field_validators import Schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.checks.numbers import Mention

FOLDER = "notes/sources"

SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Source(Schema):
    """A source: its address, the day on which it was read, and a quotation for each number."""

    source: str
    read: datetime.date
    says: dict[str, str]


class Quotation(NamedTuple):
    """The quotation from a source for one number of a note, and the day on which it was read."""

    note: str
    number: str
    address: str
    text: str
    read: datetime.date

    @property
    def has_number(self) -> bool:
        """Whether the quotation contains the number, in digits or spelled out."""
        number = bare_number(self.number)
        names = [number, *SPELLED[int(number) : int(number) + 1]] if number.isdecimal() else [number]
        text = re.sub(r"(?<=\d),(?=\d{3})", "", self.text)
        return any(
            re.search(rf"(?<![\w.]){re.escape(name)}(?:\.0+)?(?![.,]?\d)", text, re.IGNORECASE) for name in names
        )


def read_quotations(root: Path) -> Iterator[Quotation]:
    """Read the quotations of all notes. Raises CheckError for a file that cannot be used."""
    for path in sorted((root / FOLDER).glob("*.yaml")):
        try:
            sources = TypeAdapter(list[Source]).validate_python(yaml.safe_load(path.read_text("utf-8")) or [])
        except (ValueError, yaml.YAMLError, ValidationError) as error:
            reason = " ".join(str(error).split())
            message = f"{path.relative_to(root)} is not a list of `source`, `read` and `says`; correct it: {reason}"
            raise CheckError(message) from error
        for source in sources:
            for number, text in source.says.items():
                yield Quotation(f"notes/{path.stem}.md", number, plain_address(source.source), text, source.read)


def sourced_numbers(root: Path) -> Iterator[tuple[str, Mention]]:
    """Yield each number that cites a source, with the path of its file. Raises CheckError."""
    builder, _findings = build(root, root / "_build/check/doctrees", {})
    for text in texts(builder.env):
        yield from ((text.path, mention) for mention in mentions(text) if mention.sources)


def report(root: Path) -> tuple[list[str], int]:
    """Return the lines to print, each number that cites a source before its quotations, and the number of faults."""
    lines, faults = [], 0
    quotations = {(each.note, each.number, each.address): each for each in read_quotations(root)}
    unused = dict(quotations)
    for path, mention in sourced_numbers(root):
        keys = [(path, mention.number, address) for address in mention.sources]
        if mention.is_setting and not any(key in quotations for key in keys):
            continue  # a setting of a lab needs no quotation
        line = mention.block.line_of(mention.offset)
        lines.append(f"{path}:{line}: {mention.number}: {shorten(mention.words)}")
        for quotation in [quotations[key] for key in keys if key in quotations]:
            fault = "" if quotation.has_number else f" (the quotation does not contain {mention.number})"
            lines.append(f"    {quotation.address}, read on {quotation.read}: “{quotation.text}”{fault}")
            faults += not quotation.has_number
        if not any(key in quotations for key in keys):
            file = f"{FOLDER}/{Path(path).stem}.yaml"
            lines.append(f"    no quotation from {' or '.join(mention.sources)}; add one to {file}")
            faults += 1
        for key in keys:
            unused.pop(key, None)
    for note, number, address in unused:
        lines.append(f"{FOLDER}/{Path(note).stem}.yaml: the note does not cite {address} for {number}; remove it")
    return lines, faults + len(unused)


def main(root: Path) -> int:
    """Print the numbers and their quotations; return 1 if a quotation is missing, wrong or unused."""
    try:
        lines, faults = report(root)
    except CheckError as error:
        print(f"sources: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    print(f"{sum(not line.startswith(' ') for line in lines)} numbers with a source, {faults} to fix", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
