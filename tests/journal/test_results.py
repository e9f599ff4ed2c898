"""The journal's labs: each reproduces its results, and its folder has the files in its record."""

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
def test_lab_reproduces_its_results(tmp_path: Path, name: str) -> None:
    assert_reproduces(tmp_path, name)


def assert_reproduces(tmp_path: Path, name: str) -> None:
    """Results are exactly equal: these labs use only the standard library, and seeded random numbers."""
    run([name], tmp_path)
    rerun = json.loads((tmp_path / f"{name}.json").read_text())
    committed = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    for results in (committed, rerun["record"]):
        for result in (*results["results"].values(), *results["claims"].values()):
            result.pop("line", 0)  # the line of a multi-line call differs between Python versions
    for part, value in rerun["record"].items():
        assert json.dumps(committed[part]) == json.dumps(value), part
    for figure, rows in rerun["tables"].items():
        with (ROOT / f"labs/{name}/{figure}.csv").open(newline="", encoding="utf-8") as file:
            assert list(csv.reader(file)) == rows, figure


LONG = pytest.mark.skipif("LONG" not in os.environ, reason="make test-long runs them")


@LONG
@pytest.mark.parametrize("name", rerun_by("test-long"))
def test_long_lab_reproduces_its_results(tmp_path: Path, name: str) -> None:
    assert_reproduces(tmp_path, name)


def seconds_of(name: str) -> float:
    return json.loads((ROOT / f"labs/{name}/results.json").read_text())["took"]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[LONG] * (seconds_of(name) > 600)) for name in rerun_by("test-long")]
)
def test_long_lab_still_runs(tmp_path: Path, name: str) -> None:
    """With few seeds, so the numbers differ, but the names of results and claims and the shape of tables are the same.

    A lab that takes more than ten minutes is slow even so. Every build compares the digests in the record, so the
    committed results are known to come from the committed code.
    """
    run([name], tmp_path, quick=True)
    rerun = json.loads((tmp_path / f"{name}.json").read_text())
    committed = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    assert rerun["record"]["results"].keys() <= committed["results"].keys()
    assert rerun["record"]["claims"].keys() == committed["claims"].keys()
    for figure, rows in rerun["tables"].items():
        with (ROOT / f"labs/{name}/{figure}.csv").open(newline="", encoding="utf-8") as file:
            kept_rows = list(csv.reader(file))
        assert [kept_rows[0], len(kept_rows)] == [rows[0], len(rows)], figure


@pytest.mark.parametrize("name", LABS)
def test_results_json_has_the_texts_of_lab_py(name: str) -> None:
    """Also for labs that no test can run."""
    committed = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    tree = ast.parse((ROOT / f"labs/{name}/lab.py").read_text())
    texts = {
        node.targets[0].id: " ".join(node.value.value.split())
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
    assert (committed["title"], " ".join(committed["shows"]), " ".join(committed["limits"]), committed["rerun"]) == (
        *(texts["TITLE"], texts["SHOWS"], texts["LIMITS"], texts["RERUN"]),
    )
    assert committed["command"] == f"make lab NAME={name}"


@pytest.mark.parametrize("name", LABS)
def test_lab_folder_has_no_other_files(name: str) -> None:
    committed = json.loads((ROOT / f"labs/{name}/results.json").read_text())
    files = {path.name for path in (ROOT / "labs" / name).iterdir() if path.is_file()}
    assert files == {"lab.py", "results.json"} | {
        f"{figure}.{kind}" for figure in committed["figures"] for kind in ("svg", "csv")
    }


@pytest.mark.parametrize("name", LABS)
def test_chart_text_is_readable_on_a_phone(name: str) -> None:
    """A chart is 400 units wide, its text is 15 units high, and its colors are the site's."""
    for path in (ROOT / "labs" / name).glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert re.search(r'viewBox="0 0 400 \d+"', text), path
        assert not re.search(r"#[0-9a-f]{6}|font-size|style=", text), path


def test_every_lab_passes_mypy(tmp_path: Path) -> None:
    """Checks copies with unique names, since mypy accepts only one module `lab`."""
    for name in LABS:
        shutil.copy(ROOT / "labs" / name / "lab.py", tmp_path / f"{name.replace('-', '_')}.py")
    command = [sys.executable, "-m", "mypy", *map(str, tmp_path.glob("*.py"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
