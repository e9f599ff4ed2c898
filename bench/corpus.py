"""Generate notes for the benchmark, identical on every machine."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

WORDS = (  # noqa: SIM905
    "queue partition window shard index retry model batch stream node cluster cache commit log replica leader offset "
    "schema table file block page key value hash range scan join filter sort merge spill memory disk network socket "
    "timeout deadline budget burn latency throughput percentile tail load pressure limit quota bucket token lease "
    "lock epoch snapshot checkpoint restore replay backfill watermark event record message topic consumer producer "
    "broker driver executor task stage job plan cost planner vector embedding feature training serving request "
    "response is was has keeps reads writes waits grows drops fails returns holds moves splits counts measures shows "
    "needs the a each every this that when until before after under over between against without with from into about"
).split()

SUBJECTS = (  # noqa: SIM905
    "Kafka Spark Flink Iceberg Parquet Airflow Kubernetes YARN EMR Kinesis DynamoDB Elasticsearch Lucene Ray Slurm "
    "PyTorch CUDA NCCL SageMaker Prometheus Grafana OpenTelemetry SLOs Contracts Lineage Catalogs Compaction Skew "
    "Spill Backpressure Watermarks Checkpoints Retries Idempotency Deduplication Partitioning Sharding Replication "
    "Quorums Consensus Caching Batching Scheduling Autoscaling Quotas Latency Throughput Tails Freshness Completeness "
    "Drift Evaluation Retrieval Embeddings Serving Feedback Cost Escalation Runbooks Postmortems Reliability"
).split()

LANES = {"ai-systems": "AI systems", "data-platforms": "Data platforms", "bigdata": "BigData"}

CODE = {
    "python": "def {a}_{b}({c}, limit={n}):\n    for {d} in {c}:\n        if {d}.{a} > limit:\n"
    "            yield {d}.{b}\n    return {n}\n",
    "sql": "SELECT {a}, count(*) AS {b}\nFROM {c}\nWHERE {d} > {n}\nGROUP BY {a}\nORDER BY {b} DESC;\n",
    "yaml": "{a}:\n  {b}: {n}\n  {c}:\n    - {d}\n",
}


@dataclass(frozen=True)
class BenchNote:
    """A note of the corpus; ``body`` is Markdown that every system renders the same."""

    slug: str
    title: str
    lane: str
    date: datetime.date
    summary: str
    tags: tuple[str, ...]
    body: str


def corpus(count: int) -> list[BenchNote]:
    """Generate notes of about 450 words: five sections, two code blocks, a table, a list; 60 tags, 3 lanes."""
    return [_note(number) for number in range(count)]


def _note(number: int) -> BenchNote:
    chance = random.Random(number)
    first, second = chance.sample(WORDS[:90], 2)
    lane = list(LANES)[number % len(LANES)]
    return BenchNote(
        slug=f"note-{number:05}",
        title=f"{first.title()} and {second.title()} Under Load, Part {number}",
        lane=lane,
        date=datetime.date(2026, 1, 1) - datetime.timedelta(days=number % 2500),
        summary=_sentence(chance, 18),
        tags=tuple(chance.sample(SUBJECTS[:60], 3)),
        body="\n\n".join(_section(chance, part) for part in range(5)) + "\n",
    )


def _section(chance: random.Random, part: int) -> str:
    blocks = [f"## {_sentence(chance, 4)[:-1]} {part + 1}"]
    blocks += [_paragraph(chance) for _ in range(2)]
    if part in {1, 3}:
        language = chance.choice(sorted(CODE))
        names = dict(zip("abcd", chance.sample(WORDS[:90], 4), strict=True))
        code = CODE[language].format(**names, n=chance.randrange(1000))
        blocks.append(f"```{language}\n{code}```")
    if part == 2:
        rows = [f"| {chance.choice(WORDS)} | {chance.randrange(100)} | {_sentence(chance, 4)} |" for _ in range(4)]
        blocks.append("\n".join(["| name | count | meaning |", "| --- | --- | --- |", *rows]))
    if part == 4:
        blocks.append("\n".join(f"{item}. {_sentence(chance, 7)}" for item in range(1, 4)))
    return "\n\n".join(blocks)


def _paragraph(chance: random.Random) -> str:
    text = " ".join(_sentence(chance, chance.randrange(7, 14)) for _ in range(3))
    word = chance.choice(WORDS)
    return text.replace(f" {word} ", f" `{word}_{chance.randrange(100)}` ", 1)


def _sentence(chance: random.Random, length: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(length)).capitalize() + "."
