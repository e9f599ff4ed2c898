"""How much of a training step the accelerator waits for its batch."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import log, sqrt
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Loader headroom, variance and prefetch"
QUESTION = "How much faster than the accelerator must a loader be, and what does a store that stalls do to it?"
ANSWER = """With batches as uneven as their mean and a fifth more supply than demand, the accelerator computes
{s12.cv10.f2} of the time, with eight batches for each worker in place of two {s12.cv10.f8}. If the store stops for 20
of every 200 steps, it computes {shared.s12.f2} where all workers stop at once, and {apart.s12.f2} where each stops at
a time of its own."""
SHOWS = """A loader like PyTorch's prepares batches in eight workers and hands them over in order, to an accelerator
that takes the same time for each. The lab measures how much of the run is compute, as MLPerf Storage does, for loaders
with more or less spare rate and for batches that vary more or less. Then the store stops now and then: for all workers
at once, or for each at a time of its own. It also does the arithmetic of rare stalls across ranks."""
LIMITS = """Batches vary independently by a lognormal law, stops come at a steady pace, and the accelerator's step never
varies. What prefetch costs in memory is left out. Across ranks, stalls are taken to be independent: one that all ranks
share counts once."""
RERUN = "test-long"
QUICK = {"steps": 500, "seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to; times are in steps of the accelerator."""

    seed: int = parameter(17, "seed of the random batches")
    seeds: int = parameter(20, "seeds from it on, of which results are the median")
    steps: int = parameter(4000, "steps of each run")
    workers: int = parameter(8, "loader workers")
    stall: int = parameter(20, "a stop of the store")
    every: int = parameter(200, "time between the starts of two stops")
    stall_chance: float = parameter(0.001, "chance per step and rank of a stall that prefetch did not hide")


SUPPLY = (0.8, 1.0, 1.2, 1.5, 2.0, 3.0)
"""What the workers can prepare, over what the accelerator takes."""
VARIATION = (0.0, 0.5, 1.0, 2.0)
"""Standard deviation over mean of a batch's preparation time."""
PREFETCH = (2, 8)
"""Batches outstanding per worker: PyTorch's default, and more."""
RANKS = (1, 8, 64, 512)


def batches(p: Parameters, supply: float, variation: float) -> list[float]:
    """How long each batch takes to prepare: the same random numbers whatever is compared."""
    mean = p.workers / supply
    chance = random.Random(p.seed)
    spread = log(1 + variation**2)
    return [mean * chance.lognormvariate(-spread / 2, sqrt(spread)) for _ in range(p.steps)]


