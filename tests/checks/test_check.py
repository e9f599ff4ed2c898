"""What can be said of a journal without building it: where, by which rule, and as the build would say it."""

from __future__ import annotations

import datetime
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

if TYPE_CHECKING:
    from pathlib import Path

TODAY = datetime.date(2026, 11, 22)
SOURCES = "\n\n## Sources\n\nRead in May 2026.\n\n- [A guide](https://example.org/guide)\n"
WRONG = "het"[::-1]
"""A word that codespell knows to be misspelled, which would find it here as well."""
HEADER = 8
"""Lines above the text of a note."""
SVG = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'><path class='line' d='M 0 0'/></svg>"


def test_what_waits_is_told_and_a_draft_fails_nothing(site: Site) -> None:
    tags = "[Spark, YARN]"
    body = "[a](rough.md), [b](later.md#a-section), [c](gone.md).\n"
    site.write("notes/one.md", note("One", tags=tags, body=body))
    site.write("notes/later.md", note("Later", tags=tags, date="2026-11-23"))
    site.write("notes/rough.md", note("Rough", tags=tags, draft="true", body="[b](later.md), [c](gone.md).\n"))
    site.write("notes/unfit.md", note("Unfit", tags=tags, draft="true", lane="nowhere"))
    assert [
        (p.path, p.code, p.message.partition(";")[0], p.is_advice) for p in check_module.check(site.root, TODAY)
    ] == [
        ("notes/later.md", Code.WAITING, "it is scheduled for 2026-11-23, and not published", True),
        ("notes/one.md", Code.UNPUBLISHED, "`notes/rough.md` is a draft, so the link leads nowhere", False),
        (
            "notes/one.md",
            Code.UNPUBLISHED,
            "`notes/later.md` is scheduled for 2026-11-23, so the link leads nowhere",
            False,
        ),
        ("notes/one.md", Code.LINK, "gone.md leads to no page and no file", False),
        ("notes/rough.md", Code.WAITING, "it is a draft, and not published", True),
        ("notes/rough.md", Code.LINK, "gone.md leads to no page and no file", True),
        ("notes/unfit.md", Code.WAITING, "it is a draft, and not published", True),
        ("notes/unfit.md", Code.LANE, "`lane` `nowhere` is not a lane", True),
    ]


@pytest.fixture
def journal(site: Site) -> Site:
    """A journal of two notes without a fault, one of which has places to lead to."""
    site.lab()
    body = "(a-place)=\nSome text.\n\n## A section\n\n### Deeper\n\n#### Deepest\n\n[There](other.md)\n"
    site.write("notes/first.md", note("First", tags="[Spark, YARN]", formerly="[oldest]", body=body))
    site.write("notes/other.md", note("Other", tags="[Spark, YARN]"))
    site.write("notes/diagrams/good.svg", SVG)
    site.write("notes/picture.png", b"")
    return site


def found(site: Site, body: str) -> list[tuple[int, int, Code, str]]:
    """What is found in a note with this text, with lines counted from its first."""
    site.write("notes/x.md", note("X", tags="[Spark, YARN]", body=body))
    problems = [problem for problem in check_module.check(site.root, TODAY) if problem.path == "notes/x.md"]
    return [(problem.line - HEADER, problem.column, problem.code, problem.message) for problem in problems]


