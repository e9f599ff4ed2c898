"""What Spark's watermark drops of a stream, and what its counter says of it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from event_stream import Stream, stream
from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart
    from record import Cell

TITLE = "What Spark drops, and what its counter says"
SHOWS = """Spark counts the constructed stream of the lab of late events in windows of a minute, from one file of
arrivals for each micro-batch, in append mode. The lab compares the events that the windows lost with Spark's counter
of dropped rows, and with the rule of Spark's two watermarks, worked out by hand."""
LIMITS = """One partition of state on one machine, and micro-batches of twenty seconds of arrivals: how far the counter
falls short depends on how many late events of one window share a micro-batch. Every count repeats exactly."""
RERUN = "labs"
TAKES = ("pyspark",)
NEEDS = {"java": "openjdk-17-jre-headless"}
QUESTION = "Does Spark's counter of dropped rows say how many events a watermark dropped?"
ANSWER = """No. With one wrong clock the windows lost {wrong.lost} events, and the counter said {wrong.counter}. Without
it, at B = 60 s, they lost {b60.lost}, and it said {b60.counter}. The rule of two watermarks, worked out by hand, gives
Spark's windows to the event."""
QUICK = {"until": 600, "seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(11, "seed of the random events and delays that Spark reads")
    seeds: int = parameter(20, "seeds from this one on, for the rule by hand")
    rate: int = parameter(60, "events a second")
    until: int = parameter(1800, "arrivals that are read", "s")
    batch: int = parameter(20, "arrivals in a micro-batch", "s")
    window: int = parameter(60, "length of a window", "s")
    wrong_at: int = parameter(300, "when an event with a wrong clock arrives", "s")
    ahead: int = parameter(3600, "how far ahead that clock is", "s")
    tolerance: int = parameter(60, "how far an event's time may be ahead of its arrival, where it is clamped", "s")


@dataclass(frozen=True)
class Case:
    """One run: the watermark's delay in seconds, whether one clock is wrong, and whether time is clamped."""

    says: str
    delay: int
    wrong: bool = False
    clamped: bool = False


CASES = {
    "b10": Case("B = 10 s", 10),
    "b60": Case("B = 60 s", 60),
    "b300": Case("B = 300 s", 300),
    "wrong": Case("wrong clock", 60, wrong=True),
    "clamped": Case("clamped", 60, wrong=True, clamped=True),
}

Arrival = tuple[int, int]
"""When an event happened, and when it arrived, in milliseconds."""


def arrivals(p: Parameters, case: Case) -> list[list[Arrival]]:
    """The events of each micro-batch, in the order of their arrival."""
    events = stream(Stream(seed=p.seed, rate=p.rate, scored=p.until))
    made = [(int(1000 * time), int(1000 * arrival)) for time, arrival, _partition in events if arrival < p.until]
    if case.wrong:
        made.append((1000 * (p.wrong_at + p.ahead), 1000 * p.wrong_at))
        made.sort(key=lambda event: event[1])
    batches: list[list[Arrival]] = [[] for _ in range(p.until // p.batch)]
    for event in made:
        batches[event[1] // (1000 * p.batch)].append(event)
    return batches


# Spark


def counted(p: Parameters, case: Case, batches: Sequence[Sequence[Arrival]], spark: Any) -> tuple[int, int]:
    """What Spark counts in closed windows, and what its counter of dropped rows adds up to."""
    from pyspark.sql import functions as f

    with tempfile.TemporaryDirectory() as folder:
        for number, batch in enumerate(batches):
            path = Path(folder, f"{number:05d}.csv")
            path.write_text("".join(f"{time},{arrival}\n" for time, arrival in batch))
            os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))  # Spark reads them in this order
        lines = spark.readStream.schema("event_ms long, arrival_ms long").option("maxFilesPerTrigger", 1)
        lines = lines.option("maxFileAge", "10000d").csv(folder)
        events = lines.select(
            f.timestamp_millis("event_ms").alias("event_time"), f.timestamp_millis("arrival_ms").alias("arrival_time")
        )
        if case.clamped:
            limit = f.col("arrival_time") + f.expr(f"INTERVAL {p.tolerance} SECONDS")
            events = events.withColumn("event_time", f.least("event_time", limit))
        windows = (
            events.withWatermark("event_time", f"{case.delay} seconds")
            .groupBy(f.window("event_time", f"{p.window} seconds"))
            .count()
        )
        sink = windows.writeStream.outputMode("append").format("memory").queryName("counts")
        query = sink.trigger(availableNow=True).start()
        query.awaitTermination()
        said = sum(
            state["numRowsDroppedByWatermark"] for report in query.recentProgress for state in report["stateOperators"]
        )
        total = spark.sql("SELECT coalesce(sum(`count`), 0) AS total FROM counts").first()["total"]
    return int(total), int(said)


def session() -> Any:
    """A Spark session on this machine alone."""
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.streaming.numRecentProgressUpdates": "10000",
    }
    builder = SparkSession.builder.master("local[2]").appName("late events")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


# The rule, by hand


def ruled(p: Parameters, case: Case, batches: Sequence[Sequence[Arrival]]) -> tuple[int, int, int]:
    """The events in windows that close, and those counted by the watermark of one batch before and of two."""

    def time(event: Arrival) -> int:
        return min(event[0], event[1] + 1000 * p.tolerance) if case.clamped else event[0]

    newest = accumulate((max((time(event) for event in batch), default=0) for batch in batches), max)
    marks = [found - 1000 * case.delay for found in newest]
    closed, kept = 0, {1: 0, 2: 0}
    for number, batch in enumerate(batches):
        for event in batch:
            stop = (time(event) // (1000 * p.window) + 1) * 1000 * p.window
            if stop > marks[-1]:
                continue
            closed += 1
            for back in kept:
                met = marks[number - back] if number >= back else -inf
                kept[back] += met < stop
    return closed, kept[1], kept[2]


def by_hand(p: Parameters, case: Case) -> Result:
    """The share of events that is lost by the rule, with one seed."""
    closed, _one_back, two_back = ruled(p, case, arrivals(p, case))
    return Result(round((closed - two_back) / closed, 5), f"the same by hand, over seeds: {case.says}", "", ".1%")


def measure(p: Parameters) -> Measured:
    """Run every case, and compare."""
    spark = session()
    asks = "java_method('java.lang.System', 'getProperty', 'java.vm.{}')"
    (jvm,) = spark.sql(f"SELECT {asks.format('name')} || ' ' || {asks.format('version')}").first()
    engines = {"Spark": spark.version, "JVM": jvm}
    results: dict[str, Result] = {}
    rows: list[list[Cell]] = []
    lost: dict[str, tuple[int, int]] = {}
    for name, case in CASES.items():
        batches = arrivals(p, case)
        closed, one_back, two_back = ruled(p, case, batches)
        total, said = counted(p, case, batches, spark)
        lost[name] = (closed - total, said)
        for key, value, what in (
            ("closed", closed, "events in windows that closed"),
            ("counted", total, "of these, events that Spark counted"),
            ("two_back", two_back, "the same by hand, by the watermark of two micro-batches before"),
            ("one_back", one_back, "the same by hand, by the watermark of the micro-batch before"),
            ("lost", closed - total, "events that the windows lost"),
            ("counter", said, "what Spark's counter of rows dropped by the watermark says"),
        ):
            results[f"{name}.{key}"] = Result(value, f"{what}: {case.says}")
        if said:
            results[f"{name}.short"] = Result(
                round((closed - total) / said, 3), f"events lost for each row of the counter: {case.says}", "", ".0f"
            )
        results[f"{name}.share"] = Result(
            round((closed - total) / closed, 5), f"share of the events that was lost: {case.says}", "", ".1%"
        )
        results[f"{name}.drawn"] = of_seeds(each_seed(p, p.seeds, partial(by_hand, case=case)))
        rows.append([case.says, closed, total, two_back, closed - total, said])
    spark.stop()
    figure = Figure(
        "Events that the windows lost, and what Spark's counter says",
        """Pairs of points on a logarithmic scale, for watermark delays of 10, 60 and 300 seconds, for 60 seconds with
        one wrong clock, and for the same with event times clamped. The point of the events lost lies right of the point
        of the counter in each case: by a factor of 6 at 10 seconds, of less than 2 at 300, and of more than 100 with
        the wrong clock. There the counter is only a third higher than without.""",
        ["Case", "Events in closed windows", "Counted by Spark", "Counted by the rule", "Lost", "Counter"],
        rows,
        lambda chart: pairs(chart, lost),
        height=300,
    )
    off = max(abs(results[f"{name}.counted"].value - results[f"{name}.two_back"].value) for name in CASES)
    claims = {
        "rule": Claim(
            "In every case Spark's windows hold what the rule of two micro-batches before gives, to {}.",
            off,
            most=0,
            unit="events",
        ),
        "wrong.short": Claim(
            "With one wrong clock, {} events are lost for each row of the counter.",
            results["wrong.short"].value,
            least=100,
        ),
    }
    return Measured(results, {"lost-and-counted": figure}, claims, engines)


def pairs(chart: Chart, lost: dict[str, tuple[int, int]]) -> None:
    """Draw what was lost and what the counter says, a pair of points for each case."""
    from chart import INK, LAMP, QUIET

    axes = chart.axes
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xscale("log")
    axes.set_xlim(100, 500_000)
    axes.set_ylim(len(lost) - 0.4, -1.3)
    wide, high = 1 / 40, 1 / 26  # half a point, as a share of the axes
    for row, (name, (events, said)) in enumerate(lost.items()):
        chart.line([said, events], [row, row], QUIET, width=1.5)
        for value, color, side in ((said, QUIET, "left"), (events, LAMP, "right")):
            x = axes.transAxes.inverted().transform(axes.transData.transform((value, row)))
            axes.fill(
                [x[0] - wide / 2, x[0], x[0] + wide / 2, x[0]],
                [x[1], x[1] + high / 2, x[1], x[1] - high / 2],
                color=color,
                linewidth=0,
                transform=axes.transAxes,
                clip_on=False,
                zorder=3,
            )
            chart.label(value, row, f"{value:,}", side=side, color=INK, xytext=(8 if side == "right" else -8, -1))
        chart.label(100, row, CASES[name].says, side="left", color=INK, xytext=(-8, 0))
    first = next(iter(lost.values()))
    chart.label(first[1], 0, "counter", color=QUIET, side="above", ha="right", xytext=(10, 10))
    chart.label(first[0], 0, "events lost", color=LAMP, side="above", ha="left", xytext=(-10, 10))
    chart.ticks("x", [100, 1000, 10_000, 100_000])
    axes.set_yticks([])
    chart.measures("", "events, or rows of the counter")
    chart.margins(left=108, right=10, top=6)
