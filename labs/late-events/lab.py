"""What a watermark drops, what it makes wait, and what a silent partition or a wrong clock does to it."""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

from event_stream import Event, Stream, stream
from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Late events, watermarks, and what is dropped"
SHOWS = """A stream of events with three kinds of delay is counted in windows of a minute. The lab moves the watermark's
delay and the allowed lateness, and counts what is dropped, how long a result waits and how many windows stay open.
Then one partition falls silent for three reasons, or one producer of several, with and without an idle timeout, and
one event claims to be an hour ahead."""
LIMITS = """The stream and its delays are constructed: the shape of the tail decides every share, so take your own. A
result is out as soon as its window fires.
The silences are clean: one partition or producer, one cause, twenty minutes."""
QUESTION = "How long must a watermark wait, and what does an idle timeout save or lose?"
ANSWER = """A delay of 5 s drops {b5.dropped} of this stream's events, one of five minutes {b300.dropped}. A partition
that is held back for twenty minutes loses {held.off.share} of what it held without an idle timeout, and {held.60.share}
with one of a minute. A producer that is held back while others write to the same partitions loses
{producer.off.share} either way."""
RERUN = "test-long"
QUICK = {"rate": 10, "seeds": 2}


@dataclass(frozen=True)
class Parameters(Stream):
    """What the lab is set to, beside the stream."""

    seeds: int = parameter(20, "seeds from the first one on, of which results are the median")
    interval: float = parameter(0.2, "time between two steps of the watermark", "s")
    window: int = parameter(60, "length of a window", "s")
    silent_from: int = parameter(1800, "when the last partition or producer falls silent", "s")
    silent_for: int = parameter(1200, "for how long", "s")
    silent_delay: int = parameter(30, "watermark delay in those runs", "s")
    producers: int = parameter(3, "producers, where each writes to all partitions")
    drain: int = parameter(50, "how many times its usual rate what was held back is drained at")
    ahead: int = parameter(3600, "how far ahead the wrong clock is", "s")
    stays: float = parameter(0.001, "share of events from clocks that stay ahead, in two runs")
    clock_delay: int = parameter(60, "watermark delay in those runs, and the tolerance of the clamp", "s")


