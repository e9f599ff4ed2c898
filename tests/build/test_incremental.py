"""After any edits, an incremental build leaves the files of a clean build, byte for byte."""

from __future__ import annotations

import copy
import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from comparing import differences, times, written
from conftest import ROOT, Site, note
from writer import LANES, Writer

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first_build(tmp_path_factory: pytest.TempPathFactory) -> tuple[Writer, Path]:
    """A writer with a built journal, and a copy of the journal's folder."""
    folder = tmp_path_factory.mktemp("edits")
    writer = Writer(Site(folder / "journal"), 7)
    assert writer.site.build().log == ""
    return writer, shutil.copytree(writer.site.root, folder / "copy")


@pytest.fixture
def unedited(first_build: tuple[Writer, Path]) -> Writer:
    """The writer and the journal as after the first build, at the same path because Sphinx stores paths."""
    writer, copied = first_build
    shutil.rmtree(writer.site.root)
    shutil.copytree(copied, writer.site.root)
    return copy.deepcopy(writer)


@pytest.mark.parametrize(
    "edits",
    [
        ("template", "title", "lane", "mention", "result", "delete"),
        ("style", "date", "heading", "rename", "draft"),
        ("settings", "summary", "retag", "lab_title", "drawing", "schedule"),
        ("lane_text", "body", "picture", "rename_in_order", "freshness"),
        ("new_lane", "add", "mention", "unmention", "new_lab"),
    ],
)
def test_incremental_build_after_each_edit(unedited: Writer, edits: tuple[str, ...]) -> None:
    """The first edit rewrites every page; one that it wrongly skips stays outdated until the comparison at the end."""
    site = unedited.site
    for edit in edits:
        getattr(unedited, edit)()
        incremental = site.build()
        assert (incremental.status, incremental.log) == (0, ""), edit
    assert differences(incremental, site.build(out="_clean")) == []


def test_sphinx_search_index_drops_former_words(site: Site) -> None:
    site.write("notes/x.md", note("Quokka wombat", body="A bilby.\n\n## Numbat\n"))
    first = site.build()
    assert all(word in first.files()["searchindex.js"] for word in (b"quokka", b"wombat", b"bilbi", b"numbat"))
    site.write("notes/x.md", note("Wombat"))
    index = site.build().files()["searchindex.js"]
    assert b"wombat" in index
    assert [word for word in (b"quokka", b"bilbi", b"numbat") if word in index] == []


