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
"""The picture that other sites show beside a link to this one."""

PICTURE_SIZE = (1200, 630)

ADDRESS = re.compile(r"https?://(\[[\da-fA-F:.]+\]|[^\W_][\w.-]*)(:[0-9]{1,5})?(/[\w.~%!$&()*+,;=:@/-]*)?")
"""The URL of a folder: a host, perhaps a port and a path, and neither user, query nor fragment."""

SERVED = "http://127.0.0.1:8000/"
"""The address of the site that `make serve` serves."""


@dataclass(frozen=True)
class Site:
    """The site at ``address``, an absolute URL that ends with a slash and may have a path, such as ``/en/latest/``."""

    title: str
    address: str
    language: Language
    in_folders: bool = False
    """Whether each page is the ``index.html`` of a folder, as the builder dirhtml writes it."""

    def page(self, name: str) -> str:
        """The canonical address of a page; home's is the site's own."""
        path = self.page_path(name)
        return self.file(path.removesuffix("index.html") if self.in_folders or name == "index" else path)

    def page_path(self, name: str) -> str:
        """The path of a page in the output. A host looks for its 404 page at one place alone."""
        if name.endswith(".html"):  # a former address of another system
            return name
        is_index = name == "index" or name.endswith("/index")
        return f"{name}.html" if is_index or name == "404" or not self.in_folders else f"{name}/index.html"

    def file(self, path: str) -> str:
        """The address of a file, by its path in the output."""
        return self.address + quote(path)

    @property
    def is_local(self) -> bool:
        """Whether the address is one of this machine, which nobody else can open."""
        return urlsplit(self.address).hostname in {"localhost", "127.0.0.1", "::1"}

    def picture_of(self, note: str) -> str:
        """The path of the picture for links to a note, by its docname: the site's, where nobody else can open one."""
        return PICTURE if self.is_local else f"{note}.png"

    @property
    def path(self) -> str:
        """The path of the address on its host, which begins and ends with a slash."""
        return urlsplit(self.address).path


def _is_address(text: str) -> bool:
    try:
        return bool(ADDRESS.fullmatch(text) and urlsplit(text).hostname) and urlsplit(text).port != 0
    except ValueError:  # no port, or no address of IPv6
        return False


def site_at(title: str, address: str, language: Language, *, in_folders: bool = False) -> tuple[Site, list[Problem]]:
    """The site at ``address``; if that is no URL, a problem, and the site at the address of `make serve`."""
    if _is_address(address):
        return Site(title, address.rstrip("/") + "/", language, in_folders), []
    message = f"`html_baseurl` is `{address}`, which is not a site's address; write it as https://example.org/journal/"
    return Site(title, SERVED, language, in_folders), [Problem("conf.py", 1, Code.SITE, message)]
