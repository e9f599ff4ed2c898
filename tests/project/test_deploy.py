"""`make deploy-check` reports each kind of fault in a built or published site."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import deploy
import pytest
import yaml
from conftest import Site, note, serve
from fieldnotes.commands.serve import HEADERS

if TYPE_CHECKING:
    from pathlib import Path

HOME = deploy.HOST + deploy.PATH


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document root of a host with a small site."""
    site = Site(tmp_path_factory.mktemp("deploy") / "journal", {"READTHEDOCS_CANONICAL_URL": HOME})
    site.lab()
    body = "It took {result}`speed:change`.\n\n## A section\n\nSee [the other](b.md#here).\n\n![A dot](dot.png)\n"
    site.write("notes/dot.png", b"\x89PNG\r\n\x1a\n")
    site.write("notes/a.md", note("A", formerly="[old]", body=body))
    site.write("notes/b.md", note("B", tags="[YARN]", lane="ai-systems", body="## Here\n\nSee [](a.md).\n"))
    built = site.build()
    assert built.status == 0, built.log
    host = site.root.parent / "host"
    shutil.copytree(built.out, host / deploy.PATH)
    return host


@pytest.fixture
def host(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path.resolve() / "host")


def test_valid_site_has_no_fault(host: Path) -> None:
    assert deploy.faults(host) == []


NOTE = "notes/a.html"

PLANTED = [
    # links and assets
    (NOTE, "b.html#here", "gone.html", f"{NOTE}:: /notes/gone.html: "),
    (NOTE, "b.html#here", "b.html#there", f"{NOTE}:: /notes/b.html#there: "),
    (NOTE, "b.html#here", "/en/other.html", f"{NOTE}:: file://"),
    (NOTE, "b.html#here", "http://127.0.0.1:8000/notes/b.html", f"{NOTE}:: file://"),
    (NOTE, "dot.png", "gone.png", f"{NOTE}:: /_images/gone.png: "),
    (NOTE, ".css?v=", ".ccs?v=", f"{NOTE}:: /_static/"),
    # canonical address and indexing
    (NOTE, f'rel="canonical" href="{HOME}notes/a.html"', f'rel="canonical" href="{HOME}notes/b.html"', f"{NOTE}: names itself {HOME}notes/b.html and {HOME}notes/a.html"),
    (NOTE, 'rel="canonical"', 'rel="other"', f"{NOTE}: names itself {HOME}notes/a.html"),
    (NOTE, f'property="og:url" content="{HOME}', 'property="og:url" content="https://x.org/', f"{NOTE}: names itself {HOME}notes/a.html and https://x.org/notes/a.html"),
    (NOTE, "<head>", '<head><meta name="robots" content="noindex">', f"{NOTE}: asks not to be indexed, and is in the sitemap"),
    # machine-readable lists
    ("robots.txt", "sitemap.xml", "site.xml", "robots.txt:: /site.xml: "),
    ("sitemap.xml", f"{HOME}notes/a.html", f"{HOME}notes/gone.html", "sitemap.xml:: /notes/gone.html: "),
    ("sitemap.xml", f"{HOME}notes/a.html", f"{HOME}notes/b.html", f"{NOTE}: is not in the sitemap"),
    ("feed.xml", f'href="{HOME}notes/b.html"', f'href="{HOME}notes/c.html"', "feed.xml:: /notes/c.html: "),
    ("catalog.json", f"{HOME}notes/a.md", f"{HOME}notes/c.md", "catalog.json:: /notes/c.md: "),
    ("llms.txt", "notes/a.md", "notes/c.md", "llms.txt:: /notes/c.md: "),
    # the 404 page
    ("404.html", 'href="/en/latest/notes/index.html"', 'href="notes/index.html"', "no-such/folder/page.html:: /no-such/folder/notes/index.html: "),
    ("404.html", "noindex", "index", "404.html: is not in the sitemap"),
]  # fmt: skip


