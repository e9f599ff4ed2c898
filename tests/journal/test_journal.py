"""The journal itself: the text of its home page, its notes, and the links between its pages."""

from __future__ import annotations

import datetime
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from bs4 import BeautifulSoup
from conftest import ROOT
from fieldnotes.sources.front_matter_fields import slug
from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from conftest import Built

HOME = [
    "Built at Scale",
    "Field notes for AI, data, and BigData builders.",
    "A technical journal on how data moves, where distributed systems bend, and what it takes to turn AI-adjacent ideas "
    "into reliable production paths.",
    "Exploring the systems, patterns, and tradeoffs behind production-grade data and AI platforms.",
    "From pipelines to models, from streaming to distributed jobs, these are the notes I wish I had when I was in the "
    "trenches.",
    "AI systems Data platforms Streaming BigData",
    "Illustrated systems map showing data sources, streaming layer, feature store, model service, observability, and "
    "feedback loop",
    "Streams signal flow",
    "Jobs batch + async",
    "Latency 12 ms",
    "Throughput 1.2M ev/s",
    "Reliability 99.95%",
    "Writing from the machine room.",
    "This site is for practical architecture notes: the parts of AI and data systems that do not fit neatly into "
    "diagrams, but decide whether a platform is useful under load.",
    "Deep dives, patterns, and real-world lessons from building systems that move, learn, and scale.",
    "01 AI systems Evaluation, retrieval, and serving paths How model-backed products depend on data quality, feedback "
    "loops, and operational discipline. Explore notes →",
    "02 Data platforms Trustworthy movement and shape Streams, lakes, transformations, contracts, lineage, and the "
    "ergonomics that make data usable. Explore notes →",
    "03 BigData Distributed lessons that still matter EMR, Spark, Kinesis, DynamoDB, Elasticsearch, and the reliability "
    "habits around them. Explore notes →",
    "Latest notes.",
    "Recent writing follows the practical overlap of AI systems, distributed processing, platform reliability, and "
    "clear operational tradeoffs.",
    "View all notes →",
    "Start with a thread.",
    "Choose a lane and follow the notes across incidents, design choices, tradeoffs, and the quiet engineering work "
    "behind dependable systems.",
]

SIX = [
    (
        "AI systems",
        "From EMR Escalations to AI Platform Reliability",
        "A practical bridge from big data escalation work to AI platform reliability: the same habits show up in "
        "scheduling, observability, data quality, and recovery.",
        "ML Infrastructure, Amazon EMR, Reliability",
    ),
    (
        "Data platforms",
        "Observability Before Orchestration",
        "Orchestration helps only after the system can explain itself. Metrics, traces, logs, and workload shape need "
        "to come before automation confidence.",
        "Observability, Kubernetes, SRE",
    ),
    (
        "Data platforms",
        "SLO Thinking for Data Pipelines That Feed AI Systems",
        "Data pipelines need reliability language too. Freshness, completeness, latency, correctness, and "
        "recoverability are better signals than green checkmarks.",
        "SLOs, Data Quality, AI Systems",
    ),
    (
        "AI systems",
        "The GPU Cluster Has a Data Problem First",
        "The expensive part of an AI platform is not only the accelerator. It is the end-to-end path that keeps "
        "training and inference workloads fed, observable, and recoverable.",
        "SageMaker, Data Pipelines, Scheduling",
    ),
    (
        "BigData",
        "When Spark Fails Quietly Before the Logs Agree",
        "Some Spark incidents do not begin with a clean error. They begin as shape changes: skew, executor churn, "
        "storage pressure, and queues that stop draining.",
        "Spark, Amazon EMR, YARN",
    ),
    (
        "BigData",
        "EMR Escalation Playbooks and Enterprise Blast Radius",
        "A senior escalation playbook should reduce uncertainty: who is affected, which layer is failing, what changed, "
        "and what the safest next move is.",
        "Amazon EMR, Operations, Enterprise Support",
    ),
]

WHOLE = [slug(title) for _lane, title, _summary, _tags in SIX]
"""The notes that follow the house form; others need not."""


def words(text: str) -> str:
    """Normalize text for comparison: one space between words, none before a comma."""
    return re.sub(r"\s+([,.;:%])", r"\1", " ".join(text.split()))


def article(built: Built, page: str) -> BeautifulSoup:
    element = built.page(page).select_one("article")
    for extra in element.select(".headerlink, .visually-hidden"):
        extra.decompose()
    return element