DELAYS = (0, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
LATENESS = (0, 60, 300, 1800, 3600)
EARLY = 5
"""The watermark delay of an early result, in seconds."""
TIMEOUTS = (None, 60, 300)


def watermarks(
    p: Parameters, events: Sequence[Event], timeout: float | None = None, *, apart: bool = True, inputs: int = 0
) -> list[float]:
    """The watermark that each event meets, for a delay of nothing: the least of the partitions' newest times.

    A partition from which nothing came for ``timeout`` seconds is left out. Where the partitions are not told apart, it
    is the newest time of all. It moves at intervals, and never goes back. ``inputs`` are what the events name in place
    of partitions.
    """
    inputs = inputs or p.partitions
    newest, heard = [-inf] * inputs, [0.0] * inputs
    met, mark, step = [], -inf, 0.0
    for time, arrival, partition in events:
        if arrival >= step:
            awake = [newest[i] for i in range(inputs) if timeout is None or step - heard[i] <= timeout]
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


def sweep(p: Parameters, events: Sequence[Event]) -> dict[str, Result]:
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
    return found


def dropped_by_wait(found: dict[str, Result]) -> Figure:
    """Events dropped against the wait for a result."""
    dropped = [found[f"b{bound}.dropped"] for bound in DELAYS]
    wait = [found[f"b{bound}.wait"].value for bound in DELAYS]
    rows = [
        [
            bound,
            *(round(100 * value, 3) for value in (share.value, share.low or 0, share.high or 0)),
            round(waited, 1),
            round(found[f"b{bound}.open"].value, 1),
        ]
        for bound, share, waited in zip(DELAYS, dropped, wait, strict=True)
    ]
    return Figure(
        "Events dropped against the wait for a result",
        f"""Share of events dropped against the median wait for a result, one point for each watermark delay from 0 to
        an hour, on logarithmic scales, with a band in which nine of ten seeds lie. From a wait of half a second to ten
        seconds the share falls only from {100 * found["b0.dropped"].value:.1f} to
        {100 * found["b10.dropped"].value:.1f} percent. It bends between half a minute and two minutes, and from there
        on falls in a straight line: each halving takes about twice as long a wait as the one before.""",
        ["Watermark delay, s", "Dropped, %", "5 % of seeds", "95 % of seeds", "Median wait, s", "Windows open"],
        rows,
        lambda chart: frontier(chart, wait, dropped),
        height=300,
    )


def spoken(seconds: int) -> str:
    """A time in its largest whole unit."""
    length, unit = next(((length, unit) for length, unit in ((3600, "h"), (60, "min")) if seconds >= length), (1, "s"))
    return f"{seconds // length} {unit}"


def choices() -> Grid:
    """The watermark delay, for readers to turn."""
    return Grid(
        {"delay": Axis("Watermark delay B", {str(bound): spoken(bound) for bound in DELAYS}, "300")},
        {
            "dropped": Answer("of the events dropped", ("delay",), "b{}.dropped"),
            "wait": Answer("median wait for a result", ("delay",), "b{}.wait"),
            "open": Answer("windows open at a time", ("delay",), "b{}.open"),
        },
    )


def frontier(chart: Chart, wait: Sequence[float], dropped: Sequence[Result]) -> None:
    """Draw the share dropped against the wait, and where 5 to 95 % of the seeds are."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    share = [100 * result.value for result in dropped]
    chart.band(wait, [100 * (result.low or 0) for result in dropped], [100 * (result.high or 0) for result in dropped])
    chart.line(wait, share, LAMP)
    for bound, text, place in (
        (0, "B = 0", {"side": "below", "ha": "left", "xytext": (-2, -10)}),
        (60, "B = 1 min", {"xytext": (8, 4)}),
        (300, "B = 5 min", {"xytext": (8, 4)}),
        (3600, "B = 1 h", {"side": "left", "xytext": (-10, -2)}),
    ):
        at = DELAYS.index(bound)
        chart.label(wait[at], share[at], text, color=INK, **place)
    chart.ticks("x", [1, 10, 60, 600, 3600], ["1 s", "10 s", "1 min", "10 min", "1 h"])
    chart.ticks("y", [0.1, 1, 10], ["0.1%", "1%", "10%"])
    chart.axes.set_xlim(0.4, 4600)
    chart.axes.set_ylim(0.04, 10)
    chart.measures("Events dropped", "median wait for a result")


# A partition falls silent

CAUSES = {
    "nothing": "nothing happens in one partition",
    "stragglers": "only late events still come in one partition",
    "held": "the events of one partition are held back",
    "producer": "the events of one producer are held back, each of which writes to all partitions",
    "tracked": "the same, with a watermark for each producer in each partition",
}
HELD = ("held", "producer", "tracked")


class Silence(NamedTuple):
    """A stream with a silence: its events, which of them were held back, and of how many inputs they are."""

    events: Sequence[Event]
    held: Sequence[bool]
    inputs: int = 0


def hold(p: Parameters, events: Sequence[Event], mine: Sequence[bool]) -> tuple[list[Event], list[bool]]:
    """Hold back those of the events that are ``mine`` in the silence, and drain them after it."""
    start, stop = p.silent_from, p.silent_from + p.silent_for
    step = len(mine) / sum(mine) / (p.drain * p.rate)
    made, waiting = [], 0
    for event, its in zip(events, mine, strict=True):
        if its and event.arrival >= start:
            arrival = max(event.arrival, stop + waiting * step)
            waiting += 1
            made.append((event._replace(arrival=arrival), event.arrival < stop))
        else:
            made.append((event, False))
    made.sort(key=lambda pair: pair[0].arrival)
    return [event for event, _held in made], [held for _event, held in made]


def silence(p: Parameters, events: Sequence[Event], cause: str) -> Silence:
    """The stream with a silence of the last partition, or of the last producer."""
    last, start, stop = p.partitions - 1, p.silent_from, p.silent_from + p.silent_for
    if cause == "held":
        return Silence(*hold(p, events, [event.partition == last for event in events]))
    if cause in HELD:
        chance = random.Random(f"{p.seed} producers")
        producers = [chance.randrange(p.producers) for _event in events]
        if cause == "tracked":
            named = zip(events, producers, strict=True)
            events = [event._replace(partition=event.partition * p.producers + producer) for event, producer in named]
        held = hold(p, events, [producer == p.producers - 1 for producer in producers])
        return Silence(*held, inputs=p.partitions * p.producers if cause == "tracked" else 0)

    def absent(event: Event) -> bool:
        quiet = start <= event.time < stop
        return event.partition == last and (quiet or (cause == "nothing" and start <= event.arrival < stop))

    kept = [event for event in events if not absent(event)]
    return Silence(kept, [False] * len(kept))


def silences(p: Parameters, events: Sequence[Event]) -> dict[str, Result]:
    """The longest wait for a result and what is dropped, for each cause and idle timeout."""
    found = {}
    events = [event for event in events if event.time < p.scored + 600]  # enough to close the scored windows
    for cause, what in CAUSES.items():
        made, held, inputs = silence(p, events, cause)
        for timeout in TIMEOUTS:
            met = watermarks(p, made, timeout, inputs=inputs)
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
            if cause in HELD:
                share = sum(late) / sum(
                    was_held for event, was_held in zip(made, held, strict=True) if event.time < p.scored
                )
                found[f"{name}.share"] = Result(
                    round(share, 5), f"share of the events held back that is dropped: {said}", "", ".1%"
                )
        if cause == "held":
            found["held.events"] = Result(sum(held), "events of a partition held back in the silence")
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


def once(p: Parameters) -> dict[str, Result]:
    """Sweep the delay, silence a partition or producer, and set a clock wrong, with one seed."""
    events = stream(p)
    return {**sweep(p, events), **silences(p, events), **clocks(p, events)}


def measure(p: Parameters) -> Measured:
    """Do all of it with every seed."""
    runs = each_seed(p, p.seeds, once)
    found = {key: of_seeds([results[key] for results in runs]) for key in runs[0]}

    def all_of(*keys: str) -> list[float]:
        return [results[key].value for results in runs for key in keys]

    timeouts = ["off" if timeout is None else str(timeout) for timeout in TIMEOUTS]
    claims = {
        "hidden.lost": Claim(
            "Where every producer writes to every partition, {} of what one of them held back is dropped, with or"
            " without a timeout.",
            min(all_of(*(f"producer.{timeout}.share" for timeout in timeouts))),
            least=0.9,
            format=".0%",
        ),
        "hidden.wait": Claim(
            "No result waits for that producer: the longest wait is {}.",
            max(all_of(*(f"producer.{timeout}.wait" for timeout in timeouts))),
            most=40,
            unit="s",
        ),
        "tracked.lost": Claim(
            "With a watermark for each producer in each partition, and no timeout, {} of it is dropped.",
            max(all_of("tracked.off.share")),
            most=0.08,
            format=".0%",
        ),
    }
    return Measured(found, {"dropped-by-wait": dropped_by_wait(found)}, claims, grid=choices())
