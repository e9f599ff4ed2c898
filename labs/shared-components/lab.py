"""Who shares the failing component: scores of an incident, and the reach of each component in five layouts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Who shares the failing component"
QUESTION = """Which shared component explains an incident, and how many workloads does the worst single failure reach in
each layout of clusters?"""
ANSWER = """In the made-up incident the bootstrap script v8 covers {script_v8.covered} of {incident.failing} failing
workloads and {script_v8.healthy} healthy ones; the metastore covers as many, and {metastore_m1.healthy} healthy ones
use it. The worst failure of a cluster reaches {one_cluster.cluster} of the workloads where all share one, and
{one_a_team.cluster} where each team has one, if teams are alike; if workloads fall to teams at random,
{uneven.one_a_team.cluster}. {layers.whole} of {layers} layers reach all of them in every layout."""
SHOWS = """A made-up incident on five clusters is scored as the note says: for each component that workloads share, how
many failing workloads it covers, how many healthy ones use it, and how many are exposed. Then a made-up estate of 24
workloads is laid out in five ways, and the lab counts what share of them the worst single failure reaches, layer by
layer: with workloads dealt to teams and tables in turn, and then with each put on a team and a table at random."""
LIMITS = """Both inventories are constructed, and a workload counts as one whatever it is worth. The shares are those of
this estate, and dealing in turn is the kindest case: no team has more workloads than another. What carries over is the
count: put an export of your own clusters in place of the inventory."""
RERUN = "test"
QUICK = {"seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the estate is made of."""

    seed: int = parameter(1, "seed of the uneven estates")
    seeds: int = parameter(40, "uneven estates")
    workloads: int = parameter(24, "workloads of the estate")
    teams: int = parameter(6, "teams that own them, in turn")
    tables: int = parameter(4, "tables that they read, in turn")


@dataclass(frozen=True)
class Workload:
    """A workload of the incident: what it uses, and how it is."""

    uses: dict[str, str]
    state: str
    """``failing``, ``healthy`` since the start of the incident, or ``idle``."""


CLUSTERS = {
    "c1": {"subnet": "s1", "script": "v8"},
    "c2": {"subnet": "s2", "script": "v8"},
    "c3": {"subnet": "s1", "script": "v7"},
    "c4": {"subnet": "s2", "script": "v7"},
    "c5": {"subnet": "s2", "script": "v8"},
}
INCIDENT = [
    ("c1", "failing"),
    ("c1", "failing"),
    ("c2", "failing"),
    ("c3", "healthy"),
    ("c4", "healthy"),
    ("c3", "idle"),
    ("c5", "idle"),
]

LAYOUTS = ("one cluster", "one a team", "two subnets", "one a tier", "one a workload")
LAYERS = {
    "queue": "queue",
    "cluster": "cluster",
    "table": "input table",
    "subnet": "subnet",
    "script": "bootstrap script",
    "metastore": "metastore",
    "quota": "account quota",
}


def score(workloads: list[Workload]) -> dict[str, tuple[int, int, int]]:
    """For each component: failing workloads that it covers, healthy users, and all that are exposed."""
    found = {}
    for name in sorted({f"{kind} {which}" for workload in workloads for kind, which in workload.uses.items()}):
        kind, _, which = name.partition(" ")
        users = Counter(workload.state for workload in workloads if workload.uses.get(kind) == which)
        found[name] = (users["failing"], users["healthy"], users.total())
    return found


def estate(p: Parameters, layout: str, chance: random.Random | None = None) -> list[dict[str, str]]:
    """What each workload of the estate uses in this layout, by layer; its team and table in turn, or by ``chance``."""
    found = []
    for number in range(p.workloads):
        team, table = (
            (chance.randrange(p.teams), chance.randrange(p.tables)) if chance else (number % p.teams, number % p.tables)
        )
        tier = 1 if number % 3 == 0 else 2
        cluster, subnet = {
            "one cluster": ("c", "a"),
            "one a team": (f"c{team}", "a"),
            "two subnets": (f"c{team}", "ab"[team % 2]),
            "one a tier": (f"c{tier}-{team % 3}", "ab"[tier - 1]),
            "one a workload": (f"c{number}", "ab"[number % 2]),
        }[layout]
        queue = f"{cluster}-{number if layout == 'one a workload' else team}"
        shared = dict.fromkeys(("script", "metastore", "quota"), "the one")
        found.append({"queue": queue, "cluster": cluster, "table": str(table), "subnet": subnet, **shared})
    return found


