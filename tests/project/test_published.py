"""Every address ever published still exists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import published
import pytest

if TYPE_CHECKING:
    from conftest import Built

pytestmark = pytest.mark.slow


def test_every_published_address_still_exists(journal: Built) -> None:
    assert published.broken(journal.out, published.read()) == []


def test_list_of_published_addresses_is_up_to_date(journal: Built) -> None:
    known = published.read()
    if not known:
        pytest.skip("nothing was published yet: `make links` begins the list")
    missing = sorted({*published.addresses_of(journal.out)} - {*known})
    assert missing == [], "run `make links`"
