"""Upserts in a graph of vectors: how many live rows their own vector no longer finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds
from usearch.index import Index

if TYPE_CHECKING:
    from chart import Chart

TITLE = "A vector index under upserts"
QUESTION = """When rows of a vector index are replaced in place, again and again, does it still find the rows that it
holds?"""
ANSWER = """No. When each row had been replaced {turns.last} times, {old.e16.t4.lost} of the live rows were not found by
their own vector, where a new index of the same rows missed {new.e16.t4.lost}."""
SHOWS = """A real index (HNSW, in USearch) holds unit vectors that stand in clusters. In each round a quarter of its
rows is removed and added again under the same key with a new vector from the same clusters. After each turn (four
rounds, as many replacements as there are rows) each live row is asked for by its own vector, and queries are compared
with an exact search. An index that is built anew from the same rows stands beside it."""
LIMITS = """Vectors are drawn, not embedded, and one library was run, with one thread, at one size of its graph. Other
libraries repair the graph on removal, or never use a place again; their numbers differ. The size of the effect depends
on the clusters and on how wide the search is. What carries over is the test: ask the index for what it holds."""
RERUN = "labs"
TAKES = ("usearch", "numpy")
QUICK = {"seeds": 2, "rows": 800, "queries": 50}

WIDTHS = (16, 64)
TURNS = 4


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(7, "first seed of all that is random")
    seeds: int = parameter(20, "seeds")
    rows: int = parameter(4000, "live rows, always")
    queries: int = parameter(200, "queries beside the rows' own vectors")
    dimensions: int = parameter(48, "dimensions of a vector")
    clusters: int = parameter(64, "clusters that vectors stand in")
    spread: float = parameter(0.35, "spread of a cluster in each dimension, beside 1 between clusters")
    connections: int = parameter(16, "connections of a node of the graph")
    building: int = parameter(64, "width of the search while building")
    share: float = parameter(0.25, "share of the rows that a round replaces")
    found: int = parameter(10, "results that a query asks for")


def draw(randoms: np.random.Generator, centers: Any, count: int, spread: float) -> Any:
    """So many unit vectors around the centers."""
    points = centers[randoms.integers(len(centers), size=count)] + spread * randoms.normal(
        size=(count, centers.shape[1])
    )
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def build(p: Parameters, keys: Any, vectors: Any) -> Index:
    """An index of these rows, added in their order by one thread."""
    index = Index(ndim=p.dimensions, metric="cos", dtype="f32", connectivity=p.connections, expansion_add=p.building)
    index.add(keys, vectors, threads=1)
    return index


def look(p: Parameters, index: Index, keys: Any, vectors: Any, queries: Any, width: int) -> dict[str, float]:
    """Ask an index for each of its rows, and for the neighbors of queries."""
    index.expansion_search = width
    own = index.search(vectors, 1, threads=1)
    near = index.search(queries, p.found, threads=1)
    exact = np.argpartition(-(queries @ vectors.T), p.found, axis=1)[:, : p.found]
    hits = [len({*keys[true]} & {*found}) / p.found for true, found in zip(exact, near.keys, strict=True)]
    return {
        "lost": float(np.mean(np.asarray(own.keys).ravel() != keys)),
        "recall": float(np.mean(hits)),
        "compared": near.computed_distances / len(queries),
    }


def turns(p: Parameters) -> dict[str, float]:
    """What the old index and a new one give after each turn, for one seed."""
    randoms = np.random.default_rng(p.seed)
    centers = randoms.normal(size=(p.clusters, p.dimensions))
    keys = np.arange(p.rows, dtype=np.uint64)
    vectors, queries = (draw(randoms, centers, count, p.spread) for count in (p.rows, p.queries))
    index, found = build(p, keys, vectors), {}
    for turn in range(TURNS + 1):
        for _ in range(round(1 / p.share) if turn else 0):
            chosen = randoms.choice(p.rows, round(p.rows * p.share), replace=False)
            index.remove(keys[chosen], threads=1)
            vectors[chosen] = draw(randoms, centers, len(chosen), p.spread)
            index.add(keys[chosen], vectors[chosen], threads=1)
        new = build(p, keys, vectors)
        for width in WIDTHS:
            for name, each in (("old", index), ("new", new)):
                for what, value in look(p, each, keys, vectors, queries, width).items():
                    found[f"{name}.e{width}.t{turn}.{what}"] = value
        found[f"held.t{turn}"] = len(index)
    return found


SAID = {
    "lost": ("live rows that their own vector does not find", ".2%"),
    "recall": ("of the ten nearest, found", ".1%"),
    "compared": ("distances computed for a query", ",.0f"),
}


def measure(p: Parameters) -> Measured:
    """Run all seeds."""
    seeds = each_seed(p, p.seeds, turns)
    results = {"turns.last": Result(TURNS, "times that each row was replaced at the end, on average")}
    for key in seeds[0]:
        name, _, rest = key.partition(".")
        if name == "held":
            continue
        width, turn, what = rest.split(".")
        said, shown = SAID[what]
        index = "index replaced in place" if name == "old" else "index built anew"
        text = f"{said}: {index}, turn {turn[1:]}, search {width[1:]} wide"
        results[key] = of_seeds([Result(round(one[key], 6), text, "", shown) for one in seeds])
    results["held"] = Result(
        int(seeds[0][f"held.t{TURNS}"]), "rows that the old index says it holds, at the end", "rows"
    )
    old, new, wide = (f"{name}.t{TURNS}.lost" for name in ("old.e16", "new.e16", "old.e64"))
    claims = {
        "forgets": Claim(
            "At the end an index replaced in place loses {} times as many rows as a new one in each seed, at width 16",
            min(one[old] / max(one[new], 1 / p.rows) for one in seeds),
            least=10,
        ),
        "wide.helps": Claim(
            "A search four times as wide loses {} of what the narrow one does, in each seed",
            max(one[wide] / one[old] for one in seeds),
            most=0.75,
            format=".0%",
        ),
        "count.blind": Claim(
            "The number of rows that the index says it holds is off by {}",
            max(abs(one[f"held.t{TURNS}"] - p.rows) for one in seeds),
            most=0,
        ),
    }
    return Measured(results, {"lost-by-turn": figure(results)}, claims)


def figure(results: dict[str, Result]) -> Figure:
    """Rows lost, by turn."""
    steps = [*range(TURNS + 1)]

    def series(name: str) -> list[Result]:
        return [results[f"{name}.t{turn}.lost"] for turn in steps]

    old, wide, new = series("old.e16"), series("old.e64"), series("new.e16")

    def draw(chart: Chart) -> None:
        from chart import INK, LAMP, QUIET

        chart.margins(left=44, right=84, bottom=56)
        chart.measures("live rows not found by their own vector, %", "times that each row was replaced, on average")
        chart.band(steps, [100 * (each.low or 0) for each in old], [100 * (each.high or 0) for each in old])
        for values, color, text in ((old, LAMP, "in place"), (wide, INK, "4 × as wide"), (new, QUIET, "built anew")):
            chart.line(steps, [100 * each.value for each in values], color)
            chart.label(TURNS, 100 * values[-1].value, text)
        chart.ticks("x", steps)
        chart.ticks("y", [0, 1, 2, 3, 4])
        chart.axes.set_xlim(0, TURNS)
        chart.axes.set_ylim(0, 4)

    return Figure(
        "Live rows that an index no longer finds",
        f"""Median of the seeds, by how often each row was replaced. In place: {old[0].value:.2%} at the start,
        {old[-1].value:.1%} at the end; with a search four times as wide {wide[-1].value:.1%}; in an index that is built
        anew {new[-1].value:.2%}.""",
        ["turn", "in place, %", "5 %", "95 %", "in place, wide, %", "built anew, %"],
        [
            [turn, 100 * a.value, 100 * (a.low or 0), 100 * (a.high or 0), 100 * b.value, 100 * c.value]
            for turn, a, b, c in zip(steps, old, wide, new, strict=True)
        ],
        draw,
    )
