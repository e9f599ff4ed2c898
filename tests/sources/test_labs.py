"""Labs: their records, what notes quote of them, their pages, and what runs them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import ROOT, Site, note
from fieldnotes.sources import lab
from fieldnotes.sources.problem import Code, Invalid
from hypothesis import given
from hypothesis import strategies as st


def quoted(site: Site, body: str) -> list[str]:
    """The warnings of a journal whose one note has this text."""
    site.write("notes/x.md", note("X", body=body))
    return site.build().warnings


# What a note quotes


def test_quoted_number_links_to_its_row_on_the_lab_page(site: Site) -> None:
    site.lab()
    assert quoted(site, "It took {result}`speed:time.median`, {number}`speed:change` to be exact.\n") == []
    page = site.build().page("notes/x")
    time, change = page.select("article p a.lab-datum")
    assert time["href"] == "../labs/speed.html#result-time.median"
    assert time["title"] == "seconds that it took"
    assert time.data["value"] == "12.5"
    assert (time.get_text(), change.get_text()) == ("12.5\N{NARROW NO-BREAK SPACE}s", "−2")
    row = site.build().page("labs/speed").find(id="result-time.median")
    assert "seconds that it took" in row.get_text()


UNKNOWN = {
    "{result}`speed:time.medium`": "`speed:time.medium` is not a result of a lab; did you mean `speed:time.median`?",
    "{number}`sped:change`": "`sped:change` is not a result of a lab; did you mean `speed:change`?",
    "{result}`time`": "`time` is not a result of a lab; write it as `lab:name`, by the folders in labs/",
    "{result}`<b>`": "`<b>` is not a result of a lab",
    "```{lab-figure} speed:curv\nA.\n```": "`speed:curv` is not a figure of a lab; did you mean `speed:curve`?",
}


def test_unknown_result_or_figure_is_reported(site: Site) -> None:
    site.lab()
    for number, body in enumerate(UNKNOWN):
        site.write(f"notes/x{number}.md", note(f"X{number}", body=f"{body}\n"))
    warnings = sorted(site.build().warnings)
    for number, (message, warning) in enumerate(zip(UNKNOWN.values(), warnings, strict=True)):
        assert f"notes/x{number}.md:9: WARNING: {message}" in warning
        assert warning.endswith("[fieldnotes.unknown-result]")


def test_figure_shows_drawing_data_and_link_to_its_lab(site: Site) -> None:
    site.lab(figures={"curve": {"title": "A <b> & more", "description": ["It falls.", "Then it stays."]}})
    assert quoted(site, "```{lab-figure} speed:curve\nThe *caption*, {result}`speed:change`.\n```\n") == []
    figure = site.build().page("notes/x").select_one("figure.lab-figure")
    svg = figure.svg
    names = [figure.find(id=name).get_text() for name in svg["aria-labelledby"].split()]
    assert (svg["role"], names) == ("img", ["A <b> & more", "It falls. Then it stays."])
    assert "The caption, −2." in figure.figcaption.get_text()
    assert [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in figure.select("tr")] == [
        ["k", "time"],
        ["1", "12.5"],
    ]
    assert figure.select_one(".figure-made a")["href"] == "../labs/speed.html"


def test_figure_placed_twice_on_a_page_is_reported(site: Site) -> None:
    site.lab()
    (warning,) = quoted(site, "```{lab-figure} speed:curve\nA.\n```\n\n```{lab-figure} speed:curve\nB.\n```\n")
    assert "notes/x.md:13: WARNING: `speed:curve` stands on this page already; place it once" in warning


# The page of a lab


def test_lab_page_shows_how_its_numbers_were_measured(site: Site) -> None:
    site.lab(title="Fast & <b>slow</b>")
    assert quoted(site, "It lost {number}`speed:change`.\n") == []
    page = site.build().page("labs/speed")
    text = " ".join(page.article.get_text(" ").split())
    assert "Fast & <b>slow</b>" in page.h1.get_text()
    for said in (
        "Nothing carries over.",
        "make lab NAME=speed",
        "2026-01-02",
        "2 cores",
        "Python 3.11",
        "how often it ran",
    ):
        assert said in text
    assert page.select_one(".lab-source .highlight")
    assert page.select_one("#quoted-by a")["href"] == "../notes/x.html"
    index = site.build().page("labs/index")
    assert [link["href"] for link in index.select(".note-rows a")] == ["speed.html", "../notes/x.html"]


# What is wrong with a lab's files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "byte 0xFF is not UTF-8"),
        (
            b"",
            "`the file` does not fit: invalid JSON: EOF while parsing a value at line 1 column 0; correct it, or run",
        ),
        (b'{\n"title": }', "invalid JSON: expected value at line 2 column 10"),
        (b"[" * 100_000, "invalid JSON: recursion limit exceeded"),
        (b"[]", "`the file` does not fit"),
    ],
)
def test_results_json_that_does_not_parse_is_a_problem(site: Site, text: bytes, message: str) -> None:
    site.lab()
    site.write("labs/speed/results.json", text)
    with pytest.raises(Invalid) as error:
        lab.read(site.root, "labs/speed")
    problem = error.value.problems[0]
    assert (problem.path, problem.line) == ("labs/speed/results.json", 1)
    assert message in problem.message


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "`title` is empty; write something"),
        ("title", 3, "`title` is a number, not text"),
        ("rerun", "never", "`rerun` does not fit: input should be 'test', 'test-long' or 'labs'"),
        ("date", "soon", "`date` does not fit"),
        ("colour", "red", "`colour` does not fit: extra inputs are not permitted"),
        ("results", {"a b": {"value": 1, "what": "A."}}, "`results.a b` does not fit: string should match pattern"),
        ("results", {"a": {"value": "1", "what": "A."}}, "`results.a.value"),
        ("results", {"a": {"value": 1e999, "what": "A."}}, "`results.a.value"),
        ("results", {"a": {"value": 1.5, "what": "A."}}, "has the format `,d`, which does not show this value"),
        ("results", {"a": {"value": 1, "what": "A.", "format": "x"}}, "has the format `x`"),
        ("results", {"a": {"value": 10**400, "what": "A.", "format": ".1f"}}, "has the format `.1f`"),
        ("figures", {"a": {"title": "A", "description": []}}, "`figures.a.description` does not fit"),
    ],
)
def test_invalid_value_in_results_json_is_a_problem(tmp_path: Path, field: str, value: object, message: str) -> None:
    site = Site(tmp_path / "journal")
    site.lab(**{field: value})
    with pytest.raises(Invalid) as error:
        lab.read(site.root, "labs/speed")
    (problem,) = error.value.problems
    assert (problem.path, problem.line, problem.code) == ("labs/speed/results.json", 1, Code.LAB)
    assert message in problem.message


UNUSABLE = [
    ("curve.svg", "<svg", "is not an SVG drawing"),
    ("curve.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "contains <script>"),
    ("curve.csv", "", "is not a table"),
    ("curve.csv", "a,b\n1\n", "is not a table"),
    ("curve.csv", 'a,b\n"1,2\n', "is not a table"),
    ("curve.csv", "a,b\n" + "1,2\n" * 101, "has 101 rows; keep the data behind a figure to 100"),
    ("curve.csv", None, "cannot be read: No such file or directory; run `make lab NAME=lab-6`"),
    ("results.json", None, "cannot be read: No such file or directory; run `make lab NAME=lab-7`"),
    (
        "results.json",
        '{\n"title": }',
        "`the file` does not fit: invalid JSON: expected value at line 2 column 10; correct it, or run",
    ),
]
"""A file of a lab, its text or that it is missing, and the message of the one warning."""


def test_unusable_file_of_a_lab_is_reported_once(site: Site) -> None:
    for number, (file, text, _message) in enumerate(UNUSABLE):
        name = f"lab-{number}"
        site.lab(name)
        if text is None:
            (site.root / f"labs/{name}/{file}").unlink()
        else:
            site.write(f"labs/{name}/{file}", text)
        body = f"It lost {{number}}`{name}:change`.\n\n```{{lab-figure}} {name}:curve\nA.\n```\n"
        site.write(f"notes/x{number}.md", note(f"X{number}", body=body))
    warnings = sorted(site.build().warnings)
    for number, (warning, (file, _text, message)) in enumerate(zip(warnings, UNUSABLE, strict=True)):
        assert f"labs/lab-{number}/{file}:1: WARNING: " in warning
        assert message in warning


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.integers() | st.floats() | st.text(),
        lambda inner: st.dictionaries(st.sampled_from([*lab.Record.model_fields, "a", "value"]), inner),
        max_leaves=20,
    ).map(lambda value: json.dumps(value, indent=1).encode())
)
def test_read_of_any_results_json_raises_problems_of_one_line(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, "labs/x")
        folder.mkdir(parents=True)
        (folder / "results.json").write_bytes(data)
        with pytest.raises(Invalid) as error:
            lab.read(Path(root), "labs/x")
    for problem in error.value.problems:
        assert problem.path.startswith("labs/x/")
        assert 1 <= problem.line <= len(data.splitlines()) + 1
        assert problem.message
        assert "\n" not in problem.message


# What runs labs


def test_run_of_an_unknown_lab_lists_the_labs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "labs/run.py", "no-such-lab"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "there is no lab `no-such-lab`; the labs are " in done.stderr


ENGINE = """
from dataclasses import dataclass
from record import Figure, Measured, Result, parameter
TITLE, SHOWS, LIMITS, RERUN = "Speed", "Speed.", "Nothing.", "labs"
QUICK = {}
@dataclass(frozen=True)
class Parameters:
    seed: int = parameter(1, "seed")
