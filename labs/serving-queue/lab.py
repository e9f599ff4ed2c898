"""One serving queue, read as latency, as throughput and as availability."""

from __future__ import annotations

import heapq
import random
from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import chain, count
from math import exp, factorial, log
from statistics import NormalDist, fmean, median
from typing import TYPE_CHECKING, NamedTuple

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import each_seed, middle, of_seeds, over_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chart import Chart

TITLE = "One serving queue, read three ways"
SHOWS = """Arithmetic on the operating point of the journal's map: events in flight, slots, error budget, and how long a
stop may last. Then four small models of a serving path: sixteen replicas behind four ways to share the load, batches
that form with and without a wait, a burst under four rules for queues and retries, and a server that stops now and then
under three clocks."""
LIMITS = """The operating point, the service times and the loads are constructed. Requests arrive at random and
independently, service times are exponential but where it is said, and replicas are alike: real traffic has bursts and
real replicas have slow minutes, so real tails are longer. The order of the rules carries over, the milliseconds do
not. Networks, deadlines that travel with a request, and autoscaling are left out."""
QUESTION = "Does the way of sharing load, batching and retrying matter more than how busy the servers are?"
ANSWER = """At 80% busy, sixteen replicas that take requests in turn have a p99 of {turns.80}. Where each request
goes to the shorter of two queues it is {two.80}, and with one queue {shared.80}. After a burst of ten seconds, retries
without a bound kept {burst.retries.stuck} of {burst.runs} runs down to the end, and a bounded queue was back in
{burst.bounded.back}."""
RERUN = "test-long"
QUICK = {"requests": 10_000, "runs": 3, "seeds": 2}

