"""Prepare what is not the site: an e-book, a PDF, or one long page, which are made of the documents alone."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sphinx.builders.epub3 import Epub3Builder

from fieldnotes.build.state import catalog_of, is_site
from fieldnotes.sources.html import ATTRIBUTE, VOID

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def prepare_book(app: Sphinx) -> None:
    """Leave out the site's styles and scripts, and name the edition by its day (``builder-inited``)."""
    if is_site(app.builder):
        return
    app.config.html_static_path = [path for path in app.config.html_static_path if Path(path).is_absolute()]
    app.config.html_extra_path = []  # for hosts of the site
    if app.builder.name == "gettext":
        app.config.templates_path = []  # their words are in the catalog of `make words`; Sphinx fails on plurals
    app.config.version = app.config.version or catalog_of(app.env).today.isoformat()


TAG = re.compile(r"""<([a-zA-Z][\w:-]*)((?:"[^"]*"|'[^']*'|[^<>"'])*)>""")


class EBook(Epub3Builder):
    """Sphinx's e-book, whose pages are XML, and whose list of files says which hold MathML or drawings: EPUB 3."""

    def make_id(self, name: str) -> str:
        """The id of a file, whether its name is written as in an address or not."""
        return super().make_id(unquote(name))

    def handle_page(self, pagename: str, addctx: dict[str, Any], *args: Any, **options: Any) -> None:
        """Write a page, and what an extension or an author has written as HTML in it as XML."""
        super().handle_page(pagename, addctx, *args, **options)
        path = self.get_output_path(pagename)
        path.write_text(TAG.sub(_as_xml, path.read_text(encoding="utf-8")), encoding="utf-8")

    def build_content(self) -> None:
        """Write the list of files, each once, with what it holds."""
        super().build_content()
        path = Path(self.outdir, "content.opf")
        lines: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
            place = re.search(r"<itemref (idref=\S+)", line)
            lines.setdefault(place[1] if place else str(number), self._with_properties(line))
        path.write_text("\n".join(lines.values()), encoding="utf-8")

    def _with_properties(self, line: str) -> str:
        match = re.match(r'\s*<item .*href="([^"]*\.xhtml)" media-type', line)
        page = Path(self.outdir, unescape(match[1])) if match else None
        text = page.read_text(encoding="utf-8") if page and page.is_file() else ""
        held = " ".join(name for name, mark in {"mathml": "<math", "svg": "<svg"}.items() if mark in text)
        return line.replace(" />", f' properties="{held}" />') if held else line


def _as_xml(tag: re.Match[str]) -> str:
    """A start tag as XML: each attribute has a value, an element without an end tag a slash, a drawing its namespace.

    A matrix has no ``scriptlevel``, which MathML Core allows and EPUB's MathML 3 does not.
    """
    name, written = tag[1], tag[2]
    attributes = {}
    for attribute in ATTRIBUTE.finditer(written):
        value = next((group for group in attribute.groups()[1:] if group is not None), attribute[1])
        if (name, attribute[1]) != ("mtable", "scriptlevel"):
            attributes[attribute[1]] = value.replace('"', "&quot;")
    if name == "svg":
        attributes.setdefault("xmlns", "http://www.w3.org/2000/svg")
    slash = " /" if written.rstrip().endswith("/") or name in VOID else ""
    shown = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{shown}{slash}>"
