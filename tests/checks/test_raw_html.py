"""Raw HTML in a note: what is published, and what is rejected with a message."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from conftest import DAY, Built, Site, note
from fieldnotes.build.raw_html import PAGE_IDS
from fieldnotes.commands import check as check_module
from fieldnotes.sources import html
from fieldnotes.sources.problem import Code
from hypothesis import given, settings
from hypothesis import strategies as st
from processes import call
from selectolax.lexbor import LexborHTMLParser

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

HEADER = 8
"""Number of lines above the text of a note."""

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAACCAAAAADHHk/xAAAAEElEQVR4nGP4/5+BgYGBAQAI/gH/dYhD1QAAAABJRU5ErkJggg=="
)
"""A picture of 4 by 2 pixels."""

REFUSED = [
    ("Text\n<script>alert(1)</script> b", 2, Code.RAW_HTML, "`<script>` is not allowed on a page; "),
    ("<script>\nalert(1)\n</script>", 1, Code.RAW_HTML, "`<script>` is not allowed on a page; "),
    ("<SCRIPT SRC=https://evil.example/x.js>\n</SCRIPT>", 1, Code.RAW_HTML, "`<script>` is not allowed"),
    ("a <b onClick = 'alert(1)'>b</b>", 1, Code.RAW_HTML, "the attribute `onclick` of `<b>` is not allowed on a page; remove"),
    ("<svg viewBox='0 0 1 1'><path d='M0 0' onload='alert(1)'/></svg>", 1, Code.RAW_HTML, "the attribute `onload`"),
    ("<svg><g><use xlink:href='https://evil.example/x.svg'/></g></svg>", 1, Code.RAW_HTML, "the attribute `xlink:href`"),
    ("<svg><animate attributeName='href' to='javascript:alert(1)'></animate></svg>", 1, Code.RAW_HTML, "`<animate>`"),
    ("<a href='javascript:alert(1)'>a</a>", 1, Code.ADDRESS_SCHEME, "`javascript:alert(1)` has a scheme that links may not use"),
    ("<a href='&#106;ava&Tab;script:alert(1)'>a</a>", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write"),
    ("<a href=' &#1;vbscript:x'>a</a>", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write"),
    ("[a](&#106;avascript:alert(1))", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write it as code"),
    ("[a][r]\n\n[r]: JavaScript:x", 3, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write it as code"),
    ("[a](javascript:alert(1))", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write it as code"),
    ("```{eval-rst}\n`a <javascript:alert(1)>`_\n```", 2, Code.ADDRESS_SCHEME, "has a scheme that links may not use"),
    ("```{image} pic.png\n:alt: A.\n:target: javascript:alert(1)\n```", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use"),
    ("<meta http-equiv='refresh' content='0;url=https://evil.example'>", 1, Code.RAW_HTML, "`<meta>` is not allowed"),
    ("<base href='https://evil.example/'>", 1, Code.RAW_HTML, "`<base>` is not allowed on a page; remove it"),
    ("<form action='https://evil.example'>a</form>", 1, Code.RAW_HTML, "`<form>` is not allowed on a page; link to the form"),
    ("<input name='card'>", 1, Code.RAW_HTML, "`<input>` is not allowed on a page; link to the form"),
    ("A\n\n<iframe src='https://evil.example' width='560'></iframe>", 3, Code.RAW_HTML, "`<iframe>` is not allowed on a page; link"),
    ("<object data='x.swf'></object>", 1, Code.RAW_HTML, "`<object>` is not allowed on a page; link to what it shows"),
    ("<style>\nbody { display: none }\n</style>", 1, Code.RAW_HTML, "`<style>` is not allowed on a page; use a CSS class"),
    ("<div style='position: fixed; top: 0'>a</div>", 1, Code.RAW_HTML, "the attribute `style` of `<div>` is not allowed on a page"),
    ("<div style='margin-top: -900px'>a</div>", 1, Code.RAW_HTML, "the attribute `style` of `<div>` is not allowed on a page"),
    ("<p style='color: red; background-color: url(//evil.example)'>a</p>", 1, Code.RAW_HTML, "the attribute `style` of `<p>` is not"),
    ("<img src='https://evil.example/x.png' alt='A'>", 1, Code.PICTURE, "is on another host, from which pages may not load files"),
    ("![A](https://evil.example/x.png)", 1, Code.PICTURE, "is on another host, from which pages may not load files"),
    ("<video src='//evil.example/x.mp4'></video>", 1, Code.PICTURE, "is on another host, from which pages may not load files"),
    ("<video src='gone.mp4'></video>", 1, Code.PICTURE, "gone.mp4 does not exist; correct the path"),
    ("[a](page.html)", 1, Code.PICTURE, "page.html may run code when a browser opens it; pack it into a .zip"),
    ("![a](page.html)", 1, Code.PICTURE, "page.html may run code when a browser opens it"),
    ("[a](page.xml)", 1, Code.PICTURE, "page.xml may run code when a browser opens it"),
    ("![a](part.txt)", 1, Code.PICTURE, "part.txt is not a picture; link to it instead"),
    ("![a](evil.svg)", 1, Code.DIAGRAM, "evil.svg contains the attribute onload, <script>, the attribute href, <set>, the attribute style, which the build removes"),
    ("![a](broken.svg)", 1, Code.DIAGRAM, "broken.svg is not an SVG drawing: "),
    ("Copy s3://<bucket>\nas it is.", 1, Code.RAW_HTML, "`<bucket>` is not an HTML element; write it as code, or `\\<bucket>`"),
    ("A list of\n<your-name> is.", 2, Code.RAW_HTML, "`<your-name>` is not an HTML element"),
    ("{download}`a <javascript://%0aalert(1)>`", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use; write it as code"),
    ("```{button-link} javascript:alert(1)\nA\n```", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use"),
    ("````{card} A\n:link: javascript:x\n:link-type: url\n\nB\n````", 1, Code.ADDRESS_SCHEME, "has a scheme that links may not use"),
    ("```{eval-rst}\n.. meta::\n   :http-equiv=refresh: 0;url=https://evil.example\n```", 1 - HEADER, Code.RAW_HTML, "a document may not set the metadata of its page"),
    ("```{video} clip.mp4\n```", 1, Code.ALT, "the video clip.mp4 has no alternative text; describe it in `:alt:`"),
    ("```{video} gone.mp4\n:alt: A.\n```", 1, Code.PICTURE, "gone.mp4 does not exist; correct the path"),
    ("```{video} pic.png\n:alt: A.\n```", 1, Code.PICTURE, "pic.png is not a video that browsers play; convert it"),
    ("a <b>b", 1, Code.RAW_HTML, "`<b>` is never closed; close it, or write it as code"),
    ("a </article></main> b", 1, Code.RAW_HTML, "`</article>` has no start tag; remove it"),
    ("<div>\n\nText\n\n## A\n\nText", 1, Code.RAW_HTML, "`<div>` is never closed"),
    ("<p id='scripts'>a</p>", 1, Code.RAW_HTML, "the id `scripts` is already used on this page; choose another"),
    ("## A part\n\n<p id='a-part'>a</p>", 3, Code.RAW_HTML, "the id `a-part` is already used"),
    ("<a href='gone.md'>a</a>", 1, "myst.xref_missing", "'gone.md'; correct the path"),
    ("[a](#nowhere) <b id='somewhere'>a</b>", 1, "myst.xref_missing", "'nowhere'; "),
]  # fmt: skip

SOUND = """\
(a-label)=
{octicon}`alert;1em;x" onclick="alert(1)" y="` Text <!-- ask the customer of case 4711 --> with <kbd>Ctrl</kbd>, H<sub>2</sub>O &amp; `<bucket>`, 1 < 2 and \\<bucket>.

