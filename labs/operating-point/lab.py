"""The operating point of the journal's map, and what follows from each of its settings."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from record import Answer, Axis, Figure, Grid, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart

TITLE = "The operating point, turned"
QUESTION = "What must a path hold, and how long may it stop, at another latency, throughput or availability?"
ANSWER = """At 12 ms and 1.2 million events a second {flight.12_ms.1_2m} events are in flight, which takes
{slots.12_ms.1_2m} slots that are 70% busy. At 99.95% they may stop for {budget.99_95} a month."""
SHOWS = """Arithmetic: events in flight are rate times latency (Little's law), slots are these over the share of them
that is busy, and the budget is the part of thirty days that the availability leaves. The lab works it out for each of a
few latencies, rates and availabilities, among them the point of the journal's map."""
LIMITS = """All of the settings are constructed. The latency is taken for the mean time in the system, which a p50 or a
p99 is not. Seventy percent is a choice, and how busy slots may be depends on how arrivals vary. The budget counts time
of a full stop, and not failed requests."""
RERUN = "test"
QUICK: dict[str, int] = {}

LATENCIES = {"3 ms": 3, "12 ms": 12, "50 ms": 50, "200 ms": 200}
RATES = {"0.1M ev/s": 100_000, "1.2M ev/s": 1_200_000, "5M ev/s": 5_000_000}
AVAILABILITIES = {"99%": 99.0, "99.9%": 99.9, "99.95%": 99.95, "99.99%": 99.99}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    busy: float = parameter(0.7, "share of the slots that is busy")
    days: int = parameter(30, "days of a month", "d")


def key(label: str) -> str:
    """The key of a setting: 12_ms, 1_2m, 99_95."""
    return label.removesuffix(" ev/s").removesuffix("%").replace(" ", "_").replace(".", "_").lower()


def measure(p: Parameters) -> Measured:
    """Work out every setting."""
    found: dict[str, Result] = {}
    for (latency, ms), (rate, events) in product(LATENCIES.items(), RATES.items()):
        place, said = f"{key(latency)}.{key(rate)}", f"at {latency} and {rate}"
        flight = events * ms / 1000
        found[f"flight.{place}"] = Result(round(flight), f"events in flight {said}")
        found[f"slots.{place}"] = Result(round(flight / p.busy), f"slots, {p.busy:.0%} of them busy, {said}")
    for availability, percent in AVAILABILITIES.items():
        minutes = round((100 - percent) / 100 * p.days * 24 * 60, 4)
        found[f"budget.{key(availability)}"] = Result(
            minutes, f"minutes of a full stop that {availability} leaves a month", "min", ".1f"
        )
    axes = {
        "latency": Axis("Latency", {key(label): label for label in LATENCIES}, "12_ms"),
        "rate": Axis("Throughput", {key(label): label for label in RATES}, "1_2m"),
        "availability": Axis("Reliability", {key(label): label for label in AVAILABILITIES}, "99_95"),
    }
    grid = Grid(
        axes,
        {
            "flight": Answer("events in flight", ("latency", "rate")),
            "slots": Answer(f"slots, {p.busy:.0%} of them busy", ("latency", "rate")),
            "budget": Answer("of a full stop a month", ("availability",)),
        },
    )

    rows: list[list[str | int]] = [
        [latency, *(round(found[f"flight.{key(latency)}.{key(rate)}"].value) for rate in RATES)]
        for latency in LATENCIES
    ]
    figure = Figure(
        "Events in flight, by latency and throughput",
        """Events in flight against the latency, from 3 to 200 milliseconds, for three throughputs; both scales are
        logarithmic. The three lines are straight and parallel: four times the latency is four times the events.""",
        ["latency", *RATES],
        rows,
        lambda chart: draw(chart, found),
    )
    return Measured(found, {"in-flight": figure}, grid=grid)


def draw(chart: Chart, found: dict[str, Result]) -> None:
    """Draw a line for each rate."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for rate, color in zip(RATES, (QUIET, LAMP, INK), strict=True):
        values = [found[f"flight.{key(latency)}.{key(rate)}"].value for latency in LATENCIES]
        chart.line([*LATENCIES.values()], values, color)
        chart.label(200, values[-1], rate, color=color)
    chart.ticks("x", [*LATENCIES.values()])
    chart.ticks("y", [100, 10_000, 1_000_000], ["100", "10,000", "1,000,000"])
    chart.axes.set_xlim(2.8, 200)
    chart.axes.set_ylim(100, 2_000_000)
    chart.measures("Events in flight", "latency, ms")
    chart.margins(left=76, right=92)
