"""A note as plain Markdown, for readers that know nothing of MyST: what Markdown has no sign for is said in its words.

What the parser of MyST finds to be a directive or code is looked at by its lines, and no tree is written out: so
everything else stays as its author wrote it.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from mdit_py_plugins.colon_fence import colon_fence_plugin

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LEAD = re.compile(r"(?:[ \t]|>|[-*+][ \t]|\d{1,9}[.)][ \t])*")
"""The signs of the lists and quotes that a line stands in, and its indent."""


DIRECTIVE = re.compile(r"\{(?P<name>[\w:+.-]+)\}[ \t]*(?P<argument>.*)")


OPTION = re.compile(r":(?P<name>[\w-]+):[ \t]*(?P<value>.*)")


ATTRIBUTE = r"""(?:(?:[.#][\w:-]+)+|[\w-]+=(?:"[^"\n]*"|[^\s{}"]+))"""


ATTRIBUTES = rf"\{{\s*{ATTRIBUTE}(?:\s+{ATTRIBUTE})*\s*\}}"


UNSEEN = re.compile(rf"(?:{ATTRIBUTES}|\([^()\s]+\)=|%.*|\+\+\+.*)[ \t]*")
"""Lines that show nothing: attributes of the next block, a target, a comment, the break of a block."""


NOT_PLAIN = re.compile(r"\{|\.md\b|\[\]\(|!\[|<(?:project|path):|^[ \t>]*(?:%|\+\+\+|\()", re.MULTILINE)
"""Signs without one of which a text has nothing to change, and need not be parsed."""


INLINE = re.compile(
    rf"""
    \\[!-/:-@\[-`{{-~]                                                        # an escaped sign stays
    | \{{(?P<role>[\w:+.-]+)\}}(?P<tick>`+)(?P<content>.+?)(?<!`)(?P=tick)(?!`)
    | (?P<code>(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))(?:{ATTRIBUTES})?
    | (?P<image>!?)\[(?P<text>(?:[^\[\]\\`!]|!(?!\[)|\\.|`[^`\n]*`|!?\[[^\[\]]*\](?:\([^()\s]*\))?)*)\]
      (?:\((?P<address><[^<>\n]*>|[^\s()<>]*)(?P<title>[ \t]+(?:"[^"\n]*"|'[^'\n]*'))?\)(?:{ATTRIBUTES})?|{ATTRIBUTES})
    | <(?:project|path):(?P<bare>[^<>\s]*)>
    """,
    re.VERBOSE | re.DOTALL,
)


ADMONITIONS = ("attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning")


CODE = ("code", "code-block", "code-cell", "sourcecode")


OPEN = (
    *("card", "card-carousel", "compound", "container", "definition", "details", "div", "dropdown", "epigraph"),
    *("figure-md", "grid", "grid-item", "grid-item-card", "highlights", "list-table", "margin", "pull-quote"),
    *("rubric", "sidebar", "tab-item", "tab-set", "table", "topic", "versionadded", "versionchanged"),
)
"""Directives whose content is text: they are opened, and their title stands above it."""


UNTITLED = ("container", "div", "figure-md", "grid", "list-table", "card-carousel", "tab-set")


LEFT_OUT = ("contents", "include", "index", "literalinclude", "only", "raw", "tags", "toctree")
"""Directives that show nothing that Markdown could say."""


CODE_ROLES = ("code", "command", "file", "kbd", "literal", "program", "samp")


@dataclass(frozen=True)
class Links:
    """What the links of a note lead to: titles of pages by docname, which of them are ``notes``, pictures by path.

    ``pictures`` gives the published path of a picture for its path in the sources.
    """

    docname: str
    here: str
    """The docname at whose address the text is published: that of the note, or one that it had before."""
    titles: Mapping[str, str] = field(default_factory=dict)
    notes: frozenset[str] | Mapping[str, object] = frozenset()
    pictures: Mapping[str, str] = field(default_factory=dict)
    quoted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """See ``views.quoted``."""

    def to(self, address: str) -> tuple[str, str]:
        """The address to write for one that was written, and a text for it where it has none of its own."""
        target = address.strip("<>").removeprefix("project:").removeprefix("path:")
        path, sign, anchor = target.partition("#")
        if not path or re.match(r"[a-zA-Z][\w+.-]*:|//", path):
            return address, target.removeprefix("#")
        source = self._source(path)
        docname = source.removesuffix(".md")
        if docname != source and docname in self.titles:
            suffix = ".md" if docname in self.notes else ".html"
            return self._from_here(docname + suffix) + sign + anchor, self.titles[docname]
        if source in self.pictures:
            return self._from_here(self.pictures[source]), target
        return address, target

    def page(self, name: str) -> str:
        """The address of a page, for its name."""
        return self._from_here(f"{name}.html")

    def quote(self, kind: str, name: str) -> tuple[str, str] | None:
        """The text of what is quoted of a lab, and the address that it leads to; None where no lab has it."""
        found = self.quoted.get(f"{kind} {name}")
        return found and (found[0], self._from_here(found[1]))

    def _source(self, path: str) -> str:
        start = "" if path.startswith("/") else posixpath.dirname(self.docname)
        return posixpath.normpath(posixpath.join(start, path.lstrip("/")))

    def _from_here(self, path: str) -> str:
        return posixpath.relpath(path, posixpath.dirname(self.here) or ".")


def document(header: str, title: str, summary: str, body: str, links: Links) -> str:
    """The file of a note: its front matter as it was written, its title and summary, and its text."""
    return f"{header}\n\n# {escaped(title)}\n\n{escaped(summary)}\n\n{plain(body, links).strip()}\n"


def escaped(text: str) -> str:
    """Text in which Markdown is to find no markup."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def plain(text: str, links: Links) -> str:
    """Write MyST Markdown as plain Markdown. Code stays as it is, and so does text that is plain already."""
    return "\n".join(_blocks(text.split("\n"), links)) if NOT_PLAIN.search(text) else text


@cache
def _parser() -> MarkdownIt:
    """MyST's parser of blocks alone: what is in a line is a tenth of the cost when it is sought by an expression."""
    parser = MarkdownIt("commonmark").enable("table").use(colon_fence_plugin)
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def _blocks(lines: list[str], links: Links) -> Iterator[str]:
    done = 0
    for token in _parser().parse("\n".join(lines)):
        if token.type not in {"fence", "colon_fence", "code_block", "html_block"} or token.map is None:
            continue
        start, end = token.map
        yield from _text(lines[done:start], links, below=done > 0)
        directive = DIRECTIVE.fullmatch(token.info.strip()) if "fence" in token.type else None
        if directive:
            inner = token.content.removesuffix("\n").split("\n")
            shown = _trimmed(_directive(directive, inner, links))
            lead = LEAD.match(lines[start])[0]  # type: ignore[index]
            yield from _apart(lead, shown, lines[start - 1 : start], lines[end : end + 1])
        else:
            yield from lines[start:end]
        done = end
    yield from _text(lines[done:], links, below=done > 0)


def _apart(lead: str, shown: list[str], before: list[str], after: list[str]) -> Iterator[str]:
    """Put what a directive shows where it stood, as a paragraph of its own in the same lists and quotes."""
    below = re.sub(r"[^>\s]", " ", lead)
    first = lead
    if before and before[0].strip(" \t>") and lead == below:
        yield below.rstrip()
    for line in shown:
        yield (first + line).rstrip() if lead or not line else line
        first = below
    if shown and after and after[0].strip(" \t>"):
        yield below.rstrip()


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def _directive(directive: re.Match[str], inner: list[str], links: Links) -> list[str]:
    name, argument = directive["name"], directive["argument"].strip()
    found, body = options(inner)
    if name in LEFT_OUT:
        return []
    if name in CODE:
        return _code(argument, body)
    if name == "math":
        return ["$$", *filter(None, [argument]), *_trimmed(body), "$$"]
    if name in {"image", "figure", "diagram"}:
        return _picture(name, argument, found, list(_blocks(_trimmed(body), links)), links)
    if name == "lab-figure" and (quote := links.quote(name, argument)):
        caption = _trimmed(list(_blocks(_trimmed(body), links)))
        return [f"*Figure: [{quote[0]}]({quote[1]})*", *(["", *caption] if caption else [])]
    if name in ADMONITIONS or name == "admonition":
        heading = argument if name == "admonition" else {"seealso": "See also"}.get(name, name.capitalize())
        first = [argument, ""] if argument and name != "admonition" else []
        content = _trimmed(list(_blocks([*first, *body], links)))
        return [f"> **{heading}**", ">", *(f"> {line}".rstrip() for line in content)]
    if name in OPEN:
        heading = [f"**{_inline(argument, links)}**", ""] if argument and name not in UNTITLED else []
        return [*heading, *_blocks(body, links)]
    return _code(name, body)


def options(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the content of a directive into its options and its text."""
    found: dict[str, str] = {}
    name, end = "", 0
    if lines and lines[0].strip() == "---":
        end = next((at for at, line in enumerate(lines[1:], start=1) if line.strip() == "---"), 0)
        parts = (line.partition(":") for line in lines[1:end])
        return {key.strip(): value.strip() for key, _sign, value in parts}, lines[end + 1 :]
    for line in lines:
        if option := OPTION.fullmatch(line.strip()):
            name = option["name"]
            found[name] = option["value"]
        elif name and line[:1] in {" ", "\t"} and line.strip():
            found[name] = f"{found[name]} {line.strip()}"
        else:
            break
        end += 1
    return found, lines[end:]


def page_named(content: str) -> tuple[str, str]:
    """Split the content of a role that leads to a page, ``text <page>`` or its name alone, into text and page."""
    text, _sign, page = (part.strip() for part in content.removesuffix(">").rpartition("<"))
    return text, page


def _code(language: str, lines: list[str]) -> list[str]:
    lines = _trimmed(lines)
    longest = max((len(run) for line in lines for run in re.findall(r"`{3,}", line)), default=2)
    fence = "`" * (longest + 1)
    return [fence + language, *lines, fence]


def _picture(name: str, argument: str, options: dict[str, str], caption: list[str], links: Links) -> list[str]:
    """A picture with its text; a drawing, which stands in the page and in no file of its own, as its text alone."""
    alt = " ".join(options.get("alt", "").split())
    shown = f"*Drawing: {alt}*" if name == "diagram" else f"![{alt}]({links.to(argument)[0]})"
    return [shown, "", *caption] if caption else [shown]


def _text(lines: list[str], links: Links, *, below: bool = False) -> Iterator[str]:
    """Lines outside of all blocks, each paragraph at once; ``below`` says that they follow one at once."""
    run: list[str] = []
    for line in lines:
        bare = line.lstrip(" \t>")
        unseen = UNSEEN.fullmatch(bare)
        if bare and not unseen:
            run.append(line)
            continue
        yield from _inlined(run, links)
        if not bare or run or below:
            yield "" if unseen else line
        run, below = [], False
    yield from _inlined(run, links)


def _inlined(run: list[str], links: Links) -> list[str]:
    return _inline("\n".join(run), links).split("\n") if run else []


def _inline(text: str, links: Links) -> str:
    if not any(sign in text for sign in ("`", "](", "]{", "<project:", "<path:")):
        return text
    return INLINE.sub(lambda found: _inline_sign(found, links), text)


def _inline_sign(found: re.Match[str], links: Links) -> str:
    if found["role"]:
        return _role(found["role"], found["content"], links)
    if found["code"]:
        return str(found["code"])
    if found["bare"]:
        address, text = links.to(found["bare"])
        return f"[{text}]({address})"
    if found["text"] is None:
        return found[0]
    if found["address"] is None:
        return str(found["text"])
    address, text = links.to(found["address"])
    return f"{found['image']}[{found['text'] or ('' if found['image'] else text)}]({address}{found['title'] or ''})"


def _role(role: str, content: str, links: Links) -> str:
    text, _sign, target = (part.strip() for part in content.removesuffix(">").rpartition("<"))
    text, target = (text, target) if text and content.endswith(">") else ("", content.strip())
    if role in {"result", "number"} and (quote := links.quote(role, target)):
        return f"[{quote[0]}]({quote[1]})"
    if role == "page":
        return f"[{text or target}]({links.page(target)})"
    if role == "doc":
        address, title = links.to(f"{target}.md")
        return f"[{text or title}]({address})"
    if role == "math":
        return f"${content}$"
    if role in CODE_ROLES or ":" in role:
        return f"`{text or target}`"
    return text or target