def faults_without_lines(host: Path) -> list[str]:
    """The faults, without line numbers."""
    return [re.sub(r":\d+: ", ":: ", fault, count=1) for fault in deploy.faults(host)]


@pytest.mark.parametrize(("path", "sound_text", "broken_text", "line"), PLANTED)
def test_fault_in_a_file_is_reported(host: Path, path: str, sound_text: str, broken_text: str, line: str) -> None:
    file = host / deploy.PATH / path
    text = file.read_text()
    assert sound_text in text
    file.write_text(text.replace(sound_text, broken_text))
    faults = faults_without_lines(host)
    assert any(fault.startswith(line) for fault in faults), faults


GONE = [
    ("notes/b.html", f"{NOTE}:: /notes/b.html#here: "),
    ("feed.xml", "index.html:: /feed.xml: "),
    ("sitemap.xml", "robots.txt:: /sitemap.xml: "),
    ("search-index/overview", "search-index: has 0 of 2 notes"),
]


@pytest.mark.parametrize(("path", "line"), GONE)
def test_missing_file_is_reported(host: Path, path: str, line: str) -> None:
    (host / deploy.PATH / path).unlink()
    faults = faults_without_lines(host)
    assert any(fault.startswith(line) for fault in faults), faults


def test_missing_font_is_reported(host: Path) -> None:
    for font in host.rglob("*.woff2"):
        font.unlink()
    assert any(re.match(r"_static/\S+\.css:: /_static/fonts/", fault) for fault in faults_without_lines(host))


def test_orphan_page_is_reported(host: Path) -> None:
    site = host / deploy.PATH
    lonely = (site / "notes/b.html").read_text().replace("notes/b.html", "notes/lonely.html")
    (site / "notes/lonely.html").write_text(lonely)
    assert faults_without_lines(host) == [
        "notes/lonely.html: is not in the sitemap",
        "notes/lonely.html: no page leads to it",
    ]


def test_published_site_is_checked_over_http(host: Path) -> None:
    """The server here serves only files: headers, compression and the 404 page are missing."""
    with serve(host) as address:
        url = f"{address}/{deploy.PATH}"
        (host / deploy.PATH / "lanes/bigdata.html").unlink()
        (host / deploy.PATH / "feed.xml").write_text("<p>")
        faults = [fault.removeprefix(url) for fault in deploy.published(url)]
    assert [fault.partition(";")[0] for fault in faults] == [
        *(f": has no header `{name}: {value}`" for name, value in HEADERS.items()),
        ": is not compressed",
        "no-such/folder/page: does not show the site's 404.html",
        ": answers with 200 and `text/html`",
        "notes/index.html: answers with 200 and `text/html`",
        f": names itself {HOME}",
        "feed.xml: is not a feed",
        "lanes/bigdata.html: answers with 404",
    ]
    assert [*deploy.published("http://127.0.0.1:9/")] == [
        "http://127.0.0.1:9/: answers with <urlopen error [Errno 111] Connection refused>"
    ]


def test_netlify_and_cloudflare_send_the_headers_of_make_serve(sound: Path) -> None:
    rules = (sound / deploy.PATH / "_headers").read_text().split("/*\n")[1].split("\n/")[0]
    assert [line.strip() for line in rules.splitlines()] == [f"{name}: {value}" for name, value in HEADERS.items()]
    assert (sound / deploy.PATH / ".nojekyll").exists()


def test_github_workflow_is_valid() -> None:
    """Against the schema for GitHub workflows."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    subprocess.run([*command, str(deploy.ROOT / ".github/workflows/pages.yml")], check=True)


def test_deploy_build_matches_read_the_docs() -> None:
    """The build command and the configuration agree: conf.py, html, and warnings as errors."""
    settings = yaml.safe_load((deploy.ROOT / ".readthedocs.yaml").read_text())["sphinx"]
    assert settings == {"configuration": "conf.py", "builder": "html", "fail_on_warning": True}
