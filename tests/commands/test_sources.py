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
    lines, wrong = call(sources.report, site.root)
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
    assert wrong == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("- source: x\n", "0.read"),
        ("a: b\n", "valid list"),
        ("- [\n", "flow"),
        ("\x00", "special characters"),
        ("- source: x\n  read: 2026-13-01\n  says: {}\n", "month"),
    ],
)
def test_invalid_quotations_are_reported_in_one_line(
    site: Site, capsys: pytest.CaptureFixture[str], text: str, fault: str
) -> None:
    site.write("notes/sources/a.yaml", text)
    assert call(sources.main, site.root) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("sources: notes/sources/a.yaml ")
    assert fault in err
    assert err.count("\n") == 1
