"""Labs: their records, quotes in notes, pages and runner."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT, Built, Site, note
from fieldnotes.sources import lab
from fieldnotes.sources.problem import Code, Invalid
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable


def build(site: Site, body: str) -> Built:
    """Build a journal whose only note has this text."""
    site.write("notes/x.md", note("X", body=body))
    return site.build()


# Quotes in notes


def test_quoted_number_links_to_its_row_on_the_lab_page(site: Site) -> None:
    site.lab()
    built = build(site, "It took {result}`speed:time.median`, {number}`speed:change` to be exact.\n")
    assert built.warnings == []
    page = built.page("notes/x")
    time, change = page.select("article p a.lab-datum")
    assert time["href"] == "../labs/speed.html#result-time.median"
    assert time["title"] == "seconds that it took"
    assert time.data["value"] == "12.5"
    assert (time.get_text(), change.get_text()) == ("12.5\N{NARROW NO-BREAK SPACE}s", "−2")
    row = built.page("labs/speed").find(id="result-time.median")
    assert "seconds that it took" in row.get_text()


RANGED = {
    "time": {"value": 31846, "what": "records a second", "unit": "1/s", "low": 26200, "high": 36355, "seeds": 40},
    "share": {"value": 0.5, "what": "share", "format": ".0%", "low": 0.25, "high": 0.75, "runs": 5},
    "bare": {"value": 2, "what": "a number"},
}

GRID = {
    "axes": {
        "size": {"what": "Size", "options": {"small": "1 kB", "large": "1 <MB>"}, "start": "small"},
        "rate": {"what": "Rate", "options": {"slow": "1/s"}, "start": "slow"},
    },
    "answers": {"time": {"what": "to be <done>", "axes": ["size", "rate"]}},
}

STATES = {
    "time.small.slow": {"value": 2, "what": "time of a small one", "unit": "s"},
    "time.large.slow": {"value": 34, "what": "time of a large one", "unit": "s", "low": 30, "high": 41, "runs": 5},
}


def test_exploration_has_every_state_of_the_grid(site: Site) -> None:
    site.lab(grid=GRID, results=STATES)
    built = build(site, "```{explore} speed\nTurn *size*.\n```\n")
    assert built.warnings == []
    form = built.page("notes/x").select_one("form.exploration[hidden]")
    assert [label.get_text().strip() for label in form.select("label")] == ["1 kB", "1 <MB>", "1/s"]
    assert [radio["value"] for radio in form.select("input[checked]")] == ["small", "slow"]
    states = json.loads(form.select_one("script[type='application/json']").string)["time"]["states"]
    assert states == {"small slow": "2\N{NARROW NO-BREAK SPACE}s", "large slow": "34\N{NARROW NO-BREAK SPACE}s (30–41)"}
    assert form.output.get_text() == states["small slow"]
    assert "to be <done>" in form.get_text()
    assert form.p.decode_contents() == "Turn <em>size</em>."
    assert "Turn" not in (built.out / "notes/x.md").read_text()
    assert "explore.js" in built.html("notes/x")
    assert "explore.js" not in built.html("index")
    site.lab(grid=GRID, results=STATES | {"time.large.slow": {"value": 56, "what": "time of a large one"}})
    assert '"56"' in site.build().html("notes/x"), "a page follows the lab"
    assert (
        "notes/x.md:9: WARNING: `sped` is not a lab with a grid" in build(site, "```{explore} sped\n```\n").warnings[0]
    )
    site.lab(grid=GRID, results={"time.small.slow": STATES["time.small.slow"]})
    (warning,) = build(site, "```{explore} speed\n```\n").warnings
    assert "has no result `time.large.slow`, which its grid refers to; measure every state" in warning


CLAIMS = {
    "gain": {"says": "It is {} times as fast.", "value": 3.4, "least": 3, "format": "g"},
    "lost": {"says": "It loses {}.", "value": 0.01, "most": 0.05, "format": ".0%"},
    "kept": {"says": "It loses less than {}.", "value": 0.01, "most": 0.05, "format": ".0%"},
}


def test_quotes_show_the_range_of_a_result_and_the_bound_of_a_claim(site: Site) -> None:
    site.lab(results=RANGED, claims=CLAIMS)
    quotes = ("{result}`speed:time spread`", "{number}`speed:time spread`", "{result}`speed:share spread`")
    claims = ("{claim}`speed:gain`", "{claim}`speed:lost`", "{claim}`always faster <speed:gain>`")
    built = build(site, f"{'; '.join((*quotes, *claims))}.\n")
    assert built.warnings == []
    links = built.page("notes/x").select("article p a.lab-datum")
    assert [quote.get_text() for quote in links] == [
        *("31,846\N{NARROW NO-BREAK SPACE}1/s (26,200–36,355)", "31,846 (26,200–36,355)", "50% (25%–75%)"),
        *("at least 3", "at most 5%", "always faster"),
    ]
    assert links[0]["title"] == "records a second; median of 40 seeds; nine in ten lie in the range"
    assert links[2]["title"] == "share; median of 5 runs, and their range"
    assert (links[3]["href"], links[3]["title"]) == ("../labs/speed.html#claim-gain", "It is at least 3 times as fast.")
    assert "It loses at most 5%." in built.page("labs/speed").find(id="claim-lost").get_text()


UNKNOWN = {
    "{result}`speed:time.medium`": "`speed:time.medium` is not a result of a lab; did you mean `speed:time.median`?",
    "{number}`sped:change`": "`sped:change` is not a result of a lab; did you mean `speed:change`?",
    "{result}`speed:change spread`": "`speed:change` has no range; remove `spread`, or measure it over several seeds",
    "{result}`speed:change sprd`": "`speed:change sprd` is not a result of a lab; did you mean `speed:change`?",
    "{claim}`speed:gan`": "`speed:gan` is not a claim of a lab; did you mean `speed:gain`?",
    "{result}`time`": "`time` is not a result of a lab; write it as `lab:name`, where `lab` is a folder in labs/",
    "{result}`<b>`": "`<b>` is not a result of a lab",
    "```{lab-figure} speed:curv\nA.\n```": "`speed:curv` is not a figure of a lab; did you mean `speed:curve`?",
}


def test_unknown_result_or_figure_is_reported(site: Site) -> None:
    site.lab(claims=CLAIMS)
    for number, body in enumerate(UNKNOWN):
        site.write(f"notes/x{number}.md", note(f"X{number}", body=f"{body}\n"))
    warnings = sorted(site.build().warnings)
    for number, (message, warning) in enumerate(zip(UNKNOWN.values(), warnings, strict=True)):
        assert f"notes/x{number}.md:9: WARNING: {message}" in warning
        assert warning.endswith("[fieldnotes.unknown-result]")


def test_figure_shows_drawing_data_and_link_to_its_lab(site: Site) -> None:
    site.lab(figures={"curve": {"title": "A <b> & more", "description": ["It falls.", "Then it stays."]}})
    built = build(site, "```{lab-figure} speed:curve\nThe *caption*, {result}`speed:change`.\n```\n")
    assert built.warnings == []
    figure = built.page("notes/x").select_one("figure.lab-figure")
    svg = figure.svg
    names = [figure.find(id=name).get_text() for name in svg["aria-labelledby"].split()]
    assert (svg["role"], names) == ("img", ["A <b> & more", "It falls. Then it stays."])
    assert "The caption, −2." in figure.figcaption.get_text()
    assert [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in figure.select("tr")] == [
        ["k", "time"],
        ["1", "12.5"],
    ]
    assert figure.select_one(".figure-made a")["href"] == "../labs/speed.html"


def test_figure_used_twice_on_a_page_is_reported(site: Site) -> None:
    site.lab()
    (warning,) = build(site, "```{lab-figure} speed:curve\nA.\n```\n\n```{lab-figure} speed:curve\nB.\n```\n").warnings
    assert "notes/x.md:13: WARNING: `speed:curve` is already on this page; remove one" in warning


# The page of a lab


def test_lab_page_shows_results_parameters_and_code(site: Site) -> None:
    asked = {"question": "Is it <fast>?", "answer": ["Yes."], "needs": {"java": "openjdk-17-jre-headless"}}
    results = {"change": {"value": -2, "what": "how many fewer", "line": 1}, **RANGED}
    site.lab(title="Fast & <b>slow</b>", results=results, claims=CLAIMS, commit="abc", **asked)
    built = build(site, "It lost {number}`speed:change`.\n")
    assert built.warnings == []
    page = built.page("labs/speed")
    text = " ".join(page.article.get_text(" ").split())
    assert "Fast & <b>slow</b>" in page.h1.get_text()
    for expected in (
        "Nothing carries over.",
        "make lab NAME=speed",
        "2026-01-02",
        "2 cores",
        "Python 3.11",
        "how often it ran",
        *("Is it <fast>? Yes.", "openjdk-17-jre-headless", "2 s", "commit abc", "load 0.5"),
        "It is at least 3 times as fast. Measured: 3.4.",
        "It loses less than 5%. Measured: 1%.",
        "is the median of 40 seeds",
    ):
        assert expected in text
    folded = page.select("#results details tr[id]")
    assert [row["id"] for row in page.select("#results tr[id]") if row not in folded] == ["result-change"]
    assert [row.select_one(".lab-range") and row.select_one(".lab-range").get_text() for row in folded] == [
        *("26,200–36,355", "25%–75%", None),
    ]
    line = page.select_one("#result-change .lab-line")
    assert page.find(id=line["href"][1:]).get_text() == '"""How fast it is."""\n'
    assert [link["href"] for link in page.select(".lab-run a, .lab-figure a")] == [
        *("speed/curve.svg", "speed/curve.csv"),
        *("speed/lab.py", "speed/curve.svg", "speed/curve.csv", "speed/results.json"),
    ]
    files = {name: (built.out / f"labs/speed/{name}").read_text() for name in ("lab.py", "results.json", "curve.csv")}
    assert files == {name: (site.root / f"labs/speed/{name}").read_text() for name in files}
    assert 'stroke="#' in (built.out / "labs/speed/curve.svg").read_text()
    assert page.select_one(".lab-source .highlight")
    assert page.select_one("#quoted-by a")["href"] == "../notes/x.html"
    index = built.page("labs/index")
    assert [link["href"] for link in index.select(".note-rows a")] == ["speed.html", "../notes/x.html"]


# Faults in a lab's files


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"\xff", "byte 0xFF is not UTF-8"),
        (
            b"",
            "`the file` is invalid: invalid JSON: EOF while parsing a value at line 1 column 0; correct it, or run",
        ),
        (b'{\n"title": }', "invalid JSON: expected value at line 2 column 10"),
        (b"[" * 100_000, "invalid JSON: recursion limit exceeded"),
        (b"[]", "`the file` is invalid"),
    ],
)
def test_results_json_that_does_not_parse_is_reported(site: Site, text: bytes, message: str) -> None:
    site.lab()
    site.write("labs/speed/results.json", text)
    with pytest.raises(Invalid) as error:
        lab.read(site.root, "labs/speed")
    problem = error.value.problems[0]
    assert (problem.path, problem.line) == ("labs/speed/results.json", 1)
    assert message in problem.message


BARE = {"value": 12, "what": "A."}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("title", "", "`title` is empty; write something"),
        ("title", 3, "`title` is a number, not text"),
        ("rerun", "never", "`rerun` is invalid: input should be 'test', 'test-long' or 'labs'"),
        ("date", "soon", "`date` is invalid"),
        ("colour", "red", "`colour` is invalid: extra inputs are not permitted"),
        ("results", {"a b": {"value": 1, "what": "A."}}, "`results.a b` is invalid: string should match pattern"),
        ("results", {"a": {"value": "1", "what": "A."}}, "`results.a.value"),
        ("results", {"a": {"value": 1e999, "what": "A."}}, "`results.a.value"),
        ("results", {"a": {"value": 1.5, "what": "A."}}, "has the format `,d`, which does not fit this value"),
        ("results", {"a": {"value": 1, "what": "A.", "format": "x"}}, "has the format `x`"),
        ("results", {"a": {"value": 10**400, "what": "A.", "format": ".1f"}}, "has the format `.1f`"),
        ("figures", {"a": {"title": "A", "description": []}}, "`figures.a.description` is invalid"),
        ("results", {"a": BARE | {"tolerance": 12}}, "`results.a` has a tolerance of 12, which is not below its value"),
        ("results", {"a": BARE | {"low": 13, "high": 14, "seeds": 10}}, "`results.a` is not inside its range"),
        ("results", {"a": BARE | {"low": 11, "seeds": 10}}, "`results.a` is not inside its range"),
        (
            "results",
            {"a": BARE | {"low": 11, "high": 14, "seeds": 9}},
            "`results.a` has a range over too few seeds or runs",
        ),
        (
            "results",
            {"a": BARE | {"low": 11, "high": 14, "runs": 4}},
            "`results.a` has a range over too few seeds or runs",
        ),
        ("claims", {"a": {"says": "It is {}.", "value": 2, "least": 3}}, "`claims.a` does not hold: 2"),
        ("claims", {"a": {"says": "It is {}.", "value": 2, "most": 1}}, "`claims.a` does not hold: 2"),
        ("claims", {"a": {"says": "It is {}.", "value": 2}}, "`claims.a` is not a claim"),
        ("claims", {"a": {"says": "It is.", "value": 2, "least": 1}}, "`claims.a` is not a claim"),
    ],
)
def test_invalid_value_in_results_json_is_reported(tmp_path: Path, field: str, value: object, message: str) -> None:
    site = Site(tmp_path / "journal")
    site.lab(**{field: value})
    with pytest.raises(Invalid) as error:
        lab.read(site.root, "labs/speed")
    (problem,) = error.value.problems
    text = (site.root / "labs/speed/results.json").read_text().splitlines()
    assert (problem.path, problem.code) == ("labs/speed/results.json", Code.LAB)
    assert f'"{field}":' in "".join(text[: problem.line])
    assert message in problem.message


EDITS = [
    ("results.json", '"value": 12.5', '"value": 12.4', '"results"', "`results` was edited after the run"),
    ("results.json", '"cores": 2', '"cores": 4', '"machine"', "`machine` was edited after the run"),
    ("results.json", '"value": 3', '"value": 5', '"parameters"', "`parameters` was edited after the run"),
    ("lab.py", "How", "Why", '"lab.py"', "does not match `lab.py`"),
    ("curve.csv", "12.5", "12.4", '"curve.csv"', "does not match `curve.csv`"),
    ("curve.svg", "0 0'", "0 1'", '"curve.svg"', "does not match `curve.svg`"),
]
"""A file of a lab, an edit by hand (old, new), and the line in results.json and message of the problem."""


def test_file_edited_after_the_run_is_reported(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal")
    for file, old, new, place, message in EDITS:
        site.lab()
        path = site.root / "labs/speed" / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
        with pytest.raises(Invalid) as error:
            lab.read(site.root, "labs/speed")
        (problem,) = error.value.problems
        line = (site.root / "labs/speed/results.json").read_text().splitlines()[problem.line - 1]
        assert (problem.path, problem.code) == ("labs/speed/results.json", Code.LAB)
        assert place in line
        assert problem.message == f"{message}; run `make lab NAME=speed`"


def test_digest_ignores_line_endings(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal")
    site.lab()
    path = site.root / "labs/speed/curve.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert lab.read(site.root, "labs/speed").name == "speed"


UNUSABLE = [
    ("curve.svg", "<svg", "is not an SVG drawing"),
    ("curve.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "contains <script>"),
    ("curve.csv", "", "is not a table"),
    ("curve.csv", "a,b\n1\n", "is not a table"),
    ("curve.csv", 'a,b\n"1,2\n', "is not a table"),
    ("curve.csv", "a,b\n" + "1,2\n" * 101, "has 101 rows; keep the data of a figure to 100"),
    ("curve.csv", None, "cannot be read: No such file or directory; run `make lab NAME=lab-6`"),
    ("results.json", None, "cannot be read: No such file or directory; run `make lab NAME=lab-7`"),
    (
        "results.json",
        '{\n"title": }',
        "`the file` is invalid: invalid JSON: expected value at line 2 column 10; correct it, or run",
    ),
]
"""A file of a lab, its text (None: it is missing), and the message of the one warning."""


def test_unusable_lab_file_is_reported_once(site: Site) -> None:
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
def test_read_of_arbitrary_results_json_raises_problems_of_one_line(data: bytes) -> None:
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


# The runner


def test_unknown_lab_lists_the_labs(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "labs/run.py", "no-such-lab"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "there is no lab `no-such-lab`; the labs are " in done.stderr


ENGINE = """
import os
from dataclasses import dataclass
from record import Claim, Figure, Measured, Result, parameter
TITLE, SHOWS, LIMITS, RERUN = "Speed", "Speed.", "Nothing.", "labs"
QUICK = {}
@dataclass(frozen=True)
class Parameters:
    seed: int = parameter(1, "seed")
