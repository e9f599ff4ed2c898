"""Say all that is wrong with the journal's files, without building it: `make check`.

What a build says as well is found by the same code, but for links between documents: those MyST resolves in a build.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import posixpath
import re
import sys
import traceback
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import TYPE_CHECKING
from urllib.parse import unquote

from fieldnotes import catalog, day, drawing, frontmatter, prose, views
from fieldnotes.loose_numbers import loose_numbers
from fieldnotes.note import DRAFT, slug
from fieldnotes.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from fieldnotes.catalog import Loaded
    from fieldnotes.prose import Page, Reference

NOTHING, FINDINGS, COULD_NOT_RUN = 0, 1, 2
"""Exit statuses."""

MANY = 200
"""Pages for which processes are worth their start."""

MISSPELLED = re.compile(r"(\d+): (\S+) ==> (.*)")
PLURAL = re.compile(r"(?<=[^aeious])ies$|(?<=[sxz])es$|(?<=[cs]h)es$|(?<=[^siu])s$")


class CheckError(Exception):
    """The files cannot be checked; says why."""


def check(root: Path, today: datetime.date) -> list[Problem]:
    """Find all that is wrong with the journal in ``root``, in the order of files and lines. Raises CheckError.

    Notes that are not to be published ``today`` are among those read.
    """
    texts = dict(_texts(root))
    with spell(root, texts) as spelling:
        loaded = catalog.load(root, today, drafts=True)
        found = loaded.catalog
        asked = [(path, text, found.titles.get(path.removesuffix(".md"))) for path, text in texts.items()]
        journal = Journal(root, loaded, {page.path.removesuffix(".md"): page for page in _pages(asked)})
        problems = [*loaded.problems, *tags(loaded), *waiting(loaded), *journal.lost(), *misspelled(spelling, texts)]
        problems += [problem for page in journal.pages.values() for problem in page.problems]
    drafts = {f"{name}.md" for name, state in found.unpublished.items() if state == DRAFT}
    problems = [replace(p, is_advice=p.code.is_advice or p.path in drafts) for p in problems]
    return sorted(problems, key=lambda p: (p.path, p.line, p.column, p.code))


def _texts(root: Path) -> Iterator[tuple[str, str]]:
    """The texts that can be read, by their paths: those of unfit files too, which may have more faults than one."""
    for path in ["index.md", *catalog.files(root, "lanes"), *catalog.files(root, "notes")]:
        try:
            yield path, frontmatter.decode(path, catalog.contents(root, path))
        except Invalid:
            continue


def _pages(asked: Sequence[tuple[str, str, str | None]]) -> list[Page]:
    """Read pages, many of them in a process for each processor: nearly all of the time is the parser's."""
    if len(asked) < MANY:
        return [read(*page) for page in asked]
    with ProcessPoolExecutor() as pool:
        return list(pool.map(read, *zip(*asked, strict=True), chunksize=20))


def read(path: str, text: str, title: str | None) -> Page:
    """Read a page, and what is wrong with it by itself; ``title`` is that of a note or lane that is fit."""
    tokens, is_closed = prose.parse_whole(text)
    page = prose.read(path, text, tokens, title)
    if title is not None and not is_closed:
        page.problems.append(prose.unclosed(path, tokens))
    if path.startswith("notes/"):
        page.problems += prose.sources(page, tokens)
        lines = text.split("\n")
        for line, number, where in loose_numbers(tokens):
            said = where if len(where) <= 80 else f"{where[:80]}…"
            message = f"{number} has no lab and no source, and is not said to be made up; quote or mark it: {said}"
            page.problems.append(Problem(path, line, Code.NUMBER, message, lines[line - 1].find(number) + 1 or 1))
    return page


