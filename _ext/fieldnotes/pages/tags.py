"""The pages of tags, and the table of all tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import _list, _sections, leaves
from fieldnotes.pages.parts import HOME, TAGS, Derived, View, feeds, newest, sidebar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog

COMPANY = 8
"""Tags that the page of one names of those which go with it."""


def _tags(catalog: Catalog) -> Iterator[Derived]:
    lanes = {lane.name: (index, lane.name, lane.title) for index, lane in enumerate(catalog.lanes)}
    tags = {tag.slug: tag for tag in catalog.tags}
    rows = []
    for tag in catalog.tags:
        page = f"tags/{tag.slug}"
        trail = [HOME, TAGS, {"title": tag.name}]
        feed = {"title": tag.name, "page": page}
        pages = leaves(page, tag.notes)
        sections = _sections(pages, lambda note: lanes[note.lane])
        company = [
            {"title": tags[other].name, "page": f"tags/{other}", "count": count}
            for other, count in catalog.company[tag.slug][:COMPANY]
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
        for leaf in pages:
            more = front if leaf is pages[0] else {}
            yield _list(catalog, leaf, tag.name, trail, lambda note: lanes[note.lane], feed=feed, kind="Tag", **more)
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
