"""`make new`: a valid draft under an unused name, or a line that says why not."""

from __future__ import annotations

import datetime
import os
import re
import shutil
import subprocess
import tempfile
import unicodedata
from pathlib import Path

import pytest
from conftest import DAY, ROOT, Site, note
from fieldnotes.catalog import loading
from fieldnotes.commands import check as check_module
from fieldnotes.commands import new
from fieldnotes.sources.problem import Code
from hypothesis import given
from hypothesis import strategies as st
from processes import call, run_command

TODAY = datetime.date.fromisoformat(DAY)
NOW = datetime.datetime.combine(TODAY, datetime.time(12), datetime.UTC)


def run(site: Site, answers: str = "", **fields: str) -> subprocess.CompletedProcess[str]:
    """Run `make new` as the Makefile does, with these variables."""
    environment = {"PATH": os.environ["PATH"], "FIELDNOTES_TODAY": DAY, **fields}
    return run_command("new", folder=site.root, environment=environment, answers=answers)


def test_new_note_is_a_draft_that_builds(site: Site) -> None:
    site.write("notes/old.md", note("Old", tags="[Spark, 'C++']"))
    done = run(site, TITLE="What a Queue Hides", LANE="bigdata", TAGS="spark, Queues,  c++ ")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "notes/what-a-queue-hides.md is a draft; its address will be notes/what-a-queue-hides.html",
        "`Queues` is a new tag",
        "`make live` shows it. To publish it, remove `draft: true` and set `date` to the day of publication.",
    ]
    created = loading.load(site.root, NOW, drafts=True).catalog.notes_by_docname["notes/what-a-queue-hides"]
    assert (created.title, created.lane, created.date, created.tags, created.draft) == (
        *("What a Queue Hides", "bigdata", TODAY, ("Spark", "Queues", "C++"), True),
    )
    hidden = site.build()
    assert (hidden.status, hidden.log) == (0, "")
    assert b"ueue Hides" not in b"".join(hidden.files().values())
    shown = site.build("-D", "fieldnotes_drafts=1")
    assert (shown.status, shown.log) == (0, "")
    page = shown.page("notes/what-a-queue-hides").select_one("article")
    assert [heading.get_text() for heading in page.select("h2")] == [
        *("What to look at¶", "What to do¶", "Where this ends¶", "Sources¶")
    ]
    assert "%" not in page.get_text()
    assert "Say here" not in page.get_text()


def test_new_note_has_the_day_in_conf_py(site: Site) -> None:
    site.write("conf.py", f"{(ROOT / 'conf.py').read_text()}\nfieldnotes_today = '2026-10-01'\n")
    done = run(site, **GOOD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "date: 2026-10-01\n" in (site.root / "notes/a-title.md").read_text()
    assert "Read in October 2026." in (site.root / "notes/a-title.md").read_text()


@pytest.mark.parametrize("hours", [-12, 14])
def test_new_note_has_today_in_the_time_zone_of_the_journal(site: Site, hours: int) -> None:
    name = f"Etc/GMT{-hours:+}"  # POSIX reverses the sign
    site.write("conf.py", f"{(ROOT / 'conf.py').read_text()}\nfieldnotes_timezone = {name!r}\n")
    there = datetime.timezone(datetime.timedelta(hours=hours))
    days = [datetime.datetime.now(there).date()]
    assert run(site, **GOOD | {"FIELDNOTES_TODAY": "", "TZ": "Etc/GMT"}).returncode == 0
    days.append(datetime.datetime.now(there).date())
    (day,) = re.findall(r"^date: (.*)$", (site.root / "notes/a-title.md").read_text(), re.MULTILINE)
    assert datetime.date.fromisoformat(day) in days


def test_failing_conf_py_is_reported_and_nothing_is_written(site: Site) -> None:
    site.write("conf.py", "1 / 0\n")
    done = run(site, **GOOD)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "make new: conf.py: cannot be evaluated: ZeroDivisionError: division by zero; correct it"
    )
    assert not list((site.root / "notes").iterdir())


@pytest.mark.parametrize("date", [DAY, "2126-01-02"])
def test_outline_placeholders_are_reported_unless_the_note_is_a_draft(site: Site, date: str) -> None:
    run(site, TITLE="A note", LANE="bigdata", TAGS="Spark")
    file = site.root / "notes/a-note.md"
    shown = site.build("-D", "fieldnotes_drafts=1")
    assert (shown.status, shown.log) == (0, "")
    file.write_text(file.read_text().replace("draft: true\n", "").replace(f"date: {DAY}", f"date: {date}"))
    lines = file.read_text().splitlines()
    left = [number for number, line in enumerate(lines, start=1) if line.startswith(("%", "summary:"))]
    message = "this line is from the outline of `make new`; replace it or remove it"
    assert site.build().warnings == [
        f"notes/a-note.md:{line}: WARNING: {message} [fieldnotes.outline]" for line in left
    ]
    findings = call(check_module.check, site.root, fieldnotes_today=str(TODAY), fieldnotes_spelling=False)
    placeholders = [finding for finding in findings if finding.code == Code.OUTLINE]
    assert [(finding.path, finding.line) for finding in placeholders] == [("notes/a-note.md", line) for line in left]