def test_edited_drawing_updates_its_page(site: Site) -> None:
    site.write("notes/d.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    site.write("notes/x.md", note("X", body="```{diagram} d.svg\n:alt: A\n```\n"))
    site.build()
    site.write("notes/d.svg", "<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>")
    assert "<path" in site.build().html("notes/x")


def test_warning_is_reported_until_fixed(site: Site) -> None:
    """Sphinx reads a document again only if it has changed, and would not repeat the warning."""
    site.write("notes/x.md", note("X", body="See [that](y.md) and {page}`it <tags/fresh>`.\n"))
    first, second = site.build(), site.build()
    assert first.status == second.status == 1
    assert sorted(first.warnings) == sorted(second.warnings)
    assert len(first.warnings) == 2
    site.write("notes/y.md", note("Y", tags="[Fresh]"))
    fixed = site.build()
    assert (fixed.status, fixed.log) == (0, "")
    assert differences(fixed, site.build(out="_clean")) == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_build_rereads_only_notes_with_warnings(site: Site, jobs: str) -> None:
    """An author of one note does not wait for all the others because one of them has a fault."""
    for name in "abcdef":
        site.write(f"notes/{name}.md", note(name.upper()))
    site.write("notes/g.md", note("G", body="##### Its warning is suppressed\n"))
    site.write("notes/part.txt", "{nothing}`x`\n")
    site.write("notes/h.md", note("H", body="```{include} part.txt\n```\n"))
    site.write("notes/x.md", note("X", body="See [that](y.md).\n"))
    site.write("conf.py", (site.root / "conf.py").read_text() + '\nsuppress_warnings = ["myst.header"]\n')
    read: list[set[tuple[str, int]]] = []
    for _build in range(2):
        assert len(site.build("-j", jobs).warnings) == 2
        doctrees = (site.root / "_build/doctrees/notes").glob("*.doctree")
        read.append({(path.stem, path.stat().st_mtime_ns) for path in doctrees})
    assert {name for name, _time in read[1] - read[0]} == {"h", "x"}


def test_result_does_not_depend_on_the_reading_order(site: Site) -> None:
    """With duplicate labels and terms, pictures of the same name, a dangling symlink, and another language."""
    conf = (site.root / "conf.py").read_text()
    twice = "(twice)=\n\n## Here in {0}\n\n```{{glossary}}\nskew\n  Of {0}.\n```\n\n![A picture]({0}/p.png)\n"
    for name in "abc":
        site.write(f"notes/{name}/p.png", (ROOT / "_static/social.png").read_bytes() + name.encode())
    for name in "bc":
        site.write(f"notes/{name}.md", note(name.upper(), body=twice.format(name)))
    site.write("notes/x.md", note("X", body="See {ref}`twice` and {term}`skew`.\n"))
    site.write("conf.py", conf + '\nlanguage = "de"\n')
    site.build("-j", "2")
    site.write("notes/a.md", note("A", body=twice.format("a")))
    (site.root / "notes/nowhere.md").symlink_to("nothing.md")
    for name, text in (("conf.py", conf), ("notes/x.md", note("X", body="See {ref}`twice`.\n"))):
        site.write(name, text)
        incremental = site.build("-j", "2")
        clean = site.build(out="_clean", fresh=True)
        assert sorted(incremental.log.splitlines()) == sorted(clean.log.splitlines()) != []
        assert differences(incremental, clean) == []
    assert "duplicate label twice, other instance in" in clean.log
    assert b'"skew":[[' in clean.files()["searchindex.js"]


@pytest.mark.parametrize("fixed", ["a", "b"])
def test_duplicate_label_resolves_to_the_remaining_note(site: Site, fixed: str) -> None:
    """The warning names one of the two notes; fixing either resolves it."""
    label = "(here)=\n\n## Here\n"
    site.write("notes/c.md", note("C", body="See {ref}`here`.\n"))
    site.write("notes/b.md", note("B", body=label))
    site.write("notes/a.md", note("A"))
    site.build()
    site.write("notes/a.md", note("A", body=label))
    assert len(site.build().warnings) == 1
    site.write(f"notes/{fixed}.md", note(fixed.upper()))
    incremental = site.build()
    assert (incremental.status, incremental.log) == (0, "")
    assert differences(incremental, site.build(out="_clean")) == []


def test_built_in_label_of_sphinx_can_be_referenced(site: Site) -> None:
    site.write("notes/x.md", note("X", body="See {ref}`search` and [the same](search).\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert [link["href"] for link in built.page("notes/x").select("article p a.reference.internal")[:2]] == [
        "../search.html"
    ] * 2


def test_moved_glossary_term_is_found(site: Site) -> None:
    glossary = "```{glossary}\nskew\n  Uneven parts.\n```\n"
    site.write("notes/x.md", note("X", lane="ai-systems", tags="[X]", body="See {term}`skew`.\n"))
    site.write("notes/y.md", note("Y", tags="[Y]", body=glossary))
    site.build()
    (site.root / "notes/y.md").rename(site.root / "notes/z.md")
    incremental = site.build()
    assert (incremental.status, incremental.log) == (0, "")
    assert incremental.page("notes/x").select_one("article a[href='z.html#term-skew']")
    assert differences(incremental, site.build(out="_clean")) == []


def test_build_reports_links_that_edits_elsewhere_break(site: Site) -> None:
    site.write("notes/heading.md", note("Of a heading", body="See [that](y.md#here).\n"))
    site.write("notes/deleted.md", note("Of what is gone", body="See [that](z.md#here).\n"))
    site.write("notes/tagged.md", note("Of a tag", body="See {page}`it <tags/fresh>`.\n"))
    site.write("notes/y.md", note("Y", tags="[Fresh]", body="## Here\n"))
    site.write("notes/z.md", note("Z", body="## Here\n"))
    assert site.build().log == ""
    site.write("notes/y.md", note("Y", tags="[Other]", body="## There\n"))
    (site.root / "notes/z.md").unlink()
    incremental, clean = site.build(), site.build(out="_clean")
    assert incremental.status == clean.status == 1
    assert sorted(incremental.warnings) == sorted(clean.warnings)
    assert {*re.findall(r"notes/(\w+)\.md:\d+: WARNING", clean.log)} == {"heading", "deleted", "tagged"}


def test_linkcheck_has_its_own_doctrees() -> None:
    """With those of the build, documents that linkcheck has read would count as up to date and not be written."""
    (folder,) = re.findall(r"-b linkcheck -d (\S+)", (ROOT / "Makefile").read_text())
    assert folder != "$(BUILD)/doctrees"


def test_build_without_a_change_writes_nothing(site: Site) -> None:
    """Except a file that Furo rewrites unchanged at the end of each build."""
    Writer(site, 1)
    before = times(site.build())
    assert written(before, times(site.build())) == {"html/_static/pygments.css"}


def test_damaged_output_is_restored(unedited: Writer) -> None:
    """Files of each kind, each damaged in two ways; two by themselves, because they trigger writing every document."""
    site = unedited.site
    for edit in (unedited.photo, unedited.download, unedited.drawing):
        edit()
    built = site.build()
    whole = built.files()
    several = ["index.html", "notes/n1.html", "tags/index.html", "labs/speed.html", "404.html", "search.html"]
    several += ["feed.xml", "lanes/bigdata.xml", "notes/n1.md", "sitemap.xml", "robots.txt", "catalog.json", "llms.txt"]
    several += ["_static/journal.css", "_static/site.css", "_static/language_data.js", "objects.inv"]
    kinds = ("_images/*", "_downloads/*/*", "search-index/overview", "search-index/notes/*", "search-index/words-*")
    several += [path.relative_to(built.out).as_posix() for kind in kinds for path in built.out.glob(kind)]
    ways = ("delete", "empty", "cut", "edit")
    for turn, names in enumerate((several, ["searchindex.js"], [".buildinfo"], several, [".buildinfo"])):
        for number, name in enumerate(names):
            path, data, way = built.out / name, whole[name], ways[(turn + number) % 4]
            path.unlink()
            if way != "delete":
                path.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "edit": data[:-1] + b" "}[way])
        again = site.build()
        assert (again.status, again.log) == (0, "")
        assert again.files() == whole


