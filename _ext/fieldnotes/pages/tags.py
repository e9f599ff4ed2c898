"""The pages of tags, and the table of all tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import count_sections, list_page_of, paginate
from fieldnotes.pages.parts import HOME, TAGS, Derived, View, feeds, newest, sidebar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog

CO_OCCURRING = 8
"""Tags that the page of one names of those which go with it."""


def _tags(catalog: Catalog) -> Iterator[Derived]:
    lanes = {lane.name: (index, lane.name, lane.title) for index, lane in enumerate(catalog.lanes)}
    tags = {tag.slug: tag for tag in catalog.tags}
    rows = []
    for tag in catalog.tags:
        page = f"tags/{tag.slug}"
        trail = [HOME, TAGS, {"title": tag.name}]
        feed = {"title": tag.name, "page": page}
        pages = paginate(page, tag.notes)
        sections = count_sections(pages, lambda note: lanes[note.lane])
        company = [
            {"title": tags[other].name, "page": f"tags/{other}", "count": count}
            for other, count in catalog.co_occurring_tags[tag.slug][:CO_OCCURRING]
        ]
        rows.append(
            {
                "title": tag.name,
                "page": page,
                "count": len(tag.notes),
                "lanes": [sections.get(key) for key in lanes.values()],
            }
        )
        front: View = {"counted": {"Lanes": [*sections.values()], "Goes with": company}}
        for list_page in pages:
            more = front if list_page is pages[0] else {}
            yield list_page_of(
                catalog, list_page, tag.name, trail, lambda note: lanes[note.lane], feed=feed, kind="Tag", **more
            )
    context = {
        "title": TAGS["title"],
        "heading": TAGS["title"],
        "feeds": feeds(catalog),
        "description": "Every subject of Built at Scale, and how many notes each lane has on it.",
        "trail": [HOME, {"title": TAGS["title"]}],
        "sidebar": sidebar(catalog),
        "lanes": [{"title": lane.title, "name": lane.name} for lane in catalog.lanes],
        "rows": rows,
        "scripts": ["tags.js"],
        "needs": ["tags.css"],
    }
    yield Derived(TAGS["page"], "tags.html", context, newest(catalog.notes))
