"""Turn a checkout into a journal of one's own: `make start`. The demonstration's texts go; git can bring them back."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from fieldnotes.commands.new import Refused, file_name, now_in
from fieldnotes.exports.plain_markdown import escaped
from fieldnotes.sources.problem import excerpt
from fieldnotes.sources.validators import one_line

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping, Sequence

STARTER = Path(__file__).with_name("starter")

TESTS = "tests/journal"

DEMONSTRATION = (
    *("notes", "lanes", "labs/*/", "pages", "_static/map", TESTS, "bench/queries.json"),
    *("pictures/home-*.png", "pictures/note-*.png", "pictures/bench.svg"),
)
"""What the journal that this software came with has published, and the tests of it."""

SECTION = re.compile(r"^(?=## )", re.MULTILINE)

DONE = ("## Make it yours\n", "## How fast it builds\n")
"""Sections of README that a journal of one's own does not need."""

LONGEST = 100
"""Characters of a name, which stands in titles of pages."""

UNDO = "git restore . && git clean -fd ."


def check_unchanged(root: Path) -> None:
    """Raise Refused if git could not undo what is about to be deleted."""
    try:
        command = ["git", "status", "--porcelain", "."]
        changed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refused("git does not keep this folder, and nothing could be undone; clone the repository") from error
    if changed:
        raise Refused(f"{len(changed)} files are not committed, such as {changed[0][3:]}; commit or delete them")


def words_of(text: str) -> str:
    """A name, a tagline or the title of a lane on one line."""
    try:
        words = one_line(text)
    except PydanticCustomError as error:
        raise Refused(f"`{excerpt(text)}` {error.message()}") from error
    if len(words) > LONGEST:
        raise Refused(f"`{excerpt(words)}` is {len(words)} characters long; keep it to {LONGEST}")
    return words


def lanes_of(text: str) -> dict[str, str]:
    """The titles in ``text``, separated by commas, by the names of their files."""
    titles = [words_of(title) for title in text.split(",") if title.strip()]
    lanes = {file_name(title): title for title in titles}
    if not titles or {"", "index"} & {*lanes} or len(lanes) < len(titles):
        raise Refused("name lanes that differ in their Latin letters and digits, as in: Platform, Data, On call")
    return lanes


def start(
    root: Path, given: Mapping[str, str], ask: Callable[[str], str], now: Callable[[], datetime.datetime]
) -> list[str]:
    """Replace the texts of the journal in ``root``, and return the lines to tell its owner.

    ``given`` may hold NAME, TAGLINE and LANES; a missing one is asked for. Raises Refused before anything is changed.
    """
    check_unchanged(root)
    if not (root / TESTS).is_dir():
        raise Refused("this is a journal of its own already; change its name in conf.py, and its lanes in lanes/")
    name = words_of(given.get("NAME") or ask("Name of the journal: "))
    tagline = words_of(given.get("TAGLINE") or ask("Tagline, a few words: "))
    lanes = lanes_of(given.get("LANES") or ask("Lanes, separated by commas: "))
    settings = {
        "project": name,
        "author": f"the authors of {name}",
        "fieldnotes_tagline": tagline,
        "fieldnotes_description": tagline,
        "fieldnotes_text_license": "",
        "fieldnotes_repository": "",
        "fieldnotes_social": [],
        "fieldnotes_navigation": [],
        "fieldnotes_rules": {"loose-number": "advice", "sources": "advice"},
    }
    marked = {"name": escaped(name), "tagline": escaped(tagline)}
    topics = "\n".join(f"- [{escaped(title)}](lanes/{lane}.md)" for lane, title in lanes.items())
    _head, *sections = SECTION.split((root / "README.md").read_text("utf-8"))
    software = "".join(section for section in sections if not section.startswith(DONE))
    welcome = {"title": quoted(f"Welcome to {name}"), "lane": next(iter(lanes)), "date": now().date()}
    texts = {
        "conf.py": set_values((root / "conf.py").read_text("utf-8"), settings),
        "README.md": filled("README.md", software=software, **marked),
        "index.md": filled("index.md", topics=topics, **marked),
        "notes/welcome.md": filled("welcome.md", **welcome),
        "tests/published.txt": "",
    }
    for number, (lane, title) in enumerate(lanes.items(), start=1):
        path = f"lanes/{lane}.md"
        texts[path] = filled("lane.md", title=quoted(title), number=number, path=path)
    for pattern in DEMONSTRATION:
        for gone in root.glob(pattern):
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
    for path, text in texts.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, "utf-8")
    shutil.copy(STARTER / "social.png", root / "_static")
    return [
        f"This is {name} now: index.md, lanes/ and notes/welcome.md are its texts, and conf.py has its name and look.",
        "`make live` shows it. `make pictures` makes the picture for links to it. Commit it: git add -A && git commit",
        f"To undo it before that: {UNDO}",
    ]


def set_values(conf: str, settings: Mapping[str, object]) -> str:
    """The text of ``conf.py`` with other values; each setting is a line of its own there."""
    for key, value in settings.items():
        line = f"{key} = {quoted(value)}".replace("\\", r"\\")  # re.sub reads escapes
        conf, count = re.subn(rf"(?m)^{key} = .*$", line, conf)
        if count != 1:
            raise Refused(f"conf.py has {count} lines that begin with `{key} = `; write one")
    return conf


def quoted(value: object) -> str:
    """A value as JSON, which YAML and Python read alike."""
    return json.dumps(value, ensure_ascii=False)


def filled(template: str, **values: object) -> str:
    """A text of the starter, with its gaps filled."""
    return Template((STARTER / template).read_text("utf-8")).substitute(values)


def main(names: Sequence[str]) -> int:
    """Start a journal in the working directory from these variables of the environment; return the exit status."""
    try:
        print("\n".join(start(Path.cwd(), {name: os.environ[name] for name in names}, input, lambda: now_in(Path()))))
    except Refused as error:
        print(f"make start: {error}", file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        print("\nmake start: nothing was changed; give NAME=, TAGLINE= and LANES=, or answer", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
