"""What a watermark drops, what it makes wait, and what a silent partition or a wrong clock does to it."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log
from operator import itemgetter
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Late events, watermarks, and what is dropped"
SHOWS = """A stream of events with three kinds of delay is counted in windows of a minute. The lab moves the watermark's
delay and the allowed lateness, and counts what is dropped, how long a result waits and how many windows stay open.
Then one partition falls silent for three reasons, with and without an idle timeout, and one event claims to be an hour
ahead."""
LIMITS = """The stream and its delays are constructed: the shape of the tail decides every share, so take your own. A
result is out as soon as its window fires.
The silences are clean: one partition, one cause, twenty minutes."""
RERUN = "test"
QUICK = {"rate": 20}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(3, "seed of the random events and delays")
    rate: int = parameter(60, "events a second")
    partitions: int = parameter(3, "partitions, each event in one at random")
    interval: float = parameter(0.2, "time between two steps of the watermark", "s")
    window: int = parameter(60, "length of a window", "s")
    scored: int = parameter(3600, "seconds of windows that are scored", "s")
    network: float = parameter(0.92, "share of events with network delay alone")
    network_median: float = parameter(0.8, "median of that delay, which is log-normal with sigma 0.8", "s")
    retried: float = parameter(0.07, "share of events that are sent again")
    retry_wait: int = parameter(20, "shortest delay of these", "s")
    retry_mean: int = parameter(60, "mean of the exponential delay beyond it", "s")
    offline_from: int = parameter(300, "shortest delay of the rest, from devices that were offline", "s")
    offline_alpha: float = parameter(1.1, "shape of its Pareto tail")
    offline_cap: int = parameter(21_600, "longest delay of these", "s")
    silent_from: int = parameter(1800, "when the last partition falls silent", "s")
    silent_for: int = parameter(1200, "for how long", "s")
    silent_delay: int = parameter(30, "watermark delay in those runs", "s")
    drain: int = parameter(50, "how many times its usual rate a partition that was held back is drained at")
    ahead: int = parameter(3600, "how far ahead the wrong clock is", "s")
    stays: float = parameter(0.001, "share of events from clocks that stay ahead, in two runs")
    clock_delay: int = parameter(60, "watermark delay in those runs, and the tolerance of the clamp", "s")


class Event(NamedTuple):
    """An event: when it happened, when it arrived, and in which partition."""

    time: float
    arrival: float
    partition: int


DELAYS = (0, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
LATENESS = (0, 60, 300, 1800, 3600)
EARLY = 5
"""The watermark delay of an early result, in seconds."""
TIMEOUTS = (None, 60, 300)


def stream(p: Parameters) -> list[Event]:
    """The events in the order of their arrival; there are enough after the scored ones to close every window."""
    chance = random.Random(p.seed)
    until = p.scored + DELAYS[-1] + 2 * p.window
    events, now = [], 0.0
    while (now := now + chance.expovariate(p.rate)) < until:
        kind = chance.random()
        if kind < p.network:
            delay = exp(log(p.network_median) + 0.8 * chance.gauss(0, 1))
        elif kind < p.network + p.retried:
            delay = p.retry_wait + chance.expovariate(1 / p.retry_mean)
        else:
            delay = min(p.offline_from * chance.paretovariate(p.offline_alpha), p.offline_cap)
        events.append(Event(now, now + delay, chance.randrange(p.partitions)))
    return sorted(events, key=itemgetter(1))


def watermarks(
    p: Parameters, events: Sequence[Event], timeout: float | None = None, *, apart: bool = True
) -> list[float]:
    """The watermark that each event meets, for a delay of nothing: the least of the partitions' newest times.

    A partition from which nothing came for ``timeout`` seconds is left out. Where the partitions are not told apart, it
    is the newest time of all. It moves at intervals, and never goes back.
    """
    newest, heard = [-inf] * p.partitions, [0.0] * p.partitions
    met, mark, step = [], -inf, 0.0
    for time, arrival, partition in events:
        if arrival >= step:
            awake = [newest[i] for i in range(p.partitions) if timeout is None or step - heard[i] <= timeout]
            mark = max(mark, (min(awake, default=mark) if apart else max(newest)))
            step = (arrival // p.interval + 1) * p.interval
        met.append(mark)
        heard[partition] = arrival
        if time > newest[partition]:
            newest[partition] = time
    return met


def end(p: Parameters, event: Event) -> float:
    """The end of the event's window."""
    return (event.time // p.window + 1) * p.window


def waits(p: Parameters, events: Sequence[Event], met: Sequence[float], delay: float) -> list[float]:
    """How long after its end each scored window fires."""
    ends = range(p.window, p.scored + 1, p.window)
    return [events[bisect_left(met, stop + delay)].arrival - stop for stop in ends]


# The delay of the watermark, and allowed lateness


def sweep(p: Parameters, events: Sequence[Event]) -> tuple[dict[str, Result], Figure]:
    """What each delay drops and makes wait; then an early result that is corrected."""
    met = watermarks(p, events)
    scored = [(mark - end(p, event)) for event, mark in zip(events, met, strict=True) if event.time < p.scored]
    scored.sort()  # an event is late if the watermark that it meets is this far, or less, beyond its window's end

    def late(bound: float) -> int:
        return len(scored) - bisect_left(scored, bound)

    delays = [event.arrival - event.time for event in events]
    found = {"events": Result(len(scored), "events that are scored")}
    cuts = quantiles(delays, n=1000, method="inclusive")
    for name, index, digits in (("p50", 499, ".1f"), ("p90", 899, ".1f"), ("p99", 989, ",.0f"), ("p999", 998, ",.0f")):
        found[f"delay.{name}"] = Result(round(cuts[index], 3), f"delay of events, {name}", "s", digits)
    past = sorted(event.arrival - end(p, event) for event in events if event.time < p.scored)
    rows, points = [], []
    for bound in DELAYS:
        dropped, wait = late(bound) / len(scored), median(waits(p, events, met, bound))
        opened = (wait + p.window) / p.window
        said = f"watermark delay of {bound} s"
        shown = ".2%" if dropped > 0.001 else ".3%"
        found[f"b{bound}.dropped"] = Result(round(dropped, 6), f"share of events dropped, {said}", "", shown)
        found[f"b{bound}.wait"] = Result(
            round(wait, 3), f"median wait for a result, {said}", "s", ".1f" if wait < 10 else ",.0f"
        )
        found[f"b{bound}.open"] = Result(
            round(opened, 3), f"windows open at a time, {said}", "", ".1f" if opened < 10 else ".0f"
        )
        estimate = (len(past) - bisect_right(past, bound)) / len(past)
        found[f"b{bound}.estimate"] = Result(
            round(estimate, 6), f"share that arrives more than {bound} s after its window's end", "", shown
        )
        rows.append([bound, round(100 * dropped, 3), round(wait, 1), round(opened, 1)])
        points.append((wait, 100 * dropped))
    first = late(EARLY) / len(scored)
    for lateness in LATENESS:
        said = f"early result at {EARLY} s, allowed lateness {lateness} s"
        lost = late(EARLY + lateness)
        refired = (late(EARLY) - lost) / (p.scored / p.window)
        share = lost / len(scored)
        found[f"l{lateness}.lost"] = Result(
            round(share, 6), f"share lost for good, {said}", "", ".2%" if share > 0.001 else ".3%"
        )
        found[f"l{lateness}.refired"] = Result(round(refired, 1), f"late events in each window, {said}", "", ",.0f")
        opened = (median(waits(p, events, met, EARLY)) + p.window + lateness) / p.window
        found[f"l{lateness}.open"] = Result(
            round(opened, 3), f"windows open at a time, {said}", "", ".1f" if opened < 10 else ".0f"
        )
    found["early.missing"] = Result(round(first, 6), "share that the early result misses", "", ".2%")
    found["window.events"] = Result(round(len(scored) * p.window / p.scored), "events in a window, on average")
    for shorter, longer in pairwise((0, 5, 120, 300, 600, 1200, 1800, 3600)):
        gained = 100 * (late(shorter) - late(longer)) / len(scored)
        found[f"b{longer}.gained"] = Result(
            round(gained, 4), f"points fewer dropped at {longer} s than at {shorter} s", "points", ".2f"
        )
    figure = Figure(
        "Events dropped against the wait for a result",
        f"""Share of events dropped against the median wait for a result, one point for each watermark delay from 0 to
        an hour, on logarithmic scales. From a wait of half a second to ten seconds the share falls only from
        {100 * late(0) / len(scored):.1f} to {100 * late(10) / len(scored):.1f} percent. It bends between half a minute
        and two minutes, and from there on falls in a straight line: each halving takes about twice as long a wait as
        the one before.""",
        ["Watermark delay, s", "Dropped, %", "Median wait, s", "Windows open"],
        rows,
        lambda chart: frontier(chart, points),
        height=300,
    )
    return found, figure


def frontier(chart: Chart, points: Sequence[tuple[float, float]]) -> None:
    """Draw the share dropped against the wait."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    chart.line([x for x, _y in points], [y for _x, y in points], LAMP)
    for bound, text, place in (
        (0, "B = 0", {"side": "below", "ha": "left", "xytext": (-2, -10)}),
        (60, "B = 1 min", {"xytext": (8, 4)}),
        (300, "B = 5 min", {"xytext": (8, 4)}),
        (3600, "B = 1 h", {"side": "left", "xytext": (-10, -2)}),
    ):
        chart.label(*points[DELAYS.index(bound)], text, color=INK, **place)
    chart.ticks("x", [1, 10, 60, 600, 3600], ["1 s", "10 s", "1 min", "10 min", "1 h"])
    chart.ticks("y", [0.1, 1, 10], ["0.1%", "1%", "10%"])
    chart.axes.set_xlim(0.4, 4600)
    chart.axes.set_ylim(0.04, 10)
    chart.measures("Events dropped", "median wait for a result")


# A partition falls silent

CAUSES = {
    "nothing": "nothing happens there",
    "stragglers": "only late events still come",
    "held": "its events are held back",
}


def silence(p: Parameters, events: Sequence[Event], cause: str) -> tuple[list[Event], list[bool]]:
    """The stream with a silence of the last partition, and which events were held back in it."""
    last, start, stop = p.partitions - 1, p.silent_from, p.silent_from + p.silent_for
    if cause == "held":
        step = p.partitions / (p.drain * p.rate)
        made, waiting = [], 0
        for event in events:
            if event.partition == last and event.arrival >= start:
                arrival = max(event.arrival, stop + waiting * step)
                waiting += 1
                made.append((event._replace(arrival=arrival), event.arrival < stop))
            else:
                made.append((event, False))
        made.sort(key=lambda pair: pair[0].arrival)
        return [event for event, _held in made], [held for _event, held in made]

    def absent(event: Event) -> bool:
        quiet = start <= event.time < stop
        return event.partition == last and (quiet or (cause == "nothing" and start <= event.arrival < stop))

    kept = [event for event in events if not absent(event)]
    return kept, [False] * len(kept)


def silences(p: Parameters, events: Sequence[Event]) -> dict[str, Result]:
    """The longest wait for a result and what is dropped, for each cause and idle timeout."""
    found = {}
    events = [event for event in events if event.time < p.scored + 600]  # enough to close the scored windows
    for cause, what in CAUSES.items():
        made, held = silence(p, events, cause)
        for timeout in TIMEOUTS:
            met = watermarks(p, made, timeout)
            limits = zip(made, met, held, strict=True)
            late = [
                was_held
                for event, mark, was_held in limits
                if event.time < p.scored and mark - p.silent_delay >= end(p, event)
            ]
            name = f"{cause}.{'off' if timeout is None else timeout}"
            said = f"{what}, idle timeout {'off' if timeout is None else f'{timeout} s'}"
            wait = max(waits(p, made, met, p.silent_delay))
            found[f"{name}.wait"] = Result(round(wait, 2), f"longest wait for a result: {said}", "s", ",.0f")
            found[f"{name}.dropped"] = Result(len(late), f"events dropped: {said}")
            if cause == "held":
                share = sum(late) / sum(
                    was_held for event, was_held in zip(made, held, strict=True) if event.time < p.scored
                )
                found[f"{name}.share"] = Result(
                    round(share, 5), f"share of the events held back that is dropped: {said}", "", ".1%"
                )
        if cause == "held":
            found["held.events"] = Result(sum(held), "events held back in the silence")
    return found


# One wrong clock


def clocks(p: Parameters, events: Sequence[Event]) -> dict[str, Result]:
    """What is dropped in the hour after one event that claims to be an hour ahead, or if a share of all claims it."""
    at = float(p.silent_from)
    events = [event for event in events if event.arrival < at + p.ahead]
    wrong = Event(at + p.ahead, at, 0)
    index = bisect_left([event.arrival for event in events], at)
    fooled = [*events[:index], wrong, *events[index:]]
    clamped = [Event(min(time, arrival + p.clock_delay), arrival, partition) for time, arrival, partition in fooled]
    chance = random.Random(f"{p.seed} clocks")
    stays = [
        event._replace(time=event.arrival + p.clock_delay) if chance.random() < p.stays else event for event in events
    ]
    share = f"a share of {p.stays:.1%} of events clamped to a minute ahead"
    found = {}
    for name, made, apart, delay, what in (
        ("least", fooled, True, p.clock_delay, "least of the partitions"),
        ("global", fooled, False, p.clock_delay, "one maximum over all partitions"),
        ("clamped", clamped, False, p.clock_delay, "one maximum, event time clamped to arrival and a minute"),
        ("sound", list(events), False, p.clock_delay, "one maximum, no wrong clock"),
        ("stays", stays, False, p.clock_delay, f"one maximum, {share}"),
        ("added", stays, False, 2 * p.clock_delay, f"one maximum, the tolerance added to the delay, {share}"),
    ):
        met = watermarks(p, made, apart=apart)
        hour = [(event, mark) for event, mark in zip(made, met, strict=True) if event.arrival >= at]
        late = sum(mark - delay >= end(p, event) for event, mark in hour)
        found[f"clock.{name}"] = Result(round(late / len(hour), 5), f"share dropped in that hour: {what}", "", ".1%")
    return found


def measure(p: Parameters) -> Measured:
    """Sweep the delay, silence a partition, and set a clock wrong."""
    events = stream(p)
    found, figure = sweep(p, events)
    found.update(silences(p, events))
    found.update(clocks(p, events))
    return Measured(found, {"dropped-by-wait": figure})
