"""What a lab hands to its runner: parameters, results, claims, and tables with the figures that are drawn from them."""

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
    """A field of a lab's ``Parameters``: its value, one line of what it is, and its unit."""
    value: T = field(default=default, metadata={"what": what, "unit": unit})
    return value


def line_of_lab() -> int:
    """The line of the ``lab.py`` that is being run; 0 outside of one."""
    frame = inspect.currentframe()
    while frame and not frame.f_code.co_filename.endswith("lab.py"):
        frame = frame.f_back
    return frame.f_lineno if frame else 0


@dataclass(frozen=True)
class Result:
    """One number that notes may quote, and how it is shown: ``format`` is a format specification of Python.

    ``spread.over_seeds`` and ``spread.of_runs`` make those that have a range.
    """

    value: float
    what: str
    unit: str = ""
    format: str = ",d"
    tolerance: float = 0.0
    """How far the value of another run may be from this one, in the same unit: for labs that time a real engine."""
    low: float | None = None
    """The least of the runs, or 5 % of the seeds, of which ``value`` is the median."""
    high: float | None = None
    seeds: int = 0
    runs: int = 0
    """How many of them there are: seeds of a model, or runs of a real engine."""
    line: int = field(default_factory=line_of_lab, compare=False)
    """The line of ``lab.py`` that gave the result."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value that its format does not show, or a tolerance that any value would keep."""
        format(self.value, self.format)
        if self.tolerance and not 0 < self.tolerance < abs(self.value):
            message = f"the tolerance {self.tolerance:g} of {self.value:g} is not below the value: {self.what}"
            raise ValueError(message)


@dataclass(frozen=True)
class Claim:
    """A statement that a run must bear out: ``value`` is at least ``least``, or at most ``most``.

    ``says`` is a sentence in which ``{}`` stands for the bound: "The p99 is {} times that of one queue". ``value`` is
    the worst of all seeds or runs, and of all settings that the sentence names.
    """

    says: str
    value: float
    least: float | None = None
    most: float | None = None
    unit: str = ""
    format: str = "g"
    line: int = field(default_factory=line_of_lab, compare=False)

    def __post_init__(self) -> None:
        """Raise ValueError for a claim without its one bound, or whose sentence has no place for it."""
        if (self.least is None) == (self.most is None) or self.says.count("{}") != 1:
            message = f"a claim has either `least` or `most`, and {{}} once where its bound stands: {self.says}"
            raise ValueError(message)

    @property
    def holds(self) -> bool:
        """Whether the run bears it out."""
        return self.value >= self.least if self.least is not None else self.value <= (self.most or 0)


@dataclass(frozen=True)
class Figure:
    """A figure: what it shows in words, the table behind it, and how it is drawn on a chart of this height."""

    title: str
    description: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    draw: Callable[[Chart], None]
    height: int = 270


@dataclass(frozen=True)
class Axis:
    """What a reader may choose: a label for each option, by its key, and the key of the one that is chosen first."""

    what: str
    options: dict[str, str]
    start: str


@dataclass(frozen=True)
class Answer:
    """What follows from the choices on these axes, in a few words behind the number.

    ``state`` names the results, with ``{}`` for the key that is chosen on each axis: ``b{}.dropped``. Without it they
    are ``answer.key.key``.
    """

    what: str
    axes: Sequence[str]
    state: str = ""


@dataclass(frozen=True)
class Grid:
    """What a reader may explore: each state of an answer is a result."""

    axes: dict[str, Axis]
    answers: dict[str, Answer]


@dataclass(frozen=True)
class Measured:
    """All that a run gives."""

    results: dict[str, Result]
    figures: dict[str, Figure] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    """The name and version of each engine that was run, and of its JVM, as the engine itself says them."""
    grid: Grid | None = None


def cell(value: Cell) -> str:
    """A value as a table has it: a number to four significant digits, or all those of a whole part."""
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return str(value)


def described(parameters: Any) -> dict[str, dict[str, Any]]:
    """The fields of a lab's parameters as its record has them."""
    return {
        name: {"value": getattr(parameters, name), **{key: text for key, text in made.metadata.items() if text}}
        for name, made in parameters.__dataclass_fields__.items()
    }
