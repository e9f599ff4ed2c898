"""Sanitize the raw HTML of a text, and report what was removed.

Markdown yields HTML in pieces: a start tag here, its end tag there. So each piece is split into tags and text, and
rebuilt from the elements and attributes on the allow-lists below: a browser can find nothing else, however it parses
the pieces. A library that sanitizes whole documents would close each piece separately.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape, unescape
from typing import TYPE_CHECKING, NamedTuple

from fieldnotes.sources import svg
from fieldnotes.sources.problem import Code, excerpt
from fieldnotes.sources.svg import words

if TYPE_CHECKING:
    from collections.abc import Iterator

ELEMENTS = words("""
    a abbr address article aside audio b bdi bdo big blockquote br caption center cite code col colgroup data dd del
    details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img input ins kbd li
    mark nav ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary sup table tbody td
    tfoot th thead time tr track tt u ul var video wbr
    """)

SVG_ELEMENTS = frozenset(name.lower() for name in svg.DRAWING_ELEMENTS - {"title", "desc"})
"""Elements of an inline SVG. Outside of one, a browser treats everything after `<title>` as text."""

VOID = frozenset({"br", "col", "hr", "img", "input", "source", "track", "wbr"})

OPTIONAL_END = words("colgroup dd dt li p rp rt tbody td tfoot th thead tr")
"""Elements whose end tag is optional."""

REFUSED = {
    "script": "remove it: scripts in a text are not run",
    "style": "use a CSS class of the journal",
    **dict.fromkeys(("iframe", "frame", "frameset", "object", "embed", "applet"), "link to what it shows"),
    **dict.fromkeys(("form", "button", "select", "textarea", "option", "fieldset"), "link to the form"),
    **dict.fromkeys(("meta", "base", "link", "title", "head", "body", "html", "template", "noscript"), "remove it"),
    **dict.fromkeys(("dialog", "main", "map", "area", "param", "canvas", "slot", "marquee", "label"), "remove it"),
    **dict.fromkeys(("noembed", "noframes", "xmp", "plaintext", "image", "legend", "progress"), "remove it"),
    **dict.fromkeys(("set", "animate", "animatemotion", "animatetransform", "foreignobject"), "remove it"),
    "math": "write the formula with `{math}`",
}
"""Elements that are not allowed, with what to do instead; any other name that is not listed is unknown."""

WITH_CONTENT = words("script style iframe object template noscript noembed noframes xmp textarea select title")
"""Elements that are removed with their content."""

ATTRIBUTES = words("""
    id name class title lang dir role hidden translate align valign width height colspan rowspan headers scope
    span start reversed value datetime cite open alt src srcset sizes media loading decoding controls poster preload
    loop muted playsinline kind srclang label default href hreflang download rel target border cellpadding cellspacing
    bgcolor color face size nowrap type checked disabled abbr summary
    """)

SCHEMES = words("http https mailto tel sms ftp ftps sftp ssh git irc xmpp sip geo magnet urn doi news matrix webcal")
"""The URL schemes that links may use."""

CHECKBOX = re.compile(r"""\stype\s*=\s*["']?checkbox\b""", re.IGNORECASE)
"""The only allowed kind of `<input>`: the checkbox of a task list."""

