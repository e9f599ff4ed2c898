"""The files beside the pages: feeds, each note as Markdown, and what lists the journal for machines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from fieldnotes.build.state import catalog_of
from fieldnotes.exports import atom, catalog_json, plain_markdown, sitemap
from fieldnotes.pages import labs
from fieldnotes.pages.parts import HOME, DerivedPage
from fieldnotes.sources import yaml_header
from fieldnotes.sources.files import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sphinx.application import Sphinx

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site
    from fieldnotes.sources.note import Note


@dataclass(frozen=True)
class File:
    """A file to publish at ``path``, which ``make`` makes.

    ``of`` is all that its content follows from; None, where the content is made faster than that is found out.
    """

    path: str
    of: object
    make: Callable[[], bytes]


def files(app: Sphinx, derived: Iterable[DerivedPage], texts: Mapping[str, str]) -> Iterator[File]:
    """Every file beside the pages. ``texts`` names, for each document, the state in which its page is."""
    catalog: Catalog = catalog_of(app.env)
    site: Site = app.fieldnotes_site  # type: ignore[attr-defined]
    yield File("robots.txt", None, partial(sitemap.robots, site))
    yield File("llms.txt", None, partial(catalog_json.llms, catalog, site))
    yield File("catalog.json", None, partial(catalog_json.catalog_json, catalog, site))
    for path, data in sitemap.sitemaps(site, list(sitemap.pages(catalog, derived))).items():
        yield File(path, None, partial(bytes, data))
    articles = _articles(app, site)
    for feed in atom.feeds(catalog, site):
        of = [feed.title, feed.subtitle, [texts[note.docname] for note in feed.notes]]
        yield File(feed.path, of, partial(atom.atom, feed, catalog, site, articles))
    plain = _plain(app, catalog)
    for docname, note in [*catalog.notes_by_docname.items(), *catalog.notes_by_former_docname.items()]:
        yield File(f"{docname}.md", texts[note.docname], partial(plain, note, docname))


def _articles(app: Sphinx, site: Site) -> Callable[[Note], str]:
    """What gives a note's text for a feed. It is cut from its page, so that it is the same however that was made."""
    static = Path(app.outdir, "_static")

    @cache
    def style() -> str:
        names = ("diagrams.css", "figures.css", "tokens.css")
        *kits, tokens = ((static / name).read_text(encoding="utf-8") for name in names)
        return atom.drawing_style("\n".join(kits), tokens)

    @cache
    def article(docname: str) -> str:
        page = Path(app.outdir, f"{docname}.html").read_text(encoding="utf-8")
        return atom.article(page, site.page(docname), style())

    return lambda note: article(note.docname)


def _plain(app: Sphinx, catalog: Catalog) -> Callable[[Note, str], bytes]:
    """What gives a note as plain Markdown, for its docname or one that it had before."""
    titles = {"index": HOME["title"], **catalog.titles}
    quoted = labs.quoted(catalog)
    pictures = {path: f"_images/{name}" for path, (_docnames, name) in app.env.images.items()}

    def plain(note: Note, docname: str) -> bytes:
        path = f"{note.docname}.md"
        header, body = yaml_header.split(path, decode(path, Path(app.srcdir, path).read_bytes()))
        links = plain_markdown.Links(note.docname, docname, titles, catalog.notes_by_docname, pictures, quoted)
        return plain_markdown.document(header.text, note.title, note.summary, body, links).encode()

    return plain
