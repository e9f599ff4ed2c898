"""The list of notes for language models: llms.txt, as https://llmstxt.org/ describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.exports.plain_markdown import escaped

if TYPE_CHECKING:
    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.urls import Site


def llms_txt(catalog: Catalog, site: Site) -> bytes:
    """Every note by lane, with its summary and a link to its plain Markdown."""
    parts = [
        f"# {escaped(site.title)}",
        f"> {escaped(catalog.journal.about)}",
        "Each link leads to a note as plain Markdown; the page for people has the same address with .html in place of "
        f".md. What is known of each note, and of each lane, is in [catalog.json]({site.file('catalog.json')}).",
    ]
    for lane in catalog.lanes:
        if notes := catalog.notes_by_lane[lane.name]:
            rows = [f"- [{escaped(n.title)}]({site.file(f'{n.docname}.md')}): {escaped(n.summary)}" for n in notes]
            parts += [f"## {escaped(lane.title)}", "\n".join(rows)]
    return ("\n\n".join(parts) + "\n").encode()
