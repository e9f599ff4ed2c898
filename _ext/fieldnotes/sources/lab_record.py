"""Validate the record of a lab, ``results.json``, and format its values for readers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat, Strict, StrictInt, model_validator

from fieldnotes.sources.field_validators import Schema, Text, field_error, one_line
from fieldnotes.sources.problem import Code, excerpt

FORMAT = re.compile(r",?(\.\d)?[dfg%]")
"""The Python format specifications that a result may have."""

LAB_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"

MIN_SEEDS, MIN_RUNS = 10, 5
"""A range needs at least this many seeds of a model, or runs of a real engine."""

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


class FormattedNumber(Schema):
    """A number with its unit, its Python format specification, and the line of ``lab.py`` that produces it."""

    value: Number
    unit: Unit = ""
    format: str = ",d"
    line: int = 0

    @model_validator(mode="after")
    def _format_fits(self) -> FormattedNumber:
        try:
            if not FORMAT.fullmatch(self.format):
                raise ValueError
            format(self.value, self.format)
        except (ValueError, OverflowError):
            message = f"has the format `{excerpt(self.format)}`, which does not fit this value"
            raise field_error(Code.LAB, f"{message}; use one such as `,d`, `.1f` or `.0%`") from None
        return self

    def formatted(self, value: float) -> str:
        """Format a value for readers, without the unit."""
        specification = self.format.replace("d", "g") if isinstance(value, float) else self.format
        return format(value, specification).replace("-", MINUS)

    @property
    def without_unit(self) -> str:
        """The formatted value without its unit."""
        return self.formatted(self.value)

    @property
    def text(self) -> str:
        """The formatted value with its unit."""
        return _with_unit(self.without_unit, self.unit)


class Result(FormattedNumber):
    """A number that notes may quote; if it has a range, the median of its seeds or runs."""

    what: Text
    tolerance: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """How far the value of another run may deviate, in its unit; 0 for not at all."""
    low: Number | None = None
    """The minimum of the runs, or the 5th percentile of the seeds."""
    high: Number | None = None
    seeds: int = 0
    runs: int = 0
    """The number of seeds or runs that the range summarizes."""

    @model_validator(mode="after")
    def _bounds_fit(self) -> Result:
        if self.tolerance and self.tolerance >= abs(self.value):
            message = f"has a tolerance of {self.tolerance:g}, which is not below its value, {self.value:g}"
            raise field_error(Code.LAB, f"{message}; repeat the run, and give its range")
        if self.low is None and self.high is None and not self.seeds and not self.runs:
            return self
        if self.low is None or self.high is None or not self.low <= self.value <= self.high:
            raise field_error(Code.LAB, "is not inside its range; set `low` and `high`, and make the value the median")
        if self.seeds < MIN_SEEDS and self.runs < MIN_RUNS:
            hint = f"use at least {MIN_SEEDS} seeds of a model, or {MIN_RUNS} runs of an engine"
            raise field_error(Code.LAB, f"has a range over too few seeds or runs; {hint}")
        return self

    @property
    def range(self) -> str:
        """The formatted range without a unit; ``""`` if there is none."""
        ends = [self.formatted(end) for end in (self.low, self.high) if end is not None]
        return "–".join(ends)


class Claim(FormattedNumber):
    """A claim that every run must satisfy: ``value``, the worst measured, is within the bound."""

    says: Text
    """A sentence with ``{}`` in place of the bound."""
    least: Number | None = None
    most: Number | None = None

    @model_validator(mode="after")
    def _holds(self) -> Claim:
        if (self.least is None) == (self.most is None) or self.says.count("{}") != 1:
            raise field_error(Code.LAB, "is not a claim; set `least` or `most`, and write `{}` once for the bound")
        if self.value < self._bound if self.most is None else self.value > self._bound:
            raise field_error(Code.LAB, f"does not hold: {self.value:g}; correct the claim or the lab")
        return self

    @property
    def _bound(self) -> Number:
        return self.most or 0 if self.least is None else self.least

    @property
    def bound(self) -> str:
        """The formatted bound with its unit."""
        return _with_unit(self.formatted(self._bound), self.unit)


class FigureText(Schema):
    """The texts of a figure in ``results.json``."""

    title: Text
    description: Sentences


class Figure(FigureText):
    """A figure with its texts, its drawing, and its table of data."""

    name: str
    svg: str
    rows: tuple[tuple[str, ...], ...]
    """Rows of equal length; the first one is the header."""


FigureTexts = Mapping[FigureName, FigureText]


class Axis(Schema):
    """A choice for readers: the labels of its options by key, and the key of the initial one."""

    what: Text
    options: dict[Key, Text]
    start: Key


class Answer(Schema):
    """A value that depends on the choices on these axes, with one result for each combination."""

    what: Text
    axes: tuple[Key, ...]
    state: Annotated[str, Field(pattern=r"^([a-z0-9_.]|\{\})*$")] = ""
    """The names of its results, with ``{}`` for the chosen key of each axis; ``""`` for ``answer.key.key``."""

    def result(self, name: str, chosen: Sequence[str]) -> str:
        """Return the name of the result of the answer ``name`` for the chosen keys."""
        state = self.state or ".".join([name, *("{}" for _ in self.axes)])
        for key in chosen:
            state = state.replace("{}", key, 1)
        return state


class Grid(Schema):
    """The results that a reader may explore: one for each state of an answer."""

    axes: dict[Key, Axis]
    answers: dict[Key, Answer]

    def states(self, name: str) -> dict[str, str]:
        """Map each combination of chosen keys, joined by spaces, to its result name."""
        keys = product(*(self.axes[axis].options for axis in self.answers[name].axes))
        return {" ".join(chosen): self.answers[name].result(name, chosen) for chosen in keys}


class Record(Schema):
    """The content of ``results.json``."""

    title: Text
    question: Unit = ""
    answer: tuple[Text, ...] = ()
    shows: Sentences
    limits: Sentences
    """What the experiment does not show."""
    rerun: Literal["test", "test-long", "labs"]
    command: Text
    needs: dict[Text, Text] = Field(default_factory=dict)
    """The Debian package of each command or file that a run needs."""
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    took: Number
    """Seconds."""
    commit: Unit = ""
    machine: dict[Text, Number | Text]
    """The processor model, ``cores``, ``memory`` in gigabytes, the system, and the ``load`` when the run began."""
    versions: dict[Text, Text]
    parameters: dict[Key, Parameter]
    results: dict[Key, Result]
    claims: dict[Key, Claim] = Field(default_factory=dict)
    figures: FigureTexts
    grid: Grid | None = None
    files: dict[Text, Text]
    """The digest of each input and output file, by its path from the lab's folder."""
    digests: dict[Text, Text]
    """The digest of each other part."""

    @model_validator(mode="after")
    def _grid_is_whole(self) -> Record:
        states = (state for name in self.grid.answers for state in self.grid.states(name).values()) if self.grid else ()
        if state := next((state for state in states if state not in self.results), ""):
            raise field_error(Code.LAB, f"has no result `{state}`, which its grid refers to; measure every state")
        return self


class Lab(Record):
    """A lab with all its files, created by ``lab.read``."""

    name: str
    texts: Mapping[str, str]
    """The text of ``results.json`` and of each of its ``files``, by the path from the lab's folder."""
    figures: Mapping[str, Figure]


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{THIN_SPACE}{unit}" if unit else text
