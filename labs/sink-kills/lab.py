"""Where exactly-once ends: consumers that are killed between a write and its offset, and what their sinks then hold."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import random
import signal
import sqlite3
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chart import Chart

TITLE = "Kill -9 between the write and the offset"
QUESTION = "Which ways of writing records and remembering an offset survive a consumer that is killed at any moment?"
ANSWER = """With the offset committed first, {before.gaps} of 30 kills lost {before.lost}. With the rows first,
{after.gaps} of them doubled {after.doubled}. An upsert by the record's own id, an offset in the rows' transaction, and
a manifest lost or doubled {upsert.doubled}, whatever the moment of the kill."""
SHOWS = """A process reads a log in batches, works on each, writes its rows to a sink and commits its offset. Another
kills it by SIGKILL at random moments and starts it again, and at the end the sink is compared with the log, record by
record. Eight designs differ only in what is written where, and in which order. A second part commits the offset only
after several batches. In a third the process is not killed but stopped, a successor takes over, and then the first
goes on."""
LIMITS = """A killed process loses nothing that the kernel already has: a power cut or a full disk is another fault.
Sink and offset store are SQLite and files on one machine, with a pause in place of a network. One consumer reads one
partition. How often a kill falls into the gap depends on how long the gap is against the rest of the cycle, here by two
trips of a millisecond and two milliseconds of pretended work, and by the load of the machine; the zeros do not."""
RERUN = "labs"
QUICK = {"runs": 2, "kills": 5}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the batches and of the moments of the kills")
    runs: int = parameter(10, "runs of each design, each with its own seed")
    kills: int = parameter(30, "kills in each run")
    spell: float = parameter(0.03, "longest time from the first read to a kill", "s")
    trip: float = parameter(0.001, "pretended way to a store and back, half of it before the store acts", "s")
    work: float = parameter(0.002, "pretended work on each batch", "s")
    least: int = parameter(20, "fewest records in a batch")
    most: int = parameter(80, "most records in a batch")
    keys: int = parameter(100, "keys of the records")
    pauses: int = parameter(10, "times in a run that a process is stopped and replaced")


DESIGNS = {
    "before": "offset committed, then rows",
    "after": "rows, then offset",
    "minted": "upsert by an id made at the write",
    "counter": "upsert that adds to a total",
    "upsert": "upsert by the record's id",
    "same": "rows and offset in one transaction",
    "staged": "file renamed into place, then offset",
    "manifest": "files, then a manifest with the offset",
}
EXACT = ("upsert", "same", "manifest")
EVERY = (1, 2, 4, 8)
LOG = 60_000
"""Records that the log has: more than any run reads."""

TABLES = {
    "rows": "CREATE TABLE rows (id INTEGER, key TEXT, value INTEGER)",
    "minted": "CREATE TABLE rows (uuid TEXT PRIMARY KEY, id INTEGER, key TEXT, value INTEGER)",
    "counter": "CREATE TABLE totals (key TEXT PRIMARY KEY, n INTEGER)",
    "upsert": "CREATE TABLE rows (id INTEGER PRIMARY KEY, key TEXT, value INTEGER)",
}
WRITES = {
    "rows": "INSERT INTO rows VALUES (:id, :key, :value)",
    "minted": "INSERT OR REPLACE INTO rows VALUES (:uuid, :id, :key, :value)",
    "counter": "INSERT INTO totals VALUES (:key, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1",
    "upsert": "INSERT OR REPLACE INTO rows VALUES (:id, :key, :value)",
}
WIDTH = 24
"""Bytes of one line of the log."""


@functools.cache
def log_text(seed: int, keys: int) -> str:
    """The log: a line for each record, whose number is its offset."""
    chance = random.Random(seed)
    lines = (f"{chance.randrange(keys):04d} {chance.randrange(10**9):09d}" for _ in range(LOG))
    return "".join(line.ljust(WIDTH - 1) + "\n" for line in lines)


def prepare(p: Parameters, design: str, folder: Path) -> None:
    """Write the log, and make empty stores."""
    (folder / "log").write_text(log_text(p.seed, p.keys), encoding="ascii")
    sink = Sink(design, folder)
    sink.make()
    sink.close()


def read(path: Path, start: int, end: int) -> list[dict[str, str | int]]:
    """The records from one offset up to another."""
    with path.open("rb") as file:
        file.seek(start * WIDTH)
        lines = file.read((end - start) * WIDTH).decode("ascii").splitlines()
    return [
        {"id": start + at, "key": key, "value": int(value), "uuid": uuid.uuid4().hex}
        for at, (key, value) in enumerate(line.split() for line in lines)
    ]


def connect(path: Path) -> sqlite3.Connection:
    """Open a database. It need not wait for the disk: what a killed process has written, the kernel keeps."""
    database = sqlite3.connect(path, timeout=30, isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    return database


@contextlib.contextmanager
def trip(p: Parameters) -> Iterator[None]:
    """The way to a store, what it does, and the way back."""
    time.sleep(p.trip / 2)
    yield
    time.sleep(p.trip / 2)


class Sink:
    """A sink and an offset store of one design, as a process opens them."""

    def __init__(self, design: str, folder: Path) -> None:
        self.design, self.folder = design, folder
        self.files = design in {"staged", "manifest"}
        kind = design if design in TABLES else "rows"
        self.statement, self.table = WRITES[kind], TABLES[kind]
        self.rows = connect(folder / "sink.db")
        self.offsets = self.rows if design in {"same", "fenced"} else connect(folder / "offsets.db")

    def make(self) -> None:
        """Make empty stores."""
        self.rows.execute(self.table)
        self.offsets.execute("CREATE TABLE offsets (next INTEGER)")
        self.offsets.execute("INSERT INTO offsets VALUES (0)")
        (self.folder / "parts").mkdir()
        (self.folder / "manifest.json").write_text(json.dumps({"next": 0, "parts": []}), encoding="ascii")

    def next(self) -> int:
        """The offset from which a process that starts now would read."""
        if self.design == "manifest":
            return int(json.loads((self.folder / "manifest.json").read_text(encoding="ascii"))["next"])
        (offset,) = self.offsets.execute("SELECT next FROM offsets").fetchone()
        return int(offset)

    def commit(self, offset: int) -> None:
        """Commit the offset alone."""
        self.offsets.execute("UPDATE offsets SET next = ?", (offset,))

    def write(self, batch: list[dict[str, str | int]]) -> None:
        """Write the rows of a batch, in one transaction."""
        self.rows.execute("BEGIN IMMEDIATE")
        self.rows.executemany(self.statement, batch)
        self.rows.execute("COMMIT")

    def write_with_offset(self, batch: list[dict[str, str | int]], start: int, end: int, *, fenced: bool) -> bool:
        """Write rows and offset in one transaction; a fenced one only if the offset is still where it was read."""
        self.rows.execute("BEGIN IMMEDIATE")
        self.rows.executemany(self.statement, batch)
        where = "WHERE next = :start" if fenced else ""
        moved = self.rows.execute(f"UPDATE offsets SET next = :end {where}", {"start": start, "end": end}).rowcount
        self.rows.execute("COMMIT" if moved else "ROLLBACK")
        return bool(moved)

    def put(self, batch: list[dict[str, str | int]]) -> str:
        """Write a batch to a file of its own, and rename it into place."""
        name = f"{uuid.uuid4().hex}.jsonl"
        staged = self.folder / f"{name}.tmp"
        staged.write_text("".join(f"{json.dumps(record)}\n" for record in batch), encoding="ascii")
        staged.rename(self.folder / "parts" / name)
        return name

    def publish(self, name: str, end: int) -> None:
        """Replace the manifest by one that has this file too, and the offset behind it."""
        path = self.folder / "manifest.json"
        parts = [*json.loads(path.read_text(encoding="ascii"))["parts"], name]
        staged = self.folder / "manifest.tmp"
        staged.write_text(json.dumps({"next": end, "parts": parts}), encoding="ascii")
        staged.rename(path)

    def held(self, *, listed: bool = False) -> Counter[int | str]:
        """How often the sink has each record; with totals, how often each key. ``listed`` ignores the manifest."""
        if self.files:
            names = sorted(path.name for path in (self.folder / "parts").iterdir())
            if self.design == "manifest" and not listed:
                names = json.loads((self.folder / "manifest.json").read_text(encoding="ascii"))["parts"]
            lines = (line for name in names for line in (self.folder / "parts" / name).read_text("ascii").splitlines())
            return Counter(json.loads(line)["id"] for line in lines)
        if self.design == "counter":
            return Counter(dict(self.rows.execute("SELECT key, n FROM totals")))
        return Counter(dict(self.rows.execute("SELECT id, count(*) FROM rows GROUP BY id")))

    def close(self) -> None:
        """Close both stores."""
        self.rows.close()
        self.offsets.close()


def consume(p: Parameters, sink: Sink, log: Path, chance: random.Random, end: int, every: int) -> None:
    """Read, work and write, batch by batch, until the end. Commit the offset after so many batches."""
    start, batches = sink.next(), 0
    while start < end:
        stop = min(end, start + chance.randint(p.least, p.most))
        batch = read(log, start, stop)
        if sink.design == "before":
            with trip(p):
                sink.commit(stop)
        time.sleep(p.work)
        if sink.design in {"same", "fenced"}:
            with trip(p):
                taken = sink.write_with_offset(batch, start, stop, fenced=sink.design == "fenced")
            if not taken:
                os._exit(3)
        elif sink.files:
            with trip(p):
                name = sink.put(batch)
            if sink.design == "manifest":
                with trip(p):
                    sink.publish(name, stop)
        else:
            with trip(p):
                sink.write(batch)
        batches += 1
        if sink.design not in {"before", "same", "fenced", "manifest"} and (batches % every == 0 or stop == end):
            with trip(p):
                sink.commit(stop)
        start = stop


@dataclass
class Process:
    """A consumer that runs."""

    pid: int
    status: int | None = None

    def send(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Wait for its end; the code that it gave, negative for a signal."""
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def ended(self) -> bool:
        """Whether it has ended."""
        if self.status is None and (found := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.status = os.waitstatus_to_exitcode(found[1])
        return self.status is not None


def start(p: Parameters, design: str, folder: Path, seed: str, end: int = LOG, every: int = 1) -> Process:
    """Start a consumer, and wait until it reads."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        _consumer(p, design, folder, seed, end, every, tell)
    os.close(tell)
    os.read(ready, 1)
    os.close(ready)
    return Process(pid)


def _consumer(p: Parameters, design: str, folder: Path, seed: str, end: int, every: int, tell: int) -> NoReturn:
    code = 1
    with contextlib.suppress(BaseException):
        sink = Sink(design, folder)
        os.write(tell, b".")
        consume(p, sink, folder / "log", random.Random(seed), end, every)
        code = 0
    os._exit(code)


def true(folder: Path, design: str, end: int) -> Counter[int | str]:
    """What the sink must hold once the log is read up to this offset."""
    records = read(folder / "log", 0, end)
    return Counter(record["key" if design == "counter" else "id"] for record in records)


@dataclass(frozen=True)
class Outcome:
    """What one run left: kills between write and offset, records in all, lost, doubled, doubled to one who lists."""

    gaps: int
    records: int
    lost: int
    doubled: int
    listed: int


def killed(p: Parameters, design: str, every: int = 1, spell: tuple[float, float] | None = None) -> Outcome:
    """Run one design, kill it again and again, let it come to an end, and compare the sink with the log."""
    chance = random.Random(f"{p.seed} {design} {every}")
    shortest, longest = spell or (0.0, p.spell)
    gaps = surplus = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(p, design, folder)
        for kill in range(p.kills):
            process = start(p, design, folder, f"{p.seed} {kill}", every=every)
            time.sleep(chance.uniform(shortest, longest))
            process.send(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL, "the consumer ended before it was killed"
            sink = Sink(design, folder)
            now = sum(sink.held(listed=True).values()) - sink.next()
            sink.close()
            gaps += now != surplus
            surplus = 0 if design == "upsert" else now
        sink = Sink(design, folder)
        end = sink.next() + 100
        assert start(p, design, folder, f"{p.seed} end", end, every).wait() == 0
        should, held, listed = true(folder, design, end), sink.held(), sink.held(listed=True)
        sink.close()
    lost, doubled = (should - held).total(), (held - should).total()
    return Outcome(gaps, end, lost, doubled, (listed - should).total())


@dataclass(frozen=True)
class Handover:
    """What a run with stopped processes left."""

    lost: int
    doubled: int
    refused: int


def stopped(p: Parameters, design: str) -> Handover:
    """Stop the process, start another, let the first go on, and compare the sink with the log at the end."""
    chance = random.Random(f"{p.seed} {design} stopped")
    refused = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(p, design, folder)
        process = start(p, design, folder, f"{p.seed} 0")
        for pause in range(p.pauses):
            time.sleep(chance.uniform(0, p.spell))
            process.send(signal.SIGSTOP)
            successor = start(p, design, folder, f"{p.seed} {pause + 1}")
            time.sleep(p.spell)
            process.send(signal.SIGCONT)
            time.sleep(p.spell)
            refused += process.ended() and process.wait() == 3
            if successor.ended():
                refused += successor.wait() == 3
                successor, process = process, successor
            if not process.ended():
                process.send(signal.SIGKILL)
                process.wait()
            process = successor
        if not process.ended():
            process.send(signal.SIGKILL)
            process.wait()
        sink = Sink(design, folder)
        end = max([sink.next(), *(number + 1 for number in sink.held() if isinstance(number, int))]) + 100
        assert start(p, design, folder, f"{p.seed} end", end).wait() == 0
        should, held = true(folder, design, end), sink.held()
        sink.close()
    return Handover((should - held).total(), (held - should).total(), refused)


def measure(p: Parameters) -> Measured:
    """Kill each design in each run, and stop two of them."""
    found: dict[str, Result] = {}
    worst: dict[str, list[Outcome]] = {}
    for design, said in DESIGNS.items():
        outcomes = worst[design] = each_seed(p, p.runs, functools.partial(killed, design=design))
        for key, what, unit in (
            ("gaps", "kills of a run that fell between the two writes", ""),
            ("lost", "records lost in a run", "records"),
            ("doubled", "copies too many in a run", "records"),
            ("records", "records read in a run", "records"),
        ):
            found[f"{design}.{key}"] = of_runs(
                [Result(int(getattr(outcome, key)), f"{what}: {said}", unit) for outcome in outcomes]
            )
        if design == "manifest":
            found["manifest.listed"] = of_runs(
                [
                    Result(outcome.listed, "copies too many to one who lists the folder instead: manifest", "records")
                    for outcome in outcomes
                ]
            )
    found["kills"] = Result(p.runs * p.kills, "kills of each design, in all runs")
    found["kills.all"] = Result(p.runs * p.kills * len(DESIGNS), "kills of all designs")
    found["batch"] = Result((p.least + p.most) // 2, "mean batch", "records")
    found["after.passes"] = of_runs(
        [
            Result(round(1 - outcome.gaps / p.kills, 3), "kills that left no trace: rows, then offset", "", ".0%")
            for outcome in worst["after"]
        ]
    )
    replays = replay(p, found)
    handovers(p, found)
    claims = {
        "exact": Claim(
            "Upsert by the record's id, offset in the transaction, manifest: {} records lost or doubled in any run.",
            max(outcome.lost + outcome.doubled for design in EXACT for outcome in worst[design]),
            most=0,
        ),
        "before": Claim(
            "The offset before the rows lost at least {} record in every run, and doubled none.",
            min(outcome.lost if not outcome.doubled else 0 for outcome in worst["before"]),
            least=1,
        ),
        "after": Claim(
            "Rows before the offset, an id made at the write, a total and a renamed file doubled at least {} in each.",
            min(
                outcome.doubled if not outcome.lost else 0
                for design in ("after", "minted", "counter", "staged")
                for outcome in worst[design]
            ),
            least=1,
        ),
        "tested": Claim(
            "The upsert had to absorb at least {} replay in every run.",
            min(outcome.gaps for outcome in worst["upsert"]),
            least=1,
        ),
    }
    figure = Figure(
        "Records doubled by one kill, by the batches between two commits of the offset",
        """Records doubled by a kill, in the median run and its range, against 1, 2, 4 and 8 batches between two commits
        of the offset. The line rises from less than a batch to several, close to a dashed line for half of the records
        between two commits.""",
        ["Batches between commits", "Doubled by a kill", "Least run", "Most", "Half an interval"],
        [[every, *replays[every], every * (p.least + p.most) / 4] for every in EVERY],
        lambda chart: draw(chart, p, replays),
    )
    return Measured(
        found, {"doubled-by-interval": figure}, claims, {"SQLite": sqlite3.sqlite_version, "Kernel": os.uname().release}
    )


def replay(p: Parameters, found: dict[str, Result]) -> dict[int, tuple[float, float, float]]:
    """Commit the offset after several batches, and add what a kill then doubles: median, least and most run."""
    replays: dict[int, tuple[float, float, float]] = {}
    few = replace(p, kills=p.kills // 3)
    for every in EVERY:
        spell = (3 * p.spell, 7 * p.spell)
        outcomes = each_seed(few, p.runs, functools.partial(killed, design="after", every=every, spell=spell))
        result = found[f"every{every}.doubled"] = of_runs(
            [
                Result(
                    round(outcome.doubled / few.kills, 1),
                    f"records doubled by a kill, offset after {every} batches",
                    "records",
                    ".0f",
                )
                for outcome in outcomes
            ]
        )
        replays[every] = (float(result.value), float(result.low or 0), float(result.high or 0))
    return replays


def handovers(p: Parameters, found: dict[str, Result]) -> None:
    """Stop processes with and without a condition on the offset, and add what came."""
    for design, said in (("same", "no condition"), ("fenced", "a condition on the offset")):
        outcomes = each_seed(p, p.runs, functools.partial(stopped, design=design))
        for key, what, unit in (
            ("lost", "records lost in a run with stopped processes", "records"),
            ("doubled", "copies too many in a run with stopped processes", "records"),
            ("refused", "processes that the sink refused in a run", ""),
        ):
            found[f"stopped.{design}.{key}"] = of_runs(
                [Result(int(getattr(outcome, key)), f"{what}: {said}", unit) for outcome in outcomes]
            )


def draw(chart: Chart, p: Parameters, replays: dict[int, tuple[float, float, float]]) -> None:
    """Draw what a kill doubles by the interval, its range, and half an interval."""
    from chart import INK, LAMP, QUIET

    every = list(replays)
    middle, low, high = ([replays[one][at] for one in every] for at in range(3))
    half = [one * (p.least + p.most) / 4 for one in every]
    chart.band(every, low, high)
    chart.line(every, half, QUIET, dashed=True)
    chart.line(every, middle, LAMP)
    chart.label(every[-2], middle[-2], "measured", color=LAMP, va="top", xytext=(10, -4))
    chart.label(every[-2], half[-2], "half an interval", color=INK, side="left", va="bottom", xytext=(-4, 6))
    chart.ticks("x", every)
    chart.axes.set_xlim(1, every[-1])
    chart.axes.set_ylim(0, None)
    chart.measures("Records doubled by one kill", "batches between two commits of the offset")
    chart.margins(left=46, right=24)
