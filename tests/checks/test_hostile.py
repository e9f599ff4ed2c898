"""Any file gives a note or a message with path and reason: never a traceback, never an endless build."""

from __future__ import annotations

import datetime
import json
import os
import random
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from conftest import Site, note
from fieldnotes.catalog import loading
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code, Problem
from hypothesis import strategies as st
from processes import call

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

TODAY = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
WARNING = re.compile(r"^(?:/\S+/)?[\w./-]+\.(?:md|json|svg):\d*: (?:WARNING|ERROR): \S")

NESTING_WARNING = re.compile(
    r"(?:/\S+/)?notes/(x\d+-\d+)\.md:\d+: WARNING: .*?(?:\(and (\d+) more places: .*\))? \[fieldnotes\.(nesting|too-long)\]$"
)

PIECES = [
    *("\n", "\n\n", "    ", "\t", "- ", "1. ", "> ", "# ", "#### ", "---\n", "|", "|---|\n", ": ", "%", "+++", "\\"),
    *("```", "````", "~~~", ":::", "{note}", "{diagram} ", "{figure} ", "{lab-figure} ", "{tags} ", "{list-table}\n"),
    *(":alt: ", ":name: ", "[", "](", ")", "![", "]{", "}", "{.a}", "<", ">", "<!--", "-->", "<img ", "*", "**", "_"),
    *("`", "``", "(a)=\n", "[^1]", "[^1]: ", "[a]: ", "{page}`", "{result}`", "{number}`", "{doc}`", "{math}`", "$"),
    *("#a", "notes/x.md", "https://a.example", "12 s", "\0", "\u00e9", "\u2028", "&lt;", "'", '"', "word "),
]
"""Parts of random texts: the markup of MyST, and characters that mean nothing in it."""
TEXT = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=40).map(
    lambda parts: re.sub(r"\r\n?", "\n", "".join(parts))  # as when a file is decoded
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Site(tmp_path / "journal").root


@pytest.mark.parametrize("seed", range(int(os.environ.get("ROUNDS", "2"))))
def test_build_and_check_survive_random_texts(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(60):
        text = "".join(chance.choices(PIECES, k=chance.randrange(40)))
        site.write(f"notes/x{number}.md", note(f"X{number}", body=text).encode())
    built = site.build()
    assert "Traceback" not in built.log
    assert (built.out / "index.html").exists()
    assert built.warnings
    for line in built.warnings:
        assert WARNING.match(line), line
    for finding in call(check_module.check, site.root, fieldnotes_spelling=False):
        length = len((site.root / finding.path).read_text().split("\n"))
        assert 1 <= finding.line <= length
        assert finding.column >= 1
        assert finding.message.isprintable()


LONG = "x" * 300
CRASHED = [
    f"[*a*]({LONG}) [b](a%00b) [c](project:a%00b) ![d]({LONG}) {{download}}`{LONG}`",
    f"<a href='{LONG}'>a</a> <a href='a%00b'>b</a> <img src='{LONG}' alt='c'>",
    f"```{{include}} {LONG}\n```\n\n```{{diagram}} {LONG}\n:alt: A.\n```",
    "## Data ([csv](x0.md), {download}`../conf.py`, <a href='../conf.py'>a</a>)",
    "```{eval-rst}\n.. contents::\n\n.. [#] f\n\nA [#]_\n```",
    "{download}`a <nothing:here>`",
    "```{figure} https://a.example/x.png\n:alt: a\n:target: https://a.example\n\nA caption.\n```",
    "A[^gone].",
    "A[^1].\n\n[^1]: B[^1].",
    "A[^1].\n\n[^1]: B[^2].\n[^2]: C[^1].",
    "{math}`}`",
    "```{math}\n}\n```",
]
"""Random texts that once crashed a build."""


def test_build_survives_texts_that_once_crashed_it(site: Site) -> None:
    for number, text in enumerate(CRASHED):
        site.write(f"notes/x{number}.md", note(f"X{number}", body=f"Before.\n\n{text}\n"))
    built = site.build()
    assert "Traceback" not in built.log
    for number in range(len(CRASHED)):
        assert "Before." in built.html(f"notes/x{number}")
    assert max(map(len, built.warnings)) < 400


DEEP: list[tuple[str, Callable[[int], str], int]] = [
    ("lists", lambda deep: "\n".join("  " * level + "- a" for level in range(deep)), 9),
    ("numbered lists", lambda deep: "\n".join("   " * level + "1. a" for level in range(deep)), 9),
    ("lists of tabs", lambda deep: "\n".join("\t" * level + "- a" for level in range(deep)), 9),
    ("lists on a line", lambda deep: "- " * deep + "a", 9),
    ("quotes", lambda deep: ">" * deep + " a", 19),
    ("directives", lambda deep: "\n".join([":" * (3 + deep - n) + "{note}" for n in range(deep)] + ["a"] + [":" * (4 + n) for n in range(deep)]), 20),
    ("open directives", lambda deep: ":::{note}\n" * deep, 20),
    ("emphasis", lambda deep: "*a **b " * deep + "x" + "***" * deep, 10),
]  # fmt: skip


def test_build_and_check_report_each_note_nested_too_deeply(site: Site) -> None:
    deep = set()
    for kind, (name, text, most) in enumerate(DEEP):
        for depth in (most, 20 * most, 100 * most):
            if depth > most:
                deep.add(f"x{kind}-{depth}")
            site.write(f"notes/x{kind}-{depth}.md", note(f"{name} {depth}", body=f"{text(depth)}\n\nAfter.\n"))
    built = site.build()
    assert "Traceback" not in built.log
    warned = [warning for line in built.warnings if (warning := NESTING_WARNING.match(line))]
    assert [line for line in built.warnings if not NESTING_WARNING.match(line) and Code.OPEN_FENCE not in line] == []
    assert {warning[1] for warning in warned} <= deep
    assert sum(1 + int(warning[2] or 0) for warning in warned) == len(deep)  # repeated warnings are one line
    assert {warning[3] for warning in warned} <= {Code.NESTING, Code.LONG}
    for kind, (name, _text, most) in enumerate(DEEP):
        if name != "open directives":  # the text after them is inside the last one
            assert "After." in built.html(f"notes/x{kind}-{most}"), name
    reported = {finding.path for finding in call(check_module.check, site.root, fieldnotes_spelling=False)}
    assert {f"notes/{name}.md" for name in deep} <= reported


BOMB = "[x" + "".join(f", &a{n} [{f'*a{n - 1}, ' * 9}1]" if n else ", &a0 [1]" for n in range(9)) + "]"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("tags", BOMB, Code.TYPE),
        ("tags", "&a [*a, *a]", Code.YAML),
        ("title", "&a {x: *a}", Code.YAML),
        ("other", BOMB, Code.UNKNOWN),
        ("tags", f"[{', '.join(f't{number}' for number in range(2000))}]", Code.LONG),
        ("tags", f"[{', '.join(f't{number}' for number in range(10_000))}]", Code.LONG),
        ("formerly", f"[{', '.join(f'f{number}' for number in range(10_000))}]", Code.LONG),
    ],
)
def test_expanding_front_matter_is_reported(root: Path, field: str, value: str, code: Code) -> None:
    (root / "notes/x.md").write_text(note(**{field: value}))
    loaded = loading.load(root, TODAY)
    assert {problem.code for problem in loaded.problems} == {code}
    assert all(len(problem.message) < 500 for problem in loaded.problems)