FAULTS = [
    # links
    ("[a](gone.md)", 1, 5, Code.LINK, "gone.md leads to no page and no file; correct the path"),
    ("[a](othar.md)", 1, 5, Code.LINK, "did you mean `other.md`?"),
    ("[a](other.html)", 1, 5, Code.LINK, "did you mean `other.md`?"),
    ("[a](oldest.md)", 1, 5, Code.LINK, "that note is now `first.md`"),
    ("[a](/notes/gone.md#x)", 1, 5, Code.LINK, "/notes/gone.md#x leads to no page"),
    ("<project:gone.md>", 1, 2, Code.LINK, "gone.md leads to no page"),
    ("[a](../README.md)", 1, 5, Code.LINK, "leads to no page"),
    ("[a]()", 1, 1, Code.LINK, "the link leads to no page"),
    ("One\ntwo [a](first.md#a-secton).", 2, 9, Code.LINK, "is no place of notes/first.md; did you mean `#a-section`?"),
    ("[a](first.md#deepest)", 1, 5, Code.LINK, "`#deepest` is no place of notes/first.md"),
    ("[a](#nowhere)", 1, 5, Code.LINK, "`#nowhere` is no place of this page; name a heading"),
    ("- one\n\n  - [a](gone.md)", 3, 9, Code.LINK, "gone.md leads"),
    ("| A |\n| --- |\n| [a](gone.md) |", 3, 7, Code.LINK, "gone.md leads"),
    ("> [a](gone.md)", 1, 7, Code.LINK, "gone.md leads"),
    ("```{note}\n:class: x\n\nSee [a](gone.md)\n```", 4, 9, Code.LINK, "gone.md leads"),
    (":::{note}\nSee [a](gone.md)\n:::", 2, 9, Code.LINK, "gone.md leads"),
    ("[a][b]\n\n[b]: gone.md", 1, 1, Code.LINK, "gone.md leads"),
    ("A `[b](gone.md)` and [a](gone.md)", 1, 8, Code.LINK, "gone.md leads"),
    ("{page}`Spark <tags/sparks>`", 1, 8, Code.PAGE, "`tags/sparks` is not a page of the site; did you mean `tags/spark`?"),
    # how links look
    (f"See https://example.org/a.{SOURCES}", 1, 5, Code.BARE, "the address https://example.org/a stands bare; write"),
    (f"See <https://example.org/a>.{SOURCES}", 1, 6, Code.BARE, "the link to https://example.org/a shows its address"),
    (f"[here](https://example.org/a){SOURCES}", 1, 8, Code.BARE, "is named `here`; name what it leads to"),
    (f"[](https://example.org/a){SOURCES}", 1, 4, Code.BARE, "has no text; name what"),
    ("[a](https://example.org/a)", 1, 5, Code.SOURCES, "has external links and no sources; end it with"),
    (SOURCES.replace("Read in", "In"), 3, 1, Code.SOURCES, "the sources do not say when they were read"),
    # pictures
    ("![](picture.png)", 1, 5, Code.ALT, "the picture picture.png has no text; say in words"),
    ("```{image} picture.png\n```", 1, 12, Code.ALT, "the picture picture.png has no text"),
    ("```{figure} picture.png\n\nA caption.\n```", 1, 13, Code.ALT, "has no text"),
    ("<img src='picture.png'>", 1, 1, Code.ALT, "the picture has no text; give it an alt attribute"),
    ("A <img src='picture.png' alt=' '> b", 1, 3, Code.ALT, "the picture has no text"),
    ("![A](gone.png)", 1, 6, Code.PICTURE, "gone.png is not there; correct the path"),
    ("![A](https://example.org/a.png)" + SOURCES, 1, 6, Code.PICTURE, "comes from another host, and no page may load it"),
    ("```{diagram} diagrams/gone.svg\n:alt: A.\n```", 1, 14, Code.DIAGRAM, "notes/diagrams/gone.svg cannot be read"),
    ("```{diagram} diagrams/good.svg\n```", 1, 14, Code.DIAGRAM, "has no text equivalent; add `:alt:`"),
    # headings and blocks
    ("## A\n\n#### B", 3, 1, Code.HEADING, "a heading of level 4 stands below one of level 2; begin it with `###`"),
    ("### A", 1, 1, Code.HEADING, "a heading of level 3 stands below one of level 1"),
    ("##\n\nText", 1, 1, Code.HEADING, "the heading is empty"),
    ("Text\n\n```python\nx = 1", 3, 1, Code.OPEN_FENCE, "is never closed; close it"),
    (":::{note}\nText", 1, 1, Code.OPEN_FENCE, "is never closed"),
    ("Text\n\n<!-- x", 3, 1, Code.OPEN_FENCE, "is never closed"),
    ("```{tags} Spark\n```", 1, 11, Code.TAG, "a note's tags stand in its front matter; remove"),
    # numbers, labs, words
    ("It took\n12 s.", 2, 1, Code.NUMBER, "12 has no lab and no source"),
    ("With `k` it took 12, not `x`.", 1, 18, Code.NUMBER, "12 has no lab and no source, and is not said to be made up; quote or mark it: With … it took 12, not …."),
    ("It took {result}`speed:tim`.", 1, 18, Code.RESULT, "`speed:tim` is not a result of a lab"),
    ("It took {number}`sped:time.median`.", 1, 18, Code.RESULT, "did you mean `speed:time.median`?"),
    ("```{lab-figure} speed:curv\nA.\n```", 1, 17, Code.RESULT, "not a figure of a lab; did you mean `speed:curve`?"),
    (f"This is\n{WRONG} end.", 2, 1, Code.SPELLING, f"`{WRONG}` is misspelled; did you mean the?"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "line", "column", "code", "message"), FAULTS)