TOKEN = re.compile(
    r"""
    <!--(?:-?>|.*?(?:--!?>|\Z))                                       # a comment
    | <[!?][^>]*>?                                                    # a declaration
    | <(?P<end>/?)(?P<name>[a-zA-Z][^\s/<>]*)
      (?P<attributes>(?:[^<>"']++|"[^"]*+"|'[^']*+'){0,200}+)>        # bounded: linear in the length of the text
    """,
    re.VERBOSE | re.DOTALL,
)

ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>`]+)))?""")

UNFINISHED = re.compile(r"<(?=[a-zA-Z/!?])")
"""Text that a browser would parse as the start of a tag."""


class Fault(NamedTuple):
    """A problem in HTML, with its line."""

    line: int
    code: Code
    message: str


@dataclass(eq=False)
class Token:
    """A tag, or text, which has no ``name``."""

    line: int
    name: str = ""
    is_end: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""

    def markup(self) -> str:
        """Serialize the token, escaping its text and attribute values."""
        if not self.name:
            return escape(unescape(self.text))
        if self.is_end:
            return f"</{self.name}>"
        attributes = (f' {name}="{escape(value)}"' if value else f" {name}" for name, value in self.attributes.items())
        return f"<{self.name}{''.join(attributes)}>"


class Sanitizer:
    """Sanitizes HTML, piece by piece.

    ``faults`` are those of the last piece. ``dropped`` is the element in which it ended, if it is removed with its
    content: the next piece begins inside it.
    """

    def __init__(self) -> None:
        self.dropped = ""
        self.faults: list[Fault] = []

    def read(self, text: str, line: int = 0) -> Iterator[Token]:
        """Split a piece of HTML that begins on ``line``; yield the tokens that may be published."""
        self.faults, end = [], 0
        for match in TOKEN.finditer(text):
            yield from self._text(text[end : match.start()], line)
            self.line = line = line + text.count("\n", end, match.start())
            if match["name"]:
                yield from self._tag(match)
            line += match[0].count("\n")
            end = match.end()
        yield from self._text(text[end:], line)

    def _fault(self, message: str, code: Code = Code.RAW_HTML) -> None:
        self.faults.append(Fault(self.line, code, message))

    def _text(self, text: str, line: int) -> Iterator[Token]:
        if text and not self.dropped:
            if unfinished := UNFINISHED.search(text):
                self.line = line + text.count("\n", 0, unfinished.start())
                self._fault("a tag is not finished; end it with `>`, or write `\\<`")
            yield Token(line, text=text)

    def _tag(self, match: re.Match[str]) -> Iterator[Token]:
        name, is_end, attributes = match["name"].lower(), bool(match["end"]), match["attributes"]
        if self.dropped:
            if is_end and name == self.dropped:
                self.dropped = ""
        elif name in REFUSED or (name == "input" and not CHECKBOX.search(attributes)):
            if not is_end:
                self._fault(f"`<{name}>` is not allowed on a page; {REFUSED.get(name, 'link to the form')}")
                self.dropped = name if name in WITH_CONTENT and not attributes.endswith("/") else ""
        elif name not in ELEMENTS | SVG_ELEMENTS:
            if not is_end:
                written = excerpt(match["name"])
                self._fault(f"`<{written}>` is not an HTML element; write it as code, or `\\<{written}>`")
            yield Token(self.line, text=match[0].replace("&", "&amp;").replace("<", "&lt;"))
        else:
            yield Token(self.line, name, is_end, {} if is_end else self._attributes(name, attributes))
            if name in SVG_ELEMENTS and attributes.endswith("/") and not is_end:
                yield Token(self.line, name, is_end=True)

    def _attributes(self, element: str, text: str) -> dict[str, str]:
        """Return the attributes of a tag that may be published."""
        allowed: dict[str, str] = {}
        for name, *values in ATTRIBUTE.findall(text):
            name, value = name.lower(), unescape("".join(values))
            if name in allowed:
                continue
            if name in {"href", "cite"} and element not in SVG_ELEMENTS and not is_link(value):
                message = f"`{excerpt(value)}` has a scheme that links may not use; write it as code"
                self._fault(message, Code.ADDRESS_SCHEME)
            elif _is_allowed(element, name, value):
                allowed[name] = value
            else:
                self._fault(f"the attribute `{excerpt(name)}` of `<{element}>` is not allowed on a page; remove it")
        return allowed


def _is_allowed(element: str, name: str, value: str) -> bool:
    if element == "input":
        return (name, value) == ("type", "checkbox") or name in {"class", "checked", "disabled", "id"}
    if element in SVG_ELEMENTS and name not in {"style", "name", "target", "download"}:
        return not svg.is_unsafe(name.rpartition(":")[2], value)
    return name in ATTRIBUTES or name.startswith("aria-")


def is_link(address: str) -> bool:
    """Whether a link may lead to an address. Ignores its invisible characters, as browsers do."""
    visible = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]", "", address)
    scheme = re.match(r"([^/?#:]*):", visible)
    return not scheme or scheme[1].lower() in SCHEMES
