"""A journal's settings in `conf.py`: how they are validated and used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import Site, note
from fieldnotes.commands import check
from fieldnotes.pages.accent_colors import contrast
from fieldnotes.sources import settings
from processes import call

if TYPE_CHECKING:
    from conftest import Built

WRONG = {
    "fieldnotes_tagline": ("2026", "is a number, not text; write it as one text in quotes"),
    "fieldnotes_text_license": ('"CC BY <there>"', "`there` needs a text and a URL; write it as `Forum <https://"),
    "fieldnotes_description": ('("a", "b")', "is a list, not text; write it as one text in quotes"),
    "fieldnotes_repository": ('"github.com/a/b"', "`github.com/a/b` is not a URL; write the address of its page"),
    "fieldnotes_navigation": (
        '["tags/index2"]',
        "contains a dead link: `tags/index2` is not a page of the site; did you mean `tags/ind",
    ),
    "fieldnotes_social": ('["https://example.org"]', "`https://example.org` needs a text and a URL; write it as `For"),
    "fieldnotes_accent": ('("#ffee00", "#7db8e0")', "`#ffee00` has a contrast of 1."),
    "fieldnotes_mark": ('"lamp.svg"', "`lamp.svg` cannot be read: No such file or directory; correct the path"),
    "fieldnotes_rules": ('{"loose-numbr": "off"}', "`loose-numbr` is not a rule; did you mean `loose-number`?"),
    "fieldnotes_synonyms": ('["k8s"]', '`k8s` has no second word; write it as "k8s = Kubernetes"'),
    "fieldnotes_optional": ('["sumary"]', "is invalid: input should be 'summary' or 'tags'; correct it"),
    "fieldnotes_tag_line": ('""', "is not a setting; did you mean `fieldnotes_tagline`?"),
}


def test_invalid_setting_is_one_line_in_build_and_check(site: Site) -> None:
    conf = site.root / "conf.py"
    lines = conf.read_text(encoding="utf-8").splitlines()
    lines += [f"{name} = {value}" for name, (value, _message) in WRONG.items()]
    conf.write_text("\n".join(lines), encoding="utf-8")
    start = len(lines) - len(WRONG) + 1
    built = site.build()
    findings = call(check.check, site.root, fieldnotes_today="2026-11-24", fieldnotes_spelling=False)
    reported = {finding.line: finding for finding in findings if finding.code == "setting"}
    for line, (name, (_value, message)) in enumerate(WRONG.items(), start=start):
        (warning,) = [each for each in built.warnings if each.startswith(f"conf.py:{line}: ")]
        assert warning.startswith(f"conf.py:{line}: WARNING: `{name}` {message}")
        assert warning.endswith("[fieldnotes.setting]")
        assert reported[line].message in warning
    assert len(reported) == len(built.warnings) == len(WRONG)


def test_wrong_type_message_says_what_to_write() -> None:
    given = {
        "fieldnotes_mark": Path("mark.svg"),
        "fieldnotes_rules": ["a"],
        "fieldnotes_accent": "red",
        "fieldnotes_repository": "https://[::1",
    }
    _settings, problems = settings.read(given, {}, ())
    assert sorted(problem.message for problem in problems) == [
        "`fieldnotes_accent` is text, not a list; write it as `fieldnotes_accent = ('#1d5f8a', '#7db8e0')`",
        f"`fieldnotes_mark` is a Python object of the type {type(Path()).__name__}, not text; write it as one text in quotes",
        "`fieldnotes_repository` `https://[::1` is not a URL; write the address of its page, such as https://example.org/team/journal",
        "`fieldnotes_rules` is a list, not a mapping; correct it",
    ]


def test_unknown_time_zone_is_reported_at_its_line(site: Site) -> None:
    conf = (site.root / "conf.py").read_text(encoding="utf-8")
    (site.root / "conf.py").write_text(f'{conf}\nfieldnotes_timezone = "Berlin"\n', encoding="utf-8")
    (warning,) = site.build().warnings
    line = conf.count("\n") + 2
    assert warning.startswith(
        f"conf.py:{line}: WARNING: `fieldnotes_timezone` is `Berlin`, not a time zone; did you mean"
    )


def test_settings_are_on_every_page(sample: Built) -> None:
    for page in ("index", "notes/index", "notes/specimen", "404"):
        html = sample.page(page)
        foot = html.select_one(".colophon")
        assert "Field notes for tests." in foot.get_text()
        assert foot.select_one("a[rel~=license]")["href"] == "https://creativecommons.org/licenses/by/4.0/"
        assert foot.select_one("a[rel~=me]")["href"] == "https://forum.example.org/@journal"
        assert html.select_one(".brand svg .accent")
        assert html.select_one("link[rel~=icon]")["href"].endswith("_static/favicon.svg")
    assert "#7db8e0" in (sample.out / "_static/favicon.svg").read_text()
    for name in ("site.css", "front.css", "design.css"):
        sheet = (sample.out / "_static" / name).read_text()
        assert ":root{--accent-light:#1d5f8a;--wash-light:" in sheet


def test_navigation_comes_from_conf_py(site: Site) -> None:
    site.write("notes/x.md", note("X & Y"))
    with (site.root / "conf.py").open("a") as conf:
        conf.write('fieldnotes_navigation = ["notes/x", "A tag <tags/spark>", "Forum <https://forum.example.org/>"]\n')
    built = site.build()
    assert (built.status, built.log) == (0, "")
    links = built.page("tags/spark").select(".sidebar-tree > ul > li > a")[3:]
    assert [(link.get_text(), link["href"]) for link in links] == [
        ("X & Y", "../notes/x.html"),
        ("A tag", "#"),
        ("Forum", "https://forum.example.org/"),
    ]
    site.write("notes/x.md", note("Z"))
    assert "Z" in site.build().page("lanes/bigdata").select_one(".sidebar-tree > ul").get_text()


def test_rules_can_be_off_advice_or_errors(site: Site) -> None:
    site.write("notes/x.md", note("X", tags="[Lone]", body="It took 17 hours.\n\n{page}`y <notes/y>`\n"))
    conf = site.root / "conf.py"
    text = conf.read_text(encoding="utf-8")

    def levels(rules: str) -> dict[str, bool]:
        conf.write_text(f"{text}\nfieldnotes_rules = {rules}\n", encoding="utf-8")
        findings = call(check.check, site.root, fieldnotes_today="2026-11-24", fieldnotes_spelling=False)
        return {finding.code: finding.is_advice for finding in findings}

    assert levels("{}") == {"loose-number": False, "unknown-page": False, "lone-tag": True}
    assert levels('{"loose-number": "off", "unknown-page": "advice", "lone-tag": "error"}') == {
        "unknown-page": True,
        "lone-tag": False,
    }
    built = site.build()
    assert (built.status, built.log) == (0, "")
    levels("{}")
    assert [line.rpartition("[")[2] for line in site.build().warnings] == ["fieldnotes.unknown-page]"]


@pytest.mark.parametrize(("first", "second", "ratio"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48)])
def test_contrast_follows_wcag(first: str, second: str, ratio: float) -> None:
    assert contrast(first, second) == pytest.approx(ratio, abs=0.005)


def test_summary_and_tags_may_be_optional(site: Site) -> None:
    text = "```{note}\nA box.\n```\n\n% A remark.\n\n*First* `code` and {ref}`a word <x>`. Second, e.g. this.\n"
    long = f"{'Word ' * 30}. {'Other ' * 30}."
    site.write("notes/x.md", note("X", summary=None, tags=None, body=f"{text}\n(x)=\n## Y\n"))
    site.write("notes/long.md", note("Long", summary=None, body=long))
    site.write("notes/none.md", note("None", summary=None, date="2020-01-02", body="## Only\n"))
    assert len([line for line in site.build().warnings if "fieldnotes.missing-field" in line]) == 4
    with (site.root / "conf.py").open("a") as conf:
        conf.write('fieldnotes_optional = ["summary", "tags"]\n')
    built = site.build()
    assert (built.status, built.log) == (0, "")
    descriptions = {
        name: built.page(f"notes/{name}").select_one("meta[name=description]")["content"]
        for name in ("x", "long", "none")
    }
    assert descriptions == {
        "x": "First code and a word. Second, e.g. this.",
        "long": f"{'Word ' * 30}.",
        "none": "No summary.",
    }
    page = built.page("notes/x").select_one("article")
    assert page.select(".standfirst, p.tags") == []
    assert page.get_text().count("Second") == 1
    assert built.page("notes/none").select(".stale")
    assert built.page("notes/index").select(".note-index li") != []
    assert len(built.page("lanes/bigdata").select(".card-tags")) == 2
    clean = site.build(fresh=True)
    assert (clean.status, clean.log) == (0, "")
