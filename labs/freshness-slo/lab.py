"""Freshness objectives against job status: what each alert rule sees, and what a stall costs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Freshness objectives against job status"
QUESTION = "Which alert rules see that data is stale or wrong, and what makes a stall cost less?"
ANSWER = """Rules on the status of runs page for {failed_run.silent} of the incidents in which a source falls silent,
burn of freshness for {burn.silent}, after a median of {burn.silent.after}. With a catch-up rate of 1.25, a stall of
four hours keeps data stale for {k1_25.bad}. The earliest page would save {saved.page_at_start} of them, a catch-up rate
of 2 {saved.k2}, and a repair in half the time {saved.repair_half}."""
SHOWS = """Seven alert rules watch a table that a job publishes every quarter of an hour, while one of seven faults is
injected. The lab counts which faults each rule pages for, and how late. The rest is arithmetic on the burn-rate rules
of the Site Reliability Workbook and on how long a stall keeps data stale."""
LIMITS = """The job, its faults and their lengths are constructed: no production data is in it. The pattern of
blindness carries over, the shares do not. Nobody intervenes, so a fault lasts as long whether it is noticed or not.
The check behind the correctness rule is taken to be perfect. Replay is in the order of events, at a steady rate. Which
rule sees which fault follows from what the faults were made to be: read the grid as a picture, not as a measurement."""
RERUN = "test-long"
QUICK = {"incidents": 4, "seeds": 2}

DAY = 24 * 60


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to; times are in minutes."""

    seed: int = parameter(7, "seed of the random lengths and starts")
    seeds: int = parameter(20, "seeds from it on, of which results are the median")
    incidents: int = parameter(60, "incidents of each kind, with each seed")
    interval: int = parameter(15, "time between the starts of two runs", "min")
    shortest_run: int = parameter(4, "shortest run", "min")
    longest_run: int = parameter(8, "longest run", "min")
    source_lag: int = parameter(2, "age of the newest event that a starting run can read", "min")
    reach: int = parameter(3, "intervals of event time that one run can process")
    threshold: int = parameter(45, "T, the age from which data is stale", "min")
    target: float = parameter(0.99, "share of good minutes that is promised, for each of the three indicators")
    period: int = parameter(30, "days of the objective", "d")
    shortest_fault: int = parameter(60, "shortest fault", "min")
    longest_fault: int = parameter(360, "longest fault", "min")
    slow_run: int = parameter(45, "length of a run while the fault is slow runs, five minutes more or less", "min")
    significant: float = parameter(0.02, "share of the budget from which an incident counts as significant")
    stall: int = parameter(240, "the stall of the arithmetic", "min")
    usual_age: int = parameter(5, "age before that stall, with publishing that is continuous", "min")

    @property
    def budget(self) -> float:
        """Bad minutes that the objective allows."""
        return round((1 - self.target) * self.period * DAY, 6)


FAULTS = {
    "retried": "one run fails, the next succeeds",
    "down": "every run fails",
    "hung": "a run neither ends nor fails",
    "silent": "the source stalls, and runs succeed on nothing new",
    "slow": "runs take three intervals",
    "partial": "a partition is missing, runs succeed",
    "wrong": "values are wrong, runs succeed",
}
RULES = {
    "failed_run": "a run failed",
    "two_failed": "two runs failed",
    "no_success": "no success, 40 min",
    "stale": "age above T",
    "stale_30m": "the same for 30 min",
    "burn": "burn, freshness",
    "burn_all": "burn, all three",
}
BURN = {"fast": (14.4, 60), "slow": (6, 360), "ticket": (1, 3 * DAY)}
"""Burn rate and long window, in minutes, of the Workbook's recommended rules; the short window is a twelfth."""


# What happens in one incident


@dataclass
class Signals:
    """What can be seen at each minute."""

    age: list[int]
    incomplete: list[bool]
    wrong: list[bool]
    failed: list[int]
    """The minutes at which a run failed."""
    succeeded: list[int]
    """The minutes at which a run succeeded."""


