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

from record import Claim, Figure, Measured, Result, parameter
from spread import of_runs

if TYPE_CHECKING:
    from chart import Chart
    from record import Cell

TITLE = "The shape of a Spark job under seven changes"
QUESTION = """Which numbers of an event log move when a job is changed, and what does the driver log of it?"""
ANSWER = """Of seven changed jobs {succeeded} succeed and {silent} leave no line of warning or error in the driver's
log. A hot key takes the read ratio from {baseline.read} to {hot_key.read}; an executor that stops takes the duration
ratio from {baseline.time} to {pause.time}, and its read ratio stays at {pause.read}."""
SHOWS = """One join runs on a driver and two executor processes: as it is, and with each of six changes; then a scan
of nine files, of which one is ten times the others. Each is an application of its own with five runs, and before each
run a short join warms the executors. The script of the note that quotes this lab reads each event log; the lab counts
the lines that the driver logged as a warning or an error."""
LIMITS = """Two executors of one core on one machine, under Spark's own standalone master: YARN, containers and disks of
a cluster are not in it. Stopping a process by a signal stands in for a stalled volume or a stolen processor. Adaptive
execution is off, so that the shape is the data's. Byte counts repeat exactly; times do not: the range is that of the
runs, on a machine that does other work too."""
RERUN = "labs"
TAKES = ("pyspark",)
NEEDS = {"java": "openjdk-17-jre-headless"}
QUICK = {"rows": 300_000, "runs": 2, "pause": 5}

NOTE = Path(__file__).parents[2] / "notes/when-spark-fails-quietly-before-the-logs-agree.md"


@dataclass(frozen=True)
class Parameters:
    """What the job is set to."""

    seed: int = parameter(7, "seed of the choice of rows with the hot key")
    runs: int = parameter(5, "runs of each application")
    rows: int = parameter(3_000_000, "rows of 64 bytes that are joined")
    keys: int = parameter(20_000, "keys, spread evenly but for the hot one")
    partitions: int = parameter(12, "partitions of the shuffle")
    hot_share: float = parameter(0.5, "share of rows with the hot key, in that run")
    few_partitions: int = parameter(2, "partitions, in the run with few")
    memory_fraction: float = parameter(0.05, "spark.memory.fraction, in the run with little memory")
    pause: int = parameter(20, "how long an executor is stopped", "s")
    files: int = parameter(9, "files of the scan")
    file_rows: int = parameter(20_000, "lines of 64 bytes in each of them, but for the large one")
    large_file: int = parameter(10, "how many times as many lines the large one has")


CHANGES = {
    "baseline": "nothing",
    "input": "twice the rows",
    "hot_key": "half of the rows share a key",
    "scan": "one file is ten times the rest",
    "partitions": "2 partitions, not 12",
    "memory": "a twelfth of the memory",
    "pause": "an executor stops for 20 s",
    "kill": "an executor is killed",
}


RUN = "a run begins: "
"""What the job writes into its log before each run."""


# The job, in a process of its own


