"""What a lab returns to its runner: parameters, results, claims, and tables with the figures drawn from them."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chart import Chart

T = TypeVar("T")
Cell = str | int | float


def parameter(default: T, what: str, unit: str = "") -> T:
    """Declare a field of a lab's ``Parameters``: its value, a one-line description, and its unit."""
    value: T = field(default=default, metadata={"what": what, "unit": unit})
    return value


def line_of_lab() -> int:
    """The current line of the running ``lab.py``; 0 outside of one."""
    frame = inspect.currentframe()
    while frame and not frame.f_code.co_filename.endswith("lab.py"):
        frame = frame.f_back
    return frame.f_lineno if frame else 0


@dataclass(frozen=True)
class Result:
    """One number that notes may quote; ``format`` is its Python format specification.

    ``spread.over_seeds`` and ``spread.of_runs`` create results with a range.
    """

    value: float
    what: str
    unit: str = ""
    format: str = ",d"
    tolerance: float = 0.0
    """How far another run may be from this value, in the same unit: for labs that time a real engine."""
    low: float | None = None
    """The minimum of the runs, or the 5th percentile of the seeds; ``value`` is their median."""
    high: float | None = None
    seeds: int = 0
    runs: int = 0
    """The number of seeds of a model, or of runs of a real engine."""
    line: int = field(default_factory=line_of_lab, compare=False)
    """The line of ``lab.py`` that created the result."""

    def __post_init__(self) -> None:
        """Raise ValueError if the format does not fit the value, or the tolerance is not below it."""
        format(self.value, self.format)
        if self.tolerance and not 0 < self.tolerance < abs(self.value):
            message = f"the tolerance {self.tolerance:g} of {self.value:g} is not below the value: {self.what}"
            raise ValueError(message)


@dataclass(frozen=True)
class Claim:
    """A statement that a run must satisfy: ``value`` is at least ``least``, or at most ``most``.

    ``says`` is a sentence with ``{}`` for the bound: "The p99 is {} times that of one queue". ``value`` is the worst of
    all seeds or runs, and of all settings in the sentence.
    """

    says: str
    value: float
    least: float | None = None
    most: float | None = None
    unit: str = ""
    format: str = "g"
    line: int = field(default_factory=line_of_lab, compare=False)

    def __post_init__(self) -> None:
        """Raise ValueError unless the claim has exactly one bound and one place for it."""
        if (self.least is None) == (self.most is None) or self.says.count("{}") != 1:
            message = f"a claim has either `least` or `most`, and {{}} once for the bound: {self.says}"
            raise ValueError(message)

    @property
    def holds(self) -> bool:
        """Whether the run satisfies the claim."""
        return self.value >= self.least if self.least is not None else self.value <= (self.most or 0)


@dataclass(frozen=True)
class Figure:
    """A figure: its description, its data as a table, and the function that draws it on a chart of ``height``."""

    title: str
    description: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    draw: Callable[[Chart], None]
    height: int = 270


@dataclass(frozen=True)
class Axis:
    """A choice for readers: the label of each option by its key, and the key of the default."""

    what: str
    options: dict[str, str]
    start: str


@dataclass(frozen=True)
class Answer:
    """An answer to the choices on these axes; ``what`` is a few words after the number.

    ``state`` is the pattern of the results' names, with ``{}`` for the key chosen on each axis: ``b{}.dropped``; by
    default, ``answer.key.key``.
    """

    what: str
    axes: Sequence[str]
    state: str = ""


@dataclass(frozen=True)
class Grid:
    """The states that readers can explore: each state of an answer is a result."""

    axes: dict[str, Axis]
    answers: dict[str, Answer]


@dataclass(frozen=True)
class Measured:
    """The output of a run."""

    results: dict[str, Result]
    figures: dict[str, Figure] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    """The version of each engine, and of its JVM, by name, as reported by the engine itself."""
    grid: Grid | None = None


def cell(value: Cell) -> str:
    """Format a value for a table: four significant digits, or all digits of a large whole part."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def described(parameters: Any) -> dict[str, dict[str, Any]]:
    """The fields of a lab's parameters, as ``results.json`` stores them."""
    return {
        name: {"value": getattr(parameters, name), **{key: text for key, text in declared.metadata.items() if text}}
        for name, declared in parameters.__dataclass_fields__.items()
    }
