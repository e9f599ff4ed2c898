"""Small files: what the same rows cost to read from one file and from a thousand, and a table whose log grows."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from record import Claim, Figure, Measured, Result, parameter
from spread import of_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from chart import Chart

TITLE = "The same rows in one file and in a thousand"
QUESTION = """What does a query pay for each file that it has to open, and a reader of a table for each commit?"""
ANSWER = """A sum over the same rows took {scan.n1000.time} from a thousand files and {scan.n1.time} from one. Ten rows
by their id took {point.n1000.time} and {point.n1.time}. A table of 399 commits opened in {log.n399.time}; one commit
more wrote a checkpoint, and it opened in {log.n400.time}."""
SHOWS = """The same rows are written as 1, 10, 100 and 1,000 Parquet files, and DuckDB reads them with one thread: a sum
over all, and ten rows that one file holds. Then a Delta table takes 400 appends, and is opened after some of them."""
LIMITS = """Files lie on a local disk and in its cache, where to open one costs a tenth of a millisecond. An object
store adds a request to each, which is what makes small files expensive in practice; it is not in these numbers. One
thread reads; more would share the work and not reduce it. The times are those of one machine."""
RERUN = "labs"
TAKES = ("duckdb", "pyarrow", "deltalake", "numpy")
QUICK = {"rows": 40_000, "runs": 2}

FILES = (1, 10, 100, 1000)
COMMITS = (99, 100, 399, 400)


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the rows")
    rows: int = parameter(400_000, "rows, of an id, a key and a value")
    runs: int = parameter(15, "runs of each query, each with a new connection")
    wanted: int = parameter(10, "rows that the second query asks for")
    appended: int = parameter(100, "rows of an append to the Delta table")


def timed(prepare: Callable[[], Callable[[], object]], runs: int, what: str) -> Result:
    """The time of the work that is prepared for each run: the median of the runs, and their range."""
    times = []
    prepare()()  # once before, so that the files are in the cache
    for _ in range(runs):
        work = prepare()
        start = perf_counter()
        work()
        times.append(Result(round(1000 * (perf_counter() - start), 3), what, "ms", ".1f"))
    return of_runs(times)


def query(text: str) -> Callable[[], Callable[[], object]]:
    """A query in a new connection, with one thread."""

    def prepare() -> Callable[[], object]:
        connection = duckdb.connect(config={"threads": 1})
        return lambda: connection.execute(text).fetchall()

    return prepare


def files(p: Parameters, rows: Any, folder: Path) -> dict[str, Result]:
    """Write the rows as so many files, and read them."""
    results: dict[str, Result] = {}
    for count in FILES:
        place, step = folder / f"{count}", len(rows) // count
        place.mkdir()
        for number in range(count):
            pq.write_table(rows.slice(number * step, step), place / f"{number:04}.parquet")
        written = sorted(place.iterdir())
        size = sum(path.stat().st_size for path in written)
        footers = sum(pq.read_metadata(path).serialized_size for path in written)
        name = f"{count:,} file{'s' * (count > 1)}"
        source = f"read_parquet('{place}/*.parquet')"
        point = f"select sum(value) from {source} where id between 1000 and {999 + p.wanted}"
        results |= {
            f"size.n{count}": Result(round(size / 1e6, 3), f"size of {name}", "MB", ".1f"),
            f"footers.n{count}": Result(round(footers / size, 5), f"share of footers in {name}", "", ".1%"),
            f"scan.n{count}.time": timed(query(f"select sum(value) from {source}"), p.runs, f"a sum over {name}"),
            f"point.n{count}.time": timed(query(point), p.runs, f"ten rows by id from {name}"),
        }
    return results


def log(p: Parameters, rows: Any, folder: Path) -> dict[str, Result]:
    """Append to a Delta table, and open it after some commits; then put its files together."""
    place, results = str(folder / "table"), {}

    def opened() -> Callable[[], object]:
        return lambda: DeltaTable(place).file_uris()

    for number in range(1, max(COMMITS) + 1):
        write_deltalake(place, rows.slice(number * p.appended, p.appended), mode="append")
        if number in COMMITS:
            results[f"log.n{number}.time"] = timed(opened, p.runs, f"opening a Delta table after {number} commits")
    kept = len([*Path(place, "_delta_log").glob("*.checkpoint.parquet")])
    results["log.checkpoints"] = Result(kept, "checkpoints that 400 appends wrote", "")
    results["log.files"] = Result(len(DeltaTable(place).file_uris()), "files of the table then", "files")
    sums = f"select sum(value) from read_parquet({DeltaTable(place).file_uris()})"
    results["table.before.time"] = timed(query(sums), p.runs, "a sum over the files of the table, before compaction")
    table = DeltaTable(place)
    table.optimize.compact()
    sums = f"select sum(value) from read_parquet({DeltaTable(place).file_uris()})"
    results["table.after.time"] = timed(query(sums), p.runs, "a sum over the files of the table, after it")
    return results


def measure(p: Parameters) -> Measured:
    """Run both parts."""
    randoms = np.random.default_rng(p.seed)
    rows = pa.table(
        {
            "id": np.arange(p.rows),
            "key": randoms.integers(0, 1000, p.rows),
            "value": randoms.normal(size=p.rows),
        }
    )
    with tempfile.TemporaryDirectory() as name:
        results = files(p, rows, Path(name)) | log(p, rows, Path(name))
    one, many = results["scan.n1.time"], results["scan.n1000.time"]
    per_file = (many.value - one.value) / (FILES[-1] - 1)
    results["open.time"] = Result(round(1000 * per_file, 2), "what each further file adds to the sum", "µs", ",.0f")
    speed = results["size.n1"].value * 1000 / one.value
    results["open.bytes"] = Result(
        round(per_file * speed, 2), "the same in bytes that are read meanwhile", "kB", ",.0f"
    )
    claims = {
        "scan": Claim(
            "Reading a thousand files takes {} times as long as reading one, at the median",
            many.value / one.value,
            least=3,
        ),
        "checkpoint": Claim(
            "A table with 399 commits takes {} times as long to open as one with 400 and a checkpoint, at the median",
            results["log.n399.time"].value / results["log.n400.time"].value,
            least=1.5,
        ),
    }
    return Measured(results, {"time-by-files": figure(results)}, claims)


def figure(results: dict[str, Result]) -> Figure:
    """The time of both queries, by files."""
    scan, point = ([results[f"{name}.n{count}.time"] for count in FILES] for name in ("scan", "point"))
    places = [*range(len(FILES))]

    def draw(chart: Chart) -> None:
        from chart import INK, LAMP

        chart.margins(left=52, right=96, bottom=56)
        chart.measures("time of a query, ms", "files that hold the same rows")
        chart.band(places, [each.low or 0 for each in scan], [each.high or 0 for each in scan])
        for values, color, text in ((scan, LAMP, "sum over all"), (point, INK, "ten rows")):
            chart.line(places, [each.value for each in values], color, dashed=color == INK)
            chart.label(places[-1], values[-1].value, text, color=color, xytext=(6, 10 if color == LAMP else -10))
        chart.ticks("x", places, [f"{count:,}" for count in FILES])
        chart.axes.set_ylim(0)

    return Figure(
        "Time of a query by the number of files",
        f"""The same rows in 1, 10, 100 and 1,000 files. A sum over all rows takes {scan[0].value:.0f} ms from one file
        and {scan[-1].value:.0f} ms from a thousand; ten rows by their id take {point[0].value:.0f} and
        {point[-1].value:.0f} ms.""",
        ["files", "sum over all, ms", "least", "most", "ten rows, ms", "least", "most"],
        [
            [count, a.value, a.low or 0, a.high or 0, b.value, b.low or 0, b.high or 0]
            for count, a, b in zip(FILES, scan, point, strict=True)
        ],
        draw,
    )