def job(p: Parameters, change: str, folder: str) -> None:
    """Run the join several times, with this change, and leave the event log in ``folder``."""
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
    if change == "scan":  # a partition for each file
        settings |= {"spark.sql.files.maxPartitionBytes": "1g", "spark.sql.files.openCostInBytes": "1g"}
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

    if change == "scan":
        write_files(p, Path(folder, "files"))
    for number in range(p.runs):
        join(p.rows // 10)  # the executors compile their code in it
        sys.stderr.write(f"{RUN}{number}\n")
        sys.stderr.flush()
        thread = threading.Thread(target=disturb, args=(p, spark.sparkContext, change))
        if change in {"pause", "kill"}:
            thread.start()
        if change == "scan":
            files = spark.read.text(f"{folder}/files")
            files.select(f.sum(f.length(f.sha2("value", 256)))).collect()
        else:
            join(2 * p.rows if change == "input" else p.rows)
        if thread.ident:
            thread.join()
    sys.stdout.write("done\n")
    spark.stop()


def write_files(p: Parameters, folder: Path) -> None:
    """Write the files of the scan, of which the first is large."""
    folder.mkdir()
    for number in range(p.files):
        rows = p.file_rows * (1 if number else p.large_file)
        Path(folder, f"{number}.txt").write_text("".join(f"{row:064x}\n" for row in range(rows)), encoding="ascii")


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


def runs(p: Parameters, change: str) -> list[Shape]:
    """Run the job with this change in another process, and read what it left of each run."""
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
    head, *rows = (line.split() for line in printed.stdout.splitlines())
    stages = [dict(zip(head, row, strict=True)) for row in rows]
    reading = [stage for stage in stages if stage["read"] != "-"]
    each = len(reading) // p.runs  # the short join's, then that of the run; of the scan there is one more
    assert each * p.runs == len(reading), (change, reading)
    logs = [log.split(RUN)[0] for log in re.split(rf"^{RUN}\d+$", done.stderr, flags=re.M)[1:]]
    succeeded = done.stdout.startswith("done")
    return [Shape(reading[each * number + 1], succeeded, warnings(logs[number])) for number in range(p.runs)]


def warnings(log: str) -> int:
    """Lines of warning or error in a part of the driver's log."""
    said = [line for line in log.splitlines() if re.search(r" (WARN|ERROR) ", line)]
    return sum(not any(word in line for word in STARTING) for line in said)


def script() -> str:
    """The script that the note prints."""
    text = NOTE.read_text(encoding="utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0]


# What is kept

COLUMNS = {
    "read": "largest over median bytes read, from input and shuffle",
    "cpu": "largest over median CPU time",
    "time": "largest over median duration",
    "gc%": "garbage collection of the longest task, in percent of its time",
    "wait%": "waiting of the longest task for shuffle data, in percent of its time",
    "ceiling": "sum of task times over the longest",
    "spill_MB": "megabytes spilled to disk",
    "gap_s": "longest wait between finished tasks, in seconds",
}


def results_of(change: str, shape: Shape) -> dict[str, Result]:
    """What one run with a change gives."""
    found = {}
    for column, what in COLUMNS.items():
        unit = {"spill_MB": "MB", "gap_s": "s", "gc%": "%", "wait%": "%"}.get(column, "")
        digits = ".0f" if column in {"gap_s", "gc%", "wait%"} else ".1f"
        name = column.lower().replace("%", "")
        found[f"{change}.{name}"] = Result(shape.number(column), f"{what}: {CHANGES[change]}", unit, digits)
    for column, what in (("tries", "attempts of the stage"), ("failed", "failed"), ("killed", "killed")):
        found[f"{change}.{column}"] = Result(int(shape.row[column]), f"{what}: {CHANGES[change]}")
    found[f"{change}.lines"] = Result(shape.lines, f"lines of warning or error in the driver's log: {CHANGES[change]}")
    found[f"{change}.succeeded"] = Result(int(shape.succeeded), f"1 if the job succeeded: {CHANGES[change]}")
    return found


def measure(p: Parameters) -> Measured:
    """Run the job with each change, and all of it several times."""
    ran = {change: runs(p, change) for change in CHANGES}
    shapes = [{change: ran[change][number] for change in CHANGES} for number in range(p.runs)]
    results: dict[str, Result] = {}
    for change in CHANGES:
        found = [results_of(change, shape) for shape in ran[change]]
        results |= {key: of_runs([one[key] for one in found]) for key in found[0]}
    changed = [change for change in CHANGES if change != "baseline"]
    results["changes"] = Result(len(changed), "changes, beside the run as it is")
    results["succeeded"] = Result(
        sum(all(one[change].succeeded for one in shapes) for change in changed),
        "of these, jobs that succeeded in all runs",
    )
    results["silent"] = Result(
        sum(all(one[change].lines == 0 for one in shapes) for change in changed),
        "of these, jobs without a line of warning or error in the driver's log, in all runs",
    )
    claims = {
        "hot.read": Claim(
            "With a hot key the read ratio is at least {}",
            min(one["hot_key"].number("read") for one in shapes),
            least=5,
            format=".0f",
        ),
        "scan.read": Claim(
            "With one large file the read ratio is at least {}",
            min(one["scan"].number("read") for one in shapes),
            least=5,
            format=".0f",
        ),
        "pause.time": Claim(
            "A stopped executor takes the duration ratio to at least {} times that of the run as it is",
            min(one["pause"].number("time") / one["baseline"].number("time") for one in shapes),
            least=1.5,
            format=".1f",
        ),
        "pause.read": Claim(
            "and its read ratio stays below {}",
            max(one["pause"].number("read") for one in shapes),
            most=1.5,
            format=".1f",
        ),
        "memory.spill": Claim(
            "With a twelfth of the memory at least {} spill",
            min(one["memory"].number("spill_MB") for one in shapes),
            least=10,
            unit="MB",
            format=".0f",
        ),
    }
    head = ["Change", *(f"{column}{part}" for column in COLUMNS for part in ("", ", least", ", most")), "lines"]
    rows: list[list[Cell]] = [
        [
            CHANGES[change],
            *(
                value or 0.0
                for column in COLUMNS
                for one in [results[f"{change}.{column.lower().replace('%', '')}"]]
                for value in (one.value, one.low, one.high)
            ),
            results[f"{change}.lines"].value,
        ]
        for change in CHANGES
    ]
    figure = Figure(
        "What moved in the event log, and what the driver logged",
        """A grid of one run as it is and seven changes, against four numbers of the event log and the lines that the
        driver logged, each the median of five runs. Twice the rows move no ratio. A hot key moves bytes, processor time
        and duration; a large file does in a scan. Few partitions or little memory move spill. A stopped executor moves
        duration, and neither bytes nor processor time. Only the killed executor leaves lines in the driver's log.""",
        head,
        rows,
        lambda chart: grid(chart, results),
        height=330,
    )
    return Measured(results, {"what-moved": figure}, claims, engine())


def engine() -> dict[str, str]:
    """The versions of Spark and of the JVM, as Spark says them."""
    code = "from pyspark.sql import SparkSession as S; s = S.builder.master('local[1]').getOrCreate(); "
    code += "j = s.sparkContext._jvm.java.lang.System; print(s.version, j.getProperty('java.vm.version'))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return {"Spark": said[0], "JVM": said[1]}


def grid(chart: Chart, results: dict[str, Result]) -> None:
    """Draw the grid of changes and numbers; a filled cell moved to more than twice the run as it is."""
    from chart import CELL, INK, PAPER, RULE, TEXT, WASH
    from matplotlib.patches import Rectangle

    columns = {
        "read": "read ratio",
        "cpu": "CPU ratio",
        "time": "time ratio",
        "spill_mb": "spill, MB",
        "lines": "log lines",
    }
    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, change in enumerate(CHANGES):
        for index, column in enumerate(columns):
            found, usual = (float(results[f"{one}.{column}"].value) for one in (change, "baseline"))
            moved = found > max(2 * usual, 1)
            place = (index + 0.04, row + 0.06)
            fill = WASH if moved else PAPER
            axes.add_patch(Rectangle(place, 0.92, 0.88, facecolor=fill, edgecolor=RULE, clip_on=False))
            text = f"{found:.0f}" if column in {"spill_mb", "lines"} or found >= 10 else f"{found:.1f}"
            axes.text(index + 0.5, row + 0.54, text, color=CELL, ha="center", va="center", fontsize=TEXT)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(CHANGES), 0)
    axes.set_yticks([row + 0.5 for row in range(len(CHANGES))], list(CHANGES.values()))
    axes.set_xticks([index + 0.5 for index in range(len(columns))], list(columns.values()), rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=212, right=2, top=88, bottom=6)
