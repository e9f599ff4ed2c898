"""catalog.json, validated against its JSON Schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import jsonschema

if TYPE_CHECKING:
    from conftest import Built


def test_catalog_json_is_valid_and_complete(sample: Built) -> None:
    catalog = json.loads((sample.out / "catalog.json").read_text(encoding="utf-8"))
    assert urlsplit(catalog["$schema"]).path == "/_static/catalog-1.schema.json"
    schema = json.loads((sample.out / "_static/catalog-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(catalog, schema, format_checker=jsonschema.FormatChecker())
    sources = {
        path.relative_to(sample.root).as_posix().removesuffix(".md") for path in (sample.root / "notes").rglob("*.md")
    }
    assert {entry["docname"] for entry in catalog["notes"]} == sources
    assert catalog["notes"] == sorted(catalog["notes"], key=lambda entry: entry["date"], reverse=True)
    for entry in catalog["notes"]:
        for address in (entry["url"], entry["markdown"]):
            assert (sample.out / urlsplit(address).path[1:]).is_file()
        assert all((sample.out / f"tags/{tag['slug']}.html").is_file() for tag in entry["tags"])
        assert set(entry) == set(schema["$defs"]["note"]["properties"])