def uneven(p: Parameters) -> dict[str, Result]:
    """What the worst failure reaches in each layout of one uneven estate."""
    found = {}
    for layout in LAYOUTS:
        drawn = estate(p, layout, random.Random(p.seed))  # the same estate in each layout
        for layer in ("queue", "cluster", "table", "subnet"):
            what = f"share that the worst failure of a {LAYERS[layer]} reaches, teams and tables at random, {layout}"
            share = round(worst(drawn, layer), 4)
            found[f"uneven.{layout.replace(' ', '_')}.{layer}"] = Result(share, what, "", ".0%")
    return found


def worst(workloads: list[dict[str, str]], layer: str) -> float:
    """The share of workloads that the worst single failure in this layer reaches."""
    return max(Counter(workload[layer] for workload in workloads).values()) / len(workloads)


def measure(p: Parameters) -> Measured:
    """Score the incident, and lay the estate out."""
    incident = [
        Workload({"cluster": cluster, "metastore": "m1", **CLUSTERS[cluster]}, state) for cluster, state in INCIDENT
    ]
    found = {
        "incident.failing": Result(
            sum(state == "failing" for _cluster, state in INCIDENT), "failing workloads of the incident"
        ),
        "incident.workloads": Result(len(INCIDENT), "workloads of the incident"),
    }
    for name, counts in score(incident).items():
        for kind, count in zip(("covered", "healthy", "exposed"), counts, strict=True):
            found[f"{name.replace(' ', '_')}.{kind}"] = Result(count, f"workloads {kind} by {name}")
    shares = {layout: {layer: worst(estate(p, layout), layer) for layer in LAYERS} for layout in LAYOUTS}
    for layout, layers in shares.items():
        for layer, share in layers.items():
            what = f"share of workloads that the worst failure of a {LAYERS[layer]} reaches, {layout}"
            found[f"{layout.replace(' ', '_')}.{layer}"] = Result(round(share, 4), what, "", ".0%")
    whole = [layer for layer in LAYERS if all(layers[layer] == 1 for layers in shares.values())]
    found["layers"] = Result(len(LAYERS), "layers of the estate")
    found["layers.whole"] = Result(len(whole), "layers whose failure reaches all workloads in every layout")
    estates = each_seed(p, p.seeds, uneven)
    found |= {key: of_seeds([one[key] for one in estates]) for key in estates[0]}
    even = found["one_a_team.cluster"].value
    claims = {
        "shared": Claim(
            "Script, metastore and quota reach {} of the workloads in every layout",
            min(layers[layer] for layers in shares.values() for layer in ("script", "metastore", "quota")),
            least=1,
            format=".0%",
        ),
        "uneven": Claim(
            "With workloads at random the largest team's cluster reaches {} times an even share, in every estate",
            round(min(one["uneven.one_a_team.cluster"].value for one in estates) / even, 4),
            least=1.2,
        ),
    }
    figure = Figure(
        "Share of workloads that the worst single failure reaches",
        """A grid of seven layers and five layouts of 24 workloads. One shared cluster loses everything with its
        cluster or subnet. A cluster for each team or workload brings the cluster's row down, two subnets halve that of
        the subnet. Bootstrap script, metastore and account quota reach all workloads in every layout.""",
        ["Layer", *LAYOUTS],
        [[LAYERS[layer], *(f"{shares[layout][layer]:.0%}" for layout in LAYOUTS)] for layer in LAYERS],
        lambda chart: draw(chart, shares),
        height=330,
    )
    return Measured(found, {"reach": figure}, claims)


def draw(chart: Chart, shares: dict[str, dict[str, float]]) -> None:
    """Draw the grid; the fuller the reach, the stronger the cell."""
    from chart import CELL, INK, LAMP, PAPER, RULE, TEXT, WASH
    from matplotlib.patches import Rectangle

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, layer in enumerate(LAYERS):
        for column, layout in enumerate(LAYOUTS):
            share = shares[layout][layer]
            fill, ink = (LAMP, PAPER) if share == 1 else (WASH, CELL) if share > 0.2 else (PAPER, CELL)
            place = (column + 0.04, row + 0.06)
            axes.add_patch(Rectangle(place, 0.92, 0.88, facecolor=fill, edgecolor=RULE, clip_on=False))
            axes.text(
                column + 0.5, row + 0.54, f"{100 * share:.0f}", color=ink, ha="center", va="center", fontsize=TEXT
            )
    axes.set_xlim(0, len(LAYOUTS))
    axes.set_ylim(len(LAYERS), 0)
    axes.set_yticks([row + 0.5 for row in range(len(LAYERS))], list(LAYERS.values()))
    axes.set_xticks([column + 0.5 for column in range(len(LAYOUTS))], LAYOUTS, rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=132, right=2, top=122, bottom=6)