def measure(p):
    figure = Figure("A", "B.", ["k"], [[1]], lambda chart: chart.shapes.append("<DRAWN/>"))
    return Measured({"time": Result(TIME, "time", format=".1f", tolerance=0.1)}, {"curve": figure})
"""
CHART = """
class Chart:
    def __init__(self, height):
        self.shapes = []
    def svg(self):
        return "".join(self.shapes)
"""


def test_run_within_tolerance_changes_no_file_unless_renewed(tmp_path: Path) -> None:
    folder = tmp_path / "labs/speed"
    folder.mkdir(parents=True)
    for name in ("run.py", "record.py"):
        shutil.copy(ROOT / "labs" / name, tmp_path / "labs")
    (tmp_path / "labs/chart.py").write_text(CHART)
    (tmp_path / "matplotlib-1.dist-info").mkdir()
    (tmp_path / "matplotlib-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: matplotlib\nVersion: 1\n")

    def kept(time: float, drawn: str, *options: str) -> tuple[float, str]:
        (folder / "lab.py").write_text(ENGINE.replace("TIME", str(time)).replace("DRAWN", drawn))
        done = [sys.executable, tmp_path / "labs/run.py", "speed", *options]
        subprocess.run(done, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
        record = json.loads((folder / "results.json").read_text())
        return record["results"]["time"]["value"], (folder / "curve.svg").read_text()

    assert kept(10.0, "dot") == (10.0, "<dot/>")
    assert kept(10.5, "line") == (10.0, "<dot/>")
    assert kept(10.5, "line", "--renew") == (10.5, "<line/>")


def test_site_does_not_install_what_labs_need() -> None:
    for file in ("requirements.txt", "requirements/tests.txt"):
        assert "matplotlib" not in (ROOT / file).read_text()


@pytest.mark.parametrize(
    ("new", "tolerance", "told"),
    [
        (12.5, 0.0, []),
        (12.6, 0.0, ["a: 12.5 → 12.6"]),
        (13.7, 0.1, []),
        (13.8, 0.1, ["a: 12.5 → 13.8"]),
        (None, 9.0, ["a: 12.5 → None"]),
    ],
)
def test_strayed_compares_a_run_within_tolerance(new: float | None, tolerance: float, told: list[str]) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'labs')!r}); import run, json; from record import Result\n"
        f"made = {{}} if {new!r} is None else {{'a': Result({new!r}, 'x', format='.1f', tolerance={tolerance!r})}}\n"
        "print(json.dumps(run.strayed({'a': {'value': 12.5}}, made)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == told