def through(p: Parameters, start: float, work: float) -> float:
    """When work that begins at ``start`` ends, if the store stops for the last part of each period."""
    while work > 0:
        able = p.every - p.stall - start % p.every
        if work <= able:
            return start + work
        work -= max(0.0, able)
        start = (start // p.every + 1) * p.every
    return start


def utilization(p: Parameters, prepare: list[float], prefetch: int, stops: list[float] | None = None) -> float:
    """Compute time over run time, without the first step: batch i is prepared by worker i mod W, and used in order.

    ``stops`` is how far into a period each worker's clock is, where the store stops.
    """
    room = p.workers * prefetch
    free = [0.0] * p.workers
    used: list[float] = []
    now = 0.0
    for index, time in enumerate(prepare):
        worker = index % p.workers
        slot = used[index - room] if index >= room else 0.0
        begins = max(free[worker], slot)
        free[worker] = begins + time if stops is None else through(p, begins + stops[worker], time) - stops[worker]
        now = max(now, free[worker])
        used.append(now)
        now += 1.0
    return (len(prepare) - 1) / (now - used[1])


STOPPED = (1.05, 1.2, 1.5, 2.0)
"""Supply over demand where the store stops now and then."""


def loaders(p: Parameters) -> dict[str, Result]:
    """The utilization of each loader, with one seed."""
    found: dict[str, Result] = {}
    for variation in VARIATION:
        for supply in SUPPLY:
            prepare = batches(p, supply, variation)
            for prefetch in PREFETCH:
                name = f"s{supply * 10:.0f}.cv{variation * 10:.0f}.f{prefetch}"
                what = f"utilization with supply {supply:g} × demand, variation {variation:g}, prefetch {prefetch}"
                found[name] = Result(round(utilization(p, prepare, prefetch), 4), what, "", ".0%")
    chance = random.Random(f"{p.seed} stops")
    phase = chance.random() * p.every
    phases = {"shared": [phase] * p.workers, "apart": [chance.random() * p.every for _ in range(p.workers)]}
    for kind, said in (("shared", "all workers at once"), ("apart", "each worker at a time of its own")):
        for supply in STOPPED:
            prepare = batches(p, supply, 0.5)
            for prefetch in PREFETCH:
                share = utilization(p, prepare, prefetch, phases[kind])
                what = f"utilization with supply {supply:g} × demand, prefetch {prefetch}, where the store stops {said}"
                found[f"{kind}.s{supply * 100:.0f}.f{prefetch}".replace("0.f", ".f", 1)] = Result(
                    round(share, 4), what, "", ".0%"
                )
    return found


def measure(p: Parameters) -> Measured:
    """Run each loader, and do the arithmetic of ranks and stalls."""
    runs = each_seed(p, p.seeds, loaders)
    found = {key: of_seeds([results[key] for results in runs]) for key in runs[0]}
    phased = ("shared", "apart")
    pairs = [(f"shared.{name}", f"apart.{name}") for name in ("s12.f2", "s15.f2", "s20.f2")]
    claims = {
        "shared": Claim(
            "With PyTorch's prefetch and 1.2 to 2 times the supply, stops at times of their own cost {} of the time"
            " more than a stop that all workers share, for batches are used in order.",
            round(min(run[shared].value - run[apart].value for run in runs for shared, apart in pairs), 4),
            least=0.05,
            format=".0%",
        ),
        "hidden": Claim(
            "A prefetch of 8 with 1.2 to 2 times the supply hides either: the accelerator computes {} of the time.",
            round(
                min(
                    run[f"{kind}.{name}.f8"].value for run in runs for kind in phased for name in ("s12", "s15", "s20")
                ),
                4,
            ),
            least=0.95,
            format=".0%",
        ),
    }
    for ranks in RANKS:
        stalled = 1 - (1 - p.stall_chance) ** ranks
        found[f"ranks{ranks}.stalled"] = Result(
            round(stalled, 5), f"share of steps with a stall, {ranks} ranks", "", ".1%"
        )
        found[f"ranks{ranks}.used"] = Result(round(1 / (1 + stalled), 5), f"utilization, {ranks} ranks", "", ".1%")
    outstanding = p.workers * 2
    found["outstanding"] = Result(outstanding, "batches outstanding, 8 workers with prefetch 2")
    found["stall_budget"] = Result(
        outstanding * 0.25, "longest batch that does not stall the loop, steps of 0.25 s", "s", ".0f"
    )
    for spare, supply in (("spare20", 1.2), ("spare5", 1.05)):
        steps = outstanding / (supply - 1)
        found[f"{spare}.steps"] = Result(
            round(steps, 3), f"steps to refill the queue, supply {supply:g} × demand", "", ".0f"
        )
        found[f"{spare}.seconds"] = Result(round(steps * 0.25, 3), "the same in seconds, steps of 0.25 s", "s", ".0f")
    found["in_flight"] = Result(round(20_000 * 0.03), "reads in flight for 20,000 reads/s of 0.03 s each")
    images = 8 * 2500
    found["images.rate"] = Result(images, "images a second of 8 accelerators of 2,500 each", "images/s")
    found["images.bytes"] = Result(images * 150 / 1e6, "the same in bytes, 150 kB an image", "GB/s", ".1f")
    found["images.prefixes"] = Result(
        round(images / 5500, 3), "S3's least rate per prefix that single images take", "", ".1f"
    )
    found["images.shards"] = Result(images // 1000, "shards of 1,000 images a second", "objects/s")
    found["images.ranges"] = Result(
        images * 150 // 1000 // 8, "reads a second of those shards in ranges of 8 MB", "GET/s"
    )
    curves = {
        (variation, prefetch): [found[f"s{supply * 10:.0f}.cv{variation * 10:.0f}.f{prefetch}"] for supply in SUPPLY]
        for variation, prefetch in ((0.0, 2), (0.5, 2), (1.0, 2), (2.0, 2), (1.0, 8))
    }
    figure = Figure(
        "Accelerator utilization, by loader headroom",
        """Accelerator utilization against the rate of the loader over that of the accelerator, from 0.8 to 3. With
        batches that do not vary it is full from 1 on. With a variation of 0.5, 1 and 2 and PyTorch's prefetch of 2, it
        reaches 90 percent only near 1.2, 2 and beyond 3. A prefetch of 8 brings the variation of 1 back to 1.2.""",
        ["Supply ÷ demand", *(f"CV {variation:g}, prefetch {prefetch}, %" for variation, prefetch in curves)],
        [
            [supply, *(round(100 * curve[index].value) for curve in curves.values())]
            for index, supply in enumerate(SUPPLY)
        ],
        lambda chart: draw(chart, curves),
        height=300,
    )
    return Measured(found, {"utilization": figure}, claims)


def draw(chart: Chart, curves: dict[tuple[float, int], list[Result]]) -> None:
    """Draw a line for each variation, that of the deeper prefetch dashed, and where 5 to 95 % of the seeds are."""
    from chart import INK, LAMP, QUIET

    colors = {0.0: QUIET, 0.5: INK, 1.0: LAMP, 2.0: INK}
    for (variation, prefetch), curve in curves.items():
        low, high = ([100 * (end or 0) for end in ends] for ends in zip(*((r.low, r.high) for r in curve), strict=True))
        chart.band(SUPPLY, low, high)
        chart.line(SUPPLY, [100 * share.value for share in curve], colors[variation], dashed=prefetch == 8)
    for x, y, text, color in (
        (0.815, 95, "CV 0", QUIET),
        (1.02, 73, "CV 0.5", INK),
        (1.42, 68, "CV 1", LAMP),
        (1.75, 54, "CV 2", INK),
    ):
        chart.label(x, y, text, color=color, xytext=(0, 0))
    chart.label(1.33, 88, "prefetch 8", color=LAMP, xytext=(0, 0))
    chart.axes.set_xscale("log")
    chart.ticks("x", list(SUPPLY))
    chart.ticks("y", [0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    chart.axes.set_xlim(0.8, 3)
    chart.axes.set_ylim(0, 101)
    chart.measures("Accelerator utilization", "loader rate ÷ accelerator rate")
    chart.margins(left=56)
