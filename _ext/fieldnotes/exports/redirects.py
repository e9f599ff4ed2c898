"""The former addresses of notes as `_redirects`, which Netlify and Cloudflare Pages read."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site


def redirects(catalog: Catalog, site: Site) -> bytes:
    """A line for each former address: the path that it had, the path of the note, and the status of HTTP.

    A host that reads them answers by itself; on others the page at the former address leads on.
    """
    return "".join(f"{old} {new} 301\n" for old, new in _paths(catalog, site)).encode()


def _paths(catalog: Catalog, site: Site) -> Iterator[tuple[str, str]]:
    for note in catalog.notes:
        for name in note.formerly:
            is_path = name.startswith("/")
            old = site.path + quote(unquote(name[1:])) if is_path else urlsplit(site.page(f"notes/{name}")).path
            yield old, urlsplit(site.page(note.docname)).path
