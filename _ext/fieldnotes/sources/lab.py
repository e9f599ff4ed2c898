"""A lab: a small experiment whose results the notes quote, and the schema of the results that it leaves.

``labs/<name>/`` holds ``lab.py``, its ``results.json``, and for each figure ``<figure>.svg`` and ``<figure>.csv``.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal
from xml.etree import ElementTree

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    FiniteFloat,
    Strict,
    StrictInt,
    ValidationError,
    model_validator,
)

from fieldnotes.sources import svg, yaml_header
from fieldnotes.sources.problem import Code, Invalid, Problem
from fieldnotes.sources.yaml_header import Line, Schema, complaint, one_line, printable

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


FORMAT = re.compile(r",?(\.\d)?[dfg%]")


ROWS = 100
"""Rows of data behind one figure: more than a reader can follow is no table."""


LARGEST = 1_000_000
"""Bytes of a file of a lab."""


THIN = "\N{NARROW NO-BREAK SPACE}"


MINUS = "\N{MINUS SIGN}"


Number = StrictInt | Annotated[FiniteFloat, Strict()]


Sentences = Annotated[tuple[Line, ...], Field(min_length=1)]


def _named(pattern: re.Pattern[str], what: str) -> AfterValidator:
    def check(name: str) -> str:
        if not pattern.fullmatch(name):
            raise complaint(Code.LAB, f"`{printable(name)}` is no name of {what}; use small letters and digits")
        return name

    return AfterValidator(check)


def _unit(value: object) -> str:
    return one_line(value) if value else ""


class Parameter(Schema):
    """What the experiment was set to."""

    value: bool | Number | Line | tuple[Number | Line, ...]
    what: Line
    unit: Annotated[str, BeforeValidator(_unit)] = ""

    @property
    def text(self) -> str:
        """The value as people write it, with its unit."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        texts = ", ".join(value if isinstance(value, str) else f"{value:,}" for value in values)
        return with_unit(texts.replace("-", MINUS), self.unit)


class Result(Schema):
    """One number that notes may quote."""

    value: Number
    what: Line
    unit: Annotated[str, BeforeValidator(_unit)] = ""
    format: str = ",d"
    tolerance: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """How far, as a share of the value, another run may be from it; 0 for exactly."""

    @model_validator(mode="after")
    def _can_be_shown(self) -> Result:
        try:
            if not FORMAT.fullmatch(self.format):
                raise ValueError
            self.bare  # noqa: B018
        except (ValueError, OverflowError):
            shown = f"`{printable(self.format)}`, which does not show this value"
            raise complaint(Code.LAB, f"has the format {shown}; use one as `,d`, `.1f` or `.0%`") from None
        return self

    @property
    def bare(self) -> str:
        """The number alone."""
        return format(self.value, self.format).replace("-", MINUS)

    @property
    def text(self) -> str:
        """The number with its unit."""
        return with_unit(self.bare, self.unit)


class About(Schema):
    """What ``results.json`` says of a figure."""

    title: Line
    description: Sentences


class Record(Schema):
    """The content of ``results.json``."""

    title: Line
    shows: Sentences
    limits: Sentences
    """What of it does not carry over."""
    rerun: Literal["test", "test-long", "labs"]
    command: Line
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    machine: Line
    versions: dict[Line, Line]
    parameters: dict[Annotated[str, _named(KEY, "a parameter")], Parameter]
    results: dict[Annotated[str, _named(KEY, "a result")], Result]
    figures: dict[Annotated[str, _named(NAME, "a figure")], About]


class Figure(About):
    """A figure with its drawing, and the table behind it: the first row has the heads."""

    name: str
    svg: str
    rows: tuple[tuple[str, ...], ...]


class Lab(Record):
    """A lab that is fit to be quoted."""

    name: str
    source: str
    """Its ``lab.py``."""
    drawn: dict[str, Figure]


def with_unit(text: str, unit: str) -> str:
    """Join a number and its unit."""
    return f"{text}{THIN}{unit}" if unit else text


def read(path: str, files: Callable[[str], bytes]) -> Lab:
    """Read the lab in the folder ``path``, whose files ``files`` gives by their names.

    Raises Invalid with all that is wrong with it; ``files`` may raise OSError.
    """
    name = path.rpartition("/")[2]
    if not NAME.fullmatch(name):
        message = "the folder's name gives no address; use small letters, digits and hyphens"
        raise Invalid(Problem(f"{printable(path)}/results.json", 1, Code.ADDRESS, message))
    text = _text(path, "results.json", files)
    record = _record(f"{path}/results.json", text, name)
    drawn = {
        figure: Figure(
            **dict(about),
            name=figure,
            svg=_svg(path, name, figure, about, files),
            rows=_rows(f"{path}/{figure}.csv", _text(path, f"{figure}.csv", files)),
        )
        for figure, about in record.figures.items()
    }
    source = _text(path, "lab.py", files)
    return Lab.model_construct(**dict(record), name=name, source=source, drawn=drawn)


