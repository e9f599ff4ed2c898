"""Repeat a measurement, and give the median of what came with its range."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor
from statistics import median, median_low, quantiles
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from record import Result

P = TypeVar("P")
T = TypeVar("T")


def each_seed(parameters: P, seeds: int, measure: Callable[[P], T]) -> list[T]:
    """Measure once with each of so many seeds, from the ``seed`` of ``parameters`` on."""
    settings: Any = parameters
    return [measure(replace(settings, seed=settings.seed + number)) for number in range(seeds)]


def over_seeds(parameters: P, seeds: int, measure: Callable[[P], Mapping[str, Result]]) -> dict[str, Result]:
    """The median of each result over so many seeds, at least ten for a record, and where 5 to 95 % of them are."""
    found = each_seed(parameters, seeds, measure)
    return {key: of_seeds([results[key] for results in found]) for key in found[0]}


def of_seeds(results: Sequence[Result]) -> Result:
    """One result from those of all seeds: their median, and the range from 5 to 95 % of them."""
    low, high = middle([result.value for result in results])
    return _ranged(results, low, high, seeds=len(results))


def of_runs(results: Sequence[Result]) -> Result:
    """One result from those of all runs of an engine, at least five for a record: their median, least and most."""
    values = [result.value for result in results]
    return _ranged(results, min(values), max(values), runs=len(results))


def middle(values: Sequence[float]) -> tuple[float, float]:
    """Where the values from 5 to 95 % of all lie: between two values, in proportion."""
    cuts = quantiles(values, n=20, method="inclusive") if len(values) > 1 else [*values]
    return cuts[0], cuts[-1]


def _ranged(results: Sequence[Result], low: float, high: float, *, seeds: int = 0, runs: int = 0) -> Result:
    values = [result.value for result in results]
    if all(isinstance(value, int) for value in values):
        return replace(results[0], value=median_low(values), low=floor(low), high=ceil(high), seeds=seeds, runs=runs)
    value, low, high = (float(f"{number:.6g}") for number in (median(values), low, high))
    return replace(results[0], value=value, low=low, high=high, seeds=seeds, runs=runs)