<!-- case 4711
is not public -->

% case 4711

<details open>
<summary>More</summary>

Some *text*.

</details>

<img src="raw.png" alt="A chart" width="300">
<picture><source media="(prefers-color-scheme: dark)" srcset="dark.png"><img src="pic.png" alt="Both"></picture>

<video src="clip.mp4" poster="pic.png"><track src="words.vtt" kind="captions"></video>

```{video} clip.mp4
:alt: The consumer falls behind.
:poster: pic.png
:captions: words.vtt

It *falls* behind.
```

<p align="center"><a href="words.vtt">words</a> and <a href="other.md#a-place">there</a></p>

See <a href="#a-label">here</a>, [there](#s-const), [by name](#b-name), [far](other.md#a-place), <a href="https://example.org">out</a>.

## <a name="s-const"></a>Constants

<div id="b-name">

| a |
| - |
| <br> |

</div>

![A](<with space.png>) ![A](with%20space.png) ![A](größe.png) ![A](zerlegt-ä.png) ![A](pct%2541.png) ![A](hash#x.png)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A journal with a note for each rejected text, and a valid one."""
    site = Site(tmp_path_factory.mktemp("raw") / "journal")
    for number, (body, *_rest) in enumerate(REFUSED):
        site.write(f"notes/x{number:02}.md", note(f"X{number}", tags="[Spark, YARN]", body=f"{body}\n"))
    site.write("notes/sound.md", note("Sound", tags="[Spark, YARN]", date="2026-11-01", body=SOUND))
    site.write("notes/other.md", note("Other", tags="[Spark, YARN]", body="<b id='a-place'>There.</b>\n"))
    for name in (
        "pic.png",
        "raw.png",
        "dark.png",
        "with space.png",
        "größe.png",
        "zerlegt-a\u0308.png",
        "pct%41.png",
        "hash#x.png",
        "clip.mp4",
        "words.vtt",
        "part.txt",
    ):
        site.write(f"notes/{name}", PNG)
    site.write("notes/page.html", "<script>1</script>")
    site.write("notes/page.xml", "<html xmlns='http://www.w3.org/1999/xhtml'/>")
    site.write("notes/broken.svg", "<svg")
    site.write(
        "notes/evil.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' xmlns:x='http://www.w3.org/1999/xlink' ONLOAD='1' onload='alert(1)' viewBox='0 0 9 9'><script>alert(2)</script><use x:href='https://evil.example'/><set attributeName='x'/><rect style='fill: url(https://evil.example)'/><text>kept</text></svg>".replace(
            "ONLOAD='1' ", ""
        ),
    )
    return site.build()


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[text[0].split("\n")[-1][:40] for text in REFUSED])
def test_rejected_html_is_reported_on_its_line(built: Built, number: int) -> None:
    _text, line, code, message = REFUSED[number]
    name = code if "." in code else f"fieldnotes.{code}"
    (warning,) = [warning for warning in built.warnings if f"notes/x{number:02}.md:" in warning]
    assert f"notes/x{number:02}.md:{line + HEADER}: WARNING: " in warning
    assert message in warning
    assert "; " in warning
    assert warning.endswith(f" [{name}]")


def test_nothing_executable_is_published(built: Built) -> None:
    for number, (text, *_rest) in enumerate(REFUSED):
        article = built.page(f"notes/x{number:02}").article
        assert unsafe_markup(article) == [], text
        assert "alert" not in re.sub(r"\[a\]\(javascript:alert\(1\)\)", "", article.decode()), text
        markdown = (built.out / f"notes/x{number:02}.md").read_text()
        assert not re.search(
            r"<script|<iframe|onload|onclick|(?<!\\)\]\(javascript|href=.javascript|position",
            markdown.partition("\n#")[2],
            re.IGNORECASE,
        ), text
    assert not list(built.out.rglob("*page.html")) + list(built.out.rglob("*page.xml"))
    svg = (built.out / "_images/evil.svg").read_text()
    assert "kept" in svg
    assert not re.search("script|onload|evil|<set", svg)
    feed = (built.out / "feed.xml").read_text()
    assert not re.search("&lt;script|onclick|onload|&lt;iframe", feed)


def unsafe_markup(article: BeautifulSoup) -> list[str]:
    unsafe = [
        tag.name
        for tag in article.find_all(["script", "style", "iframe", "object", "form", "meta", "base", "set", "animate"])
    ]
    for tag in article.find_all(True):
        unsafe += [name for name in tag.attrs if name.startswith("on")]
        unsafe += [
            value for name, value in tag.attrs.items() if name in {"href", "src", "srcset"} and not html.is_link(value)
        ]
        unsafe += [value for name, value in tag.attrs.items() if name in {"src", "srcset"} and "//" in value]
        unsafe += [value for name, value in tag.attrs.items() if name == "style"]
    return unsafe


def test_placeholder_in_angle_brackets_is_shown(built: Built) -> None:
    page = next(number for number, (text, *_rest) in enumerate(REFUSED) if "<bucket>" in text)
    assert "Copy s3://<bucket>\nas it is." in built.page(f"notes/x{page}").article.get_text()


def test_valid_html_is_published_with_its_files(built: Built) -> None:
    assert [warning for warning in built.warnings if "sound.md" in warning or "other.md" in warning] == []
    article = built.page("notes/sound").article
    assert [image["src"] for image in article.find_all("img")] == [
        *("../_images/raw.png", "../_images/dark.png", "../_images/pic.png", "../_images/with%20space.png"),
        *("../_images/with%20space.png", "../_images/gr%C3%B6%C3%9Fe.png", "../_images/zerlegt-a%CC%88.png"),
        *("../_images/pct%2541.png", "../_images/hash%23x.png"),
    ]
    assert [image["class"] for image in article.select("picture img")] == [["only-dark"], ["only-light"]]
    video = article.video
    assert (video["preload"], video.has_attr("controls")) == ("metadata", True)
    for address in (video["src"], video["poster"], video.track["src"], article.find("a", string="words")["href"]):
        assert (built.out / "notes" / address).is_file()
    shown = article.select_one("figure.video video")
    assert (shown["aria-label"], shown["preload"]) == ("The consumer falls behind.", "metadata")
    assert shown.track["kind"] == "captions"
    for address in (shown["src"], shown["poster"], shown.track["src"]):
        assert (built.out / "notes" / address).is_file()
    assert article.select_one("figure.video figcaption em").get_text() == "falls"
    links = {link.get_text(): link["href"] for link in article.select("p a.reference")}
    assert links["here"] == "#a-label"
    assert (links["there"], links["by name"], links["far"]) == ("#s-const", "#b-name", "other.html#a-place")
    for name in ("a-label", "s-const", "b-name"):
        assert len(article.find_all(id=name)) == 1
    assert built.page("notes/other").find(id="a-place")
    assert article.find("a", string="out")["rel"] == ["noopener"]
    assert "1 < 2 and <bucket>." in article.get_text()
    assert unsafe_markup(article) == []


def test_pictures_have_a_size_and_are_lazy_loaded_after_the_first(built: Built) -> None:
    images = built.page("notes/sound").article.find_all("img")
    assert (images[0]["width"], images[0].get("height")) == ("300", None)
    assert {(image["width"], image["height"]) for image in images[1:]} == {("4", "2")}
    assert [image.get("loading") for image in images] == [None] + ["lazy"] * (len(images) - 1)


def test_no_comment_is_published(built: Built) -> None:
    assert [path for path, data in built.files().items() if b"4711" in data] == []


def test_links_in_the_markdown_of_raw_html_work(built: Built) -> None:
    markdown = (built.out / "notes/sound.md").read_text()
    addresses = [unquote(path) for path in re.findall(r"\]\(http://127\.0\.0\.1:8000/([^)#]+)", markdown)]
    assert len(addresses) > 5
    for address in addresses:
        assert (built.out / address).exists(), address


def test_check_reports_html_that_the_build_rejects(built: Built) -> None:
    findings = call(check_module.check, built.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    places = {(finding.path, finding.line - HEADER, finding.code) for finding in findings}
    wanted = {(f"notes/x{number:02}.md", line, str(code)) for number, (_text, line, code, _m) in enumerate(REFUSED)}
    assert wanted - places == set()


def test_page_ids_are_complete(built: Built) -> None:
    pages = [built.page(name) for name in ("notes/sound", "index", "search", "404", "tags/index")]
    ids = {
        tag["id"]
        for page in pages
        for tag in page.find_all(id=True)
        if not tag.find_parents(["section"]) and tag.name != "section"
    }
    assert ids <= PAGE_IDS


PARTS = """< > </ /> <!-- --> <![CDATA[ <? " ' = a b img svg script style onload=alert(1) href=javascript:x src=x <a <svg <title>
<script> </script> <b &lt; &#60;script> <math> <mtext> <table> <desc> <p> </p> <style> <noscript> <select> <xmp> <br/> </svg>"""


@settings(max_examples=500)
@given(st.lists(st.sampled_from([*PARTS.split(), " ", "\n"]), max_size=30).map("".join))
def test_sanitizer_output_is_always_on_the_allow_list(text: str) -> None:
    reader = html.Sanitizer()
    markup = "".join(token.markup() for token in reader.read(text))
    again = html.Sanitizer()
    once_more = "".join(token.markup() for token in again.read(markup))
    assert again.faults == []
    assert again.dropped == ""
    for node in LexborHTMLParser(f"<main>{markup}</main>").css("main *"):  # as a browser parses it
        assert node.tag in html.ELEMENTS | html.SVG_ELEMENTS, markup
        assert not [name for name in node.attributes if name.startswith("on")], markup
        assert html.is_link(node.attributes.get("href") or ""), markup
    assert once_more == markup
