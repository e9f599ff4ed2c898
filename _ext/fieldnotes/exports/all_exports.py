"""Every file that is published next to the pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from posixpath import normpath
from typing import TYPE_CHECKING

from fieldnotes.exports import plain_svg, social_picture
from fieldnotes.exports.article import article
from fieldnotes.exports.atom import atom, feeds
from fieldnotes.exports.plain_markdown import markdown_file
from fieldnotes.exports.sitemap_and_llms import catalog_json, llms_txt, redirects, robots_txt, sitemap_xml
from fieldnotes.pages.shared import row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.shared import DerivedPage
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note


@dataclass(frozen=True)
class Export:
    """A file at ``path`` in the output, with the content that ``make`` returns.

    The content depends only on ``inputs``, plain data that can be digested; they are None if making the content takes
    less time than comparing inputs.
    """

    path: str
    inputs: object
    make: Callable[[], bytes]
    is_page: bool = True
    """Whether the content also depends on what all pages share, such as templates."""


class WrittenPages:
    """The written pages of a build, and the exports derived from them."""

    def __init__(self, catalog: Catalog, site: Site, output: Path) -> None:
        self.catalog, self.site, self.output = catalog, site, output

    @cached_property
    def rules(self) -> list[plain_svg.Rule]:
        """The rules by which the site's stylesheets color drawings."""
        static = self.output / "_static"
        return plain_svg.read_rules(static, plain_svg.read_colors(static, self.catalog.journal.accent))

    def html(self, note: Note) -> str:
        """Return the HTML of a note's page."""
        return (self.output / self.site.page_path(note.docname)).read_text(encoding="utf-8")

    def drawing_svg(self, note: Note, index: int) -> bytes:
        """Return a drawing of a note as a standalone SVG file."""
        return plain_svg.standalone_drawing(article(self.html(note)), index, self.rules).encode()

    def figure_svg(self, svg: str) -> bytes:
        """Return the figure of a lab as a standalone SVG file."""
        return plain_svg.standalone(svg, plain_svg.KITS, self.rules).encode()

    def markdown(self, note: Note) -> bytes:
        """Return a note as plain Markdown."""
        return markdown_file(note, self.html(note), self.catalog, self.site)


def export_files(
    catalog: Catalog,
    site: Site,
    derived: Iterable[DerivedPage],
    digests: Mapping[str, str],
    drawings: Mapping[str, int],
    output: Path,
    renderer: social_picture.PictureRenderer,
) -> Iterator[Export]:
    """Yield every export. The ``renderer`` draws the preview images of notes, 50 ms each, unless the site is local.

    ``digests`` maps the docname of each note to the digest of its page's inputs, ``drawings`` to the number of its
    drawings. Feeds, Markdown and drawings can be made once the pages in ``output`` are written.
    """
    pages = WrittenPages(catalog, site, output)
    yield Export("robots.txt", None, partial(robots_txt, site))
    yield Export("llms.txt", None, partial(llms_txt, catalog, site))
    yield Export("catalog.json", None, partial(catalog_json, catalog, site))
    yield Export("sitemap.xml", None, partial(sitemap_xml, catalog, derived, site))
    pictures = {
        name: [f"{name}-{number}.svg" for number in range(1, drawings.get(name, 0) + 1)]
        for name in catalog.notes_by_docname
    }
    for feed in feeds(catalog, site):
        inputs = [feed.title, feed.subtitle, [digests[note.docname] for note in feed.notes]]
        yield Export(feed.path, inputs, partial(atom, feed, catalog, site, pages.html, pictures))
    for name, paths in pictures.items():
        for index, path in enumerate(paths):
            yield Export(path, digests[name], partial(pages.drawing_svg, catalog.notes_by_docname[name], index))
    former = catalog.notes_by_former_docname
    if former:
        yield Export("_redirects", None, partial(redirects, catalog, site))
    renamed = ((docname, note) for docname, note in former.items() if docname.startswith("notes/"))
    for docname, note in [*catalog.notes_by_docname.items(), *renamed]:
        yield Export(f"{docname}.md", digests[note.docname], partial(pages.markdown, note))
    shared = set[str]()  # files that several labs read
    for lab in catalog.labs:
        for name, text in lab.texts.items():
            path = normpath(f"labs/{lab.name}/{name}")
            figure = lab.figures.get(name.removesuffix(".svg")) if name.endswith(".svg") else None
            if path not in shared:
                yield Export(path, text, partial(pages.figure_svg, figure.svg) if figure else text.encode)
            shared.add(path)
    for note in () if site.is_local else catalog.notes:
        view = row(catalog, note)
        make = partial(social_picture.picture, renderer, view)
        yield Export(site.picture_of(note.docname), social_picture.inputs(renderer, view), make, is_page=False)
