"""Hot keys: what shards can take, what a shared buffer does to the rest, and into how many pieces a key must go."""

from __future__ import annotations

import hashlib
import random
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, factorial
from typing import TYPE_CHECKING

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import each_seed, of_seeds, over_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Hot keys in a partitioned stream"
QUESTION = """What can a stream take before one shard is full, whom does a full shard refuse, and into how many pieces
must a hot key go?"""
ANSWER = """With Zipf 1.0, where the largest of 10,000 keys has {zipf10.top} of the records, 512 shards take
{zipf10.gain} times what 16 take. A producer with one buffer turns away {shared.refused} of the other keys' records
while a key of a quarter of the traffic is hot; with a share of the buffer for each shard, {apart.refused}."""
SHOWS = """Keys are placed on shards as Kinesis documents it: by the MD5 of the key, on equal ranges of hash keys. The
lab counts what a stream can take before one shard is full, for equal and for skewed keys, each for forty sets of names.
Then one key of a steady stream becomes hot for five minutes in front of two producers, one with a common buffer and one
with a share for each shard, for ten sets of names. Last it computes how often suffixes of a hot key, drawn at random,
leave some shard too full."""
LIMITS = """Nothing was sent to AWS. The traffic, its skew and the buffer are constructed; the limits are those
documented. Records are of one size, time goes by seconds, and consumers, bursts, splits of shards and the network are
not in it. The producers are a flow without chance; a run by single records checks it. The shares for suffixes are
exact, for shards that are equally full without the hot key; draws check them."""
RERUN = "test"
QUICK = {"sets": 10, "producers": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the names of keys and of the run by single records")
    limit: int = parameter(1000, "records that a shard takes", "records/s")
    sets: int = parameter(40, "sets of names, with which each stream is tried")
    producers: int = parameter(10, "sets of names, with which the producers are tried")
    keys: int = parameter(10_000, "keys of the skewed streams")
    hot: float = parameter(0.01, "share of the stream from which a key is salted, in the salted stream")
    salts: int = parameter(16, "suffixes that such a key gets")
    shards: int = parameter(16, "shards behind the two producers")
    offered: int = parameter(8000, "records offered to them", "records/s")
    background: int = parameter(2000, "equal keys beside the hot one")
    usual_share: float = parameter(0.01, "share of the hot key before and after")
    hot_share: float = parameter(0.25, "its share while it is hot")
    onset: int = parameter(60, "when it becomes hot", "s")
    end: int = parameter(360, "when it ceases to be", "s")
    length: int = parameter(600, "length of the run", "s")
    buffer: int = parameter(60_000, "records that the producers can hold")
    attempts: float = parameter(1.5, "what a producer sends to a shard at most, over the shard's limit")
    rekeyed: int = parameter(180, "when the hot key is salted, in the third run", "s")
    rekeyed_salts: int = parameter(8, "suffixes that it gets there")
    suffix_shards: int = parameter(32, "shards on which suffixes are drawn")
    suffix_rate: int = parameter(2000, "rate of the key that is split", "records/s")
    suffix_background: int = parameter(300, "rate of the other keys on each shard", "records/s")
    suffix_draws: int = parameter(1000, "sets of suffixes that check the exact share")


# Where a key goes


def position(key: str) -> int:
    """The hash key of a partition key: 128 bits of MD5."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")


def shard(at: int, shards: int) -> int:
    """The shard of a hash key, where all have ranges of one size."""
    return at * shards >> 128


def loads(weights: Sequence[float], places: Sequence[int], shards: int) -> list[float]:
    """What each shard gets of keys with these weights at these hash keys."""
    found = [0.0] * shards
    for weight, at in zip(weights, places, strict=True):
        found[shard(at, shards)] += weight
    return found


# What a stream can take

PER_SHARD = (4, 16, 64, 256)
EVEN_SHARDS = (8, 32, 128)


def even(p: Parameters) -> dict[str, Result]:
    """Share of a stream's capacity that equal keys can use: the mean load of a shard over the largest."""
    found = {}
    for per_shard in PER_SHARD:
        for shards in EVEN_SHARDS:
            count = per_shard * shards
            places = [position(f"{p.seed}.{key}") for key in range(count)]
            share = per_shard / max(loads([1] * count, places, shards))
            what = f"usable share of {shards} shards with {per_shard:,} equal keys a shard"
            found[f"even.k{per_shard}.n{shards}"] = Result(round(share, 4), what, "", ".0%")
    return found


SKEWS = {"even": 0.0, "zipf08": 0.8, "zipf10": 1.0, "zipf12": 1.2}
SAID = {
    "even": "equal keys",
    "zipf08": "Zipf 0.8",
    "zipf10": "Zipf 1.0",
    "zipf12": "Zipf 1.2",
    "salted": "Zipf 1.0, keys above 1% salted",
}
SKEW_SHARDS = (16, 32, 64, 128, 256, 512)


def streams(p: Parameters) -> dict[str, tuple[list[float], list[int]]]:
    """The streams by name: weights of the keys, which add up to 1, and their hash keys."""
    names = [f"{p.seed}.{key}" for key in range(p.keys)]
    places = [position(name) for name in names]
    found: dict[str, tuple[list[float], list[int]]] = {}
    for name, skew in SKEWS.items():
        weights = [(rank + 1) ** -skew for rank in range(p.keys)]
        total = sum(weights)
        found[name] = ([weight / total for weight in weights], places)
    weights, places = [], []
    for key, weight, place in zip(names, *found["zipf10"], strict=True):
        parts = [f"{key}#{salt}" for salt in range(p.salts)] if weight > p.hot else []
        weights += [weight / p.salts] * p.salts if parts else [weight]
        places += [position(part) for part in parts] if parts else [place]
    found["salted"] = (weights, places)
    return found


def rates(p: Parameters) -> dict[str, Result]:
    """Records a second that each stream takes before its fullest shard is at the limit."""
    found = {}
    for name, (weights, places) in streams(p).items():
        on = loads(weights, places, SKEW_SHARDS[-1])
        fullest = {len(on): max(on)}
        while len(on) > SKEW_SHARDS[0]:
            on = [one + other for one, other in zip(on[::2], on[1::2], strict=True)]  # ranges of hash keys join
            fullest[len(on)] = max(on)
        for shards in SKEW_SHARDS:
            what = f"what {shards} shards take: {SAID[name]}"
            found[f"{name}.n{shards}"] = Result(round(p.limit / fullest[shards]), what, "records/s")
        gain = fullest[SKEW_SHARDS[0]] / fullest[SKEW_SHARDS[-1]]
        found[f"{name}.gain"] = Result(round(gain, 3), f"512 shards over 16: {SAID[name]}", "", ".2f")
    salted = found["salted.n64"].value / found["zipf10.n64"].value
    found["salted.helps"] = Result(round(salted, 3), "what 64 shards take with salting, over that without", "", ".1f")
    return found


SUFFIXES = (1, 2, 4, 8, 16, 32)
SALTED_SHARDS = (16, 64, 256, 512)


def suffixed(p: Parameters) -> dict[str, Result]:
    """What shards take of the stream with Zipf 1.0, by how many suffixes its keys above 1% get: 1 is none."""
    weights, places = streams(p)["zipf10"]
    found, cold = {}, sum(weight <= p.hot for weight in weights)
    hot = len(weights) - cold  # weights fall
    for shards in SALTED_SHARDS:
        others = loads(weights[hot:], places[hot:], shards)
        for count in SUFFIXES:
            on = [*others]
            for key, (weight, place) in enumerate(zip(weights[:hot], places[:hot], strict=True)):
                parts = [position(f"{p.seed}.{key}#{salt}") for salt in range(count)] if count > 1 else [place]
                for part in parts:
                    on[shard(part, shards)] += weight / count
            said = f"{shards} shards, Zipf 1.0, keys above 1% under {count} suffixes"
            found[f"takes.{count}.{shards}"] = Result(round(p.limit / max(on)), f"what they take: {said}", "records/s")
            found[f"used.{count}.{shards}"] = Result(
                round(1 / max(on) / shards, 4), f"share of their capacity that is: {said}", "", ".0%"
            )
    return found


def choices() -> Grid:
    """How many suffixes the hot keys get, and how many shards there are, for readers to turn."""
    axes = {
        "suffixes": Axis(
            "Suffixes for each key above 1%",
            {str(count): str(count) if count > 1 else "none" for count in SUFFIXES},
            "16",
        ),
        "shards": Axis("Shards", {str(shards): str(shards) for shards in SALTED_SHARDS}, "64"),
    }
    answers = {
        "takes": Answer("before a shard is full", ("suffixes", "shards")),
        "used": Answer("of what the shards could take", ("suffixes", "shards")),
    }
    return Grid(axes, answers)


# Two producers


@dataclass
class Run:
    """What a producer did: per second what it had accepted and refused, and the sums while the key was hot."""

    accepted: list[float]
    refused: list[float]
    """Records of other keys than the hot one."""
    offered: float = 0.0
    """Records of other keys while the key was hot."""
    sent: float = 0.0

    def share(self, p: Parameters) -> float:
        """Share of the other keys' records that were refused while the key was hot."""
        return sum(self.refused[p.onset : p.end]) / self.offered

    def used(self, p: Parameters, start: int, end: int) -> float:
        """Accepted records as a share of the stream's capacity, from one second to another."""
        return sum(self.accepted[start:end]) / (end - start) / (p.limit * p.shards)


def arriving(p: Parameters, rekeyed: int | None) -> list[list[list[float]]]:
    """Records that arrive in each second, for each shard: of the other keys, and of the hot one."""
    others = loads(
        [1 / p.background] * p.background, [position(f"{p.seed}.{n}") for n in range(p.background)], p.shards
    )
    alone = loads([1.0], [position(f"{p.seed}.hot")], p.shards)
    salted = loads(
        [1 / p.rekeyed_salts] * p.rekeyed_salts,
        [position(f"{p.seed}.hot#{salt}") for salt in range(p.rekeyed_salts)],
        p.shards,
    )
    found = []
    for second in range(p.length):
        share = p.hot_share if p.onset <= second < p.end else p.usual_share
        spread = salted if rekeyed is not None and second >= rekeyed else alone
        found.append(
            [
                [p.offered * (1 - share) * other, p.offered * share * part]
                for other, part in zip(others, spread, strict=True)
            ]
        )
    return found


def produce(p: Parameters, *, apart: bool, attempts: float, rekeyed: int | None = None) -> Run:
    """Run a producer with one buffer, or with a share of it for each shard (``apart``).

    Each second it takes what it has room for, and refuses the rest of that second in proportion; then it sends to each
    shard what the shard takes, or up to ``attempts`` times the limit where more is waiting. What a shard rejects stays.
    """
    waiting = [[0.0, 0.0] for _ in range(p.shards)]
    run = Run([], [])
    for second, records in enumerate(arriving(p, rekeyed)):
        groups = [[number] for number in range(p.shards)] if apart else [list(range(p.shards))]
        refused = accepted = 0.0
        for group in groups:
            room = p.buffer * len(group) / p.shards - sum(sum(waiting[number]) for number in group)
            wanted = sum(sum(records[number]) for number in group)
            taken = min(1.0, room / wanted)
            for number in group:
                refused += (1 - taken) * records[number][0]
                waiting[number] = [
                    kept + taken * new for kept, new in zip(waiting[number], records[number], strict=True)
                ]
        for number, kept in enumerate(waiting):
            held = sum(kept)
            done = min(held, p.limit)
            run.sent += min(held, attempts * p.limit)
            accepted += done
            waiting[number] = [part * (1 - done / held) for part in kept]
        run.accepted.append(accepted)
        run.refused.append(refused)
        if p.onset <= second < p.end:
            run.offered += sum(other for other, _hot in records)
    return run


def produce_records(p: Parameters) -> float:
    """The producer with one buffer again, by single records at a tenth of all rates: the share that ``Run`` tells."""
    chance = random.Random(p.seed)
    limit, offered, room = p.limit // 10, p.offered // 10, p.buffer // 10
    places = [shard(position(f"{p.seed}.{n}"), p.shards) for n in range(p.background)]
    hot = shard(position(f"{p.seed}.hot"), p.shards)
    waiting: list[deque[bool]] = [deque() for _ in range(p.shards)]
    held = refused = others = 0
    for second in range(p.end):
        share = p.hot_share if p.onset <= second < p.end else p.usual_share
        for _ in range(offered):
            is_hot = chance.random() < share
            others += not is_hot and second >= p.onset
            if held < room:
                waiting[hot if is_hot else chance.choice(places)].append(is_hot)
                held += 1
            else:
                refused += not is_hot
        for queue in waiting:
            for _ in range(min(limit, len(queue))):
                queue.popleft()
                held -= 1
    return refused / others


# Suffixes

PIECES = (4, 8, 16, 32)
FILLS = (0.3, 0.5, 0.6, 0.7)


def fits(p: Parameters, pieces: int, background: float) -> int:
    """How many pieces of the hot key fit on one shard beside the other keys."""
    return int((p.limit - background) * pieces // p.suffix_rate)


def overfull(p: Parameters, pieces: int, background: float) -> float:
    """Exact share of sets of suffixes that leave some shard above its limit.

    Of all ways to put the pieces on shards, those with at most ``fits`` on each are the pieces' factorial times a
    coefficient of a power of the exponential series, cut off behind that term.
    """
    most = fits(p, pieces, background)
    one = [Fraction(1, factorial(count)) for count in range(min(most, pieces) + 1)]
    ways = [Fraction(1)]
    for _ in range(p.suffix_shards):
        ways = [
            sum(
                (ways[total - count] * one[count] for count in range(len(one)) if 0 <= total - count < len(ways)),
                Fraction(),
            )
            for total in range(min(len(ways) + len(one) - 1, pieces + 1))
        ]
    good = ways[pieces] if len(ways) > pieces else Fraction()
    return float(1 - good * factorial(pieces) / p.suffix_shards**pieces)


def drawn_overfull(p: Parameters, pieces: int, background: float) -> float:
    """The same by drawing sets of suffixes."""
    found = 0
    for draw in range(p.suffix_draws):
        places = [position(f"{p.seed}.{draw}#{suffix}") for suffix in range(pieces)]
        found += max(loads([1.0] * pieces, places, p.suffix_shards)) > fits(p, pieces, background)
    return found / p.suffix_draws


# What is kept

SIZES = (1, 4, 10, 40, 400)
"""Sizes of items, in KB of 1,024 bytes."""


def ceilings(p: Parameters) -> dict[str, Result]:
    """What one key can take, by the documented limits: 1 MB is 1,024 KB."""
    found = {}
    for size in SIZES:
        name, said = f"size{size}", f"of {size} KB"
        found[f"{name}.kinesis"] = Result(min(p.limit, 1024 // size), f"records {said} that a shard takes", "records/s")
        found[f"{name}.writes"] = Result(1000 // size, f"writes {said} that a DynamoDB partition takes", "writes/s")
        reads = 3000 // ceil(size / 4)
        found[f"{name}.reads"] = Result(reads, f"strongly consistent reads {said} from such a partition", "reads/s")
    return found


def measure(p: Parameters) -> Measured:
    """Fill the streams, run the producers, and place the suffixes."""
    found = ceilings(p)
    found |= over_seeds(p, p.sets, even)
    streamed = each_seed(p, p.sets, rates)
    found |= {key: of_seeds([one[key] for one in streamed]) for key in streamed[0]}
    found |= over_seeds(p, p.sets, suffixed)
    assert found[f"takes.{p.salts}.64"].value == found["salted.n64"].value
    for name, (weights, _places) in streams(p).items():
        if name == "even":
            continue
        top = max(weights)
        found[f"{name}.top"] = Result(round(top, 5), f"share of the largest key: {SAID[name]}", "", ".1%")
        found[f"{name}.ceiling"] = Result(round(p.limit / top), f"the limit over that share: {SAID[name]}", "records/s")
    produced = each_seed(p, p.producers, lambda one: told(one, producers(one)))
    found |= {key: of_seeds([one[key] for one in produced]) for key in produced[0]}
    runs = producers(p)
    by_records = produce_records(p)
    assert abs(runs["shared"].share(p) - by_records) < 0.01
    found["shared.refused.records"] = Result(
        round(by_records, 4),
        "other keys' records refused by one buffer, by single records, one set of names",
        "",
        ".0%",
    )
    for pieces in PIECES:
        for fill in FILLS:
            what = f"sets of {pieces} drawn suffixes that leave a shard above its limit, where all are {fill:.0%} full"
            share = overfull(p, pieces, fill * p.limit)
            found[f"pieces{pieces}.fill{100 * fill:.0f}"] = Result(round(share, 5), what, "", ".1%")
        drawn = drawn_overfull(p, pieces, p.suffix_background)
        exact = overfull(p, pieces, p.suffix_background)
        assert abs(drawn - exact) < 0.05, (pieces, drawn, exact)
    found["pieces.least"] = Result(
        ceil(p.suffix_rate / (p.limit - p.suffix_background)), "pieces that are enough on shards that are chosen"
    )
    claims = {
        "shards.help.little": Claim(
            "In none of the forty sets do 512 shards take more than {} times what 16 take, with Zipf 1.0",
            max(one["zipf10.gain"].value for one in streamed),
            most=2.2,
            format=".1f",
        ),
        "salting.helps": Claim(
            "Salting the keys above 1 % lets 64 shards take at least {} times as much, with Zipf 1.0",
            min(one["salted.helps"].value for one in streamed),
            least=2.5,
            format=".1f",
        ),
        "buffer.refuses": Claim(
            "With one buffer at least {} times as many records of other keys are refused as with a share each",
            min(one["shared.refused"].value / one["apart.refused"].value for one in produced),
            least=5,
            format=".0f",
        ),
    }
    seconds = [*range(0, p.length, 15)]
    return Measured(
        found,
        {
            "rate-by-shards": Figure(
                "What a stream takes, by its number of shards",
                f"""Records a second against the number of shards, from 16 to 512, both on logarithmic scales, as the
                median of {p.sets} sets of names with a band from 5 to 95 percent of them. The nominal capacity rises in
                a straight line to 512,000. Equal keys stay below it and bend away from it. The three skewed streams of
                {p.keys:,} keys are nearly level: with Zipf 1.0 they take {found["zipf10.n16"].value:,.0f} on 16 shards
                and {found["zipf10.n512"].value:,.0f} on 512. The same stream with its largest keys salted rises
                again.""",
                ["Shards", "nominal", *(f"{said}{part}" for said in SAID.values() for part in ("", ", 5%", ", 95%"))],
                [
                    [
                        shards,
                        p.limit * shards,
                        *(
                            value or 0
                            for name in SAID
                            for one in [found[f"{name}.n{shards}"]]
                            for value in (one.value, one.low, one.high)
                        ),
                    ]
                    for shards in SKEW_SHARDS
                ],
                lambda chart: draw_rates(chart, p, found),
                height=330,
            ),
            "one-hot-key": Figure(
                "Accepted records while one key is hot, as a share of capacity",
                """Share of the stream's capacity in use against time, from minute 0 to 10; the key is hot from minute 1
                to 6. The offered load is half of the capacity all the time. With one buffer the accepted share falls to
                about a fifth within a minute, stays there, and rises above a half only after the key has cooled. With a
                share of the buffer for each shard it stays above two fifths.""",
                ["Second", "offered, %", "one buffer, %", "a share for each shard, %", "one buffer, salted, %"],
                [
                    [
                        second,
                        round(100 * p.offered / p.limit / p.shards, 1),
                        *(
                            round(100 * runs[name].used(p, second, second + 15), 1)
                            for name in ("shared", "apart", "rekeyed")
                        ),
                    ]
                    for second in seconds
                ],
                lambda chart: draw_runs(chart, p, runs),
                height=300,
            ),
        },
        claims,
        grid=choices(),
    )


def producers(p: Parameters) -> dict[str, Run]:
    """Run each producer."""
    return {
        "shared": produce(p, apart=False, attempts=p.attempts),
        "apart": produce(p, apart=True, attempts=p.attempts),
        "patient": produce(p, apart=False, attempts=1.0),
        "rekeyed": produce(p, apart=False, attempts=p.attempts, rekeyed=p.rekeyed),
    }


def told(p: Parameters, runs: dict[str, Run]) -> dict[str, Result]:
    """What notes quote of the producers."""
    records = arriving(p, None)[p.onset]
    hot = max(sum(of_shard) for of_shard in records)
    others = max(records, key=sum)[0]
    neighbors = others / (1 - p.hot_share) / p.offered
    boundary = (p.limit / p.offered - neighbors) / (1 - neighbors)
    found = {
        "producer.usual": Result(p.offered / p.limit / p.shards, "offered records as a share of capacity", "", ".0%"),
        "producer.hot": Result(round(hot), "records for the hot shard while its key is hot", "records/s"),
        "producer.hot_part": Result(round(hot / p.offered, 4), "the same as a share of all records", "", ".1%"),
        "producer.neighbors": Result(round(others), "of these, records of other keys", "records/s"),
        "producer.boundary": Result(
            round(boundary, 4), "share of the hot key from which its shard is too small", "", ".1%"
        ),
        "producer.boundary_rate": Result(round(boundary * p.offered), "the same as a rate", "records/s"),
        "producer.ceiling": Result(round(p.limit * p.offered / hot), "the limit over that share", "records/s"),
        "producer.through": Result(
            round(p.limit / hot, 4), "share of all records that one buffer can pass on, once full", "", ".0%"
        ),
        "producer.full": Result(round(1 - p.limit / hot, 4), "share of all records that it then refuses", "", ".0%"),
        "producer.fills": Result(round(p.buffer / (hot - p.limit), 1), "time in which one buffer fills", "s", ".0f"),
    }
    said = {
        "shared": "one buffer",
        "apart": "a share for each shard",
        "patient": "one buffer, never more sent than a shard takes",
        "rekeyed": "one buffer, the key salted after two minutes",
    }
    for name, run in runs.items():
        late = [second for second, count in enumerate(run.refused) if count > 0]
        found[f"{name}.refused"] = Result(
            round(run.share(p), 4), f"other keys' records refused while the key is hot: {said[name]}", "", ".0%"
        )
        found[f"{name}.used"] = Result(
            round(run.used(p, p.onset, p.end), 4), f"capacity in use while the key is hot: {said[name]}", "", ".0%"
        )
        found[f"{name}.least"] = Result(
            round(min(run.accepted) / p.limit / p.shards, 4), f"the least capacity in use: {said[name]}", "", ".0%"
        )
        found[f"{name}.attempts"] = Result(
            round(run.sent / sum(run.accepted), 4), f"records sent for each accepted: {said[name]}", "", ".2f"
        )
        found[f"{name}.first"] = Result(late[0] - p.onset, f"from the onset to the first refusal: {said[name]}", "s")
        found[f"{name}.last"] = Result(late[-1] - p.onset, f"from the onset to the last one: {said[name]}", "s")
    found["rekeyed.lag"] = Result(
        found["rekeyed.last"].value - (p.rekeyed - p.onset), "from the salting to the last refusal", "s"
    )
    return found


def draw_rates(chart: Chart, p: Parameters, found: dict[str, Result]) -> None:
    """Draw a line and a band for each stream, and the nominal capacity."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    chart.line(SKEW_SHARDS, [p.limit * shards for shards in SKEW_SHARDS], QUIET, dashed=True)
    chart.label(512, p.limit * 512, "nominal", color=QUIET)
    names = {"even": "equal keys", "salted": "1.0, salted", "zipf08": "Zipf 0.8", "zipf10": "Zipf 1.0"}
    for name, text in {**names, "zipf12": "Zipf 1.2"}.items():
        color = LAMP if name == "zipf10" else INK
        at = [found[f"{name}.n{shards}"] for shards in SKEW_SHARDS]
        chart.band(SKEW_SHARDS, [one.low or 1 for one in at], [one.high or 1 for one in at])
        chart.line(SKEW_SHARDS, [one.value for one in at], color, dashed=name == "salted")
        chart.label(512, at[-1].value, text, color=color)
    chart.ticks("x", SKEW_SHARDS)
    chart.ticks("y", [5000, 20_000, 100_000, 500_000])
    chart.axes.set_xlim(16, 512)
    chart.axes.set_ylim(2500, 560_000)
    chart.measures("Records a second before one shard is full", "shards")
    chart.margins(left=66, right=92)


def draw_runs(chart: Chart, p: Parameters, runs: dict[str, Run]) -> None:
    """Draw the accepted share of both producers, on the minutes in which the key is hot."""
    from chart import INK, LAMP, QUIET, WASH

    chart.axes.axvspan(p.onset / 60, p.end / 60, facecolor=WASH, edgecolor="none")
    minutes = [second / 60 for second in range(p.length)]
    offered = 100 * p.offered / p.limit / p.shards
    chart.line([0, p.length / 60], [offered, offered], QUIET, dashed=True)
    for name, color in (("apart", INK), ("shared", LAMP)):
        used = [100 * count / p.limit / p.shards for count in runs[name].accepted]
        chart.line(minutes, used, color)
    chart.label(p.end / 60, offered, "offered", color=QUIET, side="above", ha="right", xytext=(-4, 6))
    chart.label(3.8, 41.2, "a share each", side="below")
    chart.label(3.8, 20.7, "one buffer for all", color=LAMP, side="below")
    chart.ticks("x", [0, 1, 6, 10])
    chart.ticks("y", [0, 20, 40, 60], ["0%", "20%", "40%", "60%"])
    chart.axes.set_xlim(0, 10)
    chart.axes.set_ylim(0, 66)
    chart.measures("Accepted, as a share of capacity", "minutes; the key is hot from 1 to 6")
    chart.margins(left=46, right=14)
