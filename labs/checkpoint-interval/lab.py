"""How often to checkpoint, and what write bandwidth is worth."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import expm1, sqrt
from typing import TYPE_CHECKING

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import over_seeds

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Checkpoint interval and write bandwidth"
QUESTION = "How often should a job write a checkpoint, and what is more write bandwidth worth?"
ANSWER = """At 100 GB/s every {gbps100.interval}, for a loss of {gbps100.exact} with restarts; at 500 GB/s every
{gbps500.interval}, for {gbps500.exact}. With the failures and the bandwidth that Meta published, 2,000 GB/s, the
formula keeps {published.kept} of the time, and Meta reports more than 90%."""
SHOWS = """A job loses work to writing checkpoints, to what a failure makes it repeat, and to restarts. The lab puts the
Young/Daly interval and the share lost for several write bandwidths, by the formula that is good while a write is short,
by the exact one for failures at a steady rate, and by failures drawn at random as a check of both. Two of the
bandwidths are those of the published run, so that its published result checks the formula."""
LIMITS = """Failures come independently at one rate, a write blocks training and takes its full bandwidth, and a restart
takes as long each time. Real failures come in bursts, and many saves do not block. The rate is that of one published
run and has failures of all causes in it; its checkpoint may be smaller than MLPerf's. The other bandwidths and the
restart time are chosen; the lab on dead nodes takes a restart of fifteen minutes, this one of ten."""
RERUN = "test"
QUICK = {"failures": 200, "seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(23, "seed of the random failures")
    seeds: int = parameter(20, "seeds from it on, of which the drawn results are the median")
    failures: int = parameter(20_000, "failures drawn for each check, with each seed")
    interruptions: int = parameter(419, "unexpected interruptions of the Llama 3 405B run")
    days: int = parameter(54, "days in which it had them", "d")
    gpus: int = parameter(16_384, "its GPUs")
    checkpoint_tb: float = parameter(5.29, "checkpoint of a 405B model in MLPerf Storage's rules", "TB")
    restart: int = parameter(600, "R, from a failure to training again (chosen)", "s")
    block: int = parameter(5, "B, how long the copy of an asynchronous save blocks (chosen)", "s")

    @property
    def between(self) -> float:
        """M, the mean time between failures, in seconds."""
        return self.days * 86_400 / self.interruptions


BANDWIDTHS = (25, 100, 500, 2000, 7000)
"""The last two are published: what Tectonic gave the run for long, and at its peak."""
INTERVALS = (1, 2, 4, 8, 15, 30, 60, 120)
"""Minutes between checkpoints, in the figure."""
SLOWER = 900
"""A restart of fifteen minutes, for the check by the published result."""


def best(write: float, between: float) -> float:
    """The Young/Daly interval, in seconds."""
    return sqrt(2 * between * write)


def lost(write: float, interval: float, between: float) -> float:
    """The share lost to writing and to repeated work, while a write is short beside M."""
    return write / interval + interval / (2 * between)


def exactly(write: float, interval: float, between: float, restart: float) -> float:
    """The share lost in all, for failures at a steady rate: what a cycle keeps over what it takes."""
    return 1 - interval / ((between + restart) * expm1((interval + write) / between))


def drawn(p: Parameters, write: float, interval: float) -> float:
    """The same, by failures drawn at random."""
    chance = random.Random(f"{p.seed} {write:.3f}")
    kept = wall = 0.0
    for _ in range(p.failures):
        until = chance.expovariate(1 / p.between)
        kept += until // (interval + write) * interval
        wall += until + p.restart
    return 1 - kept / wall


def checked(p: Parameters) -> dict[str, Result]:
    """The share lost by random failures at each bandwidth, with one seed."""
    found = {}
    for bandwidth in BANDWIDTHS:
        write = p.checkpoint_tb * 1000 / bandwidth
        seen = drawn(p, write, best(write, p.between))
        found[f"gbps{bandwidth}.drawn"] = Result(
            round(seen, 5), f"the same by random failures, at {bandwidth:,} GB/s", "", ".1%"
        )
    return found


def measure(p: Parameters) -> Measured:
    """Price every bandwidth, and check the formulas by random failures."""
    m = p.between
    found = {
        "between_h": Result(round(m / 3600, 4), "M, mean time between failures", "h", ".2f"),
        "between_s": Result(round(m, 1), "the same in seconds", "s", ",.0f"),
        "restart.share": Result(round(p.restart / m, 5), "share lost to restarts alone", "", ".1%"),
    }
    shares = {}
    for bandwidth in BANDWIDTHS:
        write = p.checkpoint_tb * 1000 / bandwidth
        interval = best(write, m)
        shares[bandwidth] = lost(write, interval, m)
        said = f"at {bandwidth:,} GB/s"
        name = f"gbps{bandwidth}"
        found[f"{name}.write"] = Result(
            round(write, 3), f"C, how long a write blocks, {said}", "s", ".0f" if write > 20 else ".1f"
        )
        minutes = interval / 60
        found[f"{name}.interval"] = Result(
            round(minutes, 4), f"best interval, {said}", "min", ".0f" if minutes > 10 else ".1f"
        )
        found[f"{name}.lost"] = Result(
            round(shares[bandwidth], 5), f"lost to writing and repeated work, {said}", "", ".1%"
        )
        found[f"{name}.all"] = Result(
            round(shares[bandwidth] + p.restart / m, 5), f"lost with restarts too, {said}", "", ".1%"
        )
        exact = exactly(write, interval, m, p.restart)
        found[f"{name}.exact"] = Result(round(exact, 5), f"the same by the exact formula, {said}", "", ".1%")
    found |= over_seeds(p, p.seeds, checked)
    off = max(abs(found[f"gbps{each}.drawn"].value - found[f"gbps{each}.exact"].value) for each in BANDWIDTHS)
    write = p.checkpoint_tb * 1000 / 2000
    kept = 1 - exactly(write, best(write, m), m, p.restart)
    slower = 1 - exactly(write, best(write, m), m, SLOWER)
    found["published.kept"] = Result(round(kept, 5), "time kept at the published 2,000 GB/s", "", ".1%")
    found["published.slower"] = Result(round(slower, 5), "the same with restarts of fifteen minutes", "", ".1%")
    claims = {
        "exact": Claim(
            "The exact formula is {} from the median of the random failures, at every bandwidth.",
            round(off, 5),
            most=0.002,
            format=".1%",
        ),
        "published": Claim(
            "At the published bandwidth, with restarts of ten minutes, the formula keeps {} of the time; so did Meta.",
            round(kept, 5),
            least=0.9,
            format=".0%",
        ),
    }
    gain = shares[100] - shares[500]
    found["gain.points"] = Result(round(gain * 100, 3), "points won by 500 GB/s over 100 GB/s", "points", ".1f")
    found["gain.gpus"] = Result(round(gain * p.gpus, -1), "GPUs whose time those points are, to ten", "", ",.0f")
    enough = p.restart**2 / (2 * m)
    found["enough"] = Result(round(enough, 3), "C below which restarts cost more than checkpoints", "s", ".0f")
    for factor in (2, 4):
        cost = (factor + 1 / factor) / 2
        found[f"off{factor}"] = Result(
            cost,
            f"what an interval off by a factor of {factor} multiplies the loss by",
            "",
            ".2f" if factor == 2 else ".1f",
        )
    small = m * p.gpus / 64
    found["gpus64.between"] = Result(round(small / 3600, 2), "M of 64 GPUs, if failures scale with GPUs", "h", ".0f")
    found["gpus64.interval"] = Result(
        round(best(60, small) / 3600, 3), "best interval there for a write of 60 s", "h", ".1f"
    )
    durable = p.checkpoint_tb * 1000 / 100
    interval = max(durable, best(p.block, m))
    parts = {
        "block": (p.block / interval, "lost to copies that block"),
        "repeat": (interval / 2 / m, "lost to repeated work since the last save began"),
        "late": (durable / m, "lost because a save is durable only later"),
    }
    found["async.durable"] = Result(
        round(durable, 3), "W, until an asynchronous save is durable at 100 GB/s", "s", ".0f"
    )
    found["async.interval"] = Result(round(interval / 60, 4), "best interval of an asynchronous save", "min", ".1f")
    found["async.interval_s"] = Result(round(interval, 2), "the same in seconds", "s", ".0f")
    for part, (share, what) in parts.items():
        found[f"async.{part}"] = Result(round(share, 5), what, "", ".1%")
    found["async.lost"] = Result(
        round(sum(share for share, _what in parts.values()), 5), "the sum of these three", "", ".1%"
    )
    explored, choice = choices(p)
    found |= explored
    intervals = [*INTERVALS]
    curves = {
        bandwidth: [100 * exactly(p.checkpoint_tb * 1000 / bandwidth, 60 * every, m, p.restart) for every in intervals]
        for bandwidth in BANDWIDTHS[:3]
    }
    figure = Figure(
        "Share of time lost, by checkpoint interval",
        """Share of time that is lost against the interval between checkpoints, from 1 to 120 minutes, for three write
        bandwidths. Each curve has a flat bottom: near 36 minutes at 25 gigabytes a second, 18 at 100 and 8 at 500. The
        bottom lies lower the faster the write is, and to the right of 60 minutes the three curves meet.""",
        ["Interval, min", *(f"{bandwidth} GB/s, % lost" for bandwidth in curves)],
        [[every, *(round(curve[index], 1) for curve in curves.values())] for index, every in enumerate(intervals)],
        lambda chart: draw(chart, p, intervals, curves),
    )
    return Measured(found, {"lost-by-interval": figure}, claims, grid=choice)


def choices(p: Parameters) -> tuple[dict[str, Result], Grid]:
    """What each interval costs at each bandwidth, for readers to turn."""
    found = {}
    for bandwidth in BANDWIDTHS:
        write = p.checkpoint_tb * 1000 / bandwidth
        least = exactly(write, best(write, p.between), p.between, p.restart)
        for every in INTERVALS:
            share = exactly(write, 60 * every, p.between, p.restart)
            said = f"a checkpoint every {every} min at {bandwidth:,} GB/s"
            found[f"share.{every}.{bandwidth}"] = Result(round(share, 5), f"lost in all, {said}", "", ".1%")
            found[f"over.{every}.{bandwidth}"] = Result(
                round(100 * (share - least), 3), f"points more than at the best interval, {said}", "points", ".1f"
            )
    axes = {
        "every": Axis("Time between checkpoints", {str(every): f"{every} min" for every in INTERVALS}, "15"),
        "bandwidth": Axis("Write bandwidth, GB/s", {str(each): f"{each:,}" for each in BANDWIDTHS}, "100"),
    }
    answers = {
        "share": Answer("of the time lost", ("every", "bandwidth")),
        "over": Answer("more than at the best interval", ("every", "bandwidth")),
        "interval": Answer("best interval at this bandwidth", ("bandwidth",), "gbps{}.interval"),
    }
    return found, Grid(axes, answers)


def draw(chart: Chart, p: Parameters, intervals: list[int], curves: dict[int, list[float]]) -> None:
    """Draw a curve for each bandwidth, and mark its Young/Daly interval."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    fine = [10 ** (index / 40) for index in range(84)]
    for bandwidth, color in zip(curves, (QUIET, INK, LAMP), strict=True):
        write = p.checkpoint_tb * 1000 / bandwidth
        values = [(x, 100 * exactly(write, 60 * x, p.between, p.restart)) for x in fine]
        values = [(x, y) for x, y in values if y <= 62]
        chart.line([x for x, _y in values], [y for _x, y in values], color)
    for bandwidth, (x, y), color in ((25, (5, 52), QUIET), (100, (1.05, 25), INK), (500, (1.05, 6), LAMP)):
        chart.label(x, y, f"{bandwidth} GB/s", color=color, xytext=(2, 0))
    chart.ticks("x", [1, 2, 4, 8, 15, 30, 60, 120])
    chart.ticks("y", [0, 20, 40, 60], ["0%", "20%", "40%", "60%"])
    chart.axes.set_xlim(1, 125)
    chart.axes.set_ylim(0, 62)
    chart.measures("Share of time lost", "minutes between checkpoints")
    chart.margins(left=46, right=14)
