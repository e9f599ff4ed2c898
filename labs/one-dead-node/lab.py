"""What one dead node costs: a stage that retries tasks, and a gang that restarts from a checkpoint."""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import expm1
from typing import TYPE_CHECKING

from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import over_seeds

if TYPE_CHECKING:
    from chart import Chart

TITLE = "What one dead node costs"
QUESTION = "What does one dead node cost a stage of tasks, and what does it cost a gang?"
ANSWER = """A stage loses {task.running} of running work, and {task.hour} if it has to compute an hour of shuffle output
of that node again, at every size of the job. A gang of 1,024 nodes loses {n1024.often.lost} with a checkpoint every
half hour, and {n1024.seldom.lost} with one every three hours."""
SHOWS = """A failure costs a stage of tasks the attempts that ran on the node, and a gang the work of every node since
its last checkpoint. The lab prices both by arithmetic for jobs of 16 to 1,024 nodes, at the rate of interruptions of
one published run, and checks the arithmetic by failures drawn at random. For a stage it prices both what ran on the
node and the finished shuffle output that was on it, if all of that has to be computed again."""
LIMITS = """The rate has interruptions of all causes in it and is scaled to fewer nodes in proportion, so dead nodes
alone cost less. The cost of writing checkpoints is left out. A stage computes shuffle output again only where something
still needs it, and seldom all of it. Restart time and checkpoint intervals are chosen; the lab on checkpoint intervals
takes a restart of ten minutes, this one of fifteen."""
RERUN = "test"
QUICK = {"failures": 200, "seeds": 2}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(3, "seed of the random failures")
    seeds: int = parameter(20, "seeds from it on, of which the drawn results are the median")
    failures: int = parameter(20_000, "failures drawn for each check, with each seed")
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


def exactly(p: Parameters, nodes: int, interval: float) -> float:
    """The same in closed form: what a failure costs over the time from one restart to the next."""
    hours = p.between / nodes
    repeated = hours - interval / expm1(interval / hours)
    return (repeated + p.restart) / (hours + p.restart)


def checked(p: Parameters) -> dict[str, Result]:
    """The share of capacity by random failures, with one seed."""
    return {
        f"n{nodes}.{name}.drawn": Result(
            round(drawn(p, nodes, interval), 5),
            f"the same by random failures, {nodes:,} nodes, a checkpoint every {interval:g} h",
            "",
            ".1%",
        )
        for nodes in NODES
        for name, interval in INTERVALS.items()
    }


STAGES = {"running": (0, "running"), "hour": (1, "with 1 h of output"), "three": (3, "with 3 h of output")}
"""Hours of finished shuffle output that a stage has on each node, and how the figure names them."""


def staged(p: Parameters, hours: float) -> float:
    """Node-hours that a stage loses with a node, at most: what ran there, and all output that was there."""
    return p.task_minutes / 60 + hours


SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)
"""Nodes of the jobs in the figure."""
CHECKPOINTS = {"15_min": ("15 min", 0.25), "30_min": ("30 min", 0.5), "1_h": ("1 h", 1.0), "3_h": ("3 h", 3.0)}


def choices(p: Parameters) -> tuple[dict[str, Result], Grid]:
    """What a failure costs a gang of each size, for readers to turn."""
    found = {}
    for nodes in SIZES:
        hours = p.between / nodes
        shown = ".0f" if hours >= 10 else ".1f"
        found[f"every.{nodes}"] = Result(round(hours, 3), f"hours between failures, {nodes:,} nodes", "h", shown)
        for key, (label, interval) in CHECKPOINTS.items():
            said = f"{nodes:,} nodes, a checkpoint every {label}"
            found[f"gang.{nodes}.{key}"] = Result(
                lost(p, nodes, interval), f"lost per failure, {said}", "node-hours", ",.0f"
            )
            found[f"capacity.{nodes}.{key}"] = Result(
                round(exactly(p, nodes, interval), 5), f"share of capacity lost, {said}", "", ".1%"
            )
    axes = {
        "nodes": Axis("Nodes of the gang", {str(nodes): f"{nodes:,}" for nodes in SIZES}, "256"),
        "checkpoint": Axis("A checkpoint every", {key: label for key, (label, _hours) in CHECKPOINTS.items()}, "3_h"),
    }
    answers = {
        "gang": Answer("lost to one failure", ("nodes", "checkpoint")),
        "every": Answer("between two failures", ("nodes",)),
        "capacity": Answer("of the capacity lost", ("nodes", "checkpoint")),
    }
    return found, Grid(axes, answers)


