"""Merge debt: what merging must write for a refresh interval and a number of shards, and what happens if it cannot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, inf, log
from typing import TYPE_CHECKING, TypeAlias

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from chart import Chart

TITLE = "Merge debt by refresh interval, shards and bandwidth"
QUESTION = """What must merging write for a refresh interval and a number of shards, and what happens if it cannot?"""
ANSWER = """A node that flushes 10 MB/s needs {tiered.n1.every1.write} for merging with one shard and a refresh each
second, and {tiered.n100.every1.write} with a hundred. With 20 MB/s to spend, indexing of the one shard would be held
back after {mbps20.throttled}; by the defaults until Elasticsearch 9.4, never within the hour."""
SHOWS = """Shards take documents at a steady rate; each refresh adds a segment, and Lucene's merge policies choose what
is merged: the tiered one, and the one that Elasticsearch has for time-based data, which merges neighbors. The lab
counts the bytes that merging writes for each byte indexed, with the defaults of Elasticsearch since 9.5 and with those
until 9.4. Then merging gets a bandwidth, and the lab follows the segments, the merges that wait, and the moment from
which Elasticsearch would hold back indexing."""
LIMITS = """A model: the two policies are those of Lucene 10.5 without deletes, written anew, and sizes add up exactly;
the lab on segments in Lucene compares them with that engine. Whether Elasticsearch lets 16 segments into one merge or
cuts them to a tier's 8 changes the rewrites by less than a twentieth. Documents arrive at a constant rate, and a
refresh is the only flush. One copy of each shard: a replica merges again. Bandwidth counts what merging writes, and not
what it reads; it is shared evenly, costs nothing else, and is not throttled; real merging also waits for processors and
for searches. Rates and sizes are constructed."""
RERUN = "test"
QUICK = {"length": 600}

MB, GB = 2**20, 2**30


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    ingest: int = parameter(10, "index bytes that a node flushes", "MB/s")
    length: int = parameter(3600, "length of a run", "s")
    floor: float = parameter(16, "floor_segment: smaller segments count as this large", "MB")
    largest: int = parameter(5, "max_merged_segment of the tiered policy", "GB")
    per_tier: int = parameter(8, "segments_per_tier of the tiered policy")
    at_once: int = parameter(16, "max_merge_at_once of the tiered policy, for merges that stay below the floor")
    old_floor: int = parameter(2, "floor_segment until Elasticsearch 9.4", "MB")
    old_per_tier: int = parameter(10, "segments_per_tier and max_merge_at_once until Elasticsearch 9.4")
    factor: int = parameter(32, "merge_factor of the time-based policy")
    largest_time_based: int = parameter(100, "max_merged_segment of the time-based policy", "GB")
    threads: int = parameter(4, "merge threads of a shard: Elasticsearch's default from 8 processors")
    balanced: bool = parameter(True, "whether merges of small segments have to be balanced, as since Lucene 9.3")
    most_merges: int = parameter(9, "merges of a shard, running or waiting, above which indexing is throttled")


@dataclass(frozen=True, eq=False)
class Segment:
    """A segment: its size in MB, and the number of the first refresh that is in it."""

    size: float
    first: int


Policy: TypeAlias = "Callable[[Parameters, Sequence[Segment], Collection[Segment]], list[list[Segment]]]"
"""What is to be merged of segments that are idle, while others are in merges that have not ended."""


# The merge policies


def tiered(p: Parameters, idle: Sequence[Segment], merging: Collection[Segment]) -> list[list[Segment]]:
    """Lucene's TieredMergePolicy: while there are more segments than a budget, the merge with the best score."""
    largest = p.largest * GB / MB
    eligible = sorted((one for one in idle if one.size <= largest / 2), key=lambda one: (-one.size, one.first))
    held = sum(one.size for one in merging)
    budget = _budget(p, sum(one.size for one in eligible) + held, min(one.size for one in [*idle, *merging]))
    found: list[list[Segment]] = []
    one_is_large = False
    while len(eligible) > budget:
        best: tuple[float, list[Segment], bool] | None = None
        for start in range(len(eligible)):
            parts, cut = _candidate(p, eligible[start:])
            if len(parts) < 2:
                continue
            size = sum(one.size for one in parts)
            if p.balanced and not cut and size < 1.5 * parts[0].size:
                continue
            if best and not cut and len(parts) < _most(p):
                break
            floored = [max(one.size, p.floor) for one in parts]
            score = (1 / _most(p) if cut else floored[0] / sum(floored)) * size**0.05
            if (best is None or score < best[0]) and not (cut and held >= largest):
                best = (score, parts, cut)
        if best is None:
            break
        _score, parts, cut = best
        if not (cut and one_is_large):
            found.append(parts)
            one_is_large |= cut
        eligible = [one for one in eligible if one not in parts]
    return found