Z99 = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to; times are in milliseconds but where the unit is given."""

    seed: int = parameter(17, "seed of all that is random")
    latency: float = parameter(12, "latency of the map, and mean service time of the models", "ms")
    rate: int = parameter(1_200_000, "throughput of the map", "events/s")
    availability: float = parameter(0.9995, "availability of the map")
    days: int = parameter(30, "days that its budget is for", "d")
    spread: float = parameter(5, "p99 over median, where the latency has a shape (lognormal)")
    replicas: int = parameter(16, "replicas that share a load")
    seeds: int = parameter(20, "seeds of each run of replicas and of batches")
    requests: int = parameter(100_000, "requests in each run of replicas, of which a tenth is left out at the start")
    fixed_cost: float = parameter(8, "what a batch takes, whatever its size", "ms")
    item_cost: float = parameter(0.5, "what each of its items adds", "ms")
    largest_batch: int = parameter(32, "largest batch")
    deadline: int = parameter(250, "a client's timeout", "ms")
    tries: int = parameter(3, "attempts of a client that retries")
    bound: int = parameter(8, "waiting requests from which a bounded queue refuses more")
    retry_after: int = parameter(100, "wait before the next attempt of a client that was refused", "ms")
    budget: float = parameter(0.1, "retries for each first attempt, where they are budgeted")
    load: float = parameter(0.7, "load before and after the burst, as a share of capacity")
    burst: float = parameter(2, "load in the burst, as a share of capacity")
    burst_from: int = parameter(30, "start of the burst", "s")
    burst_length: int = parameter(10, "length of the burst", "s")
    horizon: int = parameter(130, "length of a run", "s")
    runs: int = parameter(20, "runs with each rule, by seeds of their own")
    leaf_median: float = parameter(10, "median of one leaf, of a request that waits for many", "ms")
    leaf_p99: float = parameter(60, "p99 of one leaf (lognormal)", "ms")
    stall: int = parameter(1000, "a stop of the server under three clocks", "ms")
    every: int = parameter(10_000, "time between the starts of two stops", "ms")
    service: int = parameter(10, "time in which it answers otherwise", "ms")
    pace: int = parameter(25, "time between requests of a paced client", "ms")


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


# The operating point


def operating_point(p: Parameters) -> dict[str, Result]:
    """What the three tiles say together."""
    sigma = log(p.spread) / Z99
    mean_over_median = exp(sigma**2 / 2)
    per_ms = p.rate / 1000
    flight = {
        "mean": (p.latency, "the mean"),
        "median": (p.latency * mean_over_median, "the median"),
        "p99": (p.latency / p.spread * mean_over_median, "the p99"),
    }
    found = {
        f"flight.{name}": Result(round(per_ms * mean), f"events in flight if the latency is {said}")
        for name, (mean, said) in flight.items()
    }
    found["flight.ratio"] = Result(p.spread, "the second over the third", "", ".0f")
    for busy in (0.7, 0.5):
        slots = round(per_ms * p.latency / busy)
        found[f"slots.{busy * 100:.0f}"] = Result(slots, f"slots, {busy:.0%} of them busy, if it is mean service time")
    minutes = round((1 - p.availability) * p.days * 24 * 60, 6)
    failing = round((1 - p.availability) * p.rate)
    events = round(minutes * 60 * p.rate)
    found |= {
        "budget.minutes": Result(minutes, "the budget as a full stop", "min", ".1f"),
        "budget.rate": Result(failing, "the budget as failures all month", "events/s"),
        "budget.events": Result(round(events / 1e9, 4), "the budget in events, billions", "billion", ".2f"),
        "budget.one_percent": Result(
            round(events / (0.01 * p.rate) / 3600, 4), "the budget as one event in a hundred failing", "h", ".0f"
        ),
    }
    for headroom in (0.1, 0.25, 0.5, 1.0):
        name, said = f"headroom{headroom * 100:.0f}", f"with {headroom:.0%} headroom"
        late = minutes * (1 + 1 / headroom)
        found[f"{name}.drain"] = Result(
            round(minutes / headroom, 4), f"drain of a stop as long as the budget, {said}", "min", ".1f"
        )
        found[f"{name}.late"] = Result(round(late, 4), f"that stop and its drain, {said}", "min", ".1f")
        found[f"{name}.budgets"] = Result(
            round(late / minutes, 4), f"the same in budgets, if late is bad, {said}", "", ".3g"
        )
        found[f"{name}.stop"] = Result(
            round(minutes * headroom / (1 + headroom), 4),
            f"longest stop that the budget covers, if late is bad, {said}",
            "min",
            ".1f",
        )
    return found


# Replicas and the way to share the load


def erlang_p99(service: float, servers: int, busy: float) -> float:
    """The p99 of response times with one queue before ``servers``: exponential service, arrivals at random."""
    offered = servers * busy
    last = offered**servers / factorial(servers) / (1 - busy)
    waits = last / (sum(offered**k / factorial(k) for k in range(servers)) + last)
    drains, serves = servers * (1 - busy) / service, 1 / service

    def beyond(time: float) -> float:
        """The share of responses later than ``time``: service alone, or a wait and then service."""
        both = (drains * exp(-serves * time) - serves * exp(-drains * time)) / (drains - serves)
        return (1 - waits) * exp(-serves * time) + waits * both

    return solve(beyond, 0.01)


def solve(falling: Callable[[float], float], level: float) -> float:
    """Where a falling function reaches a level, by bisection between 0 and 100 s."""
    low, high = 0.0, 100_000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > level else (low, middle)
    return high


def shared_out(p: Parameters, way: str, busy: float) -> list[float]:
    """Response times of requests that a balancer sends to replicas, each with a queue of its own; ``shared``: one."""
    chance = random.Random(f"{p.seed} {way} {busy}")
    arrivals = p.replicas * busy / p.latency
    leaves = [0.0] * p.replicas  # when each is done with all that it has
    open_: list[deque[float]] = [deque() for _ in range(p.replicas)]
    now, times = 0.0, []
    for number in range(p.requests):
        now += chance.expovariate(arrivals)
        service = chance.expovariate(1 / p.latency)
        if way == "shared":
            done = max(now, heapq.heappop(leaves)) + service
            heapq.heappush(leaves, done)
        else:
            chosen = number % p.replicas
            if way == "two":
                pair = int(chance.random() * p.replicas), int(chance.random() * p.replicas)
                for one in pair:
                    while open_[one] and open_[one][0] <= now:
                        open_[one].popleft()
                chosen = min(pair, key=lambda one: len(open_[one]))
            done = max(now, leaves[chosen]) + service
            leaves[chosen] = done
            if way == "two":
                open_[chosen].append(done)
        times.append(done - now)
    return times[p.requests // 10 :]


BUSY = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9)
WAYS = {"random": "at random", "turns": "in turn", "two": "the shorter of two", "shared": "one queue"}


def turns_p99(p: Parameters, busy: float) -> float:
    """The p99 of response times in turn, exact: each replica has a queue E16/M/1, its arrivals one in sixteen.

    The wait of such a queue is geometric in ``behind``, the share of requests that find the server busy, and so the
    response is exponential.
    """
    servers, behind = p.replicas, busy
    for _ in range(2_000):
        behind = (servers * busy / (servers * busy + 1 - behind)) ** servers
    return p.latency * log(100) / (1 - behind)


class Knee(NamedTuple):
    """The p99 for each way and utilization, and for the shorter of two where 5 to 95 % of the seeds are."""

    tails: dict[str, list[float]]
    low: list[float]
    high: list[float]
    two: list[Result]
    off: float
    """How far the p99 of all runs together is from the closed form, at most, where there is one."""


def knee(p: Parameters) -> Knee:
    """Closed forms of three ways, which runs check, and runs of the fourth."""

    def drawn(way: str, busy: float) -> list[float]:
        return each_seed(p, p.seeds, lambda one: percentile(shared_out(one, way, busy), 0.99))

    tails = {
        "random": [log(100) * p.latency / (1 - busy) for busy in BUSY],
        "turns": [turns_p99(p, busy) for busy in BUSY],
        "shared": [erlang_p99(p.latency, p.replicas, busy) for busy in BUSY],
    }
    off = 0.0
    for way in ("turns", "shared"):
        for busy in (0.5, 0.7, 0.8):
            times = chain.from_iterable(each_seed(p, p.seeds, partial(shared_out, way=way, busy=busy)))
            off = max(off, abs(percentile(list(times), 0.99) / tails[way][BUSY.index(busy)] - 1))
    seen = [drawn("two", busy) for busy in BUSY]
    ranges = [middle(values) for values in seen]
    two = [
        of_seeds(
            [
                Result(value, f"p99, {p.replicas} replicas {busy:.0%} busy, {WAYS['two']}", "ms", ".0f")
                for value in values
            ]
        )
        for busy, values in zip(BUSY, seen, strict=True)
    ]
    tails["two"] = [result.value for result in two]
    return Knee(tails, [low for low, _high in ranges], [high for _low, high in ranges], two, off)


def waits(p: Parameters, busy: float, variation: float) -> float:
    """The mean wait before one server, by Pollaczek and Khinchine; ``variation`` is the CV of service times."""
    return p.latency * busy / (1 - busy) * (1 + variation**2) / 2


# Batches


def batched(p: Parameters, rate: int, largest: int, wait: float) -> tuple[list[float], float]:
    """Response times and the mean size of batches; an idle server waits for company, up to ``wait`` for the oldest."""
    chance = random.Random(f"{p.seed} {rate}")
    now, arrived = 0.0, []
    for _ in range(p.requests // 4):
        now += chance.expovariate(rate / 1000)
        arrived.append(now)
    first, free, times, sizes = 0, 0.0, [], []
    while first < len(arrived):
        start = max(free, arrived[first])
        full = arrived[first + largest - 1] if first + largest <= len(arrived) else float("inf")
        start = max(start, min(arrived[first] + wait, full))
        end = first
        while end < len(arrived) and end - first < largest and arrived[end] <= start:
            end += 1
        free = start + p.fixed_cost + p.item_cost * (end - first)
        times += [free - at for at in arrived[first:end]]
        sizes.append(end - first)
        first = end
    return times[len(times) // 10 :], fmean(sizes)


def batches(p: Parameters) -> dict[str, Result]:
    """Response times of requests one at a time, in batches as they come, and in batches that wait."""
    found = {}
    for rate in (10, 100, 400, 1000):
        for name, largest, wait, how in (
            ("single", 1, 0.0, "one at a time"),
            ("greedy", p.largest_batch, 0.0, "batches, no wait"),
            ("held", p.largest_batch, 5.0, "batches, wait of 5 ms"),
        ):
            if largest == 1 and rate > 100:
                continue
            times, size = batched(p, rate, largest, wait)
            said, key = f"{rate:,} requests/s, {how}", f"batch.{rate}.{name}"
            found[f"{key}.p50"] = Result(round(percentile(times, 0.5), 3), f"p50, {said}", "ms", ".1f")
            found[f"{key}.p99"] = Result(round(percentile(times, 0.99), 3), f"p99, {said}", "ms", ".0f")
            if largest > 1:
                found[f"{key}.size"] = Result(round(size, 3), f"mean batch, {said}", "", ".1f")
    return found


# A burst, queues and retries

RULES = {
    "patient": "no bound, one try",
    "retries": "no bound, three tries",
    "budgeted": "no bound, retries budgeted",
    "bounded": "bound of 8, three tries",
}


def served(p: Parameters, rule: str, run: int) -> tuple[list[tuple[float, bool]], int]:
    """When each request was first sent, in ms, and whether an attempt of it was answered in time; and all attempts.

    One server. A client that hears nothing within the deadline tries again at once, and what it gave up is still worked
    on. A bounded queue refuses at once. Where retries are budgeted, each first attempt earns a share of one.
    """
    chance = random.Random(f"{p.seed} {run}")
    now, sent = 0.0, list[float]()
    while now < p.horizon * 1000:
        burst = p.burst_from <= now / 1000 < p.burst_from + p.burst_length
        now += chance.expovariate((p.burst if burst else p.load) / p.latency)
        sent.append(now)
    order = count(len(sent))
    events = [(at, number, "send", number, 1.0) for number, at in enumerate(sent)]  # sorted, so a heap
    good, waiting, busy, earned, attempts = set[int](), deque[tuple[int, float]](), False, 10.0, 0
    while events[0][0] < p.horizon * 1000:
        now, _order, what, request, extra = heapq.heappop(events)
        may_retry = what != "done" and extra < (1 if rule == "patient" else p.tries)
        if what == "send":
            attempts += 1
            if extra == 1:
                earned = min(10.0, earned + p.budget)
            if rule != "bounded" or len(waiting) < p.bound:
                waiting.append((request, now))
                if may_retry:
                    heapq.heappush(events, (now + p.deadline, next(order), "timeout", request, extra))
            elif may_retry:
                heapq.heappush(events, (now + p.retry_after, next(order), "send", request, extra + 1))
        elif what == "timeout":
            if request not in good and (rule != "budgeted" or earned >= 1):
                earned -= 1
                heapq.heappush(events, (now, next(order), "send", request, extra + 1))
        else:
            busy = False
            if now - extra <= p.deadline:
                good.add(request)
        if waiting and not busy:
            busy, (request, at) = True, waiting.popleft()
            heapq.heappush(events, (now + chance.expovariate(1 / p.latency), next(order), "done", request, at))
    return [(at, number in good) for number, at in enumerate(sent)], attempts


STEP = 5
"""Seconds of one point of the figure."""


class Burst(NamedTuple):
    """What one run with a burst gave: for each step the share answered in time, and what notes quote."""

    shares: list[float]
    lost: int
    attempts: float

    @property
    def end(self) -> float:
        """The share answered in time in the last half minute."""
        return fmean(self.shares[-30 // STEP :])

    def back(self, after: int) -> int:
        """Seconds after ``after`` until 95% are answered in time again, in whole steps; all that are left if never."""
        steps = range(after // STEP, len(self.shares))
        return next((step for step in steps if self.shares[step] >= 0.95), len(self.shares)) * STEP - after


def burst(p: Parameters, rule: str, run: int) -> Burst:
    """One run with a burst."""
    outcomes, attempts = served(p, rule, run)
    last = p.horizon - STEP
    sums = [[0, 0] for _ in range(last // STEP)]
    for at, answered in outcomes:
        if at / 1000 < last:
            sums[int(at / 1000 // STEP)][0] += answered
            sums[int(at / 1000 // STEP)][1] += 1
    lost = sum(every - good for good, every in sums)
    return Burst([good / every for good, every in sums], lost, attempts / len(outcomes))


def bursts(p: Parameters) -> tuple[dict[str, list[Burst]], dict[str, Result], dict[str, Claim]]:
    """All runs with each rule, what notes quote of them, and what is claimed."""
    after = p.burst_from + p.burst_length
    runs, found = dict[str, list[Burst]](), dict[str, Result]()
    for rule, said in RULES.items():
        runs[rule] = made = [burst(p, rule, run) for run in range(p.runs)]
        stuck = sum(run.end < 0.5 for run in made)
        early = sum(fmean(run.shares[p.burst_from // STEP - 1 : p.burst_from // STEP]) < 0.5 for run in made)
        found[f"burst.{rule}.stuck"] = Result(stuck, f"runs of {p.runs} still failing most requests at the end: {said}")
        found[f"burst.{rule}.early"] = Result(early, f"runs of {p.runs} that failed most before the burst: {said}")
        found[f"burst.{rule}.end"] = of_seeds(
            [Result(run.end, f"share answered in time in the last half minute: {said}", "", ".0%") for run in made]
        )
        if not stuck:
            what = f"from the end of the burst until 95% are in time again: {said}"
            found[f"burst.{rule}.back"] = of_seeds([Result(run.back(after), what, "s") for run in made])
        found[f"burst.{rule}.lost"] = of_seeds(
            [Result(run.lost, f"requests not answered in time, a run: {said}") for run in made]
        )
        found[f"burst.{rule}.attempts"] = of_seeds(
            [Result(run.attempts, f"attempts for each request: {said}", "", ".2f") for run in made]
        )
    down = fmean(run.end < 0.5 for run in runs["retries"])
    worst = max(run.back(after) for rule in ("patient", "budgeted", "bounded") for run in runs[rule])
    lost = [late.lost / kept.lost for late, kept in zip(runs["budgeted"], runs["bounded"], strict=True)]
    claims = {
        "burst.stuck": Claim(
            "Without a bound and with three tries, {} of the runs still fail most requests a minute and a half later.",
            round(down, 4),
            least=0.95,
            format=".0%",
        ),
        "burst.back": Claim("With any other rule all runs are back {} after the burst.", worst, most=85, unit="s"),
        "burst.bounded": Claim(
            "With budgeted retries and no bound, a run loses {} times as many requests as with a bound.",
            round(min(lost), 3),
            least=2,
        ),
    }
    return runs, found, claims


# Fan-out


def leaves(p: Parameters) -> dict[str, Result]:
    """A request that waits for many leaves, and what a second copy after the p95 of a leaf does."""
    sigma = log(p.leaf_p99 / p.leaf_median) / Z99
    leaf = NormalDist(log(p.leaf_median), sigma)
    hedge = exp(leaf.inv_cdf(0.95))
    found = {"fan.hedge": Result(round(hedge, 3), "p95 of a leaf, after which a second copy is sent", "ms", ".0f")}
    for number in (1, 10, 100):
        found[f"fan.{number}.slow"] = Result(
            round(1 - 0.99**number, 5), f"requests slower than the p99 of a leaf, with {number} leaves", "", ".0%"
        )
    alone = solve(lambda time: 1 - leaf.cdf(log(time)) ** 100, 0.01)
    both = solve(
        lambda time: 1 - (1 - (1 - leaf.cdf(log(time))) * (1 - leaf.cdf(log(max(time - hedge, 1e-9))))) ** 100, 0.01
    )
    found["fan.100.p99"] = Result(round(alone, 3), "p99 of a request, with 100 leaves", "ms", ".0f")
    found["fan.100.hedged"] = Result(round(both, 3), "the same with a second copy after the p95", "ms", ".0f")
    return found


# Clocks


def clocks(p: Parameters) -> dict[str, list[float]]:
    """Latencies of one server that stops, as a client on one connection sees them: back to back, and paced."""

    def answer(start: float) -> float:
        """When a request that begins now is answered: the last part of each period is a stop."""
        begins = p.every - p.stall
        start = start if start % p.every < begins else (start // p.every + 1) * p.every
        end = start + p.service
        return end if end % p.every <= begins and end // p.every == start // p.every else end + p.stall

    periods = 60
    found = {"closed": list[float](), "sent": list[float](), "due": list[float]()}
    now = 0.0
    while now < periods * p.every:
        done = answer(now)
        found["closed"].append(done - now)
        now = done
    free = 0.0
    for number in range(periods * p.every // p.pace):
        due = float(number * p.pace)
        start = max(due, free)
        free = answer(start)
        found["sent"].append(free - start)
        found["due"].append(free - due)
    return found


CLOCKS = {"closed": "back to back, from send", "sent": "paced, from send", "due": "paced, from when it was due"}


# All of it


def measure(p: Parameters) -> Measured:
    """Do the arithmetic and run the models."""
    found = operating_point(p)
    seen = knee(p)
    tails = seen.tails
    for way, said in WAYS.items():
        for at, busy in enumerate(BUSY):
            exact = Result(round(tails[way][at], 3), f"p99, {p.replicas} replicas {busy:.0%} busy, {said}", "ms", ".0f")
            found[f"{way}.{busy * 100:.0f}"] = one = seen.two[at] if way == "two" else exact
            what, least = f"p99 over that of one queue, {busy:.0%} busy, {said}", tails["shared"][at]
            values = [end and round(end / least, 4) for end in (one.value, one.low, one.high)]
            times = Result(values[0] or 0, what, "", ".1f", low=values[1], high=values[2], seeds=one.seeds)
            found[f"{way}.{busy * 100:.0f}.times"] = times
    found["alone.p99"] = Result(round(log(100) * p.latency, 3), "p99 of the service time alone", "ms", ".0f")
    for busy in (0.5, 0.7, 0.8, 0.9):
        for variation in (0, 1, 2):
            found[f"wait.{busy * 100:.0f}.cv{variation}"] = Result(
                round(waits(p, busy, variation), 3),
                f"mean wait of one server {busy:.0%} busy, CV {variation}",
                "ms",
                ".0f",
            )
    found |= over_seeds(p, p.seeds, batches)
    single, whole = (
        1000 / (p.fixed_cost + p.item_cost),
        1000 * p.largest_batch / (p.fixed_cost + p.item_cost * p.largest_batch),
    )
    found["batch.single.most"] = Result(round(single, 3), "capacity one at a time", "requests/s", ",.0f")
    found["batch.greedy.most"] = Result(round(whole, 3), "capacity in the largest batches", "requests/s", ",.0f")
    runs, more, claims = bursts(p)
    found |= more
    found["burst.runs"] = Result(p.runs, "runs with each rule")
    found["bound.wait"] = Result(round(p.bound * p.latency), "mean time that a full bounded queue takes to serve", "ms")
    found |= leaves(p)
    for clock, taken in clocks(p).items():
        said = CLOCKS[clock]
        found[f"clock.{clock}.p50"] = Result(percentile(taken, 0.5), f"p50, {said}", "ms", ".0f")
        found[f"clock.{clock}.p99"] = Result(percentile(taken, 0.99), f"p99, {said}", "ms", ",.0f")
        late = fmean(time > 100 for time in taken)
        found[f"clock.{clock}.late"] = Result(round(late, 5), f"answers later than 100 ms, {said}", "", ".1%")
    claims |= {
        "turns.exact": Claim(
            "In turn and with one queue, the p99 of all runs together is {} from the closed form, 50, 70 and 80% busy.",
            round(seen.off, 4),
            most=0.02,
            format=".0%",
        ),
        "two.gain": Claim(
            "At 80% busy, p99 in turn is {} times that of the shorter of two, with 95 of 100 seeds.",
            round(tails["turns"][BUSY.index(0.8)] / seen.high[BUSY.index(0.8)], 3),
            least=1.5,
        ),
    }
    found["clock.stopped"] = Result(p.stall / p.every, "share of time in which that server is stopped", "", ".0%")
    shares = {rule: steps(runs[rule], median) for rule in RULES}
    return Measured(
        found,
        {
            "knee": Figure(
                "p99 of sixteen replicas, by utilization and by balancer",
                f"""The 99th percentile of response time against utilization from 30 to 90 percent, for {p.replicas}
                replicas with a mean service time of {p.latency:.0f} milliseconds, on a logarithmic scale. Replicas
                chosen at random rise steadily, to more than half a second at 90 percent; in turn is lower. The
                shorter of two queues stays under 100 milliseconds until 80 percent, and one queue for all close to
                the service time's own p99 of 55.""",
                ["Utilization", *(f"{said}, ms" for said in WAYS.values())],
                [[f"{busy:.0%}", *(tails[way][index] for way in WAYS)] for index, busy in enumerate(BUSY)],
                lambda chart: draw_knee(chart, p, seen),
            ),
            "burst": Figure(
                "Requests answered in time, before and after a burst",
                f"""Share of requests answered in time, by when they were first sent, over
                {p.horizon - STEP} seconds. Load is {p.load:.0%} of capacity, and {p.burst:g} times capacity for
                {p.burst_length} seconds from second {p.burst_from}. With a bounded queue the share falls to about a
                half in the burst and is back at once. Without a bound it falls to nothing; with one try it is back
                after about half a minute, with budgeted retries after most of one, and with three tries not at all. The
                line is the median of {p.runs} runs, and nine in ten of those without a bound lie in the bands.""",
                ["From second", *RULES.values()],
                [[point * STEP, *(shares[rule][point] for rule in RULES)] for point in range(len(shares["patient"]))],
                lambda chart: draw_burst(chart, p, runs),
            ),
        },
        claims,
        grid=Grid(
            {
                "busy": Axis("How busy the replicas are", {f"{busy * 100:.0f}": f"{busy:.0%}" for busy in BUSY}, "80"),
                "way": Axis("Where a request goes", dict(WAYS), "turns"),
            },
            {
                "p99": Answer("p99 of response time", ("way", "busy"), "{}.{}"),
                "times": Answer("times that of one queue for all", ("way", "busy"), "{}.{}.times"),
            },
        ),
    )


