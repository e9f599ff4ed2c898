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
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

from record import Claim, Figure, Measured, Result, parameter
from spread import each_seed, of_seeds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chart import Chart
    from record import Cell


TITLE = "Re-indexes that lose answers without an error"
SHOWS = """A small search over 600 docstrings of Python's standard library is built again: in ten ways with a fault,
most of them in one of four sources, and in two healthy ways. The queries are the summary lines of the docstrings,
which are not indexed. The lab counts what is still found, and which of thirteen monitors notice."""
LIMITS = """The faults are constructed, on real text. The vectors are weighted words and know no meaning, so other
encoders lose other shares; the approximate index is a simple one; the corpus is small, short and about one subject;
and each query has one right document. The two faults that put the same words into every text also herd these texts
into a few groups, and lose more or fewer of them by the seed. Which monitor can see which kind of fault carries over,
the shares do not. That the count of vectors sees no lost upserts is built in: as many others are doubled. That a
document is found says nothing of an answer that is written from it."""
QUESTION = "Which monitors notice a re-index that loses answers, and how many labeled queries does it take?"
ANSWER = """Of ten faults, the count of vectors notices {monitor.count}, the mean score of live queries {monitor.top},
the top scores of one frozen set of queries, compared query by query, {monitor.paired}, and labeled queries tested by
source {monitor.source}. Of a lost lead in one source, 100 labeled queries of that source notice
{power.lead.touched.100}, and 100 spread over four sources {power.lead.all.100}."""
RERUN = "test-long"
READS = ("corpus/LICENSE", "corpus/docstrings.json")
QUICK = {"seeds": 1, "splits": 200}

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
    seeds: int = parameter(11, "seeds from the first one on, of which results are the median")
    splits: int = parameter(1000, "random pairs of days from which the thresholds of mean scores come")
    significant: float = parameter(0.05, "level of the sign tests")


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
    "top": "mean score, live",
    "scores": "distribution, live",
    "share": "mix of sources, live",
    "paired": "scores, same queries",
    "exact": "against exact search",
    "readback": "read back",
    "overlap": "overlap with before",
    "canary": "canary",
    "all": "found, all queries",
    "source": "found, by source",
}


def thresholds(p: Parameters, seen: Seen) -> dict[str, float]:
    """What two healthy days of live queries differ by, in 99 of 100 pairs, with as many queries as are compared.

    Live queries are others each day, so that each day is drawn anew from all queries. For the distribution it is the
    closed form of Kolmogorov and Smirnov.
    """
    chance = random.Random(f"{p.seed} days")
    number = len(seen.top)
    differ: dict[str, list[float]] = {"top": [], "share": []}
    for _ in range(p.splits):
        days = [chance.choices(range(number), k=number) for _ in range(2)]
        for name, values in (("top", seen.top), ("share", seen.share)):
            one, other = (sum(values[at] for at in day) / number for day in days)
            differ[name].append(abs(one - other))
    limits = {name: sorted(values)[int(0.99 * len(values))] for name, values in differ.items()}
    return {**limits, "scores": sqrt(-log(0.01 / 2) / number)}


def moved(before: Sequence[float], after: Sequence[float]) -> float:
    """The sign test of both sides: how likely so lopsided a change is, if up and down were alike."""
    down = sum(b < a - 1e-9 for a, b in zip(before, after, strict=True))
    up = sum(b > a + 1e-9 for a, b in zip(before, after, strict=True))
    return min(1.0, 2 * tail(max(down, up), down + up))


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
        "paired": moved(before.top, after.top) < p.significant,
        "exact": after.exact < 0.98 * before.exact,
        "readback": after.readback > 0,
        "overlap": overlap(before, after) < floor - 0.02,
        "canary": worse(before.canary, after.canary) < p.significant,
        "all": worse(before.found, after.found) < p.significant,
        "source": least < p.significant / len(parts),
    }


