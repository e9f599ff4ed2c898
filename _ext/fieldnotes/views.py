"""What each page shows from the catalog, as plain data: templates get it, and a page is stale when it changes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from babel.dates import get_month_names

from fieldnotes.frontmatter import suggestion
from fieldnotes.note import slug

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set

    from fieldnotes.catalog import Catalog
    from fieldnotes.lab import Figure, Lab, Result
    from fieldnotes.lane import Lane
    from fieldnotes.note import Note

T = TypeVar("T")

LATEST = 6
PAGE = 50
"""Notes on a page of a list."""
REACH = 3
"""Notes that the sidebar shows on either side of the one being read."""
RELATED = 3
MENTIONS = 5
"""Notes that the end of one names of those which mention it, the newest; it tells how many more there are."""
COMPANY = 8
"""Tags that the page of one names of those which go with it."""

MONTHS = get_month_names("wide", locale="en")

TAGLINE = "Field notes for AI, data, and BigData builders."
DESCRIPTION = f"{TAGLINE} How data moves, and where distributed systems bend."

HOME = {"title": "Home", "page": "index"}
ARCHIVE = {"title": "All notes", "page": "notes/index"}
TAGS = {"title": "Tags", "page": "tags/index"}
LABS = {"title": "Labs", "page": "labs/index"}

View = dict[str, Any]

Section = tuple[int, str, str]
"""A section of a list: what it is sorted by, its anchor, and its title."""


@dataclass(frozen=True)
class Derived:
    """A page that is made from the catalog alone, and is no document."""

    pagename: str
    template: str
    context: View
    updated: datetime.date | None = None
    """The day of the newest note that it shows, where it shows notes."""


@dataclass(frozen=True)
class Leaf:
    """One page of a list: its notes, its address, and those of the pages around it, where there are any.

    ``number`` counts the pages as they are read, from 1 for the newest notes, and ``of`` is how many there are.
    """

    pagename: str
    notes: tuple[Note, ...]
    number: int = 1
    of: int = 1
    newest: str | None = None
    newer: str | None = None
    older: str | None = None
    oldest: str | None = None


def link(item: Lane | Note) -> View:
    """A title and the page it leads to."""
    return {"title": item.title, "page": item.docname}


def about(lane: Lane) -> View:
    """What home and its own page say of a lane."""
    return {
        **link(lane),
        "number": f"{lane.number:02}",
        "headline": lane.headline,
        "description": lane.description,
    }


def row(catalog: Catalog, note: Note) -> View:
    """What the shortest of lists says of a note; made once for a catalog, since a note is in many lists."""
    return _once(catalog, ("row", note.docname), lambda: _row(catalog, note))


def _row(catalog: Catalog, note: Note) -> View:
    return {
        **link(note),
        "date": note.date.isoformat(),
        "date_text": date_text(note.date),
        "lane": link(catalog.lane[note.lane]),
        "state": state(catalog, note),
    }


def state(catalog: Catalog, note: Note) -> str:
    """What a note is marked with that is shown before it is published."""
    if note.docname not in catalog.unpublished:
        return ""
    return "Draft" if note.draft else "Scheduled"


def card(catalog: Catalog, note: Note) -> View:
    """What a list says of a note, made once as well."""
    return _once(catalog, ("card", note.docname), lambda: _card(catalog, note))


def _card(catalog: Catalog, note: Note) -> View:
    return {
        **row(catalog, note),
        "summary": note.summary,
        "minutes": note.minutes,
        "tags": [{"title": name, "page": tag_page(name)} for name in note.tags],
    }


def _once(catalog: Catalog, name: Hashable, make: Callable[[], T]) -> T:
    """What is made of a catalog under this name, made once."""
    made: dict[Hashable, T] = catalog.__dict__.setdefault("made", {})
    if name not in made:
        made[name] = make()
    return made[name]


def date_text(day: datetime.date) -> str:
    """A day as people write it, whatever the machine's locale."""
    return f"{day.day} {MONTHS[day.month]} {day.year}"


def newest(notes: Iterable[Note]) -> datetime.date | None:
    """The last day on which one of the notes changed."""
    return max((note.changed for note in notes), default=None)


def freshness(catalog: Catalog, note: Note) -> View | None:
    """What a note says of how far it still holds, or nothing."""
    updated = note.updated if note.updated != note.date else None
    stale = note.is_stale(catalog.today)
    if not (updated or note.verified or note.applies_to or stale):
        return None
    days = {"Updated": updated, "Verified": None if stale else note.verified}
    return {
        "applies_to": note.applies_to,
        "days": [{"what": what, "date": day.isoformat(), "text": date_text(day)} for what, day in days.items() if day],
        "stale": {
            "what": "Last verified" if note.verified else "Published",
            "date": note.last_verified.isoformat(),
            "text": date_text(note.last_verified),
        }
        if stale
        else None,
    }


