"""A simulated author who edits, breaks and fixes a small journal at random, and damages its output."""

from __future__ import annotations

import datetime
import os
import random
import re
import shutil
from typing import TYPE_CHECKING

from conftest import DAY, ROOT, Built, Site, note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LANES = ["ai-systems", "data-platforms", "bigdata"]

FAULT = "\n% fault\n"
"""The beginning of the faulty part, at the end of a note."""

PICTURE = (ROOT / "_static/social.png").read_bytes()
"""A picture; each version has different bytes appended."""


class Writer:
    """A simulated author who edits a journal at random."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.chance, self.count, self.day = site, random.Random(seed), 0, datetime.date.fromisoformat(DAY)
        self.result()
        for _ in range(9):
            self.add()

    @property
    def notes(self) -> list[Path]:
        """The notes, except those written as a fault."""
        return sorted(path for path in self.site.root.glob("notes/*.md") if re.match(r"n\d", path.stem))

    def add(self) -> None:
        self.count += 1
        others = [path.stem for path in self.published]
        links = "".join(f"See [](/notes/{name}.md) and [it](/notes/{name}.md#here).\n\n" for name in others[-1:])
        self.site.write(
            f"notes/n{self.count}.md",
            note(
                f"Note {self.count}",
                lane=self.chance.choice(LANES),
                date=f"2025-{self.chance.randrange(1, 13):02}-{self.chance.randrange(1, 29):02}",
                tags=self.tags(),
                body=f"Text of {self.count}.\n\n{links}## Here\n\nMore, and `code`.\n{self.quote()}",
            ),
        )

    def quote(self) -> str:
        """Quotes of a lab, in every third note."""
        if self.count % 3:
            return ""
        return (
            "\nIt took {result}`speed:time.median`.\n\n```{lab-figure} speed:curve\nOf {number}`speed:change`.\n```\n"
        )

    def result(self) -> None:
        self.site.lab(value=round(self.chance.random() * 100, 1))

    def lab_title(self) -> None:
        self.site.lab(value=1.5, title=f"How fast {self.word()} is")

    def new_lab(self) -> None:
        self.count += 1
        self.site.lab(f"lab-{self.count % 2}")
        shutil.rmtree(self.site.root / f"labs/lab-{(self.count + 1) % 2}", ignore_errors=True)

    def word(self) -> str:
        """A random word that no other note has."""
        return "".join(self.chance.choices("bcdfghklmnprstvz", k=9))

    def tags(self) -> str:
        return f"[{', '.join(f'Topic {number}' for number in self.chance.sample(range(7), 2))}]"

    def change(self, pattern: str, value: Callable[[], str]) -> None:
        path = self.chance.choice(self.notes)
        path.write_text(re.sub(pattern, lambda _: value(), path.read_text(), count=1, flags=re.M))

    def title(self) -> None:
        self.count += 1
        self.change(r"^title: .*$", lambda: f"title: Title {self.count} & *{self.word()}*")

    def lane(self) -> None:
        self.change(r"^lane: .*$", lambda: f"lane: {self.chance.choice(LANES)}")

    def date(self) -> None:
        self.change(r"^date: .*$", lambda: f"date: 2024-{self.chance.randrange(1, 13):02}-01")

    def summary(self) -> None:
        self.change(r"^summary: .*$", lambda: f"summary: Says {self.chance.random()}.")

    def retag(self) -> None:
        self.change(r"^tags: .*$", lambda: f"tags: {self.tags()}")

    def body(self) -> None:
        self.change(r"^Text .*$", lambda: f"Text with {self.word()} in it.")

    def heading(self) -> None:
        self.change(r"^More.*$", lambda: f"More.\n\n### Sub {self.word()}\n\nMore.")

    def rename(self) -> None:
        self.count += 1
        path = self.chance.choice(self.notes)
        path.rename(path.with_name(f"n{self.count}.md"))
        self._repair_links()

    def rename_in_order(self) -> None:
        """Rename a note, and add its old name to `formerly`."""
        self.count += 1
        path = self.chance.choice(self.notes)
        formerly = ", ".join([*self._former(path), path.stem])
        text = re.sub(r"^formerly: .*\n", "", path.read_text(), flags=re.M)
        path.unlink()
        path.with_name(f"n{self.count}.md").write_text(text.replace("---\n", f"---\nformerly: [{formerly}]\n", 1))
        self._repair_links()

    def forget_names(self) -> None:
        for path in self.notes:
            path.write_text(re.sub(r"^formerly: .*\n", "", path.read_text(), flags=re.M))

    def _former(self, path: Path) -> list[str]:
        return re.findall(r"\w+", "".join(re.findall(r"^formerly: \[(.*)\]$", path.read_text(), flags=re.M)))

    def delete(self) -> None:
        if len(self.published) > 3:
            self.chance.choice(self.notes).unlink()
            self._repair_links()

    @property
    def published(self) -> list[Path]:
        """The notes that others may link to."""
        return [path for path in self.notes if not self._waits(path.read_text())]

    def _waits(self, text: str) -> bool:
        return "\ndraft: true\n" in text or re.search(r"^date: (.*)$", text, re.M)[1] > str(self.day)

    def draft(self) -> None:
        if len(self.published) > 3:
            path = self.chance.choice(self.published)
            path.write_text(path.read_text().replace("\nlane: ", "\ndraft: true\nlane: ", 1))
            self._repair_links()

    def finish_draft(self) -> None:
        for path in [path for path in self.notes if path not in self.published][:1]:
            path.write_text(path.read_text().replace("\ndraft: true\n", "\n", 1))

    def schedule(self) -> None:
        if len(self.published) > 3:
            path, day = self.chance.choice(self.published), self.day + datetime.timedelta(self.chance.randrange(1, 3))
            text = re.sub(r"^(updated|verified): .*\n", "", path.read_text(), flags=re.M)
            path.write_text(re.sub(r"^date: .*$", f"date: {day}", text, count=1, flags=re.M))
            self._repair_links()

    def freshness(self) -> None:
        path = self.chance.choice([path for path in self.notes if "\ndate: 2026" not in path.read_text()])
        fields = ["updated: 2026-10-01", "verified: 2025-11-25", "verified: 2026-09-08", "applies_to: [Spark 4.x]"]
        text = re.sub(r"^(updated|verified|applies_to): .*\n", "", path.read_text(), flags=re.M)
        new = "\n".join(self.chance.sample(fields[self.chance.randrange(2) :: 2], 2))
        path.write_text(text.replace("\nsummary: ", f"\n{new}\nsummary: ", 1))

    def pass_day(self) -> None:
        self.day += datetime.timedelta(1)
        self.site.environment["FIELDNOTES_TODAY"] = str(self.day)

    def mention(self) -> None:
        """Link from one note to another, in a random syntax."""
        path, other = self.chance.sample(self.published, 2)
        ways = ["[](/notes/{}.md)", "{{doc}}`it </notes/{}>`", "{{doc}}`{}`", "{{page}}`it <notes/{}>`"]
        mention = self.chance.choice(ways).format(other.stem)
        path.write_text(f"{path.read_text()}\nMentions {mention}.\n")

    def unmention(self) -> None:
        self.change(r"^Mentions .*$", lambda: "Mentions nothing.")

    def _repair_links(self) -> None:
        names = {path.stem for path in self.published}
        for path in self.notes:
            text, other = path.read_text(), min(names - {path.stem})
            repaired = re.sub(
                r"(?<=[(</]notes/|.{doc}`)\w+(?=\.md|[>`])",
                lambda m, other=other: m[0] if m[0] in names else other,
                text,
            )
            if repaired != text:
                path.write_text(repaired)

    def lane_text(self) -> None:
        path = self.site.root / f"lanes/{self.chance.choice(LANES)}.md"
        text = re.sub(
            r"^(title|headline): .*$",
            lambda m: f"{m[1]}: Of {self.chance.random()}",
            path.read_text(),
            count=1,
            flags=re.M,
        )
        path.write_text(text)

    def new_lane(self) -> None:
        self.count += 1
        header = f"title: Lane {self.count}\nnumber: {self.count + 3}\nheadline: H\ndescription: D"
        self.site.write(f"lanes/l{self.count}.md", f"---\n{header}\n---\n\nText.\n\n```{{lane-notes}}\n```\n")

    def style(self) -> None:
        self._append("_static/journal.css", "\n/* %s */\n")

    def template(self) -> None:
        self._append("_templates/breadcrumbs.html", "<!-- %s -->\n")
        self._append("_templates/note-list.html", "{# %s #}\n")

    def settings(self) -> None:
        self._append("conf.py", '\nhtml_title = "Title %s"\n')

    def picture(self) -> None:
        self.count += 1
        self.site.write(
            f"_static/extra{self.count % 2}.svg", f"<svg xmlns='http://www.w3.org/2000/svg'><!-- {self.count} --></svg>"
        )
        other = self.site.root / f"_static/extra{(self.count + 1) % 2}.svg"
        other.unlink(missing_ok=True)

    def drawing(self) -> None:
        path = self.chance.choice(self.notes)
        svg = f"<svg xmlns='http://www.w3.org/2000/svg'><desc>{self.chance.random()}</desc></svg>"
        self.site.write(f"notes/{path.stem}.svg", svg)
        if "{diagram}" not in path.read_text():
            path.write_text(path.read_text() + f"\n```{{diagram}} /notes/{path.stem}.svg\n:alt: A\n```\n")

    def _append(self, path: str, text: str) -> None:
        file = self.site.root / path
        self.site.write(path, file.read_text() + text % self.chance.random())

    def edit(self) -> list[str]:
        """Make one to four edits that leave nothing broken; return their names."""
        light = [self.title, self.lane, self.date, self.summary, self.retag, self.body, self.heading, self.add]
        heavy = [self.rename, self.delete, self.lane_text, self.new_lane, self.style, self.template, self.settings]
        heavy += [self.picture, self.drawing, self.rename_in_order, self.rename_in_order, self.forget_names]
        heavy += [self.result, self.lab_title, self.new_lab]
        light += [self.mention, self.unmention, self.draft, self.finish_draft, self.schedule, self.pass_day]
        light += [self.freshness, self.pass_day_back, self.move_over, self.swap, self.edit_as_if_older, self.touch]
        light += [self.include, self.photo, self.photo, self.download, self.glossary, self.equation]
        heavy += [self.language, self.suppress]
        return self._do(light + heavy, self.chance.randrange(1, 5))

    def _do(self, choices: list[Callable[[], object]], number: int) -> list[str]:
        edits = self.chance.choices(choices, k=number)
        done = [(edit.__name__, edit()) for edit in edits]
        return [f"{name} {more}" if more else name for name, more in done]

    def pass_day_back(self) -> None:
        """Go back to the day before, when notes published today were not published yet."""
        self.day -= datetime.timedelta(1)
        self.site.environment["FIELDNOTES_TODAY"] = str(self.day)
        self._repair_links()

    def _take_two(self) -> tuple[Path, Path]:
        """Two notes, after removing their former names, which could clash with their new ones."""
        one, other = self.chance.sample(self.notes, 2)
        for path in (one, other):
            path.write_text(re.sub(r"^formerly: .*\n", "", path.read_text(), flags=re.M))
        return one, other

    def move_over(self) -> None:
        if len(self.published) > 4:
            one, other = self._take_two()
            one.rename(other)
            self._repair_links()

    def swap(self) -> None:
        one, other = self._take_two()
        between = self.site.root / "between"
        one.rename(between)
        other.rename(one)
        between.rename(other)
        self._repair_links()

    def edit_as_if_older(self) -> None:
        path = self.chance.choice([path for path in self.notes if "\nText " in path.read_text()] or self.notes)
        old = path.stat().st_mtime - self.chance.randrange(10_000)
        path.write_text(re.sub(r"^Text .*$", f"Text with {self.word()} in it.", path.read_text(), count=1, flags=re.M))
        os.utime(path, (old, old))

    def touch(self) -> None:
        self.chance.choice(self.notes).touch()

    def _mark(self, text: str) -> None:
        """Append a text to a note that does not have it."""
        path = self.chance.choice(self.published)
        if text not in path.read_text():
            path.write_text(path.read_text() + text)

    def include(self) -> None:
        """Edit a file that notes include, and include it in one more note."""
        part = self.site.write("notes/parts/part.txt", f"A part with {self.word()}.\n")
        if self.chance.random() < 0.5:
            os.utime(part, (self.count, self.count))
        self._mark(f"\n```{{{self.chance.choice(['include', 'literalinclude'])}}} parts/part.txt\n```\n")

    def photo(self) -> None:
        """Edit one of three pictures of the same name, and show it in one more note."""
        path = f"notes/{self.chance.choice('abc')}/p.png"
        self.site.write(path, PICTURE + self.word().encode())
        self._mark(f"\n![A picture](/{path})\n")

    def download(self) -> None:
        self.site.write("notes/a/data.csv", f"a,b\n{self.word()},1\n")
        self._mark("\nTake {download}`the data <a/data.csv>`.\n")

    def glossary(self) -> None:
        """Move a glossary to another note, or change it."""
        self.count += 1
        for path in (self.site.root / "notes").glob("words*.md"):
            path.unlink()
        used = self.chance.choice(["text", "more", "part"])
        body = f"```{{glossary}}\nskew\n  Parts that are {self.word()}.\n\n{used}\n  A word.\n\nslack\n  Room.\n```\n"
        name = f"words{self.count % 2}"
        self.site.write(f"notes/{name}.md", note(f"Words {self.count % 2}", body=body))
        self._mark("\nIt is {term}`skew`.\n")
        self._repair_links()

    def equation(self) -> None:
        """Refer to an equation of another note."""
        body = f"```{{math}}\n:label: law\nx = {self.count}\n```\n"
        self.site.write("notes/law.md", note("The law", body=body))
        self._mark("\nBy {eq}`law`.\n")

    def language(self) -> None:
        self._append("conf.py", f'\nlanguage = "{self.chance.choice(["en", "de", "fr"])}"  # %s\n')

    def suppress(self) -> None:
        """Add a warning that is not printed."""
        self._append("conf.py", '\nsuppress_warnings = ["myst.header"]  # %s\n')
        self._mark("\n##### Deep\n\nText.\n")

    def damage(self, built: Built) -> list[str]:
        """Delete, empty, cut or change one to three files of any kind; return their names.

        Only output is changed: Sphinx cannot detect changes to its doctrees.
        """
        damaged, folder = [], built.out.parent
        for _ in range(self.chance.randrange(1, 4)):
            kinds: dict[str, list[Path]] = {}
            for path in sorted(path for path in folder.rglob("*") if path.is_file() and "fieldnotes" not in path.name):
                names = path.relative_to(folder).parts
                kinds.setdefault(f"{names[: max(2, len(names) - 1)]} {path.suffix}", []).append(path)
            path = self.chance.choice(kinds[self.chance.choice([*kinds])])
            data, is_output = path.read_bytes(), path.is_relative_to(built.out)
            way = self.chance.choice(["delete", "empty", "cut", *(["change"] if is_output else [])])
            if way == "delete":
                path.unlink()
            else:
                half = len(data) // 2
                changed = data[:half] + bytes([data[half] ^ 1]) + data[half + 1 :] if data else b"x"
                path.write_bytes({"empty": b"", "cut": data[:half], "change": changed}[way])
            damaged.append(f"{way} {path.relative_to(folder)}")
        return damaged

    def spoil(self) -> list[str]:
        """Make one or two faults that a build reports; return their names."""
        faults = [self.dangling_link, self.header, self.label_twice, self.term_twice, self.no_picture, self.no_include]
        faults += [self.no_directive, self.unpublish, self.link_to_nothing, self.not_text, self.title_twice]
        faults += [self.broken_include, self.no_lab, self.no_drawing, self.levels, self.broken_lab]
        return self._do(faults, self.chance.randrange(1, 3))

    def fix_faults(self) -> None:
        """Fix all faults."""
        for path in [*self.site.root.glob("notes/fault*"), *self.site.root.glob("labs/fault*/*")]:
            path.unlink()
        for path in self.notes:
            path.write_text(path.read_text().partition("\n% fault\n")[0])
        self._repair_links()

    def _spoil(self, text: str) -> str:
        path = self.chance.choice(self.published)
        path.write_text(f"{path.read_text().partition(FAULT)[0]}{FAULT}{text}\n")
        return path.stem

    def dangling_link(self) -> str:
        return self._spoil(self.chance.choice(["[it](nowhere.md)", "{ref}`nowhere`", "{doc}`nowhere`", "[](#nowhere)"]))

    def header(self) -> str:
        """Add an invalid note to which another links."""
        path = self.chance.choice(self.published)
        self.site.write("notes/fault.md", path.read_text().replace("\ntitle: ", "\ntitel: ", 1))
        return self._spoil("See [that](fault.md).")

    def label_twice(self) -> list[str]:
        self._spoil("See {ref}`twice`.")
        return [self._spoil(f"(twice)=\n\n## Section {name}\n") for name in ("one", "two")]

    def term_twice(self) -> list[str]:
        return [self._spoil(f"```{{glossary}}\ntwice\n  It is {name}.\n```") for name in ("one", "two")]

    def no_picture(self) -> str:
        return self._spoil("![A picture](none.png)")

    def no_include(self) -> str:
        return self._spoil("```{include} fault.txt\n```")

    def broken_include(self) -> str:
        self.site.write("notes/fault-part.txt", "{nothing}`x`\n")
        return self._spoil("```{include} fault-part.txt\n```")

    def no_directive(self) -> str:
        return self._spoil("```{nothing}\n```")

    def no_lab(self) -> str:
        return self._spoil("{result}`none:time`")

    def broken_lab(self) -> None:
        self.site.write("labs/fault/results.json", "{")

    def no_drawing(self) -> str:
        self.site.write("notes/fault.svg", "<svg")
        return self._spoil("```{diagram} fault.svg\n:alt: A\n```")

    def levels(self) -> str:
        return self._spoil("#### Deep\n\nText.\n\n###### Deeper\n\nText.")

    def unpublish(self) -> str:
        """Turn a note into a draft, although others link to it."""
        path = self.chance.choice(self.published)
        path.write_text(path.read_text().replace("\nlane: ", "\ndraft: true\nlane: ", 1))
        return path.stem

    def link_to_nothing(self) -> None:
        (self.site.root / "notes/fault-link.md").unlink(missing_ok=True)
        (self.site.root / "notes/fault-link.md").symlink_to("nothing.md")

    def not_text(self) -> None:
        self.site.write("notes/fault-bytes.md", b"\xff\xfe")

    def title_twice(self) -> None:
        title = re.search(r"^title: (.*)$", self.chance.choice(self.published).read_text(), re.M)[1]
        self.site.write("notes/fault-title.md", note(title, lane="ai-systems"))
