"""Ten changes of a table upstream: what readers of files, two table formats and a contract make of each."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import tempfile
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import deltalake
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException
from pyiceberg.types import DoubleType
from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from chart import Chart
    from record import Cell

TITLE = "Ten schema changes, and who notices"
QUESTION = "Who notices that the second day of a table has another schema?"
ANSWER = """Mostly nobody. Of {every.all} pairs of a harmful change and a way to read it, {every.wrong} are answered
wrongly without an error, and {every.refused} are refused. Where names or types change, {files.wrong} of {files.all}
reads of files are silently wrong and {tables.wrong} of {tables.all} appends to a table format. A contract on the
footer stops {contract.footer} of {harmful} harmful changes, one on values {contract.values} more; {contract.missed}
passes, and of the harmless ones {contract.false} are stopped."""
SHOWS = """Two days of a table of orders are written as Parquet files. The second day has one of ten changes. Four ways
of reading the files, each with the older and with the newer file first, and an append to an Iceberg and to a Delta
table then answer the same five questions, and are compared with the truth. The contract that the note prints, one half
for the file's footer and one for its values, is asked before anything is published."""
LIMITS = """The table and its changes are constructed, and whoever wrote the contract also wrote the changes: that it
finds seven of eight says little, that it misses the eighth says more. Readers have their defaults, in the versions
stated. Who is wrong and who refuses is the same in all five runs, each with other orders. The Delta table is that of
delta-rs, which converts types where Delta on Spark may refuse."""
RERUN = "labs"
TAKES = ("duckdb", "pyarrow", "pyiceberg", "deltalake")
QUICK = {"rows": 60_000, "runs": 1}

NOTE = Path(__file__).parents[2] / "notes/schema-changes-are-releases.md"

warnings.filterwarnings("ignore")


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(5, "seed of the random orders")
    runs: int = parameter(5, "runs, each with orders of its own seed")
    rows: int = parameter(100_000, "orders a day")
    wrong: float = parameter(0.001, "share by which an answer may be off before it is wrong")
    tax: float = parameter(0.19, "tax, where an amount becomes gross")
    hours: int = parameter(5, "hours that the local clock is behind UTC", "h")


# Two days of orders, and ten changes of the second


def orders(p: Parameters, chance: np.random.Generator, day: int) -> pa.Table:
    """A day of orders as the contract has them: amounts in US dollars, net; scores from 0 to 1; times in UTC."""
    since = np.sort(chance.random(p.rows)) * 86_400 + day * 86_400
    return pa.table(
        {
            "order_id": pa.array(np.arange(p.rows) + day * p.rows, pa.int64()),
            "customer": pa.array([f"c{number}" for number in chance.integers(0, 5000, p.rows)]),
            "amount": pa.array(np.round(np.exp(3.6 + 0.6 * chance.standard_normal(p.rows)), 2).clip(1, 4000)),
            "score": pa.array(chance.random(p.rows)),
            "created_at": pa.array((since * 1e6).astype("int64"), pa.timestamp("us", tz="UTC")),
        }
    )


def replaced(table: pa.Table, name: str, values: Any) -> pa.Table:
    """The table with other values in a column."""
    return table.set_column(table.schema.get_field_index(name), name, values)


def renamed(table: pa.Table) -> pa.Table:
    """The table with another name for the amount."""
    return table.rename_columns(["amount_usd" if name == "amount" else name for name in table.column_names])


def local(p: Parameters, table: pa.Table) -> pa.Table:
    """The table with times by a local clock, without a zone."""
    behind = pc.subtract(pc.cast(table["created_at"], pa.int64()), p.hours * 3_600_000_000)
    return replaced(table, "created_at", pc.cast(behind, pa.timestamp("us")))


def emptied(table: pa.Table) -> pa.Table:
    """The table without the lowest three tenths of its scores."""
    scores = table["score"].to_numpy()
    low = scores < np.quantile(scores, 0.3)
    return replaced(table, "score", pc.if_else(pa.array(low), None, table["score"].combine_chunks()))


