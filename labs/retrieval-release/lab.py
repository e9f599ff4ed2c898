"""What monitors see of a re-index that loses answers."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from itertools import accumulate
from math import comb, log, sqrt
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING
from zlib import crc32

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chart import Chart


TITLE = "Re-indexes that lose answers without an error"
SHOWS = """A small search over 600 docstrings of Python's standard library is built again: in ten ways with a fault,
most of them in one of four sources, and in two healthy ways. The queries are the summary lines of the docstrings,
which are not indexed. The lab counts what is still found, and which of twelve monitors notice."""
LIMITS = """The faults are constructed, on real text. The vectors are weighted words and know no meaning, so other
encoders lose other shares; the approximate index is a simple one; the corpus is small, short and about one subject;
and each query has one right document. The two faults that put the same words into every text also herd these texts
into a few groups, and lose more or fewer of them by the seed. Which monitor can see which kind of fault carries over,
the shares do not. That a document is found says nothing of an answer that is written from it."""
RERUN = "test"
READS = ("corpus/LICENSE", "corpus/docstrings.json")
QUICK = {"draws": 50, "splits": 200}

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(11, "seed of all that is random")
    found_in: int = parameter(10, "K, the results in which a document counts as found")
    limit: int = parameter(64, "words of a text that the encoder reads", "words")
    groups: int = parameter(20, "groups of the approximate index")
    probes: int = parameter(10, "groups that a search looks into")
    fewer_probes: int = parameter(4, "the same in the fault of a cheaper search")
    touched: str = parameter("concurrency", "the source that faults touch")
    banner: int = parameter(32, "words of a license that one fault puts before each text", "words")
    lost: float = parameter(0.2, "share of a source's upserts that one fault loses, and of others that it doubles")
    canaries: int = parameter(50, "documents of each source whose first sentence must find them")
    splits: int = parameter(1000, "random pairs of days from which the thresholds of scores come")
    draws: int = parameter(400, "sets of queries drawn for each point of the third figure")
    significant: float = parameter(0.05, "level of the sign test")


@dataclass(frozen=True)
class Document:
    """A docstring: its object, its source, its summary line and the rest, and the rest in an older release."""

    id: str
    source: str
    summary: str
    text: str
    before: str


Vector = dict[int, float]
"""The dimensions that are not 0."""


# The search


@dataclass(frozen=True)
class Encoder:
    """Texts to vectors of length 1: the words that are read, and the first five letters of longer ones, by rarity.

    Which dimension a term has is the model's: another model has others.
    """

    rarity: dict[str, float]
    limit: int
    model: str = "a"
    older: bool = False
    """An older version of the model: whole words alone, all of one weight."""

    def terms(self, text: str) -> Counter[str]:
        """The terms of a text, counted."""
        words = re.findall(r"[a-z0-9]+", text.lower())[: self.limit]
        return Counter(words if self.older else [*words, *(f"{word[:5]}~" for word in words if len(word) > 5)])

    def vector(self, text: str, *, normal: bool = True) -> Vector:
        """The vector of a text; as it is, if not ``normal``."""
        most = max(self.rarity.values())
        made: Vector = {}
        for term, number in self.terms(text).items():
            dimension = crc32(f"{self.model}{term}".encode()) % DIMENSIONS
            weight = (1 + log(number)) * (1.0 if self.older else self.rarity.get(term, most))
            made[dimension] = made.get(dimension, 0.0) + weight
        return scaled(made) if normal else made


DIMENSIONS = 16_384


def scaled(vector: Vector) -> Vector:
    """The vector at length 1."""
    length = sqrt(sum(weight * weight for weight in vector.values()))
    return {dimension: weight / length for dimension, weight in vector.items()}


def trained(texts: Sequence[str], limit: int) -> Encoder:
    """The encoder of a corpus: how rare each term is in it."""
    bare = Encoder({"": 1.0}, limit)
    seen = Counter(term for text in texts for term in bare.terms(text))
    return Encoder({term: log((len(texts) + 1) / (number + 0.5)) for term, number in seen.items()}, limit)


class Postings:
    """Vectors by dimension, so that those which share one are found."""

    def __init__(self, vectors: Sequence[Vector]) -> None:
        self.lists: dict[int, list[tuple[int, float]]] = {}
        for position, vector in enumerate(vectors):
            for dimension, weight in vector.items():
                self.lists.setdefault(dimension, []).append((position, weight))

    def ranked(self, vector: Vector) -> list[tuple[float, int]]:
        """The inner product with each vector that shares a dimension, highest first, as score and position."""
        scores: dict[int, float] = {}
        for dimension, weight in vector.items():
            for position, other in self.lists.get(dimension, ()):
                scores[position] = scores.get(position, 0.0) + weight * other
        return sorted(((score, position) for position, score in scores.items()), key=lambda pair: (-pair[0], pair[1]))


class Index:
    """Vectors in groups, with the ids that they answer for; a search looks only into the nearest groups.

    A group is what is nearest to a center; centers begin as vectors drawn at random and are moved twice to the mean of
    their group. Each vector stands in two groups.
    """

    def __init__(self, ids: list[str], vectors: list[Vector], groups: int, seed: str) -> None:
        self.ids = ids
        self.vectors = Postings(vectors)
        centers = [vectors[at] for at in random.Random(seed).sample(range(len(vectors)), groups)]
        for _ in range(3):
            self.centers = Postings(centers)
            nearest = [[at for _score, at in self.centers.ranked(vector)[:2]] for vector in vectors]
            members: list[Vector] = [{} for _ in centers]
            for vector, near in zip(vectors, nearest, strict=True):
                for dimension, weight in vector.items() if near else ():
                    members[near[0]][dimension] = members[near[0]].get(dimension, 0.0) + weight
            centers = [scaled(member) if member else center for member, center in zip(members, centers, strict=True)]
        self.groups = nearest

    def search(self, vector: Vector, number: int, probes: int) -> tuple[list[tuple[float, str]], list[str], int]:
        """The nearest with their scores, the nearest by an exact search, and how many vectors were compared."""
        inside = {at for _score, at in self.centers.ranked(vector)[:probes]}
        ranked = self.vectors.ranked(vector)
        found = [(score, at) for score, at in ranked if not inside.isdisjoint(self.groups[at])][:number]
        compared = sum(not inside.isdisjoint(near) for near in self.groups)
        exact = [self.ids[at] for _score, at in ranked[:number]]
        return [(score, self.ids[at]) for score, at in found], exact, compared


# What is indexed


@dataclass(frozen=True)
class Build:
    """All that a re-index is made of."""

    texts: list[str]
    ids: list[str]
    vectors: list[Vector]
    queries: list[Vector]
    canaries: list[Vector]
    seed: str
    probes: int


def first_sentence(text: str) -> str:
    """The first sentence of a text."""
    return re.split(r"(?<=[.!?:])\s", text, maxsplit=1)[0]


def healthy(p: Parameters, documents: list[Document], encoder: Encoder, canaries: list[int]) -> Build:
    """The index before a release."""
    texts = [document.text for document in documents]
    return Build(
        texts,
        [document.id for document in documents],
        [encoder.vector(text) for text in texts],
        [encoder.vector(document.summary) for document in documents],
        [encoder.vector(first_sentence(texts[at])) for at in canaries],
        f"{p.seed}",
        p.probes,
    )


def releases(p: Parameters, documents: list[Document], encoder: Encoder, canaries: list[int]) -> dict[str, Build]:
    """The index before, two healthy re-indexes, and ten with a fault."""
    base = healthy(p, documents, encoder, canaries)
    touched = [at for at, document in enumerate(documents) if document.source == p.touched]
    chance = random.Random(f"{p.seed} faults")
    license_ = " ".join((HERE / "corpus/LICENSE").read_text(encoding="utf-8").split()[: p.banner])

    def changed(change: Callable[[str], str], which: Sequence[int] = touched) -> Build:
        texts = [*base.texts]
        for at in which:
            texts[at] = change(texts[at])
        return vectors_of(texts, which)

    def vectors_of(texts: list[str], which: Sequence[int]) -> Build:
        vectors = [*base.vectors]
        for at in which:
            vectors[at] = encoder.vector(texts[at])
        return replace(base, texts=texts, vectors=vectors)

    def with_vectors(make: Callable[[str], Vector]) -> Build:
        vectors = [*base.vectors]
        for at in touched:
            vectors[at] = make(base.texts[at])
        return replace(base, vectors=vectors)

    older = replace(encoder, older=True)
    earlier = [at for at, document in enumerate(documents) if document.before not in {"", "="}]
    texts = [documents[at].before if at in set(earlier) else text for at, text in enumerate(base.texts)]
    shifted = [*base.ids]
    for at, other in zip(touched, [touched[-1], *touched[:-1]], strict=True):
        shifted[at] = base.ids[other]
    gone = chance.sample(touched, round(p.lost * len(touched)))
    twice = chance.sample(sorted(set(touched) - set(gone)), len(gone))
    ids, vectors = [*base.ids], [*base.vectors]
    for at, other in zip(gone, twice, strict=True):
        ids[at], vectors[at] = base.ids[other], base.vectors[other]
    old = [at for at in touched if documents[at].before]
    old_texts = [documents[at].text if documents[at].before == "=" else documents[at].before for at in old]
    return {
        "before": base,
        "rebuilt": replace(base, seed=f"{p.seed} again"),
        "refreshed": vectors_of(texts, earlier),
        "banner": changed(lambda text: f"{license_} {text}"),
        "lead": changed(lambda text: text.split("\n\n", 1)[-1]),
        "markup": changed(markup),
        "encoder": with_vectors(replace(encoder, model="b").vector),
        "unnormal": with_vectors(lambda text: encoder.vector(text, normal=False)),
        "shifted": replace(base, ids=shifted),
        "lost": replace(base, ids=ids, vectors=vectors),
        "query": replace(
            base,
            queries=[older.vector(document.summary) for document in documents],
            canaries=[older.vector(first_sentence(base.texts[at])) for at in canaries],
        ),
        "cheaper": replace(base, probes=p.fewer_probes),
        "versions": replace(
            base,
            ids=[*base.ids, *(f"{base.ids[at]}@3.8" for at in old)],
            vectors=[*base.vectors, *(encoder.vector(text) for text in old_texts)],
        ),
    }


def markup(text: str) -> str:
    """A text as a renderer leaves it that does not take its tags out."""
    tag = '<p class="docutils literal notranslate"><span class="pre">'
    return " ".join(f"{tag}{escape(part)}</span></p>" for part in re.split(r"(?<=[.;:])\s", text))


RELEASES = {
    "rebuilt": "other groups",
    "refreshed": "texts of a release",
    "banner": "banner in texts",
    "lead": "lead lost",
    "markup": "markup left in",
    "encoder": "another model",
    "unnormal": "not normalized",
    "shifted": "ids shifted",
    "lost": "upserts lost",
    "query": "older query model",
    "cheaper": "cheaper search",
    "versions": "old versions too",
}
CONTROLS = ("rebuilt", "refreshed")


# What monitors see


@dataclass(frozen=True)
class Seen:
    """What one release looks like from outside, and what its labeled queries say."""

    count: int
    compared: float
    empty: int
    top: list[float]
    share: list[float]
    """For each query the share of results from the touched source."""
    exact: float
    """Share of an exact search's results that are found."""
    readback: int
    """Canaries whose stored vector is not that of their text."""
    lists: list[list[str]]
    found: list[bool]
    canary: list[bool]


