"""Read a lab: a small experiment whose results notes quote.

``labs/<name>/`` has ``lab.py``, its ``results.json``, and for each figure ``<figure>.svg`` and ``<figure>.csv``.
``results.json`` has digests of these files, of all other inputs of its numbers, and of each of its own parts.
"""

from __future__ import annotations

import csv
import io
import json
import posixpath
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from pydantic import ValidationError

from fieldnotes.sources import svg
from fieldnotes.sources.field_validators import describe
from fieldnotes.sources.files import decode, read_file
from fieldnotes.sources.lab_digest import part_digests, text_digest
from fieldnotes.sources.lab_record import LAB_NAME, Figure, FigureText, Lab, Record
from fieldnotes.sources.problem import Code, Invalid, Problem, excerpt

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("svg", "csv")
"""The file types of a figure."""

MAX_ROWS = 100
"""Rows of data in a figure: nobody reads a longer table."""

MAX_BYTES = 1_000_000
"""Size of a lab file."""


def read(root: Path, path: str) -> Lab:
    """Read the lab in the folder ``path`` below ``root``. Raises Invalid at the first file that cannot be used."""
    name = path.rpartition("/")[2]
    hint = f"run `make lab NAME={name}`"
    if not re.fullmatch(LAB_NAME, name):
        message = "the folder name cannot be used in a URL; use lowercase letters, digits and hyphens"
        raise Invalid(Problem(f"{path}/results.json", 1, Code.ADDRESS, message))

    def text_of(file: str) -> str:
        return decode(f"{path}/{file}", read_file(root, f"{path}/{file}", MAX_BYTES, hint))

    text = text_of("results.json")
    record = _record(f"{path}/results.json", text, f"correct it, or {hint}")
    texts = {
        file: text_of(file) for file in ("lab.py", *(f"{figure}.{kind}" for figure in record.figures for kind in KINDS))
    }
    figures = {
        figure: Figure(
            **dict(about),
            name=figure,
            svg=_drawing(f"{path}/{figure}.svg", texts[f"{figure}.svg"], f"{name}-{figure}", about),
            rows=_rows(f"{path}/{figure}.csv", texts[f"{figure}.csv"]),
        )
        for figure, about in record.figures.items()
    }
    for file in [file for file in record.files if file not in texts]:
        if not posixpath.normpath(f"{path}/{file}").startswith("labs/"):
            raise Invalid(_mismatch(path, text, "files", file, hint))
        texts[file] = text_of(file)
    for part, digest in part_digests(json.loads(text)).items():
        if record.digests.get(part) != digest:
            raise Invalid(_mismatch(path, text, part, "", hint))
    for file, content in sorted(texts.items()):
        if record.files.get(file) != text_digest(content):
            raise Invalid(_mismatch(path, text, "files", file, hint))
    return Lab.model_construct(
        **dict(record) | {"name": name, "texts": {**texts, "results.json": text}, "figures": figures}
    )


def _mismatch(path: str, text: str, part: str, file: str, hint: str) -> Problem:
    """Create the problem for a part or file that was changed since the run."""
    fault = f"does not match `{file}`" if file else f"`{part}` was edited after the run"
    return Problem(f"{path}/results.json", _line(text, part, file), Code.LAB, f"{fault}; {hint}")


def _line(text: str, *names: object) -> int:
    """Search for nested keys in order, and return the line of the innermost one found; 1 if none is."""
    position = 0
    for name in names:
        position = max(position, text.find(f'"{name}":', position))
    return text.count("\n", 0, position) + 1


def _record(path: str, text: str, hint: str) -> Record:
    """Parse ``results.json``. Raises Invalid with the first error only, since a run writes the file."""
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        steps = [step for step in fault["loc"] if step != "[key]"]
        name = ".".join(map(str, steps)) or "the file"
        _code, message = describe(fault, hint)
        problem = Problem(path, _line(text, *steps), Code.LAB, f"`{excerpt(name)}` {message}")
        raise Invalid(problem) from error


def _rows(path: str, text: str) -> tuple[tuple[str, ...], ...]:
    """Parse a table. Raises Invalid if it has no rows, too many rows, or rows of unequal length."""
    try:
        rows = tuple(tuple(cell.strip() for cell in row) for row in csv.reader(io.StringIO(text)) if row)
    except csv.Error:
        rows = ()
    if len(rows) < 2 or len({len(row) for row in rows}) > 1:
        message = "is not a table; write a header and at least one row, all with the same number of cells"
        raise Invalid(Problem(path, 1, Code.LAB, message))
    if len(rows) > MAX_ROWS + 1:
        message = f"has {len(rows) - 1} rows; keep the data of a figure to {MAX_ROWS}"
        raise Invalid(Problem(path, 1, Code.LONG, message))
    return rows


def _drawing(path: str, text: str, name: str, texts: FigureText) -> str:
    """Parse an SVG drawing, and return its markup with a title and a description."""
    try:
        root = svg.parse(text)
        svg.view_box(root)
    except ValueError as error:
        raise Invalid(Problem(path, 1, Code.DIAGRAM, str(error))) from error
    svg.label(root, name, texts.title, " ".join(texts.description))
    return ElementTree.tostring(root, encoding="unicode")
