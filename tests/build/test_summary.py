"""The last line of `make html`."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING

from conftest import DAY, Site, note

if TYPE_CHECKING:
    from pathlib import Path

SUMMARY = ("-D", "fieldnotes_summary=1")
PUBLISHED = {"READTHEDOCS_CANONICAL_URL": "https://journal.example/en/latest/", "FIELDNOTES_TODAY": ""}


def last_line(site: Site, *options: str) -> str:
    line = site.build(*SUMMARY, *options).log.splitlines()[-1]
    return re.sub(r"\S+(?=_build)", "", line)


def test_summary_of_a_site_that_is_fit_to_publish(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal", PUBLISHED)
    site.write("notes/a.md", note("A"))
    assert last_line(site) == "1 note, no warnings. The site is _build/html/index.html, fit to publish."
    site.write("notes/b.md", note("B"))
    site.write("notes/c.md", note("C", draft="true"))
    assert last_line(site).startswith("2 notes (1 not published yet), no warnings. ")
    assert site.build().log == ""  # only `make html` asks for it


def test_summary_gives_every_reason_against_publishing(site: Site) -> None:
    site.write("notes/a.md", note("A", body="See [nothing](gone.md)."))
    site.write("notes/b.md", note("B", draft="true"))
    line = last_line(site, "-D", "fieldnotes_drafts=1", "-D", "fieldnotes_index=0")
    today = datetime.datetime.now(datetime.UTC).date()
    assert line == (
        "2 notes, 1 warning. The site is _build/html/index.html, not fit to publish: there are warnings; "
        "its address is http://127.0.0.1:8000/, set READTHEDOCS_CANONICAL_URL to the site's; drafts are shown; "
        f"the search has no index; it is built as on {DAY}, and today is {today}."
    )


def test_summary_of_a_site_whose_address_is_none(site: Site) -> None:
    site.write("notes/a.md", note("A"))
    line = last_line(site, "-D", "html_baseurl=http://[")
    assert line.startswith("1 note, 1 warning. The site is _build/html/index.html, not fit to publish: ")
    assert "; its address is http://127.0.0.1:8000/, set READTHEDOCS_CANONICAL_URL to the site's; " in line


def test_summary_counts_no_warning_that_is_suppressed(site: Site) -> None:
    site.write("notes/a.md", note("A", body="See [nothing](gone.md)."))
    assert last_line(site, "-D", "suppress_warnings=myst.xref_missing").startswith("1 note, no warnings. ")