def look(p: Parameters, build: Build, documents: list[Document], encoder: Encoder, canaries: list[int]) -> Seen:
    """Search for every query and every canary."""
    index = Index(build.ids, build.vectors, p.groups, build.seed)
    source = {document.id: document.source for document in documents}
    top, share, lists, exact, compared = [], [], [], [], []
    for vector in build.queries:
        found, precise, looked = index.search(vector, p.found_in, build.probes)
        ids = [id_ for _score, id_ in found]
        top.append(found[0][0] if found else 0.0)
        share.append(sum(source[id_.partition("@")[0]] == p.touched for id_ in ids) / max(1, len(ids)))
        exact.append(len({*ids} & {*precise}) / max(1, len({*precise})))
        lists.append(ids)
        compared.append(looked)
    hits = [index.search(vector, 1, build.probes)[0] for vector in build.canaries]
    stored = dict(zip(build.ids, build.vectors, strict=True))
    return Seen(
        len(build.ids),
        fmean(compared),
        sum(not ids for ids in lists),
        top,
        share,
        fmean(exact),
        sum(stored.get(documents[at].id) != encoder.vector(build.texts[at]) for at in canaries),
        lists,
        [document.id in ids for document, ids in zip(documents, lists, strict=True)],
        [bool(hit) and hit[0][1] == documents[at].id for at, hit in zip(canaries, hits, strict=True)],
    )


