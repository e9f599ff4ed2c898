"""The journal's labs: each gives its numbers again, and its folder holds what its record names."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

LABS = sorted(path.parent.name for path in ROOT.glob("labs/*/lab.py"))


def run(names: list[str], out: Path, *, quick: bool = False) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'labs')!r}); import run, json, pathlib\n" + (
        "for name in sys.argv[2:]:\n"
        "    lab = run.load(name); p = run.settings(lab, quick=QUICK); m = lab.measure(p)\n"
        "    made = {'record': run.record(lab, name, m, p), 'tables': run.tables(m)}\n"
        "    pathlib.Path(sys.argv[1], name + '.json').write_text(json.dumps(made))\n"
    )
    subprocess.run([sys.executable, "-c", code.replace("QUICK", str(quick)), str(out), *names], check=True)


def rerun_by(who: str) -> list[str]:
    return [name for name in LABS if json.loads((ROOT / f"labs/{name}/results.json").read_text())["rerun"] == who]


@pytest.mark.parametrize("name", rerun_by("test"))
def test_lab_repeats_its_results(tmp_path: Path, name: str) -> None:
    assert_repeats(tmp_path, name)


def assert_repeats(tmp_path: Path, name: str) -> None:
    """Results are exactly equal: these labs use the standard library alone, and seeded random numbers."""
    run([name], tmp_path)
    made = json.loads((tmp_path / f"{name}.json").read_text())
    kept = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    for results in (kept, made["record"]):
        for result in (*results["results"].values(), *results["claims"].values()):
            result.pop("line", 0)  # where a call of several lines stands differs between Pythons
    for part, value in made["record"].items():
        assert json.dumps(kept[part]) == json.dumps(value), part
    for figure, rows in made["tables"].items():
        with (ROOT / f"labs/{name}/{figure}.csv").open(newline="", encoding="utf-8") as file:
            assert list(csv.reader(file)) == rows, figure


LONG = pytest.mark.skipif("LONG" not in os.environ, reason="make test-long runs them")


@LONG
@pytest.mark.parametrize("name", rerun_by("test-long"))
def test_longer_lab_repeats_its_results(tmp_path: Path, name: str) -> None:
    assert_repeats(tmp_path, name)


def seconds_of(name: str) -> float:
    return json.loads((ROOT / f"labs/{name}/results.json").read_text())["took"]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[LONG] * (seconds_of(name) > 600)) for name in rerun_by("test-long")]
)
def test_longer_lab_still_runs(tmp_path: Path, name: str) -> None:
    """With few seeds, which give other numbers, but the same results, claims and tables.

    Of a lab of more than ten minutes that takes long as well. That its code is the code of its numbers is known by the
    digests of its record, which each build compares.
    """
    run([name], tmp_path, quick=True)
    made = json.loads((tmp_path / f"{name}.json").read_text())
    kept = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    assert made["record"]["results"].keys() <= kept["results"].keys()
    assert made["record"]["claims"].keys() == kept["claims"].keys()
    for figure, rows in made["tables"].items():
        with (ROOT / f"labs/{name}/{figure}.csv").open(newline="", encoding="utf-8") as file:
            kept_rows = list(csv.reader(file))
        assert [kept_rows[0], len(kept_rows)] == [rows[0], len(rows)], figure


@pytest.mark.parametrize("name", LABS)
def test_results_json_has_the_texts_of_its_lab(name: str) -> None:
    """What it says of itself is what the lab says now, also where a test cannot run it."""
    kept = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    tree = ast.parse((ROOT / f"labs/{name}/lab.py").read_text())
    said = {
        node.targets[0].id: " ".join(node.value.value.split())
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    assert (kept["title"], " ".join(kept["shows"]), " ".join(kept["limits"]), kept["rerun"]) == (
        *(said["TITLE"], said["SHOWS"], said["LIMITS"], said["RERUN"]),
    )
    assert kept["command"] == f"make lab NAME={name}"


@pytest.mark.parametrize("name", LABS)
def test_lab_folder_has_no_other_files(name: str) -> None:
    kept = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    files = {path.name for path in (ROOT / "labs" / name).iterdir() if path.is_file()}
    assert files == {"lab.py", "results.json"} | {
        f"{figure}.{kind}" for figure in kept["figures"] for kind in ("svg", "csv")
    }


@pytest.mark.parametrize("name", LABS)
def test_chart_text_is_readable_on_a_phone(name: str) -> None:
    """A chart is 400 units wide, its text 15 units, and its colors are the site's."""
    for path in (ROOT / "labs" / name).glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r'viewBox="0 0 400 \d+"', text), path
        assert not re.search(r"#[0-9a-f]{6}|font-size|style=", text), path


def test_every_lab_is_typed(tmp_path: Path) -> None:
    """By copies under names of their own, since mypy takes no two files for one module `lab`."""
    for name in LABS:
        shutil.copy(ROOT / "labs" / name / "lab.py", tmp_path / f"{name.replace('-', '_')}.py")
    command = [sys.executable, "-m", "mypy", *map(str, tmp_path.glob("*.py"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