def tag_page(name: str) -> str:
    """The page of a tag."""
    return f"tags/{slug(name)}"


def feed_path(page: str) -> str:
    """Where the feed of a page that lists notes is published."""
    return "feed.xml" if page == HOME["page"] else f"{page}.xml"


def feeds(catalog: Catalog, *others: View) -> list[View]:
    """The feeds that a page offers: the journal's, and those of the other pages, which have notes."""
    pages = [{"title": "All notes", "page": HOME["page"]}, *others] if catalog.notes else []
    return [{"title": page["title"], "path": feed_path(page["page"])} for page in pages]


def sidebar(catalog: Catalog, lane: Lane | None = None, note: Note | None = None) -> list[View]:
    """The lanes; below the current one the notes around ``note``, or its newest ones. Its size is bounded."""
    views = []
    for other in catalog.lanes:
        view: View = {**link(other), "current": other is lane, "notes": []}
        if other is lane:
            notes = catalog.near(note, REACH) if note else catalog.in_lane[lane.name][: 2 * REACH + 1]
            view["notes"] = [{**link(near), "current": near is note} for near in notes]
        views.append(view)
    return views


def leaves(pagename: str, notes: Sequence[Note]) -> list[Leaf]:
    """Page a list, the newest notes first.

    The first leaf stands at ``pagename`` and has 1 to PAGE notes; the others have exactly PAGE, and are numbered
    from the oldest, which is 1: a new note moves none of the older ones to another address.
    """
    first = (len(notes) - 1) % PAGE + 1 if notes else 0
    rest = [notes[start : start + PAGE] for start in range(first, len(notes), PAGE)]
    names = [pagename, *(f"{pagename}/{number}" for number in range(len(rest), 0, -1))]
    last = len(rest)
    return [
        Leaf(
            name,
            tuple(part),
            index + 1,
            last + 1,
            newest=names[0] if index else None,
            newer=names[index - 1] if index else None,
            older=names[index + 1] if index < last else None,
            oldest=names[last] if index < last else None,
        )
        for index, (name, part) in enumerate(zip(names, [notes[:first], *rest], strict=True))
    ]


def note_view(catalog: Catalog, note: Note) -> View:
    """What the page of a note shows from the catalog."""
    lane = catalog.lane[note.lane]
    newer, older = catalog.newer(note), catalog.older(note)
    return {
        "trail": [HOME, link(lane), {"title": note.title}],
        "sidebar": sidebar(catalog, lane, note),
        "note": card(catalog, note),
        "words": note.words,
        "updated": note.changed.isoformat(),
        "freshness": freshness(catalog, note),
        "heading": note.title,
        "description": note.summary,
        "feeds": feeds(catalog, link(lane)),
        "markdown": f"{note.docname}.md",
        "before": link(newer) if newer else None,
        "after": link(older) if older else None,
        "related": [_related(catalog, note, other) for other in catalog.related(note, RELATED)],
    }


def _related(catalog: Catalog, note: Note, other: Note) -> View:
    theirs = {slug(name) for name in other.tags}
    return {**row(catalog, other), "shared": [name for name in note.tags if slug(name) in theirs]}


def mentions(catalog: Catalog, docnames: set[str]) -> View:
    """What a note says of these, which refer to it in their text: the newest of them, and how many more there are."""
    notes = sorted((catalog.note[name] for name in docnames), key=lambda note: (-note.date.toordinal(), note.docname))
    return {"notes": [row(catalog, note) for note in notes[:MENTIONS]], "more": max(0, len(notes) - MENTIONS)}


def lane_view(catalog: Catalog, lane: Lane) -> View:
    """What the page of a lane shows from the catalog: its newest notes, and the way to the others."""
    leaf = leaves(lane.docname, catalog.in_lane[lane.name])[0]
    index = catalog.lanes.index(lane)
    return {
        "trail": [HOME, {"title": lane.title}],
        "sidebar": sidebar(catalog, lane),
        "lane": about(lane),
        "heading": lane.title,
        "description": lane.description,
        "feeds": feeds(catalog, *([link(lane)] if leaf.notes else [])),
        "cards": [card(catalog, note) for note in leaf.notes],
        "notes": [note.docname for note in catalog.in_lane[lane.name]],
        "older": leaf.older,
        "before": link(catalog.lanes[index - 1]) if index else None,
        "after": link(catalog.lanes[index + 1]) if index + 1 < len(catalog.lanes) else None,
    }


def home_view(catalog: Catalog) -> View:
    """What the home page shows from the catalog."""
    return {
        "description": DESCRIPTION,
        "feeds": feeds(catalog),
        "sidebar": sidebar(catalog),
        "lanes": [about(lane) for lane in catalog.lanes],
        "latest": [card(catalog, note) for note in catalog.notes[:LATEST]],
        "threads": [[link(lane), *map(link, catalog.in_lane[lane.name][-1:])] for lane in catalog.lanes],
    }


