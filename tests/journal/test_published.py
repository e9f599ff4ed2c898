"""Every address that was published still leads somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import published

if TYPE_CHECKING:
    from conftest import Built


def test_every_address_that_was_published_still_leads_somewhere(journal: Built) -> None:
    known = published.read()
    assert len(known) > 100
    assert published.broken(journal.out, known) == []


def test_the_list_of_published_addresses_is_fresh(journal: Built) -> None:
    missing = sorted({*published.found(journal.out)} - {*published.read()})
    assert missing == [], "run `make links`"
