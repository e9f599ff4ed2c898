"""The record of a lab: what ``results.json`` holds, checked and formatted for readers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat, Strict, StrictInt, model_validator

from fieldnotes.sources.problem import Code, excerpt
from fieldnotes.sources.validators import Schema, Text, field_error, one_line

FORMAT = re.compile(r",?(\.\d)?[dfg%]")
"""The format specifications of Python that a result may have."""

LAB_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"

LEAST_SEEDS, LEAST_RUNS = 10, 5
"""The fewest seeds of a model, and runs of a real engine, that a range may be of."""

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


class Shown(Schema):
    """A number with its unit, in a format specification of Python, and the line of ``lab.py`` that gives it."""

    value: Number
    unit: Unit = ""
    format: str = ",d"
    line: int = 0

    @model_validator(mode="after")
    def _format_fits(self) -> Shown:
        try:
            if not FORMAT.fullmatch(self.format):
                raise ValueError
            format(self.value, self.format)
        except (ValueError, OverflowError):
            message = f"has the format `{excerpt(self.format)}`, which does not show this value"
            raise field_error(Code.LAB, f"{message}; use one such as `,d`, `.1f` or `.0%`") from None
        return self

    def formatted(self, value: float) -> str:
        """A value as readers see it, without the unit."""
        shows = self.format.replace("d", "g") if isinstance(value, float) else self.format
        return format(value, shows).replace("-", MINUS)

    @property
    def bare(self) -> str:
        """The formatted value without its unit."""
        return self.formatted(self.value)

    @property
    def text(self) -> str:
        """The formatted value with its unit."""
        return _with_unit(self.bare, self.unit)


class Result(Shown):
    """A number that notes may quote; with a range, the median of several."""

    what: Text
    tolerance: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    """How far the value of another run may be off, in its unit; 0 for not at all."""
    low: Number | None = None
    """The least of the runs, or 5 % of the seeds."""
    high: Number | None = None
    seeds: int = 0
    runs: int = 0
    """How many seeds or runs the range is of."""

    @model_validator(mode="after")
    def _bounds_fit(self) -> Result:
        if self.tolerance and self.tolerance >= abs(self.value):
            message = f"has a tolerance of {self.tolerance:g}, which is not below its value, {self.value:g}"
            raise field_error(Code.LAB, f"{message}; repeat the run, and give its range")
        if self.low is None and self.high is None and not self.seeds and not self.runs:
            return self
        if self.low is None or self.high is None or not self.low <= self.value <= self.high:
            raise field_error(Code.LAB, "is not inside its range; give `low`, `high` and their median")
        if self.seeds < LEAST_SEEDS and self.runs < LEAST_RUNS:
            message = f"has a range of too few; take {LEAST_SEEDS} seeds of a model, or {LEAST_RUNS} runs of an engine"
            raise field_error(Code.LAB, message)
        return self

    @property
    def range(self) -> str:
        """The formatted range without a unit; ``""`` where there is none."""
        ends = [self.formatted(end) for end in (self.low, self.high) if end is not None]
        return "–".join(ends)


class Claim(Shown):
    """A statement that each run bears out: ``value``, the worst that was measured, keeps to its one bound."""

    says: Text
    """A sentence in which ``{}`` stands for the bound."""
    least: Number | None = None
    most: Number | None = None

    @model_validator(mode="after")
    def _holds(self) -> Claim:
        if (self.least is None) == (self.most is None) or self.says.count("{}") != 1:
            raise field_error(Code.LAB, "is no claim; give `least` or `most`, and `{}` once where its bound stands")
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
    """A figure with its texts, its drawing, and the table behind it."""

    name: str
    svg: str
    rows: tuple[tuple[str, ...], ...]
    """Rows of equal length; the first one is the header."""


FigureTexts = Mapping[FigureName, FigureText]


class Axis(Schema):
    """What a reader may choose: the labels of its options, by their keys, and the key of the first choice."""

    what: Text
    options: dict[Key, Text]
    start: Key


class Answer(Schema):
    """What follows from the choices on these axes."""

    what: Text
    axes: tuple[Key, ...]
    state: Annotated[str, Field(pattern=r"^([a-z0-9_.]|\{\})*$")] = ""
    """The name of its results, with ``{}`` for the key that is chosen on each axis; ``""`` for ``answer.key.key``."""

    def result(self, name: str, chosen: Sequence[str]) -> str:
        """The result of the answer of this name for these keys."""
        state = self.state or ".".join([name, *("{}" for _ in self.axes)])
        for key in chosen:
            state = state.replace("{}", key, 1)
        return state


class Grid(Schema):
    """What a reader may explore. Each state of an answer is a result."""

    axes: dict[Key, Axis]
    answers: dict[Key, Answer]

    def states(self, name: str) -> dict[str, str]:
        """The results of an answer, by the keys that are chosen, with a space between them."""
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
    """The model of its processor, ``cores``, ``memory`` in gigabytes, system, and the ``load`` when the run began."""
    versions: dict[Text, Text]
    parameters: dict[Key, Parameter]
    results: dict[Key, Result]
    claims: dict[Key, Claim] = Field(default_factory=dict)
    figures: FigureTexts
    grid: Grid | None = None
    files: dict[Text, Text]
    """The digest of each file that made the numbers or shows them, by its path from the lab's folder."""
    digests: dict[Text, Text]
    """The digest of each other part."""

    @model_validator(mode="after")
    def _grid_is_whole(self) -> Record:
        missing = (
            (state for name in self.grid.answers for state in self.grid.states(name).values()) if self.grid else ()
        )
        if state := next((state for state in missing if state not in self.results), ""):
            raise field_error(Code.LAB, f"has no result `{state}`, which its grid leads to; measure every state")
        return self


class Lab(Record):
    """A lab with all its files, made by ``read``."""

    name: str
    texts: Mapping[str, str]
    """The text of each file, by its path from the lab's folder: ``results.json``, and what its ``files`` names."""
    figures: Mapping[str, Figure]


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{THIN_SPACE}{unit}" if unit else text
