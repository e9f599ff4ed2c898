"""List each number that cites a source, with the quotation that supports it: `make sources`.

The quotations of ``notes/<note>.md`` are in ``notes/sources/<note>.yaml``, and those of ``lanes/<lane>.md`` in
``notes/sources/lanes/<lane>.yaml``::

    - source: https://example.org/guide
      read: 2026-11-29
      says:
        "12": It takes 12 seconds.
"""

from __future__ import annotations

import datetime  # noqa: TC003 - pydantic reads the annotation
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import yaml
from pydantic import TypeAdapter, ValidationError

from fieldnotes.build.check_builder import texts
from fieldnotes.checks.find_numbers import bare_number
from fieldnotes.checks.numbers import mentions, plain_address, shorten
from fieldnotes.commands.check import CheckError, build
from fieldnotes.sources import files
from fieldnotes.sources.field_validators import Schema, describe
from fieldnotes.sources.problem import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from fieldnotes.checks.numbers import Mention

FOLDER = "notes/sources"

SPELLED = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


class Source(Schema):
    """A source: its address, the day on which it was read, and a quotation for each number."""

    source: str
    read: datetime.date
    says: dict[str, str]


class Quotation(NamedTuple):
    """The quotation from a source for one number of a document, and the day on which it was read."""

    file: str
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
    """Read all quotations below FOLDER. Raises CheckError for a file that cannot be used."""
    for path in sorted((root / FOLDER).rglob("*.yaml")):
        file = path.relative_to(root).as_posix()
        try:
            text = files.decode(file, path.read_bytes())
            sources = TypeAdapter(list[Source]).validate_python(yaml.load(text, yaml.BaseLoader) or [])
        except ValidationError as error:
            raise CheckError(f"{file}: {_fault(error.errors(include_url=False)[0])}") from error
        except Invalid as error:
            raise CheckError(f"{file}: {error}") from error
        except yaml.YAMLError as error:
            mark, reason = getattr(error, "problem_mark", None), " ".join(str(getattr(error, "problem", error)).split())
            raise CheckError(f"{file}:{mark.line + 1 if mark else 1}: {reason}; correct it") from error
        for source in sources:
            for number, quoted in source.says.items():
                yield Quotation(file, number, plain_address(source.source), quoted, source.read)


def _fault(error: ErrorDetails) -> str:
    """Return the message for an error of the schema."""
    position, *fields = error["loc"] or (None,)
    if position is None or not fields:
        return "is not a list of sources; write `source`, `read` and `says` for each"
    message = {"missing": "is missing; add it", "extra_forbidden": "is not a field; remove it"}.get(error["type"])
    return f"source {int(position) + 1}: `{fields[0]}` {message or describe(error, 'correct it')[1]}"


def quotations_file(path: str) -> str:
    """Return the path of the file with the quotations of a document."""
    return f"{FOLDER}/{path.removeprefix('notes/').removesuffix('.md')}.yaml"


def sourced_numbers(root: Path) -> Iterator[tuple[str, Mention]]:
    """Yield each number that cites a source, with the path of its file. Raises CheckError."""
    builder, _findings = build(root, root / "_build/check/doctrees", {})
    for text in texts(builder.env):
        yield from ((text.path, mention) for mention in mentions(text) if mention.sources)


def report(root: Path) -> tuple[list[str], int, int]:
    """Return the lines to print, each number before its quotations; how many numbers cite a source; how many faults."""
    lines, numbers, faults = [], 0, 0
    quotations: defaultdict[tuple[str, str, str], list[Quotation]] = defaultdict(list)
    for each in read_quotations(root):
        quotations[each.file, each.number, each.address].append(each)
    unused = dict.fromkeys(quotations)
    for path, mention in sourced_numbers(root):
        file = quotations_file(path)
        keys = [(file, mention.number, address) for address in mention.sources]
        if mention.is_setting and not any(key in quotations for key in keys):
            continue  # a setting of a lab needs no quotation
        numbers += 1
        line = mention.block.line_of(mention.offset)
        lines.append(f"{path}:{line}: {mention.number}: {shorten(mention.words)}")
        for quotation in [each for key in keys if key in quotations for each in quotations[key]]:
            fault = "" if quotation.has_number else f" (the quotation does not contain {mention.number})"
            lines.append(f"    {quotation.address}, read on {quotation.read}: “{quotation.text}”{fault}")
            faults += not quotation.has_number
        if not any(key in quotations for key in keys):
            lines.append(f"    no quotation from {' or '.join(mention.sources)}; add one to {file}")
            faults += 1
        for key in keys:
            unused.pop(key, None)
    for file, number, address in unused:
        lines.append(f"{file}: the note does not cite {address} for {number}; remove it")
    return lines, numbers, faults + len(unused)


def main(root: Path) -> int:
    """Print the numbers and their quotations; return 1 if a quotation is missing, wrong or unused."""
    try:
        lines, numbers, faults = report(root)
    except CheckError as error:
        print(f"sources: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    print(f"{numbers} numbers with a source, {faults} to fix", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