def _text(path: str, name: str, files: Callable[[str], bytes]) -> str:
    place = f"{path}/{name}"
    try:
        data = files(name)
    except OSError as error:
        lab = path.rpartition("/")[2]
        message = f"cannot be read: {error.strerror}; run `make lab NAME={lab}`"
        raise Invalid(Problem(place, 1, Code.LAB, message)) from error
    if len(data) > LARGEST:
        raise Invalid(Problem(place, 1, Code.LONG, f"is {len(data)} bytes long; keep it to {LARGEST}"))
    return yaml_header.decode(place, data)


def _record(place: str, text: str, name: str) -> Record:
    hint = f"mend it, or run `make lab NAME={name}`"
    try:
        values = json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        problem = Problem(place, error.lineno, Code.LAB, f"is not JSON: {error.msg.lower()}; {hint}")
        raise Invalid(problem) from error
    except (ValueError, RecursionError) as error:
        raise Invalid(Problem(place, 1, Code.LAB, f"is not JSON that can be used: {error}; {hint}")) from error
    try:
        return Record.model_validate(values)
    except ValidationError as error:
        problems: dict[tuple[int, str], Problem] = {}
        for fault in error.errors(include_url=False):
            steps = [step for step in fault["loc"] if isinstance(step, int) or _names(values, step)]
            where = ".".join(printable(str(step)) for step in fault["loc"] if step != "[key]") or "the file"
            line = _line(text, steps)
            said = fault["msg"] if fault["type"] in set(Code) else f"does not fit: {fault['msg'].lower()}; {hint}"
            problems.setdefault((line, where), Problem(place, line, Code.LAB, f"`{where}` {said}"))
        raise Invalid(*sorted(problems.values())) from error


def _names(values: object, step: str) -> bool:
    """Whether the step is a key that stands in the file, and not pydantic's own name for a kind of value."""
    return f'"{step}"' in json.dumps(values, ensure_ascii=False)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for index, (key, _value) in enumerate(pairs) if key in dict(pairs[:index]))
        raise ValueError(f"`{printable(twice)}` stands twice")
    return found


def _line(text: str, steps: list[Any]) -> int:
    """The line on which the value at these keys begins, as nearly as can be told."""
    start = 0
    for step in steps:
        if isinstance(step, str) and (found := re.compile(re.escape(json.dumps(step)) + r"\s*:").search(text, start)):
            start = found.start()
    return text[:start].count("\n") + 1


def _rows(place: str, text: str) -> tuple[tuple[str, ...], ...]:
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text), strict=True) if row)
    except csv.Error as error:
        raise Invalid(Problem(place, 1, Code.LAB, f"is not CSV: {error}; run the lab again")) from error
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        message = "is no table; write a row of heads, and rows of as many cells"
        raise Invalid(Problem(place, 1, Code.LAB, message))
    if len(rows) > ROWS + 1:
        message = f"has {len(rows) - 1} rows; keep the data behind a figure to {ROWS}"
        raise Invalid(Problem(place, 1, Code.LONG, message))
    if bad := yaml_header.UNPRINTABLE.search("".join(cell for row in rows for cell in row)):
        message = f"holds the unprintable character U+{ord(bad[0]):04X}; remove it"
        raise Invalid(Problem(place, 1, Code.TEXT, message))
    return rows


def _svg(path: str, lab: str, figure: str, about: About, files: Callable[[str], bytes]) -> str:
    """The drawing as it stands in a page, with its title and description."""
    place = f"{path}/{figure}.svg"
    text = _text(path, f"{figure}.svg", files)
    try:
        root = svg.parse(text)
    except ValueError as error:
        raise Invalid(Problem(place, 1, Code.DIAGRAM, str(error))) from error
    own = f"{lab}-{figure}"
    for index, (tag, said) in enumerate((("title", about.title), ("desc", " ".join(about.description)))):
        element = ElementTree.Element(tag, {"id": f"{own}-{tag}"})
        element.text = said
        root.insert(index, element)
    root.attrib.update({"role": "img", "aria-labelledby": f"{own}-title {own}-desc"})
    return ElementTree.tostring(root, encoding="unicode")