def view(catalog: Catalog, pagename: str) -> View:
    """What any document's page shows from the catalog."""
    if note := catalog.note.get(pagename):
        return note_view(catalog, note)
    if lane := catalog.lane.get(pagename.removeprefix("lanes/")) if pagename.startswith("lanes/") else None:
        return lane_view(catalog, lane)
    return home_view(catalog)


def lab_page(name: str) -> str:
    """The page of a lab."""
    return f"labs/{name}"


def result(catalog: Catalog, name: str) -> Result | None:
    """The result that a note names as ``lab:key``, if there is one."""
    lab, _, key = name.partition(":")
    return catalog.lab[lab].results.get(key) if lab in catalog.lab else None


def figure(catalog: Catalog, name: str) -> Figure | None:
    """The figure that a note names as ``lab:figure``, if there is one."""
    lab, _, key = name.partition(":")
    return catalog.lab[lab].drawn.get(key) if lab in catalog.lab else None


def not_in_labs(catalog: Catalog, kind: str, name: str) -> str:
    """Say that no lab has this result or figure, and what may have been meant; nothing, where one has it.

    Nor is anything said where the lab's own files are what is to mend.
    """
    found = figure(catalog, name) if kind == "figure" else result(catalog, name)
    if found is not None or name.partition(":")[0] in catalog.unfit_labs:
        return ""
    names = [f"{lab.name}:{key}" for lab in catalog.labs for key in (lab.drawn if kind == "figure" else lab.results)]
    near = suggestion(name, names)
    hint = f"did you mean `{near}`?" if near else "write it as `lab:name`, by the folders in labs/"
    return f"`{name}` is not a {kind} of a lab; {hint}"


def quoted(catalog: Catalog) -> dict[str, tuple[str, str]]:
    """What a note can take from labs, by how it is written: a text, and the place on the lab's page that says more."""
    found = {}
    for lab in catalog.labs:
        page = f"{lab_page(lab.name)}.html"
        for key, value in lab.results.items():
            place = f"{page}#result-{key}"
            found[f"result {lab.name}:{key}"] = value.text, place
            found[f"number {lab.name}:{key}"] = value.bare, place
        for name, about in lab.drawn.items():
            found[f"lab-figure {lab.name}:{name}"] = " ".join([f"{about.title}.", *about.description]), page
    return found


def figure_view(catalog: Catalog, name: str) -> View:
    """What a page shows of a figure: its drawing, its data, and the way to its lab."""
    lab, drawn = catalog.lab[name.partition(":")[0]], figure(catalog, name)
    assert drawn
    head, *rows = drawn.rows
    return {
        "svg": drawn.svg,
        "title": drawn.title,
        "head": head,
        "rows": rows,
        "lab": {"title": lab.title, "page": lab_page(lab.name)},
    }


def no_page(catalog: Catalog, name: str, documents: Set[str]) -> str:
    """Say that no page has this name, neither a derived one nor a document; nothing, where one has it."""
    pages = derived(catalog).keys()
    if name in pages or name in documents:
        return ""
    near = suggestion(name, pages | documents)
    hint = f"did you mean `{near}`?" if near else "name it as its address is, without .html"
    return f"`{name}` is not a page of the site; {hint}"


def derived(catalog: Catalog) -> dict[str, Derived]:
    """Every page that is made from the catalog alone, by its name; made once for a catalog."""
    return _once(catalog, "derived", lambda: {page.pagename: page for page in _derived(catalog)})


def _derived(catalog: Catalog) -> Iterator[Derived]:
    yield from _archive(catalog)
    yield from _tags(catalog)
    yield from _moved(catalog)
    yield Derived("404", "404.html", {"title": "Not found", "sidebar": sidebar(catalog), "unlisted": True})
    yield from _labs(catalog)
    for lane in catalog.lanes:
        for leaf in leaves(lane.docname, catalog.in_lane[lane.name])[1:]:
            trail = [HOME, link(lane), {"title": "Older notes"}]
            yield _list(catalog, leaf, f"{lane.title}: older notes", trail, _year, lane=lane, feed=link(lane))


