"""Prepare what is not the site: an e-book, a PDF, or one long page, which are made of the documents alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.builders.epub3 import Epub3Builder

from fieldnotes.build.state import catalog_of, is_site

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


class EBook(Epub3Builder):
    """Sphinx's e-book, whose table of contents says which files hold MathML, as EPUB 3 wants it."""

    def build_content(self) -> None:
        """Write the list of files."""
        super().build_content()
        path = Path(self.outdir, "content.opf")
        lines = path.read_text(encoding="utf-8").split("\n")
        names = {f'href="{file.relative_to(self.outdir).as_posix()}"' for file in self._files_with_math()}
        marked = (line.replace(" />", ' properties="mathml" />') if names & {*line.split()} else line for line in lines)
        path.write_text("\n".join(marked), encoding="utf-8")

    def _files_with_math(self) -> list[Path]:
        files = Path(self.outdir).rglob(f"*{self.out_suffix}")
        return [file for file in files if "<math" in file.read_text(encoding="utf-8")]
