"""What one dead node costs: a stage that retries tasks, and a gang that restarts from a checkpoint."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart

TITLE = "What one dead node costs"
SHOWS = """A failure costs a stage of tasks the attempts that ran on the node, and a gang the work of every node since
its last checkpoint. The lab prices both by arithmetic for jobs of 16 to 1,024 nodes, at the rate of interruptions of
one published run, and checks the arithmetic by failures drawn at random."""
LIMITS = """The rate has interruptions of all causes in it and is scaled to fewer nodes in proportion, so dead nodes
alone cost less. The cost of writing checkpoints is left out, and so is shuffle output that a stage has to compute
again. Restart time and checkpoint intervals are chosen."""
RERUN = "test"
QUICK = {"failures": 200}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(3, "seed of the random failures")
    failures: int = parameter(20_000, "failures drawn for each check")
    interruptions: int = parameter(419, "unexpected interruptions of the Llama 3 405B run")
    days: int = parameter(54, "days in which it had them", "d")
    servers: int = parameter(2048, "its servers, of eight GPUs")
    restart: float = parameter(0.25, "R, from a failure to training again (chosen)", "h")
    task_minutes: int = parameter(10, "length of a task of the stage (chosen)", "min")

    @property
    def between(self) -> float:
        """Hours between failures of one server."""
        return self.days * 24 / self.interruptions * self.servers


NODES = (16, 64, 256, 1024)
INTERVALS = {"often": 0.5, "seldom": 3.0}
"""T, the hours between checkpoints."""


def lost(p: Parameters, nodes: int, interval: float) -> float:
    """Node-hours that a failure of a gang costs on average."""
    return nodes * (interval / 2 + p.restart)


def drawn(p: Parameters, nodes: int, interval: float) -> float:
    """The share of capacity that failures drawn at random cost: work since the last checkpoint, and the restart."""
    chance = random.Random(f"{p.seed} {nodes} {interval}")
    wall = gone = 0.0
    for _ in range(p.failures):
        until = chance.expovariate(nodes / p.between)
        gone += until % interval + p.restart
        wall += until + p.restart
    return gone / wall


def measure(p: Parameters) -> Measured:
    """Price a failure at each size."""
    found = {
        "run.between": Result(
            round(p.between / p.servers, 4), "hours between interruptions of the whole run", "h", ".2f"
        ),
        "server.between": Result(round(p.between, -1), "hours between those of one server, to ten", "h", ",.0f"),
        "task.most": Result(
            round(p.task_minutes / 60, 4), "most running work that a stage loses with a node", "node-hours", ".2f"
        ),
        "bad_record": Result(
            round(4 * 64 * 35 / 60, 2),
            "node-hours of 64 nodes for four attempts of 35 minutes on one bad record",
            "node-hours",
            ".0f",
        ),
    }
    for nodes in NODES:
        hours = p.between / nodes
        said = f"{nodes:,} nodes"
        found[f"n{nodes}.between"] = Result(
            round(hours, 3), f"hours between failures, {said}", "h", ".0f" if hours >= 10 else ".1f"
        )
        for name, interval in INTERVALS.items():
            cost = lost(p, nodes, interval)
            every = f"{said}, a checkpoint every {interval:g} h"
            found[f"n{nodes}.{name}.lost"] = Result(cost, f"lost per failure, {every}", "node-hours", ",.0f")
            share = (interval / 2 + p.restart) / hours
            found[f"n{nodes}.{name}.share"] = Result(
                round(share, 5), f"share of capacity lost, {every}", "", ".1%" if share < 0.1 else ".0%"
            )
            found[f"n{nodes}.{name}.drawn"] = Result(
                round(drawn(p, nodes, interval), 4), f"the same by random failures, {every}", "", ".1%"
            )
    points = [8, 16, 32, 64, 128, 256, 512, 1024]
    figure = Figure(
        "Node-hours lost to one failure, by size of the job",
        """Node-hours lost to one failure against the number of nodes, from 8 to 1,024, on logarithmic scales. For a
        stage of ten-minute tasks it is at most 0.17 at every size. For a gang it grows with the number of nodes, to 512
        node-hours with a checkpoint every half hour and 1,792 with one every three hours.""",
        ["Nodes", "Stage, at most", "Gang, 30 min", "Gang, 3 h"],
        [[nodes, p.task_minutes / 60, lost(p, nodes, 0.5), lost(p, nodes, 3)] for nodes in points],
        lambda chart: draw(chart, p, points),
    )
    return Measured(found, {"lost-to-one-failure": figure})


def draw(chart: Chart, p: Parameters, points: list[int]) -> None:
    """Draw the stage and the two gangs."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    chart.line(points, [p.task_minutes / 60] * len(points), QUIET)
    chart.line(points, [lost(p, nodes, 0.5) for nodes in points], INK)
    chart.line(points, [lost(p, nodes, 3) for nodes in points], LAMP)
    chart.label(64, p.task_minutes / 60, "stage of ten-minute tasks, at most", color=QUIET, side="above")
    chart.label(90, lost(p, 90, 0.5), "gang, 30 min", color=INK, xytext=(10, -10))
    chart.label(60, lost(p, 60, 3), "gang, 3 h", color=LAMP, side="left", xytext=(-8, 8))
    chart.ticks("x", [8, 32, 128, 512, 1024], ["8", "32", "128", "512", "1,024"])
    chart.ticks("y", [0.1, 1, 10, 100, 1000])
    chart.axes.set_xlim(8, 1024)
    chart.axes.set_ylim(0.1, 2500)
    chart.measures("Node-hours lost", "nodes")
    chart.margins(right=24)
