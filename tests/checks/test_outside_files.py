"""Files outside the journal are never published, and each attempt to read one is reported."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import DAY, Site, note
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "c4n4ry"

PLACES = [
    "../../canary.txt",
    "link.txt",
    "../linked/canary.txt",
    "/../canary.txt",
    "../.hidden/canary.txt",
    "ignored.txt",
]
"""Paths, as written in a note, of files that must not be read."""

WAYS = [
    "```{{include}} {}\n```",
    "```{{include}} {}\n:literal:\n```",
    "```{{figure}} {}\n:alt: A.\n:target: https://a.example\n```",
    "```{{literalinclude}} {}\n```",
    "```{{literalinclude}} good.csv\n:diff: {}\n```",
    "```{{csv-table}}\n:file: {}\n```",
    "```{{raw}} html\n:file: {}\n```",
    "```{{diagram}} {}\n:alt: A.\n```",
    "{{download}}`a <{}>`",
    "[a]({})",
    "[a](path:{})",
    "![a]({})",
    "```{{image}} {}\n:alt: A.\n```",
    "````{{card}} A\n:img-top: {}\n````",
    "```{{eval-rst}}\n.. include:: {}\n```",
    "```{{eval-rst}}\n.. raw:: html\n   :file: {}\n```",
    "```{{eval-rst}}\n.. figure:: {}\n   :alt: A.\n```",
    "<a href='{}'>a</a>",
    "<img src='{}' alt='A'>",
    "<video src='{}'></video>",
    "<picture><source srcset='{} 2x'></picture>",
]

URLS = [
    "```{{csv-table}}\n:url: {}/canary.txt\n```",
    "```{{raw}} html\n:url: {}/canary.txt\n```",
    "```{{eval-rst}}\n.. csv-table::\n   :url: {}/canary.txt\n```",
]


@pytest.fixture
def hostile(site: Site) -> Site:
    """A journal by strangers, next to a file that they must not see."""
    outside = site.root.parent
    for place in ("canary.txt", "elsewhere/canary.txt", "journal/.hidden/canary.txt", "journal/notes/ignored.txt"):
        (outside / place).parent.mkdir(exist_ok=True)
        (outside / place).write_text(f"{CANARY},b\n")
    (site.root / "notes/link.txt").symlink_to("../../canary.txt")
    (site.root / "linked").symlink_to("../elsewhere")
    site.write("notes/good.csv", "a,b\n1,2\n")
    site.write("notes/part.txt", "An *included* text.\n")
    site.write("notes/pic.png", b"\x89PNG\r\n\x1a\n")
    (site.root / "notes/pic.en.png").symlink_to("../../canary.txt")
    site.write(".gitignore", "ignored.txt\n_build\n")
    subprocess.run(["git", "init", "-q"], cwd=site.root, check=True)
    return site


def published(root: Path) -> list[str]:
    files = (path for path in (root / "_build/html").rglob("*") if path.is_file())
    return [path.name for path in files if CANARY.encode() in path.read_bytes()]


def test_no_file_outside_the_journal_is_read_or_published(hostile: Site) -> None:
    """Tries each way with half of the places, each place with half of the ways; `make test-long` tries all pairs."""
    tried = range(6) if "LONG" in os.environ else (0, 2, 3)
    texts = [way.format(PLACES[(turn + at) % 6]) for turn, way in enumerate(WAYS) for at in tried]
    texts += [way.format(hostile.root.parent.as_uri()) for way in URLS]
    for number, text in enumerate(texts):
        hostile.write(f"notes/x{number}.md", note(f"X{number}", tags="[Spark, YARN]", body=f"{text}\n"))
    hostile.write("notes/language.md", note("Language", body="![a](pic.png)\n"))
    hostile.lab("linked")
    (hostile.root / "labs/linked/curve.csv").unlink()
    (hostile.root / "labs/linked/curve.csv").symlink_to("../../../canary.txt")
    built = hostile.build()
    assert published(hostile.root) == []
    assert f"[fieldnotes.{Code.OUTSIDE}]" in built.log
    expected = {f"notes/x{number}.md" for number in range(len(texts))}
    expected |= {"notes/language.md", "labs/linked/curve.csv"}
    findings = call(check_module.check, hostile.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    assert {finding.path for finding in findings if finding.code == Code.OUTSIDE} == expected


def test_files_of_the_journal_are_read_and_published(hostile: Site) -> None:
    body = (
        "```{include} part.txt\n```\n\n```{literalinclude} ../conf.py\n:lines: 1\n```\n\n```{csv-table}\n:file: good.csv\n```\n\n"
        "```{raw} html\n:file: /notes/part.txt\n```\n\n{download}`data <good.csv>` [part](part.txt)\n\n"
        "```{eval-rst}\n.. include:: part.txt\n.. csv-table::\n   :file: good.csv\n```\n"
    )
    hostile.write("notes/x.md", note("X", body=body))
    built = hostile.build()
    assert (built.status, built.log) == (0, "")
    article = built.page("notes/x").article
    assert [text.get_text() for text in article.select("p em")] == ["included", "included"]
    assert [row.get_text(" ", strip=True) for row in article.select("tr")] == ["a b", "1 2"] * 2
    assert "An *included* text." in article.get_text()
    assert sorted(path.name for path in built.out.glob("_downloads/*/*")) == ["good.csv", "part.txt"]
    hostile.write("notes/good.csv", "a,b\n3,4\n")
    assert "3 4" in [row.get_text(" ", strip=True) for row in hostile.build().page("notes/x").select("tr")]
