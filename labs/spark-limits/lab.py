"""What Spark's documented limits leave alone: skew below both thresholds, and silence below the timeouts."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart

TITLE = "What Spark's limits leave alone"
QUESTION = """How large may one partition be before Spark splits it, and how long may an executor be silent before Spark
says so?"""
ANSWER = """By its defaults Spark leaves a partition of {median4.left} alone where the median is 4 MB; the stage can
then use {median4.ceiling} cores, whatever it is given. From a median of {meet} on it can use {medianmeet.ceiling}. The
driver tells of a silent executor after {driver.first} at the soonest and {driver.last} at the latest, and of the final
error after {final.first} to {final.last}; a timeout of 600 s makes the first line {raised.later} later."""
SHOWS = """Adaptive execution splits a join partition that is above two limits at once. The lab computes the largest one
that it leaves alone, and how many cores a stage can then use, for medians from 1 to 200 megabytes. It also adds up the
timers that stand between a silent executor and the first line about it."""
LIMITS = """Arithmetic on the defaults of the parameters, which a release or a distribution may change. All partitions
but one are at the median, and time is proportional to bytes: the cores are the most that a stage can use, and a cluster
gives fewer. Nothing is random, so that there are no ranges, and nothing was run: the limits are those that Spark's
documentation and source name."""
RERUN = "test"
QUICK: dict[str, int] = {}


@dataclass(frozen=True)
class Parameters:
    """Spark's defaults, as its documentation and source name them, and the stage."""

    factor: int = parameter(5, "spark.sql.adaptive.skewJoin.skewedPartitionFactor")
    size: int = parameter(256, "spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes", "MB")
    partitions: int = parameter(200, "partitions of the join")
    timeout: int = parameter(120, "spark.network.timeout", "s")
    check: int = parameter(60, "how often the driver looks for silent executors", "s")
    failures: int = parameter(4, "spark.task.maxFailures and spark.stage.maxConsecutiveAttempts")
    raised: int = parameter(600, "a raised spark.network.timeout", "s")


def left_alone(p: Parameters, median: float) -> float:
    """The largest partition that is not split: it must pass both limits."""
    return max(p.size, p.factor * median)


def ceiling(p: Parameters, median: float) -> float:
    """The cores that the stage can use: the sum of its tasks over the longest one."""
    ratio = left_alone(p, median) / median
    return (p.partitions - 1 + ratio) / ratio


def makespan(p: Parameters, median: float, cores: int) -> float:
    """How long the stage takes on so many cores, in tasks of the median: the longest first, then the others."""
    ends = [left_alone(p, median) / median, *[0.0] * (cores - 1)]
    for _ in range(p.partitions - 1):
        ends.sort()
        ends[0] += 1
    return max(ends)


def measure(p: Parameters) -> Measured:
    """Compute the limits of skew, and add up the timers."""
    meet = p.size / p.factor
    found = {"meet": Result(meet, "median at which the two limits meet", "MB", ".1f")}
    for name, median in (("4", 4), ("16", 16), ("meet", meet), ("200", 200)):
        said = f"median {median:g} MB"
        found[f"median{name}.left"] = Result(
            left_alone(p, median), f"largest partition left alone, {said}", "MB", ",.0f"
        )
        found[f"median{name}.ratio"] = Result(
            left_alone(p, median) / median, f"that over the median, {said}", "", ".0f"
        )
        found[f"median{name}.ceiling"] = Result(
            round(ceiling(p, median), 3), f"cores that the stage can use, {said}", "", ".1f"
        )
    found["driver.first"] = Result(p.timeout, "soonest that the driver tells of a silent executor", "s")
    found["driver.last"] = Result(p.timeout + p.check, "latest that it does", "s")
    found["raised.first"] = Result(p.raised, "the soonest, with the raised timeout", "s")
    found["raised.last"] = Result(p.raised + p.check, "the latest, with the raised timeout", "s")
    found["raised.later"] = Result((p.raised - p.timeout) // 60, "how much later that is", "minutes")
    found["final.first"] = Result(
        p.failures * p.timeout // 60, "soonest final error if each failure is a silent executor", "minutes"
    )
    found["final.last"] = Result(p.failures * (p.timeout + p.check) // 60, "latest final error then", "minutes")
    medians = [1, 2, 4, 8, 16, 32, 51.2, 100, 200]
    figure = Figure(
        "Cores that a stage can use when its largest partition is just left alone",
        """Cores that a stage of 200 partitions can use, against the median partition from 1 to 200 megabytes, when its
        largest partition is just small enough to be left alone. They rise with the median, from fewer than two at one
        megabyte to about 41 at 51.2 megabytes, and stay there.""",
        ["Median, MB", "Largest left alone, MB", "Cores"],
        [[median, left_alone(p, median), round(ceiling(p, median), 1)] for median in medians],
        lambda chart: draw(chart, p),
    )
    useful = [(median, ceil(ceiling(p, median))) for median in medians]
    claims = {
        "cores": Claim(
            "By the defaults no stage with a partition at the limit can use more than {} cores",
            max(ceiling(p, median) for median in medians),
            most=41,
        ),
        "enough": Claim(
            "Scheduled on that many cores, rounded up, a stage takes {} times its longest task: more do not help",
            max(makespan(p, median, cores) / (left_alone(p, median) / median) for median, cores in useful),
            most=1,
        ),
    }
    return Measured(found, {"cores-left": figure}, claims)


def draw(chart: Chart, p: Parameters) -> None:
    """Draw the cores by the median, and where the limits meet."""
    from chart import INK, LAMP

    medians = [2 ** (index / 10) for index in range(77)]
    chart.axes.set_xscale("log")
    chart.line(medians, [ceiling(p, median) for median in medians], LAMP)
    chart.label(7, 13, "256 MB decides", color=INK, side="left")
    chart.label(200, ceiling(p, 200), "5 × median decides", color=INK, side="left", va="bottom", xytext=(0, 6))
    chart.ticks("x", [1, 4, 16, 51.2, 200])
    chart.ticks("y", [0, 10, 20, 30, 40])
    chart.axes.set_xlim(1, 205)
    chart.axes.set_ylim(0, 50)
    chart.measures("Cores the stage can use", "median partition, MB")
    chart.margins(left=36, right=16)
