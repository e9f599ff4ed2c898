"""llms.txt, in the format of https://llmstxt.org/."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from systems import SAMPLE_NAME

if TYPE_CHECKING:
    from conftest import Built


def test_llms_txt_links_to_the_markdown_of_every_note(sample: Built) -> None:
    """It has a title, a quote, and a list of links with summaries per section."""
    text = (sample.out / "llms.txt").read_text(encoding="utf-8")
    title, quote, *rest = text.split("\n\n")
    assert (title, quote[:2]) == (f"# {SAMPLE_NAME}", "> ")
    sections = [part.splitlines() for part in rest[rest.index("## AI systems") + 1 :: 2]]
    rows = [re.fullmatch(r"- \[(.+)\]\((\S+)\): (.+)", row) for section in sections for row in section]
    assert all(rows)
    paths = [urlsplit(row[2]).path[1:] for row in rows]
    assert sorted(paths) == sorted(path for path in sample.files() if path.endswith(".md"))
    for path in paths:
        page = path.removesuffix(".md")
        (link,) = sample.page(page).select("link[type='text/markdown']")
        assert (sample.out / page).parent / link["href"] == sample.out / path
