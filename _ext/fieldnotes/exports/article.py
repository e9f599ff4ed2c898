"""The text of a note, cut out of its written page."""

from __future__ import annotations


def article(page: str) -> str:
    """The content of the article element that ``_templates/page.html`` writes around the text of a page.

    A note may hold articles of its own as raw HTML, so the first start tag and the last end tag count.
    """
    start = page.index("<article>") + len("<article>")
    return page[start : page.rindex("</article>")]
