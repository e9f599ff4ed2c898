"""A queue in a real PostgreSQL behind an old transaction: what a claim costs, who holds the dead rows, what helps."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import psycopg
from record import Answer, Axis, Claim, Figure, Grid, Measured, Result, parameter
from spread import of_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chart import Chart

TITLE = "A queue in PostgreSQL behind an old transaction"
QUESTION = """What does the next job cost to claim when a transaction that never touched the queue stays open, and which
transactions hold the queue's dead rows?"""
ANSWER = """With {last} jobs done since the old transaction began, a claim takes {time.delete.last} and reads
{pages.delete.last} pages; without it {time.free.last} and {pages.free.last} pages. Of {holders.all} things left open,
{holders.held} keep every dead row."""
SHOWS = """Workers take jobs from a table with SKIP LOCKED. A transaction in repeatable read has counted another table
and stays open. After each of some thousands of jobs the table is vacuumed, and the lab times single claims and counts
the pages that they read: with jobs deleted or marked as done, in batches, from a known place on, and in tables that are
emptied in turn. Then each of eleven things is left open, among them a query on a standby, and the lab asks VACUUM how
many dead rows it could not remove."""
LIMITS = """One server with all pages in memory, no wait for the disk at a commit, and one worker at a time: more
workers each pay the same. Jobs are of 200 bytes and do no work. Vacuum runs by hand right before each measurement,
which is the best that autovacuum can do; its timing is not measured. Times are those of one machine, on which others
worked. One version of PostgreSQL, the one that Debian has."""
RERUN = "labs"
NEEDS = {"pg_ctlcluster": "postgresql"}
TAKES = ("psycopg",)
QUICK = {"runs": 1}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    runs: int = parameter(5, "runs, each with a new database")
    backlog: int = parameter(200, "jobs that wait all the time")
    payload: int = parameter(200, "bytes of a job")
    batch: int = parameter(100, "jobs of one claim, where they are claimed in batches")
    rotated: int = parameter(3_000, "jobs in each of three tables, where they are emptied in turn")
    timed: int = parameter(15, "claims of which the median counts")
    held: int = parameter(2_000, "jobs that are done while something is left open")


POINTS = (0, 1_000, 5_000, 20_000, 50_000, 100_000)
"""Jobs done since the old transaction began."""
DONE_SO_FAR = {str(point): f"{point:,}" for point in POINTS}

WAYS = {
    "free": "no old transaction",
    "delete": "deleted, one at a time",
    "status": "marked as done, one at a time",
    "batch": "deleted, 100 at a time",
    "mark": "deleted, from a known id on",
    "rotate": "tables emptied in turn",
}

CLAIM = """DELETE FROM {table} WHERE id = ANY (ARRAY(
  SELECT id FROM {table} WHERE id > {mark} ORDER BY id FOR UPDATE SKIP LOCKED LIMIT {count})) RETURNING id, payload"""
DONE = """UPDATE {table} SET state = 'done' WHERE id = ANY (ARRAY(
  SELECT id FROM {table} WHERE state = 'ready' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT {count})) RETURNING id"""

Connection = Any
"""A connection of psycopg, which the project's type checker does not know."""


# A server


def programs() -> Path:
    """Where Debian has the newest server's programs."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))


def tell(*command: str | Path, folder: Path) -> None:
    """Run a program of the server, which refuses to be root's."""
    user = "postgres" if os.getuid() == 0 else None
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, user=user, group=user)
    if done.returncode:
        raise RuntimeError(done.stderr)