CHANGES: dict[str, tuple[str, Callable[[Parameters, pa.Table], pa.Table]]] = {
    "add": ("column added", lambda p, t: t.append_column("channel", pa.array(["web"] * len(t)))),
    "reorder": ("order changed", lambda p, t: t.select(t.column_names[::-1])),
    "rename": ("amount renamed", lambda p, t: renamed(t)),
    "drop": ("score dropped", lambda p, t: t.drop_columns(["score"])),
    "text": ("amount as text", lambda p, t: replaced(t, "amount", pc.cast(t["amount"], pa.string()))),
    "whole": ("whole dollars", lambda p, t: replaced(t, "amount", pc.cast(pc.floor(t["amount"]), pa.int32()))),
    "zone": ("local time", local),
    "cents": ("cents", lambda p, t: replaced(t, "amount", pc.multiply(t["amount"], 100.0))),
    "nulls": ("more nulls", lambda p, t: emptied(t)),
    "gross": ("gross, not net", lambda p, t: replaced(t, "amount", pc.multiply(t["amount"], 1 + p.tax))),
}
HARMLESS = ("add", "reorder")
IN_THE_FOOTER = ("rename", "drop", "text", "whole", "zone")
"""Harmful changes that names and types show."""


# Who reads them

QUESTIONS = ("rows", "revenue", "mean score", "scored rows", "rows of the second day")
SECOND_DAY = datetime(1970, 1, 2, tzinfo=UTC)

Answers = tuple[Any, ...]


def answered(table: pa.Table) -> Answers:
    """The answers to the five questions, by pyarrow."""
    times = table["created_at"]
    since = pa.scalar(SECOND_DAY if times.type.tz else SECOND_DAY.replace(tzinfo=None), times.type)
    return (
        len(table),
        pc.sum(table["amount"]).as_py(),
        pc.mean(table["score"]).as_py(),
        len(table) - table["score"].null_count,
        pc.sum(pc.greater_equal(times, since)).as_py(),
    )


def by_duckdb(files: list[str], options: str = "") -> Answers:
    """The answers by DuckDB."""
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        found: list[Answers] = session.execute(
            f"""SELECT count(*), sum(amount), avg(score), count(score),
                count(*) FILTER (WHERE created_at >= TIMESTAMPTZ '1970-01-02 00:00:00+00')
                FROM read_parquet({files}{options})"""
        ).fetchall()
    return found[0]


READERS: dict[str, tuple[str, Callable[[list[str]], Answers]]] = {
    "duckdb": ("DuckDB", by_duckdb),
    "union": ("DuckDB, by name", lambda files: by_duckdb(files, ", union_by_name=true")),
    "dataset": (
        "pyarrow dataset",
        lambda files: answered(pa.dataset.dataset(files).to_table(columns=["amount", "score", "created_at"])),
    ),
    "concat": (
        "pyarrow concat",
        lambda files: answered(pa.concat_tables([pq.read_table(file) for file in files], promote_options="permissive")),
    ),
}


