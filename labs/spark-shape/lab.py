"""One Spark job, as it is and with six changes, and what its event log and its driver's log say of each."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart
    from record import Cell

TITLE = "The shape of a Spark job under six changes"
SHOWS = """One join runs on a driver and two executor processes, after a short one that warms them: once as it is, and
once for each of six changes. The script of the note that quotes this lab reads each event log; the lab counts the lines
that the driver logged as a warning or an error."""
LIMITS = """Two executors of one core on one machine, under Spark's own standalone master: YARN, containers and disks of
a cluster are not in it. Stopping a process by a signal stands in for garbage collection, a stalled volume or a stolen
processor. Adaptive execution is off, so that the shape is the data's. Byte counts repeat exactly; times do not."""
RERUN = "labs"
TAKES = ("pyspark",)
NEEDS = {"java": "openjdk-17-jre-headless"}
QUICK = {"rows": 300_000}

NOTE = Path(__file__).parents[2] / "notes/when-spark-fails-quietly-before-the-logs-agree.md"


@dataclass(frozen=True)
class Parameters:
    """What the job is set to."""

    seed: int = parameter(7, "seed of the choice of rows with the hot key")
    rows: int = parameter(3_000_000, "rows of 64 bytes that are joined")
    keys: int = parameter(20_000, "keys, spread evenly but for the hot one")
    partitions: int = parameter(12, "partitions of the shuffle")
    hot_share: float = parameter(0.5, "share of rows with the hot key, in that run")
    few_partitions: int = parameter(2, "partitions, in the run with few")
    memory_fraction: float = parameter(0.05, "spark.memory.fraction, in the run with little memory")
    pause: int = parameter(20, "how long an executor is stopped", "s")


CHANGES = {
    "baseline": "nothing",
    "input": "twice the rows",
    "hot_key": "half the rows, one key",
    "partitions": "2 partitions, not 12",
    "memory": "a twelfth of the memory",
    "pause": "an executor stops for 20 s",
    "kill": "an executor is killed",
}


# The job, in a process of its own


def job(p: Parameters, change: str, folder: str) -> None:
    """Run the join once, with this change, and leave its event log in ``folder``."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as f

    partitions = p.few_partitions if change == "partitions" else p.partitions
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": "512m",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": f"file://{folder}",
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
        "spark.sql.shuffle.partitions": str(partitions),
    }
    if change == "memory":
        settings["spark.memory.fraction"] = str(p.memory_fraction)
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName(change)
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    hot = p.hot_share if change == "hot_key" else 0.0

    def join(rows: int) -> None:
        key = f.when(f.rand(p.seed) < f.lit(hot), f.lit(0)).otherwise(f.pmod(f.xxhash64("id"), f.lit(p.keys)))
        payload = f.concat(*[f.hex(f.xxhash64("id", f.lit(part))) for part in range(4)])
        facts = spark.range(0, rows, 1, 8).select(key.cast("long").alias("key"), payload.alias("payload"))
        names = spark.range(p.keys).select(f.col("id").alias("key"), f.hex(f.xxhash64("id")).alias("name"))
        joined = facts.join(names, "key").select("key", f.length("payload"), "name")
        joined.write.format("noop").mode("overwrite").save()

    join(p.rows // 10)  # the executors compile their code in it
    if change in {"pause", "kill"}:
        threading.Thread(target=disturb, args=(p, spark.sparkContext, change), daemon=True).start()
    join(2 * p.rows if change == "input" else p.rows)
    sys.stdout.write("done\n")
    spark.stop()


def disturb(p: Parameters, context: Any, change: str) -> None:
    """Stop or kill one executor of this application when two tasks of the shuffle's reading side have ended."""
    tracker = context.statusTracker()
    while True:
        for stage in tracker.getActiveStageIds():
            info = tracker.getStageInfo(stage)
            if info and info.numTasks == p.partitions and info.numCompletedTasks >= 2:
                process = executor(context.applicationId)
                os.kill(process, signal.SIGKILL if change == "kill" else signal.SIGSTOP)
                if change == "pause":
                    time.sleep(p.pause)
                    os.kill(process, signal.SIGCONT)
                return
        time.sleep(0.05)


def executor(application: str) -> int:
    """The process of the last executor of this application, and of no other."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        if application in words and "--executor-id" in words:
            found[int(words[words.index("--executor-id") + 1])] = int(path.parent.name)
    return found[max(found)]


# What its logs say


@dataclass(frozen=True)
class Shape:
    """The stage that reads the shuffle, as the note's script prints it, and the job around it."""

    row: dict[str, str]
    succeeded: bool
    lines: int
    """Lines of the driver's log that are a warning or an error, after it has started."""

    def number(self, name: str) -> float:
        """A cell of the row; a dash is none."""
        return 0.0 if self.row[name] == "-" else float(self.row[name])


STARTING = (
    "NativeCodeLoader",
    "loopback",
    "SPARK_LOCAL_IP",
    "incubator",
    "log level",
    "Spark's default",
    "restricted method",
    "WARNING",
)
"""What a driver on any machine logs while it starts."""