def _most(p: Parameters) -> int:
    """Segments in one merge of the tiered policy; more only as long as the result stays below the floor."""
    return min(p.at_once, p.per_tier)


def _candidate(p: Parameters, eligible: Sequence[Segment]) -> tuple[list[Segment], bool]:
    """The next segments that fit one merge, and whether some were too large for it."""
    parts: list[Segment] = []
    size, cut, largest = 0.0, False, p.largest * GB / MB
    for one in eligible:
        if len(parts) >= p.at_once or size >= largest or (len(parts) >= _most(p) and size >= p.floor):
            break
        if size + one.size > largest:
            cut = True
        else:
            parts.append(one)
            size += one.size
    return parts, cut


def _budget(p: Parameters, total: float, smallest: float) -> float:
    """Segments that an index of this size may have: so many of each tier, from the smallest up."""
    level, largest, allowed = max(smallest, p.floor), p.largest * GB / MB, 0.0
    while total / level >= p.per_tier and level < largest:
        allowed += p.per_tier
        total -= p.per_tier * level
        level = min(largest, level * _most(p))
    return max(allowed + ceil(total / level), p.per_tier)


def time_based(p: Parameters, idle: Sequence[Segment], merging: Collection[Segment]) -> list[list[Segment]]:
    """Lucene's LogByteSizeMergePolicy: ``factor`` neighbors of about one size, in the order of their documents."""
    segments = sorted([*idle, *merging], key=lambda one: one.first)
    lowest = log(p.floor) / log(p.factor)
    levels = [log(one.size) / log(p.factor) for one in segments]
    found, start = [], 0
    while start < len(segments):
        top = max(levels[start:])
        if p.balanced:
            bottom = top - (1.5 if top <= lowest else 0.75)
        else:
            bottom = max(top - 0.75, lowest) if top > lowest else -inf
        last = max(index for index in range(start, len(segments)) if levels[index] >= bottom)
        while start + p.factor <= last + 1:
            parts = segments[start : start + p.factor]
            if all(one not in merging and one.size < p.largest_time_based * GB / MB for one in parts):
                found.append(parts)
            start += p.factor
        start = last + 1
    return found


# A shard


@dataclass
class Merge:
    """A merge that runs or waits, and what it still has to write, in MB."""

    parts: list[Segment]
    left: float

    @property
    def size(self) -> float:
        """What it writes in all."""
        return sum(one.size for one in self.parts)


