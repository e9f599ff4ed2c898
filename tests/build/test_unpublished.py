"""Drafts and scheduled notes leave no trace until published, and then the site is as if they always had been."""

from __future__ import annotations

import datetime
import json
import re
from typing import TYPE_CHECKING

import feedparser
import pytest
from comparing import differences, times, written
from conftest import DAY, Site, note
from fieldnotes.catalog import loading
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

TODAY = datetime.date.fromisoformat(DAY)
TOMORROW = TODAY + datetime.timedelta(1)


def noon(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(12), datetime.UTC)


STATES = {"draft": {"draft": "true"}, "scheduled": {"date": str(TOMORROW)}}
PUBLISHED = ""

BODY = """See [the other](y.md#here), {page}`it <tags/spark>` and {result}`speed:time.median`.

![A picture](only.png) and {download}`a file <only.csv>`.

```{diagram} only.svg
:alt: A drawing.
```

(a-label)=
## Xylophones

```{glossary}
xylophone
  An instrument.
```

$$x^2$$ (eq)
"""


def write_others(site: Site) -> None:
    site.lab()
    site.write("notes/y.md", note("Y", body="Text.\n\n## Here\n\nMore.\n"))
    site.write("notes/z.md", note("Z", lane="ai-systems", tags="[Z]", body="See [](y.md).\n"))