def measure(p):
    time = float(os.environ["TIME"])
    figure = Figure("A", "B.", ["k"], [[1]], lambda chart: chart.shapes.append(f"<path d='M 0 {time}'/>"))
    claim = Claim("It is {}.", time, most=12)
    result = Result(time, "time", format=".1f", tolerance=round(time / 10, 2))
    return Measured({"time": result}, {"curve": figure}, {"fast": claim})
"""

CHART = """
class Chart:
    def __init__(self, height):
        self.shapes = []
    def svg(self):
        return f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'>{''.join(self.shapes)}</svg>"
"""


@pytest.fixture
def runner(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run labs/run.py in a temporary folder with these options, with an engine that reports this time."""
    (tmp_path / "labs").mkdir()
    for name in ("run.py", "record.py"):
        shutil.copy(ROOT / "labs" / name, tmp_path / "labs")
    (tmp_path / "_ext").symlink_to(ROOT / "_ext")
    (tmp_path / "labs/chart.py").write_text(CHART)
    (tmp_path / "matplotlib-1.dist-info").mkdir()
    (tmp_path / "matplotlib-1.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: matplotlib\nVersion: 1\n")

    def run(*options: str, time: float = 10.0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(tmp_path / "labs/run.py"), *options]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "TIME": str(time)}
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)

    return run


