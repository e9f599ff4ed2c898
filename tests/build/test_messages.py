"""Every warning of Sphinx, MyST and docutils is one line with its location and a fix; repeated warnings are merged."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import DAY, Site, note
from fieldnotes.commands import check as check_module
from processes import call

if TYPE_CHECKING:
    from conftest import Built

HEADER = 8
"""Number of lines above the text of a note."""

LINE = re.compile(r"notes/\w+\.md:\d+: (?:WARNING|ERROR|CRITICAL): [^;]+; .+")

BODIES = {
    "lexer": "```json\n" + "not json at all {\n" * 50 + "```",
    "option": "```{note}\n:nosuch: 1\n\nText.\n```",
    "content": "```{centered} A\n\nText.\n```",
    "argument": "```{figure}\n```",
    "rows": "```{list-table}\n* - a\n  - b\n* - c\n```",
    "expression": "```{c:function} ..\n```",
    "rst": "```{eval-rst}\nSee x_ and |y| and `z`.\n\n* a\nb\n```",
    "tabs": "````{tab-set}\nText.\n````",
    "target": "{ref}`nowhere`, {term}`nowhere`, {py:func}`" + "long " * 40 + "`",
    "roles": "A {nosuch}`a` and\n{nosuch}`b` there\nand {nosuch}`c`.",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    site = Site(tmp_path_factory.mktemp("messages") / "journal")
    for name, body in BODIES.items():
        site.write(f"notes/{name}.md", note(name, body=body))
    for number in range(12):
        site.write(f"notes/many{number}.md", note(f"Many {number}", body="```csvv\na\n```\n\n<script>1</script>\n"))
    return site.build()


def test_each_warning_is_one_line_with_its_location_and_a_fix(built: Built) -> None:
    lines = [line.removeprefix(f"{built.root}/") for line in built.log.splitlines() if line]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert {line.partition(".md")[0] for line in lines} == {f"notes/{name}" for name in (*BODIES, "many0")}
    assert max(map(len, lines)) < 260


def test_unknown_role_is_reported_on_each_line(built: Built) -> None:
    lines = re.findall(r"roles\.md:(\d+): ", built.log)
    assert [int(line) - HEADER for line in lines] == [1, 2, 3]


def test_repeated_message_is_printed_once(built: Built) -> None:
    more = "(and 11 more places: notes/many1.md:9, notes/many10.md:9, notes/many11.md:9, …)"
    (line,) = [line for line in built.log.splitlines() if "csvv" in line]
    assert line.removeprefix(f"{built.root}/") == (
        "notes/many0.md:9: WARNING: Pygments lexer name 'csvv' is not known; "
        f"use one of https://pygments.org/languages, or `text` {more} [misc.highlighting_failure]"
    )
    (ours,) = [line for line in built.log.splitlines() if "`<script>`" in line]
    assert more.replace(":9", ":13") in ours
    findings = call(check_module.check, built.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    assert len([finding for finding in findings if "csvv" in finding.message]) == 12
    (shown,) = [text for text in check_module.as_text(findings) if "csvv" in text]
    assert shown.endswith(more)
