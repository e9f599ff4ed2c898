"""The search of the journal answers the committed queries with the notes that they are about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from browsing import opened
from conftest import Built, serve
from search import QUERIES, find, score

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_committed_queries_find_their_notes(browser: Browser, journal: Built) -> None:
    queries = json.loads(QUERIES.read_text())
    assert len(queries) >= 60
    with serve(journal.out) as address, opened(browser, own=True) as page:
        page.goto(f"{address}/search.html")
        ranks: dict[str, list[int]] = {}
        for query in queries:
            ranks.setdefault(query["kind"], []).append(find(page, address, query))
    reached = {kind: score(found)["mrr"] for kind, found in ranks.items()}
    assert all(reached[kind] >= 0.95 for kind in ("title words", "identifier", "phrase")), reached
    assert min(reached.values()) >= 0.9, reached
