"""The text of a note, cut out of its page."""

from __future__ import annotations

from fieldnotes.exports.article import article
from fieldnotes.search.sections import sections_of

PAGE = """<html><head><meta name="a"></head><body><main><article>
<h1>Title</h1><p>Before <article>raw</article> after.</p>
</article><div>below</div></main></body></html>"""


def test_article_keeps_article_elements_of_raw_html() -> None:
    assert article(PAGE) == "\n<h1>Title</h1><p>Before <article>raw</article> after.</p>\n"


def test_sections_include_the_text_after_raw_html() -> None:
    (section,) = sections_of(article(PAGE))
    assert section.text == "Before\nraw\nafter."
