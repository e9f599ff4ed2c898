"""The journal as it is published: its name, its language, and the addresses of its pages and files."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from fieldnotes.sources.problem import Code, Problem

PICTURE = "_static/social.png"
"""What is shown beside a link to the journal elsewhere."""


PICTURE_SIZE = (1200, 630)


@dataclass(frozen=True)
class Site:
    """``address`` is absolute and ends with a slash; it may have a path, such as ``/en/latest/``."""

    title: str
    address: str
    language: str

    def page(self, name: str) -> str:
        """The canonical address of a page; home's is that of the site."""
        return self.address if name == "index" else self.file(f"{name}.html")

    def file(self, path: str) -> str:
        """The address of any published file, for its path below the site's folder."""
        return self.address + quote(path)

    @property
    def path(self) -> str:
        """The path of the address on its host, with a slash at each end."""
        return urlsplit(self.address).path


def at(title: str, address: str, language: str) -> tuple[Site, list[Problem]]:
    """Make the site that is published at ``address``, and say what is wrong with that."""
    problems = []
    if not _is_address(address):
        message = f"`html_baseurl` is `{address}`, no address of a site; write it as in https://example.org/journal/"
        problems.append(Problem("conf.py", 1, Code.SITE, message))
        address = "http://127.0.0.1:8000/"
    return Site(title, address.rstrip("/") + "/", language), problems


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
