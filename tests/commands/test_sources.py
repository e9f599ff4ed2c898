"""``make sources`` lists the numbers that come from a source, with its quotations."""

from __future__ import annotations

import pytest
from conftest import Site, note
from fieldnotes.commands import sources
from processes import call

GUIDE = "https://example.org/guide"

BODY = f"""It takes 1,200 s by [the guide]({GUIDE}/#time), and 14 s by [the guide]({GUIDE}).
It is 3 times as fast as 4 by [the guide]({GUIDE}). A constructed example has 5.

## Sources

Read in May 2026.

- [The guide]({GUIDE})
"""

WORDS = f"""
- source: {GUIDE}
  read: 2026-05-02
  says:
    "1,200": It took 1200 seconds.
    "14": It took 140 seconds, 0.14 hours.
    "3": Three times as fast.
    "99": Nobody asks for it.
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("sources") / "journal")
    site.write("notes/a.md", note("A note", body=BODY))
    return site


def test_each_number_is_listed_with_its_quotation(site: Site) -> None:
    site.write("notes/sources/a.yaml", WORDS)
    lines, numbers, wrong = call(sources.report, site.root)
    assert [line.replace(f"{GUIDE[8:]}", "guide") for line in lines] == [
        "notes/a.md:9: 1,200: It takes 1,200 s by the guide, and 14 s by the guide.",
        "    https://guide, read on 2026-05-02: “It took 1200 seconds.”",
        "notes/a.md:9: 14: It takes 1,200 s by the guide, and 14 s by the guide.",
        "    https://guide, read on 2026-05-02: “It took 140 seconds, 0.14 hours.” (the quotation does not contain 14)",
        "notes/a.md:10: 3: It is 3 times as fast as 4 by the guide.",
        "    https://guide, read on 2026-05-02: “Three times as fast.”",
        "notes/a.md:10: 4: It is 3 times as fast as 4 by the guide.",
        "    no quotation from https://guide; add one to notes/sources/a.yaml",
        "notes/sources/a.yaml: the note does not cite https://guide for 99; remove it",
    ]
    assert (numbers, wrong) == (4, 3)


def test_note_in_a_folder_keeps_every_quotation(site: Site) -> None:
    body = f"It takes 14 s by [the guide]({GUIDE}).\n\n## Sources\n\nRead in May 2026.\n\n- [The guide]({GUIDE})\n"
    site.write("notes/2026/b.md", note("Another note", body=body))
    says = f"- source: {GUIDE}\n  read: 2026-05-02\n  says: {{14: %s}}\n"
    site.write("notes/sources/2026/b.yaml", says % "It took 14." + says % "Fourteen seconds. At most 14.")
    lines, _numbers, _wrong = call(sources.report, site.root)
    assert lines[:3] == [
        "notes/2026/b.md:9: 14: It takes 14 s by the guide.",
        f"    {GUIDE}, read on 2026-05-02: “It took 14.”",
        f"    {GUIDE}, read on 2026-05-02: “Fourteen seconds. At most 14.”",
    ]
    assert [line for line in lines if line.startswith("notes/sources/2026")] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- source: x\n", ": source 1: `read` is missing; add it"),
        ("- source: x\n  read: 2026-05-02\n  says: {}\n  by: y\n", ": source 1: `by` is not a field; remove it"),
        ("a: b\n", ": is not a list of sources; write `source`, `read` and `says` for each"),
        ("- x\n", ": is not a list of sources; write `source`, `read` and `says` for each"),
        ("- [\n", ":2: expected the node content, but found '<stream end>'; correct it"),
        ("\x00", "special characters"),
        (
            "- source: x\n  read: 2026-13-01\n  says: {}\n",
            ": source 1: `read` is invalid: input should be a valid date",
        ),
        ("- source: x\n  read: 2026-05-02\n  says: y\n", ": source 1: `says` is text, not a mapping; correct it"),
    ],
)
def test_invalid_quotations_are_reported_in_one_line(
    site: Site, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    site.write("notes/sources/a.yaml", text)
    assert call(sources.main, site.root) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sources: notes/sources/a.yaml:")
    assert "pydantic" not in err
    assert fault in err
    assert err.count("\n") == 1
