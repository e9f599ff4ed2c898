"""A note as plain Markdown, for readers that know nothing of MyST, such as language models.

Markdown's block parser tells directives and code from text. Only their lines are rewritten, so everything else stays as
its author wrote it; an admonition, for example, becomes a quote with a bold heading.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin

from fieldnotes.pages import labs
from fieldnotes.pages.parts import HOME
from fieldnotes.sources import yaml_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.note import Note

LEAD = re.compile(r"(?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*")
"""The indent of a line, with the markers of the lists and quotes that it is in."""

DIRECTIVE = re.compile(r"\{(?P<name>[\w:+.-]+)\}[ \t]*(?P<argument>.*)")
OPTIONS = re.compile(r"---\n(?:.*\n)*?---(?:\n|$)|(?:[ \t]*:[\w-]+:.*(?:\n|$)(?:[ \t]+\S.*(?:\n|$))*)*")
ALT = re.compile(r"^[ \t]*:?alt:(.*(?:\n[ \t]+(?!:[\w-]+:)\S.*)*)", re.MULTILINE)
TEXT_AND_TARGET = re.compile(r"(?P<text>.*\S)\s*<(?P<target>[^<>]*)>", re.DOTALL)

ATTRIBUTE = r"""(?:(?:[.#][\w:-]+)+|[\w-]+=(?:"[^"\n]*"|[^\s{}"]+))"""
ATTRIBUTES = rf"\{{\s*{ATTRIBUTE}(?:\s+{ATTRIBUTE})*\s*\}}"

INVISIBLE = re.compile(rf"(?:{ATTRIBUTES}|\([^()\s]+\)=|%.*|\+\+\+.*)[ \t]*")
"""A line that shows nothing: attributes of the next block, a target, a comment, a block break."""

NOT_PLAIN = re.compile(r"\{|\.md\b|\[\]\(|!\[|<(?:project|path):|^[ \t>]*(?:%|\+\+\+|\()", re.MULTILINE)
"""A text without a match is plain already. Parsing is skipped then, which saves 0.4 ms a note."""

INLINE = re.compile(
    rf"""
    \\[!-/:-@\[-`{{-~]                                                        # an escaped character
    | \{{(?P<role>[\w:+.-]+)\}}(?P<tick>`+)(?P<content>.+?)(?<!`)(?P=tick)(?!`)
    | (?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))(?:{ATTRIBUTES})?
    | (?P<image>!?)\[(?P<text>(?:[^\[\]\\`!]|!(?!\[)|\\.|`[^`\n]*`|!?\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]
      (?:\((?P<address><[^<>\n]*>|[^\s()<>]*)(?P<title>[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?\)(?:{ATTRIBUTES})?|{ATTRIBUTES})
    | <(?:project|path):(?P<bare>[^<>\s]*)>
    """,
    re.VERBOSE | re.DOTALL,
)
"""What is read inside a line: an escape, a role, code, a link or picture, a text with attributes, an autolink."""

ADMONITIONS = ("attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning")

CODE = ("code", "code-block", "code-cell", "sourcecode")
CODE_ROLES = ("code", "command", "file", "kbd", "literal", "program", "samp")

OPEN = (
    *("card", "card-carousel", "compound", "container", "definition", "details", "div", "dropdown", "epigraph"),
    *("figure-md", "grid", "grid-item", "grid-item-card", "highlights", "list-table", "margin", "pull-quote"),
    *("rubric", "sidebar", "tab-item", "tab-set", "table", "topic", "versionadded", "versionchanged"),
)
"""Directives whose content is kept, below their title."""

UNTITLED = ("container", "div", "figure-md", "grid", "list-table", "card-carousel", "tab-set")
"""Directives of OPEN whose argument is not a title."""

LEFT_OUT = ("contents", "include", "index", "literalinclude", "only", "raw", "tags", "toctree")
"""Directives without an equivalent in Markdown."""


@dataclass(frozen=True)
class Links:
    """Where the links of a note lead, as seen from the address at which its text is published."""

    catalog: Catalog
    docname: str
    """The note's docname, from which its own links are relative."""
    here: str
    """The docname at whose address the text is published: the note's, or a former one."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """The published paths of pictures, by their paths in the sources."""

    def resolve(self, address: str) -> tuple[str, str]:
        """Resolve the address of a link as MyST does: to a relative address, and the text of a link without one."""
        target = re.sub(r"^(project|path):", "", address.strip("<>"))
        path, sign, anchor = target.partition("#")
        if not path or re.match(r"[a-zA-Z][\w+.-]*:|//", path):
            return address, target.removeprefix("#")
        folder = "" if path.startswith("/") else posixpath.dirname(self.docname)
        source = posixpath.normpath(posixpath.join(folder, path.lstrip("/")))
        docname = source.removesuffix(".md")
        title = HOME["title"] if docname == HOME["page"] else self.catalog.titles.get(docname)
        if title and docname != source:
            suffix = ".md" if docname in self.catalog.notes_by_docname else ".html"
            return f"{self.relative(docname + suffix)}{sign}{anchor}", title
        if source in self.pictures:
            return self.relative(self.pictures[source]), target
        return address, target

    def relative(self, path: str) -> str:
        """The relative address of a file, by its path in the output."""
        return posixpath.relpath(path, posixpath.dirname(self.here) or ".")

    def quote(self, kind: str, name: str) -> str | None:
        """A link in place of a ``result``, ``number`` or ``figure`` of a lab; None if no lab has it."""
        page = f"{labs.lab_page(name.partition(':')[0])}.html"
        if kind == "figure" and (figure := labs.figure(self.catalog, name)):
            return f"[{' '.join([f'{figure.title}.', *figure.description])}]({self.relative(page)})"
        if kind != "figure" and (result := labs.result(self.catalog, name)):
            place = f"{page}#result-{name.partition(':')[2]}"
            return f"[{result.text if kind == 'result' else result.bare}]({self.relative(place)})"
        return None


def note_file(note: Note, text: str, links: Links) -> bytes:
    """The published file of a note: its front matter as written, title, summary, and the rest of its ``text``."""
    header, body = yaml_header.split(f"{note.docname}.md", text)
    parts = [header.text, f"# {escaped(note.title)}", escaped(note.summary), plain(body, links).strip()]
    return ("\n\n".join(parts) + "\n").encode()


def escaped(text: str) -> str:
    """Text with its Markdown markup escaped."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def plain(text: str, links: Links) -> str:
    """Write MyST Markdown as plain Markdown. Code, and text that is plain already, stays as it is."""
    if not NOT_PLAIN.search(text):
        return text
    try:
        return "\n".join(_Writer(links).blocks(text.split("\n")))
    except RecursionError:  # directives nested so deeply that the build reports them, and cuts the page
        return text


@cache
def _parser() -> MarkdownIt:
    """Parses blocks only: the regular expression for inline syntax takes a tenth of a parser's time."""
    parser = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


class _Writer:
    """Rewrites the lines of one note."""

    def __init__(self, links: Links) -> None:
        self.links = links

    def blocks(self, lines: list[str]) -> Iterator[str]:
        """Rewrite directives and text; keep code and HTML."""
        done = 0
        for token in _parser().parse("\n".join(lines)):
            if token.type not in {"fence", "colon_fence", "code_block", "html_block"} or token.map is None:
                continue
            start, end = token.map
            yield from self.text(lines[done:start], below=done > 0)
            if "fence" in token.type and (directive := DIRECTIVE.fullmatch(token.info.strip())):
                shown = _trimmed(self.directive(directive["name"], directive["argument"].strip(), token.content))
                lead = match[0] if (match := LEAD.match(lines[start])) else ""
                yield from _set_apart(lead, shown, lines[start - 1 : start], lines[end : end + 1])
            else:
                yield from lines[start:end]
            done = end
        yield from self.text(lines[done:], below=done > 0)

    def directive(self, name: str, argument: str, content: str) -> list[str]:
        """The lines that a directive becomes."""
        options = match[0] if (match := OPTIONS.match(content)) else ""
        body = content[len(options) :].removesuffix("\n").split("\n")
        if name in LEFT_OUT:
            return []
        if name in OPEN:
            title = [f"**{self.inline(argument)}**", ""] if argument and name not in UNTITLED else []
            return [*title, *self.blocks(body)]
        if name in ADMONITIONS:
            return self.admonition(name.capitalize() if name != "seealso" else "See also", [argument, "", *body])
        if name == "admonition":
            return self.admonition(argument, body)
        if name == "math":
            return ["$$", *filter(None, [argument]), *_trimmed(body), "$$"]
        alt = " ".join("".join(ALT.findall(options)).split())
        match name:
            case "image" | "figure":
                shown = f"![{alt}]({self.links.resolve(argument)[0]})"
            case "diagram":  # drawn into the page, so that it is no file to link to
                shown = f"*Drawing: {alt}*"
            case "lab-figure" if link := self.links.quote("figure", argument):
                shown = f"*Figure: {link}*"
            case _:
                return _fenced(argument, body) if name in CODE else _fenced(name, body)
        caption = _trimmed(self.blocks(body))
        return [shown, "", *caption] if caption else [shown]

    def admonition(self, heading: str, body: list[str]) -> list[str]:
        """A quote with a bold heading."""
        return [f"> **{heading}**", ">", *(f"> {line}".rstrip() for line in _trimmed(self.blocks(_trimmed(body))))]

    def text(self, lines: list[str], *, below: bool = False) -> Iterator[str]:
        """Rewrite lines outside of blocks, a paragraph at once; ``below`` says that a block stands above them.

        An invisible line that ends a paragraph or a block becomes a blank one; all others are left out.
        """
        for is_shown, group in groupby(lines, _is_shown):
            if is_shown:
                yield from self.inline("\n".join(group)).split("\n")
            else:
                for line in group:
                    if below or not line.strip(" \t>"):
                        yield "" if line.strip(" \t>") else line
                    below = False
            below = is_shown

    def inline(self, text: str) -> str:
        """Rewrite inline syntax."""
        return INLINE.sub(self._inline, text)

    def _inline(self, match: re.Match[str]) -> str:
        if match["role"]:
            return self.role(match["role"], match["content"])
        if match["code"]:
            return match["code"]
        if match["bare"]:
            address, title = self.links.resolve(match["bare"])
            return f"[{title}]({address})"
        if match["text"] is None:  # an escaped character
            return match[0]
        if match["address"] is None:  # a text with attributes
            return match["text"]
        address, title = self.links.resolve(match["address"])
        text = match["text"] or ("" if match["image"] else title)
        return f"{match['image']}[{text}]({address}{match['title'] or ''})"

    def role(self, name: str, content: str) -> str:
        """What a role becomes: a link, math, code, or its text alone."""
        link = TEXT_AND_TARGET.fullmatch(content)
        text, target = link.groups() if link else ("", content.strip())
        match name:
            case "result" | "number" if quote := self.links.quote(name, target):
                return quote
            case "page":
                return f"[{text or target}]({self.links.relative(f'{target}.html')})"
            case "doc":
                address, title = self.links.resolve(f"{target}.md")
                return f"[{text or title}]({address})"
            case "math":
                return f"${content}$"
            case _:
                shown = content if name in CODE_ROLES else text or target
                return f"`{shown}`" if name in CODE_ROLES or ":" in name else shown


def _is_shown(line: str) -> bool:
    bare = line.lstrip(" \t>")
    return bool(bare) and not INVISIBLE.fullmatch(bare)


def _set_apart(lead: str, shown: list[str], before: list[str], after: list[str]) -> Iterator[str]:
    """Put the lines of a directive where it stood, as a paragraph of its own in the same lists and quotes."""
    below = re.sub(r"[^>\s]", " ", lead)
    if before and before[0].strip(" \t>") and lead == below:
        yield below.rstrip()
    for number, line in enumerate(shown):
        yield ((below if number else lead) + line).rstrip() if lead or not line else line
    if shown and after and after[0].strip(" \t>"):
        yield below.rstrip()


def _trimmed(lines: Iterable[str]) -> list[str]:
    """Lines without the blank ones at either end."""
    lines = list(lines)
    shown = [number for number, line in enumerate(lines) if line.strip()]
    return lines[shown[0] : shown[-1] + 1] if shown else []


def _fenced(language: str, lines: list[str]) -> list[str]:
    """A block of code, its fence longer than any in the code."""
    longest = max((len(run) for line in lines for run in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return [fence + language, *_trimmed(lines), fence]