def catalog(folder: str) -> SqlCatalog:
    """An Iceberg catalog in a folder."""
    made = SqlCatalog("lab", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/warehouse")
    made.create_namespace_if_not_exists("lake")
    return made


def by_iceberg(first: pa.Table, second: pa.Table) -> Answers:
    """The answers of an Iceberg table that both days were appended to."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        table = catalog(folder).create_table("lake.orders", schema=first.schema)
        table.append(first)
        table.append(second)
        return answered(table.scan().to_arrow())


def by_delta(first: pa.Table, second: pa.Table) -> Answers:
    """The answers of a Delta table that both days were appended to."""
    with tempfile.TemporaryDirectory() as folder:
        deltalake.write_deltalake(folder, first)
        deltalake.write_deltalake(folder, second, mode="append")
        return answered(deltalake.DeltaTable(folder).to_pyarrow_table())


def outcome(p: Parameters, ask: Callable[[], Answers], truth: Answers) -> tuple[str, dict[str, float]]:
    """``right``, ``refused`` (an error) or ``wrong`` without one; and by what share each wrong answer is off."""
    try:
        found = ask()
    except Exception:  # any error of an engine is what the lab looks for
        return "refused", {}
    off = {
        question: (got - true) / true if got is not None else -1.0
        for question, got, true in zip(QUESTIONS, found, truth, strict=True)
        if got is None or abs(got - true) > p.wrong * abs(true)
    }
    return ("wrong" if off else "right"), off


# The contract


def script() -> str:
    """The contract as a script, as the note prints it."""
    text = NOTE.read_text(encoding="utf-8")
    return text.split("```python\n", 1)[1].split("```", 1)[0]


def stopped_by(file: str) -> str:
    """The half of the contract that a file breaks, ``footer`` or ``values``; empty if it keeps both."""
    done = subprocess.run([sys.executable, "-c", script(), file], capture_output=True, text=True, check=False)
    if done.stderr:
        raise RuntimeError(done.stderr)
    return done.stdout.partition(":")[0].strip() if done.returncode else ""


# What a table format keeps


def identity(p: Parameters, chance: np.random.Generator, folder: str) -> dict[str, Result]:
    """A name that is dropped and used again, by name and by field id; changes that the table is told first."""
    rows = p.rows // 10
    old = pa.table({"order_id": np.arange(rows), "risk": chance.random(rows)})
    new = pa.table({"order_id": np.arange(rows) + rows, "risk": 1000 * chance.random(rows)})
    for name, table in (("old", old), ("new", new)):
        pq.write_table(table, f"{folder}/{name}.parquet")
    files = [f"{folder}/{name}.parquet" for name in ("old", "new")]
    with duckdb.connect() as session:
        query = f"SELECT count(risk) FROM read_parquet({files}, union_by_name=true) WHERE order_id < {rows}"
        by_name = session.execute(query).fetchall()[0][0]
    table = catalog(folder).create_table("lake.zombie", schema=old.schema)
    table.append(old)
    with table.update_schema(allow_incompatible_changes=True) as update:
        update.delete_column("risk")
    with table.update_schema() as update:
        update.add_column("risk", DoubleType())
    table.append(new)
    kept = table.scan(row_filter=f"order_id < {rows}").to_arrow()
    by_id = len(kept) - kept["risk"].null_count
    return {
        "zombie.rows": Result(rows, "rows written before the column was dropped"),
        "zombie.by_name": Result(by_name, "of these, rows whose old value shows in the new column, read by name"),
        "zombie.by_id": Result(by_id, "the same in Iceberg, read by field id"),
    }


def announced(first: pa.Table, second: pa.Table, folder: str) -> dict[str, Result]:
    """Changes that an Iceberg table is told before the rows come, and a branch that is audited."""
    lake = catalog(folder)
    truth = answered(pa.concat_tables([first, second]))

    table = lake.create_table("lake.added", schema=first.schema)
    table.append(first)
    wider = second.append_column("channel", pa.array(["web"] * len(second)))
    with table.update_schema() as update:
        update.union_by_name(wider.schema)
    table.append(wider)
    found = table.scan().to_arrow()
    results = {
        "announced.rows": Result(len(found), "rows after a column was added first, and then written"),
        "announced.filled": Result(len(found) - found["channel"].null_count, "of these, rows with a value in it"),
    }

    table = lake.create_table("lake.renamed", schema=first.schema)
    table.append(first)
    with table.update_schema() as update:
        update.rename_column("amount", "amount_usd")
    table.append(renamed(second))
    revenue = pc.sum(table.scan().to_arrow()["amount_usd"]).as_py()
    results["announced.revenue"] = Result(
        round(revenue / truth[1], 6), "revenue over the true one, after a column was renamed first", "", ".0%"
    )

    strict = pa.schema([field.with_nullable(field.name == "customer") for field in first.schema])
    table = lake.create_table("lake.required", schema=strict)
    table.append(first.cast(strict))
    without = second.drop_columns(["score"])
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            table.append(without.cast(pa.schema([field for field in strict if field.name != "score"])))
        refused = 0
    except ValueError:
        refused = 1
    results["required.refused"] = Result(refused, "1 if a dropped column is refused where it is required")

    table = lake.create_table("lake.audited", schema=first.schema)
    table.append(first)
    table.manage_snapshots().create_branch(table.current_snapshot().snapshot_id, "audit").commit()
    table.append(second, branch="audit")
    results["audit.main"] = Result(len(table.scan().to_arrow()), "rows that readers see while a branch is audited")
    results["audit.branch"] = Result(len(table.scan().use_ref("audit").to_arrow()), "rows of that branch")
    with table.update_schema() as update:
        update.rename_column("amount", "amount_usd")
    seen = lake.load_table("lake.audited").scan().to_arrow().column_names
    results["audit.renamed"] = Result(
        int("amount_usd" in seen), "1 if readers see a new name at once, while the branch is still audited"
    )
    ahead = lake.load_table("lake.audited")
    table.manage_snapshots().set_current_snapshot(table.refs()["audit"].snapshot_id).commit()
    results["audit.published"] = Result(
        len(lake.load_table("lake.audited").scan().to_arrow()), "rows that readers see after it is published"
    )
    try:
        ahead.manage_snapshots().set_current_snapshot(ahead.refs()["audit"].snapshot_id).commit()
        raced = 0
    except CommitFailedException:
        raced = 1
    results["audit.raced"] = Result(raced, "1 if publishing is refused where another writer has moved the table")
    return results


# All of it


def once(p: Parameters) -> tuple[dict[str, Result], dict[str, dict[str, str]], dict[str, str]]:
    """Make every change, and ask everyone: the results, who answered how, and what the contract stopped."""
    chance = np.random.default_rng(p.seed)
    first, second = (orders(p, chance, day) for day in range(2))
    truth = answered(pa.concat_tables([first, second]))
    outcomes: dict[str, dict[str, str]] = {}
    offs: dict[str, dict[str, float]] = {}
    caught: dict[str, str] = {}
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        old, new = f"{folder}/day1.parquet", f"{folder}/day2.parquet"
        pq.write_table(first, old)
        for change, (_says, make) in CHANGES.items():
            changed = make(p, second)
            pq.write_table(changed, new)
            found: dict[str, tuple[str, dict[str, float]]] = {}
            for reader, (_name, read) in READERS.items():
                for order, files in (("old", [old, new]), ("new", [new, old])):
                    found[f"{reader}.{order}"] = outcome(p, partial(read, files), truth)
            found["iceberg"] = outcome(p, partial(by_iceberg, first, changed), truth)
            found["delta"] = outcome(p, partial(by_delta, first, changed), truth)
            outcomes[change] = {reader: said for reader, (said, _off) in found.items()}
            for _said, off in found.values():
                offs.setdefault(change, {}).update(off)
            caught[change] = stopped_by(new)
            sizes[change] = (pq.ParquetFile(new).metadata.serialized_size, Path(new).stat().st_size)
        results = identity(p, chance, folder)
        results.update(announced(first, second, folder))
    results.update(counted(outcomes, offs, caught, sizes))
    return results, outcomes, caught


def measure(p: Parameters) -> Measured:
    """Do so with the orders of several seeds; who notices must not depend on them."""
    runs = each_seed(p, p.runs, once)
    _results, outcomes, caught = runs[0]
    assert all(run[1:] == (outcomes, caught) for run in runs)
    results = {}
    for key, result in runs[0][0].items():
        found = [run[0][key] for run in runs]
        results[key] = result if len({one.value for one in found}) == 1 else of_runs(found)
    head = ["Change", *(f"{name}, {order} file first" for name, _ in READERS.values() for order in ("old", "new"))]
    rows: list[list[Cell]] = [
        [CHANGES[change][0], *said.values(), caught[change] or "not caught"] for change, said in outcomes.items()
    ]
    figure = Figure(
        "What a change of the second day does, by who reads it",
        """A grid of ten changes and eleven columns: four ways of reading files, each with the older and the newer file
        first, an append to Iceberg, an append to Delta, and the contract. A column that is added or an order that
        changes harms no reader of files. A renamed or dropped column is silently wrong in five of eight reads of files,
        and an error in the others. Cents, more nulls, and gross amounts are silently wrong for all ten. The contract
        stops every harmful change but the last, gross amounts.""",
        [*head, "Iceberg append", "Delta append", "Contract"],
        rows,
        lambda chart: grid(chart, outcomes, caught),
        height=376,
    )
    claims = {
        "silent": Claim(
            "Of the reads of files after a change of names or types, {} are wrong without an error",
            results["files.wrong"].value / results["files.all"].value,
            least=0.5,
            format=".0%",
        ),
        "contract": Claim(
            "The contract stops {} of the harmful changes",
            results["contract.footer"].value + results["contract.values"].value,
            least=7,
        ),
    }
    return Measured(results, {"who-notices": figure}, claims)


def counted(
    outcomes: dict[str, dict[str, str]],
    offs: dict[str, dict[str, float]],
    caught: dict[str, str],
    sizes: dict[str, tuple[int, int]],
) -> dict[str, Result]:
    """The counts that notes quote."""
    harmful = [change for change in CHANGES if change not in HARMLESS]
    results = {"harmful": Result(len(harmful), "harmful changes"), "readers": Result(10, "ways to read the two days")}

    def count(name: str, changes: list[str], formats: bool | None, what: str) -> None:
        cells = [
            said
            for change in changes
            for reader, said in outcomes[change].items()
            if formats is None or formats == (reader in {"iceberg", "delta"})
        ]
        results[f"{name}.all"] = Result(len(cells), f"{what}: in all")
        for said in ("wrong", "refused", "right"):
            results[f"{name}.{said}"] = Result(cells.count(said), f"{what}: {said}")

    count("every", harmful, None, "harmful changes, every way of reading")
    count("files", list(IN_THE_FOOTER), False, "changes of names and types, reads of files")
    count("tables", list(IN_THE_FOOTER), True, "changes of names and types, appends to tables")
    pairs = [(change, reader) for change in harmful for reader in READERS]
    flips = sum(outcomes[change][f"{reader}.old"] != outcomes[change][f"{reader}.new"] for change, reader in pairs)
    results["order.flips"] = Result(flips, "pairs of harmful change and reader whose outcome depends on the file order")
    results["order.pairs"] = Result(len(pairs), "such pairs")
    for change, question, digits in (
        ("rename", "revenue", ".0%"),
        ("drop", "scored rows", ".0%"),
        ("whole", "revenue", ".1%"),
        ("zone", "rows of the second day", ".0%"),
        ("cents", "revenue", ",.0%"),
        ("nulls", "mean score", ".0%"),
        ("gross", "revenue", ".1%"),
    ):
        off = offs[change][question]
        results[f"{change}.off"] = Result(
            round(abs(off), 5), f"how far {question} is off, where it is: {CHANGES[change][0]}", "", digits
        )
    for half in ("footer", "values"):
        results[f"contract.{half}"] = Result(
            sum(caught[change] == half for change in harmful), f"harmful changes that the contract stops by the {half}"
        )
    results["contract.missed"] = Result(
        sum(not caught[change] for change in harmful), "harmful changes that it does not stop"
    )
    results["contract.false"] = Result(
        sum(bool(caught[change]) for change in HARMLESS), "harmless changes that it stops"
    )
    footer = max(size for size, _file in sizes.values())
    results["footer.bytes"] = Result(footer, "largest footer of a second day", "bytes")
    file = round(max(file for _size, file in sizes.values()) / 1e6, 3)
    results["footer.file"] = Result(file, "largest file of a second day", "MB", ".1f")
    return results


def grid(chart: Chart, outcomes: dict[str, dict[str, str]], caught: dict[str, str]) -> None:
    """Draw the grid; a filled cell is an answer that is wrong without an error."""
    from chart import CELL, INK, LAMP, PAPER, RULE, TEXT, WASH
    from matplotlib.patches import Rectangle

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    marks = {"wrong": (LAMP, "×"), "refused": (WASH, "!"), "right": (PAPER, "")}
    for row, (change, said) in enumerate(outcomes.items()):
        cells = [marks[word] for word in said.values()]
        cells.append((WASH, "!") if caught[change] else marks["wrong" if change not in HARMLESS else "right"])
        for column, (fill, text) in enumerate(cells):
            x = column + (0.5 if column >= 8 else 0) + (0.5 if column >= 10 else 0)
            axes.add_patch(Rectangle((x + 0.04, row + 0.06), 0.92, 0.88, facecolor=fill, edgecolor=RULE, clip_on=False))
            color = PAPER if fill == LAMP else CELL
            axes.text(x + 0.5, row + 0.54, text, color=color, ha="center", va="center", fontsize=TEXT)
    axes.set_xlim(0, 12)
    axes.set_ylim(len(outcomes), 0)
    axes.set_yticks([row + 0.5 for row in range(len(outcomes))], [CHANGES[change][0] for change in outcomes])
    names = [text for name, _read in READERS.values() for text in (name, "new first")]
    places = [*(column + 0.5 for column in range(8)), 9, 10, 11.5]
    axes.set_xticks(places, [*names, "Iceberg append", "Delta append", "contract"], rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=122, right=2, top=134, bottom=6)
