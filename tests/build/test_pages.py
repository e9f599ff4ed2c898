"""Small journals built by Sphinx: a note file in, pages out."""

from __future__ import annotations

import datetime
import random
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from comparing import links, texts
from conftest import MARKUP, ROOT, Built, Site, note, one_of_many, scripts, site_of
from systems import SAMPLE_NAME

if TYPE_CHECKING:
    from pathlib import Path


def test_new_note_is_listed_on_all_its_pages(site: Site) -> None:
    site.write("notes/older.md", note("Older", date="2026-01-01"))
    site.write("notes/newer.md", note("Newer", date="2026-01-03", tags="[Spark, YARN]"))
    site.write("notes/other.md", note("Other", date="2026-01-02", lane="ai-systems"))
    built = site.build()
    assert (built.status, built.log) == (0, "")

    assert texts(built, "index", ".note-grid h3") == ["Newer", "Other", "Older"]
    assert texts(built, "lanes/bigdata", ".note-grid h2") == ["Newer", "Older"]
    assert texts(built, "notes/index", ".note-index h3") == ["Newer", "Other", "Older"]
    assert texts(built, "notes/2026", ".note-index h3") == ["Newer", "Other", "Older"]
    assert texts(built, "tags/yarn", ".note-rows h3") == ["Newer"]
    assert texts(built, "tags/spark", "section section h2") == ["AI systems", "BigData"]
    rows = [texts(built, "tags/index", f"tbody tr:nth-child({row}) > *") for row in (1, 2)]
    assert rows == [["Spark", "3", "1", "–", "2"], ["YARN", "1", "–", "–", "1"]]