@pytest.mark.parametrize("kind", ["move", "swap"])
def test_note_moved_over_another_replaces_its_page(site: Site, kind: str) -> None:
    """The moved file keeps its modification time, which may be older than the page."""
    one = site.write("notes/one.md", note("One", body="The words of one.\n"))
    two = site.write("notes/two.md", note("Two", body="The words of two.\n"))
    site.build()
    if kind == "swap":
        two.rename(site.root / "between")
    one.rename(two)
    if kind == "swap":
        (site.root / "between").rename(one)
    moved = site.build()
    assert (moved.status, moved.log) == (0, "")
    assert "The words of one." in moved.html("notes/two")
    assert differences(moved, site.build(out="_clean")) == []


def test_included_file_with_an_older_mtime_is_read_again(site: Site) -> None:
    part = site.write("notes/part.txt", "before\n")
    old = part.stat().st_mtime - 1000
    site.write("notes/x.md", note("X", body="```{literalinclude} part.txt\n```\n"))
    site.build()
    part.write_text("afterwards\n")
    os.utime(part, (old, old))
    assert "afterwards" in site.build().html("notes/x")


def test_changed_code_rewrites_every_page(site: Site) -> None:
    Writer(site, 1)
    before = times(site.build())
    code = site.root / "_ext/fieldnotes/pages/shared.py"
    site.write(
        "_ext/fieldnotes/pages/shared.py", code.read_text().replace('gettext("All notes")', 'gettext("Every note")')
    )
    after = site.build()
    pages = {name for name in before if name.endswith(".html")}
    assert pages <= written(before, times(after))
    assert "Every note" in after.html("notes/index")


def test_former_names_are_added_and_removed(site: Site) -> None:
    """Including a note that takes over the former name of another, once that has given it up."""
    writer = Writer(site, 5)
    site.build()
    for edit in (writer.rename_in_order, writer.rename_in_order, writer.title, writer.lane, writer.forget_names):
        edit()
        incremental = site.build()
        assert (incremental.status, incremental.log) == (0, "")
        if edit in (writer.lane, writer.forget_names):
            assert differences(incremental, site.build(out="_clean", fresh=True)) == [], edit.__name__


def test_changed_site_address_updates_every_file(site: Site) -> None:
    Writer(site, 2)
    site.build()
    site.environment["READTHEDOCS_CANONICAL_URL"] = "https://example.org/en/latest"
    incremental = site.build()
    assert differences(incremental, site.build(out="_clean")) == []
    assert [name for name, data in incremental.files().items() if b"127.0.0.1" in data] == []


