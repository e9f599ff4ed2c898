"""The tool that compares published addresses with a built site."""

from __future__ import annotations

from typing import TYPE_CHECKING

import published
from conftest import note

if TYPE_CHECKING:
    from conftest import Site


def test_broken_lists_addresses_that_no_longer_exist(site: Site) -> None:
    site.write("notes/x.md", note("X", body="## Here\n"))
    known = published.addresses_of(site.build().out)
    assert {"notes/x.html", "notes/x.html#here", "notes/x.html#x", "notes/x.md", "tags/spark.xml"} <= set(known)
    (site.root / "notes/x.md").unlink()
    site.write("notes/y.md", note("X", body="## There\n", formerly="[x]"))
    assert published.broken(site.build().out, known) == ["notes/x.html#here"]
    site.write("notes/y.md", note("X", body="## Here\n", tags="[Flink]"))
    assert published.broken(site.build().out, known) == [
        *("notes/x.html", "notes/x.html#x", "notes/x.html#here", "notes/x.md"),
        *("tags/spark.html", "tags/spark.html#bigdata", "tags/spark.xml"),
    ]