def draw_knee(chart: Chart, p: Parameters, seen: Knee) -> None:
    """Draw the p99 of each way, and for the shorter of two where 5 to 95 % of the seeds are."""
    from chart import INK, LAMP, QUIET

    tails = seen.tails
    chart.band(BUSY, seen.low, seen.high)

    chart.axes.set_yscale("log")
    for way in WAYS:
        chart.line(BUSY, tails[way], LAMP if way == "two" else INK, dashed=way == "turns")
    chart.limit(QUIET, log(100) * p.latency)
    chart.label(BUSY[-1], tails["random"][-1], "at random")
    chart.label(BUSY[-1], tails["turns"][-1], "in turn")
    chart.label(BUSY[-1], tails["two"][-1], "shorter of two", color=LAMP)
    chart.label(BUSY[-1], tails["shared"][-1], "one queue")
    chart.label(0.3, log(100) * p.latency, "service alone", xytext=(0, -11), color=QUIET)
    chart.ticks("x", [0.3, 0.5, 0.7, 0.9], ["30%", "50%", "70%", "90%"])
    chart.ticks("y", [50, 100, 200, 400])
    chart.axes.set_xlim(0.29, 0.9)
    chart.axes.set_ylim(40, 700)
    chart.measures("p99 of response time, ms", "how busy the replicas are")
    chart.margins(right=112)