def test_edited_text_rewrites_only_the_exports_that_contain_it(site: Site) -> None:
    writer = Writer(site, 1)
    site.write("notes/alone.md", note("Alone", lane="ai-systems", tags="[Solitude]", body="Text of it.\n"))
    before = times(site.build())
    path = site.root / "notes/alone.md"
    path.write_text(path.read_text().replace("Text of it.", "Texts about it."))
    changed = written(before, times(site.build()))
    assert sorted(name for name in changed if re.search(r"\.(xml|md|txt)$|catalog\.json$", name)) == [
        *("html/feed.xml", "html/lanes/ai-systems.xml", "html/notes/alone.md", "html/tags/solitude.xml")
    ]
    assert len(writer.notes) == 9


def test_edited_text_rewrites_its_page_and_the_lane(site: Site) -> None:
    """The lane too, because Sphinx rewrites a page whose toctree contains a changed one."""
    writer = Writer(site, 1)
    before = times(site.build())
    writer.body()
    changed = written(before, times(site.build()))
    assert sorted(name.split("/")[1] for name in changed if name.endswith(".html")) == ["lanes", "notes", "search.html"]


def test_changed_result_rewrites_only_the_pages_that_quote_it(site: Site) -> None:
    """And the page of their lane, see above."""
    site.lab()
    site.lab("other")
    site.write("notes/x.md", note("X", body="It took {result}`speed:time.median`.\n"))
    site.write("notes/y.md", note("Y", body="It lost {number}`speed:change`.\n"))
    site.write("notes/z.md", note("Z", body="```{lab-figure} speed:curve\nA curve.\n```\n"))
    site.write("notes/w.md", note("W", body="It took {result}`other:time.median`.\n"))
    before = times(site.build())
    site.lab(value=99)
    built = site.build()
    pages = {name for name in written(before, times(built)) if name.endswith(".html")} - {"html/search.html"}
    assert pages == {f"html/{name}.html" for name in ("notes/x", "notes/z", "labs/speed", "lanes/bigdata")}
    assert "99.0" in built.html("notes/x")


def test_new_mention_rewrites_the_page_of_the_mentioned_note(site: Site) -> None:
    for number in range(4):
        site.write(f"notes/n{number}.md", note(f"N{number}", lane=LANES[number % 2], tags=f"[T{number}]"))
    before = times(site.build())
    site.write("notes/n0.md", note("N0", lane=LANES[0], tags="[T0]", body="See [](n1.md).\n"))
    built = site.build()
    pages = {name for name in written(before, times(built)) if name.endswith(".html") and "/lanes/" not in name}
    assert pages == {"html/notes/n0.html", "html/notes/n1.html", "html/search.html"}
    assert "mentions this note" in built.html("notes/n1")
    assert differences(built, site.build(out="_clean")) == []


def test_changed_title_updates_every_reference(site: Site) -> None:
    ways = ["{doc}`y`", "{doc}`/notes/deep/y`", "{any}`y`", "{ref}`there`", "[](y.md)"]
    for number, way in enumerate(ways):
        site.write(f"notes/deep/x{number}.md", note(f"X{number}", tags=f"[X{number}]", body=f"See {way}.\n"))
    site.write("notes/deep/y.md", note("Old title", lane="ai-systems", tags="[Y]", body="Text.\n"))
    site.write("notes/deep/z.md", note("Z", lane="ai-systems", tags="[Z]", body="(there)=\n## Old title\n"))
    first = site.build()
    assert (first.status, first.log) == (0, "")
    for path in (site.root / "notes/deep").glob("[yz].md"):
        path.write_text(path.read_text().replace("Old", "New"))
    built = site.build()
    for number, way in enumerate(ways):
        page = f"notes/deep/x{number}"
        assert ("New title" in built.html(page), "Old title" in built.html(page)) == (True, False), way
    assert differences(built, site.build(out="_clean")) == []


def test_failed_build_is_repaired_by_the_next(site: Site) -> None:
    """The environment is stored before pages are written; unwritten pages must not count as done."""
    writer = Writer(site, 3)
    site.build()
    writer.title()
    site.write("_templates/breadcrumbs.html", "{{ 1 / 0 }}")
    assert site.build().status != 0
    site.write("_templates/breadcrumbs.html", (ROOT / "_templates/breadcrumbs.html").read_text())
    incremental = site.build()
    assert incremental.status == 0
    assert differences(incremental, site.build(out="_clean")) == []


def test_unusable_mark_removes_the_former_favicon(site: Site) -> None:
    assert "_static/favicon.svg" in site.build().files()
    site.write("conf.py", (site.root / "conf.py").read_text() + '\nfieldnotes_mark = "gone.svg"\n')
    assert "_static/favicon.svg" not in site.build().files()
