"""`make bring`: posts of other systems are imported as notes; nothing is lost or overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from fieldnotes.commands import bring as command

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Site

POSTS = {
    # Jekyll
    "_posts/2023-01-05-queues.md": """---
layout: post
title: "Queues, again"
date: 2023-01-05 10:00:00 +0100
categories: bigdata spark
permalink: /2023/01/queues.html
---
Read [the other]({% post_url 2023-02-01-other %}), and a [page](/about/).

![a plot](/assets/plot.png)

```
[[not a link]] {{ code }}
```

{% include note.html %}
""",
    # Hugo, TOML
    "content/posts/2023-02-01-other.md": """+++
title = "Another"
date = 2023-02-01T10:00:00Z
lastmod = 2023-03-01
tags = ["Spark", "C++"]
section = "BigData"
aliases = ["/old/another/"]
description = "What it says."
draft = true
+++

See [queues]({{< relref "queues" >}}#how), [[Queues, again|that]] and ![](plot.png).
""",
    # no front matter
    "2024-05-06-no-header.md": "# Told by its *heading*\n\nThe first paragraph. It goes on.\n\nAnd more.\n",
    # Pelican
    "2022-05-04-letter.md": """Title: Logs: a letter
Date: 2022-05-04 10:20
Category: Python
Tags: machine learning

See [queues](https://old.example.org/2023/01/05/queues/#how) and [about](/about/).
""",
    # posts that cannot be imported
    "no-date.md": "# A page\n\nText.\n",
    "broken.md": "---\ntitle: [\n---\n",
    "2024-01-01-alias.md": "---\naliases: ['http://[x/y']\n---\n",
    "2024-01-01-list.md": "---\n- a\n---\n",
    "2024-01-01-toml.md": "+++\ntitle =\n+++\n",
    "2024-01-01-open.md": "---\ntitle: Open\n",
    "latin.md": "---\ntitle: Grün\n---\n".encode("latin-1"),
}


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    folder = tmp_path / "blog"
    for name, text in POSTS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "assets").mkdir()
    for name in ("assets/plot.png", "content/posts/plot.png"):
        (folder / name).write_bytes(name.encode())
    return folder


def front_matter(site: Site, name: str) -> tuple[dict[str, object], str]:
    _start, header, body = (site.root / f"notes/{name}.md").read_text().split("---\n", 2)
    return yaml.safe_load(header), body.lstrip()


def test_posts_are_imported_with_their_links_and_pictures(site: Site, posts: Path) -> None:
    rows = command.bring(site.root, posts, "bigdata", dry=False)

    assert [row[:2] for row in rows if row[0] == "imported"] == [
        ("imported", "2022-05-04-letter.md"),
        ("imported", "2024-05-06-no-header.md"),
        ("imported", "_posts/2023-01-05-queues.md"),
        ("imported", "content/posts/2023-02-01-other.md"),
    ]
    fields, text = front_matter(site, "queues")
    assert str(fields.pop("date")) == "2023-01-05"
    assert fields.pop("summary") == "Read the other, and a page."
    assert fields == {
        "title": "Queues, again",
        "lane": "bigdata",
        "tags": ["spark"],
        "formerly": ["/2023/01/queues.html"],
    }
    assert text == (
        "Read [the other](other.md), and a [page](/about/).\n\n![a plot](queues/plot.png)\n\n"
        "```\n[[not a link]] {{ code }}\n```\n\n{% include note.html %}\n"
    )
    fields, text = front_matter(site, "other")
    assert [str(fields[name]) for name in ("date", "updated")] == ["2023-02-01", "2023-03-01"]
    assert fields["tags"] == ["spark", "C++"]  # spelled as in the first post
    assert (fields["summary"], fields["formerly"], fields["draft"]) == ("What it says.", ["/old/another/"], True)
    assert text == "See [queues](queues.md#how), [that](queues.md) and ![](other/plot.png).\n"
    fields, text = front_matter(site, "no-header")
    assert (fields["title"], fields["summary"]) == ("Told by its *heading*", "The first paragraph. It goes on.")
    assert text == "The first paragraph. It goes on.\n\nAnd more.\n"
    assert (site.root / "notes/queues/plot.png").read_bytes() == b"assets/plot.png"
    assert (site.root / "notes/other/plot.png").read_bytes() == b"content/posts/plot.png"


def test_uncertain_conversions_are_listed_for_review(site: Site, posts: Path) -> None:
    (posts / "2024-01-01-deep.md").write_text(f"---\ntitle: {'[' * 5000}\n---\n")  # YAML's reader takes a second for it
    rows = command.bring(site.root, posts, "bigdata", dry=False)

    assert [row[1:] for row in rows if row[0] == "review"] == [
        ("notes/letter.md", "`/about/` leads to no imported post or picture; correct the link"),
        ("notes/queues.md", "`/about/` leads to no imported post or picture; correct the link"),
        ("notes/queues.md", "`{% include note.html %}` was not converted; write it in MyST"),
        ("`layout:`", "is not a field and was dropped; posts: 1"),
    ]
    left = {path: why for what, path, why in rows if what == "skipped"}
    assert left["no-date.md"] == "has no date in its front matter or name; add a `date` to its front matter"
    syntax = "put values that contain a colon, a # or other YAML syntax in quotes"
    assert {path: left[path] for path in left if path.startswith(("broken", "2024-01-01"))} == {
        "broken.md": f"front matter does not parse: did not find expected node content; {syntax}",
        "2024-01-01-alias.md": "`http://[x/y` is not a valid address; correct it",
        "2024-01-01-list.md": "front matter is not a list of fields; write one `field: value` per line",
        "2024-01-01-deep.md": f"front matter does not parse: did not find expected node content; {syntax}",
        "2024-01-01-toml.md": "front matter does not parse: Invalid value (at line 2, column 8); correct it",
        "2024-01-01-open.md": "front matter is not closed; end it with a line `---`",
    }
    assert left["latin.md"] == "byte 0xFC is not UTF-8; save the file as UTF-8"
    assert not (site.root / "notes/no-date.md").exists()


REFERENCES = """---
title: References
date:
  created: 2023-05-06
  updated: June 7, 2023
tags: [3.10, Spark, spark]
authors: [SPARK, {name: Ada}]
cover: {image: a.png}
---
# Another heading

{% highlight sh %}
# a remark
{% endhighlight %}

> A quote ends what is open in it:
> ```

### Below it

[a]({{ site.url }}{{ site.baseurl }}/2023/01/queues.html) [b]({filename}/_posts/2023-01-05-queues.md#x)
[c]({% link _posts/2023-01-05-queues.md %}) [d]({{ page.url }})
![e]({{ "/assets/plot.png" | relative_url }}) ![f](<content/posts/plot.png>) <img src="{static}/assets/plot.png">
"""


def test_references_and_dates_of_every_system_are_converted(site: Site, posts: Path) -> None:
    (posts / "references.md").write_text(REFERENCES)
    (posts / "2023-01-01-old.rst").write_text("Old\n===\n")
    zola = '+++\ntitle = "Zola"\n[taxonomies]\ntags = ["C++"]\n+++\n![long](%s.png)\n'
    (posts / "2023-01-02-zola.md").write_text(zola % ("x" * 300))
    (posts / "z-2023-05-07").mkdir()
    (posts / "z-2023-05-07/references.md").write_text("Underlined\n---\n\n### Below it\n")

    rows = command.bring(site.root, posts, "bigdata", dry=False)

    fields, text = front_matter(site, "references")
    assert [str(fields[name]) for name in ("date", "updated", "tags", "authors")] == [
        "2023-05-06",
        "2023-06-07",
        "['3.10', 'spark']",
        "['SPARK', 'Ada']",
    ]
    assert front_matter(site, "zola")[0]["tags"] == ["C++"]
    assert ("review", "`cover:`", "is not a field and was dropped; posts: 1") in rows
    assert text == (
        "## Another heading\n\n```sh\n# a remark\n```\n\n> A quote ends what is open in it:\n> ```\n\n#### Below it\n\n[a](queues.md) [b](queues.md#x)\n[c](queues.md) [d]({{ page.url }})\n"
        '![e](references/plot.png) ![f](references/other-plot.png) <img src="references/plot.png">\n'
    )
    assert [row[2] for row in rows if "references.md" in row[1] and row[0] == "review"] == [
        "`{{ page.url }}` leads to no imported post or picture; correct the link"
    ]
    assert (site.root / "notes/references/other-plot.png").read_bytes() == b"content/posts/plot.png"
    assert front_matter(site, "references-2023-05-07")[1].startswith("Underlined\n---\n\n### Below it")
    assert (
        "skipped",
        "2023-01-01-old.rst",
        "is reStructuredText; convert it to Markdown, for example with pandoc",
    ) in rows


def test_no_file_is_overwritten(site: Site, posts: Path) -> None:
    command.bring(site.root, posts, "", dry=False)
    before = {path: path.read_bytes() for path in site.root.glob("notes/**/*") if path.is_file()}
    (posts / "assets/plot.png").write_bytes(b"new")

    rows = command.bring(site.root, posts, "", dry=False)

    assert [row for row in rows if row[0] == "imported"] == []
    assert ("skipped", "_posts/2023-01-05-queues.md", "notes/queues.md already exists; rename one of the two") in rows
    assert {path: path.read_bytes() for path in site.root.glob("notes/**/*") if path.is_file()} == before


def test_dry_run_writes_nothing(site: Site, posts: Path) -> None:
    rows = command.bring(site.root, posts, "bigdata", dry=True)

    assert sum(row[0] == "imported" for row in rows) == 4
    assert [*site.root.glob("notes/**/*")] == []


def test_old_addresses_of_a_pattern_redirect_to_the_notes(site: Site, posts: Path) -> None:
    old = "https://old.example.org/:year/:month/:day/:title/"

    rows = command.bring(site.root, posts, "bigdata", dry=False, old=old)

    fields, text = front_matter(site, "letter")
    assert str(fields.pop("date")) == "2022-05-04"
    assert (fields["title"], fields["tags"]) == ("Logs: a letter", ["machine learning"])
    assert fields["formerly"] == ["/2022/05/04/letter/"]
    assert text == "See [queues](queues.md#how) and [about](https://old.example.org/about/).\n"
    assert front_matter(site, "queues")[0]["formerly"] == ["/2023/01/queues.html", "/2023/01/05/queues/"]
    assert not [row for row in rows if "`/about/`" in row[2]]


@pytest.mark.parametrize(
    ("folder", "lane", "message"),
    [
        ("nowhere", "", "is not a folder of posts from another system; give one, as in FROM=../blog/_posts"),
        ("", "nolane", "`nolane` is not a lane; the lanes are"),
        ("~", "", "`https://[x/:title` is not a valid address; correct it"),
        ("assets", "", "is not a folder of posts from another system; give one, as in FROM=../blog/_posts"),
        ("../journal", "", "is not a folder of posts from another system; give one, as in FROM=../blog/_posts"),
    ],
)
def test_invalid_argument_is_reported_in_one_line(
    site: Site,
    posts: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: str,
    lane: str,
    message: str,
) -> None:
    monkeypatch.chdir(site.root)
    monkeypatch.setenv("FROM", str(posts / folder.strip("~")))
    monkeypatch.setenv("OLD", "https://[x/:title" if folder == "~" else "")
    monkeypatch.setenv("LANE", lane)

    assert command.main() == 1
    assert message in capsys.readouterr().err
