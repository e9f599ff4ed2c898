"""One invalid file per rule, with the exact message its author reads."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Literal

import pytest
import sphinx_tags
from fieldnotes.catalog import loading
from fieldnotes.sources import front_matter_fields, front_matter_yaml
from fieldnotes.sources import note as note_module
from fieldnotes.sources.problem import Code, Invalid, Problem
from headers import GOOD, GOOD_FILES, LANES, TODAY, header
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pathlib import Path


BAD = [
    # the file
    ("Text alone.", 1, Code.NO_FRONT_MATTER, "has no front matter; begin the file with"),
    ("", 1, Code.NO_FRONT_MATTER, "has no front matter"),
    ("\n" + header(), 1, Code.NO_FRONT_MATTER, "has no front matter"),
    ("---\ntitle: A note\n\nText.", 1, Code.UNCLOSED, "front matter is not closed; end it with a line `---`"),
    ("---", 1, Code.UNCLOSED, "front matter is not closed"),
    ("---\ntitle: A\n--- x\n---\n", 1, Code.UNCLOSED, "front matter is not closed"),
    (header().replace("A note", "Caf\xe9").encode("latin-1"), 2, Code.ENCODING, "byte 0xE9 is not UTF-8; save"),
    (header().encode("utf-16"), 1, Code.ENCODING, "byte 0xFF is not UTF-8; save the file as UTF-8"),
    # YAML
    (
        header(summary="Two: parts: three"),
        5,
        Code.YAML,
        "does not parse: mapping values are not allowed in this context; put",
    ),
    (header(tags="[Spark"), 7, Code.YAML, "does not parse"),
    (header(title='"open'), 7, Code.YAML, "does not parse"),
    (header(title="@home"), 2, Code.YAML, "does not parse"),
    (header(date="2026-13-01"), 4, Code.DATE, "`date` `2026-13-01` is not a date; write it as YYYY-MM-DD"),
    ("---\n- a\n- b\n---\n", 2, Code.YAML, "front matter is not a list of fields; write one `field: value` per line"),
    ("---\njust text\n---\n", 2, Code.YAML, "is not a list of fields"),
    ("---\n" + "[" * 4990 + "]" * 4990 + "\n---\n", 2, Code.YAML, "is not a list of fields"),
    ("---\n" + "{" * 150_000 + "\n---\n", 1, Code.LONG, "front matter is 150008 characters long; keep it to 10000"),
    (
        header(title="[" * 4000 + "]" * 4000),
        1,
        Code.YAML,
        "front matter is nested too deeply; write each field on one line",
    ),
    (header().replace("summary:", "title: Again\nsummary:"), 5, Code.YAML, "`title` appears twice; keep one"),
    ("---\n{title: a, title: b}\n---\n", 2, Code.YAML, "`title` appears twice; keep one"),
    (header().replace("---\n\n", "? title\n: x\n---\n\n"), 7, Code.YAML, "`title` appears twice"),
    # fields
    (header(**{"? [a]\n": "x"}), 7, Code.YAML, "does not parse: found unhashable key"),
    (header(**{"2026-01-01": "x"}), 7, Code.UNKNOWN, "`2026-01-01` is not a field; the fields are title"),
    (header(**{r'"a\nb"': "x"}), 7, Code.UNKNOWN, "`a\N{REPLACEMENT CHARACTER}b` is not a field"),
    (header(**{r'"\ud800"': "x"}), 7, Code.YAML, "does not parse: found invalid Unicode"),
    (header(**{"<<": "{title: b}"}), 7, Code.UNKNOWN, "`<<` is not a field"),
    (header(lane=None), 1, Code.MISSING, "`lane` is missing; add it, as in `lane: ai-systems`"),
    (header(title=None), 1, Code.MISSING, "`title` is missing; add it, as in `title: What a restart"),
    (header(title=""), 2, Code.EMPTY, "`title` is empty; write something"),
    (header(title="'   '"), 2, Code.EMPTY, "`title` is empty"),
    (header(date=""), 4, Code.EMPTY, "`date` is empty; write something, or remove the line"),
    (header(tags=""), 6, Code.EMPTY, "`tags` is empty; write something"),
    (header(tags="[]"), 6, Code.EMPTY, "`tags` is empty"),
    (header(colour="red"), 7, Code.UNKNOWN, "`colour` is not a field; the fields are title, lane, date, summary, tags"),
    (header(title=None, tittle="A"), 6, Code.UNKNOWN, "`tittle` is not a field; did you mean `title`?"),
    (header(Title="Again"), 7, Code.UNKNOWN, "`Title` is not a field; did you mean `title`?"),
    (header(docname="x"), 7, Code.UNKNOWN, "`docname` is not a field"),
    (header(title="[a]"), 2, Code.TYPE, "`title` is a list"),
    (header(title=r'"a\0b"'), 2, Code.TEXT, "`title` contains the unprintable character U+0000; remove it"),
    (header(title="a\x07b"), 2, Code.TEXT, "front matter contains the unprintable character U+0007; remove it"),
    (header(summary="a  \n  b\x85c"), 6, Code.TEXT, "front matter contains the unprintable character U+0085"),
    (header(title=r'"a\ud800b"'), 2, Code.YAML, "does not parse: found invalid Unicode"),
    (header(title='"a\ufffeb"'.replace("\ufffe", r"\uFFFE")), 2, Code.TEXT, "U+FFFE"),
    (header(title=r'"a\u202Eb"'), 2, Code.TEXT, "U+202E"),
    (header(title=r'"\u200B"'), 2, Code.EMPTY, "`title` is empty"),
    (header(title="a" * 301), 2, Code.LONG, "`title` is 301 characters long; keep it to 300"),
    # lane
    (header(lane="bigdata2"), 3, Code.LANE, "`lane` `bigdata2` is not a lane; did you mean `bigdata`?"),
    (header(lane="AI systems"), 3, Code.LANE, "did you mean `ai-systems`?"),
    (header(lane="kitchen"), 3, Code.LANE, "the lanes are ai-systems, bigdata"),
    # date
    (header(date="soon"), 4, Code.DATE, "`date` `soon` is not a date; write it as YYYY-MM-DD"),
    (header(date="2026-1-2"), 4, Code.DATE, "is not a date"),
    (header(date="'2026-02-30'"), 4, Code.DATE, "is not a date"),
    (header(date="20260102"), 4, Code.DATE, "`date` `20260102` is not a date"),
    (
        header(date="2026-01-02 10"),
        4,
        Code.DATE,
        "`date` `2026-01-02 10` is not a date; write it as 2026-01-02, or with",
    ),
    (header(date="2026-01-02T24:30:00Z"), 4, Code.DATE, "`date` `2026-01-02T24:30:00Z` is not a date"),
    (header(date="2026-01-02 10:00 +99"), 4, Code.DATE, "`date` `2026-01-02 10:00 +99` is not a date"),
    (header(date="9999-12-31 23:00 -10"), 4, Code.DATE, "`date` `9999-12-31 23:00 -10` is not a date"),
    # tags
    (header(tags="Spark"), 6, Code.TYPE, "`tags` is text, not a list; write it as in `tags: [Spark, YARN]`"),
    (header(tags="[Spark, Spark]"), 6, Code.TAG_TWICE, "`tags` contains `Spark` twice; keep one of them"),
    (header(tags="[R, C, R]"), 6, Code.TAG_TWICE, "`tags` contains `R` twice; keep one of them"),
    (header(tags="[Spark, spark]"), 6, Code.TAG_TWICE, "has `Spark` and `spark`, which share one page"),
    (header(tags="['A B', 'A/B']"), 6, Code.TAG_TWICE, "has `A B` and `A/B`, which share one page"),
    (header(tags="['a, b']"), 6, Code.TAG, "`tags` item 1 contains `,`; write it without commas"),
    (header(tags="['!!!']"), 6, Code.TAG, "`!!!` cannot be turned into a page address"),
    (header(tags="[Index]"), 6, Code.TAG, "cannot be turned into a page address"),
    (header(tags=f"[{'x' * 81}]"), 6, Code.LONG, "`tags` item 1 is too long for a page address"),
    (header(tags=f"{[*range(31)]}"), 6, Code.LONG, "`tags` has 31 tags; keep the 30 most important"),
    # authors
    (header(authors=f"{[*range(31)]}"), 7, Code.LONG, "`authors` has 31 authors; keep the 30 most important"),
    (header(authors="[Ada, ada]"), 7, Code.TAG_TWICE, "`authors` has `Ada` and `ada`, which share one page; keep one"),
    # formerly
    (header(formerly="old-name"), 7, Code.TYPE, "`formerly` is text, not a list; write it as in `formerly: ["),
    (header(formerly="[]"), 7, Code.EMPTY, "`formerly` is empty; write something, or remove the line"),
    (
        header(formerly="['2026']"),
        7,
        Code.FORMER,
        "`formerly` item 1 `2026` is the address of an archive page; remove it",
    ),
    (header(formerly="[index]"), 7, Code.FORMER, "`index` is the address of an archive page"),
    (
        header(formerly="\n  - old\n  - 2026/1"),
        9,
        Code.FORMER,
        "`formerly` item 2 `2026/1` is the address of an archive page",
    ),
    (header(formerly="[notes/old.html]"), 7, Code.FORMER, "`notes/old.html` contains a path or extension; write `old`"),
    (
        header(formerly="[/tags/old/]"),
        7,
        Code.FORMER,
        "`/tags/old/` is reserved for the journal's own pages; remove it",
    ),
    (
        header(formerly="[/a//b]"),
        7,
        Code.FORMER,
        "`/a//b` is not a valid path of the site; write it as in `[/2023/01/old-name.html]`",
    ),
    (header(formerly="[/../b]"), 7, Code.FORMER, "`/../b` is not a valid path of the site"),
    (header(formerly="[/a%00b]"), 7, Code.FORMER, "`/a%00b` is not a valid path of the site"),
    (header(formerly="[/feed.xml]"), 7, Code.FORMER, "`/feed.xml` is reserved for the journal's own pages"),
    (header(formerly="[/sitemap.xml/x]"), 7, Code.FORMER, "`/sitemap.xml/x` is reserved for the journal's own"),
    (header(formerly="[/notes/old]"), 7, Code.FORMER, "write `old`, without notes/ and .html"),
    (header(formerly="[old.md]"), 7, Code.FORMER, "write `old`"),
    (header(formerly="['https://example.org/old']"), 7, Code.FORMER, "is not a valid file name"),
    (header(formerly="[../old]"), 7, Code.FORMER, "is not a valid file name"),
    (header(formerly="[a//b]"), 7, Code.FORMER, "is not a valid file name"),
    (header(formerly="['a?b']"), 7, Code.FORMER, "is not a valid file name"),
    (header(formerly=f"[{'x' * 201}]"), 7, Code.LONG, "`formerly` item 1 is too long for an address"),
    # updated, verified
    (header(updated="soon"), 7, Code.DATE, "`updated` `soon` is not a date; write it as YYYY-MM-DD"),
    (header(updated="2026-01-01"), 7, Code.DATE, "`updated` 2026-01-01 is before `date`; write the day of the change"),
    (header(updated="2026-11-23"), 7, Code.FUTURE, "`updated` 2026-11-23 is in the future; write the day on which"),
    (header(verified="2026-11"), 7, Code.DATE, "`verified` `2026-11` is not a date"),
    (header(verified="2026-11-22 12:01"), 7, Code.FUTURE, "`verified` 2026-11-22T12:01:00Z is in the future"),
    (
        header(date="2026-01-02 10:00", updated="2026-01-02T09:59Z"),
        7,
        Code.DATE,
        "2026-01-02T09:59:00Z is before `date`",
    ),
    (header(verified="[2026-11-22]"), 7, Code.DATE, "`verified` is not a date; write it"),
    (header(verified="2026-11-23"), 7, Code.FUTURE, "`verified` 2026-11-23 is in the future"),
    (header(date="2026-12-24", verified="2026-11-23"), 7, Code.FUTURE, "`verified` 2026-11-23 is in the future"),
    # applies_to
    (
        header(applies_to="Spark 4.x"),
        7,
        Code.TYPE,
        "`applies_to` is text, not a list; write it as in `applies_to: [Spark 4.x, Hadoop 3.4]`",
    ),
    (
        header(applies_to="\n  - A\n  - [4.1]"),
        9,
        Code.TYPE,
        "`applies_to` item 2 is a list, not text; write it as one text in quotes",
    ),
    (header(applies_to="[]"), 7, Code.EMPTY, "`applies_to` is empty"),
    # draft
    (
        header(draft="maybe"),
        7,
        Code.VALUE,
        "`draft` is invalid: input should be a valid boolean, unable to interpret",
    ),
    (header(draft=""), 7, Code.EMPTY, "`draft` is empty"),
    (header(draft="false", lane="kitchen"), 3, Code.LANE, "`kitchen` is not a lane"),
]


@pytest.mark.parametrize(("source", "line", "code", "message"), BAD)
def test_invalid_file_has_one_problem(tmp_path: Path, source: str | bytes, line: int, code: Code, message: str) -> None:
    write_lanes(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/x.md").write_bytes(source if isinstance(source, bytes) else source.encode())
    loaded = loading.load(tmp_path, TODAY)
    assert [(problem.path, problem.line, problem.code) for problem in loaded.problems] == [("notes/x.md", line, code)]
    assert message in loaded.problems[0].message
    assert "; " in loaded.problems[0].message or "?" in loaded.problems[0].message
    assert "\n" not in loaded.problems[0].message
    kept = code is Code.FUTURE  # like a title used twice, it is reported without leaving the note out
    assert loaded.left_out == (() if kept and "2026-12-24" not in str(source) else ("notes/x.md",))
    assert len(loaded.catalog.notes) == (not loaded.left_out)


def test_every_code_has_a_test() -> None:
    others = {
        *(Code.TAG_CLASH, Code.TITLE_TWICE, Code.LANE_NUMBER, Code.ADDRESS, Code.UNREADABLE),  # test_catalog.py
        *(Code.OPEN_FENCE, Code.DIAGRAM, Code.PAGE, Code.MATH),  # test_pages.py
        Code.SITE,  # test_urls.py
        Code.SETTING,  # test_settings.py
        Code.OUTLINE,  # test_new.py
        *(Code.DAY, Code.UNPUBLISHED),  # test_unpublished.py
        *(Code.LAB, Code.RESULT),  # test_labs.py
        *(Code.NEAR_TAG, Code.LONE_TAG, Code.HEADING, Code.BARE, Code.ALT, Code.PICTURE),  # test_rules.py
        Code.NESTING,  # test_hostile.py
        *(Code.FAILED, Code.TOCTREE),  # test_failures.py
        Code.OUTSIDE,  # test_outside_files.py
        *(Code.RAW_HTML, Code.ADDRESS_SCHEME),  # test_raw_html.py
        *(Code.FOREIGN, Code.SOURCES, Code.NUMBER, Code.SPELLING, Code.WAITING),  # test_rules.py
    }
    assert {code for _source, _line, code, _message in BAD} | others == set(Code)


def test_all_problems_of_a_file_are_reported() -> None:
    source = header(title="", lane="kitchen", date="soon", tags="Spark", colour="red")
    with pytest.raises(Invalid) as error:
        note_module.read("notes/x.md", source.encode(), LANES)
    assert [(problem.line, problem.code) for problem in error.value.problems] == [
        (2, Code.EMPTY),
        (3, Code.LANE),
        (4, Code.DATE),
        (6, Code.TYPE),
        (7, Code.UNKNOWN),
    ]


@pytest.mark.parametrize(("draft", "is_draft"), [("true", True), ("Yes", True), ("on", True), ("no", False)])
def test_invalid_note_is_a_draft_whatever_the_spelling(draft: str, is_draft: bool) -> None:
    with pytest.raises(Invalid) as error:
        note_module.read("notes/x.md", header(lane="kitchen", draft=draft).encode(), LANES)
    assert error.value.draft is is_draft


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (header(tags="[a"), "does not parse"),
        ("---\njust text\n---\n", "is not a list of fields"),
        ("---\n" + "[" * 150_000 + "\n---\n", "keep it to 10000"),
    ],
)
def test_invalid_header_is_reported_where_the_summary_is_optional(text: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        note_module.read("notes/x.md", text.encode(), LANES, optional=("summary",))


def test_summary_from_the_text_has_no_unprintable_characters() -> None:
    text = header(summary=None).replace("Text.", "A bell\x07\nrings.")
    assert note_module.read("notes/x.md", text.encode(), LANES, optional=("summary",)).summary == "A bell rings."


class WithLevel(front_matter_fields.FrontMatter):
    """A schema with an optional field that pydantic validates."""

    level: Literal["working", "deep"] | None = None


def parse_with_level(text: str) -> WithLevel:
    return front_matter_yaml.split("notes/x.md", text)[0].parse(WithLevel, lanes=LANES)


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("expert", Code.VALUE, "`level` is invalid: input should be 'working' or 'deep'; correct it"),
        ("[deep]", Code.VALUE, "`level` is invalid: input should be 'working' or 'deep'; correct it"),
        ("", Code.EMPTY, "`level` is empty; write something, or remove the line"),
    ],
)
def test_new_field_may_use_any_pydantic_type(value: str, code: Code, message: str) -> None:
    assert parse_with_level(header()).level is None
    assert parse_with_level(header(level="deep")).level == "deep"
    with pytest.raises(Invalid) as error:
        parse_with_level(header(level=value))
    assert error.value.problems == (Problem("notes/x.md", 7, code, message),)


def test_text_that_yaml_reads_as_another_type_needs_no_quotes() -> None:
    source = header(title="2026", summary="yes", tags="[2026-01-01, 4.0, null]", applies_to="[1_000]", draft="True")
    parsed = note_module.read("notes/x.md", source.encode(), LANES)
    assert (parsed.title, parsed.summary, parsed.tags) == ("2026", "yes", ("2026-01-01", "4.0", "null"))
    assert (parsed.applies_to, parsed.draft) == (("1_000",), True)


@pytest.mark.parametrize("data", GOOD_FILES)
def test_read_ignores_bom_line_endings_and_yaml_style(data: bytes) -> None:
    parsed = note_module.read("notes/x.md", data, LANES)
    assert (parsed.title, parsed.date, parsed.tags) == ("A note", datetime.date(2026, 1, 2), ("Spark", "YARN"))


@pytest.mark.parametrize(("words", "minutes"), [(0, 1), (1, 1), (220, 1), (221, 2), (2200, 10)])
def test_reading_time_is_rounded_up(words: int, minutes: int) -> None:
    text = header().replace("Text.", "| word " * words)
    assert note_module.read("notes/x.md", text.encode(), LANES).minutes == minutes


@given(st.one_of(st.binary(max_size=400), st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace"))))
def test_read_of_arbitrary_bytes_returns_a_note_or_raises_invalid(data: bytes) -> None:
    assert_note_or_problems(data)


YAML_TEXT = st.text(alphabet="abz019 -:[]{}\"'#&*!|>%@`\\,\n\t?é\x85\u2028", max_size=60)


@given(st.dictionaries(st.sampled_from([*GOOD, "x"]), YAML_TEXT, min_size=1), st.sampled_from(["\n", "\r\n"]))
def test_read_of_arbitrary_fields_returns_a_note_or_raises_invalid(fields: dict[str, str], newline: str) -> None:
    assert_note_or_problems(header(**fields).replace("\n", newline).encode())


def assert_note_or_problems(data: bytes) -> None:
    """Assert that the file is a note, or has problems whose lines exist and whose messages fit on one line."""
    try:
        parsed = note_module.read("notes/x.md", data, LANES)
    except Invalid as error:
        problems = error.problems
    else:
        assert parsed.title.strip() == parsed.title != ""
        assert parsed.tags
        return
    assert problems
    for problem in problems:
        assert 1 <= problem.line <= len(data.splitlines()) + 1
        assert problem.message
        assert "\n" not in problem.message


def write_lanes(root: Path) -> None:
    """Write the two lanes of these tests."""
    (root / "lanes").mkdir()
    for number, (name, title) in enumerate(LANES.items(), start=1):
        text = f"---\ntitle: {title}\nnumber: {number}\nheadline: A headline\ndescription: A description.\n---\n"
        (root / f"lanes/{name}.md").write_text(text)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("C", "c"),
        (".NET", "net"),
        ("ml/ops", "ml-ops"),
        ("日本語", "日本語"),
    ],
)
def test_slug_distinguishes_programming_languages(name: str, slug: str) -> None:
    assert front_matter_fields.slug(name) == slug


@given(st.text(max_size=40).filter(lambda name: not {"+", "#"} & {*name}))
def test_slug_matches_sphinx_tags(name: str) -> None:
    assert front_matter_fields.slug(name) == sphinx_tags._normalize_tag(name, dashes=True)