def test_a_fault_is_told_where_it_is(
    journal: Site, body: str, line: int, column: int, code: Code, message: str
) -> None:
    ((at_line, at_column, by, text),) = found(journal, body)
    assert (at_line, at_column, by) == (line, column, code)
    assert message in text
    assert "; " in text


SOUND = rf"""
[First](first.md), [a section](first.md#a-section), [deeper](/notes/first.md#deeper), [](other.md), [lane](../lanes/bigdata.md),
[home](/index.md), [by name](other), [it](#a-place), [](first.md#a-place), [inner](#its-own), [drawing](diagrams/good.svg),
<project:first.md#a-section>, [mail](mailto:a@example.org), [`code`](https://example.org/a), ![A picture](picture.png).

{{page}}`Spark <tags/spark>`, {{page}}`notes/index`, {{result}}`speed:time.median` and {{number}}`speed:change`.

Code: `[a](gone.md)`, `https://example.org`, \[a\](gone.md).

```text
[a](gone.md) https://example.org 12 ms
```

```{{diagram}} diagrams/good.svg
:alt: A line.

It is [drawn](first.md).
```

```{{lab-figure}} speed:curve
It falls.
```

[a reference][ref] and a footnote.[^1]

[ref]: other.md
[^1]: In [another note](other.md).

## A

### Its own

:::{{note}}
Leads to [](#its-own).
:::

## B

```{{figure}} picture.png
:alt: A picture.
:name: named

A caption.
```

[named](#named)
{SOURCES}"""


def test_what_is_right_is_not_told_and_builds(journal: Site) -> None:
    assert found(journal, SOUND) == []
    built = journal.build()
    assert built.status == 0, built.log


BY_BOTH = {Code.LINK, Code.PAGE, Code.DIAGRAM, Code.HEADING, Code.OPEN_FENCE, Code.TAG, Code.RESULT}
"""Rules that a build knows too, itself or by its own tools."""


def test_what_a_build_tells_of_too_is_told_on_the_same_line(journal: Site) -> None:
    known = {"[a]()", "##\n\nText"}  # a build knows these in another way, or not at all
    faults = [fault for fault in FAULTS if fault[3] in BY_BOTH and fault[0] not in known and "\ntwo " not in fault[0]]
    for number, (body, *_rest) in enumerate(faults):
        journal.write(f"notes/x{number:02}.md", note(f"X{number}", tags="[Spark, YARN]", body=body))
    checked = {(p.path, p.line) for p in check_module.check(journal.root, TODAY) if p.code in BY_BOTH}
    built = {
        (found[1], int(found[2]))
        for line in journal.build().warnings
        if (found := re.search(r"(notes/x\d+\.md):(\d+): WARNING", line))
    }
    assert checked == built
    assert len(checked) == len(faults)


@pytest.mark.parametrize(
    ("one", "other"),
    [("SLO", "SLOs"), ("Data Lakes", "DataLake"), ("Retries", "Retry"), ("Indexes", "Index of"), ("Batches", "Batch")],
)
def test_tags_that_are_nearly_one(journal: Site, one: str, other: str) -> None:
    journal.write("notes/a.md", note("A", tags=f"[Spark, {one}]"))
    journal.write("notes/b.md", note("B", tags=f"[Spark, {one}]"))
    journal.write("notes/c.md", note("C", tags=f"[Spark, {other}]"))
    problems = check_module.check(journal.root, TODAY)
    if other == "Index of":
        assert [(p.path, p.code) for p in problems] == [("notes/c.md", Code.LONE_TAG)]
        return
    ((path, line, column, code, message),) = [(p.path, p.line, p.column, p.code, p.message) for p in problems]
    assert (path, line, column, code) == ("notes/c.md", 6, 15, Code.NEAR_TAG)
    assert message == f"`{other}` is nearly `{one}` of notes/b.md; write both alike"


@pytest.mark.parametrize("names", ["[Spark, SLOs, Status]", "[Kubernetes, Bus, Analysis]", "[Series, Serial]"])
def test_tags_that_are_not_nearly_one(journal: Site, names: str) -> None:
    journal.write("notes/a.md", note("A", tags=names))
    assert {p.code for p in check_module.check(journal.root, TODAY)} <= {Code.LONE_TAG}