@contextlib.contextmanager
def serving() -> Iterator[Path]:
    """Run a server until the block ends; gives the folder of its socket."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        tell(programs() / "initdb", "-D", folder / "data", "-U", "lab", "-A", "trust", "-N", folder=folder)
        with started(folder, "data", 5432):
            yield folder


@contextlib.contextmanager
def started(folder: Path, data: str, port: int, *settings: str) -> Iterator[None]:
    """Start the server of a data folder, and stop it at the end."""
    fixed = (
        *("fsync=off", "autovacuum=off", "shared_buffers=256MB", "listen_addresses=''", f"port={port}"),
        *("wal_level=logical", "max_prepared_transactions=2"),
    )
    options = " ".join(f"-c {setting}" for setting in (*fixed, f"unix_socket_directories={folder}", *settings))
    control = (programs() / "pg_ctl", "-D", folder / data, "-w", "-l", folder / f"{data}.log")
    tell(*control, "-o", options, "start", folder=folder)
    try:
        yield
    finally:
        tell(*control, "-m", "immediate", "stop", folder=folder)


def connected(folder: Path, database: str = "postgres", port: int = 5432, *, commits: bool = True) -> Connection:
    """A new connection; unless it ``commits`` by itself, its first statement begins a transaction."""
    return psycopg.connect(host=str(folder), port=port, dbname=database, user="lab", autocommit=commits)


def vacuum(worker: Connection, table: str) -> int:
    """Vacuum a table; gives how many dead rows it had to leave."""
    said: list[str] = []
    worker.add_notice_handler(note := (lambda notice: said.append(notice.message_primary)))
    worker.execute(f"VACUUM (VERBOSE, ANALYZE, INDEX_CLEANUP ON) {table}")
    worker.remove_notice_handler(note)
    return int(re.findall(r"(\d+) are dead but not yet removable", "\n".join(said))[0])


# A queue


class Queue:
    """Jobs in a table, or in three that are emptied in turn."""

    def __init__(self, p: Parameters, worker: Connection, way: str) -> None:
        self.p, self.worker, self.way = p, worker, way
        self.done = self.added = 0
        self.tables = [f"jobs{number}" for number in range(3 if way == "rotate" else 1)]
        for table in self.tables:
            worker.execute(f"DROP TABLE IF EXISTS {table}")
            worker.execute(f"CREATE TABLE {table} (id bigint PRIMARY KEY, state text NOT NULL, payload text NOT NULL)")
            if way == "status":
                worker.execute(f"CREATE INDEX ON {table} (id) WHERE state = 'ready'")
        self.add(p.backlog)

    def table(self, job: int) -> str:
        """The table of a job."""
        return self.tables[job // self.p.rotated % len(self.tables)]

    def add(self, count: int) -> None:
        """Add jobs at the end, to the table whose turn it is."""
        while count:
            some = min(count, self.p.rotated - self.added % self.p.rotated)
            self.worker.execute(
                f"INSERT INTO {self.table(self.added)} SELECT id, 'ready', repeat('x', {self.p.payload}) "
                f"FROM generate_series({self.added + 1}, {self.added + some}) AS id"
            )
            self.added += some
            count -= some

    def claim(self, count: int) -> str:
        """The statement that takes the next jobs and finishes them."""
        mark = self.done if self.way == "mark" else 0
        text = DONE if self.way == "status" else CLAIM
        return text.format(table=self.table(self.done), mark=mark, count=count)

    def finished(self, count: int) -> None:
        """Count what was claimed; empty the table that is through."""
        before, self.done = self.done, self.done + count
        if self.way == "rotate" and before // self.p.rotated != self.done // self.p.rotated:
            self.worker.execute(f"TRUNCATE {self.table(before)}")

    def work(self, count: int) -> None:
        """Do so many jobs in batches, while as many are added."""
        while count:
            some = min(count, self.p.batch, self.p.rotated - self.done % self.p.rotated)
            self.add(some)
            self.worker.execute(self.claim(some))
            self.finished(some)
            count -= some

    def cost(self) -> tuple[float, float]:
        """Milliseconds and pages of a claim, for each of its jobs: medians of several."""
        each, times, pages = self.p.batch if self.way == "batch" else 1, [], []
        for number in range(self.p.timed):
            self.add(each)
            start = time.perf_counter()
            rows = self.worker.execute(self.claim(each)).fetchall()
            times.append(1000 * (time.perf_counter() - start) / each)
            assert len(rows) == each
            self.finished(each)
            if number < 3:
                pages.append(self.pages() / each)
        return median(times), median(pages)

    def pages(self) -> int:
        """Pages that the next claim reads, by its plan; the claim is made."""
        each = self.p.batch if self.way == "batch" else 1
        self.add(each)
        statement = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {self.claim(each)}"
        plan = self.worker.execute(statement).fetchone()[0][0]["Plan"]
        self.finished(each)
        return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def course(p: Parameters, folder: Path, way: str) -> tuple[dict[int, tuple[float, float]], Queue, Connection]:
    """Do jobs in one way, and give the cost of a claim at each point; all but ``free`` behind an old transaction."""
    worker = connected(folder)
    queue = Queue(p, worker, way)
    vacuum(worker, queue.tables[0])
    old = connected(folder, commits=way == "free")
    if way != "free":
        old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    old.execute("SELECT count(*) FROM report")
    costs = {}
    for point in POINTS:
        queue.work(max(0, point - queue.done))
        left = vacuum(worker, queue.table(queue.done))
        assert way == "rotate" or left == (0 if way == "free" else queue.done), (way, point, left)
        costs[point] = queue.cost()
    return costs, queue, old


def after(queue: Queue, old: Connection) -> tuple[int, int]:
    """Pages of the first and the second claim after the old transaction has ended, before any vacuum."""
    old.rollback()
    return queue.pages(), queue.pages()


# What holds dead rows


def session(*statements: str, database: str = "postgres", commits: bool = False, port: int = 5432) -> Any:
    """A way to leave something open: a connection that has run these statements."""

    def leave(folder: Path, kept: list[Connection]) -> None:
        kept.append(connection := connected(folder, database, port, commits=commits))
        for statement in statements:
            connection.execute(statement)

    return leave


def running(folder: Path, kept: list[Connection]) -> None:
    """Leave a query running."""
    kept.append(connection := connected(folder))
    connection.pgconn.send_query(b"SELECT pg_sleep(600)")
    watch = connected(folder)
    while not watch.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'").fetchone():
        time.sleep(0.05)
    watch.close()


REPEATABLE = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
COUNT = "SELECT count(*) FROM report"
STANDBY = 5433

HOLDERS: dict[str, tuple[str, Any]] = {
    "read": ("read committed, idle after a query", session(COUNT)),
    "cursor": ("read committed, a cursor half read", session("DECLARE c CURSOR FOR TABLE report", "FETCH 1 FROM c")),
    "write": ("read committed, idle after a write to another table", session("INSERT INTO report VALUES (0)")),
    "repeatable": ("repeatable read, idle after a query", session(REPEATABLE, COUNT)),
    "running": ("a query that runs", running),
    "prepared": (
        "a prepared transaction, its connection closed",
        session("INSERT INTO report VALUES (0)", "PREPARE TRANSACTION 'left'"),
    ),
    "slot": (
        "a logical replication slot that nobody reads",
        session("SELECT pg_create_logical_replication_slot('left', 'pgoutput')", commits=True),
    ),
    "elsewhere": ("repeatable read, in another database", session(REPEATABLE, "SELECT 1", database="other")),
    "elsewhere_write": (
        "a write, in another database",
        session("CREATE TABLE written (id int)", database="other"),
    ),
    "standby": ("repeatable read on a standby", session(REPEATABLE, COUNT, port=STANDBY)),
    "feedback": ("the same, with hot_standby_feedback", session(REPEATABLE, COUNT, port=STANDBY)),
}


def holders(p: Parameters, folder: Path) -> dict[str, int]:
    """Leave each open in turn, do jobs, and ask VACUUM how many dead rows it had to leave."""
    tell(
        programs() / "pg_basebackup",
        "-h",
        folder,
        "-U",
        "lab",
        "-D",
        folder / "standby",
        "-R",
        "-c",
        "fast",
        folder=folder,
    )
    found = {}
    worker = connected(folder)
    feedback = ("wal_receiver_status_interval=1s", "max_standby_streaming_delay=-1")
    for name, (_said, leave) in HOLDERS.items():
        kept: list[Connection] = []
        with contextlib.ExitStack() as stack:
            if name in {"standby", "feedback"}:
                asks = f"hot_standby_feedback={'on' if name == 'feedback' else 'off'}"
                stack.enter_context(started(folder, "standby", STANDBY, asks, *feedback))
            queue = Queue(p, worker, "delete")
            if name in {"standby", "feedback"}:
                caught_up(worker)
            leave(folder, kept)
            if name == "prepared":
                kept.pop().close()
            if name == "feedback":
                asked(worker)
            queue.work(p.held)
            found[name] = vacuum(worker, queue.tables[0])
            for connection in kept:
                if name == "running":
                    worker.execute("SELECT pg_terminate_backend(%s)", [connection.info.backend_pid])
                connection.close()
        clear(worker)
    return found


def caught_up(worker: Connection) -> None:
    """Wait until the standby has replayed everything."""
    where = worker.execute("SELECT pg_current_wal_lsn()").fetchone()[0]
    waited(worker, f"SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= '{where}'")


def asked(worker: Connection) -> None:
    """Wait until the standby has told the primary what it still reads."""
    waited(worker, "SELECT 1 FROM pg_stat_replication WHERE backend_xmin IS NOT NULL")


def waited(worker: Connection, query: str) -> None:
    """Wait until a query gives a row."""
    for _ in range(600):
        if worker.execute(query).fetchone():
            return
        time.sleep(0.1)
    raise TimeoutError(query)


def clear(worker: Connection) -> None:
    """End what a closed connection leaves, and wait until nothing holds a snapshot."""
    for (left,) in worker.execute("SELECT gid FROM pg_prepared_xacts").fetchall():
        worker.execute(f"ROLLBACK PREPARED '{left}'")
    worker.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
    waited(
        worker,
        "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
        "AND backend_type = 'client backend')",
    )
    waited(worker, "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_replication)")


# What is kept


def once(p: Parameters) -> tuple[dict[str, Result], str]:
    """One run: the cost of claims in each way, and what holds dead rows; and the server's version."""
    found: dict[str, Result] = {}
    with serving() as folder:
        worker = connected(folder)
        version = worker.execute("SHOW server_version").fetchone()[0]
        worker.execute("CREATE TABLE report (id int)")
        worker.execute("INSERT INTO report SELECT generate_series(1, 1000)")
        worker.execute("CREATE DATABASE other")
        worker.close()
        for way, said in WAYS.items():
            costs, queue, old = course(p, folder, way)
            for point, (took, pages) in costs.items():
                what = f"{point:,} jobs done: {said}"
                found[f"time.{way}.{point}"] = Result(round(took, 4), f"time of a claim, a job, {what}", "ms", ".2f")
                found[f"pages.{way}.{point}"] = Result(round(pages, 2), f"pages of a claim, a job, {what}", "", ",.0f")
            if way == "delete":
                first, second = after(queue, old)
                found["after.first"] = Result(first, "pages of the first claim after the old transaction has ended")
                found["after.second"] = Result(second, "pages of the second claim after it")
            old.close()
            queue.worker.close()
        for name, left in holders(p, folder).items():
            found[f"held.{name}"] = Result(left, f"dead rows of {p.held:,} that VACUUM leaves: {HOLDERS[name][0]}")
    return found, version