def write_engine(folder: Path, name: str, more: str = "") -> Path:
    path = folder / f"labs/{name}/lab.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ENGINE + more)
    return path.parent


def test_run_within_tolerance_changes_no_file_unless_renewed_or_code_changed(
    tmp_path: Path, runner: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    folder = write_engine(tmp_path, "speed")

    def run_and_read(time: float, *options: str) -> tuple[float, str]:
        assert runner("speed", *options, time=time).returncode == 0
        record = lab.read(tmp_path, "labs/speed")
        return record.results["time"].value, (folder / "curve.svg").read_text()

    time, drawn = run_and_read(10.0)
    assert (time, "M 0 10.0" in drawn) == (10.0, True)
    assert run_and_read(10.5) == (10.0, drawn)
    time, drawn = run_and_read(10.5, "--renew")
    assert (time, "M 0 10.5" in drawn) == (10.5, True)
    write_engine(tmp_path, "speed", "# changed\n")
    assert run_and_read(11.0)[0] == 11.0
    kept_record = lab.read(tmp_path, "labs/speed")
    assert (kept_record.results["time"].line, kept_record.claims["fast"].line) == (14, 13)
    assert (kept_record.claims["fast"].value, kept_record.machine["cores"]) == (11.0, os.cpu_count())


def test_failing_lab_is_explained_and_the_others_run(
    tmp_path: Path, runner: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    needs = '{"no-such-java": "openjdk-17-jre-headless", "/no/such.jar": "liblucene8-java"}'
    write_engine(tmp_path, "a", f"NEEDS = {needs}\n")
    write_engine(tmp_path, "b", "def measure(p):\n    raise ValueError('no engine')\n")
    write_engine(tmp_path, "c")
    write_engine(tmp_path, "d", "import no_such_engine\n")
    done = runner(time=11.0)
    packages = "no-such-java: apt-get install openjdk-17-jre-headless, /no/such.jar: apt-get install liblucene8-java"
    assert f"[1/4] a … not run; it needs {packages}\n" in done.stderr
    assert "ValueError: no engine\n" in done.stderr
    assert "[4/4] d … not run; it needs the Python package no_such_engine: `make lab` installs it\n" in done.stderr
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "no results from a, b, d")
    assert [path.parent.name for path in tmp_path.glob("labs/*/results.json")] == ["c"]
    done = runner("c", time=13.0)
    assert "; violates `fast` (It is {}.): 13\n" in done.stderr
    assert done.returncode == 1


def test_site_does_not_install_the_requirements_of_labs() -> None:
    for file in ("requirements.txt", "requirements/tests.txt"):
        assert "matplotlib" not in (ROOT / file).read_text()


def run_in_labs(code: str) -> str:
    """Run the code with the modules of labs/ importable, and return its output."""
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'labs')!r}); import json, run\n{code}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_strayed_lists_results_outside_tolerance_and_range() -> None:
    cases = [
        ("12.5", 12.5, []),
        ("12.6", 12.5, ["a: 12.5 → 12.6"]),
        ("13.7, tolerance=1.2", 12.5, []),
        ("13.8, tolerance=1.2", 12.5, ["a: 12.5 → 13.8"]),
        ("11.2, tolerance=1.2", 12.5, ["a: 12.5 → 11.2"]),
        ("8.3, tolerance=2", 25.3, ["a: 25.3 → 8.3"]),
        ("11.2, low=9, high=16, runs=5", 12.5, []),
        ("10.9, low=9, high=16, runs=5", 12.5, ["a: 12.5 → 10.9"]),
        ("11.2, low=9, high=16, seeds=10", 12.5, ["a: 12.5 → 11.2"]),
    ]
    code = (
        "from record import Result as R\ndef made(value, **more): return {'a': R(value, 'x', format='.1f', **more)}\n"
    )
    for call, stored, _expected in cases:
        before = {"a": {"value": stored, "low": 11, "high": 14}}
        code += f"print(json.dumps(run.strayed({before!r}, made({call}))))\n"
    code += "print(json.dumps(run.strayed({'a': {'value': 1}}, {})))"
    expected = [expected for *_case, expected in cases]
    assert list(map(json.loads, run_in_labs(code).splitlines())) == [*expected, ["a: 1 → None"]]


def test_over_seeds_returns_the_median_and_the_range_of_most_runs() -> None:
    code = (
        "from dataclasses import dataclass\nfrom record import Result\nfrom spread import over_seeds\n"
        "@dataclass(frozen=True)\nclass P:\n    seed: int = 1\n"
        "found = over_seeds(P(), 21, lambda p: {'a': Result(p.seed, 'x'), 'b': Result(p.seed / 2, 'x', '', '.1f')})\n"
        "print(json.dumps([[r.value, r.low, r.high, r.seeds] for r in found.values()]))"
    )
    assert json.loads(run_in_labs(code)) == [[11, 2, 20, 21], [5.5, 1.0, 10.0, 21]]