def test_check_finds_no_fault() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "_ext"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "fieldnotes.commands.check"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_schema_accepts_every_note() -> None:
    schema = json.loads((ROOT / "_static/front-matter-1.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    notes = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "notes").glob("*.md")}
    assert len(notes) >= len(SIX)
    for name, text in notes.items():
        fields = json.loads(json.dumps(yaml.safe_load(text.split("---")[1]), default=str))
        assert [error.message for error in validator.iter_errors(fields)] == [], name


def test_glossary_terms_are_defined_briefly_and_used_in_their_note(journal: Built) -> None:
    definitions = journal.page("pages/glossary").select("dl.glossary > dd")
    assert len(definitions) >= 25
    for dd in definitions:
        names = [
            dt.get_text().removesuffix("¶")
            for dt in itertools.takewhile(lambda tag: tag.name == "dt", dd.find_previous_siblings())
        ]
        definition, introduced = dd.select("p")
        assert definition.get_text().count(". ") <= 1, names
        text = article(journal, "pages/" + introduced.a["href"].split(".html")[0]).get_text().lower()
        assert any(name.lower().removeprefix("data ") in text for name in names), names


def test_fonts_have_every_character_of_the_texts() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for folder in ("notes", "lanes", "pages")
        for path in (ROOT / folder).glob("*.md")
    ]
    used = {ord(letter) for text in texts for letter in text} - {ord("\n")}
    fonts = [TTFont(path) for path in (ROOT / "_static/fonts").glob("*.woff2") if "italic" not in path.name]
    assert sorted(map(chr, used.difference(*(font.getBestCmap() for font in fonts)))) == []


def test_home_has_every_required_sentence(journal: Built) -> None:
    text = words(article(journal, "index").get_text(" "))
    assert [sentence for sentence in HOME if sentence not in text] == []


def test_six_notes_are_verbatim_and_a_week_apart(journal: Built) -> None:
    notes, days = [], []
    for row in journal.page("notes/2026").select(".note-index > li"):
        title, page = row.h3.get_text(), journal.page(f"notes/{row.h3.a['href'].removesuffix('.html')}")
        if title in {title for _lane, title, _summary, _tags in SIX}:
            summary = words(page.select_one("article .standfirst").get_text())
            tags = ", ".join(tag.get_text() for tag in page.select("article .tags a"))
            notes.append((words(row.select_one(".card-line a").get_text()), title, summary, tags))
            days.append(datetime.date.fromisoformat(row.time["datetime"]))
    assert notes == SIX
    assert {(newer - older).days for newer, older in itertools.pairwise(days)} == {7}


def test_topics_of_home_link_to_their_pages(journal: Built) -> None:
    topics = {link.get_text(): link["href"] for link in journal.page("index").select(".topics a")}
    assert topics == {
        "AI systems": "lanes/ai-systems.html",
        "Data platforms": "lanes/data-platforms.html",
        "Streaming": "tags/streaming.html",
        "BigData": "lanes/bigdata.html",
    }


def test_nodes_and_tiles_of_the_map_are_named_links(journal: Built) -> None:
    page = journal.page("index")
    wide, tall = (
        {link.select_one(".name").get_text(): link["href"] for link in page.select(f"{layout} svg a[href]")}
        for layout in (".map-wide", ".map-tall")
    )
    assert (
        wide
        == tall
        == {
            "Observability": "tags/observability.html",
            "Data sources": "lanes/data-platforms.html",
            "Streaming layer": "tags/streaming.html",
            "Batch jobs": "lanes/bigdata.html",
            "Feature store": "tags/data-quality.html",
            "Model service": "lanes/ai-systems.html",
            "Feedback loop": "tags/reliability.html",
        }
    )
    tiles = [link.get_text() for link in page.select(".map-tiles a[href]")]
    assert tiles == [
        "Streams signal flow",
        "Jobs batch + async",
        "Latency 12 ms",
        "Throughput 1.2M ev/s",
        "Reliability 99.95%",
    ]
    descriptions = [item.get_text() for item in page.select(".systems-map > .map-says > li")]
    assert [text.partition(" → ")[0] for text in descriptions][7:] == [tile.split()[0] for tile in tiles]
    assert len(descriptions) == 12
    assert all(len(text) > 30 for text in descriptions)
    assert {svg["role"] for svg in page.select(".systems-map svg")} == {"group"}
    assert all(len(svg["aria-label"]) > 100 for svg in page.select(".systems-map svg"))


@pytest.mark.parametrize("name", WHOLE)
def test_note_has_a_drawing_a_table_sources_and_the_right_length(journal: Built, name: str) -> None:
    body = article(journal, f"notes/{name}")
    assert len(body.select("figure.diagram svg[aria-label]")) == 1
    assert body.select("table")
    assert body.select("section#sources li a.external")
    assert body.select('a.internal[href$=".html"]')
    listed = {link["href"] for link in body.select("section#sources a.external")}
    used = {link["href"] for link in body.select("a.external")}
    assert {link.split("#")[0] for link in used} <= {link.split("#")[0] for link in listed}
    for extra in body.select(
        "section#sources, div.highlight, figure svg, .figure-data, form, .trail, .note-line, .freshness, p.tags"
    ):
        extra.decompose()
    assert 1500 <= len(body.get_text(" ").split()) <= 2500


def test_headings_skip_no_level(journal: Built) -> None:
    for path in journal.out.rglob("*.html"):
        if path.name == "search.html":
            continue
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        levels = [int(heading.name[1]) for heading in page.select("article :is(h1, h2, h3, h4, h5, h6)")]
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), path


def test_every_internal_link_works(journal: Built) -> None:
    """Checked in the built files, anchors included."""
    command = [Path(sys.executable).with_name("lychee"), "--offline", "--include-fragments", "--no-progress"]
    run = subprocess.run(
        [*command, "--root-dir", journal.out, str(journal.out)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr


def test_pages_load_nothing_from_another_host(journal: Built) -> None:
    for path in journal.out.rglob("*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        loads = [tag.get("src") or tag.get("href") for tag in page.select("script[src], img, link[rel=stylesheet]")]
        assert [load for load in loads if "//" in load] == [], path


def test_environment_does_not_store_the_catalog(journal: Built) -> None:
    assert b"fieldnotes.catalog" not in (journal.out.parent / "doctrees/environment.pickle").read_bytes()


def test_note_has_one_parent(journal: Built) -> None:
    """Only the lane's toctree contains a note; a second one would change the note's breadcrumbs."""
    import pickle

    environment = pickle.loads((journal.out.parent / "doctrees/environment.pickle").read_bytes())
    parents = {
        name: [page for page, held in environment.toctree_includes.items() if name in held]
        for name in environment.all_docs
        if name.startswith("notes/")
    }
    assert {len(pages) for pages in parents.values()} == {1}
    assert {pages[0].split("/")[0] for pages in parents.values()} == {"lanes"}
