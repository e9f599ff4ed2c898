"""Whom a change of one column concerns: by table, by column, and by what a model filters, joins and groups by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from record import Claim, Figure, Measured, Result, parameter
from sqlglot import exp
from sqlglot.lineage import lineage
from sqlglot.optimizer.qualify import qualify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chart import Chart

TITLE = "The blast radius of a column"
QUESTION = "How many models does a change of one column reach, by table, by column and by use?"
ANSWER = """By table a change of any column reaches {created_at.table} of {models} models. By the columns that outputs
are computed from, a change of created_at reaches {created_at.direct} and one of score {score.direct}; counting also
what models filter, join and group by, {created_at.shaped} and {score.shaped}."""
SHOWS = """Twelve models in SQL stand on two tables. For each column of one table the lab counts the models that a
change of it reaches: by table, by the columns that an output is computed from, and by these and the columns that a
model filters, joins, groups and orders by."""
LIMITS = """The models are constructed, plain SQL that a parser can read; there are twelve of them, and the
counts follow from how they were written, without chance and so without a range. What carries over is the order of the
three ways. A model in Python, a column read by a dashboard and a person with a notebook are in no such graph."""
RERUN = "labs"
TAKES = ("sqlglot",)
QUICK: dict[str, int] = {}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    dialect: str = parameter("duckdb", "the dialect of SQL that the models are read in")


TABLES = {
    "orders": {
        "order_id": "bigint",
        "customer": "text",
        "amount": "double",
        "score": "double",
        "created_at": "timestamp",
    },
    "customers": {"customer": "text", "country": "text", "segment": "text"},
}
MODELS = {
    "staged_orders": """SELECT order_id, customer, amount, score, created_at, created_at::date AS day FROM orders""",
    "staged_customers": """SELECT customer, country, segment FROM customers""",
    "daily_revenue": """SELECT day, sum(amount) AS revenue, count(*) AS orders FROM staged_orders GROUP BY day""",
    "customer_value": """SELECT customer, sum(amount) AS value, max(created_at) AS last_order
        FROM staged_orders GROUP BY customer""",
    "order_counts": """SELECT customer, count(*) AS orders FROM staged_orders GROUP BY customer""",
    "activity": """SELECT customer, max(day) AS last_day, count(DISTINCT day) AS days
        FROM staged_orders GROUP BY customer""",
    "daily_risk": """SELECT day, avg(score) AS mean_score FROM staged_orders GROUP BY day""",
    "safe_orders": """SELECT order_id, customer, amount FROM staged_orders WHERE score < 0.9""",
    "segments": """SELECT c.segment, count(*) AS customers FROM staged_customers AS c
        JOIN order_counts AS o ON c.customer = o.customer GROUP BY c.segment""",
    "churn_features": """SELECT a.customer, a.days, o.orders FROM activity AS a
        JOIN order_counts AS o ON a.customer = o.customer""",
    "value_features": """SELECT v.customer, v.value, a.days FROM customer_value AS v
        JOIN activity AS a ON v.customer = a.customer""",
    "finance": """SELECT day, revenue, revenue / orders AS basket FROM daily_revenue""",
}

Column = tuple[str, str]
"""A table or model, and a column of it."""


@dataclass(frozen=True)
class Graph:
    """What every model stands on."""

    tables: dict[str, set[str]]
    """For each model, the tables and models that it reads."""
    computed: dict[Column, set[Column]]
    """For each column of a model, the columns that it is computed from."""
    shaped: dict[str, set[Column]]
    """For each model, the columns that it filters, joins, groups and orders by."""


def graph(p: Parameters) -> Graph:
    """Read the models."""
    schema: dict[str, dict[str, str]] = {name: dict(columns) for name, columns in TABLES.items()}
    found = Graph({}, {}, {})
    for model, sql in MODELS.items():
        tree = sqlglot.parse_one(sql, dialect=p.dialect)
        found.tables[model] = {table.name for table in tree.find_all(exp.Table)}
        for column in tree.named_selects:
            leaves = [
                node
                for node in lineage(column, sql, schema=schema, dialect=p.dialect).walk()
                if not node.downstream and isinstance(node.expression, exp.Table)
            ]
            found.computed[model, column] = {(node.expression.name, node.name.split(".")[-1]) for node in leaves}
        whole = qualify(sqlglot.parse_one(sql, dialect=p.dialect), schema=schema, dialect=p.dialect)
        names = {table.alias_or_name: table.name for table in whole.find_all(exp.Table)}
        found.shaped[model] = {
            (names[column.table], column.name)
            for part in whole.find_all(exp.Where, exp.Join, exp.Group, exp.Having, exp.Order)
            for column in part.find_all(exp.Column)
        }
        schema[model] = dict.fromkeys(tree.named_selects, "text")
    return found


def reached(start: str, sources: Mapping[str, set[str]]) -> set[str]:
    """The models that stand on a table, at any distance."""
    found: set[str] = set()
    new = {start}
    while new:
        new = {model for model, read in sources.items() if read & new} - found
        found |= new
    return found


def reached_by_column(graph: Graph, start: Column, *, shaped: bool) -> set[str]:
    """The models that stand on a column; with those that only filter, join, group or order by it, if ``shaped``.

    What shapes a model concerns each of its columns.
    """
    found: set[Column] = set()
    new = {start}
    while new:
        new = {
            column
            for column, read in graph.computed.items()
            if read & new or (shaped and graph.shaped[column[0]] & new)
        } - found
        found |= new
    return {model for model, _column in found}


def measure(p: Parameters) -> Measured:
    """Count the models that a change of each column reaches."""
    read = graph(p)
    ways: dict[str, Callable[[str], set[str]]] = {
        "table": lambda column: reached("orders", read.tables),
        "direct": lambda column: reached_by_column(read, ("orders", column), shaped=False),
        "shaped": lambda column: reached_by_column(read, ("orders", column), shaped=True),
    }
    says = {
        "table": "by table",
        "direct": "by the columns that outputs are computed from",
        "shaped": "by these and what models filter, join, group and order by",
    }
    results = {"models": Result(len(MODELS), "models")}
    counts: dict[str, dict[str, int]] = {}
    for column in TABLES["orders"]:
        models = {way: find(column) for way, find in ways.items()}
        assert models["direct"] <= models["shaped"] <= models["table"], column
        counts[column] = {way: len(found) for way, found in models.items()}
        for way, count in counts[column].items():
            results[f"{column}.{way}"] = Result(count, f"models that a change of {column} reaches {says[way]}")
        results[f"{column}.missed"] = Result(
            len(models["shaped"] - models["direct"]),
            f"of these, models that what {column} is computed into does not show",
        )
    figure = Figure(
        "Models to be told of a change, by column",
        """For each of five columns, the number of twelve models that a change of it reaches. By table it is eleven for
        every column. By column it is from two, for order_id, to eight, for created_at. Counting what models filter,
        join and group by adds one model each for customer and score.""",
        ["Column", "By table", "By column, with filters, joins and groups", "By column, computed from it alone"],
        [[column, found["table"], found["shaped"], found["direct"]] for column, found in counts.items()],
        lambda chart: rows(chart, counts),
        height=290,
    )
    claims = {
        "table": Claim(
            "By table a change is told to {} times as many models as by column with filters, for every column",
            round(min(found["table"] / found["shaped"] for found in counts.values()), 4),
            least=1.2,
        ),
        "filters": Claim(
            "{} of the five columns reach a model that only filters, joins or groups by them",
            sum(found["shaped"] > found["direct"] for found in counts.values()),
            least=2,
        ),
    }
    return Measured(results, {"models-to-be-told": figure}, claims)


def rows(chart: Chart, counts: dict[str, dict[str, int]]) -> None:
    """Draw a bar for each column, up to what the table says, and filled to what the column says."""
    from chart import INK, LAMP, QUIET, WASH

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, (column, found) in enumerate(counts.items()):
        axes.barh(row, found["table"], height=0.62, color=WASH)
        axes.barh(row, found["shaped"], height=0.62, color=QUIET)
        axes.barh(row, found["direct"], height=0.62, color=LAMP)
        chart.label(0, row, column, side="left", color=INK, xytext=(-8, 0))
        chart.label(found["table"], row, f"{found['direct']}, {found['shaped']}, {found['table']}", xytext=(6, -1))
    for x, text, color in ((0, "computed", LAMP), (3.7, "joined, filtered", QUIET), (9.4, "by table", INK)):
        chart.label(x, -0.75, text, color=color, ha="left", xytext=(0, 0))
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_xlim(0, 12)
    axes.set_ylim(len(counts) - 0.5, -1.1)
    chart.margins(left=96, right=64, top=8, bottom=6)
