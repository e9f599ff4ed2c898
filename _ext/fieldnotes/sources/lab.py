"""Read a lab: a small experiment whose results notes quote.

``labs/<name>/`` holds ``lab.py``, its ``results.json``, and for each figure ``<figure>.svg`` and ``<figure>.csv``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal
from xml.etree import ElementTree

from pydantic import (
    BeforeValidator,
    Field,
    FiniteFloat,
    Strict,
    StrictInt,
    ValidationError,
    model_validator,
)

from fieldnotes.sources import svg
from fieldnotes.sources.files import decode, read_file
from fieldnotes.sources.problem import Code, Invalid, Problem, excerpt
from fieldnotes.sources.validators import Schema, Text, describe, field_error, one_line

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = re.compile(r",?(\.\d)?[dfg%]")
"""The format specifications of Python that a result may have."""

LAB_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"

MAX_ROWS = 100
"""Rows of data behind a figure: nobody follows a longer table."""

MAX_BYTES = 1_000_000
"""Size of a file of a lab."""

THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"

MINUS = "\N{MINUS SIGN}"

Key = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]
"""The name of a parameter or result, such as ``time.median``."""

FigureName = Annotated[str, Field(pattern=f"^{LAB_NAME}$")]

Number = StrictInt | Annotated[FiniteFloat, Strict()]

Sentences = Annotated[tuple[Text, ...], Field(min_length=1)]

Unit = Annotated[str, BeforeValidator(lambda value: one_line(value) if value else "")]


class Parameter(Schema):
    """A setting of the experiment."""

    value: bool | Number | Text | tuple[Number | Text, ...]
    what: Text
    unit: Unit = ""

    @property
    def text(self) -> str:
        """The value and its unit, formatted for readers."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        texts = ", ".join(value if isinstance(value, str) else f"{value:,}" for value in values)
        return _with_unit(texts.replace("-", MINUS), self.unit)


class Result(Schema):
    """A number that notes may quote."""

    value: Number
    what: Text
    unit: Unit = ""
    format: str = ",d"
    tolerance: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """How far the value of another run may be off, as a share of this one; 0 for not at all."""

    @model_validator(mode="after")
    def _format_fits(self) -> Result:
        try:
            if not FORMAT.fullmatch(self.format):
                raise ValueError
            format(self.value, self.format)
        except (ValueError, OverflowError):
            message = f"has the format `{excerpt(self.format)}`, which does not show this value"
            raise field_error(Code.LAB, f"{message}; use one such as `,d`, `.1f` or `.0%`") from None
        return self

    @property
    def bare(self) -> str:
        """The formatted value without its unit."""
        return format(self.value, self.format).replace("-", MINUS)

    @property
    def text(self) -> str:
        """The formatted value with its unit."""
        return _with_unit(self.bare, self.unit)


class FigureText(Schema):
    """The texts of a figure in ``results.json``."""

    title: Text
    description: Sentences


class Figure(FigureText):
    """A figure with its texts, its drawing, and the table behind it."""

    name: str
    svg: str
    rows: tuple[tuple[str, ...], ...]
    """Rows of equal length; the first one is the header."""


FigureTexts = Mapping[FigureName, FigureText]


class Record(Schema):
    """The content of ``results.json``."""

    title: Text
    shows: Sentences
    limits: Sentences
    """What the experiment does not show."""
    rerun: Literal["test", "test-long", "labs"]
    command: Text
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    machine: Text
    versions: dict[Text, Text]
    parameters: dict[Key, Parameter]
    results: dict[Key, Result]
    figures: FigureTexts


class Lab(Record):
    """A lab with all its files, made by ``read``."""

    name: str
    source: str
    """The text of ``lab.py``."""
    figures: Mapping[str, Figure]


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{THIN_SPACE}{unit}" if unit else text


def read(root: Path, path: str) -> Lab:
    """Read the lab in the folder ``path`` below ``root``. Raises Invalid at the first file that cannot be used."""
    name = path.rpartition("/")[2]
    hint = f"run `make lab NAME={name}`"
    if not re.fullmatch(LAB_NAME, name):
        message = "the folder's name cannot be an address; use small letters, digits and hyphens"
        raise Invalid(Problem(f"{path}/results.json", 1, Code.ADDRESS, message))

    def text_of(file: str) -> str:
        return decode(f"{path}/{file}", read_file(root, f"{path}/{file}", MAX_BYTES, hint))

    record = _record(f"{path}/results.json", text_of("results.json"), f"correct it, or {hint}")
    figures = {
        figure: Figure(
            **dict(texts),
            name=figure,
            svg=_drawing(f"{path}/{figure}.svg", text_of(f"{figure}.svg"), f"{name}-{figure}", texts),
            rows=_rows(f"{path}/{figure}.csv", text_of(f"{figure}.csv")),
        )
        for figure, texts in record.figures.items()
    }
    return Lab.model_construct(**dict(record) | {"name": name, "source": text_of("lab.py"), "figures": figures})


def _record(path: str, text: str, hint: str) -> Record:
    """Parse ``results.json``. Raises Invalid with the first thing that is wrong: the file is written by a run."""
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        name = ".".join(str(step) for step in fault["loc"] if step != "[key]") or "the file"
        _code, message = describe(fault, hint)
        raise Invalid(Problem(path, 1, Code.LAB, f"`{excerpt(name)}` {message}")) from error


def _rows(path: str, text: str) -> tuple[tuple[str, ...], ...]:
    """Parse a table. Raises Invalid for one without rows, of unequal rows, or too long."""
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text)) if row)
    except csv.Error:
        rows = ()
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        message = "is not a table; write a header and at least one row, each with as many cells"
        raise Invalid(Problem(path, 1, Code.LAB, message))
    if len(rows) > MAX_ROWS + 1:
        message = f"has {len(rows) - 1} rows; keep the data behind a figure to {MAX_ROWS}"
        raise Invalid(Problem(path, 1, Code.LONG, message))
    return rows


def _drawing(path: str, text: str, name: str, texts: FigureText) -> str:
    """Parse a drawing, and return it as markup with its title and description."""
    try:
        root = svg.parse(text)
    except ValueError as error:
        raise Invalid(Problem(path, 1, Code.DIAGRAM, str(error))) from error
    svg.label(root, name, texts.title, " ".join(texts.description))
    return ElementTree.tostring(root, encoding="unicode")