def run(folder: Path, *options: str, **fields: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fieldnotes.commands.check", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "_ext"), "PYTHONDONTWRITEBYTECODE": "1", **fields}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_its_day_is_that_of_the_build(journal: Site) -> None:
    journal.write("notes/a.md", note("A", date="2126-01-02", tags="[Spark, YARN]"))
    waits = "notes/a.md:1:1: waiting it is scheduled for 2126-01-02, and not published\n"
    for day, status, told in [
        ("", 0, waits),
        ("2126-01-01", 0, waits),
        ("2126-01-02", 0, ""),
        ("soon", 1, "conf.py:1:1: build-day `fieldnotes_today` is `soon`, not a date; write it as YYYY-MM-DD"),
    ]:
        done = run(journal.root, FIELDNOTES_TODAY=day)
        assert (done.returncode, done.stdout[: len(told) or None]) == (status, told)


def test_a_tag_of_one_note_is_told_and_fails_nothing(journal: Site) -> None:
    journal.write("notes/a.md", note("A", tags="[Spork, Spark]"))
    done = run(journal.root)
    message = "no other note has the tag `Spork`; did you mean `Spark`?"
    assert (done.returncode, done.stdout) == (0, f"notes/a.md:6:8: lone-tag {message}\n")
    assert done.stderr == "0 to mend, 1 to consider\n"


def test_faults_of_files_are_told_as_the_build_tells_them_and_fail(journal: Site) -> None:
    journal.write("notes/a.md", note("A", lane="kitchen", tags="[Spark, 2]", body="[a](gone.md)"))
    done = run(journal.root)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "notes/a.md:3:1: unknown-lane `lane` `kitchen` is not a lane; the lanes are ai-systems, bigdata, data-platforms",
        "notes/a.md:6:15: wrong-type `tags` item 2 is a number, not text; put it in quotes",
        "notes/a.md:9:5: broken-link gone.md leads to no page and no file; correct the path",
    ]


def test_programs_can_read_it(journal: Site) -> None:
    journal.write("notes/a.md", note("A", tags="[Spark, Spork]", body='[a]("gone".md)'))
    done = run(journal.root, "--format=json")
    assert done.returncode == 1
    lone, broken = json.loads(done.stdout)
    assert list(broken) == ["path", "line", "column", "code", "level", "message"]
    assert (broken["path"], broken["line"], broken["code"], broken["level"]) == (
        "notes/a.md",
        9,
        "broken-link",
        "fault",
    )
    assert (lone["code"], lone["level"]) == ("lone-tag", "advice")
    (journal.root / "notes/a.md").unlink()
    assert json.loads(run(journal.root, "--format=json").stdout) == []


def test_a_large_journal_is_read_in_processes(journal: Site) -> None:
    for number in range(check_module.MANY):
        body = f"[a](n{(number + 1) % check_module.MANY:03}.md#a-section)\n\n## A section\n\nIt took 12 s.\n"
        journal.write(f"notes/n{number:03}.md", note(f"N{number}", tags="[Spark, YARN]", body=body))
    done = run(journal.root)
    told = re.findall(r"^(.*?):(\d+):\d+: (\S+) ", done.stdout, re.MULTILINE)
    assert told == [(f"notes/n{number:03}.md", "13", "loose-number") for number in range(check_module.MANY)]


@pytest.mark.parametrize("options", [["--format=xml"], ["nowhere"], ["notes"]])
def test_what_cannot_run_says_so(journal: Site, options: list[str]) -> None:
    done = run(journal.root, *options)
    assert done.returncode == 2
    assert done.stderr
    assert done.stdout == ""


def test_a_word_that_the_journal_knows_is_not_misspelled(journal: Site) -> None:
    journal.write("pyproject.toml", '[tool.codespell]\nignore-words = "words.txt"\n')
    journal.write("words.txt", f"{WRONG}\n")
    assert found(journal, f"This is {WRONG} end.") == []


def test_git_can_run_it_before_a_commit(journal: Site) -> None:
    """With a virtual environment that is this one, and counts as installed."""
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
    assert "notes/a.md:9:5: broken-link gone.md leads" in broken.stderr
    assert git("log", "--format=%s").stdout == "Sound\n"


def test_the_journal_itself_has_no_fault() -> None:
    done = run(ROOT)
    assert done.returncode == 0, done.stdout


def test_contributing_has_every_rule() -> None:
    rows = [f"| `{code.value}` | {code.about} |" for code in Code]
    text = (ROOT / "CONTRIBUTING.md").read_text()
    assert (
        re.findall(r"^\| `[a-z-]+` \| [A-Z].* \|$", text.partition("### Rules\n")[2].partition("\n## ")[0], re.M)
        == rows
    )
    assert all(code.about.endswith(".") for code in Code)
