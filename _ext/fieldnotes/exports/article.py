"""The text of a note, extracted from its written page."""

from __future__ import annotations

from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

ADDRESSES = ("href", "src", "poster", "cite", "action", "data")
"""Attributes whose value is a URL."""


def article(page: str) -> str:
    """Return the HTML inside the article element that ``_templates/document.html`` writes around the text of a page.

    A note may contain other articles as raw HTML, so the first start tag and the last end tag count.
    """
    start = page.index("<article>") + len("<article>")
    return page[start : page.rindex("</article>")]


def parse(html: str, url: str) -> LexborHTMLParser:
    """Parse HTML of the page at ``url`` for use outside the site: without heading links, dark and interactive parts.

    URLs become absolute; an invalid one is removed, and so are other sizes of a picture (``srcset``).
    """
    tree = LexborHTMLParser(html, is_fragment=True)
    for node in tree.css(".headerlink, .only-dark, .exploration"):
        node.decompose()
    for node in tree.css(", ".join(f"[{name}]:not(use)" for name in ("srcset", *ADDRESSES))):
        for name in ADDRESSES:
            if address := node.attrs.get(name):
                try:
                    node.attrs[name] = urljoin(url, address)
                except ValueError:  # an invalid URL, which is dead on the page too
                    del node.attrs[name]
        if "srcset" in node.attrs:
            del node.attrs["srcset"]
    return tree
