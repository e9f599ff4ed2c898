"""The constructed stream of events that two labs count: most are on time, some are sent again, a few were offline."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import exp, log
from operator import itemgetter
from typing import NamedTuple

from record import parameter

REST = 3720
"""Seconds of events after those that are scored, so that every window closes."""


@dataclass(frozen=True)
class Stream:
    """What the stream is made of."""

    seed: int = parameter(3, "seed of the random events and delays")
    rate: int = parameter(60, "events a second")
    partitions: int = parameter(3, "partitions, each event in one at random")
    scored: int = parameter(3600, "seconds of windows that are scored", "s")
    network: float = parameter(0.92, "share of events with network delay alone")
    network_median: float = parameter(0.8, "median of that delay, which is log-normal with sigma 0.8", "s")
    retried: float = parameter(0.07, "share of events that are sent again")
    retry_wait: int = parameter(20, "shortest delay of these", "s")
    retry_mean: int = parameter(60, "mean of the exponential delay beyond it", "s")
    offline_from: int = parameter(300, "shortest delay of the rest, from devices that were offline", "s")
    offline_alpha: float = parameter(1.1, "shape of its Pareto tail")
    offline_cap: int = parameter(21_600, "longest delay of these", "s")


class Event(NamedTuple):
    """An event: when it happened, when it arrived, and in which partition."""

    time: float
    arrival: float
    partition: int


def stream(p: Stream) -> list[Event]:
    """The events in the order of their arrival; there are enough after the scored ones to close every window."""
    chance = random.Random(p.seed)
    until = p.scored + REST
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