def incident(p: Parameters, chance: random.Random, fault: str, onset: int, length: int) -> Signals:
    """Walk the schedule through one fault, from six hours before it to twelve after its data has caught up."""
    horizon = onset + 2 * length + 720
    newest, start = -p.source_lag, 0
    failed, succeeded, published = [], [], [(0, newest, False, False)]
    while start < horizon:
        faulty = onset <= start < onset + length
        run = chance.randint(p.shortest_run, p.longest_run)
        if faulty and fault == "slow":
            run = chance.randint(p.slow_run - 5, p.slow_run + 5)
        if faulty and fault == "hung":
            run += onset + length - start  # somebody kills it when the fault ends
        end = start + run
        if faulty and fault in {"retried", "down"}:
            failed.append(end)
        else:
            readable = (min(start, onset) if faulty and fault == "silent" else start) - p.source_lag
            newest = max(newest, min(readable, newest + p.reach * p.interval))
            succeeded.append(end)
            published.append((end, newest, faulty and fault == "partial", faulty and fault == "wrong"))
        start = max(start // p.interval + 1, -(-end // p.interval)) * p.interval
    age, incomplete, wrong = [], [], []
    for (minute, event, partial, bad), (until, *_rest) in zip(published, [*published[1:], (horizon,)], strict=True):
        minutes = range(minute, min(until, horizon))
        age += [now - event for now in minutes]
        incomplete += [partial] * len(minutes)
        wrong += [bad] * len(minutes)
    return Signals(age, incomplete, wrong, failed, succeeded)


# What each rule says of it


def share(bad: Sequence[bool], window: int) -> list[float]:
    """The share of bad minutes in the window before each minute, itself among them."""
    sums = [0, *accumulate(bad)]
    return [(sums[now + 1] - sums[max(0, now + 1 - window)]) / window for now in range(len(bad))]


def burning(p: Parameters, bad: Sequence[bool]) -> list[bool]:
    """Whether the budget burns fast enough for a page, by the Workbook's two pairs of windows."""
    pages = [False] * len(bad)
    for rate, window in (BURN["fast"], BURN["slow"]):
        level = rate * (1 - p.target)
        pairs = zip(share(bad, window), share(bad, window // 12), strict=True)
        pages = [page or (long > level and short > level) for page, (long, short) in zip(pages, pairs, strict=True)]
    return pages


def paged(p: Parameters, seen: Signals) -> dict[str, list[bool]]:
    """Whether each rule pages, at each minute."""
    stale = [age > p.threshold for age in seen.age]
    minutes = range(len(stale))
    ended = {**dict.fromkeys(seen.succeeded, True), **dict.fromkeys(seen.failed, False)}
    failures, last, in_row, since = [], 0, [], []
    for now in minutes:
        if now in ended:
            failures.append(now) if not ended[now] else failures.clear()
            last = now if ended[now] else last
        in_row.append(len(failures))
        since.append(now - last)
    burn = burning(p, stale)
    others = zip(burn, burning(p, seen.incomplete), burning(p, seen.wrong), strict=True)
    return {
        "failed_run": [count >= 1 for count in in_row],
        "two_failed": [count >= 2 for count in in_row],
        "no_success": [age > 2 * p.interval + 10 for age in since],
        "stale": stale,
        "stale_30m": [found >= 1 for found in share(stale, 30)],
        "burn": burn,
        "burn_all": [any(found) for found in others],
    }


def watch(p: Parameters) -> tuple[dict[str, dict[str, list[int | None]]], dict[str, int]]:
    """Inject each fault many times: the delay of each rule's first page, None for no page; and what was significant."""
    delays: dict[str, dict[str, list[int | None]]] = {rule: {fault: [] for fault in FAULTS} for rule in RULES}
    significant = dict.fromkeys(FAULTS, 0)
    for fault in FAULTS:
        chance = random.Random(f"{p.seed} {fault}")
        for _ in range(p.incidents):
            onset = 360 + chance.randrange(10 * p.interval)
            length = p.interval if fault == "retried" else chance.randint(p.shortest_fault, p.longest_fault)
            seen = incident(p, chance, fault, onset, length)
            bad = [
                now
                for now, found in enumerate(zip(seen.age, seen.incomplete, seen.wrong, strict=True))
                if found[0] > p.threshold or found[1] or found[2]
            ]
            significant[fault] += len(bad) >= p.significant * p.budget
            end = max([onset + length + p.interval, *bad[-1:]])  # by then the last faulty run has ended
            for rule, pages in paged(p, seen).items():
                delays[rule][fault].append(next((now - onset for now in range(onset, end + 1) if pages[now]), None))
    return delays, significant


# Arithmetic


def fires_after(target: float, rate: float, window: int) -> float | None:
    """Minutes of a total stall until a burn-rate rule fires; None if it never can."""
    level = rate * (1 - target)
    return level * window if level < 1 - 1e-9 else None


def bad_minutes(p: Parameters, k: float, stall: float) -> float:
    """Minutes with data older than T: replay works off k minutes of events a minute while one more arrives."""
    return max(0.0, (stall + p.usual_age - p.threshold) * k / (k - 1))


def walked(p: Parameters, k: float, stall: float, step: float = 0.05) -> float:
    """The same by a walk in small steps, as a check of the formula."""
    age, now, bad = float(p.usual_age), 0.0, 0.0
    while now < stall or age > p.threshold:
        age += step if now < stall else step - k * step
        bad += step * (age > p.threshold)
        now += step
    return bad


def longest_stall(p: Parameters, k: float, budget: float) -> float:
    """The longest stall that costs no more bad minutes than ``budget``."""
    return p.threshold - p.usual_age + budget * (k - 1) / k


CATCH_UP = (1.1, 1.15, 1.25, 1.5, 2, 3, 5, 10)
STALLS = (60, 120, 240)
TARGETS = (0.999, 0.99, 0.95, 0.90, 0.80)


def word(number: float, sign: str = "_") -> str:
    """A number as part of a result's name."""
    return f"{number:g}".replace(".", sign)


def arithmetic(p: Parameters) -> dict[str, Result]:
    """The numbers of rules, schedules and stalls."""
    found = {"budget": Result(p.budget, "budget of the objective, in bad minutes", "min", ",.0f")}
    for target in TARGETS:
        name = f"slo{word(target * 100)}"
        allowed = (1 - target) * p.period * DAY
        shown = ",.1f" if target > 0.99 else ",.0f"
        found[f"{name}.budget"] = Result(round(allowed, 3), f"budget at {target:.1%}", "min", shown)
        for rule, (rate, window) in BURN.items():
            after = fires_after(target, rate, window)
            if after is not None:
                digits = ",.1f" if after < 100 and round(after, 6) % 1 else ",.0f"
                what = f"minutes of a total stall until the {rule} rule fires at {target:.1%}"
                found[f"{name}.{rule}"] = Result(round(after, 3), what, "min", digits)
    for rule, (rate, _window) in list(BURN.items())[:2]:
        found[f"reach.{rule}"] = Result(
            round(1 - 1 / rate, 6), f"target below which the {rule} rule never fires", "", ".2%"
        )
    run = p.interval // 3
    for lost in range(3):
        what = f"worst age with {lost} runs lost, of a job every 15 min, 5 min long, without source lag"
        found[f"worst_age.{lost}"] = Result(run + (lost + 1) * p.interval, what, "min", ",d")
    found["daily.budget"] = Result(0.01 * p.period, "budget of a daily job at 99%", "runs", ".1f")
    found["daily.one_late"] = Result(
        round(1 / (0.01 * p.period), 4), "budgets that one late run of it spends", "", ".1f"
    )
    share_bad = 5 / 15
    found["swing.burn"] = Result(round(share_bad / 0.01, 3), "burn rate with 5 bad minutes in 15, at 99%", "", ".0f")
    found["swing.spent_after"] = Result(
        round(p.budget / share_bad), "minutes until it has spent the budget", "min", ",d"
    )
    found["swing.spent_after_h"] = Result(round(p.budget / share_bad / 60, 3), "the same in hours", "h", ".1f")
    for k in CATCH_UP:
        bad = bad_minutes(p, k, p.stall)
        assert abs(walked(p, k, p.stall) - bad) < 2, k
        name = f"k{word(k)}"
        found[f"{name}.per_minute"] = Result(
            round(k / (k - 1), 4), f"bad minutes for each more of a stall, k = {k:g}", "", ",.3g"
        )
        found[f"{name}.bad"] = Result(round(bad, 3), f"bad minutes of the stall, k = {k:g}", "min", ",.0f")
        found[f"{name}.share"] = Result(
            round(bad / p.budget, 4), f"the same as a share of the budget, k = {k:g}", "", ".0%"
        )
        found[f"{name}.longest"] = Result(
            round(longest_stall(p, k, p.budget), 3), f"longest stall that the budget covers, k = {k:g}", "min", ",.0f"
        )
    fast = fires_after(p.target, *BURN["fast"]) or 0.0
    crossing = p.threshold - p.usual_age
    stalled = p.stall - crossing
    found["crossing"] = Result(crossing, "minutes of the stall until age passes T", "min")
    found["stalled_bad"] = Result(stalled, "bad minutes of the stall itself, before catch-up", "min")
    found["page_at"] = Result(round(crossing + fast, 3), "minutes of the stall until the fast rule pages", "min", ".1f")
    found["saved.page_at_crossing"] = Result(
        round(fast * 5, 3), "bad minutes that a page at the crossing saves, k = 1.25", "min", ".0f"
    )
    found["saved.page_at_start"] = Result(
        round((crossing + fast) * 5, 3),
        "bad minutes that a page at the first stalled minute saves, k = 1.25",
        "min",
        ".0f",
    )
    faster = bad_minutes(p, 1.25, p.stall) - bad_minutes(p, 2, p.stall)
    found["saved.k2"] = Result(round(faster, 3), "bad minutes that k = 2 saves over k = 1.25", "min", ".0f")
    repair = p.stall - crossing - fast
    found["repair"] = Result(round(repair, 3), "minutes from that page to the end of the stall", "min", ".0f")
    for name, part, said in (("quarter", 0.25, "a quarter"), ("half", 0.5, "a half")):
        found[f"saved.repair_{name}"] = Result(
            round(5 * part * repair, 3), f"bad minutes that a repair shorter by {said} saves, k = 1.25", "min", ".0f"
        )
    found["repair.as_k2"] = Result(
        round(faster / 5, 3), "minutes of repair that save as much as k = 2, k = 1.25", "min", ".0f"
    )
    found["k_needed"] = Result(
        round(p.budget / (p.budget - stalled), 4), "k from which the stall fits the budget", "", ".2f"
    )
    for k in (1.25, 2):
        gap = p.stall / (k - 1)
        found[f"k{word(k)}.gap"] = Result(
            gap, f"minutes that newest-first replay leaves a gap, k = {k:g}", "min", ",.0f"
        )
        longest = longest_stall(p, k, 0.2 * p.budget)
        found[f"k{word(k)}.postmortem"] = Result(
            round(longest, 3), f"stall that takes a fifth of the budget, k = {k:g}", "min", ".0f"
        )
    found["fifth"] = Result(round(0.2 * p.budget, 3), "a fifth of the budget", "min", ".1f")
    return found


def choices(p: Parameters) -> tuple[dict[str, Result], Grid]:
    """What each stall costs at each catch-up rate, for readers to turn."""
    found = {}
    for k in CATCH_UP:
        for stall in STALLS:
            bad, said = bad_minutes(p, k, stall), f"stall of {stall // 60} h, k = {k:g}"
            found[f"stale.{word(k)}.{stall}"] = Result(round(bad, 3), f"bad minutes, {said}", "min", ",.0f")
            found[f"spent.{word(k)}.{stall}"] = Result(
                round(bad / p.budget, 4), f"the same as a share of the budget, {said}", "", ".0%"
            )
    axes = {
        "k": Axis("Catch-up rate k", {word(k): f"{k:g}" for k in CATCH_UP}, "1_25"),
        "stall": Axis("Stall", {str(stall): f"{stall // 60} h" for stall in STALLS}, str(p.stall)),
    }
    answers = {
        "stale": Answer("with data older than T", ("k", "stall")),
        "spent": Answer("of the month’s budget", ("k", "stall")),
        "longest": Answer("longest stall that the budget covers", ("k",), "k{}.longest"),
    }
    return found, Grid(axes, answers)


def watched(p: Parameters) -> dict[str, Result]:
    """What each rule sees, with one seed."""
    delays, significant = watch(p)
    results = {
        f"significant.{fault}": Result(count, f"significant incidents of {p.incidents}: {FAULTS[fault]}")
        for fault, count in significant.items()
    }
    for rule in RULES:
        for fault in FAULTS:
            found = delays[rule][fault]
            at = [delay for delay in found if delay is not None]
            what = f"share paged by the rule “{RULES[rule]}”: {FAULTS[fault]}"
            results[f"{rule}.{fault}"] = Result(round(len(at) / len(found), 4), what, "", ".0%")
            if at:
                what = f"minutes from the fault to that page, the median: {FAULTS[fault]}"
                results[f"{rule}.{fault}.after"] = Result(float(median(at)), what, "min", ".0f")
    return results


def measure(p: Parameters) -> Measured:
    """Inject the faults, and do the arithmetic."""
    runs = each_seed(p, p.seeds, watched)
    everywhere = [key for key in runs[0] if all(key in run for run in runs)]
    results = {**arithmetic(p), **{key: of_seeds([run[key] for run in runs]) for key in everywhere}}
    shares = {rule: [results[f"{rule}.{fault}"].value for fault in FAULTS] for rule in RULES}
    real = [fault for fault in FAULTS if fault != "retried"]
    blind = ("partial", "wrong")
    claims = {
        "burn_all": Claim(
            "The burn rate of all three indicators pages for {} of the incidents of each of the six faults.",
            min(run[f"burn_all.{fault}"].value for run in runs for fault in real),
            least=0.95,
            format=".0%",
        ),
        "blind": Claim(
            "Rules on status, age and freshness page for {} of the incidents with a partition missing or values wrong.",
            max(
                run[f"{rule}.{fault}"].value for run in runs for rule in RULES if rule != "burn_all" for fault in blind
            ),
            most=0,
            format=".0%",
        ),
    }
    explored, choice = choices(p)
    results |= explored
    stalls, ks = [*STALLS], [*CATCH_UP]
    costs = [[bad_minutes(p, k, stall) for stall in stalls] for k in ks]
    return Measured(
        results,
        {
            "what-each-rule-sees": Figure(
                "Share of incidents that each rule pages for",
                f"""A grid of seven rules and seven faults, {p.incidents} incidents each with every seed. Rules on run
                status page only for faults that end in a failed run; the first of them also pages for every retried
                failure. Age and freshness burn see every fault that makes data old, and none that leaves a partition
                out or values wrong. Only the burn rate of all three indicators sees all six faults, and leaves the
                retried failure alone.""",
                ["Rule", *FAULTS],
                [[RULES[rule], *(f"{found:.0%}" for found in shares[rule])] for rule in RULES],
                lambda chart: grid(chart, shares),
                height=300,
            ),
            "cost-of-a-stall": Figure(
                "Minutes with stale data, by catch-up rate",
                """Bad minutes of stalls of one, two and four hours against the catch-up rate k, from 1.1 to
                10, on logarithmic scales. Each line falls steeply until k is about 2 and is nearly level beyond 3. The
                month's budget of 432 minutes is crossed by the four-hour stall just below k = 2.""",
                ["k", *(f"{stall // 60} h stall, min" for stall in stalls)],
                [[k, *row] for k, row in zip(ks, costs, strict=True)],
                lambda chart: lines(chart, p, ks, costs, stalls),
            ),
        },
        claims,
        grid=choice,
    )


def grid(chart: Chart, shares: dict[str, list[float]]) -> None:
    """Draw the grid of rules and faults; a filled cell is a page."""
    from chart import CELL, LAMP, PAPER, RULE, TEXT, WASH
    from matplotlib.patches import Rectangle

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, rule in enumerate(RULES):
        for column, found in enumerate(shares[rule]):
            fill = LAMP if found >= 0.995 else WASH if found > 0 else PAPER
            axes.add_patch(
                Rectangle((column + 0.04, row + 0.06), 0.92, 0.88, facecolor=fill, edgecolor=RULE, clip_on=False)
            )
            text = f"{100 * found:.0f}" if 0 < found < 0.995 else "" if found else "–"
            axes.text(column + 0.5, row + 0.54, text, color=CELL, ha="center", va="center", fontsize=TEXT)
    axes.set_xlim(0, len(FAULTS))
    axes.set_ylim(len(RULES), 0)
    axes.set_yticks([row + 0.5 for row in range(len(RULES))], list(RULES.values()))
    axes.set_xticks([column + 0.5 for column in range(len(FAULTS))], list(FAULTS), rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor="#000001")
    chart.margins(left=164, right=2, top=64, bottom=8)


def lines(chart: Chart, p: Parameters, ks: list[float], costs: list[list[float]], stalls: list[int]) -> None:
    """Draw the bad minutes of each stall."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for index, stall in enumerate(stalls):
        found = [row[index] for row in costs]
        color = LAMP if stall == p.stall else INK
        chart.line(ks, found, color)
        chart.label(ks[-1], found[-1], f"{stall // 60} h stall", color=color)
    chart.limit(LAMP, p.budget)
    chart.label(ks[-1], p.budget, "budget, 432 min", side="left", va="bottom", xytext=(0, 3), color=LAMP)
    chart.ticks("x", [1.1, 1.5, 2, 3, 5, 10])
    chart.ticks("y", [20, 100, 500, 2000])
    chart.axes.set_xlim(1.1, 10)
    chart.axes.set_ylim(18, 2600)
    chart.measures("Minutes with data older than T", "k, processing rate ÷ arrival rate")
    chart.margins(right=84)
