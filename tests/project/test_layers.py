"""The rooms of the extension: imports run one way, and Sphinx stays where it belongs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXTENSION = ROOT / "_ext/fieldnotes"

ROOMS = ["sources", "catalog", "pages", "exports", "checks", "build", "search", "commands"]
"""The stages of the flow: a room imports from itself and from those before it."""

WITH_SPHINX = ("build", "checks", "search")
LONGEST = 320
"""Lines of a module."""


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_before_it(room: str) -> None:
    allowed = {name for name in ROOMS[: ROOMS.index(room) + 1] if {room, name} != {"exports", "checks"}}
    for path in (EXTENSION / room).rglob("*.py"):
        ours = {name.split(".")[1] for name in imports(path) if name.startswith("fieldnotes.")}
        assert ours <= allowed, path


def test_only_the_rooms_that_build_import_sphinx() -> None:
    for path in EXTENSION.rglob("*.py"):
        name = path.relative_to(EXTENSION).as_posix()
        foreign = {module.split(".")[0] for module in imports(path)} & {"sphinx", "docutils"}
        assert not foreign or name == "__init__.py" or name.startswith(WITH_SPHINX), name


def test_every_module_is_in_a_room() -> None:
    assert {path.name for path in EXTENSION.iterdir() if path.name != "__pycache__"} == {
        "__init__.py",
        "locale",
        *ROOMS,
    }