def overlap(one: Seen, other: Seen) -> float:
    """The share of results that two releases have in common."""
    return fmean(len({*a} & {*b}) / max(1, len({*a})) for a, b in zip(one.lists, other.lists, strict=True))


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """The largest distance of two distributions (Kolmogorov and Smirnov)."""
    at = sorted({*one, *other})
    a, b = Counter(one), Counter(other)
    sums = zip(accumulate(a[x] for x in at), accumulate(b[x] for x in at), strict=True)
    return max(abs(i / len(one) - j / len(other)) for i, j in sums)


def worse(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The sign test: how likely so many losses among the changed are, if losses and gains were alike."""
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    won = sum(b and not a for a, b in zip(before, after, strict=True))
    return tail(lost, lost + won)


@cache
def tail(lost: int, changed: int) -> float:
    """The chance of at least so many heads in so many throws of a fair coin."""
    return sum(comb(changed, number) for number in range(lost, changed + 1)) / 2**changed if changed else 1.0


MONITORS = {
    "count": "count of vectors",
    "compared": "work per query",
    "empty": "errors, empty results",
    "top": "mean top score",
    "scores": "score distribution",
    "share": "mix of sources",
    "exact": "against exact search",
    "readback": "read back",
    "overlap": "overlap with before",
    "canary": "canary",
    "all": "found, all queries",
    "source": "found, by source",
}


def thresholds(p: Parameters, seen: Seen) -> dict[str, float]:
    """What two healthy days of half the queries each differ by, in 99 of 100 pairs."""
    chance = random.Random(f"{p.seed} days")
    differ: dict[str, list[float]] = {"top": [], "scores": [], "share": []}
    order = list(range(len(seen.top)))
    for number in range(p.splits):
        chance.shuffle(order)
        one, other = order[: len(order) // 2], order[len(order) // 2 :]
        for name, values in (("top", seen.top), ("share", seen.share)):
            differ[name].append(abs(fmean(values[at] for at in one) - fmean(values[at] for at in other)))
        if number < p.splits // 4:
            differ["scores"].append(distance([seen.top[at] for at in one], [seen.top[at] for at in other]))
    return {name: sorted(values)[int(0.99 * len(values))] for name, values in differ.items()}


def alarms(
    p: Parameters, before: Seen, after: Seen, limits: dict[str, float], floor: float, parts: list[list[int]]
) -> dict[str, bool]:
    """Which monitors notice a release; ``parts`` are the queries of each source, tested at a part of the level."""
    least = min(worse([before.found[at] for at in part], [after.found[at] for at in part]) for part in parts)
    return {
        "count": after.count != before.count,
        "compared": after.compared > 1.2 * before.compared,
        "empty": after.empty > before.empty,
        "top": abs(fmean(after.top) - fmean(before.top)) > limits["top"],
        "scores": distance(after.top, before.top) > limits["scores"],
        "share": abs(fmean(after.share) - fmean(before.share)) > limits["share"],
        "exact": after.exact < 0.98 * before.exact,
        "readback": after.readback > 0,
        "overlap": overlap(before, after) < floor - 0.02,
        "canary": worse(before.canary, after.canary) < p.significant,
        "all": worse(before.found, after.found) < p.significant,
        "source": least < p.significant / len(parts),
    }


def power(p: Parameters, before: Seen, after: Seen, among: Sequence[int], number: int, parts: int = 1) -> float:
    """How often the sign test notices a release, with so many queries drawn among these.

    It is one of so many ``parts`` that share the level.
    """
    chance = random.Random(f"{p.seed} power {number}")
    changes = [before.found[at] - after.found[at] for at in among]
    hits = 0
    for _ in range(p.draws):
        drawn = Counter(chance.choices(changes, k=number))
        hits += tail(drawn[1], drawn[1] + drawn[-1]) < p.significant / parts
    return hits / p.draws


# All of it

SIZES = (25, 50, 100, 200, 400)
POWER = ("lead", "lost", "banner", "refreshed")
"""The last is healthy: what it alarms is false."""
GATED = (100, 150)
"""Queries of the touched source with which the level of a gate that tests every source is tried."""


def measure(p: Parameters) -> Measured:
    """Build every release and look at it."""
    kept = json.loads((HERE / "corpus/docstrings.json").read_text(encoding="utf-8"))
    documents = [Document(**one) for one in kept]
    sources = sorted({document.source for document in documents})
    chance = random.Random(f"{p.seed} canaries")
    canaries = [
        at
        for source in sources
        for at in sorted(chance.sample([at for at, one in enumerate(documents) if one.source == source], p.canaries))
    ]
    encoder = trained([document.text for document in documents], p.limit)
    builds = releases(p, documents, encoder, canaries)
    seen = {name: look(p, build, documents, encoder, canaries) for name, build in builds.items()}
    before = seen["before"]
    touched = [at for at, document in enumerate(documents) if document.source == p.touched]
    others = [at for at, document in enumerate(documents) if document.source != p.touched]
    limits = thresholds(p, before)
    floor = overlap(before, seen["refreshed"])
    parts = [[at for at, one in enumerate(documents) if one.source == source] for source in sources]
    fired = {name: alarms(p, before, seen[name], limits, floor, parts) for name in RELEASES}
    found = numbers(p, documents, builds, seen, limits)
    for name, said in RELEASES.items():
        found[f"{name}.alarms"] = Result(sum(fired[name].values()), f"monitors of {len(MONITORS)} that notice: {said}")
    faults = [name for name in RELEASES if name not in CONTROLS]
    for monitor, said in MONITORS.items():
        what = f"faults of {len(faults)} that are noticed by: {said}"
        found[f"monitor.{monitor}"] = Result(sum(fired[name][monitor] for name in faults), what)
        what = f"healthy releases of {len(CONTROLS)} that alarm: {said}"
        found[f"monitor.{monitor}.false"] = Result(sum(fired[name][monitor] for name in CONTROLS), what)
    curves: dict[tuple[str, str], list[float]] = {}
    for name in POWER:
        for part, among in (("touched", touched), ("all", [*touched, *others])):
            curves[name, part] = [power(p, before, seen[name], among, number) for number in SIZES]
            for number, share in zip(SIZES, curves[name, part], strict=True):
                what = (
                    f"of draws noticed with {number} queries of {'the source' if part == 'touched' else 'all sources'}"
                )
                found[f"power.{name}.{part}.{number}"] = Result(round(share, 4), f"{what}: {RELEASES[name]}", "", ".0%")
        for number in GATED:
            share = power(p, before, seen[name], touched, number, len(sources))
            what = f"of draws noticed with {number} queries of the source, tested at a part of the level"
            found[f"power.{name}.gate.{number}"] = Result(round(share, 4), f"{what}: {RELEASES[name]}", "", ".0%")
    return Measured(found, figures(fired, curves))


def numbers(
    p: Parameters,
    documents: list[Document],
    builds: dict[str, Build],
    seen: dict[str, Seen],
    limits: dict[str, float],
) -> dict[str, Result]:
    """What notes quote of each release."""
    before = seen["before"]
    touched = [at for at, document in enumerate(documents) if document.source == p.touched]
    others = [at for at, document in enumerate(documents) if document.source != p.touched]
    found = {
        "documents": Result(len(documents), "documents, each with one query"),
        "touched": Result(len(touched), "documents of the touched source"),
        "refreshed.changed": Result(
            sum(a != b for a, b in zip(builds["before"].texts, builds["refreshed"].texts, strict=True)),
            "texts that differ in the healthy release",
        ),
        "limit.top": Result(round(limits["top"], 5), "difference of mean top scores that alarms", "", ".3f"),
    }
    for name, one in seen.items():
        said = RELEASES.get(name, "before")
        found |= {
            f"{name}.all": Result(round(fmean(one.found), 4), f"found in ten, all queries: {said}", "", ".1%"),
            f"{name}.slice": Result(
                round(fmean(one.found[at] for at in touched), 4), f"found in ten, touched source: {said}", "", ".0%"
            ),
            f"{name}.others": Result(
                round(fmean(one.found[at] for at in others), 4), f"found in ten, other sources: {said}", "", ".0%"
            ),
            f"{name}.top": Result(
                round(fmean(one.top) - fmean(before.top), 3) + 0.0, f"change of the mean top score: {said}", "", ".3f"
            ),
            f"{name}.overlap": Result(round(overlap(before, one), 4), f"results shared with before: {said}", "", ".0%"),
            f"{name}.exact": Result(round(one.exact, 4), f"of an exact search's results found: {said}", "", ".1%"),
            f"{name}.compared": Result(round(one.compared, 2), f"vectors compared for a query: {said}", "", ",.0f"),
            f"{name}.count": Result(one.count, f"vectors: {said}"),
            f"{name}.canary": Result(
                round(fmean(one.canary), 4), f"canaries that find their document first: {said}", "", ".0%"
            ),
        }
    return found


def figures(fired: dict[str, dict[str, bool]], curves: dict[tuple[str, str], list[float]]) -> dict[str, Figure]:
    """The grid of releases and monitors, and how many queries it takes."""
    return {
        "what-each-monitor-sees": Figure(
            "Which monitor notices which re-index",
            f"""A grid of {len(RELEASES)} re-indexes and {len(MONITORS)} monitors. No monitor alarms for the two healthy
            ones. Work per query and errors never do, and the count of vectors only for old versions. Each monitor of
            scores notices a half of the faults, reading back four, canaries seven. The overlap of results with those
            before and the labeled queries notice all ten.""",
            ["Re-index", *MONITORS.values()],
            [
                [said, *("noticed" if fired[name][monitor] else "–" for monitor in MONITORS)]
                for name, said in RELEASES.items()
            ],
            lambda chart: draw_grid(chart, fired),
            height=470,
        ),
        "queries-needed": Figure(
            "Share of test sets that notice a fault, by their size",
            """Share of test sets that notice a fault against their size, from 25 to 400 queries, for two faults in one
            source. With 100 queries of that source nearly nine sets of ten notice the lost lead, and nearly all the
            lost upserts. Spread over four sources, 100 queries notice the lost upserts in four sets of ten, and the
            lost lead in one of twelve.""",
            [
                "Queries",
                *(f"{RELEASES[name]}, {'of the source' if part == 'touched' else 'of all'}" for name, part in curves),
            ],
            [[size, *(curve[at] for curve in curves.values())] for at, size in enumerate(SIZES)],
            lambda chart: draw_power(chart, curves),
        ),
    }


def draw_grid(chart: Chart, fired: dict[str, dict[str, bool]]) -> None:
    """Draw the grid; a filled cell is an alarm."""
    from chart import INK, LAMP, PAPER, RULE
    from matplotlib.patches import Rectangle

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, name in enumerate(RELEASES):
        for column, monitor in enumerate(MONITORS):
            fill = LAMP if fired[name][monitor] else PAPER
            axes.add_patch(
                Rectangle((column + 0.05, row + 0.08), 0.9, 0.84, facecolor=fill, edgecolor=RULE, clip_on=False)
            )
    axes.set_xlim(0, len(MONITORS))
    axes.set_ylim(len(RELEASES), 0)
    axes.set_yticks([row + 0.5 for row in range(len(RELEASES))], list(RELEASES.values()))
    axes.set_xticks([column + 0.5 for column in range(len(MONITORS))], list(MONITORS.values()), rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=140, right=2, top=162, bottom=6)


def draw_power(chart: Chart, curves: dict[tuple[str, str], list[float]]) -> None:
    """Draw the share noticed; dashed for queries of all sources."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    for name, color in (("lost", INK), ("lead", LAMP)):
        chart.line(SIZES, curves[name, "touched"], color)
        chart.line(SIZES, curves[name, "all"], color, dashed=True)
    chart.label(39, 0.7, "upserts", side="left")
    chart.label(50, 0.44, "lead", color=LAMP)
    chart.label(118, 0.5, "upserts")
    chart.label(215, 0.24, "lead", color=LAMP)
    chart.ticks("x", SIZES)
    chart.ticks("y", [0, 0.5, 1], ["0%", "50%", "100%"])
    chart.axes.set_xlim(25, 400)
    chart.axes.set_ylim(-0.02, 1.02)
    chart.measures("Test sets that notice the fault", "labeled queries in the set")
    chart.margins(right=20)
