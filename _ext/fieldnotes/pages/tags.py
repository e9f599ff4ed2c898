"""The pages of each tag and of each author, and the table of all tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.note_lists import by_year, count_sections, link_group, list_pages, paginate
from fieldnotes.pages.shared import (
    HOME,
    TAGS,
    DerivedPage,
    View,
    author_page,
    feeds,
    frame,
    index_link,
    last_change,
    tag_page,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.pages.note_lists import Section
    from fieldnotes.sources.note import Note

CO_OCCURRING = 8
"""Co-occurring tags that a tag's page links to."""


def tag_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield every page of each tag, with its notes grouped by lane; then the table of tags."""
    lanes = {lane.name: (index, lane.name, lane.title) for index, lane in enumerate(catalog.lanes)}
    names = {tag.slug: tag.name for tag in catalog.tags}
    rows = []
    gettext = catalog.language.gettext
    home, tags = (index_link(catalog.language, page) for page in (HOME, TAGS))

    def by_lane(note: Note) -> Section:
        return lanes[note.lane]

    for tag in catalog.tags:
        link = {"title": tag.name, "page": tag_page(tag.name)}
        pages = paginate(link["page"], tag.notes)
        sections = count_sections(pages, by_lane)
        co_occurring = [
            {"title": names[slug], "page": f"tags/{slug}", "count": count}
            for slug, count in catalog.shared_tags.co_occurring_tags[tag.slug][:CO_OCCURRING]
        ]
        groups = [
            link_group(gettext("Lanes"), "lanes", [*sections.values()] if len(pages) > 1 else []),
            link_group(gettext("Related tags"), "goes-with", co_occurring),
        ]
        first = {"link_groups": [group for group in groups if group["links"]]}
        listed: View = {"first": first, "kind": gettext("Tag"), "in_lanes": True}
        trail = [home, tags, {"title": tag.name}]
        yield from list_pages(catalog, pages, tag.name, trail, by_lane, feed=link, **listed)
        rows.append({**link, "count": len(tag.notes), "lanes": [sections.get(lane) for lane in lanes.values()]})
    context = {
        **frame(catalog, tags["title"], gettext("Every tag, with the number of notes in each lane.")),
        "feeds": feeds(catalog),
        "lanes": [{"title": lane.title, "name": lane.name} for lane in catalog.lanes],
        "rows": rows,
        "scripts": ["tags.js"],
    }
    yield DerivedPage(TAGS, "tags.html", context, last_change(catalog.notes))


def author_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield every page of each author, with the author's notes by year."""
    for author in catalog.authors:
        link = {"title": author.name, "page": author_page(author.name)}
        pages, kind = paginate(link["page"], author.notes), catalog.language.gettext("Author")
        trail = [index_link(catalog.language, HOME), {"title": author.name}]
        yield from list_pages(catalog, pages, author.name, trail, by_year, feed=link, kind=kind)
