"""The journal's search finds the expected notes for the committed queries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from search import QUERIES, judge_at_once

if TYPE_CHECKING:
    from conftest import Built
    from playwright.sync_api import Browser


def test_committed_queries_find_their_notes(browser: Browser, journal: Built) -> None:
    queries = json.loads(QUERIES.read_text())
    assert len(queries) >= 60
    reached = {row["kind"]: row["mrr"] for row in judge_at_once(browser, journal.out, queries)}
    assert all(reached[kind] >= 0.95 for kind in ("title words", "identifier", "phrase")), reached
    assert min(reached.values()) >= 0.9, reached
