"""Every file that is published beside the pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fieldnotes.exports import drawing, social
from fieldnotes.exports.article import article
from fieldnotes.exports.atom import atom, feeds
from fieldnotes.exports.catalog_json import catalog_json
from fieldnotes.exports.llms_txt import llms_txt
from fieldnotes.exports.plain_markdown import note_file
from fieldnotes.exports.redirects import redirects
from fieldnotes.exports.sitemap import robots_txt, sitemap_xml
from fieldnotes.pages.parts import row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.parts import DerivedPage
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note


@dataclass(frozen=True)
class Export:
    """A file at ``path`` in the output, with the content that ``make`` returns.

    The content depends on ``inputs`` alone, plain data that can be digested. None means that making the content takes
    less time than comparing inputs.
    """

    path: str
    inputs: object
    make: Callable[[], bytes]
    is_page: bool = True
    """Whether the content depends on what all pages share as well, such as templates."""


def export_files(
    catalog: Catalog,
    site: Site,
    derived: Iterable[DerivedPage],
    digests: Mapping[str, str],
    drawings: Mapping[str, int],
    output: Path,
    studio: social.Studio,
) -> Iterator[Export]:
    """Every export; the ``studio`` draws the pictures of notes.

    ``digests`` has for each note, by docname, the digest of all that its page is made from, ``drawings`` how many it
    shows. Feeds, Markdown and pictures can be made once the pages in ``output`` are written.
    """
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
        yield Export(feed.path, inputs, partial(atom, feed, catalog, site, output, pictures))
    for name, paths in pictures.items():
        for number, path in enumerate(paths):
            yield Export(path, digests[name], partial(_drawing, site.page_path(name), number, catalog, output))
    former = catalog.notes_by_former_docname
    if former:
        yield Export("_redirects", None, partial(redirects, catalog, site))
    renamed = ((docname, note) for docname, note in former.items() if docname.startswith("notes/"))
    for docname, note in [*catalog.notes_by_docname.items(), *renamed]:
        make = partial(_plain, note, catalog, site, output)
        yield Export(f"{docname}.md", digests[note.docname], make)
    for note in catalog.notes:
        shown = row(catalog, note)
        make = partial(social.picture, studio, shown)
        yield Export(f"{note.docname}.png", social.inputs(studio, shown), make, is_page=False)


def _drawing(page: str, number: int, catalog: Catalog, output: Path) -> bytes:
    static = output / "_static"
    rules = drawing.read_rules(static, drawing.read_colors(static, catalog.journal.accent))
    return drawing.file_of(article((output / page).read_text(encoding="utf-8")), number, rules).encode()


def _plain(note: Note, catalog: Catalog, site: Site, output: Path) -> bytes:
    page = (output / site.page_path(note.docname)).read_text(encoding="utf-8")
    return note_file(note, page, catalog, site)
