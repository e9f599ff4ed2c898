"""The output of `make check`: findings, their order and format, and the exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT, Site, note
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call, run_command

if TYPE_CHECKING:
    from fieldnotes.build.messages import Finding

TODAY = "2026-11-22"
WRONG = "het"[::-1]
"""A misspelling, written in reverse so that codespell does not report it here."""
GONE = "'myst' cross-reference target not found: 'gone.md'"


@pytest.fixture
def journal(site: Site) -> Site:
    """A journal of two valid notes, with spelling turned off."""
    with (site.root / "conf.py").open("a") as conf:
        conf.write("\nfieldnotes_spelling = False\n")
    site.write("notes/first.md", note("First", tags="[Spark, YARN]"))
    site.write("notes/other.md", note("Other", tags="[Spark, YARN]"))
    return site


def check(site: Site, **settings: object) -> list[Finding]:
    return call(check_module.check, site.root, **{"fieldnotes_today": TODAY, **settings})


def test_findings_in_drafts_are_advice_and_in_scheduled_notes_faults(journal: Site) -> None:
    tags = "[Spark, YARN]"
    body = "[a](rough.md), [b](later.md#a-section),\n[c](gone.md), [d](#of-rough).\n"
    journal.write("notes/one.md", note("One", tags=tags, body=body))
    journal.write("notes/later.md", note("Later", tags=tags, date="2026-11-23", body="[c](gone.md)\n"))
    rough = "(of-rough)=\n[b](later.md), [c](gone.md).\n"
    journal.write("notes/rough.md", note("Rough", tags=tags, draft="true", body=rough))
    journal.write("notes/unfit.md", note("Unfit", tags=tags, draft="true", lane="nowhere"))
    expected = [
        ("notes/later.md", 1, Code.WAITING, "the note is scheduled for 2026-11-23 and not published yet", True),
        ("notes/later.md", 9, "myst.xref_missing", GONE, False),
        ("notes/one.md", 9, "myst.xref_missing", "local id not found in doc 'notes/later': 'a-section'", True),
        ("notes/one.md", 9, Code.UNPUBLISHED, "`notes/later.md` is scheduled for 2026-11-23, so the link is dead", False),
        ("notes/one.md", 9, Code.UNPUBLISHED, "`notes/rough.md` is a draft, so the link is dead", False),
        ("notes/one.md", 10, "myst.xref_missing", GONE, False),
        ("notes/one.md", 10, "myst.xref_missing", "'myst' cross-reference target not found: 'of-rough'", False),
        ("notes/rough.md", 1, Code.WAITING, "the note is a draft and not published yet", True),
        ("notes/rough.md", 11, "myst.xref_missing", GONE, True),
        ("notes/unfit.md", 1, Code.WAITING, "the note is a draft and not published yet", True),
        ("notes/unfit.md", 3, Code.LANE, "`lane` `nowhere` is not a lane", True),
    ]  # fmt: skip
    for _again in range(2):
        findings = check(journal)
        assert [(f.path, f.line, f.code, f.message.partition(";")[0], f.is_advice) for f in findings] == expected


def test_faults_are_reported_until_fixed(journal: Site) -> None:
    journal.write("notes/a.md", note("A", tags="[Spark, YARN]", body="[first](first.md#a-section)\n\n12 s\n"))
    first = [("notes/a.md", 11, Code.NUMBER)]
    gone = [("notes/a.md", 9, "myst.xref_missing")]
    assert [(f.path, f.line, f.code) for f in check(journal)] == first
    journal.write("notes/first.md", note("First", tags="[Spark, YARN]", body="Text.\n"))
    for _again in range(2):
        assert [(f.path, f.line, f.code) for f in check(journal)] == gone + first
    journal.write("notes/a.md", note("A", tags="[Spark, YARN]", body="[first](first.md)\n"))
    assert check(journal) == []


def test_check_repeats_faults_without_reading_the_text_again(journal: Site) -> None:
    """Imported posts have thousands of faults; fixing one note must not cost reading all the others."""
    journal.lab()
    body = "##\n\nSee [here](https://example.com) for 12 s.\n\n{{< shortcode >}}\n\n![](a.svg)\n"
    journal.write("notes/a.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    journal.write("notes/faulty.md", note("Faulty", tags="[Spark, YARN]", body=body))
    journal.write(
        "notes/lab.md", note("Lab", tags="[Spark, YARN]", body="{result}`speed:time.median` in 3 runs of 7 s.\n")
    )
    journal.write("notes/gone.md", note("Gone", tags="[Spark, YARN]", body="![Text](gone.svg)\n"))

    def doctree_times() -> dict[str, int]:
        doctrees = (journal.root / "_build/check/doctrees/notes").glob("*.doctree")
        return {path.stem: path.stat().st_mtime_ns for path in doctrees}

    findings = check(journal)
    codes = {finding.code for finding in findings if finding.path == "notes/faulty.md"}
    assert codes == {Code.HEADING, Code.BARE, Code.NUMBER, Code.SOURCES, Code.FOREIGN, Code.ALT}
    before = doctree_times()
    for _again in range(2):
        assert check(journal) == findings
    assert {name for name, time in doctree_times().items() if time != before[name]} == {"lab", "gone"}
    journal.write("notes/first.md", note("Other First", tags="[Spark, YARN]"))
    assert check(journal) == findings
    journal.write("notes/faulty.md", note("Faulty", tags="[Spark, YARN]"))
    assert [f for f in findings if f.path != "notes/faulty.md"] == check(journal)
    (journal.root / "notes/faulty.md").unlink()
    assert {finding.path for finding in check(journal)} == {"notes/lab.md", "notes/gone.md"}


def test_suppress_warnings_silences_a_rule(journal: Site) -> None:
    journal.write("notes/a.md", note("A", tags="[Spark, Spork]", body="It took 12 s. [a](gone.md)\n"))
    assert [f.code for f in check(journal)] == [Code.LONE_TAG, Code.NUMBER, "myst.xref_missing"]
    silent = ["fieldnotes.loose-number", "fieldnotes.lone-tag"]
    assert [f.code for f in check(journal, suppress_warnings=silent)] == ["myst.xref_missing"]


NEAR_TAGS = [("SLO", "SLOs"), ("Data Lakes", "DataLake"), ("Retries", "Retry"), ("Batches", "Batch")]


def test_nearly_equal_tags_are_reported(journal: Site) -> None:
    for number, (one, other) in enumerate([*NEAR_TAGS, ("Indexes", "Index of")]):
        for name, tag in (("a", one), ("b", one), ("c", other)):
            journal.write(f"notes/{name}{number}.md", note(f"{name}{number}", tags=f"[Spark, {tag}]"))
    *problems, index_of = sorted(check(journal), key=lambda problem: problem.path)
    assert (index_of.path, index_of.code) == ("notes/c4.md", Code.LONE_TAG)
    for number, (problem, (one, other)) in enumerate(zip(problems, NEAR_TAGS, strict=True)):
        place = (problem.path, problem.line, problem.column, problem.code)
        assert place == (f"notes/c{number}.md", 6, 15, Code.NEAR_TAG)
        assert problem.message == f"`{other}` is almost `{one}` in notes/b{number}.md; use one spelling"


@pytest.mark.parametrize("names", ["[Spark, SLOs, Status]", "[Kubernetes, Bus, Analysis]", "[Series, Serial]"])
def test_different_tags_are_not_reported(journal: Site, names: str) -> None:
    journal.write("notes/a.md", note("A", tags=names))
    assert {p.code for p in check(journal)} <= {Code.LONE_TAG}


def test_check_uses_the_day_in_conf_py(journal: Site) -> None:
    journal.write("notes/a.md", note("A", date="2126-01-02", tags="[Spark, YARN]"))
    waits = [("notes/a.md", Code.WAITING)]
    for day, expected in [
        ("", waits),
        ("2126-01-01", waits),
        ("2126-01-02", []),
        ("soon", [("conf.py", Code.DAY), *waits]),
    ]:
        assert [(f.path, f.code) for f in check(journal, fieldnotes_today=day)] == expected
    conf = journal.root / "conf.py"
    conf.write_text(re.sub("(?m)^fieldnotes_today = .*$", 'fieldnotes_today = "2126-01-02"', conf.read_text()))
    assert call(check_module.check, journal.root) == []


def test_check_prints_one_line_for_each_fault_and_advice(journal: Site, capsys: pytest.CaptureFixture[str]) -> None:
    journal.write("notes/a.md", note("A", tags="[Spork, Spark]", date="2126-01-02"))
    journal.write("notes/b.md", note("B", lane="kitchen", tags="[Spark, '!']"))
    assert call(check_module.main, [str(journal.root)]) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "notes/b.md:3: unknown-lane `lane` `kitchen` is not a lane; the lanes are ai-systems, bigdata, data-platforms",
        "notes/b.md:6: tag-name `tags` item 2 `!` cannot be turned into a page address; use a word with letters or digits",
        "notes/a.md:6: lone-tag advice: no other note has the tag `Spork`; did you mean `Spark`?",
        "notes/a.md:1: waiting advice: the note is scheduled for 2126-01-02 and not published yet",
    ]
    assert printed.err == "2 to fix, 2 to consider\n"
    (journal.root / "notes/b.md").unlink()
    assert call(check_module.main, [str(journal.root)]) == 0


def test_check_summarizes_repeated_advice(journal: Site, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        journal.write(f"notes/a{number}.md", note(f"A{number}", tags="[Spark, YARN]", draft="true"))
    assert call(check_module.main, [str(journal.root)]) == 0
    assert capsys.readouterr().out == (
        "notes/a0.md:1: waiting advice: the note is a draft and not published yet"
        " (and 4 more places: notes/a1.md:1, notes/a2.md:1, notes/a3.md:1, …)\n"
    )
    assert len(check(journal)) == 5


def test_check_prints_json(journal: Site, capsys: pytest.CaptureFixture[str]) -> None:
    journal.write("notes/a.md", note("A", tags="[Spark, Spork]", body="A\nhttps://example.org/a [a](gone.md)"))
    assert call(check_module.main, [str(journal.root), "--format=json"]) == 1
    lone, bare, gone = json.loads(capsys.readouterr().out)
    assert bare == {
        "path": "notes/a.md",
        "line": 10,
        "column": 1,
        "code": "bare-link",
        "message": "https://example.org/a is a bare URL; write `[what it is](https://example.org/a)`",
        "level": "fault",
    }
    assert (lone["code"], lone["level"], lone["column"]) == ("lone-tag", "advice", 15)
    assert (gone["code"], gone["level"]) == ("myst.xref_missing", "fault")
    (journal.root / "notes/a.md").unlink()
    assert call(check_module.main, [str(journal.root), "--format=json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize("options", [["--format=xml"], ["nowhere"], ["notes"]])
def test_check_that_cannot_run_exits_with_status_2(journal: Site, options: list[str]) -> None:
    done = run_command("check", *options, folder=journal.root, environment={**os.environ})
    assert done.returncode == 2
    assert done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("code", ["1 / 0", "def setup(app):\n    app.connect('doctree-read', lambda *_: 1 / 0)"])
def test_crash_of_the_build_is_one_line(journal: Site, code: str, capsys: pytest.CaptureFixture[str]) -> None:
    with (journal.root / "conf.py").open("a") as conf:
        conf.write(f"\n{code}\n")
    assert call(check_module.main, [str(journal.root)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    stopped = r"the build failed at index\.md" if "setup" in code else r"conf\.py:\d+: ERROR: cannot be evaluated"
    assert re.fullmatch(rf"{stopped}: .*division by zero\)?; .*\n", printed.err)


def test_misspelling_is_reported_until_fixed(journal: Site) -> None:
    journal.write("notes/a.md", note("A", tags="[Spark, YARN]", body=f"This is\n{WRONG} end."))
    times = []
    for _again in range(2):
        assert [(f.path, f.line, f.code) for f in check(journal, fieldnotes_spelling=True)] == [
            ("notes/a.md", 10, Code.SPELLING)
        ]
        times.append((journal.root / "_build/check/doctrees/notes/a.doctree").stat().st_mtime_ns)
    assert times[0] == times[1]
    assert check(journal, fieldnotes_spelling=True, language="de") == []
    journal.write("pyproject.toml", '[tool.codespell]\nignore-words = "words.txt"\n')
    journal.write("words.txt", f"{WRONG}\n")
    assert check(journal, fieldnotes_spelling=True) == []


@pytest.mark.slow
def test_pre_commit_runs_the_check(journal: Site) -> None:
    """In a virtual environment that links to this one and counts as installed."""
    for name in ("Makefile", ".pre-commit-config.yaml"):
        journal.write(name, (ROOT / name).read_bytes())
    journal.write(".gitignore", ".venv\n__pycache__\n")
    for name in (
        "requirements.txt",
        "requirements/live.txt",
        "requirements/tests.txt",
        ".venv/site",
        ".venv/live",
        ".venv/tests",
    ):
        journal.write(name, "")
    for name in ("bin", "lib", "pyvenv.cfg"):
        (journal.root / ".venv" / name).symlink_to(f"{sys.prefix}/{name}")
    names = {f"GIT_{role}_{part}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "MAKE"))}
    environment |= {**names, "PRE_COMMIT_HOME": str(journal.root.parent / "hooks")}

    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=journal.root, env=environment, capture_output=True, text=True, check=False)

    assert git("init").returncode == 0
    subprocess.run([f"{sys.prefix}/bin/pre-commit", "install"], cwd=journal.root, env=environment, check=True)
    git("add", ".")
    sound = git("commit", "-m", "Sound")
    assert sound.returncode == 0, sound.stderr
    assert "check the notes" in sound.stderr
    journal.write("notes/a.md", note("A", tags="[Spark, YARN]", body="[a](gone.md)"))
    git("add", ".")
    broken = git("commit", "-m", "Broken")
    assert broken.returncode != 0
    assert f"notes/a.md:9: myst.xref_missing {GONE}; correct the path" in broken.stderr
    assert git("log", "--format=%s").stdout == "Sound\n"


def test_contributing_has_every_rule() -> None:
    rows = [f"| `{code.value}` | {code.about} |" for code in Code]
    rules = (ROOT / "CONTRIBUTING.md").read_text().partition("### Rules\n")[2].partition("\n#")[0]
    assert [line for line in rules.splitlines() if line.startswith("| `")] == rows
    assert all(code.about.endswith(".") for code in Code)