@dataclass
class Journal:
    """The pages of a journal by their docnames, and what they refer to."""

    root: Path
    loaded: Loaded
    pages: dict[str, Page]
    drawings: dict[str, str] = field(default_factory=dict)
    """What is wrong with each drawing, by its path."""

    def lost(self) -> Iterator[Problem]:
        """Tell of what the pages refer to, and is not there."""
        targets = {name for page in self.pages.values() for name in page.targets}
        for docname, page in self.pages.items():
            for reference in page.references:
                code, message = self.fault(docname, page, reference, targets)
                if message:
                    yield Problem(page.path, reference.line, code, message, reference.column)

    def fault(self, docname: str, page: Page, reference: Reference, targets: set[str]) -> tuple[Code, str]:
        """What is wrong with a reference, and by which rule; nothing, if it is right."""
        found, name = self.loaded.catalog, reference.name
        match reference.kind:
            case "page":
                return Code.PAGE, views.no_page(found, name.partition("#")[0], self.documents)
            case "figure":
                return Code.RESULT, views.not_in_labs(found, "figure", name)
            case "result" | "number":
                return Code.RESULT, views.not_in_labs(found, "result", name)
            case "diagram":
                return Code.DIAGRAM, self.drawn(_source(docname, name))
            case "picture":
                return Code.PICTURE, self.pictured(docname, name)
            case _:
                address = name.removeprefix("project:")
                if state := self.withheld(docname, address):
                    return Code.UNPUBLISHED, state
                return Code.LINK, self.linked(docname, page, address, targets)

    def withheld(self, docname: str, address: str) -> str:
        """Why a page that is published cannot lead to an address: its note is not."""
        other = _source(docname, unquote(address.partition("#")[0]).removeprefix("path:")).removesuffix(".md")
        found = self.loaded.catalog
        return "" if docname in found.unpublished else found.withheld(other)

    @property
    def documents(self) -> frozenset[str]:
        """The names of the documents that a build has."""
        found = self.loaded.catalog
        return frozenset(["index", *found.note, *(lane.docname for lane in found.lanes)])

    def drawn(self, path: str) -> str:
        """What is wrong with a drawing."""
        if path not in self.drawings:
            try:
                drawing.read(self.root / path)
                self.drawings[path] = ""
            except ValueError as error:
                self.drawings[path] = f"{path} {error}"
        return self.drawings[path]

    def pictured(self, docname: str, address: str) -> str:
        """What is wrong with the address of a picture."""
        if prose.WEB.match(address) or address.startswith("//"):
            return f"{address} comes from another host, and no page may load it; keep the picture beside the note"
        if prose.SCHEME.match(address) or (self.root / _source(docname, unquote(address))).is_file():
            return ""
        return f"{address} is not there; correct the path"

    def linked(self, docname: str, page: Page, address: str, targets: set[str]) -> str:
        """What is wrong with the address of a link; ``targets`` are the places that are known to every page."""
        path, sign, anchor = unquote(address.removeprefix("path:")).partition("#")
        if prose.SCHEME.match(path):
            return ""
        if not path and sign:
            is_there = anchor in page.anchors | page.inner or anchor.lower() in targets
            return "" if is_there else _no_place(page, anchor, "of this page")
        source = _source(docname, path)
        other = source.removesuffix(".md")
        if source.endswith(".md") and other in self.pages:
            led = self.pages[other]
            is_there = not anchor or anchor in led.anchors or anchor.lower() in led.targets
            return "" if is_there or not self.is_fit(other) else _no_place(led, anchor, f"of {source}")
        if (self.root / source).is_file() and not source.endswith(".md"):
            return ""
        if not anchor and (other in self.pages or path.lower() in targets):
            return ""
        return f"{address or 'the link'} leads to no page and no file; {self.meant(docname, source)}"

    def is_fit(self, docname: str) -> bool:
        """Whether a page is built: one that is not has been told of already, and what leads to it is right."""
        return f"{docname}.md" not in self.loaded.left_out

    def meant(self, docname: str, source: str) -> str:
        """What an address that leads nowhere may have been meant to be."""
        if moved := self.loaded.catalog.moved.get(re.sub(r"\.(md|html)$", "", source)):
            return f"that note is now `{_relative(docname, moved.docname)}`"
        names = {posixpath.basename(name): name for name in self.pages}
        near = frontmatter.suggestion(re.sub(r"\.\w+$", "", posixpath.basename(source)), names)
        return f"did you mean `{_relative(docname, names[near])}`?" if near else "correct the path"


def _source(docname: str, path: str) -> str:
    """The file, from the source folder, to which a path in a document leads; one that begins with / begins there."""
    start = "" if path.startswith("/") else posixpath.dirname(docname)
    return posixpath.normpath(posixpath.join(start, path.lstrip("/")))


def _relative(docname: str, other: str) -> str:
    return posixpath.relpath(f"{other}.md", posixpath.dirname(docname) or ".")


def _no_place(page: Page, anchor: str, where: str) -> str:
    near = frontmatter.suggestion(anchor, page.anchors | page.targets)
    hint = f"did you mean `#{near}`?" if near else "name a heading as its address does, or set a `(name)=`"
    return f"`#{anchor}` is no place {where}; {hint}"


def waiting(loaded: Loaded) -> Iterator[Problem]:
    """Tell of the notes that are not to be published yet."""
    for name, state in loaded.catalog.unpublished.items():
        yield Problem(f"{name}.md", 1, Code.WAITING, f"it is {state}, and not published")