def steps(runs: Sequence[Burst], of: Callable[[list[float]], float]) -> list[float]:
    """One number for each step, from the shares of all runs."""
    return [of(list(shares)) for shares in zip(*(run.shares for run in runs), strict=True)]


def draw_burst(chart: Chart, p: Parameters, runs: dict[str, list[Burst]]) -> None:
    """Draw the share in time of each rule: the median of the runs, and where 5 to 95 % of them are."""
    from chart import INK, LAMP, QUIET

    axes = chart.axes
    shares = {rule: steps(runs[rule], median) for rule in RULES}
    axes.axvspan(p.burst_from, p.burst_from + p.burst_length, facecolor="#000005", edgecolor="none")
    middles = [STEP * (point + 0.5) for point in range(len(shares["patient"]))]
    for made in (runs["patient"], runs["budgeted"]):
        chart.band(
            middles, steps(made, lambda shares: middle(shares)[0]), steps(made, lambda shares: middle(shares)[1])
        )
    for rule, color in zip(RULES, (INK, LAMP, INK, INK), strict=True):
        chart.line(middles, shares[rule], color, dashed=rule == "budgeted")
    chart.ticks("x", [0, 30, 60, 90, 120])
    chart.ticks("y", [0, 0.5, 1], ["0%", "50%", "100%"])
    axes.set_xlim(0, p.horizon - STEP)
    axes.set_ylim(-0.02, 1.22)
    chart.label(p.burst_from + p.burst_length / 2, 1.01, "burst", side="above", color=QUIET)
    chart.label(p.burst_from + p.burst_length, 0.53, "bounded")
    chart.label(72, 0.78, "one try", side="left")
    chart.label(93, 0.5, "budgeted")
    chart.label(86, 0.09, "three tries", color=LAMP)
    chart.measures("Requests answered in time", "second in which a request was first sent")
    chart.margins(right=20)
