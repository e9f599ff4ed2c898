"""The layers of the extension: imports run one way, and only three layers may import Sphinx."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTENSION = ROOT / "_ext/fieldnotes"

LAYERS = ["sources", "catalog", "pages", "exports", "checks", "build", "search", "commands"]
"""In order: a layer imports only from itself and from earlier layers."""

MAY_IMPORT_SPHINX = ("build", "checks", "search")


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_imports_only_from_earlier_layers(layer: str) -> None:
    allowed = {name for name in LAYERS[: LAYERS.index(layer) + 1] if {layer, name} != {"exports", "checks"}}
    for path in (EXTENSION / layer).rglob("*.py"):
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("fieldnotes.")}
        assert ours <= allowed, path


def test_only_build_checks_and_search_import_sphinx() -> None:
    for path in EXTENSION.rglob("*.py"):
        name = path.relative_to(EXTENSION).as_posix()
        foreign = {module.split(".")[0] for module in imports(path)} & {"sphinx", "docutils"}
        assert not foreign or name == "__init__.py" or name.startswith(MAY_IMPORT_SPHINX), name


def test_every_module_is_in_a_layer() -> None:
    assert {path.name for path in EXTENSION.iterdir() if path.name != "__pycache__"} == {
        "__init__.py",
        "locale",
        *LAYERS,
    }
