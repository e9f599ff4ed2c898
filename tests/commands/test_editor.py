"""Editor support: a schema that agrees with the journal, the table generated from it, and snippets that build."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml
from conftest import ROOT, Site, note
from fieldnotes.catalog import loading
from fieldnotes.commands import schema
from fieldnotes.sources import note as note_module
from fieldnotes.sources.problem import Invalid
from headers import GOOD_FILES, LANES, TODAY, header
from processes import run_command

SCHEMA = json.loads((ROOT / schema.SCHEMA).read_text(encoding="utf-8"))
SNIPPETS = json.loads((ROOT / ".vscode/journal.code-snippets").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [schema.SCHEMA, schema.TABLE])
def test_generated_schema_and_table_are_current(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == schema.files(ROOT)[path], "run `make schema`"


def test_make_schema_writes_only_outdated_files(site: Site) -> None:
    site.write(schema.TABLE, f"Before\n{schema.MARKS[0]}\nold\n{schema.MARKS[1]}\nAfter\n")
    (site.root / schema.SCHEMA).unlink()
    runs = [run_command("schema", folder=site.root, environment={}) for _ in range(2)]
    assert [run.returncode for run in runs] == [0, 0]
    assert [run.stdout.splitlines() for run in runs] == [
        [f"Updated {schema.SCHEMA}", f"Updated {schema.TABLE}"],
        [],
    ]
    text = (site.root / schema.TABLE).read_text()
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "| `title` |" in text


def fields(text: str) -> Any:
    """Front matter as an editor reads it, with dates as text."""
    return json.loads(json.dumps(yaml.safe_load(text.split("---")[1]), default=str))


def errors(text: str) -> list[str]:
    validator = jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(fields(text))]


def test_schema_is_valid_and_accepts_its_examples() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    for name, field in SCHEMA["properties"].items():
        assert field["description"]
        for example in field["examples"]:
            jsonschema.Draft7Validator(field, format_checker=jsonschema.FormatChecker()).validate(example)
        assert errors(header(**{name: json.dumps(field["examples"][0], ensure_ascii=False)})) == []


def test_schema_accepts_valid_notes() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "tests/sample/notes").glob("*.md")]
    texts += [data.decode("utf-8-sig").replace("\r\n", "\n") for data in GOOD_FILES]
    assert [errors(text) for text in texts] == [[]] * len(texts)


@pytest.mark.parametrize(
    "given",
    [
        {"lane": None},
        {"colour": "red"},
        {"title": "a" * 301},
        {"title": '""'},
        {"date": "soon"},
        {"date": "2026-13-01x"},
        {"tags": "Spark"},
        {"tags": "[]"},
        {"tags": "[R, R]"},
        {"summary": ""},
        {"verified": ""},
        {"verified": "[2026-11-22]"},
        {"updated": "'2026-02-30'"},
        {"applies_to": "Spark 4.x"},
        {"formerly": "old"},
    ],
)
def test_journal_rejects_front_matter_that_the_schema_rejects(given: dict[str, str | None]) -> None:
    text = header(**given)
    assert len(errors(text)) == 1
    with pytest.raises(Invalid):
        note_module.read("notes/x.md", text.encode(), LANES)


def expand(body: list[str]) -> str:
    """A snippet after its author has only pressed Tab, on a day in November."""
    text = "\n".join(body)
    days = {"YEAR": "2026", "MONTH": "11", "DATE": "24", "MONTH_NAME": "November"}
    text = re.sub(r"\$CURRENT_([A-Z_]+)", lambda match: days[match[1]], text)
    text = re.sub(r"\$\{\d+:([^}]*)\}", r"\1", text)
    return re.sub(r"\$\d", "", text)


def test_snippets_build_without_warnings(site: Site) -> None:
    site.lab()
    site.write("notes/diagrams/name.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    rest = {name: expand(snippet["body"]) for name, snippet in SNIPPETS.items() if name != "Note"}
    given = {"lab:figure": "speed:curve", "lab:key": "speed:change"}
    body = "\n\n".join(re.sub("lab:(figure|key)", lambda match: given[match[0]], text) for text in rest.values())
    site.write("notes/x.md", note("X", tags="[Spark]", body=body))
    site.write("notes/new.md", expand(SNIPPETS["Note"]["body"]).replace("lane: lane", "lane: bigdata"))
    built = site.build("-D", "fieldnotes_drafts=1")
    assert (built.status, built.log) == (0, "")
    page = built.page("notes/x").select_one("article")
    assert page.select_one("figure.diagram figcaption")
    assert page.select_one("figure.lab-figure figcaption")
    assert len(page.select("a.lab-datum")) == 2
    assert page.select_one("article section > .table-wrapper table")
    assert loading.load(site.root, TODAY, drafts=True).catalog.notes_by_docname["notes/new"].draft


@pytest.mark.parametrize(
    ("label", "line", "groups"),
    [
        ("check", "notes/x.md:7: lone-tag advice: no other note has it; keep it", ("notes/x.md", "7", "lone-tag")),
        (
            "live",
            "notes/x.md:3: WARNING: `lane` is not a lane; x [fieldnotes.unknown-lane]",
            ("notes/x.md", "3", "WARNING"),
        ),
    ],
)
def test_tasks_match_the_location_in_messages(label: str, line: str, groups: tuple[str, ...]) -> None:
    tasks = json.loads((ROOT / ".vscode/tasks.json").read_text(encoding="utf-8"))["tasks"]
    (task,) = [task for task in tasks if task["label"] == label]
    match = re.fullmatch(task["problemMatcher"]["pattern"]["regexp"], line)
    assert match
    assert match.groups()[: len(groups)] == groups
    assert re.search(rf"^{task['command'].split()[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