def measure(p: Parameters) -> Measured:
    """Price a failure at each size."""
    found = {
        "run.between": Result(
            round(p.between / p.servers, 4), "hours between interruptions of the whole run", "h", ".2f"
        ),
        "server.between": Result(round(p.between, -1), "hours between those of one server, to ten", "h", ",.0f"),
        **{
            f"task.{name}": Result(
                round(staged(p, hours), 4), f"most that a stage loses with a node: {said}", "node-hours", ".2f"
            )
            for name, (hours, said) in STAGES.items()
        },
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
            found[f"n{nodes}.{name}.exact"] = Result(
                round(exactly(p, nodes, interval), 5), f"the same in closed form, {every}", "", ".1%"
            )
    found |= over_seeds(p, p.seeds, checked)
    off = max(
        abs(found[f"n{nodes}.{name}.drawn"].value - found[f"n{nodes}.{name}.exact"].value)
        for nodes in NODES
        for name in INTERVALS
    )
    claims = {
        "exact": Claim(
            "The closed form is {} from the median of the random failures, at every size and interval.",
            round(off, 5),
            most=0.002,
            format=".1%",
        ),
    }
    explored, choice = choices(p)
    found |= explored
    points = [*SIZES]
    figure = Figure(
        "Node-hours lost to one failure, by size of the job",
        """Node-hours lost to one failure against the number of nodes, from 8 to 1,024, on logarithmic scales. For a
        stage of ten-minute tasks it is the same at every size: 0.17 for what was running, and 3.17 if three hours of
        shuffle output have to be computed again. For a gang it grows with the number of nodes, to 512 node-hours with a
        checkpoint every half hour and 1,792 with one every three hours.""",
        ["Nodes", *(f"Stage, {said}" for _hours, said in STAGES.values()), "Gang, 30 min", "Gang, 3 h"],
        [
            [nodes, *(staged(p, hours) for hours, _said in STAGES.values()), lost(p, nodes, 0.5), lost(p, nodes, 3)]
            for nodes in points
        ],
        lambda chart: draw(chart, p, points),
    )
    return Measured(found, {"lost-to-one-failure": figure}, claims, grid=choice)


def draw(chart: Chart, p: Parameters, points: list[int]) -> None:
    """Draw the stage and the two gangs."""
    from chart import INK, LAMP, QUIET

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for name, (hours, _said) in STAGES.items():
        chart.line(points, [staged(p, hours)] * len(points), QUIET, dashed=name != "running")
    chart.line(points, [lost(p, nodes, 0.5) for nodes in points], INK)
    chart.line(points, [lost(p, nodes, 3) for nodes in points], LAMP)
    chart.label(1000, staged(p, 0), "what was running", color=QUIET, side="above", ha="right")
    chart.label(1000, staged(p, 1), "1 h of output again", color=QUIET, side="above", ha="right")
    chart.label(1000, staged(p, 3), "stage, 3 h of output again", color=QUIET, side="above", ha="right")
    chart.label(90, lost(p, 90, 0.5), "gang, 30 min", color=INK, xytext=(10, -10))
    chart.label(60, lost(p, 60, 3), "gang, 3 h", color=LAMP, side="left", xytext=(-8, 8))
    chart.ticks("x", [8, 32, 128, 512, 1024], ["8", "32", "128", "512", "1,024"])
    chart.ticks("y", [0.1, 1, 10, 100, 1000])
    chart.axes.set_xlim(8, 1024)
    chart.axes.set_ylim(0.1, 2500)
    chart.measures("Node-hours lost", "nodes")
    chart.margins(right=24)
