"""Run labs and keep what they give: ``python labs/run.py [NAME …] [--out DIR] [--quick] [--seed N] [--renew]``.

Each ``labs/<name>/lab.py`` has its ``Parameters``, its ``TITLE``, ``SHOWS`` and ``LIMITS``, ``RERUN`` (who runs it
again: ``test``, ``test-long`` or ``labs``), and ``measure``, which gives what is Measured.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

ORDER = (
    *("title", "shows", "limits", "rerun", "command", "date", "machine", "versions"),
    *("parameters", "results", "figures"),
)
"""How the parts of ``results.json`` follow each other."""

from record import cell, described  # noqa: E402

if TYPE_CHECKING:
    from types import ModuleType

    from record import Measured, Result


def main() -> None:
    """Run the labs that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="folders of labs/")
    parser.add_argument("--out", type=Path, help="a folder for the results, in place of labs/")
    parser.add_argument("--quick", action="store_true", help="a smaller run, for a look; needs --out")
    parser.add_argument("--seed", type=int, help="another seed than the lab's; needs --out")
    parser.add_argument("--renew", action="store_true", help="take this run, also where it is within the tolerance")
    options = parser.parse_args()
    if (options.quick or options.seed is not None) and not options.out:
        parser.error("--quick and --seed give other results than those that notes quote: name a folder with --out")
    names = options.names or [path.parent.name for path in sorted(HERE.glob("*/lab.py"))]
    for number, name in enumerate(names, start=1):
        sys.stderr.write(f"[{number}/{len(names)}] {name} … ")
        sys.stderr.flush()
        start = time.monotonic()
        lab = load(name)
        parameters = settings(lab, quick=options.quick, seed=options.seed)
        measured = lab.measure(parameters)
        folder = (options.out or HERE) / name
        folder.mkdir(parents=True, exist_ok=True)
        told = keep(folder, lab, measured, parameters, renew=options.renew)
        sys.stderr.write(f"{time.monotonic() - start:.1f} s, {told}\n")


def load(name: str) -> ModuleType:
    """Load a lab by the name of its folder."""
    path = HERE / name / "lab.py"
    if not path.exists():
        known = ", ".join(path.parent.name for path in sorted(HERE.glob("*/lab.py")))
        sys.exit(f"there is no lab `{name}`; the labs are {known}")
    spec = importlib.util.spec_from_file_location(f"lab_{name.replace('-', '_')}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def settings(lab: ModuleType, *, quick: bool = False, seed: int | None = None) -> Any:
    """The parameters of a lab; ``quick`` takes those that it has for a look."""
    changes = dict(lab.QUICK) if quick else {}
    if seed is not None:
        changes["seed"] = seed
    return replace(lab.Parameters(), **changes)


def record(lab: ModuleType, name: str, measured: Measured, parameters: Any) -> dict[str, Any]:
    """What ``results.json`` says, but for when and where the lab was run."""
    return {
        "title": lab.TITLE,
        "shows": sentences(lab.SHOWS),
        "limits": sentences(lab.LIMITS),
        "rerun": lab.RERUN,
        "command": f"make lab NAME={name}",
        "parameters": described(parameters),
        "results": {
            key: {part: value for part, value in vars(result).items() if value not in ("", 0.0) or part == "value"}
            for key, result in measured.results.items()
        },
        "figures": {
            key: {"title": figure.title, "description": sentences(figure.description)}
            for key, figure in measured.figures.items()
        },
    }


def sentences(text: str) -> list[str]:
    """Split a text into its sentences."""
    return re.split(r"(?<=[.?;:]) (?=\S)", " ".join(text.split()))


def tables(measured: Measured) -> dict[str, list[list[str]]]:
    """The table behind each figure, by its name."""
    return {
        name: [list(figure.head), *([cell(value) for value in row] for row in figure.rows)]
        for name, figure in measured.figures.items()
    }


def strayed(before: dict[str, Any], results: dict[str, Result]) -> list[str]:
    """The results that are not those of the run before, within their tolerance; each with both values."""
    found = []
    for key in sorted(before.keys() | results.keys()):
        old = before.get(key, {}).get("value")
        new = results[key].value if key in results else None
        if old is None or new is None or abs(new - old) > results[key].tolerance * abs(old):
            found.append(f"{key}: {old} → {new}")
    return found


def keep(folder: Path, lab: ModuleType, measured: Measured, parameters: Any, *, renew: bool = False) -> str:
    """Write what a run gave; tells how it differs from the run before.

    Where all results are within their tolerance, and nothing else has changed, ``results.json`` stays as it is, with
    its date; and so do the figures of a lab that measures a real engine, for they are of that run. Where they are to
    be drawn otherwise, ``renew`` takes results and figures of the new one.
    """
    from chart import Chart

    made = record(lab, folder.name, measured, parameters)
    path = folder / "results.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new = strayed(before.get("results", {}), measured.results)
    others = [part for part in made if part != "results" or lab.RERUN != "labs"]
    same = not new and json.dumps([made[part] for part in others]) == json.dumps([before.get(part) for part in others])
    if same and lab.RERUN == "labs" and not renew:
        return "within the tolerance of the run before, which is kept with its figures; --renew takes this one"
    for name, figure in measured.figures.items():
        chart = Chart(figure.height)
        figure.draw(chart)
        write(folder / f"{name}.svg", chart.svg())
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(tables(measured)[name])
    if same and not renew:
        return "the same results"
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    whole = {**made, "date": today, "machine": machine(), "versions": versions(lab)}
    write(path, json.dumps({key: whole[key] for key in ORDER}, indent=1, ensure_ascii=False) + "\n")
    return "; ".join(["new results", *new[:10]])


def write(path: Path, text: str) -> None:
    """Write a file."""
    path.write_text(text, encoding="utf-8", newline="\n")


def machine() -> str:
    """The machine in general terms."""
    return f"{os.cpu_count()} cores, {platform.machine().replace('_', '-')}, {platform.system()}"


def versions(lab: ModuleType) -> dict[str, str]:
    """The versions of Python, of what the lab takes besides, and of what draws its figures."""
    names = (*getattr(lab, "TAKES", ()), "matplotlib")
    return {"Python": platform.python_version(), **{name: importlib.metadata.version(name) for name in names}}


if __name__ == "__main__":
    main()