def _list(
    catalog: Catalog,
    leaf: Leaf,
    title: str,
    trail: list[View],
    section: Callable[[Note], Section],
    *,
    lane: Lane | None = None,
    feed: View | None = None,
    **more: Any,
) -> Derived:
    groups: dict[Section, list[View]] = {}
    for note in leaf.notes:
        groups.setdefault(section(note), []).append(card(catalog, note))
    part = f"page {leaf.number} of {leaf.of}" if leaf.of > 1 else ""
    name = f"{title}, {part}" if leaf.number > 1 else title
    context = {
        "title": name,
        "heading": title,
        "part": part,
        "description": f"Built at Scale: {name}",
        "feeds": feeds(catalog, *([feed] if feed else [])),
        "trail": trail,
        "sidebar": sidebar(catalog, lane),
        "groups": [
            {"title": name, "anchor": anchor, "notes": groups[_, anchor, name]} for _, anchor, name in sorted(groups)
        ],
        "ways": {
            "Newest notes": leaf.newest,
            "Newer notes": leaf.newer,
            "Older notes": leaf.older,
            "Oldest notes": leaf.oldest,
        },
        **more,
    }
    return Derived(leaf.pagename, "note-list.html", context, newest(leaf.notes))


def _year(note: Note) -> Section:
    return -note.date.year, str(note.date.year), str(note.date.year)


def _month(note: Note) -> Section:
    name = MONTHS[note.date.month]
    return -note.date.month, name.lower(), name


def _sections(pages: list[Leaf], section: Callable[[Note], Section]) -> dict[Section, View]:
    """The sections of a whole list: how many notes each has, and the page and anchor of the newest."""
    counts: Counter[Section] = Counter()
    first: dict[Section, str] = {}
    for leaf in pages:
        for note in leaf.notes:
            key = section(note)
            counts[key] += 1
            first.setdefault(key, leaf.pagename)
    return {key: {"title": key[2], "page": first[key], "anchor": key[1], "count": counts[key]} for key in sorted(first)}


def _archive(catalog: Catalog) -> Iterator[Derived]:
    years = [
        {"title": str(year), "page": f"notes/{year:04}", "count": len(notes)} for year, notes in catalog.years.items()
    ]
    newest = Leaf(ARCHIVE["page"], catalog.notes[:PAGE])
    whole = len(newest.notes) == len(catalog.notes)
    lead = "Every note, newest first." if whole else "The newest notes; the others are on the pages of their years."
    trail = [HOME, {"title": ARCHIVE["title"]}]
    yield _list(catalog, newest, ARCHIVE["title"], trail, _year, counted={"Years": years}, lead=lead)
    for year, notes in catalog.years.items():
        trail = [HOME, ARCHIVE, {"title": str(year)}]
        pages = leaves(f"notes/{year:04}", notes)
        months = [*_sections(pages, _month).values()]
        front: View = {"counted": {"Years": years, "Months": months if len(months) > 1 else []}}
        for leaf in pages:
            yield _list(catalog, leaf, f"Notes of {year}", trail, _month, **(front if leaf is pages[0] else {}))


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


def _moved(catalog: Catalog) -> Iterator[Derived]:
    """A page at each address that a note had before, which leads to where it is now."""
    for docname, note in catalog.moved.items():
        yield Derived(docname, "moved.html", {"title": note.title, "to": link(note), "unlisted": True})


def _labs(catalog: Catalog) -> Iterator[Derived]:
    for lab in catalog.labs:
        yield Derived(lab_page(lab.name), "lab.html", _lab(catalog, lab))
    context = {
        "title": LABS["title"],
        "heading": LABS["title"],
        "description": "The small experiments of Built at Scale, and the notes that quote them.",
        "trail": [HOME, {"title": LABS["title"]}],
        "sidebar": sidebar(catalog),
        "labs": [
            {
                "title": lab.title,
                "page": lab_page(lab.name),
                "shows": " ".join(lab.shows),
                "notes": _quoting(catalog, lab),
            }
            for lab in catalog.labs
        ],
        "needs": ["figures.css"],
    }
    yield Derived(LABS["page"], "labs.html", context)


def _quoting(catalog: Catalog, lab: Lab) -> list[View]:
    """The notes that quote a lab, the newest of them: a page does not grow with their number."""
    return [link(note) for note in catalog.quoting[lab.name][:PAGE]]


def _lab(catalog: Catalog, lab: Lab) -> View:
    return {
        "title": lab.title,
        "heading": lab.title,
        "description": lab.shows[0],
        "trail": [HOME, LABS, {"title": lab.title}],
        "sidebar": sidebar(catalog),
        "lab": lab.model_dump(include={"rerun", "command", "date", "machine", "versions", "source"}),
        "shows": " ".join(lab.shows),
        "limits": " ".join(lab.limits),
        "parameters": [
            {"name": name, "text": parameter.text, "what": parameter.what} for name, parameter in lab.parameters.items()
        ],
        "results": [
            {"name": key, "text": found.text, "value": found.value, "what": found.what, "tolerance": found.tolerance}
            for key, found in lab.results.items()
        ],
        "figures": [figure_view(catalog, f"{lab.name}:{name}") for name in lab.drawn],
        "notes": _quoting(catalog, lab),
        "needs": ["figures.css", "pygments.css"],
    }