def measure(p: Parameters) -> Measured:
    """Run everything several times."""
    ran = [once(p) for _ in range(p.runs)]
    runs, last = [found for found, _version in ran], POINTS[-1]
    results = {key: of_runs([one[key] for one in runs]) for key in runs[0]}

    def worst(of: Callable[[dict[str, Result]], float], choose: Callable[[list[float]], float] = min) -> float:
        return round(choose([of(one) for one in runs]), 4)

    for kind in ("time", "pages"):
        for way in ("free", "delete"):
            results[f"{kind}.{way}.last"] = results[f"{kind}.{way}.{last}"]
    results["last"] = Result(last, "jobs done at the last point")
    results["dead.time"] = of_runs(
        [
            Result(
                round(1e6 * (one[f"time.delete.{last}"].value - one["time.delete.0"].value) / last, 2),
                "what each job done since adds to a claim",
                "ns",
                ",.0f",
            )
            for one in runs
        ]
    )
    what = f"claims a second that one worker can make at most, {last:,} jobs done since"
    rates = [Result(round(1000 / one[f"time.delete.{last}"].value), what) for one in runs]
    results["rate.last"] = of_runs(rates)
    held = {name: results[f"held.{name}"].low for name in HOLDERS}
    results["holders.all"] = Result(len(HOLDERS), "things that are left open")
    results["holders.held"] = Result(
        sum(value == p.held for value in held.values()), "of these, such that hold all dead rows in all runs"
    )
    claims = {
        "slower": Claim(
            f"Behind {last:,} jobs that could not be vacuumed away, a claim took {{}} times as long as without an old "
            "transaction, in each run",
            worst(lambda one: one[f"time.delete.{last}"].value / one[f"time.free.{last}"].value),
            least=20,
        ),
        "linear": Claim(
            "Twice the jobs made a claim read {} times the pages, in each run",
            worst(lambda one: one[f"pages.delete.{last}"].value / one["pages.delete.50000"].value),
            least=1.9,
        ),
        "mark": Claim(
            "From a known id on, a claim never read more than {} pages",
            worst(lambda one: max(one[f"pages.mark.{point}"].value for point in POINTS), max),
            most=30,
        ),
    }
    return Measured(
        results,
        {"time-by-jobs": figure(results)},
        claims,
        {"PostgreSQL": ran[0][1].split()[0]},
        Grid(
            {
                "done": Axis("Jobs done since the old transaction began", DONE_SO_FAR, "20000"),
                "way": Axis("How workers take jobs", dict(WAYS), "delete"),
            },
            {
                "time": Answer("for a claim, counted for each of its jobs", ("way", "done"), "time.{}.{}"),
                "pages": Answer("pages read for it", ("way", "done"), "pages.{}.{}"),
            },
        ),
    )