def power(p: Parameters, before: Seen, after: Seen, among: Sequence[int], number: int, parts: int = 1) -> float:
    """How often the sign test notices a release with so many queries like these, in closed form.

    It is one of so many ``parts`` that share the level. A query is lost, won or the same as often as among these.
    """
    changes = [before.found[at] - after.found[at] for at in among]
    lost, won = changes.count(1) / len(changes), changes.count(-1) / len(changes)
    total = 0.0
    for changed in range(1, number + 1):
        happens = binomial(number, changed, lost + won)
        if happens > 1e-9:
            counts = range(changed + 1)
            enough = next((count for count in counts if tail(count, changed) < p.significant / parts), changed + 1)
            of_them = lost / (lost + won)
            total += happens * sum(binomial(changed, count, of_them) for count in range(enough, changed + 1))
    return total


def binomial(number: int, hits: int, share: float) -> float:
    """The chance of exactly so many hits."""
    return comb(number, hits) * share**hits * (1 - share) ** (number - hits)


# All of it

SIZES = {"touched": (25, 50, 100, 150), "all": (25, 50, 100, 200, 400)}
"""Queries of a test set: of the touched source, of which there are 150, and of all sources."""
POWER = ("lead", "lost", "banner", "refreshed")
"""The last is healthy: what it alarms is false."""
GATED = (100, 150)
"""Queries of the touched source with which the level of a gate that tests every source is tried."""


class Once(NamedTuple):
    """What one seed gave."""

    fired: dict[str, dict[str, bool]]
    found: dict[str, Result]


def once(p: Parameters) -> Once:
    """Build every release and look at it, with one seed."""
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
    for name in POWER:
        for part, sizes in SIZES.items():
            among = touched if part == "touched" else range(len(documents))
            what = f"queries of {'the source' if part == 'touched' else 'all sources'}: {RELEASES[name]}"
            for number in sizes:
                share = power(p, before, seen[name], among, number)
                found[f"power.{name}.{part}.{number}"] = Result(
                    round(share, 4), f"of test sets that notice it with {number} {what}", "", ".0%"
                )
        for number in GATED:
            share = power(p, before, seen[name], touched, number, len(sources))
            what = f"of test sets of {number} queries of the source, tested at a part of the level"
            found[f"power.{name}.gate.{number}"] = Result(round(share, 4), f"{what}: {RELEASES[name]}", "", ".0%")
    return Once(fired, found)


def measure(p: Parameters) -> Measured:
    """Do it with every seed."""
    runs = each_seed(p, p.seeds, once)
    found = {key: of_seeds([run.found[key] for run in runs]) for key in runs[0].found}
    fired = {
        name: {monitor: sum(run.fired[name][monitor] for run in runs) / len(runs) for monitor in MONITORS}
        for name in RELEASES
    }
    claims = {
        "false": Claim(
            "Of all monitors and seeds together, {} alarm for a healthy release.",
            round(fmean(share for name in CONTROLS for share in fired[name].values()), 4),
            most=0.02,
            format=".0%",
        ),
        "overlap": Claim(
            "Overlap with the results before notices {} of the ten faults, with every seed.",
            min(run.found["monitor.overlap"].value for run in runs),
            least=10,
        ),
        "source": Claim(
            "Labels that are tested by source notice {} of the ten faults, with every seed.",
            min(run.found["monitor.source"].value for run in runs),
            least=9,
        ),
        "shifted": Claim(
            "Shifted ids are noticed by the monitors of scores and by the exact search with {} of the seeds.",
            max(fired["shifted"][monitor] for monitor in ("top", "scores", "share", "paired", "exact")),
            most=0,
            format=".0%",
        ),
    }
    return Measured(found, figures(fired, found), claims)


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


