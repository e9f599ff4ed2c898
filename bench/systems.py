"""The systems that the benchmark compares: how to write the corpus for each, and how to build it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import LANES

if TYPE_CHECKING:
    from collections.abc import Callable

    from corpus import BenchNote

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

HTML = ["-q", "-b", "html", "-d", "doctrees", ".", "html"]
SPHINX = [sys.executable, "-m", "sphinx", *HTML]
"""Like `make html`: in one process, which costs every Sphinx the least."""


@dataclass(frozen=True)
class System:
    """One system: ``write`` puts the corpus into an empty folder, ``command`` builds it there into ``output``.

    ``page`` is the path of a note's page below ``output``, with placeholders for its slug and lane. ``marks`` are texts
    that a note's page must contain, to detect a lost feature; ``{tag}`` and ``{title}`` are filled in.
    """

    name: str
    write: Callable[[Path, list[BenchNote]], None]
    command: list[str]
    output: str
    page: str
    marks: tuple[str, ...]
    distributions: tuple[str, ...]
    largest: int = 10**9


SAMPLE = ROOT / "tests/sample"
"""A journal whose home and lanes link to no note, so that it can contain any notes."""

SAMPLE_NAME = "Sample Journal"
"""Its name, which its ``identity.py`` sets in place of the one in ``conf.py``."""


def _yaml(**fields: object) -> str:
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    return "\n".join(["---", *lines, "---", "", ""])


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_journal(folder: Path, notes: list[BenchNote]) -> None:
    """Write the journal's own code, the sample's home and lanes, and these notes."""
    for name in ("_ext", "_static", "_templates", "hosts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "map"))
    for name in ("_static", "lanes"):
        shutil.copytree(SAMPLE / name, folder / name, dirs_exist_ok=True)
    shutil.copy(SAMPLE / "index.md", folder)
    conf = (ROOT / "conf.py").read_text(encoding="utf-8")
    shutil.copy(SAMPLE / "mark.svg", folder)
    _put(folder / "conf.py", f"{conf}\n{(SAMPLE / 'identity.py').read_text(encoding='utf-8')}")
    for note in notes:
        _put(folder / f"notes/{note.slug}.md", journal_note(note))


def journal_note(note: BenchNote) -> str:
    """Return the text of a note's file in the journal."""
    header = f"title: {note.title}\nlane: {note.lane}\ndate: {note.date}\nsummary: {note.summary}\n"
    return f"---\n{header}tags: [{', '.join(note.tags)}]\n---\n\n{note.body}"


def write_stock(folder: Path, notes: list[BenchNote]) -> None:
    """The journal's packages unmodified: pages of tags by sphinx-tags, Furo's sidebar, toctrees with globs."""
    _put(
        folder / "conf.py",
        'project = "Bench"\nextensions = ["myst_parser", "sphinx_design", "sphinx_tags"]\n'
        'html_theme = "furo"\ntags_create_tags = True\ntags_extension = ["md"]\n'
        'exclude_patterns = ["html", "doctrees"]\n'
        'myst_enable_extensions = ["colon_fence", "deflist"]\n',
    )
    lanes = "\n".join(f"{lane}/index" for lane in LANES)
    _put(folder / "index.md", f"# Bench\n\n```{{toctree}}\n{lanes}\n_tags/tagsindex\n```\n")
    for lane, title in LANES.items():
        _put(folder / lane / "index.md", f"# {title}\n\n```{{toctree}}\n:glob:\n\nnote-*\n```\n")
    for note in notes:
        tags = f"```{{tags}} {', '.join(note.tags)}\n```\n"
        _put(folder / f"{note.lane}/{note.slug}.md", f"# {note.title}\n\n{note.summary}\n\n{note.body}\n{tags}")


def write_bare(folder: Path, notes: list[BenchNote]) -> None:
    """Only Sphinx and MyST: the basic theme, no tags, no cards; a toctree for each lane."""
    _put(
        folder / "conf.py",
        'project = "Bench"\nextensions = ["myst_parser"]\nhtml_theme = "basic"\nhtml_copy_source = False\n'
        'html_use_index = False\nexclude_patterns = ["html", "doctrees"]\nmyst_title_to_header = True\n',
    )
    lanes = "\n".join(f"lanes/{lane}" for lane in LANES)
    _put(folder / "index.md", f"# Bench\n\n```{{toctree}}\n{lanes}\n```\n")
    for lane, title in LANES.items():
        entries = "\n".join(f"/notes/{note.slug}" for note in notes if note.lane == lane)
        _put(folder / f"lanes/{lane}.md", f"# {title}\n\n```{{toctree}}\n{entries}\n```\n")
    for note in notes:
        _put(folder / f"notes/{note.slug}.md", journal_note(note))


def write_ablog(folder: Path, notes: list[BenchNote]) -> None:
    """ABlog with its sidebars, tags, categories and archive."""
    _put(
        folder / "conf.py",
        'project = "Bench"\nextensions = ["myst_parser", "ablog"]\nhtml_theme = "alabaster"\nblog_path = "blog"\n'
        'blog_title = "Bench"\nblog_baseurl = "https://example.org/"\nexclude_patterns = ["html", "doctrees"]\n'
        'html_sidebars = {"**": ["ablog/postcard.html", "ablog/recentposts.html", "ablog/tagcloud.html", '
        '"ablog/categories.html", "ablog/archives.html"]}\nmyst_title_to_header = True\nhtml_copy_source = False\n',
    )
    _put(folder / "index.md", "# Bench\n\n```{postlist} 6\n```\n")
    for note in notes:
        header = _yaml(
            blogpost=True,
            title=note.title,
            date=note.date.strftime("%b %d, %Y"),
            tags=", ".join(note.tags),
            category=LANES[note.lane],
            orphan=True,
        )
        _put(folder / f"notes/{note.slug}.md", f"{header}{note.summary}\n\n{note.body}")