def test_markup_in_fields_is_escaped_everywhere(site: Site) -> None:
    title, summary, tag = (f"{name} {MARKUP}" for name in ("Title", "Summary", "Tag"))
    tag = tag.replace('"', "'").replace("\\", "/").replace(",", "")
    quoted = {"title": title, "summary": summary}
    fields = {name: "'" + text.replace("'", "''") + "'" for name, text in quoted.items()}
    site.write("notes/x.md", note(fields.pop("title"), tags='["' + tag + '"]', **fields))
    site.write("notes/y.md", note("Neighbour", date="2026-01-01"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    title, summary, tag = (" ".join(text.split()) for text in (title, summary, tag))

    def text(page: str, selector: str) -> str:
        element = built.page(page).select_one(selector)
        for extra in element.select(".headerlink, .kind"):
            extra.decompose()
        return " ".join(element.get_text().split())

    (page,) = {path.stem for path in (built.out / "tags").glob("tag-*.html")}
    assert text("notes/x", "h1") == title
    assert text("notes/x", "title") == f"{title} - {SAMPLE_NAME}"
    assert text("notes/x", ".standfirst") == summary
    assert text("notes/x", "p.tags a") == tag
    assert text("notes/x", ".trail li:last-child") == title
    assert text("notes/x", ".sidebar-tree .toctree-l2") == title
    assert text("notes/y", ".prev-page .title") == title
    for place in ("index", "lanes/bigdata", "notes/index", "notes/2026", f"tags/{page}"):
        lists = ":is(.note-grid, .note-rows, .note-index)"
        assert text(place, f"{lists} .card-title") == title
        if not place.startswith("notes/"):  # these show one line per note
            assert summary in text(place, "article")
            assert text(place, ".card-tags a") == tag, place
    assert text(f"tags/{page}", "h1") == tag
    assert text(f"tags/{page}", "title") == f"{tag} - {SAMPLE_NAME}"
    assert text("tags/index", "tbody tr:last-child th") == tag
    assert all("<b>Bold" not in content.decode() for name, content in built.files().items() if name.endswith(".html"))


def test_every_fault_is_one_line_and_the_other_notes_are_built(site: Site) -> None:
    site.write("notes/fine.md", note("Fine"))
    site.write("notes/none.md", "No header.")
    site.write("notes/open.md", "---\ntitle: Open\n\nText.")
    site.write("notes/yaml.md", note("Yaml", summary="one: two: three"))
    site.write("notes/missing.md", note("Missing", lane=None))
    site.write("notes/unknown.md", note("Unknown", sumary="x", summary=None))
    site.write("notes/lane.md", note("Lane", lane="big-data"))
    site.write("notes/latin.md", note("Caf\xe9").encode("latin-1"))
    site.write("notes/a[b].md", note("Glob", date="never"))
    site.write("notes/twice.md", note("Fine", date="2025-01-01"))
    site.write("notes/clash.md", note("Clash", tags="[SPARK]"))
    site.write("lanes/extra.md", "---\ntitle: Extra\n---\n")
    built = site.build()
    assert built.status == 1
    assert [line.split("; ")[0] for line in built.warnings] == [
        "lanes/extra.md:1: WARNING: `description` is missing",
        "lanes/extra.md:1: WARNING: `headline` is missing",
        "lanes/extra.md:1: WARNING: `number` is missing",
        "notes/a[b].md:4: WARNING: `date` `never` is not a date",
        "notes/clash.md:6: WARNING: `SPARK` is written `Spark` in notes/fine.md",
        "notes/lane.md:3: WARNING: `lane` `big-data` is not a lane",
        "notes/latin.md:2: WARNING: byte 0xE9 is not UTF-8",
        "notes/missing.md:1: WARNING: `lane` is missing",
        "notes/none.md:1: WARNING: has no front matter",
        "notes/open.md:1: WARNING: front matter is not closed",
        "notes/twice.md:2: WARNING: `title` is the same as in notes/fine.md",
        "notes/unknown.md:6: WARNING: `sumary` is not a field",
        "notes/yaml.md:5: WARNING: front matter does not parse: mapping values are not allowed in this context",
    ]
    assert "Traceback" not in built.log
    assert all(line.endswith("]") and "[fieldnotes." in line for line in built.warnings)
    assert sorted(path.stem for path in (built.out / "notes").glob("*.html")) == [
        *("2025", "2026", "clash", "fine", "index", "twice")
    ]


def test_suppress_warnings_silences_exactly_one_code(site: Site) -> None:
    site.write("notes/x.md", note("X", lane="kitchen"))
    assert site.build("-D", "suppress_warnings=fieldnotes.unknown-lane").status == 0
    assert site.build("-D", "suppress_warnings=fieldnotes.not-a-date").status == 1


FAULTY = {
    "fence": "Text.\n\n```python\nx = 1\n",
    "admonition": "Text.\n\n:::{note}\nNever closed.\n",
    "tags": "Text.\n\n```{tags} Foo\n```\n\n```{tags}\n```\n",
    "titles": "# titles\n\nText.\n\n# Other\n\n## Deep\n\nMore.\n",
    "formula": "In {math}`\\nonsense{<b>`.\n",
    "pages": "{page}`Spark <tags/spark>` and {page}`tags/sparc`.\n",
    "link": "Text.\n\n[gone](gone.md)\n",
}
"""Faulty texts by the title of their note."""


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with a note for each faulty text."""
    site = Site(tmp_path_factory.mktemp("faulty") / "journal")
    for name, body in FAULTY.items():
        site.write(f"notes/{name}.md", note(name, body=body))
    return site.build()


def warnings(built: Built, name: str) -> list[str]:
    """The warnings of one note."""
    return [line for line in built.warnings if f"notes/{name}.md:" in line]


def test_only_faulty_notes_get_warnings(faulty: Built) -> None:
    assert len(faulty.warnings) == sum(len(warnings(faulty, name)) for name in FAULTY) == 8


def test_unclosed_fence_is_reported(faulty: Built) -> None:
    assert warnings(faulty, "fence") == [
        "notes/fence.md:11: WARNING: a block (```, :::, or HTML) is not closed; add the closing fence or tag [fieldnotes.open-fence]"
    ]


def test_unclosed_admonition_is_reported(faulty: Built) -> None:
    (warning,) = warnings(faulty, "admonition")
    assert warning.split(": WARNING")[0] == "notes/admonition.md:11"
    assert warning.endswith("[fieldnotes.open-fence]")
    assert faulty.page("notes/admonition").select_one("p.tags").parent.name == "section"


def test_tags_in_the_text_are_reported(faulty: Built) -> None:
    message = "tags belong in the front matter; remove this {tags} block [fieldnotes.tag-name]"
    assert [warning.split("WARNING: ")[1] for warning in warnings(faulty, "tags")] == [message, message]
    assert [link.get_text() for link in faulty.page("notes/tags").select("p.tags a")] == ["Spark"]


def test_second_title_is_reported_and_becomes_a_section(faulty: Built) -> None:
    """Imported notes often repeat their title, or begin sections with a single ``#``."""
    (warning,) = warnings(faulty, "titles")
    assert "notes/titles.md:13: WARNING: `Other` is a second title; begin it with `##`" in warning
    headings = faulty.page("notes/titles").select("article :is(h1, h2, h3)")
    assert [(heading.name, heading.get_text().rstrip("#¶")) for heading in headings] == [
        ("h1", "titles"),
        ("h2", "Other"),
        ("h3", "Deep"),
    ]
    assert [link["href"] for link in faulty.page("notes/titles").select(".toc-tree a")][1:] == ["#other", "#deep"]


def test_invalid_formula_is_reported(faulty: Built) -> None:
    (warning,) = warnings(faulty, "formula")
    assert "notes/formula.md:9: WARNING: the formula cannot be parsed" in warning


def test_link_to_an_unknown_page_is_reported(faulty: Built) -> None:
    (warning,) = warnings(faulty, "pages")
    assert "notes/pages.md:9: WARNING: `tags/sparc` is not a page of the site; did you mean `tags/spark`?" in warning
    assert links(faulty, "notes/pages", "article p a.reference")[0] == "../tags/spark.html"


def test_warning_in_the_text_has_its_line(faulty: Built) -> None:
    (warning,) = warnings(faulty, "link")
    assert "notes/link.md:11: WARNING" in warning


def test_lane_without_a_list_of_notes_gets_one_at_its_end(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    lane = site.root / "lanes/bigdata.md"
    lane.write_text(lane.read_text().replace("```{lane-notes}\n```", "Without `{lane-notes}`."))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert texts(built, "lanes/bigdata", ".note-grid h2") == ["X"]


def test_home_shows_the_six_newest_notes_and_a_start_for_each_lane(site: Site) -> None:
    for number in range(1, 9):
        site.write(f"notes/n{number}.md", note(f"N{number}", date=f"2026-01-0{number}"))
    built = site.build()
    assert texts(built, "index", ".note-grid h3") == ["N8", "N7", "N6", "N5", "N4", "N3"]
    assert texts(built, "index", ".threads li") == ["AI systems", "Data platforms", "BigData — begin with N1"]
    assert texts(built, "lanes/bigdata", ".begin") == []
    lane = site.root / "lanes/bigdata.md"
    lane.write_text(lane.read_text().replace("number:", "begin: n4\nnumber:"))
    built = site.build()
    assert texts(built, "index", ".threads li")[2] == "BigData — begin with N4"
    assert texts(built, "lanes/bigdata", ".begin") == ["Begin with: N4"]
    assert texts(built, "notes/n4", ".sidebar-tree .toctree-l2") == ["N7", "N6", "N5", "N4", "N3", "N2", "N1"]
    assert texts(built, "lanes/bigdata", ".prev-page .title") == ["Data platforms"]
    assert built.page("notes/n4").select("p.tags a.internal")
    assert len(built.page("notes/n4").select(".sidebar-tree")) == 1


DRAWINGS = [
    (None, ":alt: A", "{path} cannot be read: No such file or directory; correct the path"),
    ("<svg", ":alt: A", "{path} is not an SVG drawing"),
    ("<p/>", ":alt: A", "{path} has the root <p>; make it <svg xmlns="),
    ("<g xmlns='http://www.w3.org/2000/svg'><svg/></g>", ":alt: A", "{path} has the root <g>; make it <svg"),
    (
        "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        ":alt: A",
        "{path} contains <script>; remove it",
    ),
    (
        "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        ":alt: A",
        "{path} contains the attribute onload; remove it",
    ),
    ("<svg xmlns='http://www.w3.org/2000/svg'><use href='//x'/></svg>", ":alt: A", "the attribute href"),
    ("<svg xmlns='http://www.w3.org/2000/svg'/>", "", "{path} has no alternative text; add `:alt:`"),
]
"""A drawing (None: no file), the options of its directive, and the warning, in which ``{path}`` is the file."""


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Build a journal with a note for each drawing, and return the warnings."""
    site = Site(tmp_path_factory.mktemp("drawings") / "journal")
    for number, (drawing, options, _message) in enumerate(DRAWINGS):
        if drawing:
            site.write(f"notes/d{number}.svg", drawing)
        body = f"```{{diagram}} d{number}.svg\n{options}\n\nCaption.\n```\n"
        site.write(f"notes/x{number}.md", note(f"X{number}", body=body))
    return site.build().warnings


@pytest.mark.parametrize("number", range(len(DRAWINGS)))
def test_invalid_drawing_is_reported(drawings: list[str], number: int) -> None:
    (warning,) = (line for line in drawings if f"notes/x{number}.md:" in line)
    assert f"notes/x{number}.md:9: WARNING: " in warning
    assert DRAWINGS[number][2].format(path=f"notes/d{number}.svg") in warning
    assert warning.endswith("[fieldnotes.diagram]")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with a lab and valid notes, each with one kind of content."""
    site = Site(tmp_path_factory.mktemp("sound") / "journal")
    drawing = "<?xml version='1.0'?><!-- <svg> --><svg xmlns='http://www.w3.org/2000/svg'><path class='wire'/></svg>"
    site.write("notes/d.svg", drawing)
    tabs = "::::{tab-set}\n:::{tab-item} One\n~~~python\nx = 1\n~~~\n:::\n::::\n"
    for name, body in {
        "drawing": '```{diagram} d.svg\n:alt: A "wire" & more\n\nThe *caption*.\n```\n',
        "math": "In {math}`a^2 < b` and\n\n```{math}\n\\frac{1}{2}\n```\n",
        "plain": "Text.\n",
        "code": "```python\nx = 1\n```\n",
        "tabs": tabs,
    }.items():
        site.write(f"notes/{name}.md", note(name, body=body))
    site.lab()
    built = site.build()
    assert (built.status, built.log) == (0, "")
    return built


def test_drawing_is_inline_and_has_a_label(sound: Built) -> None:
    svg = sound.page("notes/drawing").select_one("figure.diagram svg")
    assert (svg["role"], svg["aria-label"]) == ("img", 'A "wire" & more')
    assert svg.select_one("path.wire")
    assert texts(sound, "notes/drawing", "figure.diagram figcaption")[0].startswith("The caption .")


def test_math_needs_no_other_host(sound: Built) -> None:
    assert len(sound.page("notes/math").select("article math")) == 2
    assert "//cdn" not in sound.html("notes/math")


def test_lists_without_notes_say_so(site: Site) -> None:
    built = site.build()
    assert (built.status, built.log) == (0, "")
    assert "No notes in this lane yet." in built.html("lanes/bigdata")
    assert "No notes yet." in built.html("index")
    assert "No notes yet." in built.html("notes/index")
    assert "No tags yet." in built.html("tags/index")


def test_line_endings_and_bom_are_ignored(site: Site) -> None:
    text = note("Plain", body="Text.\n\n```python\nx = 1\n```\n")
    site.write("notes/x.md", text)
    plain = site.build().files()
    for data in (text.replace("\n", "\r\n").encode(), text.encode("utf-8-sig")):
        site.write("notes/x.md", data)
        assert site.build().files() == plain


def corpus(site: Site, count: int, seed: int = 1) -> None:
    """Write notes that link to each other, with random dates, lanes and tags."""
    chance = random.Random(seed)
    for number in range(count):
        day = datetime.date(2023, 1, 1) + datetime.timedelta(days=chance.randrange(1000))
        tags = ", ".join(f"Topic {topic}" for topic in chance.sample(range(12), 3))
        lane = chance.choice(["ai-systems", "data-platforms", "bigdata"])
        body = f"Text {number}.\n\n## Section\n\nSee [another](n{chance.randrange(count)}.md).\n"
        text = note(f"Note {number}", date=str(day), tags=f"[{tags}]", lane=lane, body=body)
        site.write(f"notes/n{number}.md", text)


def test_page_size_does_not_grow_with_the_journal(site: Site, long_lists: Built) -> None:
    for number in range(20):
        site.write(f"notes/n{number}.md", one_of_many(number))
    few = site.build()
    assert (few.status, few.log) == (0, "")
    for page in (f"notes/n{number}" for number in range(4, 16)):  # these have neighbors in both
        assert len(long_lists.html(page)) - len(few.html(page)) < 800
        assert len(long_lists.page(page).select(".sidebar-tree li")) <= 13
    assert len(long_lists.page("lanes/bigdata").select(".sidebar-tree li")) <= 13
    listed = []
    for name in ("tags/spark", "lanes/bigdata"):
        for page in (name, f"{name}/2", f"{name}/1"):
            targets = links(long_lists, page, "article .card-title a")
            assert 1 <= len(targets) <= 50
            listed += [f"{name} {unquote(link).rpartition('/')[2]}" for link in targets]
    assert len(listed) == len(set(listed)) == 106 + 105


@pytest.mark.slow
def test_build_does_not_depend_on_processes_and_hash_seed(site: Site) -> None:
    corpus(site, 12)
    site.lab(texts={f"{name}.txt": name for name in "abcdef"})
    site.environment["PYTHONHASHSEED"] = "1"
    one = site.build("-j", "1", out="_one").files()
    site.environment["PYTHONHASHSEED"] = "2"
    two = site.build("-j", "2", out="_two").files()
    assert one.keys() == two.keys()
    assert [name for name in one if one[name] != two[name]] == []


def test_page_loads_only_the_assets_it_uses(sound: Built) -> None:
    def loaded(page: str) -> list[str]:
        styles = sound.page(page).select("link[rel=stylesheet]")
        addresses = [*(tag["href"] for tag in styles), *scripts(sound.page(page))]
        for address in addresses:
            folder = sound.out if address.startswith("/") else (sound.out / page).parent
            assert (folder / address.split("?")[0].lstrip("/")).is_file(), (page, address)
        return [address.split("?")[0].rpartition("/")[2] for address in addresses]

    everywhere = {"furo.js", "journal.js", "box.js"}
    for page, sheet, others in (
        ("notes/plain", "site.css", set()),
        ("tags/spark", "site.css", set()),
        ("notes/code", "site.css", {"copy.js"}),
        ("notes/tabs", "design.css", {"design-tabs.js", "copy.js"}),
        ("labs/speed", "site.css", set()),
        ("lanes/bigdata", "site.css", set()),
        ("tags/index", "site.css", {"tags.js"}),
        ("index", "front.css", set()),
        ("404", "site.css", set()),
    ):
        first, *rest = loaded(page)
        assert first == sheet, page
        assert set(rest) == everywhere | others, page
    (tabs,) = (tag for tag in sound.page("notes/tabs").find_all("script", src=True) if "design-tabs" in tag["src"])
    assert tabs["data-sd-tabs-storage-prefix"] == "sphinx-design-tab-id-"


def test_stylesheet_in_conf_py_is_loaded_last(site: Site) -> None:
    site.write("_static/own.css", "p { color: red; }\n")
    with (site.root / "conf.py").open("a") as conf:
        conf.write('html_css_files = ["own.css"]\n')
    site.write("notes/x.md", note("X"))
    built = site.build()
    assert built.log == ""
    for page, sheet in {"index": "front.css", "notes/x": "site.css", "404": "site.css"}.items():
        links = [tag["href"].partition("?")[0] for tag in built.page(page).select("link[rel=stylesheet]")]
        assert [link.rpartition("/")[2] for link in links] == [sheet, "own.css"], page


def test_dirhtml_has_the_stylesheet(site: Site) -> None:
    site.write("notes/x.md", note("X"))
    built = site.build("-b", "dirhtml")
    (link,) = built.page("notes/x/index").select("link[rel=stylesheet]")
    sheet = (built.out / "notes/x" / link["href"].partition("?")[0]).resolve()
    assert ".highlight :is(.k," in sheet.read_text()


def test_read_the_docs_build_succeeds(site: Site) -> None:
    """With the variables, command and output folder of Read the Docs."""
    site.write("notes/x.md", note("X"))
    site.environment |= {
        "READTHEDOCS": "True",
        "READTHEDOCS_CANONICAL_URL": "https://notes.example.org/en/latest/",
        "READTHEDOCS_OUTPUT": str(site.root / "_readthedocs"),
        "READTHEDOCS_LANGUAGE": "en",
    }
    built = site.build("-T", "-D", "language=en", out="_readthedocs")
    assert (built.status, built.log) == (0, "")
    for page in ("notes/x", "tags/spark", "notes/index"):
        (canonical,) = built.page(page).select("link[rel=canonical]")
        assert canonical["href"] == f"https://notes.example.org/en/latest/{page}.html"


def test_build_leaves_the_source_tree_unchanged(sample: Built, tmp_path: Path) -> None:
    unbuilt = site_of(tmp_path / "journal", ROOT / "tests/sample", "notes", "labs", "pages")

    def sources(root: Path) -> dict[str, bytes]:
        files = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        contents = {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
        return {name: data for name, data in contents.items() if not name.startswith("_build/")}

    assert sources(sample.root) == sources(unbuilt.root)
