"""Compare built sites by content, and by when their files were written."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from conftest import Built


def texts(built: Built, page: str, selector: str) -> list[str]:
    return [" ".join(element.get_text(" ").split()) for element in _parsed(built.html(page)).select(selector)]


def links(built: Built, page: str, selector: str) -> list[str]:
    return [element["href"] for element in _parsed(built.html(page)).select(selector)]


@functools.lru_cache(maxsize=16)
def _parsed(html: str) -> BeautifulSoup:
    """A parsed page, cached because tests query it repeatedly; no test may change it."""
    return BeautifulSoup(html, "html.parser")


def differences(one: Built, other: Built) -> list[str]:
    mine, others = one.files(), other.files()
    return sorted(name for name in mine.keys() | others.keys() if mine.get(name) != others.get(name))


def times(built: Built) -> dict[str, int]:
    """When each file of a build, output and doctrees, was written, in nanoseconds."""
    root = built.out.parent
    return {path.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def written(before: dict[str, int], after: dict[str, int]) -> set[str]:
    return {name for name, time in after.items() if before.get(name) != time}