MKDOCS = """site_name: Bench
site_url: https://example.org/
theme:
  name: material
  font: false
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
  - tables
"""


def write_material(folder: Path, notes: list[BenchNote]) -> None:
    """MkDocs Material with its blog and tags plugins."""
    plugins = "plugins:\n  - search\n  - tags\n  - blog:\n      blog_dir: .\n      post_url_format: '{slug}'\n"
    _put(folder / "mkdocs.yml", MKDOCS + plugins)
    _put(folder / "docs/index.md", "# Bench\n")
    _put(folder / "docs/tags.md", "# Tags\n\n<!-- material/tags -->\n")
    for note in notes:
        header = f"---\ndate: {note.date}\nslug: {note.slug}\ntags: {json.dumps(note.tags)}\n"
        header += f"categories: [{LANES[note.lane]}]\n---\n\n"
        text = f"{header}# {note.title}\n\n{note.summary}\n\n<!-- more -->\n\n{note.body}"
        _put(folder / f"docs/posts/{note.slug}.md", text)


def write_zensical(folder: Path, notes: list[BenchNote]) -> None:
    """Zensical with tags; it has no blog, so each lane is a folder of pages."""
    _put(folder / "mkdocs.yml", MKDOCS + "plugins:\n  - search\n  - tags\n")
    _put(folder / "docs/index.md", "# Bench\n")
    _put(folder / "docs/tags.md", "# Tags\n\n<!-- material/tags -->\n")
    for note in notes:
        header = _yaml(tags=note.tags)
        _put(folder / f"docs/{note.lane}/{note.slug}.md", f"{header}# {note.title}\n\n{note.summary}\n\n{note.body}")


HUGO = {
    "baseof": "<!doctype html><html lang=en><head><meta charset=utf-8><title>{{ .Title }}</title></head>"
    '<body><main>{{ block "main" . }}{{ end }}</main></body></html>',
    "single": '{{ define "main" }}<h1>{{ .Title }}</h1><p>{{ .Params.summary }}</p>{{ .Content }}'
    '{{ range .GetTerms "tags" }}<a class=tag href="{{ .RelPermalink }}">{{ .LinkTitle }}</a> {{ end }}'
    '{{ with .NextInSection }}<a rel=next href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}'
    '{{ with .PrevInSection }}<a rel=prev href="{{ .RelPermalink }}">{{ .Title }}</a>{{ end }}{{ end }}',
    "list": '{{ define "main" }}<h1>{{ .Title }}</h1>{{ range .Paginator.Pages }}'
    '<p><a href="{{ .RelPermalink }}">{{ .Title }}</a> {{ .Params.summary }}</p>{{ end }}'
    '{{ template "_internal/pagination.html" . }}{{ end }}',
    "taxonomy": '{{ define "main" }}<h1>{{ .Title }}</h1>{{ range .Data.Terms.Alphabetical }}'
    '<p><a href="{{ .Page.RelPermalink }}">{{ .Page.LinkTitle }}</a> {{ .Count }}</p>{{ end }}{{ end }}',
}


def write_hugo(folder: Path, notes: list[BenchNote]) -> None:
    """Hugo with minimal templates: notes with tags and neighbors, paginated lists, taxonomies."""
    _put(folder / "hugo.toml", 'baseURL = "https://example.org/"\ntitle = "Bench"\n[pagination]\npagerSize = 50\n')
    for name, text in HUGO.items():
        _put(folder / f"layouts/_default/{name}.html", text)
    for note in notes:
        header = _yaml(title=note.title, date=str(note.date), summary=note.summary, tags=note.tags)
        _put(folder / f"content/{note.lane}/{note.slug}.md", header + note.body)


SYSTEMS = {
    system.name: system
    for system in (
        System(
            "ours", write_journal, [*SPHINX, "-W", "--keep-going"], "html", "notes/{slug}.html",
            ("{title}", "{tag}", 'class="sidebar-tree"', 'rel="next"', "min read"),
            ("sphinx", "myst-parser", "furo", "sphinx-tags", "sphinx-design", "PyStemmer"),
        ),
        System(
            "stock", write_stock, SPHINX, "html", "{lane}/{slug}.html",
            ("{title}", "{tag}", "sidebar-tree", "next-page"), ("sphinx", "furo", "sphinx-tags"), largest=400,
        ),
        System(
            "bare Sphinx", write_bare, SPHINX, "html", "notes/{slug}.html", ("{title}", 'rel="next"'),
            ("sphinx", "myst-parser"),
        ),
        System(
            "ABlog", write_ablog, SPHINX, "html", "notes/{slug}.html", ("{title}", "{tag}", "ablog__"),
            ("ablog", "sphinx"),
        ),
        System(
            "Material", write_material, [str(BIN / "mkdocs"), "build", "-q", "-d", "html"], "html", "{slug}/index.html",
            ("{title}", "{tag}", "md-sidebar"), ("mkdocs", "mkdocs-material"),
        ),
        System(
            "Zensical", write_zensical, [str(BIN / "zensical"), "build"], "site", "{lane}/{slug}/index.html",
            ("{title}", "{tag}", "md-sidebar"), ("zensical",),
        ),
        System(
            "Hugo", write_hugo, [str(BIN / "hugo"), "--quiet", "-d", "html"], "html", "{lane}/{slug}/index.html",
            ("{title}", "{tag}", "rel=next"), ("hugo",),
        ),
    )
}  # fmt: skip