def test_make_new_passes_its_variables(site: Site) -> None:
    """Quotes, colons and an escaped dollar sign reach the file through make."""
    if not (ROOT / ".venv/site").exists():
        pytest.skip("the tests run outside the journal's own environment")
    shutil.copy(ROOT / "Makefile", site.root / "Makefile")
    (site.root / ".venv").symlink_to(ROOT / ".venv")
    title = """It's "quoted": a #1 & $$5 for [you]"""
    command = ["make", "-o", ".venv/site", "new", f"TITLE={title}", "LANE=AI systems", "TAGS=Cost"]  # installs nothing
    shell = {**os.environ, "NAME": "DESKTOP-ABC", "TAGS": "of the shell"}
    done = subprocess.run(command, cwd=site.root, env=shell, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (created,) = loading.load(site.root, NOW + datetime.timedelta(10**4), drafts=True).catalog.notes
    assert created.title == title.replace("$$", "$")
    assert (created.docname, created.lane) == ("notes/its-quoted-a-1-5-for-you", "ai-systems")


GOOD = {"TITLE": "A title", "LANE": "bigdata", "TAGS": "Spark"}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"LANE": "bigdta"},
            "`lane` `bigdta` is not a lane; did you mean `bigdata`?",
        ),
        ({"LANE": "kitchen"}, "`lane` `kitchen` is not a lane; the lanes are ai-systems, data-platforms, bigdata"),
        ({"LANE": ""}, "`lane` is empty; write something"),
        ({"TITLE": " "}, "`title` is empty; write something"),
        ({"TITLE": "x" * 301}, "`title` is 301 characters long; keep it to 300"),
        ({"TITLE": "There"}, "notes/there.md already has this title; give another one"),
        ({"TITLE": "there!"}, "notes/there.md already exists; choose a file name, as in NAME=another-name"),
        ({"TITLE": "Upper"}, "notes/upper.md already exists"),
        ({"TITLE": "Rough"}, "notes/rough.md already exists"),
        (
            {"TITLE": "Before"},
            "notes/before.html is a former address of notes/there.md, and redirects there; choose a file name",
        ),
        ({"TITLE": "2026"}, "notes/2026.html is the address of an archive page"),
        ({"TITLE": "Index"}, "notes/index.html is the address of an archive page"),
        (
            {"TITLE": "日本 🚀"},
            "the title has no Latin letter or digit for an address; choose a file name",
        ),
        ({"TITLE": "a\u202eb"}, "`title` contains the unprintable character U+202E"),
        ({"NAME": "../x"}, "`../x` cannot be the file name of a note; use letters, digits and hyphens"),
        ({"NAME": "a?b"}, "`a?b` cannot be the file name of a note"),
        ({"NAME": "x" * 300}, f"`{'x' * 60}…`: the file name is too long; keep it to 200 bytes"),
        ({"NAME": "THERE"}, "notes/THERE.md already exists"),
        ({"TAGS": " , "}, "a note needs a tag; separate tags with commas"),
        ({"TAGS": 'a "b"'}, '`tags` item 1 contains `"`'),
        ({"TAGS": "A B, A/B"}, "`tags` has `A B` and `A/B`, which share one page"),
        ({"TAGS": "!!"}, "`tags` item 1 `!!` cannot be turned into a page address"),
        ({"FIELDNOTES_TODAY": "soon"}, "conf.py: `fieldnotes_today` is `soon`, not a date"),
    ],
)
def test_invalid_input_is_reported_and_nothing_is_written(
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fields: dict[str, str],
    message: str,
) -> None:
    site.write("notes/there.md", note("There", formerly="[before]"))
    site.write("notes/Upper.md", note("Another"))
    site.write("notes/rough.md", "No front matter.")
    before = {path: path.read_bytes() for path in (site.root / "notes").rglob("*")}
    monkeypatch.chdir(site.root)
    for name, value in {"FIELDNOTES_TODAY": DAY, **GOOD, **fields}.items():
        monkeypatch.setenv(name, value)
    assert new.main() == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"make new: {message}")
    assert printed.err.count("\n") == 1
    assert {path: path.read_bytes() for path in (site.root / "notes").rglob("*")} == before


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Größe, façade & naïve — Ærø", "grosse-facade-naive-r"),
        ("It's what you've got", "its-what-youve-got"),
        ("🚀 Launch", "launch"),
        ("--- ../..", ""),
        ("word " * 60, "-".join(["word"] * 16)),
        ("x" * 300, "x" * 80),
        ("C++ / C#: 50 %", "c-c-50"),
    ],
)
def test_file_name_is_derived_from_the_title(title: str, name: str) -> None:
    assert new.file_name(title) == name