class Shard:
    """A shard whose merges run at a bandwidth, in MB/s, the smallest first."""

    def __init__(self, p: Parameters, policy: Policy, bandwidth: float) -> None:
        self.p, self.policy, self.bandwidth = p, policy, bandwidth
        self.segments: list[Segment] = []
        self.merges: list[Merge] = []
        self.flushed = self.rewritten = 0.0
        self.refreshes = 0

    def refresh(self, size: float) -> None:
        """Add a segment."""
        self.segments.append(Segment(size, self.refreshes))
        self.refreshes += 1
        self.flushed += size
        self._register()

    def _register(self) -> None:
        merging = {one for merge in self.merges for one in merge.parts}
        idle = [one for one in self.segments if one not in merging]
        self.merges += [Merge(parts, sum(one.size for one in parts)) for parts in self.policy(self.p, idle, merging)]

    def run(self, seconds: float) -> None:
        """Merge for so long, or until nothing is left to merge."""
        while self.merges and seconds > 0:
            running = sorted(self.merges, key=lambda merge: merge.size)[: self.p.threads]
            rate = self.bandwidth / len(running)
            step = min(seconds, min(merge.left for merge in running) / rate)
            seconds -= step
            for merge in running:
                merge.left = 0.0 if self.bandwidth == inf else merge.left - step * rate
                if merge.left < 1e-9:
                    self._end(merge)

    def _end(self, merge: Merge) -> None:
        self.merges.remove(merge)
        gone = set(merge.parts)
        self.segments = [one for one in self.segments if one not in gone]
        self.segments.append(Segment(merge.size, min(one.first for one in merge.parts)))
        self.rewritten += merge.size
        self._register()


# What is kept

INTERVALS = (1, 5, 30)
SHARDS = (1, 10, 100, 1000)
BANDWIDTHS = (40, 30, 20, 15, 10)
POLICIES: dict[str, Policy] = {"tiered": tiered, "time": time_based}


def rewrites(p: Parameters, policy: Policy, shards: int, every: int) -> tuple[float, int]:
    """Bytes that merging writes for each byte flushed, if it has all the bandwidth, and the segments at the end."""
    shard = Shard(p, policy, inf)
    for _ in range(0, p.length, every):
        shard.refresh(p.ingest / shards * every)
        shard.run(every)
    return shard.rewritten / shard.flushed, len(shard.segments)


@dataclass
class Course:
    """What a shard went through: per refresh its segments and its debt in MB; and when indexing would be throttled."""

    segments: list[int]
    debt: list[float]
    throttled: int | None


def course(p: Parameters, policy: Policy, bandwidth: float) -> Course:
    """Refresh one shard each second, with this bandwidth for merging; nothing is held back."""
    shard = Shard(p, policy, bandwidth)
    found = Course([], [], None)
    for second in range(p.length):
        shard.refresh(p.ingest)
        if found.throttled is None and len(shard.merges) > p.most_merges:
            found.throttled = second
        shard.run(1)
        found.segments.append(len(shard.segments))
        found.debt.append(sum(merge.left for merge in shard.merges))
    return found


