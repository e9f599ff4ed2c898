"""Prepare e-books, PDFs and single-page HTML, which contain only the documents."""

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

TAG = re.compile(r"""<([a-zA-Z][\w:-]*)((?:"[^"]*"|'[^']*'|[^<>"'])*)>""")


def prepare_book(app: Sphinx) -> None:
    """Drop the site's styles and scripts, and use the build date as the version (``builder-inited``)."""
    if is_site(app.builder):
        return
    app.config.html_static_path = [path for path in app.config.html_static_path if Path(path).is_absolute()]
    app.config.html_extra_path = []  # files for web hosts
    if app.builder.name == "gettext":
        app.config.templates_path = []  # `make words` extracts their strings; Sphinx fails on plurals
    app.config.version = app.config.version or catalog_of(app.env).today.isoformat()


class EBook(Epub3Builder):
    """Sphinx's EPUB 3 builder, with pages in well-formed XML, and a manifest that declares MathML and SVG."""

    def make_id(self, name: str) -> str:
        """Return the id of a file, whose name may be percent-encoded."""
        return super().make_id(unquote(name))

    def handle_page(self, pagename: str, addctx: dict[str, Any], *args: Any, **options: Any) -> None:
        """Write a page, converting raw HTML in it to XML."""
        super().handle_page(pagename, addctx, *args, **options)
        path = self.get_output_path(pagename)
        path.write_text(TAG.sub(_as_xml, path.read_text(encoding="utf-8")), encoding="utf-8")

    def build_content(self) -> None:
        """Write the manifest with the properties of each page, and the spine with each page once."""
        super().build_content()
        path = Path(self.outdir, "content.opf")
        lines: dict[str, str] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n")):
            itemref = re.search(r"<itemref (idref=\S+)", line)
            lines.setdefault(itemref[1] if itemref else str(number), self._with_properties(line))
        path.write_text("\n".join(lines.values()), encoding="utf-8")

    def _with_properties(self, line: str) -> str:
        match = re.match(r'\s*<item .*href="([^"]*\.xhtml)" media-type', line)
        page = Path(self.outdir, unescape(match[1])) if match else None
        text = page.read_text(encoding="utf-8") if page and page.is_file() else ""
        properties = " ".join(name for name, start in {"mathml": "<math", "svg": "<svg"}.items() if start in text)
        return line.replace(" />", f' properties="{properties}" />') if properties else line


def _as_xml(tag: re.Match[str]) -> str:
    """Convert a start tag to XML: give each attribute a value, close void elements, and add SVG's namespace.

    ``scriptlevel`` is dropped from matrices: MathML Core allows it there, EPUB's MathML 3 does not.
    """
    name, source = tag[1], tag[2]
    attributes = {}
    for attribute in ATTRIBUTE.finditer(source):
        value = next((group for group in attribute.groups()[1:] if group is not None), attribute[1])
        if (name, attribute[1]) != ("mtable", "scriptlevel"):
            attributes[attribute[1]] = value.replace('"', "&quot;")
    if name == "svg":
        attributes.setdefault("xmlns", "http://www.w3.org/2000/svg")
    slash = " /" if source.rstrip().endswith("/") or name in VOID else ""
    serialized = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{serialized}{slash}>"
