"""A site in another language: words, dates and text direction."""

from __future__ import annotations

import datetime
import io
import re
from typing import TYPE_CHECKING

import feedparser
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from browsing import opened
from conftest import ROOT, note, serve, site_of
from fieldnotes.sources.language import FOLDER, Language

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Built, Site
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def german(build_once: Callable[[str, Callable[[Path], Site]], Built]) -> Built:
    """The sample in German. Add new fields to `stale`; date new notes outside 2024, whose notes are counted below."""

    def write(root: Path) -> Site:
        site = site_of(root, ROOT / "tests/sample", "notes", "labs")
        fields = {"date": "2024-03-01", "updated": "2024-03-02", "applies_to": "[Spark 3]"}
        site.write("notes/stale.md", note("Stale", **fields, body="- [x] One\n- [ ] Other\n"))
        site.write("conf.py", (site.root / "conf.py").read_text() + '\nlanguage = "de"\n')
        return site

    return build_once("german", write)


def words(built: Built, page: str) -> str:
    return " ".join(built.page(page).body.get_text(" ").split())


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (
            "index",
            [
                "Zum Inhalt springen",
                "Alle Notizen",
                "Menü",
                "· 16. November 2026 · 1 Min.",
                "Erstellt mit Sphinx und Furo",
            ],
        ),
        ("notes/2024", ["Notizen aus 2024", "Jahre", "6 Notizen", "1 Notiz", "März"]),
        ("tags/index", ["Alle Schlagwörter mit", "Schlagwörter filtern"]),
        ("tags/spark", ["Schlagwort Spark", "Verwandte Schlagwörter"]),
        (
            "notes/stale",
            [
                "1. März 2024",
                "1 Min. Lesezeit",
                "Gilt für Spark 3",
                "Aktualisiert am 2. März 2024",
                "Vor mehr als einem Jahr veröffentlicht, am",
                "und seitdem nicht geprüft. Versionen",
                "Verwandte Notizen",
            ],
        ),
        ("labs/index", ["Experimente", "Zitiert in"]),
        ("404", ["Unter dieser Adresse gibt es keine Seite"]),
        ("search", ["Die Suche wird geladen"]),
    ],
)
def test_pages_are_in_the_language_of_the_site(german: Built, page: str, expected: list[str]) -> None:
    page_text = words(german, page)
    assert [text for text in expected if text not in page_text] == []
    assert german.page(page).html["lang"] == "de"


def test_task_boxes_are_labeled_in_the_language_of_the_site(german: Built) -> None:
    labels = [box["aria-label"] for box in german.page("notes/stale").select(".task-box")]
    assert labels == ["erledigt", "offen"]


def test_exports_are_in_the_language_of_the_site(german: Built) -> None:
    feed = feedparser.parse((german.out / "tags/spark.xml").read_bytes())
    assert (feed.feed.language, feed.feed.subtitle) == ("de", "Notizen zu Spark.")
    assert feedparser.parse((german.out / "feed.xml").read_bytes()).feed.language == "de"


def test_scripts_are_in_the_language_of_the_site(german: Built, browser: Browser) -> None:
    with serve(german.out) as address, opened(browser) as page:
        page.goto(f"{address}/tags/index.html")
        page.locator("#tag-filter").fill("Amazon")
        page.locator(".tag-filter [role=status]").filter(has_text="1 von 15 Schlagwörtern").wait_for()
        page.locator("button.sidebar-search").filter(has_text="Suche").click()
        page.locator("dialog .search-input").fill("watermark")
        page.locator("dialog .result-list").filter(has_text="28. September 2025").wait_for()
        page.locator("dialog .search-status").filter(has_text=re.compile(r"^\d+ Notiz(en)?$")).wait_for()


def test_every_message_of_the_site_is_translated() -> None:
    """`make words` is up to date, and no message lacks a translation."""
    with (FOLDER / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    folders = [ROOT / name for name in ("_ext/fieldnotes", "_templates", "_static")]
    extracted = {entry[2] for folder in folders for entry in extract_from_dir(folder, methods, options)}
    for path in FOLDER.glob("*/LC_MESSAGES/fieldnotes.po"):
        messages = {message.id: message for message in read_po(io.BytesIO(path.read_bytes())) if message.id}
        assert set(messages) == extracted
        strings = {
            key: message.string if isinstance(key, tuple) else (message.string,) for key, message in messages.items()
        }
        assert [key for key, texts in strings.items() if not all(texts)] == []
        assert [message.id for message in messages.values() if message.fuzzy or [*message.check()]] == []


@pytest.mark.parametrize(
    ("code", "date", "direction", "tag"),
    [
        ("en", "3 January 2026", "ltr", "en"),
        ("de", "3. Januar 2026", "ltr", "de"),
        ("pt_BR", "3 de janeiro de 2026", "ltr", "pt-BR"),
        ("zh_CN", "2026年1月3日", "ltr", "zh-CN"),
        ("he", "3 בינואר 2026", "rtl", "he"),
        ("nonsense", "3 January 2026", "ltr", "nonsense"),
    ],
)
def test_language_has_its_date_format_and_direction(code: str, date: str, direction: str, tag: str) -> None:
    language = Language(code)
    assert (language.date(datetime.date(2026, 1, 3)), language.direction, language.tag) == (date, direction, tag)
    assert language.gettext("All notes") == ("Alle Notizen" if code == "de" else "All notes")


ARABIC = "تبدأ بعض أعطال Spark كتغيّر في الشكل قبل أن تتفق السجلات."


def test_site_in_arabic_runs_from_right_to_left(site: Site) -> None:
    site.write(
        "notes/a.md", note("سبارك", body=f"Spark: {ARABIC}\n\n## A section\n\nEnglish text, with {ARABIC[:5]}.\n")
    )
    built = site.build("-D", "language=ar")
    assert (built.status, built.log) == (0, "")
    page = built.page("notes/a")
    assert (page.html["lang"], page.html["dir"]) == ("ar", "rtl")
    assert [element.get_text(" ", strip=True)[:7] for element in page.select("article .ltr")] == [
        "What it",
        "A secti",
        "English",
        "Tags: S",
    ]
    built = site.build("-D", "language=en")
    page = built.page("notes/a")
    assert "dir" not in page.html.attrs
    assert [element.name for element in page.select("article .rtl")] == ["h1", "p"]