def test_unusual_files_are_reported(site: Site) -> None:
    notes = site.root / "notes"
    site.write("notes/good.md", note("Good", body="![a](pipe.png)\n\n```{diagram} pipe.svg\n:alt: A.\n```\n"))
    site.write("notes/dir.md/inner.md", note("Inner"))
    site.write("notes/\x1b]0;title\x07.md", note("Named as an order to a terminal"))
    site.write(
        "notes/asking.md",
        note("Asking", body="![a](\x1b]0;title\x07.png) ![a](bell%07.png)\n\n```{include} \x1b[2J.md\n```\n"),
    )
    site.write("notes/bell\x07.png", b"")
    site.write("notes/long.md", note("Long", body="word " * 2_000_000))
    site.write("labs/pipe/lab.py", "")
    for name in ("notes/pipe.md", "notes/pipe.png", "notes/pipe.svg", "labs/pipe/results.json"):
        os.mkfifo(site.root / name)
    (notes / "loop").symlink_to(".")
    (notes / "up").symlink_to("..")
    (site.root / "lanes/loop").symlink_to("../notes")
    (notes / "self.md").symlink_to("self.md")
    (notes / "one.md").symlink_to("other.md")
    (notes / "other.md").symlink_to("one.md")
    (notes / "zero.md").symlink_to("/dev/zero")
    built = site.build()
    assert "Traceback" not in built.log
    for line in [
        "labs/pipe/results.json:1: WARNING: cannot be read: it is not a regular file",
        "lanes/loop:1: WARNING: is a symbolic link to a folder",
        "notes/loop:1: WARNING: is a symbolic link to a folder",
        "notes/up:1: WARNING: is a symbolic link to a folder",
        "notes/long.md:1: WARNING: is 10000089 bytes long; keep it to 200000",
        "notes/asking.md:9: WARNING: bell\ufffd.png has an unprintable character in its name; rename it",
        "notes/pipe.md:1: WARNING: cannot be read: it is not a regular file",
        "notes/zero.md:1: WARNING: is a link to a file that is outside the journal; copy the file into it",
        "notes/self.md:1: WARNING: cannot be read: Too many levels of symbolic links",
        "notes/one.md:1: WARNING: cannot be read: Too many levels of symbolic links",
        "notes/good.md:11: WARNING: notes/pipe.svg cannot be read: it is not a regular file",
    ]:
        assert line in built.log, (line, built.log)
    assert "\x1b" not in built.log
    assert (built.out / "notes/dir.md/inner.html").exists()
    assert (built.out / "notes/good.html").exists()
    reported = {problem.path for problem in call(check_module.check, site.root, fieldnotes_spelling=False)}
    assert {"notes/pipe.md", "notes/loop", "notes/zero.md", "labs/pipe/results.json", "notes/good.md"} <= reported


