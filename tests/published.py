"""List every address ever published, and report those that no longer exist: `make links`.

This script only adds addresses. To give one up, remove it from the list by hand.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urljoin

from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Callable

LIST = Path(__file__).parent / "published.txt"
LINKED = (".html", ".xml", ".md", ".json", ".txt")
"""Suffixes of files that others link to."""
INTERNAL = ("_static/", "_sources/", "search-index/")


def read() -> list[str]:
    """The addresses in the list, relative to the site."""
    return LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []


def addresses_of(out: Path) -> list[str]:
    """Every address of a built site that others may link to: files, and anchors in pages."""
    addresses = []
    for file in sorted(out.rglob("*")):
        path = file.relative_to(out).as_posix()
        if path.endswith(LINKED) and not path.startswith(INTERNAL):
            addresses.append(quote(path))
            if path.endswith(".html"):
                addresses += [f"{quote(path)}#{quote(anchor)}" for anchor in anchors(file)]
    return addresses


def anchors(file: Path) -> list[str]:
    """The anchors of a page's headings and paragraphs, except numbered ones, such as those of lines of code."""
    page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    names = [
        element["id"]
        for element in page.select(
            "article section [id]:not(svg *, input, .footnote, .footnote-reference), article section[id]"
        )
    ]
    return [name for name in names if not name.removeprefix("id").removeprefix("line-").isdigit()]


def _page(file: Path) -> tuple[str | None, frozenset[str]]:
    """The target of a page's redirect, if it is one, and its ids. Cached, because a page has dozens of addresses."""
    page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    refresh = page.select_one("meta[http-equiv=refresh]")
    target = refresh["content"].partition("url=")[2] if refresh else None
    return target, frozenset(element["id"] for element in page.find_all(id=True))


def broken(out: Path, addresses: list[str]) -> list[str]:
    """The addresses that do not exist in the site, not even through a redirect."""
    page = cache(_page)
    return [address for address in addresses if not _resolves(out, address, page)]


def _resolves(out: Path, address: str, page: Callable[[Path], tuple[str | None, frozenset[str]]]) -> bool:
    """Whether an address exists, itself or through the redirect at a note's former address."""
    path, _sign, anchor = address.partition("#")
    file = out / unquote(path)
    if not file.is_file():
        return False
    if not anchor:
        return True
    target, ids = page(file)
    if target is not None:
        return _resolves(out, f"{urljoin(path, target)}#{anchor}", page)
    return unquote(anchor) in ids


if __name__ == "__main__":
    site = Path(__file__).parents[1] / "_build/html"
    known = read()
    if lost := broken(site, known):
        lines = "\n  ".join(lost)
        sys.exit(
            f"These addresses no longer exist:\n  {lines}\nAdd the old name to `formerly` of the note, restore the "
            f"heading, or, if the link may break, remove the line from {LIST.name}."
        )
    LIST.write_text("".join(f"{address}\n" for address in sorted({*known, *addresses_of(site)})), encoding="utf-8")