def run(p: Parameters, change: str) -> Shape:
    """Run the job with this change in another process, and read what it left."""
    with tempfile.TemporaryDirectory() as folder:
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[1])!r}); import run; "
        code += f"lab = run.load('spark-shape'); lab.job(lab.Parameters(**{vars(p)!r}), {change!r}, {folder!r})"
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
        )
        (log,) = (path for path in Path(folder).iterdir() if path.is_file() and not path.name.startswith("."))
        printed = subprocess.run(
            [sys.executable, "-c", script()], stdin=log.open(), capture_output=True, text=True, check=True
        )
    said = [line for line in done.stderr.splitlines() if re.search(r" (WARN|ERROR) ", line)]
    lines = sum(not any(word in line for word in STARTING) for line in said)
    head, *rows = (line.split() for line in printed.stdout.splitlines())
    stages = [dict(zip(head, row, strict=True)) for row in rows]
    reading = [stage for stage in stages if stage["read"] != "-"]
    return Shape(reading[-1], done.stdout.startswith("done"), lines)


def script() -> str:
    """The script that the note prints."""
    text = NOTE.read_text(encoding="utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0]


# What is kept

COLUMNS = {
    "read": ("largest over median shuffle bytes read", 0.0),
    "cpu": ("largest over median CPU time", 1.0),
    "time": ("largest over median duration", 2.0),
    "ceiling": ("sum of task times over the longest", 1.0),
    "spill_MB": ("megabytes spilled to disk", 0.0),
    "gap_s": ("longest wait between finished tasks, in seconds", 2.0),
}


def share_of(value: float, share: float) -> float:
    """A tolerance of this share of a value, and of nine tenths at most."""
    return round(min(share, 0.9) * value, 6)


def measure(p: Parameters) -> Measured:
    """Run the job with each change."""
    shapes = {change: run(p, change) for change in CHANGES}
    results = {}
    for change, shape in shapes.items():
        lost = change == "kill"
        for column, (what, tolerance) in COLUMNS.items():
            name = column.lower()
            unit = {"spill_MB": "MB", "gap_s": "s"}.get(column, "")
            digits = ".0f" if column == "gap_s" else ".1f"
            said = f"{what}: {CHANGES[change]}"
            results[f"{change}.{name}"] = Result(
                shape.number(column), said, unit, digits, share_of(shape.number(column), 2.0 if lost else tolerance)
            )
        results[f"{change}.tries"] = Result(int(shape.row["tries"]), f"attempts of the stage: {CHANGES[change]}")
        results[f"{change}.lines"] = Result(
            shape.lines,
            f"lines of warning or error in the driver's log: {CHANGES[change]}",
            tolerance=share_of(shape.lines, 3.0 if lost else 0.0),
        )
        results[f"{change}.succeeded"] = Result(int(shape.succeeded), f"1 if the job succeeded: {CHANGES[change]}")
    silent = sum(shape.lines == 0 for change, shape in shapes.items() if change != "baseline")
    results["changes"] = Result(len(CHANGES) - 1, "changes, beside the run as it is")
    results["succeeded"] = Result(
        sum(shape.succeeded for change, shape in shapes.items() if change != "baseline"),
        "of these, jobs that succeeded",
    )
    results["silent"] = Result(silent, "of these, jobs without a line of warning or error in the driver's log")
    head = ["Change", *COLUMNS, "lines"]
    rows: list[list[Cell]] = [
        [CHANGES[change], *(shape.number(column) for column in COLUMNS), shape.lines]
        for change, shape in shapes.items()
    ]
    figure = Figure(
        "What moved in the event log, and what the driver logged",
        """A grid of one run as it is and six changes, against four numbers of the event log and the lines that the
        driver logged. Twice the rows move no ratio. A hot key moves bytes, processor time, duration and spill. Few
        partitions or little memory move spill. A stopped executor moves duration, and neither bytes nor processor time.
        Only the killed executor leaves lines in the driver's log.""",
        head,
        rows,
        lambda chart: grid(chart, shapes),
        height=300,
    )
    return Measured(results, {"what-moved": figure})


def grid(chart: Chart, shapes: dict[str, Shape]) -> None:
    """Draw the grid of changes and numbers; a filled cell moved to more than twice the run as it is."""
    from chart import CELL, INK, PAPER, RULE, TEXT, WASH
    from matplotlib.patches import Rectangle

    columns = {"read": "read", "cpu": "CPU", "time": "time", "spill_MB": "spill, MB", "lines": "log lines"}
    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)

    def number(shape: Shape, column: str) -> float:
        return float(shape.lines) if column == "lines" else shape.number(column)

    for row, shape in enumerate(shapes.values()):
        for index, column in enumerate(columns):
            found, usual = number(shape, column), number(shapes["baseline"], column)
            moved = found > max(2 * usual, 1)
            place = (index + 0.04, row + 0.06)
            fill = WASH if moved else PAPER
            axes.add_patch(Rectangle(place, 0.92, 0.88, facecolor=fill, edgecolor=RULE, clip_on=False))
            text = f"{found:.0f}" if column in {"spill_MB", "lines"} or found >= 10 else f"{found:.1f}"
            axes.text(index + 0.5, row + 0.54, text, color=CELL, ha="center", va="center", fontsize=TEXT)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(shapes), 0)
    axes.set_yticks([row + 0.5 for row in range(len(shapes))], [CHANGES[change] for change in shapes])
    axes.set_xticks([index + 0.5 for index in range(len(columns))], list(columns.values()), rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=206, right=2, top=80, bottom=6)
