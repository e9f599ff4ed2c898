"""The last line of `make html`."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from conftest import DAY, Site, note
from fieldnotes.commands.html import html
from processes import call

LastLine = Callable[..., str]


@pytest.fixture
def last_line(site: Site, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> LastLine:
    """Build the site with these values overriding ``conf.py``, and return the last line."""

    def build(**values: object) -> str:
        monkeypatch.chdir(site.root)
        call(html, site.root, site.root / "_build", **{"fieldnotes_today": DAY, **values})
        return capsys.readouterr().out.splitlines()[-1]

    return build


def test_summary_says_that_a_site_is_fit_to_publish(site: Site, last_line: LastLine) -> None:
    published = {"html_baseurl": "https://journal.example/en/latest/", "fieldnotes_today": ""}
    site.write("notes/a.md", note("A"))
    assert last_line(**published) == "1 note, no warnings. The site is _build/html/index.html, fit to publish."
    site.write("notes/b.md", note("B"))
    site.write("notes/c.md", note("C", draft="true"))
    assert last_line(**published).startswith("2 notes (1 not published yet), no warnings. ")
    assert site.build().log == ""  # only `make html` prints it


def test_summary_lists_every_reason_against_publishing(site: Site, last_line: LastLine) -> None:
    site.write("notes/a.md", note("A", body="See [nothing](gone.md)."))
    site.write("notes/b.md", note("B", draft="true"))
    line = last_line(fieldnotes_drafts=True, fieldnotes_index=False)
    today = datetime.datetime.now(datetime.UTC).date()
    assert line == (
        "2 notes, 1 warning. The site is _build/html/index.html, not fit to publish: there are warnings; "
        "its address is http://127.0.0.1:8000/ (set READTHEDOCS_CANONICAL_URL to the public address); drafts are shown; "
        f"the search has no index; it was built for {DAY}, but today is {today}."
    )


def test_summary_of_a_site_with_an_invalid_address(site: Site, last_line: LastLine) -> None:
    site.write("notes/a.md", note("A"))
    line = last_line(html_baseurl="http://[")
    assert line.startswith("1 note, 1 warning. The site is _build/html/index.html, not fit to publish: ")
    assert "; its address is http://127.0.0.1:8000/ (set READTHEDOCS_CANONICAL_URL to the public address); " in line


def test_summary_ignores_suppressed_warnings(site: Site, last_line: LastLine) -> None:
    site.write("notes/a.md", note("A", body="See [nothing](gone.md)."))
    assert last_line(suppress_warnings=["myst.xref_missing"]).startswith("1 note, no warnings. ")