def test_title_without_latin_letters_needs_a_name(site: Site) -> None:
    done = run(site, **GOOD | {"TITLE": "日本 🚀", "NAME": "japan"})
    assert done.returncode == 0
    assert "title: 日本 🚀\n" in (site.root / "notes/japan.md").read_text(encoding="utf-8")


def test_missing_fields_are_prompted_for_until_valid(site: Site) -> None:
    site.write("notes/there.md", note("There", tags="[Watermarks]"))
    done = run(site, "\nThere\nthere?\n2026\nfine\nlane\nbigdata\n\nWatermark\n")
    assert done.returncode == 0
    assert [line.strip() for line in done.stderr.splitlines()] == [
        "`title` is empty; write something, or remove the line",
        "notes/there.md already has this title; give another one",
        "notes/there.md already exists; choose a file name, as in NAME=another-name",
        "notes/2026.html is the address of an archive page; choose a file name, as in NAME=another-name",
        "`lane` `lane` is not a lane; the lanes are ai-systems, data-platforms, bigdata",
        "a note needs a tag; separate tags with commas, as in: Spark, YARN",
    ]
    assert "Lane (ai-systems, data-platforms, bigdata): " in done.stdout
    assert "`Watermark` is a new tag; did you mean `Watermarks`?" in done.stdout
    assert "title: there?" in (site.root / "notes/fine.md").read_text()


@pytest.mark.parametrize("name", ["2024-01-02-My_Post", "2024/über uns", "notes/a.md"])
def test_name_that_the_build_accepts_is_accepted(site: Site, name: str) -> None:
    done = run(site, **GOOD | {"NAME": name})
    assert (done.returncode, done.stderr) == (0, "")
    docname = f"notes/{name.removeprefix('notes/').removesuffix('.md')}"
    assert [note.docname for note in loading.load(site.root, NOW, drafts=True).catalog.notes] == [docname]


def test_outline_comes_from_a_template(site: Site) -> None:
    site.write("_templates/note.md", "---\nsummary: Say it.\n---\n\n% Of {month} {year}: why.\n\n## Cost of {{x}}\n")
    with (site.root / "conf.py").open("a") as conf:
        conf.write('fieldnotes_optional = ["summary", "tags"]\nlanguage = "de"\n')
    done = run(site, "\n", TITLE="A", LANE="bigdata", FIELDNOTES_TODAY="2026-03-01")
    assert (done.returncode, done.stderr) == (0, "")
    text = (site.root / "notes/a.md").read_text()
    assert "summary: Say it.\n" in text
    assert "tags" not in text
    assert text.endswith("\n---\n\n% Of März 2026: why.\n\n## Cost of {{x}}\n")
    (site.root / "_templates/note.md").unlink()
    assert run(site, **GOOD | {"TITLE": "B"}).returncode == 0
    assert (site.root / "notes/b.md").read_text().endswith("draft: true\n---\n")


def test_journal_without_lanes_is_reported_before_any_question(site: Site) -> None:
    shutil.rmtree(site.root / "lanes")
    done = run(site, "A title\n")
    message = "make new: the journal has no valid lane; write one in lanes/, and run `make check`\n"
    assert (done.stdout, done.stderr) == ("", message)


def test_missing_variables_are_listed(site: Site) -> None:
    assert run(site, TITLE="A title").stderr.endswith(
        "nothing was written; pass LANE= and TAGS=, or answer the questions\n"
    )


def test_nothing_is_written_without_answers(site: Site) -> None:
    done = run(site, "A title\n")
    assert done.returncode == 1
    assert "nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((site.root / "notes").iterdir())


def test_dangling_symlink_is_not_written_through(site: Site) -> None:
    (site.root / "notes/a-title.md").symlink_to(site.root / "elsewhere.md")
    done = run(site, **GOOD)
    assert done.returncode == 1
    assert not (site.root / "elsewhere.md").exists()


@given(st.text(max_size=330), st.text(max_size=40))
def test_arbitrary_title_and_tags_give_a_valid_note_or_one_line(title: str, tags: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "lanes").mkdir()
        shutil.copy(ROOT / "tests/sample/lanes/bigdata.md", root / "lanes/bigdata.md")
        try:
            new.create(root, {"TITLE": title, "LANE": "bigdata", "TAGS": tags}, input, NOW)
        except new.Refused as error:
            refused = str(error)
        else:
            refused = ""
        if refused:
            assert re.fullmatch(r"[^\n]+", refused)
            assert not list(root.glob("notes/*"))
            return
        loaded = loading.load(root, NOW, drafts=True)
        assert loaded.problems == ()
        (created,) = loaded.catalog.notes
        assert "".join(created.title.split()) == "".join(unicodedata.normalize("NFC", title).split())