def figures(fired: dict[str, dict[str, float]], found: dict[str, Result]) -> dict[str, Figure]:
    """The grid of releases and monitors, and how many queries it takes."""
    sizes = sorted({*SIZES["touched"], *SIZES["all"]})
    curves = [(name, part) for name in POWER for part in SIZES]

    def noticed(name: str, part: str, size: int) -> Cell:
        key = f"power.{name}.{part}.{size}"
        return found[key].value if key in found else "–"

    return {
        "what-each-monitor-sees": Figure(
            "Which monitor notices which re-index",
            f"""A grid of {len(RELEASES)} re-indexes and {len(MONITORS)} monitors; a cell is filled by the share of the
            seeds with which the monitor alarms. The two healthy ones stay almost empty. Work per query and errors never
            alarm, or seldom, and the count of vectors only for old versions. Scores of live queries notice half of
            the faults, those of the same queries most of them. The overlap of results with those before and all labeled
            queries notice all or nearly all.""",
            ["Re-index", *MONITORS.values()],
            [[said, *(f"{fired[name][monitor]:.0%}" for monitor in MONITORS)] for name, said in RELEASES.items()],
            lambda chart: draw_grid(chart, fired),
            height=470,
        ),
        "queries-needed": Figure(
            "Share of test sets that notice a fault, by their size",
            f"""Share of test sets that notice a fault against their size, for two faults in one source, with a band in
            which nine of ten seeds lie. With 100 queries of that source
            {found["power.lead.touched.100"].value:.0%} of the sets notice the lost lead, and
            {found["power.lost.touched.100"].value:.0%} the lost upserts. Spread over four sources, 100 queries notice
            the lost upserts in {found["power.lost.all.100"].value:.0%} of the sets, and the lost lead in
            {found["power.lead.all.100"].value:.0%}.""",
            [
                "Queries",
                *(f"{RELEASES[name]}, {'of the source' if part == 'touched' else 'of all'}" for name, part in curves),
            ],
            [[size, *(noticed(name, part, size) for name, part in curves)] for size in sizes],
            lambda chart: draw_power(chart, found),
        ),
    }


def draw_grid(chart: Chart, fired: dict[str, dict[str, float]]) -> None:
    """Draw the grid; a cell is filled from below by the share of seeds that alarm."""
    from chart import INK, LAMP, PAPER, RULE
    from matplotlib.patches import Rectangle

    axes = chart.axes
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    for row, name in enumerate(RELEASES):
        for column, monitor in enumerate(MONITORS):
            place, high = (column + 0.05, row + 0.08), 0.84
            axes.add_patch(Rectangle(place, 0.9, high, facecolor=PAPER, edgecolor=RULE, clip_on=False))
            if share := fired[name][monitor]:
                part = (column + 0.05, row + 0.08 + high * (1 - share))
                axes.add_patch(Rectangle(part, 0.9, high * share, facecolor=LAMP, edgecolor=RULE, clip_on=False))
    axes.set_xlim(0, len(MONITORS))
    axes.set_ylim(len(RELEASES), 0)
    axes.set_yticks([row + 0.5 for row in range(len(RELEASES))], list(RELEASES.values()))
    axes.set_xticks([column + 0.5 for column in range(len(MONITORS))], list(MONITORS.values()), rotation=90)
    axes.xaxis.tick_top()
    axes.tick_params(labelcolor=INK)
    chart.margins(left=140, right=2, top=162, bottom=6)


def draw_power(chart: Chart, found: dict[str, Result]) -> None:
    """Draw the share noticed; dashed for queries of all sources."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    for name, color in (("lost", INK), ("lead", LAMP)):
        for part, sizes in SIZES.items():
            shares = [found[f"power.{name}.{part}.{size}"] for size in sizes]
            values = [share.value for share in shares]
            low, high = ([share.low for share in shares], [share.high for share in shares])
            if all(value is not None for value in (*low, *high)):
                chart.band(sizes, [value or 0 for value in low], [value or 0 for value in high])
            chart.line(sizes, values, color, dashed=part == "all")
    chart.label(39, 0.7, "upserts", side="left")
    chart.label(50, 0.44, "lead", color=LAMP)
    chart.label(128, 0.52, "upserts", side="left")
    chart.label(215, 0.24, "lead", color=LAMP)
    chart.ticks("x", [25, 50, 100, 200, 400])
    chart.ticks("y", [0, 0.5, 1], ["0%", "50%", "100%"])
    chart.axes.set_xlim(25, 400)
    chart.axes.set_ylim(-0.02, 1.02)
    chart.measures("Test sets that notice the fault", "labeled queries in the set")
    chart.margins(right=20)