def figure(results: dict[str, Result]) -> Figure:
    """The time of a claim, by the jobs that were done since."""
    ways = ("delete", "status", "mark", "rotate", "free")
    points = [point / 1000 for point in POINTS]

    def draw(chart: Chart) -> None:
        from chart import INK, LAMP, QUIET

        chart.margins(left=46, right=112)
        chart.measures("time of a claim, ms", "thousand jobs done since it began")
        for way, color, text in (("delete", LAMP, "deleted"), ("status", INK, "marked"), ("free", QUIET, "none open")):
            found = [results[f"time.{way}.{point}"] for point in POINTS]
            if way == "delete":
                chart.band(points, [one.low or 0 for one in found], [one.high or 0 for one in found])
            chart.line(points, [one.value for one in found], color, dashed=way == "status")
            other = results[f"time.{'delete' if way == 'status' else 'status'}.{POINTS[-1]}"].value
            apart = 0 if way == "free" else 10 if found[-1].value > other else -10
            chart.label(points[-1], found[-1].value, text, color=color, xytext=(6, apart))
        chart.ticks("x", [0, 20, 50, 100])
        chart.axes.set_xlim(0, 100)
        chart.axes.set_ylim(0)

    first, final = (results[f"time.delete.{point}"] for point in (POINTS[0], POINTS[-1]))
    return Figure(
        "Time of a claim behind an old transaction",
        f"""Milliseconds of a claim against the jobs done since an old transaction began. Where jobs are deleted it
        rises from {first.value:.1f} to {final.value:.0f} ms at {POINTS[-1]:,} jobs, and where they are marked as done
        alike. Without an old transaction, and from a known id on, it stays at the bottom.""",
        ["jobs done", *(f"{WAYS[way]}{part}, ms" for way in ways for part in ("", ", least", ", most"))],
        [
            [
                point,
                *(
                    value or 0.0
                    for way in ways
                    for one in [results[f"time.{way}.{point}"]]
                    for value in (one.value, one.low, one.high)
                ),
            ]
            for point in POINTS
        ],
        draw,
    )