def tags(loaded: Loaded) -> Iterator[Problem]:
    """Tell of tags that are nearly another one, at their first use, and of those that one note alone has."""
    found = loaded.catalog
    lines = {note.docname: lines for _digest, (note, lines) in loaded.known.notes.values()}
    usual: dict[str, catalog.Tag] = {}
    by_use = sorted(found.tags, key=lambda tag: (-len(tag.notes), tag.slug))
    for tag in by_use:
        first = usual.setdefault(_folded(tag.slug), tag)
        note = tag.notes[-1]
        index = next(index for index, name in enumerate(note.tags) if slug(name) == tag.slug)
        line, column = lines[note.docname].place("tags", index)
        if first is not tag:
            message = f"`{tag.name}` is nearly `{first.name}` of {first.notes[-1].docname}.md; write both alike"
            yield Problem(f"{note.docname}.md", line, Code.NEAR_TAG, message, column)
        elif len(tag.notes) == 1:
            near = frontmatter.suggestion(tag.name, (other.name for other in by_use if len(other.notes) > 1))
            hint = f"did you mean `{near}`?" if near else "keep it if others will come"
            message = f"no other note has the tag `{tag.name}`; {hint}"
            yield Problem(f"{note.docname}.md", line, Code.LONE_TAG, message, column)


def _folded(name: str) -> str:
    """The slug of a tag without what makes a plural, and without spaces."""
    return "".join(PLURAL.sub(lambda ending: "y" if ending[0] == "ies" else "", word) for word in name.split("-"))


def spell(root: Path, texts: dict[str, str]) -> Popen[str]:
    """Ask codespell of all texts at once, with its settings in pyproject.toml; other things can be done meanwhile."""
    command = [sys.executable, "-X", "utf8", "-m", "codespell_lib", "--stdin-single-line", "-"]
    with TemporaryFile() as asked:
        asked.write("\n".join(texts.values()).encode())
        asked.seek(0)
        return Popen(command, cwd=root, stdin=asked, stdout=PIPE, stderr=PIPE, encoding="utf-8")


def misspelled(spelling: Popen[str], texts: dict[str, str]) -> Iterator[Problem]:
    """What codespell has found. Raises CheckError."""
    output, errors = spelling.communicate()
    if spelling.returncode not in {0, 65}:  # 65: it found some
        raise CheckError(f"codespell could not run: {errors.strip() or spelling.returncode}")
    lines = [(path, number, line) for path, text in texts.items() for number, line in enumerate(text.split("\n"), 1)]
    for found in MISSPELLED.finditer(output):
        (path, number, line), word = lines[int(found[1]) - 1], found[2]
        message = f"`{word}` is misspelled; did you mean {found[3]}?"
        yield Problem(path, number, Code.SPELLING, message, line.find(word) + 1 or 1)


def as_text(problems: Sequence[Problem]) -> str:
    """A line for each: ``path:line:column: code message``."""
    return "".join(f"{p.path}:{p.line}:{p.column}: {p.code} {p.message}\n" for p in problems)


def as_json(problems: Sequence[Problem]) -> str:
    """A list of objects, which say as well whether it is a fault or advice."""
    return json.dumps(
        [
            {
                "path": p.path,
                "line": p.line,
                "column": p.column,
                "code": p.code,
                "level": "advice" if p.is_advice else "fault",
                "message": p.message,
            }
            for p in problems
        ],
        indent=1,
        ensure_ascii=False,
    )


def main(arguments: Sequence[str]) -> int:
    """Check the journal in a folder, print what is wrong, and give the exit status."""
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="where conf.py is; the current folder")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args(arguments)
    gc.freeze()  # what is read stays until the end: Python need not look through it again and again
    gc.set_threshold(100_000, 50, 10)
    try:
        if not (options.folder / "conf.py").is_file():
            raise CheckError(f"{options.folder} is not the folder of a journal: it has no conf.py")
        today, wrong = day.of(os.environ.get("FIELDNOTES_TODAY", ""))
        problems = [*wrong, *check(options.folder, today)]
    except CheckError as error:
        print(f"check: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except Exception:
        traceback.print_exc()
        return COULD_NOT_RUN
    faults = sum(not problem.is_advice for problem in problems)
    sys.stdout.write(as_json(problems) + "\n" if options.format == "json" else as_text(problems))
    print(f"{faults} to mend, {len(problems) - faults} to consider", file=sys.stderr)
    return FINDINGS if faults else NOTHING


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