def write_hidden(site: Site, state: str) -> None:
    site.write("notes/only.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/only.csv", "a,b\n")
    site.write("notes/only.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    fields = {"tags": "[Spark, Xylophones]", "formerly": "[xyl]", "body": BODY} | STATES.get(state, {})
    site.write("notes/x.md", note("Of xylophones", **fields))


@pytest.mark.parametrize("state", STATES)
def test_unpublished_note_leaves_no_trace(site: Site, state: str) -> None:
    """Every output file is as if the note, and the files that only it uses, did not exist."""
    write_others(site)
    without = site.build()
    write_hidden(site, state)
    clean = site.build(out="_clean")
    assert (clean.status, clean.log) == (0, "")
    assert differences(clean, without) == []
    assert [name for name, data in clean.files().items() if b"ylophone" in data or "only" in name] == []
    again = site.build()
    assert (again.status, again.log) == (0, "")
    assert differences(again, clean) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_scheduled_note_is_published_on_its_day(site: Site, jobs: str) -> None:
    write_others(site)
    write_hidden(site, "scheduled")
    before = times(site.build())
    site.environment["FIELDNOTES_TODAY"] = str(TOMORROW)
    after = site.build("-j", jobs)
    assert (after.status, after.log) == (0, "")
    assert differences(after, site.build(out="_clean")) == []
    assert "Of xylophones" in after.html("index")
    assert {"notes/x.html", "notes/xyl.html", "notes/x.md", "_images/only.png", "tags/xylophones.xml"} <= set(
        after.files()
    )
    pages = {name for name in written(before, times(after)) if re.match("html/(notes|lanes)/", name)}
    assert "html/notes/y.html" in pages
    assert not {"html/notes/z.html", "html/notes/z.md", "html/lanes/ai-systems.html"} & pages  # these do not mention it


@pytest.mark.parametrize(("state", "jobs"), [("draft", "1"), ("scheduled", "2")])
def test_withdrawn_note_leaves_no_trace(site: Site, state: str, jobs: str) -> None:
    write_others(site)
    without = site.build(out="_without").files()
    write_hidden(site, PUBLISHED)
    assert "Of xylophones" in site.build().html("index")
    write_hidden(site, state)
    after = site.build("-j", jobs)
    assert (after.status, after.log) == (0, "")
    assert after.files() == without


WAYS = {
    "[it](x.md)": "it",
    "[](x.md)": "",
    "[it](/notes/x.md#xylophones)": "it",
    "<project:x.md>": "",
    "[it](path:x.md)": "it",
    "{doc}`it <x>`": "it",
    "{any}`it </notes/x>`": "it",
    "{page}`it <notes/x>`": "it",
    "{page}`it <notes/x#xylophones>`": "it",
    "{download}`it <x.md>`": "it",
}


@pytest.mark.parametrize("state", STATES)
def test_link_to_unpublished_note_is_reported(site: Site, state: str) -> None:
    write_others(site)
    write_hidden(site, state)
    body = "".join(f"{way}\n\n" for way in WAYS)
    site.write("notes/w.md", note("W", tags="[W]", body=body))
    built = site.build()
    what = "a draft" if state == "draft" else f"scheduled for {TOMORROW}"
    message = f"WARNING: `notes/x.md` is {what}, so the link is dead; remove it until the note is published"
    assert built.status == 1
    assert built.warnings == [
        f"notes/w.md:{line}: {message} [fieldnotes.unpublished-note]" for line in range(9, 9 + 2 * len(WAYS), 2)
    ]
    page = built.page("notes/w")
    assert page.select("article a[href^='x.'], article a[download]") == []
    assert [name for name in built.files() if name.startswith("_downloads")] == []
    assert page.select_one("article").get_text().count("it\n") >= list(WAYS.values()).count("it")

    home = site.root / "index.md"
    home.write_text(home.read_text().replace("Observability: lanes/bigdata", "Observability: notes/x"))
    lines = [line for line in site.build().warnings if line.startswith("index.md")]
    assert lines
    assert all(f"`notes/x.md` is {what}" in line for line in lines)


def test_reference_becomes_a_link_on_publication(site: Site) -> None:
    """Even if its warning is suppressed, so that nothing else makes the build read the note again."""
    write_others(site)
    write_hidden(site, "scheduled")
    site.write("notes/w.md", note("W", tags="[W]", body="See [it](x.md), {any}`it </notes/x>` and [](x.md).\n"))
    silent = ("-D", "suppress_warnings=fieldnotes.unpublished-note")
    first = site.build(*silent)
    assert (first.status, first.log) == (0, "")
    site.environment["FIELDNOTES_TODAY"] = str(TOMORROW)
    after = site.build(*silent)
    assert len(after.page("notes/w").select("article section a[href='x.html']")) == 3
    assert differences(after, site.build(*silent, out="_clean")) == []


@pytest.mark.parametrize("state", STATES)
def test_fieldnotes_drafts_shows_and_labels_unpublished_notes(site: Site, state: str) -> None:
    write_others(site)
    write_hidden(site, state)
    site.write("notes/w.md", note("W", body="See [](x.md).\n"))
    built = site.build("-D", "fieldnotes_drafts=1")
    assert (built.status, built.log) == (0, "")
    mark = state.title()
    for page in ("index", "lanes/bigdata", "notes/index", "tags/xylophones", "notes/x", "notes/y"):
        assert {element.get_text() for element in built.page(page).select(".state")} == {mark}, page
    assert built.page("notes/w").select_one("article section a[href='x.html']")
    assert differences(site.build(out="_published"), built) != []


def test_invalid_draft_does_not_fail_the_build(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    site.write("notes/rough.md", "---\ntitle:\ndraft: true\nlane: nowhere\n---\n\nText.\n")
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert [line.split(": WARNING: ")[0] for line in site.build("-D", "fieldnotes_drafts=1").warnings] == [
        *("notes/rough.md:1",) * 3,
        *("notes/rough.md:2", "notes/rough.md:4"),
    ]
    site.write("notes/w.md", note("W", body="See [](rough.md).\n"))
    (warning,) = site.build().warnings
    assert "notes/w.md:9: WARNING: `notes/rough.md` is a draft" in warning


def test_draft_nested_too_deeply_does_not_fail_the_build(site: Site) -> None:
    site.write("notes/x.md", note("X", draft="true", body=">" * 200 + " a\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert {
        (finding.code, finding.is_advice)
        for finding in call(check_module.check, site.root, fieldnotes_today=str(TODAY), fieldnotes_spelling=False)
    } >= {(Code.NESTING, True)}


def test_scheduled_note_faults_are_reported_early(site: Site) -> None:
    site.write("notes/a.md", note("Same"))
    site.write("notes/b.md", note("Same", date=str(TOMORROW)))
    (warning,) = site.build().warnings
    assert warning.startswith("notes/b.md:2: WARNING: `title` is the same as in notes/a.md")
    site.write("notes/b.md", note("Same", draft="true"))
    assert site.build().log == ""


def test_former_name_that_is_a_draft_is_reported(site: Site) -> None:
    site.write("notes/a.md", note("A", formerly="[b]"))
    site.write("notes/b.md", note("B", draft="true"))
    (warning,) = site.build().warnings
    assert warning.startswith("notes/a.md:7: WARNING: `formerly` names notes/b.md, which is still a note")


def test_invalid_build_day_is_reported(site: Site) -> None:
    site.environment["FIELDNOTES_TODAY"] = "2026-11-24T00:00"
    (warning,) = site.build().warnings
    line = (site.root / "conf.py").read_text().partition("\nfieldnotes_today = ")[0].count("\n") + 2
    assert warning == (
        f"conf.py:{line}: WARNING: `fieldnotes_today` is `2026-11-24T00:00`, not a date; write it as YYYY-MM-DD, or leave it empty "
        "[fieldnotes.build-day]"
    )


def test_build_day_defaults_to_the_clock(site: Site) -> None:
    now = datetime.datetime.now(datetime.UTC).date()
    site.environment["FIELDNOTES_TODAY"] = ""
    for days in (-1, 0, 1, 3):
        site.write(f"notes/n{days}.md", note(f"N{days}", date=str(now + datetime.timedelta(days))))
    assert {path.stem for path in (site.build().out / "notes").glob("n*.html")} == {"n-1", "n0"}


@pytest.mark.parametrize(("draft", "shown"), [("true", False), ("yes", False), ("false", True), (None, True)])
def test_draft_field_hides_a_note(site: Site, draft: str | None, shown: bool) -> None:
    site.write("notes/x.md", note("X", draft=draft))
    loaded = loading.load(site.root, noon(TODAY))
    assert loaded.problems == ()
    assert bool(loaded.catalog.notes) is shown
    assert dict(loaded.catalog.unpublished) == ({} if shown else {"notes/x": "a draft"})
    assert [each.docname for each in loading.load(site.root, noon(TODAY), drafts=True).catalog.notes] == ["notes/x"]


def test_publication_date_is_not_in_the_future(tmp_path: Path) -> None:
    site = Site(tmp_path / "journal")
    site.write("notes/x.md", note("X", date=str(TOMORROW)))
    first = loading.load(site.root, noon(TODAY))
    assert (first.catalog.notes, first.left_out) == ((), ("notes/x.md",))
    again = loading.load(site.root, noon(TOMORROW))
    assert [each.docname for each in again.catalog.notes] == ["notes/x"]
    assert {problem.code for problem in again.problems} == set[Code]()


def test_note_is_published_at_its_time(site: Site) -> None:
    """Date and time are in the journal's time zone; machine-readable files have the time if it is given."""
    site.write("conf.py", f"{(site.root / 'conf.py').read_text()}\nfieldnotes_timezone = 'Europe/Berlin'\n")
    for name, date in {
        "day": "2026-11-24",
        "early": "2026-11-24T09:30:00+01:00",
        "late": "2026-11-25T06:59:00+08:00",
        "later": "2026-11-25T07:00:00+08:00",
        "other": "2026-11-24T23:30:00Z",
    }.items():
        site.write(f"notes/{name}.md", note(name, date=date, updated="2026-11-24" if name == "day" else None))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    entries = feedparser.parse((built.out / "feed.xml").read_bytes()).entries
    assert [(entry.title, entry.published, entry.updated) for entry in entries] == [
        ("late", *["2026-11-24T23:59:00+01:00"] * 2),
        ("early", *["2026-11-24T09:30:00+01:00"] * 2),
        ("day", *["2026-11-24T00:00:00+01:00"] * 2),
    ]
    head = built.page("notes/early").head
    assert head.select_one("[property='article:published_time']")["content"] == "2026-11-24T09:30:00+01:00"
    assert '"datePublished": "2026-11-24T09:30:00+01:00"' in str(head)
    assert '"datePublished": "2026-11-24"' in str(built.page("notes/day").head)
    assert "<lastmod>2026-11-24T23:59:00+01:00</lastmod>" in (built.out / "sitemap.xml").read_text()
    notes = json.loads((built.out / "catalog.json").read_text())["notes"]
    assert [(each["date"], each["published_at"][11:]) for each in notes] == [
        *[("2026-11-24", "23:59:00+01:00"), ("2026-11-24", "09:30:00+01:00"), ("2026-11-24", "00:00:00+01:00")],
    ]
    loaded = loading.load(site.root, datetime.datetime(2026, 11, 24, 8, 29, tzinfo=datetime.UTC))
    assert loaded.catalog.unpublished["notes/early"] == "scheduled for 2026-11-24T08:30:00Z"


def test_future_updated_and_verified_are_reported_and_not_shown(site: Site) -> None:
    site.write("notes/x.md", note("X", updated=str(TOMORROW), verified=str(TOMORROW)))
    built = site.build()
    assert len(built.warnings) == 2
    shown = (built.out / "feed.xml").read_text() + (built.out / "catalog.json").read_text() + built.html("notes/x")
    assert str(TOMORROW) not in shown