def test_unreadable_files_are_reported() -> None:
    """Runs as `nobody` if started by root, which can read every file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "notes").mkdir()
        (folder / "notes/x.md").write_text(note())
        (folder / "notes/x.md").chmod(0)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            problems = loading.load(folder, TODAY).problems
        finally:
            if is_root:
                os.seteuid(0)
    message = "cannot be read: Permission denied; correct the file or remove it"
    assert problems == (Problem("notes/x.md", 1, Code.UNREADABLE, message),)


HOSTILE = "<xss-a onerror=x></script><xss-b>]]>&lt;xss-c> \" ' onx=y {{ 7*7 }} %3Cxss-d> [l](javascript:x) `"
"""Markup for every context that a field may be written to; none of it may become an element."""


def test_markup_in_any_field_is_escaped_everywhere(site: Site) -> None:
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    tag = "'" + HOSTILE.replace("'", "''").replace('"', "").replace(",", "")[:60] + "'"
    lane = f"title: {quoted}\nnumber: 9\nheadline: {quoted}\ndescription: {quoted}"
    site.write("lanes/hostile.md", f"---\n{lane}\n---\n\nText.\n")
    texts = {
        "curve.csv": f'k,"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n1,<xss-e>\n',
        "lab.py": f'"""{HOSTILE}"""\n',
    }
    machine = {"processor": HOSTILE, "cores": HOSTILE, "memory": HOSTILE, "system": HOSTILE, "load": HOSTILE}
    site.lab(title=HOSTILE, shows=[HOSTILE], limits=[HOSTILE], machine=machine, command=HOSTILE, versions={HOSTILE: HOSTILE},
             parameters={"a": {"value": HOSTILE, "what": HOSTILE, "unit": HOSTILE}},
             results={"a": {"value": 1, "what": HOSTILE, "unit": HOSTILE}},
             figures={"curve": {"title": HOSTILE, "description": [HOSTILE]}}, texts=texts)  # fmt: skip
    body = "{result}`speed:a` and {number}`speed:a`\n\n```{lab-figure} speed:curve\nIt falls.\n```\n\n[](other.md)\n"
    fields = {"lane": "hostile", "summary": quoted, "tags": f"[{tag}, Spark]", "formerly": '["<xss-f>\'&"]'}
    fields["formerly"] = '["a\'&b"]'
    site.write("notes/x.md", note(quoted, body=body, **fields))
    site.write("notes/o'&b.md", note("Odd & <xss-g>", tags=f"[{tag}]", lane="hostile"))
    site.write(
        "notes/other.md", note("'Other <xss-h>'", lane="hostile", date="2026-01-01", tags=f"[{tag}]", body="[](x.md)\n")
    )
    built = site.build()
    assert built.status == 0, built.log
    for path, data in built.files().items():
        if path.endswith(".html"):
            page = BeautifulSoup(data, "html.parser")
            assert [tag.name for tag in page.find_all(re.compile("^xss-"))] == [], path
            assert page.select("[onerror], [onx]") == [], path
            assert [link["href"] for link in page.select("[href^='javascript:' i]")] == [], path
        elif path.endswith((".xml", ".json", ".js", ".txt", ".svg")) and not path.startswith(
            ("_static/", "search-index/")
        ):
            assert_parses_without_markup(path, data)
    assert "49" not in BeautifulSoup(built.html("notes/x"), "html.parser").select_one(".standfirst").get_text()


def assert_parses_without_markup(path: str, data: bytes) -> None:
    """Assert that a JSON or XML file parses, and that markup in it is escaped."""
    if path.endswith(".json"):
        json.loads(data)
    if path.endswith(".xml"):
        root = ElementTree.fromstring(data)
        assert not [element for element in root.iter() if "xss" in str(element.tag)], path
        for content in root.iter("{http://www.w3.org/2005/Atom}content"):
            inner = BeautifulSoup(content.text or "", "html.parser")
            assert inner.find_all(re.compile("^xss-")) == [], path
