"""Write the files that follow from the fields of front matter: `make schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from fieldnotes.sources.front_matter import FrontMatter

SCHEMA = "_static/front-matter-1.schema.json"
"""The JSON Schema by which editors check front matter. A change that valid notes may fail gets a new number."""

TABLE = "CONTRIBUTING.md"
"""The file with the table of fields, between MARKS."""

MARKS = "<!-- fields: made by `make schema` -->", "<!-- fields: end -->"


def schema() -> str:
    """The fields as JSON Schema, without the rules that need the rest of the journal, such as its lanes."""
    fields = FrontMatter.model_json_schema()
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",  # the newest that editors know
        "title": "The front matter of a note, version 1",
        "description": "The YAML at the top of a file in notes/. `make check` knows more, such as the lanes.",
        "type": "object",
        "required": fields["required"],
        "additionalProperties": False,
        "properties": {name: _property(field) for name, field in fields["properties"].items()},
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _property(field: dict[str, Any]) -> dict[str, Any]:
    """A field as YAML holds it: never null, since an absent field is left out, and with the values of its examples."""
    value, *_null = field.get("anyOf", [{}])
    rest = {key: value for key, value in field.items() if key not in {"title", "anyOf", "default"}}
    examples = [yaml.load(example, Loader=yaml.BaseLoader) for example in field["examples"]]
    if field.get("type") == "boolean":
        examples = [example == "true" for example in examples]
    return {**value, **rest, "examples": examples}


def table() -> str:
    """The fields as a Markdown table."""
    rows = [
        f"| `{name}` | {field.description} | `{name}: {(field.examples or [''])[0]}` |"
        for name, field in FrontMatter.model_fields.items()
    ]
    return "\n".join(["| field | what it is | as in |", "| --- | --- | --- |", *rows])


def files(root: Path) -> dict[str, str]:
    """The current content of both files, by path."""
    before, rest = (root / TABLE).read_text(encoding="utf-8").split(MARKS[0])
    after = rest.split(MARKS[1])[1]
    return {SCHEMA: schema(), TABLE: f"{before}{MARKS[0]}\n\n{table()}\n\n{MARKS[1]}{after}"}


def main(root: Path) -> None:
    """Write the files whose content is outdated."""
    for path, text in files(root).items():
        file = root / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            print(f"{path} is new")


if __name__ == "__main__":
    main(Path.cwd())
