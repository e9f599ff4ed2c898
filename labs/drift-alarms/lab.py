"""Drift alarms: how often they fire while nothing has changed, and whether they fire when something has."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise
from math import erfc, exp, log, pi, sqrt
from statistics import NormalDist, fmean, median
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Drift alarms on days without drift"
QUESTION = """How often do the usual drift rules fire on days on which nothing has changed, and do they fire on a day on
which something has?"""
ANSWER = """Rows that come from the same users make a test at 0.05 fire for {users.naive.share} of the quiet features. A
rule that compares each feature with its own quiet days, and asks for several features on two days running, had
{rule.own.quiet} in 30 quiet days and saw the fault in {rule.own.caught} of the seeds."""
SHOWS = """First the population stability index (PSI) of two samples of one distribution, by the rows in each: by its
closed form, and by drawing. Then a test of two means whose rows come in twenties from the same users, counted by rows
and by users. Last a table of 100 features over a quiet month and a fault in ten of them, under seven rules."""
LIMITS = """All data is constructed: features are normal, each user has as many rows as the next, and features move in
groups. Real features have tails, weekdays and seasons, which cost more false alarms still. The fault is a shift of the
mean: a unit that changed, or a join that lost its key. What carries over is the order of the rules and what each one
depends on, not the number of alarms."""
RERUN = "test"
QUICK = {"seeds": 10, "pairs": 50}

NORMAL = NormalDist()


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(29, "first seed of all that is random")
    seeds: int = parameter(40, "seeds, each a world of its own")
    pairs: int = parameter(40, "pairs of samples drawn for each size, with each seed")
    bins: int = parameter(10, "bins of the PSI, of equal share")
    limit: float = parameter(0.1, "PSI from which a feature is called shifted")
    level: float = parameter(0.05, "p-value below which a test calls a feature shifted")
    features: int = parameter(100, "features of the table")
    group: int = parameter(10, "features that move together")
    common: float = parameter(0.5, "share of a feature's daily variation that its group has in common")
    users: int = parameter(100, "users a day")
    rows: int = parameter(20, "rows of each user a day")
    alike: float = parameter(0.3, "share of the variance of a row that lies between users")
    reference: int = parameter(28, "days of the reference")
    history: int = parameter(60, "quiet days from which a feature's own limit is taken", "d")
    quiet: int = parameter(30, "quiet days on which alarms are counted", "d")
    broken: int = parameter(7, "days of the fault", "d")
    shift: float = parameter(0.3, "shift of the ten broken features, in standard deviations of a row")
    few: int = parameter(5, "features that the last rule asks for")


# Two samples of one distribution


def chi_square_beyond(x: float, freedom: int) -> float:
    """The share of a chi-square distribution above ``x``; ``freedom`` is odd."""
    term, total = 1.0, 0.0
    for step in range((freedom - 1) // 2):
        total += term
        term *= x / (2 * step + 3)
    return erfc(sqrt(x / 2)) + sqrt(2 * x / pi) * exp(-x / 2) * total


def psi(one: Sequence[int], other: Sequence[int]) -> float:
    """The PSI of two counts by bin; an empty bin counts as half a row."""
    first, second = sum(one), sum(other)
    shares = [((a or 0.5) / first, (b or 0.5) / second) for a, b in zip(one, other, strict=True)]
    return sum((a - b) * log(a / b) for a, b in shares)


def drawn(randoms: random.Random, rows: int, bins: int) -> list[int]:
    """So many rows in bins of equal share."""
    counts = [0] * bins
    for place in randoms.choices(range(bins), k=rows):
        counts[place] += 1
    return counts


SIZES = (100, 200, 500, 1000, 2000)


def stability(p: Parameters) -> dict[str, float]:
    """The share of pairs whose PSI is at the limit or above, by the rows of each sample."""
    randoms = random.Random(p.seed)
    pairs = [
        (rows, [(drawn(randoms, rows, p.bins), drawn(randoms, rows, p.bins)) for _ in range(p.pairs)]) for rows in SIZES
    ]
    return {f"{rows}": fmean(psi(*pair) >= p.limit for pair in drawn_pairs) for rows, drawn_pairs in pairs}


def psi_of_shift(shift: float, bins: int) -> float:
    """The PSI of a normal distribution against itself moved by ``shift`` standard deviations, with endless rows."""
    cuts = [NORMAL.inv_cdf(step / bins) for step in range(1, bins)]
    moved = [0.0, *(NORMAL.cdf(cut - shift) for cut in cuts), 1.0]
    shares = [(b - a) for a, b in pairwise(moved)]
    return sum((share - 1 / bins) * log(share * bins) for share in shares)


def silent_shift(p: Parameters) -> float:
    """The shift of the mean whose PSI is just the limit, in standard deviations, by bisection."""
    low, high = 0.0, 3.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if psi_of_shift(middle, p.bins) < p.limit else (low, middle)
    return low


# Rows of the same users


def effect(p: Parameters) -> float:
    """By how much the variance of a mean grows when rows come from the same users: the design effect."""
    return 1 + (p.rows - 1) * p.alike


def naive_share(p: Parameters) -> float:
    """The share of quiet features that a test on rows calls shifted."""
    critical = NORMAL.inv_cdf(1 - p.level / 2)
    return 2 * (1 - NORMAL.cdf(critical / sqrt(effect(p))))


def sample(randoms: random.Random, p: Parameters) -> tuple[list[float], list[float]]:
    """The rows of one day, and the mean of each user."""
    between, within = sqrt(p.alike), sqrt(1 - p.alike)
    rows, means = [], []
    for _ in range(p.users):
        user = randoms.gauss(0, between)
        own = [user + randoms.gauss(0, within) for _ in range(p.rows)]
        rows += own
        means.append(fmean(own))
    return rows, means


def z_of(one: Sequence[float], other: Sequence[float]) -> float:
    """The difference of two means in its standard errors, as if all values were independent."""

    def error(values: Sequence[float]) -> float:
        center = fmean(values)
        return sum((value - center) ** 2 for value in values) / (len(values) - 1) / len(values)

    return (fmean(one) - fmean(other)) / sqrt(error(one) + error(other))


def by_rows_and_users(p: Parameters) -> tuple[bool, bool]:
    """Whether a test on rows, and one on users, calls a quiet feature shifted: one pair of days."""
    randoms = random.Random(p.seed)
    one, other = sample(randoms, p), sample(randoms, p)
    critical = NORMAL.inv_cdf(1 - p.level / 2)
    return abs(z_of(one[0], other[0])) > critical, abs(z_of(one[1], other[1])) > critical


# A table of features


def days(p: Parameters) -> list[list[float]]:
    """Each day's differences from the reference, in standard errors by users: history, quiet days, days of the fault.

    A day's error is shared within a group of features; the error of the reference is the same on all days.
    """
    randoms = random.Random(p.seed)

    def errors() -> list[float]:
        groups = [randoms.gauss(0, 1) for _ in range(p.features // p.group)]
        return [
            sqrt(p.common) * groups[feature // p.group] + sqrt(1 - p.common) * randoms.gauss(0, 1)
            for feature in range(p.features)
        ]

    ahead = [error / sqrt(p.reference) for error in errors()]
    scale = sqrt(1 + 1 / p.reference)
    moved = p.shift / sqrt(effect(p) / (p.rows * p.users))
    found = []
    for day in range(p.history + p.quiet + p.broken):
        is_broken = day >= p.history + p.quiet
        found.append(
            [
                (error - base + (moved if is_broken and feature < p.group else 0)) / scale
                for feature, (error, base) in enumerate(zip(errors(), ahead, strict=True))
            ]
        )
    return found


RULES = {
    "rows": "any feature, p < 0.05, by rows",
    "users": "any feature, p < 0.05, by users",
    "divided": "any feature, p < 0.05 / 100, by users",
    "half_rows": "half of the features, p < 0.05, by rows",
    "half": "half of the features, p < 0.05, by users",
    "once": "five features above all their own quiet days, on one day",
    "own": "five features above all their own quiet days, two days running",
}


def alarms(p: Parameters) -> dict[str, list[bool]]:
    """On which days after the history each rule fires."""
    table = days(p)
    critical, strict = (NORMAL.inv_cdf(1 - level / 2) for level in (p.level, p.level / p.features))
    by_rows = critical / sqrt(effect(p))
    own = [max(abs(day[feature]) for day in table[: p.history]) for feature in range(p.features)]
    above = [sum(abs(z) > limit for z, limit in zip(day, own, strict=True)) >= p.few for day in table]
    later = table[p.history :]

    def count(limit: float) -> list[int]:
        return [sum(abs(z) > limit for z in day) for day in later]

    return {
        "rows": [number > 0 for number in count(by_rows)],
        "users": [number > 0 for number in count(critical)],
        "divided": [number > 0 for number in count(strict)],
        "half_rows": [number >= p.features / 2 for number in count(by_rows)],
        "half": [number >= p.features / 2 for number in count(critical)],
        "once": above[p.history :],
        "own": [one and other for one, other in zip(above[p.history - 1 :], above[p.history :], strict=False)],
    }


def measure(p: Parameters) -> Measured:
    """Run all three parts."""
    results = psi_results(p) | user_results(p)
    fired = each_seed(p, p.seeds, alarms)
    for rule, said in RULES.items():
        quiet = [Result(sum(one[rule][: p.quiet]), f"alarm days of 30 quiet ones: {said}", "days") for one in fired]
        results[f"rule.{rule}.quiet"] = of_seeds(quiet)
        caught = fmean(any(one[rule][p.quiet :]) for one in fired)
        results[f"rule.{rule}.caught"] = Result(
            caught, f"seeds in which the fault is seen in a week: {said}", "", ".0%"
        )
    delays = [one["own"][p.quiet :].index(True) + 1 for one in fired if any(one["own"][p.quiet :])]
    results["rule.own.delay"] = Result(
        round(median(delays)), f"day of the fault on which it is seen: {RULES['own']}", "d"
    )
    claims = {
        "psi.closed": Claim(
            "The drawn share of alarms differs from the closed form by {} at each size",
            max(abs(results[f"psi.n{n}.drawn"].value - results[f"psi.n{n}.share"].value) for n in SIZES),
            most=0.07,
        ),
        "users.closed": Claim(
            "The drawn share of alarms by rows differs from the closed form by {}",
            abs(results["users.rows.share"].value - results["users.naive.share"].value),
            most=0.1,
        ),
        "half.blind": Claim(
            "The rule that asks for half of the features, by users, sees the fault in {} of the seeds",
            results["rule.half.caught"].value,
            most=0.1,
            format=".0%",
        ),
        "own.calm": Claim(
            "In each seed the rule of own quiet days fires on {} of the quiet days",
            max(sum(one["own"][: p.quiet]) for one in fired),
            most=5,
        ),
    }
    return Measured(results, {"psi-by-rows": psi_figure(results), "rules": rules_figure(results)}, claims)


def psi_results(p: Parameters) -> dict[str, Result]:
    """The PSI of quiet features, and the shift that it does not see."""
    shares = each_seed(p, p.seeds, stability)
    results = {}
    for rows in SIZES:
        beyond = chi_square_beyond(p.limit * rows / 2, p.bins - 1)
        name = f"quiet features with a PSI of 0.1 or more, {rows:,} rows a side"
        results[f"psi.n{rows}.share"] = Result(float(f"{beyond:.6g}"), f"{name}, closed form", "", ".1%")
        results[f"psi.n{rows}.drawn"] = Result(
            round(fmean(one[f"{rows}"] for one in shares), 6), f"{name}, drawn", "", ".1%"
        )
    results["psi.silent"] = Result(round(silent_shift(p), 4), "shift of the mean that has a PSI of 0.1", "sd", ".2f")
    moved = psi_of_shift(p.shift, p.bins)
    results["psi.fault"] = Result(round(moved, 6), "PSI of a shift by 0.3 standard deviations, endless rows", "", ".2f")
    return results


def user_results(p: Parameters) -> dict[str, Result]:
    """What a test makes of rows of the same users."""
    pairs = each_seed(p, p.seeds * 10, by_rows_and_users)
    return {
        "users.effect": Result(round(effect(p), 4), "design effect of 20 rows a user, 0.3 alike", "", ".1f"),
        "users.naive.share": Result(
            round(naive_share(p), 6), "quiet features that a test on rows calls shifted", "", ".0%"
        ),
        "users.rows.share": Result(round(fmean(rows for rows, _ in pairs), 6), "the same, drawn", "", ".0%"),
        "users.users.share": Result(
            round(fmean(users for _, users in pairs), 6), "the same by users, drawn", "", ".0%"
        ),
        "day.any": Result(
            round(1 - (1 - p.level) ** p.features, 6),
            "days with an alarm in 100 independent features at 0.05",
            "",
            ".1%",
        ),
        "day.expected": Result(
            round(p.level * p.features), "quiet features that a day calls shifted at 0.05", "features"
        ),
    }


def psi_figure(results: dict[str, Result]) -> Figure:
    """Quiet features that a PSI of 0.1 calls shifted, by rows."""
    shares = [100 * results[f"psi.n{rows}.share"].value for rows in SIZES]
    seen = [100 * results[f"psi.n{rows}.drawn"].value for rows in SIZES]

    def draw(chart: Chart) -> None:
        from chart import LAMP

        places = range(len(SIZES))
        chart.margins(left=44, bottom=56)
        chart.measures("quiet features called shifted, %", "rows in each of the two samples")
        chart.line([*places], shares, LAMP)
        chart.ticks("x", [*places], [f"{rows:,}" for rows in SIZES])
        chart.ticks("y", [0, 25, 50, 75, 100])
        chart.axes.set_ylim(0, 100)
        chart.label(0, shares[0], f"{shares[0]:.0f} % of 100 rows", side="right")
        chart.label(1, shares[1], f"{shares[1]:.0f} % of 200", side="right")

    return Figure(
        "Quiet features with a PSI of 0.1 or more",
        f"""The share of features without any drift that the limit calls shifted, by the rows of each sample:
        {shares[0]:.0f} % with 100 rows, {shares[1]:.0f} % with 200, and hardly one from 500 on.""",
        ["rows a side", "closed form, %", "drawn, %"],
        [[rows, share, drawn_share] for rows, share, drawn_share in zip(SIZES, shares, seen, strict=True)],
        draw,
    )


def rules_figure(results: dict[str, Result]) -> Figure:
    """Alarm days of a quiet month, by rule."""
    names = [*RULES]
    quiet = [results[f"rule.{rule}.quiet"] for rule in names]
    caught = [100 * results[f"rule.{rule}.caught"].value for rule in names]

    def draw(chart: Chart) -> None:
        from chart import LAMP, QUIET

        places = [len(names) - 1 - place for place in range(len(names))]
        chart.margins(left=120, bottom=56, right=20)
        chart.measures("alarm days in a quiet month", "days of 30; bar: 5 to 95 % of seeds")
        for place, result in zip(places, quiet, strict=True):
            chart.line([result.low or 0, result.high or 0], [place, place], QUIET, width=4)
            chart.line([result.value, result.value], [place - 0.25, place + 0.25], LAMP, width=5)
        chart.ticks(
            "y",
            places,
            [
                "any, by rows",
                "any, by users",
                "any, divided",
                "half, by rows",
                "half, by users",
                "own, one day",
                "own, two days",
            ],
        )
        chart.ticks("x", [0, 10, 20, 30])
        chart.axes.set_xlim(0, 30)
        chart.axes.set_ylim(-0.5, len(names) - 0.5)

    said = "; ".join(
        f"{RULES[rule]}: {format(result.value, ',d')} days, fault seen in {share:.0f} % of the seeds"
        for rule, result, share in zip(names, quiet, caught, strict=True)
    )
    return Figure(
        "Alarm days of a quiet month under seven rules",
        f"Median of the seeds. {said}.",
        ["rule", "alarm days, median", "5 %", "95 %", "fault seen, %"],
        [
            [RULES[rule], result.value, result.low or 0, result.high or 0, share]
            for rule, result, share in zip(names, quiet, caught, strict=True)
        ],
        draw,
        height=360,
    )
