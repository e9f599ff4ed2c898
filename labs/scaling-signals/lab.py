"""How old a scaling signal is, and what its age costs: one autoscaler, four signals."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, inf
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds, over_seeds

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Scaling signals and their age"
QUESTION = "How much does the age of a scaling signal cost, and can a gate inside the signal hold an autoscaler back?"
ANSWER = """Three minutes old, the backlog keeps work late {backlog.age180.late} of the time, and rate with drain
{rate.age180.late}. If the rate of a worker is believed to be 45 records a second where it is 25, rate with drain is
late {rate.believes45.late} even at one minute. While a store is sick, the manifest without a gate adds
{gate.none.grown} workers, with one that counts pods {gate.pods.grown}, and as printed, with the autoscaler's own count,
{gate.spec.grown}."""
SHOWS = """Queue workers are scaled by the rules of the Kubernetes autoscaler, on four signals: processor use per pod,
the same as one ready-made number, the backlog, and the arrival rate with a term to drain the backlog. The lab measures
how long work waits and how many workers are paid for, as the signal grows older, over loads and start-up times drawn at
random. In a second run the store behind the workers degrades, and the manifest of the note scales them, without its
gate, with one that counts pods, and as it is printed. The rest adds up documented defaults."""
LIMITS = """A fluid model with constructed load: workers are alike, are bound by their processor, and start in the same
time. That the backlog is late before it is old holds for all loads, start-up times and thresholds tried; the order of
the other three does not. Processor use does well here because these workers are bound by it. A pod without a sample
counts as in the code of Kubernetes; its documentation says otherwise. The manifest is modelled, and was not run on a
cluster."""
RERUN = "test"
QUICK = {"seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the first random load")
    seeds: int = parameter(20, "seeds from it on")
    hours: int = parameter(4, "length of a run", "h")
    step: int = parameter(5, "step of the model", "s")
    rate: int = parameter(25, "records that a busy worker does", "1/s")
    target: float = parameter(0.6, "utilization that the autoscaler aims at")
    start: int = parameter(60, "from a decision to a worker that is ready; 30 to 120 where it is random", "s")
    least: int = parameter(40, "fewest workers")
    most: int = parameter(400, "most workers")
    sync: int = parameter(15, "between two decisions", "s")
    tolerance: float = parameter(0.1, "distance from the target that is left alone")
    stabilize: int = parameter(300, "how long a higher answer keeps workers", "s")
    window: int = parameter(30, "over which the signal is averaged", "s")
    queue: int = parameter(500, "backlog for each worker, for the backlog signal")
    drain: int = parameter(300, "time to drain the backlog, for the rate signal", "s")
    believed: int = parameter(25, "records that a busy worker does, as the rate signal believes", "1/s")
    late: int = parameter(30, "wait from which work counts as late", "s")
    ceiling: int = parameter(80, "most workers of the manifest")
    scrape: int = parameter(60, "between two samples that the manifest's queries see", "s")
    grace: int = parameter(300, "how long a worker of the manifest takes to end", "s")


SIGNALS = {
    "cpu_pod": "processor use by pod",
    "cpu_number": "the same as one number",
    "backlog": "backlog",
    "rate": "rate and drain",
}
AGES = (0, 60, 180, 300)
"""Seconds from a sample to the autoscaler."""


@dataclass(frozen=True)
class Load:
    """Records a second: up and down between 500 and 1,500, with a step and a burst."""

    step_from: int = 5400
    step_for: int = 2700
    step: int = 1200
    burst_from: int = 10_800
    burst: int = 1500

    def at(self, now: int) -> float:
        """The arrivals of a second."""
        phase = now % 14_400
        load = 500 + phase / 7.2 if phase < 7200 else 1500 - (phase - 7200) / 7.2
        if self.step_from <= now < self.step_from + self.step_for:
            load += self.step
        if self.burst_from <= now < self.burst_from + 300:
            load += self.burst
        return load


def drawn(p: Parameters) -> tuple[Parameters, Load]:
    """The load of a seed, and its start-up time."""
    chance = random.Random(f"{p.seed} load")
    load = Load(
        step_from=60 * chance.randrange(75, 106),
        step_for=60 * chance.randrange(30, 61),
        step=100 * chance.randrange(6, 19),
        burst_from=60 * chance.randrange(165, 216),
        burst=100 * chance.randrange(8, 23),
    )
    return replace(p, start=5 * chance.randrange(6, 25)), load


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


def run(p: Parameters, load: Load, signal: str, age: int) -> list[Moment]:
    """Let the autoscaler act on a signal of this age, in seconds."""
    ready, backlog = ceil(load.at(0) / (p.rate * p.target)), 0.0
    starting: list[tuple[int, int]] = []
    answers: deque[tuple[int, int]] = deque()
    past: list[Moment] = []
    for now in range(0, p.hours * 3600, p.step):
        while starting and starting[0][0] <= now:
            ready += starting.pop(0)[1]
        can = ready * p.rate * p.step
        served = min(can, backlog + load.at(now) * p.step)
        backlog = max(0.0, backlog + load.at(now) * p.step - served)
        total = ready + sum(count for _at, count in starting)
        past.append(Moment(ready, total, backlog, served / p.step, served / can))
        newest = (now - age) // p.step
        if now % p.sync or newest < 1:
            continue
        seen = past[max(0, newest - p.window // p.step) : newest]
        wanted = min(p.most, max(p.least, answer(p, load, signal, seen, past[newest], ready, total, newest * p.step)))
        answers.append((now, wanted))
        while answers[0][0] <= now - p.stabilize:
            answers.popleft()
        if wanted < total:
            wanted = min(total, max(count for _at, count in answers))
        else:
            wanted = min(wanted, max(2 * total, total + 4))
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


def answer(
    p: Parameters, load: Load, signal: str, seen: list[Moment], then: Moment, ready: int, total: int, at: int
) -> int:
    """The number of workers that a signal asks for."""
    used = sum(moment.used for moment in seen) / len(seen)
    waiting = sum(moment.backlog for moment in seen) / len(seen)
    if signal == "cpu_pod":  # a pod without a sample counts as idle on the way up, and as all of its request down
        sampled = min(ready, then.ready)
        up = used > p.target
        missing = 0.0 if up else 1.0
        ratio = (used * sampled + missing * (total - sampled)) / total / p.target
        return total if (ratio > 1) != up or abs(ratio - 1) <= p.tolerance else ceil(total * ratio)
    if signal == "cpu_number":
        ratio = used / p.target
        return total if abs(ratio - 1) <= p.tolerance else ceil(ready * ratio)
    if signal == "backlog":
        wanted = waiting / p.queue
    else:
        times = range(max(0, at - p.window), at, p.step)
        arrived = sum(map(load.at, times)) / len(times)
        wanted = arrived / (p.believed * p.target) + waiting / (p.believed * p.drain)
    return total if abs(wanted / total - 1) <= p.tolerance else ceil(wanted)


def ideal(p: Parameters, load: Load, now: int) -> float:
    """The workers that the arrivals of this moment need."""
    return load.at(now) / (p.rate * p.target)


def late(p: Parameters, moments: list[Moment]) -> float:
    """The share of time in which new work waits longer than it may."""
    return sum(moment.backlog > p.late * moment.served for moment in moments) / len(moments)


def simulated(p: Parameters) -> dict[str, Result]:
    """The results of the model on the load of a seed."""
    p, load = drawn(p)
    found = {}
    needed = sum(ideal(p, load, now) for now in range(0, p.hours * 3600, p.step))
    found["ideal.peak"] = Result(
        ceil(max(ideal(p, load, now) for now in range(0, p.hours * 3600, p.step))), "most workers that are needed"
    )
    for signal, name in SIGNALS.items():
        for age in AGES:
            moments = run(p, load, signal, age)
            said = f"signal “{name}”, {age} s old"
            found[f"{signal}.age{age}.late"] = Result(
                round(late(p, moments), 4), f"share of time with late work: {said}", "", ".1%"
            )
            cost = sum(moment.total for moment in moments) / needed
            found[f"{signal}.age{age}.cost"] = Result(
                round(cost, 4), f"workers paid for, over those needed: {said}", "", ".2f"
            )
            found[f"{signal}.age{age}.peak"] = Result(max(moment.total for moment in moments), f"most workers: {said}")
    for believed in BELIEVED:
        moments = run(replace(p, believed=believed), load, "rate", 60)
        what = f"share of time with late work: rate and drain, 60 s old, a worker believed to do {believed} records/s"
        found[f"rate.believes{believed}.late"] = Result(round(late(p, moments), 4), what, "", ".1%")
    return found


BELIEVED = (35, 45)
"""Rates of a worker that the rate signal believes, where it does fewer records a second."""
THRESHOLDS = (10, 50, 100, 250, 500, 1000)
"""Records for each worker, for the backlog signal."""


def backlog_behind(p: Parameters) -> float:
    """How much more of the time the best threshold of the backlog keeps work late than the worst of the others.

    The least of all ages and start-up times, on the load of the first figure.
    """
    least = inf
    for one in (replace(p, start=start) for start in (30, 60, 120)):
        for age in AGES:
            best = min(late(one, run(replace(one, queue=queue), Load(), "backlog", age)) for queue in THRESHOLDS)
            others = [late(one, run(one, Load(), signal, age)) for signal in SIGNALS if signal != "backlog"]
            least = min(least, best - max(others))
    return least


# The manifest

GATES = {"none": "without a gate", "pods": "with a gate that counts pods", "spec": "as printed"}
SICK = (1680, 4080)
"""From when to when the store is sick, in seconds; at the same time more work arrives."""


def offered(now: int, sick_from: int) -> float:
    """Records a second: a need of 60 workers for 20 minutes, of 40, and of 58 from when the store is sick."""
    return 900 if now < 1200 else 600 if now < sick_from else 870


def takes(now: int, workers: int, sick_from: int) -> float:
    """What the store takes: 2,000 a second; while it is sick 600, and less for each worker beyond 40."""
    return 600 / (1 + 0.01 * max(0, workers - 40)) if sick_from <= now < sick_from + SICK[1] - SICK[0] else 2000


@dataclass(frozen=True)
class Sample:
    """What a scrape of Prometheus sees."""

    arrived: float
    """Records since the start."""
    backlog: float
    busy: float
    spec: int


def scaled(p: Parameters, gate: str) -> dict[str, float]:
    """What the manifest decides: scrapes and syncs fall at random, and the store is sick within a minute.

    Recommendations are stabilized and limited as in the HPA's code: the least of 60 s on the way up, at most twice the
    workers a minute; the most of 300 s on the way down, at most a tenth fewer a minute.
    """
    chance = random.Random(f"{p.seed} manifest")
    scrape, sync = p.step * chance.randrange(p.scrape // p.step), p.step * chance.randrange(p.sync // p.step)
    sick_from = SICK[0] + 10 * chance.randrange(7)
    spec = ready = 60
    starting, ending = list[tuple[int, int]](), list[tuple[int, int]]()
    said, changes, samples = list[tuple[int, int]](), list[tuple[int, int]](), list[Sample]()
    arrived = backlog = done = 0.0
    grown = peak = 0
    for now in range(0, SICK[1], p.step):
        ready += sum(count for at, count in starting if at <= now)
        starting = [(at, count) for at, count in starting if at > now]
        ending = [(at, count) for at, count in ending if at > now]
        is_sick, able = now >= sick_from, takes(now, ready, sick_from) * p.step
        arrived += offered(now, sick_from) * p.step
        served = min(ready * p.rate * p.step, able, backlog + offered(now, sick_from) * p.step)
        backlog = max(0.0, backlog + offered(now, sick_from) * p.step - served)
        done += served if is_sick else 0
        peak = max(peak, ready) if is_sick else peak
        if (now - scrape) % p.scrape == 0:
            samples.append(Sample(arrived, backlog, served / able, spec))
        if (now - sync) % p.sync or len(samples) < 2:
            continue
        before, newest = samples[-2:]
        need = (newest.arrived - before.arrived) / p.scrape / (p.rate * p.target) + newest.backlog / (p.rate * p.drain)
        pods = ready + sum(count for _at, count in (*starting, *ending))
        have = {"none": inf, "pods": pods, "spec": newest.spec}[gate]
        value = min(need, have) if newest.busy > 0.8 else need
        wanted = spec if abs(value / spec - 1) <= p.tolerance else ceil(value - 1e-9)
        said.append((now, wanted))
        up = min(count for at, count in said if at > now - 60)
        down = max(count for at, count in said if at > now - p.stabilize)
        wanted = min(p.ceiling, max(p.least, min(max(spec, up), down)))
        minute = sum(change for at, change in changes if at > now - 60)
        if wanted > spec:
            wanted = min(wanted, 2 * (spec - max(0, minute)))
        elif wanted < spec:
            wanted = max(wanted, int(0.9 * (spec - min(0, minute))))
        if wanted == spec:
            continue
        changes.append((now, wanted - spec))
        if wanted > spec:
            starting.append((now + p.start, wanted - spec))
            grown += wanted - spec if newest.busy > 0.8 and is_sick else 0
        else:
            cut = min(ready, spec - wanted)
            ready -= cut
            ending.append((now + p.grace, cut))
        spec = wanted
    return {"grown": grown, "served": done / (SICK[1] - sick_from), "peak": peak}


def gated(p: Parameters) -> dict[str, Result]:
    """What each gate does while the store is sick, with one seed."""
    found = {}
    for gate, said in GATES.items():
        made = scaled(p, gate)
        what = f"while the store is sick, {said}"
        found[f"gate.{gate}.grown"] = Result(int(made["grown"]), f"workers added by what shows the store busy, {said}")
        found[f"gate.{gate}.served"] = Result(round(made["served"], 1), f"records served {what}", "1/s", ",.0f")
        found[f"gate.{gate}.peak"] = Result(int(made["peak"]), f"most workers {what}")
    return found


def added_up() -> dict[str, Result]:
    """Sums of documented defaults and of the note's examples, in seconds unless they say otherwise."""
    scrape, sync, probe, timeout = 60, 15, 10, 1
    worst = scrape + sync + probe
    start = 60
    failures = next(count for count in range(1, 100) if (count - 1) * probe + timeout > 180)

    seconds = partial(Result, unit="s")
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
    """Run the autoscaler on each signal, with each gate, and add up the defaults."""
    gates = each_seed(p, p.seeds, gated)
    found = {**added_up(), **over_seeds(p, p.seeds, simulated)}
    found |= {key: of_seeds([results[key] for results in gates]) for key in gates[0]}
    found["loads"] = Result(p.seeds, "loads, drawn at random")
    load = Load()
    minutes = list(range(80, 150, 1))[: 60 * p.hours]
    runs = {signal: run(p, load, signal, 60) for signal in ("backlog", "rate")}
    rows = [
        [
            minute,
            round(ideal(p, load, 60 * minute)),
            *(moments[60 * minute // p.step].total for moments in runs.values()),
        ]
        for minute in minutes
        if 60 * minute // p.step < len(runs["rate"])
    ]
    ages = {signal: [found[f"{signal}.age{age}.late"] for age in AGES] for signal in SIGNALS}
    claims = {
        "backlog.worst": Claim(
            "At every age, with start-ups from 30 to 120 s and its best threshold from 10 to 1,000, the backlog keeps"
            " work late for {} of the time more than the worst of the other signals.",
            round(backlog_behind(p), 4),
            least=0.01,
            format=".0%",
        ),
        "gate.spec": Claim(
            "As printed, the manifest adds {} workers while it sees the store busy.",
            max(results["gate.spec.grown"].value for results in gates),
            most=0,
        ),
        "gate.pods": Claim(
            "With a gate that counts pods it adds {} workers.",
            min(results["gate.pods.grown"].value for results in gates),
            least=1,
        ),
    }
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
                seconds: the median of random loads, with a band for the backlog and for rate and drain in which nine of
                ten lie. The backlog signal is late even with no age. The other three begin near zero and grow with
                age.""",
                ["Age, s", *(f"{name}, %{part}" for name in SIGNALS.values() for part in ("", ", 5%", ", 95%"))],
                [
                    [age, *(round(100 * share, 2) for line in ages.values() for share in shown(line[at]))]
                    for at, age in enumerate(AGES)
                ],
                lambda chart: draw_late(chart, ages),
            ),
        },
        claims,
    )


def shown(result: Result) -> tuple[float, float, float]:
    """A result, and the ends of its range."""
    low, high = result.low, result.high
    return result.value, result.value if low is None else low, result.value if high is None else high


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


def draw_late(chart: Chart, ages: dict[str, list[Result]]) -> None:
    """Draw a line for each signal, and the range of two."""
    from chart import INK, LAMP, QUIET

    names = {"cpu_pod": "CPU by pod", "cpu_number": "CPU, one number", "backlog": "backlog", "rate": "rate"}
    lift = {"cpu_pod": 10, "cpu_number": -8, "rate": -6}
    colors = {"cpu_pod": INK, "cpu_number": INK, "backlog": QUIET, "rate": LAMP}
    for signal, line in ages.items():
        values, low, high = ([100 * number for number in numbers] for numbers in zip(*map(shown, line), strict=True))
        if signal in {"backlog", "rate"}:
            chart.band(AGES, low, high)
        chart.line(AGES, values, colors[signal], dashed=signal == "cpu_number")
        chart.label(AGES[-1], values[-1], names[signal], color=colors[signal], xytext=(6, lift.get(signal, 0)))
    chart.ticks("x", AGES)
    chart.ticks("y", [0, 10, 20, 30], ["0%", "10%", "20%", "30%"])
    chart.axes.set_xlim(0, 300)
    chart.axes.set_ylim(0, None)
    chart.measures("Share of time with work late", "age of the signal, s")
    chart.margins(right=140)
