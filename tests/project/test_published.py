"""Every address that was published still leads somewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import published
import pytest

if TYPE_CHECKING:
    from conftest import Built

pytestmark = pytest.mark.slow


def test_every_address_that_was_published_still_leads_somewhere(journal: Built) -> None:
    assert published.broken(journal.out, published.read()) == []


def test_the_list_of_published_addresses_is_fresh(journal: Built) -> None:
    known = published.read()
    if not known:
        pytest.skip("nothing was published yet: `make links` begins the list")
    missing = sorted({*published.found(journal.out)} - {*known})
    assert missing == [], "run `make links`"
