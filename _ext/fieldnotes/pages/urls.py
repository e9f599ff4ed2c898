"""The published site: its title, its language, and the addresses of its pages and files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from fieldnotes.sources.problem import Code, Problem

if TYPE_CHECKING:
    from fieldnotes.sources.language import Language

PICTURE = "_static/social.png"
"""The preview image that other sites show next to a link to this site."""

PICTURE_SIZE = (1200, 630)

ADDRESS = re.compile(r"https?://(\[[\da-fA-F:.]+\]|[^\W_][\w.-]*)(:[0-9]{1,5})?(/[\w.~%!$&()*+,;=:@/-]*)?")
"""The URL of a folder: a host, optionally a port and a path, but no user, query or fragment."""

SERVED = "http://127.0.0.1:8000/"
"""The address at which `make serve` serves the site."""


@dataclass(frozen=True)
class Site:
    """The site at ``address``, an absolute URL that ends with a slash and may have a path, such as ``/en/latest/``."""

    title: str
    address: str
    language: Language
    in_folders: bool = False
    """Whether each page is the ``index.html`` of a folder, as the ``dirhtml`` builder writes it."""

    def page(self, name: str) -> str:
        """Return the canonical address of a page; that of home is the site's address."""
        path = self.page_path(name)
        return self.file(path.removesuffix("index.html") if self.in_folders or name == "index" else path)

    def page_path(self, name: str) -> str:
        """Return the path of a page in the output. Hosts look for the 404 page only at the root."""
        if name.endswith(".html"):  # a former address from another system
            return name
        is_index = name == "index" or name.endswith("/index")
        return f"{name}.html" if is_index or name == "404" or not self.in_folders else f"{name}/index.html"

    def file(self, path: str) -> str:
        """Return the URL of a file, by its path in the output."""
        return self.address + quote(path)

    @property
    def is_local(self) -> bool:
        """Whether the address is on this machine, so that nobody else can open it."""
        return urlsplit(self.address).hostname in {"localhost", "127.0.0.1", "::1"}

    def picture_of(self, note: str) -> str:
        """Return the path of the preview image for links to a note, by docname; a local site has only PICTURE."""
        return PICTURE if self.is_local else f"{note}.png"

    @property
    def path(self) -> str:
        """The path of the address on its host; it starts and ends with a slash."""
        return urlsplit(self.address).path


def _is_address(text: str) -> bool:
    try:
        return bool(ADDRESS.fullmatch(text) and urlsplit(text).hostname) and urlsplit(text).port != 0
    except ValueError:  # an invalid port or IPv6 address
        return False


def site_at(title: str, address: str, language: Language, *, in_folders: bool = False) -> tuple[Site, list[Problem]]:
    """Return the site at ``address``; for an invalid URL, the site at the address of `make serve`, and a problem."""
    if _is_address(address):
        return Site(title, address.rstrip("/") + "/", language, in_folders), []
    message = f"`html_baseurl` is `{address}`, not the address of a site; write it as https://example.org/journal/"
    return Site(title, SERVED, language, in_folders), [Problem("conf.py", 1, Code.SITE, message)]
