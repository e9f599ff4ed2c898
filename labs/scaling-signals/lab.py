"""How old a scaling signal is, and what its age costs: one autoscaler, four signals."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Scaling signals and their age"
SHOWS = """Queue workers are scaled by the documented rules of the Kubernetes autoscaler, on four signals: processor use
per pod, the same as one ready-made number, the backlog, and the arrival rate with a term to drain the backlog. The lab
measures how long work waits and how many workers are paid for, as the signal grows older. In a second run the store
behind the workers degrades, with and without a gate. The rest adds up documented defaults."""
LIMITS = """A fluid model with constructed load: workers are alike, are bound by their processor, and start in the same
time. The measured order of the signals holds for this load; the shares do not carry over. Processor use does well here
because these workers are bound by it, and stays calm while the store is sick only because waiting takes no
processor."""
RERUN = "test"
QUICK = {"hours": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    hours: int = parameter(4, "length of a run", "h")
    step: int = parameter(5, "step of the model", "s")
    rate: int = parameter(25, "records that a busy worker does", "1/s")
    target: float = parameter(0.6, "utilization that the autoscaler aims at")
    start: int = parameter(60, "from a decision to a worker that is ready", "s")
    least: int = parameter(40, "fewest workers")
    most: int = parameter(400, "most workers")
    sync: int = parameter(15, "between two decisions", "s")
    tolerance: float = parameter(0.1, "distance from the target that is left alone")
    stabilize: int = parameter(300, "how long a higher answer keeps workers", "s")
    window: int = parameter(30, "over which the signal is averaged", "s")
    queue: int = parameter(500, "backlog for each worker, for the backlog signal")
    drain: int = parameter(300, "time to drain the backlog, for the rate signal", "s")
    late: int = parameter(30, "wait from which work counts as late", "s")


SIGNALS = {
    "cpu_pod": "processor use by pod",
    "cpu_number": "the same as one number",
    "backlog": "backlog",
    "rate": "rate and drain",
}
AGES = (0, 60, 180, 300)
"""Seconds from a sample to the autoscaler."""
SICK = (3600, 6000)
"""From when to when the store is degraded, in seconds."""


def arrivals(now: int) -> float:
    """Records a second: up and down between 500 and 1,500, a step of 45 minutes, a burst of five."""
    phase = now % 14_400
    load = 500 + phase / 7.2 if phase < 7200 else 1500 - (phase - 7200) / 7.2
    if 5400 <= now < 8100:
        load += 1200
    if 10_800 <= now < 11_100:
        load += 1500
    return load


def store(now: int, workers: int, *, sick: bool) -> float:
    """What the store takes: while it is sick 1,200 a second, and less for each worker beyond 80."""
    if sick and SICK[0] <= now < SICK[1]:
        return 1200 / (1 + 0.005 * max(0, workers - 80))
    return inf


@dataclass(frozen=True)
class Moment:
    """One step of a run."""

    ready: int
    total: int
    """Ready workers and those that are starting."""
    backlog: float
    served: float
    used: float
    """Share of their time that ready workers work."""
    full: bool
    """Whether the store is at its limit."""


def run(p: Parameters, signal: str, age: int, *, sick: bool = False, gate: bool = False) -> list[Moment]:
    """Let the autoscaler act on a signal of this age, in seconds."""
    ready, backlog = ceil(arrivals(0) / (p.rate * p.target)), 0.0
    starting: list[tuple[int, int]] = []
    answers: deque[tuple[int, int]] = deque()
    past: list[Moment] = []
    for now in range(0, p.hours * 3600, p.step):
        while starting and starting[0][0] <= now:
            ready += starting.pop(0)[1]
        can, takes = ready * p.rate * p.step, store(now, ready, sick=sick) * p.step
        served = min(can, takes, backlog + arrivals(now) * p.step)
        backlog = max(0.0, backlog + arrivals(now) * p.step - served)
        total = ready + sum(count for _at, count in starting)
        past.append(Moment(ready, total, backlog, served / p.step, served / can, served >= 0.98 * takes))
        newest = (now - age) // p.step
        if now % p.sync or newest < 1:
            continue
        seen = past[max(0, newest - p.window // p.step) : newest]
        wanted = min(p.most, max(p.least, answer(p, signal, seen, past[newest], ready, total, newest * p.step)))
        answers.append((now, wanted))
        while answers[0][0] <= now - p.stabilize:
            answers.popleft()
        if wanted < total:
            wanted = min(total, max(count for _at, count in answers))
        else:
            wanted = min(wanted, max(2 * total, total + 4))
        if gate and sum(moment.full for moment in seen) * 2 > len(seen):
            wanted = min(wanted, total)
        if wanted > total:
            starting.append((now + p.start, wanted - total))
        while wanted < total:
            cut = min(total - wanted, starting[-1][1] if starting else total)
            total -= cut
            if starting:
                at, count = starting.pop()
                if count > cut:
                    starting.append((at, count - cut))
            else:
                ready -= cut
    return past


def answer(p: Parameters, signal: str, seen: list[Moment], then: Moment, ready: int, total: int, at: int) -> int:
    """The number of workers that a signal asks for."""
    used = sum(moment.used for moment in seen) / len(seen)
    waiting = sum(moment.backlog for moment in seen) / len(seen)
    if signal == "cpu_pod":  # a pod without a sample counts as idle on the way up, and as on target on the way down
        sampled = min(ready, then.ready)
        up = used > p.target
        missing = 0.0 if up else p.target
        ratio = (used * sampled + missing * (total - sampled)) / total / p.target
        return total if (ratio > 1) != up or abs(ratio - 1) <= p.tolerance else ceil(total * ratio)
    if signal == "cpu_number":
        ratio = used / p.target
        return total if abs(ratio - 1) <= p.tolerance else ceil(ready * ratio)
    if signal == "backlog":
        wanted = waiting / p.queue
    else:
        times = range(max(0, at - p.window), at, p.step)
        load = sum(map(arrivals, times)) / len(times)
        wanted = load / (p.rate * p.target) + waiting / (p.rate * p.drain)
    return total if abs(wanted / total - 1) <= p.tolerance else ceil(wanted)


def ideal(p: Parameters, now: int) -> float:
    """The workers that the arrivals of this moment need."""
    return arrivals(now) / (p.rate * p.target)


def late(p: Parameters, moments: list[Moment]) -> float:
    """The share of time in which new work waits longer than it may."""
    return sum(moment.backlog > p.late * moment.served for moment in moments) / len(moments)


def simulated(p: Parameters) -> dict[str, Result]:
    """The results of the model."""
    found = {}
    needed = sum(ideal(p, now) for now in range(0, p.hours * 3600, p.step))
    found["ideal.peak"] = Result(
        ceil(max(ideal(p, now) for now in range(0, p.hours * 3600, p.step))), "most workers that are needed"
    )
    for signal, name in SIGNALS.items():
        for age in AGES:
            moments = run(p, signal, age)
            said = f"signal “{name}”, {age} s old"
            found[f"{signal}.age{age}.late"] = Result(
                round(late(p, moments), 4), f"share of time with late work: {said}", "", ".1%"
            )
            cost = sum(moment.total for moment in moments) / needed
            found[f"{signal}.age{age}.cost"] = Result(
                round(cost, 4), f"workers paid for, over those needed: {said}", "", ".2f"
            )
            found[f"{signal}.age{age}.peak"] = Result(max(moment.total for moment in moments), f"most workers: {said}")
    first, last = (second // p.step for second in SICK)
    for signal in ("backlog", "rate"):
        for gate in (False, True):
            moments = run(p, signal, 60, sick=True, gate=gate)[first:last]
            name = f"sick.{signal}.{'gated' if gate else 'free'}"
            said = f"while the store is sick, signal “{SIGNALS[signal]}” {'with' if gate else 'without'} a gate"
            found[f"{name}.served"] = Result(
                round(sum(moment.served for moment in moments) / max(1, len(moments)), 1),
                f"records served, {said}",
                "1/s",
                ",.0f",
            )
            found[f"{name}.peak"] = Result(
                max((moment.total for moment in moments), default=0), f"most workers, {said}"
            )
    return found


def added_up() -> dict[str, Result]:
    """Sums of documented defaults and of the note's examples, in seconds unless they say otherwise."""
    scrape, sync, probe, timeout = 60, 15, 10, 1
    worst = scrape + sync + probe
    start = 60
    failures = next(count for count in range(1, 100) if (count - 1) * probe + timeout > 180)

    def seconds(value: float, what: str) -> Result:
        return Result(value, what, "s")

    return {
        "restart.first": seconds(2 * probe + timeout, "soonest restart after a probe starts to time out"),
        "restart.last": seconds(3 * probe + timeout, "latest restart after it"),
        "budget": seconds(worst, "sum of the defaults, each at its worst"),
        "budget.second": seconds(worst + scrape + sync, "until the effect of a decision has been seen"),
        "decided.seen": seconds(start + probe + scrape + sync, "from a decision to the first sight of its effect"),
        "decided.between": Result((start + probe + scrape + sync) // sync, "more decisions in between, of a 15 s loop"),
        "window.quarter": seconds(120 // 4, "until a two-minute rate shows a quarter of a step in load"),
        "window.whole": seconds(120, "until it shows all of it"),
        "window.served": seconds(120 + sync + start + probe, "until the whole answer serves"),
        "probe.failures": Result(failures, "failureThreshold for a budget of 180 s"),
        "probe.earliest": seconds((failures - 1) * probe + timeout, "earliest restart with it"),
        "backlog.queue": Result(40 * 500, "records that must wait to hold 40 workers"),
        "backlog.wait": seconds(40 * 500 // 1000, "how long they wait at 1,000 records a second"),
        "backlog.default": Result(1000 // 10, "workers that KEDA's default asks for, for a second of those arrivals"),
        "value.average": Result(20 // 5, "replicas by AverageValue"),
        "value.first": Result(3 * 20 // 5, "replicas by Value"),
        "value.second": Result(3 * 20 // 5 * 20 // 5, "replicas by Value, when the reading is still the old one"),
        "need": Result(ceil(1125 / (25 * 0.6) + 7500 / (25 * 300)), "workers by rate and drain, in the example"),
        "tolerated.least": Result(ceil(40 * 0.9), "fewest workers that change nothing at 40"),
        "tolerated.most": Result(int(40 * 1.1), "most workers that change nothing at 40"),
        "ceiling": Result(2000 // 25, "workers that the store of the example can absorb"),
        "evidence.age": seconds(15 * 60 + 30 - (14 * 60 + 41), "from 10:14:41 to 10:15:30, in the example record"),
    }


def measure(p: Parameters) -> Measured:
    """Run the autoscaler on each signal, and add up the defaults."""
    found = {**added_up(), **simulated(p)}
    minutes = list(range(80, 150, 1))[: 60 * p.hours]
    runs = {signal: run(p, signal, 60) for signal in ("backlog", "rate")}
    rows = [
        [minute, round(ideal(p, 60 * minute)), *(moments[60 * minute // p.step].total for moments in runs.values())]
        for minute in minutes
        if 60 * minute // p.step < len(runs["rate"])
    ]
    ages = {signal: [100 * found[f"{signal}.age{age}.late"].value for age in AGES] for signal in SIGNALS}
    return Measured(
        found,
        {
            "workers": Figure(
                "Workers on two signals, both a minute old",
                """Workers over 70 minutes, in which the need steps up by 80 and back after 45 minutes. On rate and
                drain, the number of workers follows the need with a short overshoot. On the backlog it swings between
                the fewest, 40, and several hundred, again and again.""",
                ["Minute", "Needed", "Backlog", "Rate and drain"],
                rows,
                lambda chart: draw_workers(chart, rows),
                height=290,
            ),
            "late-by-age": Figure(
                "Share of time with late work, by age of the signal",
                """Share of time in which work waits longer than 30 seconds, against the age of the signal from 0 to 300
                seconds. The backlog signal is late even with no age, and gets worse. The other three begin at or near
                zero and grow with age.""",
                ["Age, s", *(f"{name}, %" for name in SIGNALS.values())],
                [[age, *(round(line[index], 2) for line in ages.values())] for index, age in enumerate(AGES)],
                lambda chart: draw_late(chart, ages),
            ),
        },
    )


def draw_workers(chart: Chart, rows: list[list[int]]) -> None:
    """Draw the need and the two runs."""
    from chart import INK, LAMP, QUIET

    minutes, needed, backlog, rate = (list(column) for column in zip(*rows, strict=True))
    chart.line(minutes, needed, QUIET, dashed=True, drawstyle="steps-post")
    chart.line(minutes, backlog, INK, drawstyle="steps-post")
    chart.line(minutes, rate, LAMP, drawstyle="steps-post")
    chart.axes.set_xlim(min(minutes), max(minutes))
    chart.axes.set_ylim(0, 470)
    chart.ticks("x", [80, 95, 110, 125, 140])
    chart.ticks("y", [0, 100, 200, 300, 400])
    chart.measures("Workers", "minute of the run")
    chart.label(81, 440, "on the backlog", color=INK, xytext=(0, 0))
    chart.label(104, 215, "on rate and drain", color=LAMP, xytext=(0, 0))
    chart.label(80.5, 180, "needed", color=QUIET, xytext=(0, 0))


def draw_late(chart: Chart, ages: dict[str, list[float]]) -> None:
    """Draw a line for each signal."""
    from chart import INK, LAMP, QUIET

    names = {"cpu_pod": "CPU by pod", "cpu_number": "CPU, one number", "backlog": "backlog", "rate": "rate"}
    lift = {"cpu_pod": 10, "cpu_number": -8, "rate": -6}
    colors = {"cpu_pod": INK, "cpu_number": INK, "backlog": QUIET, "rate": LAMP}
    for signal, line in ages.items():
        chart.line(AGES, line, colors[signal], dashed=signal == "cpu_number")
        chart.label(AGES[-1], line[-1], names[signal], color=colors[signal], xytext=(6, lift.get(signal, 0)))
    chart.ticks("x", AGES)
    chart.ticks("y", [0, 10, 20], ["0%", "10%", "20%"])
    chart.axes.set_xlim(0, 300)
    chart.axes.set_ylim(0, None)
    chart.measures("Share of time with work late", "age of the signal, s")
    chart.margins(right=140)