def measure(p: Parameters) -> Measured:
    """Count what merging writes, then limit it."""
    found: dict[str, Result] = {}
    writes: dict[int, list[float]] = {every: [] for every in INTERVALS}
    for shards in SHARDS:
        for every in INTERVALS:
            for name, policy in POLICIES.items():
                said = f"{shards:,} shards, a refresh every {every} s, {SAID[name]}"
                times, segments = rewrites(p, policy, shards, every)
                key = f"{name}.n{shards}.every{every}"
                found[f"{key}.rewrites"] = Result(round(times, 4), f"bytes merged for a byte: {said}", "", ".1f")
                found[f"{key}.write"] = Result(round(times * p.ingest, 3), f"merging, node: {said}", "MB/s", ",.0f")
                found[f"{key}.segments"] = Result(segments * shards, f"segments of the node at the end: {said}")
                if name == "tiered":
                    writes[every].append(times * p.ingest)
    old = replace(p, floor=p.old_floor, per_tier=p.old_per_tier, at_once=p.old_per_tier)
    for shards in SHARDS:
        for every in INTERVALS:
            said = f"{shards:,} shards, a refresh every {every} s, defaults until 9.4"
            times, segments = rewrites(old, tiered, shards, every)
            key = f"old.n{shards}.every{every}"
            found[f"{key}.rewrites"] = Result(round(times, 4), f"bytes merged for a byte: {said}", "", ".1f")
            found[f"{key}.write"] = Result(round(times * p.ingest, 3), f"merging, node: {said}", "MB/s", ",.0f")
            found[f"{key}.segments"] = Result(segments * shards, f"segments of the node at the end: {said}")
    eight, _segments = rewrites(replace(p, at_once=p.per_tier), tiered, 100, 1)
    assert abs(eight / found["tiered.n100.every1.rewrites"].value - 1) < 0.05
    times, _segments = rewrites(replace(old, balanced=False), tiered, SHARDS[-1], INTERVALS[0])
    found["before.rewrites"] = Result(
        round(times, 4),
        f"bytes merged for a byte: {SHARDS[-1]:,} shards, a refresh every {INTERVALS[0]} s, before Lucene 9.3",
        "",
        ".1f",
    )
    courses = {bandwidth: course(p, tiered, bandwidth) for bandwidth in BANDWIDTHS}
    for bandwidth, one in courses.items():
        found |= told(f"mbps{bandwidth}", one, f"{bandwidth} MB/s")
    slow = course(p, time_based, BANDWIDTHS[-1])
    found |= told("time.mbps10", slow, "10 MB/s, the time-based policy")
    for bandwidth in BANDWIDTHS:
        one = course(old, tiered, bandwidth)
        found |= told(f"old.mbps{bandwidth}", one, f"{bandwidth} MB/s, defaults until 9.4")
    minutes = list(range(0, p.length // 60 + 1, 2))
    before = [float(found[f"old.n{shards}.every1.write"].value) for shards in SHARDS]
    return Measured(
        found,
        {
            "segments-over-time": Figure(
                "Segments of a shard, by the bandwidth that merging has",
                """Number of segments against minutes, over one hour, for four bandwidths. With 40 megabytes a
                second it stays below 60. With 20 it passes a hundred and is throttled after 46 minutes, with 15 after
                15 minutes and with 10 after 7, and these two go on rising in a straight line.""",
                ["Minute", *(f"{bandwidth} MB/s" for bandwidth in BANDWIDTHS)],
                [
                    [
                        minute,
                        *(one.segments[min(60 * minute, p.length - 1)] for one in courses.values()),
                    ]
                    for minute in minutes
                ],
                lambda chart: draw_courses(chart, p, courses),
                height=320,
            ),
            "writes-by-shards": Figure(
                "What merging writes on a node, by shards and refresh interval",
                f"""Megabytes a second that merging writes against the number of shards that share {p.ingest} megabytes
                a second of new segments, both on logarithmic scales, for a refresh every 1, 5 and 30 seconds; a dashed
                line is for 1 second by the defaults until 9.4. The line for 1 second rises from 29 with one shard over
                40 with ten to 75 with a hundred and stays there; the dashed one is level at 28 up to ten, at 36 with a
                hundred, and reaches 77 with a thousand. That for 30 seconds rises from 14 to 29.""",
                ["Shards", *(f"every {every} s, MB/s" for every in INTERVALS), "every 1 s until 9.4, MB/s"],
                [
                    [shards, *(round(writes[every][index], 1) for every in INTERVALS), round(before[index], 1)]
                    for index, shards in enumerate(SHARDS)
                ],
                lambda chart: draw_writes(chart, p, writes, before),
                height=300,
            ),
        },
        {
            "newer.write": Claim(
                "With a hundred shards and a refresh each second the defaults of 9.5 write at least {} times as much",
                found["tiered.n100.every1.rewrites"].value / found["old.n100.every1.rewrites"].value,
                least=2,
                format=".0f",
            ),
            "longer.helps": Claim(
                "At every number of shards 30 seconds between refreshes write less than {} of what one second does",
                max(writes[30][index] / writes[1][index] for index in range(len(SHARDS))),
                most=0.6,
                format=".0%",
            ),
        },
        grid=CHOICES,
    )


SAID = {"tiered": "tiered policy", "time": "time-based policy"}
CHOICES = Grid(
    {
        "shards": Axis("Shards that share 10 MB/s", {f"n{shards}": f"{shards:,}" for shards in SHARDS}, "n10"),
        "every": Axis("Time between refreshes", {f"every{every}": f"{every} s" for every in INTERVALS}, "every1"),
        "rules": Axis(
            "Merge settings",
            {"tiered": "Elasticsearch 9.5", "old": "until 9.4", "time": "time-based, 9.5"},
            "tiered",
        ),
    },
    {
        answer: Answer(what, ("rules", "shards", "every"), f"{{}}.{{}}.{{}}.{answer}")
        for answer, what in (
            ("write", "written by merging, on top of the new segments"),
            ("rewrites", "bytes merged for each new one"),
            ("segments", "segments of the node after an hour"),
        )
    },
)


def told(name: str, one: Course, said: str) -> dict[str, Result]:
    """What notes quote of a course."""
    found = {
        f"{name}.most": Result(max(one.segments), f"most segments of the shard: {said}"),
        f"{name}.end": Result(one.segments[-1], f"segments after the hour: {said}"),
        f"{name}.debt": Result(
            round(one.debt[-1] / 1024, 2), f"left to write in registered merges after the hour: {said}", "GB", ".0f"
        ),
    }
    if one.throttled is not None:
        found[f"{name}.throttled"] = Result(
            round(one.throttled / 60, 2), f"until indexing would be throttled: {said}", "min", ".0f"
        )
        found[f"{name}.at_throttling"] = Result(
            one.segments[one.throttled], f"segments of the shard at that moment: {said}"
        )
    return found


def draw_courses(chart: Chart, p: Parameters, courses: dict[int, Course]) -> None:
    """Draw the segments for each bandwidth, and a dot where indexing would be throttled."""
    from chart import INK, LAMP, QUIET
    from matplotlib.patches import Ellipse

    def dot(at: tuple[float, float], color: str) -> None:
        chart.axes.add_patch(Ellipse(at, 2, 16, facecolor=color, edgecolor="none", zorder=3))

    for bandwidth, one in courses.items():
        if bandwidth == 30:  # between those for 40 and 20, and in their way
            continue
        color = {20: LAMP, 40: QUIET}.get(bandwidth, INK)
        minutes = [second / 60 for second in range(0, p.length, 15)]
        values = [one.segments[second] for second in range(0, p.length, 15)]
        chart.line(minutes, values, color)
        chart.label(p.length / 60, one.segments[-1], f"{bandwidth} MB/s", color=color)
        if one.throttled is not None:
            dot((one.throttled / 60, one.segments[one.throttled]), color)
    dot((3, 350), INK)
    chart.label(3, 350, "indexing is throttled", xytext=(10, 0))
    chart.ticks("x", [0, 15, 30, 45, 60])
    chart.ticks("y", [0, 100, 200, 300, 400, 500])
    chart.axes.set_xlim(0, 60)
    chart.axes.set_ylim(0, 500)
    chart.measures("Segments that a search visits", "minutes")
    chart.margins(left=46, right=78)


def draw_writes(chart: Chart, p: Parameters, writes: dict[int, list[float]], before: list[float]) -> None:
    """Draw what merging writes for each refresh interval."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for every, color in zip(INTERVALS, (LAMP, INK, QUIET), strict=True):
        chart.line(SHARDS, writes[every], color)
        chart.label(SHARDS[-1], writes[every][-1], f"every {every} s", color=color)
    chart.line(SHARDS, before, LAMP, dashed=True)
    chart.label(100, before[2], "1 s, until 9.4", color=LAMP, side="below", ha="left", xytext=(8, 0))
    chart.limit(QUIET, p.ingest)
    chart.label(1, p.ingest, "new segments, 10 MB/s", side="right", color=QUIET, va="bottom", xytext=(2, 2))
    chart.ticks("x", SHARDS)
    chart.ticks("y", [10, 30, 100])
    chart.axes.set_xlim(1, 1000)
    chart.axes.set_ylim(6, 110)
    chart.measures("Written by merging, MB a second", "shards that share 10 MB/s")
    chart.margins(left=46, right=82)
