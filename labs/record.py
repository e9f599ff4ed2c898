"""What a lab hands to its runner: parameters, results, and tables with the figures that are drawn from them."""

from __future__ import annotations

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


@dataclass(frozen=True)
class Result:
    """One number that notes may quote, and how it is shown: ``format`` is a format specification of Python."""

    value: float
    what: str
    unit: str = ""
    format: str = ",d"
    tolerance: float = 0.0
    """How far, as a share of the value, another run may be from it: for labs that time a real engine."""

    def __post_init__(self) -> None:
        """Raise ValueError for a value that its format does not show."""
        format(self.value, self.format)


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
class Measured:
    """All that a run gives."""

    results: dict[str, Result]
    figures: dict[str, Figure] = field(default_factory=dict)


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
