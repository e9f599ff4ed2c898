"""Keep the list of every address that was published, and say which of them no longer lead anywhere: `make links`.

The list only grows by itself. An address that is to be given up is taken out by hand, knowingly.
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
"""Kinds of files that others link to."""
OURS = ("_static/", "_sources/", "search-index/")


def read() -> list[str]:
    """The addresses of the list, relative to the site."""
    return LIST.read_text(encoding="utf-8").splitlines() if LIST.exists() else []


def found(out: Path) -> list[str]:
    """Every address of a built site that others may link to: files, and places in pages."""
    addresses = []
    for file in sorted(out.rglob("*")):
        path = file.relative_to(out).as_posix()
        if path.endswith(LINKED) and not path.startswith(OURS):
            addresses.append(quote(path))
            if path.endswith(".html"):
                addresses += [f"{quote(path)}#{quote(anchor)}" for anchor in anchors(file)]
    return addresses


def anchors(file: Path) -> list[str]:
    """The anchors of a page's headings and paragraphs, but those that are numbered by chance, as are lines of code."""
    page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    names = [
        element["id"]
        for element in page.select(
            "article section [id]:not(svg *, input, .footnote, .footnote-reference), article section[id]"
        )
    ]
    return [name for name in names if not name.removeprefix("id").removeprefix("line-").isdigit()]


def _page(file: Path) -> tuple[str | None, frozenset[str]]:
    """Where a page sends its reader on to, if it does, and its ids; a page has dozens of addresses."""
    page = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    refresh = page.select_one("meta[http-equiv=refresh]")
    target = refresh["content"].partition("url=")[2] if refresh else None
    return target, frozenset(element["id"] for element in page.find_all(id=True))


def broken(out: Path, addresses: list[str]) -> list[str]:
    """Those addresses that lead neither to a place in the site, nor by a former name to one."""
    page = cache(_page)
    return [address for address in addresses if not _resolves(out, address, page)]


def _resolves(out: Path, address: str, page: Callable[[Path], tuple[str | None, frozenset[str]]]) -> bool:
    """Whether an address leads to a place, itself or from the former address of a note."""
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
            f"These addresses no longer lead anywhere:\n  {lines}\nName the old note in `formerly`, keep the heading, "
            f"or, if a link may break, take the line out of {LIST.name}."
        )
    LIST.write_text("".join(f"{address}\n" for address in sorted({*known, *found(site)})), encoding="utf-8")
