"""Valid front matter, and variants of it."""

from __future__ import annotations

import datetime

TODAY = datetime.datetime(2026, 11, 22, 12, tzinfo=datetime.UTC)
LANES = {"bigdata": "BigData", "ai-systems": "AI systems"}

GOOD = {
    "title": "A note",
    "lane": "bigdata",
    "date": "2026-01-02",
    "summary": "What it says.",
    "tags": "[Spark, YARN]",
}


def header(**fields: str | None) -> str:
    """Valid front matter with these fields replaced, omitted (None) or added."""
    lines = [f"{name}: {value}".rstrip() for name, value in (GOOD | fields).items() if value is not None]
    return "\n".join(["---", *lines, "---", "", "Text."])


GOOD_FILES = [
    header().encode(),
    header().encode("utf-8-sig"),
    header().replace("\n", "\r\n").encode(),
    header().replace("\n", "\r\n").encode("utf-8-sig"),
    header().replace("---\n\nText.", "---").encode(),
    header(title='"A note"', date="'2026-01-02'", tags="\n- Spark\n- YARN").encode(),
    header(title="A\n  note").encode(),
    header().replace("---\n", "---  \n").encode(),
]
