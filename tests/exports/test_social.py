"""The mark of a note, and the picture that other sites show next to a link to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT, note
from fieldnotes.exports.social_picture import COLUMN, LEADING, TITLE_HEIGHT, PictureRenderer
from fieldnotes.pages.note_marks import pattern

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Built, Site

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200" width="400" height="200"><title id="t">Words</title>
<defs><clipPath id="c"><path d="M0 0h9v9z"/></clipPath></defs><g clip-path="url(#c)"><path class="box-lamp" d="M0 0h99v9z"/>
<use href="#c"/><text x="9" y="9">Words</text></g></svg>"""

PUBLIC = ("-D", "html_baseurl=https://journal.example/")
"""Options of a public build; no other build draws pictures."""

TITLES = {
    "plain": "Every Number & <Its> Queue",
    "accents": "Łódź, Ağrı, naïve façade",
    "chinese": "流式系统中的每一个水位线都会丢掉一些东西",
    "arabic": "كل رقم للكمون في Spark يخفي طابورًا",
    "long": "every number hides a queue and " * 9 + "so on",
    "word": "A" * 200,
}


def write_notes(site: Site, **fields: str) -> None:
    for name, title in TITLES.items():
        site.write(f"notes/{name}.md", note(f"'{title}'", **fields))
    site.write("notes/pictures/drawn.svg", DRAWING)
    site.write("notes/drawn.md", note("Drawn", picture="pictures/drawn.svg"))
    site.write("notes/twice.md", note("Twice", picture="pictures/drawn.svg"))
    site.lab()
    site.write("notes/figure.md", note("Figure", picture="speed:curve"))


def pictures(built: Built) -> dict[str, bytes]:
    return {path: data for path, data in built.files().items() if re.fullmatch(r"notes/[a-z]+\.png", path)}


@pytest.mark.slow
def test_picture_is_redrawn_only_when_its_content_changes(site: Site) -> None:
    write_notes(site)
    local = site.build(out="_local")
    assert pictures(local) == {}
    assert "_static/social.png" in local.page("notes/plain").select_one("meta[property='og:image']")["content"]
    first = site.build(*PUBLIC)
    assert (first.status, first.log) == (0, "")
    assert "notes/plain.png" in first.page("notes/plain").select_one("meta[property='og:image']")["content"]
    drawn = pictures(first)
    assert len(set(drawn.values())) == len(TITLES) + 3
    assert {data[16:24] for data in drawn.values()} == {(1200).to_bytes(4) + (630).to_bytes(4)}
    times = {path: (first.out / path).stat().st_mtime_ns for path in drawn}
    site.write("notes/plain.md", note(f"'{TITLES['plain']}'", body="Other text.\n"))
    site.write("notes/accents.md", note("Another title"))
    site.write("_templates/note-end.html", "")
    second = site.build(*PUBLIC)
    assert (second.status, second.log) == (0, "")
    again = [path for path in drawn if (second.out / path).stat().st_mtime_ns != times[path]]
    assert again == ["notes/accents.png"]
    clean = site.build(*PUBLIC, out="_clean")
    assert pictures(clean) == pictures(second)


def test_mark_shows_the_drawing_without_its_text(site: Site) -> None:
    write_notes(site)
    built = site.build()
    for page in ("notes/drawn", "notes/figure", "notes/plain", "lanes/bigdata", "tags/spark", "notes/index", "index"):
        html = built.page(page)
        assert html.select(".mark[aria-hidden=true] svg path"), page
        assert not html.select(".mark :is(text, title, desc)")
        ids = [element["id"] for element in html.select("[id]")]
        assert len(ids) == len(set(ids)), page
    head = built.page("notes/drawn").select_one("article > .mark")
    name = head.select_one("clippath, clipPath")["id"]
    assert (head.g["clip-path"], head.use["href"]) == (f"url(#{name})", f"#{name}")
    assert "diagram" in head["class"]
    assert "lab-figure" in built.page("notes/figure").select_one("article > .mark")["class"]
    site.write("notes/pictures/drawn.svg", DRAWING.replace("h99", "h88"))
    second = site.build()
    assert all("h88" in second.html(page) for page in ("notes/drawn", "lanes/bigdata", "tags/spark"))


def test_invalid_picture_is_reported_at_its_line(site: Site) -> None:
    site.lab()
    site.write("notes/a.md", note("A", picture="gone.svg"))
    site.write("notes/b.md", note("B", picture="speed:curv"))
    site.write("notes/c.md", note("C", picture="../../outside.svg"))
    site.write("notes/d.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    site.write("notes/d.md", note("D", picture="d.svg"))
    site.write("notes/e.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='100%'><path d='M0 0h9'/></svg>")
    site.write("notes/e.md", note("E", picture="e.svg"))
    built = site.build()
    assert [re.sub("^.*/notes", "notes", line) for line in sorted(built.warnings)] == [
        "notes/a.md:7: WARNING: `picture`: notes/gone.svg cannot be read: No such file or directory; correct the path"
        " [fieldnotes.picture]",
        "notes/b.md:7: WARNING: `picture`: `speed:curv` is not a figure of a lab; did you mean `speed:curve`?"
        " [fieldnotes.unknown-result]",
        "notes/c.md:7: WARNING: `picture`: ../outside.svg is outside the journal; copy the file into it"
        " [fieldnotes.picture]",
        "notes/d.md:7: WARNING: `picture`: notes/d.svg contains <script>; remove it [fieldnotes.picture]",
        'notes/e.md:7: WARNING: `picture`: notes/e.svg has no size; add one, such as `viewBox="0 0 400 300"`'
        " [fieldnotes.picture]",
    ]
    assert built.page("notes/a").select("article > .mark svg"), "a note with an invalid picture has a pattern"


def test_wrapped_title_fits_the_column(tmp_path: Path) -> None:
    renderer = PictureRenderer(ROOT / "_static", tmp_path, "Journal", "", ("#1d5f8a", "#7db8e0"))
    for title in (*TITLES.values(), "C++", "流" * 300, "W" * 300, "A b " * 75):
        size, lines = renderer.wrap(title)
        assert len(lines) * size * LEADING <= TITLE_HEIGHT
        assert all(renderer.width(line.rstrip("…")) * size <= COLUMN for line in lines)
        shown = "".join("".join(lines).split())
        assert "".join(title.split()).startswith(shown.rstrip("…"))
        assert shown.endswith("…") == (len(shown) < len("".join(title.split()))), title
    assert renderer.wrap("Every Watermark Drops Something")[1] == ["Every", "Watermark", "Drops", "Something"]
    assert renderer.clip("A lane with a name that is far too long to stand in a line", 30).endswith("…")


def test_pattern_depends_on_lane_tag_and_name() -> None:
    drawn = {pattern(sign, tag, name) for sign in (1, 2, 3, 4) for tag in "ab" for name in "cde"}
    assert len(drawn) >= 20
    assert all(len(each) < 900 for each in drawn)
    assert pattern(1, "Spark", "notes/x") == pattern(1, "Spark", "notes/x")
