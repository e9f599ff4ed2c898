"""Any file name, in any locale: the file is read and linked everywhere, or rejected with a message that names it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin
from xml.etree import ElementTree

import pytest
from conftest import DAY, ROOT, Site, note
from fieldnotes.commands import check as check_module
from processes import call

if TYPE_CHECKING:
    from conftest import Built

pytestmark = pytest.mark.slow

ACCEPTED = ["größe", "with space", "o'&b", "a,b;c=d@e", "(a)[b]{c}", "日本", "sub folder/[x]/ö", "a+b~c!$`d", "l" * 197]
NFD = unicodedata.normalize("NFD", "é")
REJECTED = {
    **{name: f"the file name has `{name[1]}`" for name in ("a<b>", "h#x", "q?x", "p%41", "c:on", 'q"t', "b\\s", "s*r", "p|q")},
    **dict.fromkeys((" lead", "trail ", "sub /x"), "the file name has ` `"),
    **dict.fromkeys(("new\nline", "bell\x07", "bidi\u202ex", "zero\u200bx"), "the file name cannot be used in a URL"),
    "l" * 198: "the file name is too long",
    NFD: "the file name uses decomposed accents",
    f"twin-{NFD}": "the name of another file differs only in case or Unicode form",
    "twin-é": "the name of another file differs only in case or Unicode form",
    "case/Twin": "the name of another file differs only in case or Unicode form",
    "Case/twin": "the name of another file differs only in case or Unicode form",
    "c:olon/inside": "the file name has `:`",
}  # fmt: skip
BYTES = b"notes/byte-\xff.md"


@pytest.fixture(scope="module", params=["", "C"], ids=["the locale", "C"])
def built(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Built:
    site = Site(tmp_path_factory.mktemp("names") / "journal")
    if request.param:
        site.environment = {"LC_ALL": request.param, "PYTHONHASHSEED": "0"}
    for name in ACCEPTED:
        site.write(f"notes/{name}.md", note(f"About {name[:20]}", body=f"![A picture.](</notes/{name}.png>)"))
        site.write(f"notes/{name}.png", b"")
    for name in REJECTED:
        site.write(f"notes/{name}.md", note("Never shown"))
    with open(os.fsencode(site.root) + b"/" + BYTES, "w") as file:  # noqa: PTH123 - a path has no bytes
        file.write(note("Never shown"))
    links = "".join(f"- [](</notes/{name}.md>)\n" for name in ACCEPTED)
    site.write("notes/links.md", note("Links", body=links))
    site.write("lanes/l#ne.md", "---\ntitle: L\nnumber: 9\nheadline: H.\ndescription: D.\n---\n")
    site.lab("bad name")
    return site.build()


def test_name_that_cannot_be_used_in_a_url_is_rejected(built: Built) -> None:
    lines = [line for line in built.log.splitlines() if line]
    shown = {f"notes/{name}": message for name, message in REJECTED.items()}
    shown |= {
        "lanes/l#ne": "the file name has `#`",
        os.fsdecode(BYTES)[:-3]: "the file name cannot be used in a URL",
        "labs/bad name/results": "the folder name cannot be used in a URL",
    }
    for name, message in shown.items():
        printed = "".join(char if char.isprintable() else "\ufffd" for char in name)
        assert [
            line
            for line in lines
            if re.match(rf"{re.escape(printed)}\.(md|json):1: WARNING: {re.escape(message)}", line)
        ], name
    assert len(lines) == len(shown), lines
    assert "Never shown" not in "".join(data.decode("utf-8", "replace") for data in built.files().values())


def test_accepted_name_is_linked_everywhere(built: Built) -> None:
    names = {f"notes/{name}" for name in ACCEPTED}

    def lead(page: str, addresses: list[str]) -> set[str]:
        paths = {
            unquote(urljoin(f"http://127.0.0.1:8000/{page}", address)).partition("8000/")[2] for address in addresses
        }
        return {path.partition("#")[0] for path in paths}

    def links(page: str, selector: str = "a") -> set[str]:
        return lead(page, [link["href"] for link in built.page(page).select(f"{selector}[href]")])

    for name in names:
        assert (built.out / f"{name}.html").exists()
        assert (built.out / f"{name}.md").exists()
        (picture,) = built.page(name).select("article img")
        (shown,) = lead(name, [picture["src"]])
        assert (built.out / shown).is_file(), shown
    assert {f"{name}.html" for name in names} <= links("notes/links", "article a")
    assert {f"{name}.html" for name in names} <= links("lanes/bigdata") | links("notes/2026")
    listed = [note["url"] for note in json.loads((built.out / "catalog.json").read_text("utf-8"))["notes"]]
    assert {f"{name}.html" for name in names} <= lead("", listed)
    sitemap = ElementTree.parse(built.out / "sitemap.xml")
    assert {f"{name}.html" for name in names} <= lead(
        "", [text for text in sitemap.getroot().itertext() if "://" in text]
    )
    feed = ElementTree.parse(built.out / "feed.xml")
    assert lead("", [link.attrib["href"] for link in feed.iter("{http://www.w3.org/2005/Atom}link")]) & {
        f"{name}.html" for name in names
    }
    markdown = (built.out / "notes/links.md").read_text("utf-8")
    written = re.findall(r"\]\(<?(.*?)>?\)$", markdown, re.MULTILINE)
    assert {f"{name}.md" for name in names} <= lead("notes/links.md", written)


def test_make_html_works_in_any_installed_locale() -> None:
    """Sphinx's command fails in a locale that is not installed, so make falls back to C."""
    printed = subprocess.run(
        ["make", "-n", "html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "xx_YY"},
    )
    assert "LC_ALL=C PYTHONPATH=_ext .venv/bin/python -m fieldnotes.commands.html _build 1" in printed.stdout


def test_check_rejects_the_same_names(built: Built) -> None:
    findings = call(check_module.check, built.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    assert len([finding for finding in findings if finding.code == "reserved-address"]) == len(REJECTED) + 3
