"""The catalog: every lane, note and lab, loaded from their files before Sphinx reads any.

Whatever lists notes is a query on it.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import re
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes import frontmatter
from fieldnotes import lab as lab_files
from fieldnotes import lane as lane_files
from fieldnotes import note as note_files
from fieldnotes.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fieldnotes.frontmatter import Lines
    from fieldnotes.lab import Lab
    from fieldnotes.lane import Lane
    from fieldnotes.note import Note


NEAR = 3
"""Notes on either side, by date, that are looked at for each tag, and each two tags, of a note: see Catalog.related."""


LARGEST = 200_000
"""Bytes of a note or lane: ten times the longest that is read to its end."""


@dataclass(frozen=True)
class Tag:
    """A subject, with its notes newest first."""

    name: str
    slug: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Catalog:
    """Lanes by number, notes newest first (those of one day by their docnames), and labs by name."""

    lanes: tuple[Lane, ...] = ()
    notes: tuple[Note, ...] = ()
    labs: tuple[Lab, ...] = ()
    unfit_labs: frozenset[str] = frozenset()
    """Names of labs that are left out for their files: what quotes them has no fault of its own."""
    unpublished: Mapping[str, str] = field(default_factory=dict)
    """What the notes are that are not to be published yet, by their docnames: see ``Note.waits``."""
    today: datetime.date = datetime.date.min
    """The day of the build."""

    def __reduce__(self) -> tuple[type[Catalog], tuple[()]]:
        """Pickle as an empty catalog: each build loads its own, so Sphinx's environment need not store it."""
        return Catalog, ()

    @cached_property
    def lane(self) -> dict[str, Lane]:
        """The lanes by name."""
        return {lane.name: lane for lane in self.lanes}

    @cached_property
    def note(self) -> dict[str, Note]:
        """The notes by docname."""
        return {note.docname: note for note in self.notes}

    @cached_property
    def hidden(self) -> dict[str, str]:
        """What is not to be published, and left out for it: as ``unpublished``."""
        return {name: state for name, state in self.unpublished.items() if name not in self.note}

    def withheld(self, docname: str) -> str:
        """What is wrong with a link to a note, if that is not published."""
        state = self.unpublished.get(docname)
        return f"`{docname}.md` is {state}, so the link leads nowhere; take it out until then" if state else ""

    @cached_property
    def lab(self) -> dict[str, Lab]:
        """The labs by name."""
        return {lab.name: lab for lab in self.labs}

    @cached_property
    def quoting(self) -> dict[str, tuple[Note, ...]]:
        """The notes that quote each lab, by its name."""
        notes: dict[str, list[Note]] = {lab.name: [] for lab in self.labs}
        for note in self.notes:
            for name in note.labs:
                notes.setdefault(name, []).append(note)
        return {name: tuple(found) for name, found in notes.items()}

    @cached_property
    def in_lane(self) -> dict[str, tuple[Note, ...]]:
        """The notes of each lane, by its name."""
        notes: dict[str, list[Note]] = {lane.name: [] for lane in self.lanes}
        for note in self.notes:
            notes[note.lane].append(note)
        return {name: tuple(found) for name, found in notes.items()}

    @cached_property
    def titles(self) -> dict[str, str]:
        """The titles of the lanes and notes, by docname."""
        lanes = {lane.docname: lane.title for lane in self.lanes}
        return lanes | {note.docname: note.title for note in self.notes}

    @cached_property
    def place(self) -> dict[str, int]:
        """Where in its lane, from 0 for the newest, each note stands, by docname."""
        return {note.docname: index for notes in self.in_lane.values() for index, note in enumerate(notes)}

    @cached_property
    def tags(self) -> tuple[Tag, ...]:
        """The tags that a note has, by name. Names with one slug are one tag, under the first of its names."""
        notes: dict[str, list[Note]] = {}
        for note in self.notes:
            for name in note.tags:
                notes.setdefault(note_files.slug(name), []).append(note)
        names = {slug: min(_names(slug, found)) for slug, found in notes.items()}
        tags = [Tag(names[slug], slug, tuple(found)) for slug, found in notes.items()]
        return tuple(sorted(tags, key=lambda tag: (tag.name.casefold(), tag.slug)))

    @cached_property
    def years(self) -> dict[int, tuple[Note, ...]]:
        """The notes of each year that has some, the newest year first."""
        counts = Counter(note.date.year for note in self.notes)
        notes = iter(self.notes)
        return {year: tuple(next(notes) for _ in range(count)) for year, count in counts.items()}

    @cached_property
    def moved(self) -> dict[str, Note]:
        """The notes that had another name, by each docname that they had before and no note has now."""
        return {
            docname: note
            for note in reversed(self.notes)
            for docname in (f"notes/{name}" for name in note.formerly)
            if docname not in self.note
        }

    def near(self, note: Note, reach: int) -> tuple[Note, ...]:
        """The notes of its lane that are at most ``reach`` places from ``note``, itself among them."""
        index = self.place[note.docname]
        return self.in_lane[note.lane][max(0, index - reach) : index + reach + 1]

    def newer(self, note: Note) -> Note | None:
        """The note before it in its lane, if it is not the newest."""
        index = self.place[note.docname]
        return self.in_lane[note.lane][index - 1] if index else None

    def older(self, note: Note) -> Note | None:
        """The note after it in its lane, if it is not the oldest."""
        index = self.place[note.docname] + 1
        return next(iter(self.in_lane[note.lane][index : index + 1]), None)

    def related(self, note: Note, count: int) -> tuple[Note, ...]:
        """Find at most ``count`` notes that share a tag with this one, the closest first.

        Closest is, in this order: what is not the next newer or older note of its lane, to which the page leads
        anyhow; the greatest weight of the two rarest tags that they share, then of all that they share; the same lane;
        the nearest date; the newer one. A tag that n notes have weighs 1 / log2(1 + n), after Adamic and Adar, "Friends
        and neighbors on the Web" (2003): a rare one says more than a common one, two say more than one, and a new note
        changes no weight but those of its own tags.

        Of those that share each two tags, and each one, the heaviest first, only the NEAR notes before and after this
        one in time are looked at, of its lane and of all, until there are enough: the cost has a bound however many
        notes a tag has. All are looked at if they are no more than NEAR and this one.
        """
        here = self._index[note.docname]
        traits, weigh = self._traits, self._weights
        lane, day, mine = traits[here]
        beside = {self._index[other.docname] for other in (self.newer(note), self.older(note)) if other}
        near: set[int] = set()
        weight = 0
        keys = [(sum([weigh[slug] for slug in slugs]), slugs) for slugs in _alone_and_paired(mine)]
        for its_weight, slugs in sorted(keys, reverse=True):
            if its_weight != weight and len(near - beside) > count:
                break
            weight = its_weight
            for found in (self._sharing["", slugs], self._sharing[lane, slugs]):
                place = bisect_left(found, here)
                near.update(found[max(0, place - NEAR) : place + NEAR + 1])
        near.discard(here)
        distances = []
        for index in near:
            its_lane, its_day, slugs = traits[index]
            shared = sorted([weigh[slug] for slug in mine if slug in slugs])
            distances.append(
                (index in beside, -sum(shared[-2:]), -sum(shared), its_lane != lane, abs(its_day - day), index)
            )
        distances.sort()
        return tuple(self.notes[index] for *_, index in distances[:count])

    @cached_property
    def company(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """For each tag, by its slug: those that notes have beside it, with the number of these notes, most first.

        Tags with one number are in the order of their names. Linear in the notes, and in the square of the tags of one.
        """
        order = {tag.slug: index for index, tag in enumerate(self.tags)}
        found: dict[str, list[tuple[str, int]]] = {slug: [] for slug in order}
        for (lane, slugs), notes in self._sharing.items():
            if not lane and len(slugs) == 2:
                for one, other in (slugs, slugs[::-1]):
                    found[one].append((other, len(notes)))
        return {
            slug: tuple(sorted(others, key=lambda item: (-item[1], order[item[0]]))) for slug, others in found.items()
        }

    @cached_property
    def _index(self) -> dict[str, int]:
        """Where among all notes each one stands, by docname."""
        return {note.docname: index for index, note in enumerate(self.notes)}

    @cached_property
    def _traits(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """The lane of each note, its day, and the slugs of its tags in their alphabetical order."""
        slugs = note_files.slug
        return [(note.lane, note.date.toordinal(), tuple(sorted({*map(slugs, note.tags)}))) for note in self.notes]

    @cached_property
    def _sharing(self) -> dict[tuple[str, tuple[str, ...]], list[int]]:
        """Where the notes stand that have a tag, or two of them together, by lane (no name for all) and slugs."""
        found: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for index, (lane, _day, mine) in enumerate(self._traits):
            for slugs in _alone_and_paired(mine):
                found.setdefault(("", slugs), []).append(index)
                found.setdefault((lane, slugs), []).append(index)
        return found

    @cached_property
    def _weights(self) -> dict[str, int]:
        """1 / log2(1 + n) for the n notes of each tag, as whole millionths of a sixteenth: equal on every machine.

        The length in bits of (1 + n) ** 16 is sixteen times its logarithm, rounded down, and one.
        """
        return {tag.slug: 10**6 // ((1 + len(tag.notes)) ** 16).bit_length() for tag in self.tags}


def _alone_and_paired(slugs: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [*((slug,) for slug in slugs), *combinations(slugs, 2)]


def _names(slug: str, notes: list[Note]) -> Iterator[str]:
    return (name for note in notes for name in note.tags if note_files.slug(name) == slug)


@dataclass(frozen=True)
class Known:
    """What an earlier load has read of the notes, with all that it depends on; to be pickled.

    ``notes`` has, by path, a digest of the file's bytes, and what was read of them; no unfit file is among them.
    """

    lanes: dict[str, str] = field(default_factory=dict)
    notes: dict[str, tuple[bytes, tuple[Note, Lines]]] = field(default_factory=dict)

    @property
    def digests(self) -> tuple[dict[str, str], dict[str, bytes]]:
        """All that tells it from what another load knows."""
        return self.lanes, {path: digest for path, (digest, _read) in self.notes.items()}


@dataclass(frozen=True)
class Loaded:
    """A catalog, what is wrong with the files, the paths of those that are left out for it, and what is now known."""

    catalog: Catalog
    problems: tuple[Problem, ...]
    left_out: tuple[str, ...]
    known: Known


def load(root: Path, today: datetime.date, known: Known | None = None, *, drafts: bool = False) -> Loaded:
    """Load the lanes, notes and labs below ``root``, as they are to be published ``today``; or with all ``drafts``.

    A file that cannot be used is left out; a clash between two files is a problem, and both are kept. A note that is
    not to be published is left out too. What is wrong with one of a day to come is told before that day, and what is
    wrong with a draft when drafts are asked for. What is ``known`` of a file that is as it was is not read from it
    again, which saves four fifths of the time.
    """
    problems: list[Problem] = []
    lanes, unfit_lanes = _read(root, "lanes", lane_files.read, problems)
    now = Known({lane.name: lane.title for lane, _lines in lanes})
    before = known.notes if known and known.lanes == now.lanes else {}

    def read_note(path: str, data: bytes) -> tuple[Note, Lines]:
        digest = hashlib.blake2b(data, digest_size=20).digest()
        if path not in before or before[path][0] != digest:
            now.notes[path] = digest, note_files.read(path, data, {"lanes": now.lanes})
        else:
            now.notes[path] = before[path]
        return now.notes[path][1]

    orphans = {path.removeprefix("lanes/").removesuffix(".md") for path in unfit_lanes}
    rough: list[Problem] = []
    notes, unfit_notes = _read(root, "notes", read_note, problems, rough)
    if drafts:
        problems += rough
    problems = [problem for problem in problems if not _follows_from(problem, orphans)]
    unpublished = {problem.path.removesuffix(".md"): note_files.DRAFT for problem in rough}
    unpublished |= {note.docname: state for note, _lines in notes if (state := note.waits(today))}
    fit = {note.docname for note, _lines in notes}
    notes = notes if drafts else [found for found in notes if not found[0].draft]
    labs, unfit_labs = _labs(root, problems)
    problems += _clashing_lanes(lanes)
    problems += _clashing_titles(lanes)
    problems += _clashing_titles(notes)
    problems += _clashing_tags(notes)
    problems += _days_to_come(notes, today)
    problems += _left_of_outlines(notes)
    problems += _clashing_addresses(notes, fit | {path.removesuffix(".md") for path in unfit_notes})
    shown = [note for note, _lines in notes if drafts or note.docname not in unpublished]
    catalog = Catalog(
        tuple(sorted((lane for lane, _lines in lanes), key=lambda lane: (lane.number, lane.docname))),
        tuple(sorted(shown, key=lambda note: (-note.date.toordinal(), note.docname))),
        tuple(labs),
        frozenset(unfit_labs),
        unpublished,
        today,
    )
    withheld = sorted(f"{name}.md" for name in fit - catalog.note.keys())
    return Loaded(catalog, tuple(sorted(problems)), (*unfit_lanes, *unfit_notes, *withheld), now)


def _read(
    root: Path,
    folder: str,
    read: Callable[[str, bytes], Any],
    problems: list[Problem],
    rough: list[Problem] | None = None,
) -> tuple[list[Any], list[str]]:
    """Read the files of a folder; gives what is fit, and the paths of the others.

    What is wrong goes to ``problems``, and what is wrong with drafts to ``rough``.
    """
    found, unfit = [], []
    for path in files(root, folder):
        try:
            found.append(_read_file(root, path, read))
        except Invalid as error:
            (rough if rough is not None and error.draft else problems).extend(error.problems)
            unfit.append(path)
    return found, unfit


def _read_file(root: Path, path: str, read: Callable[[str, bytes], Any]) -> Any:
    if not path.isprintable():
        name = path.encode("ascii", "backslashreplace").decode().replace("\n", "\\n")
        raise Invalid(Problem(name, 1, Code.ADDRESS, "the file's name gives no address; rename it"))
    if (root / path).is_dir():
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is a link to a folder; move the files here instead"))
    if not path.endswith(".md"):
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is not Markdown by its name; end it with .md"))
    return read(path, contents(root, path))


def contents(root: Path, path: str) -> bytes:
    """The bytes of a file, given by its path from ``root``; raises Invalid."""
    file = root / path
    try:
        size = file.stat().st_size
        if size > LARGEST:
            raise Invalid(Problem(path, 1, Code.LONG, f"is {size} bytes long; keep it to {LARGEST}, or split it"))
        return frontmatter.bytes_of(file)
    except OSError as error:
        message = f"cannot be read: {error.strerror}; mend the file or remove it"
        raise Invalid(Problem(path, 1, Code.UNREADABLE, message)) from error


def _labs(root: Path, problems: list[Problem]) -> tuple[list[Lab], list[str]]:
    """Read the folders with a ``lab.py`` or a ``results.json``; gives the labs, and the names of those left out."""
    found, unfit = [], []
    for folder in sorted({path.parent for name in ("lab.py", "results.json") for path in root.glob(f"labs/*/{name}")}):
        try:
            found.append(lab_files.read(f"labs/{folder.name}", partial(_bytes, folder)))
        except Invalid as error:
            problems.extend(error.problems)
            unfit.append(folder.name)
    return found, unfit


def _bytes(folder: Path, name: str) -> bytes:
    return frontmatter.bytes_of(folder / name)


def files(root: Path, folder: str) -> list[str]:
    """The files of text, hidden ones aside, and links to folders, which are not followed."""
    paths = []
    for place, folders, files in os.walk(root / folder):
        inside = Path(place).relative_to(root).as_posix()
        names = [name for name in files if re.search(r"\.(md|markdown|rst)$", name, re.IGNORECASE)]
        names += [name for name in folders if Path(place, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [f"{inside}/{name}" for name in names if not name.startswith(".")]
    return sorted(paths)


def _follows_from(problem: Problem, orphans: set[str]) -> bool:
    """Whether this is of a note whose lane's own file is the one to mend."""
    return problem.code is Code.LANE and any(problem.message.startswith(f"`lane` `{name}` ") for name in orphans)


def _clashing_lanes(lanes: list[tuple[Lane, Lines]]) -> Iterator[Problem]:
    first: dict[int, Lane] = {}
    for lane, lines in lanes:
        other = first.setdefault(lane.number, lane)
        if other is not lane:
            message = f"`number` {lane.number} is that of {other.docname}.md too; give each lane its own"
            yield Problem(f"{lane.docname}.md", lines.of("number"), Code.LANE_NUMBER, message)


def _clashing_titles(notes: Sequence[tuple[Note | Lane, Lines]]) -> Iterator[Problem]:
    first: dict[str, Note | Lane] = {}
    for note, lines in notes:
        other = first.setdefault(note.title.casefold(), note)
        if other is not note:
            message = f"`title` is that of {other.docname}.md too; give one of them another"
            yield Problem(f"{note.docname}.md", lines.of("title"), Code.TITLE_TWICE, message)


def _clashing_tags(notes: list[tuple[Note, Lines]]) -> Iterator[Problem]:
    """Tell of each name of a tag that shares its page with a name which more notes use."""
    uses: dict[str, dict[str, list[tuple[Note, Lines]]]] = {}
    for note, lines in notes:
        for name in note.tags:
            uses.setdefault(note_files.slug(name), {}).setdefault(name, []).append((note, lines))
    for slug, names in uses.items():
        usual, *others = sorted(names, key=lambda name: -len(names[name]))
        owner = names[usual][0][0]
        for name in others:
            note, lines = names[name][0]
            if usual.casefold() == name.casefold():
                message = f"`{name}` is written `{usual}` in {owner.docname}.md; write both alike"
            else:
                message = f"`{name}` and `{usual}` of {owner.docname}.md share tags/{slug}.html; rename one of them"
            line, column = lines.place("tags", note.tags.index(name))
            yield Problem(f"{note.docname}.md", line, Code.TAG_CLASH, message, column)


def _days_to_come(notes: list[tuple[Note, Lines]], today: datetime.date) -> Iterator[Problem]:
    """Tell of each day on which nobody can have done yet what it says."""
    for note, lines in notes:
        for name, day in {"updated": note.updated, "verified": note.verified}.items():
            if day and day > (max(today, note.date) if name == "updated" else today):
                message = f"`{name}` {day} is in the future; give the day on which that was done"
                yield Problem(f"{note.docname}.md", lines.of(name), Code.FUTURE, message)


def _left_of_outlines(notes: list[tuple[Note, Lines]]) -> Iterator[Problem]:
    for note, _lines in notes:
        for line in () if note.draft else note.hints:
            message = "this is still the outline's; write the note's own, or take it out"
            yield Problem(f"{note.docname}.md", line, Code.OUTLINE, message)


def _clashing_addresses(notes: list[tuple[Note, Lines]], used: set[str]) -> Iterator[Problem]:
    """Tell of each former name that is in use: as a note's name now, or as a former one of two notes.

    ``used`` are the docnames of all files of notes, with those that are left out.
    """
    first: dict[str, Note] = {}
    for note, lines in notes:
        for index, name in enumerate(note.formerly):
            docname = f"notes/{name}"
            other = first.setdefault(docname, note)
            if docname == note.docname:
                message = f"`formerly` names the note itself; remove `{name}`"
            elif docname in used:
                message = f"`formerly` names {docname}.md, which is still a note; remove `{name}`, or rename that note"
            elif other is not note:
                message = f"`formerly` `{name}` is claimed by {other.docname}.md too; keep it in the one that it became"
            else:
                continue
            line, column = lines.place("formerly", index)
            yield Problem(f"{note.docname}.md", line, Code.FORMER, message, column)
