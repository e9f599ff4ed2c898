"""Turn a checkout into a new journal: `make start`. The demo content is deleted; git can restore it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from fieldnotes.commands.new import Refused, file_name, now_in
from fieldnotes.exports.plain_markdown import escaped
from fieldnotes.sources.field_validators import one_line
from fieldnotes.sources.problem import excerpt

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Mapping, Sequence

STARTER = Path(__file__).with_name("starter")

TESTS = "tests/journal"

WORDS = "tests/words.txt"
"""Words that codespell accepts; those of the journal's name, tagline and lanes are added."""

DEMO_CONTENT = (
    *("notes", "lanes", "labs/*/", "pages", "_static/map", TESTS, "bench/queries.json"),
    *("pictures/home-*.png", "pictures/note-*.png", "pictures/bench.svg"),
)
"""The content that this software came with, and the tests of it."""

SECTION = re.compile(r"^(?=## )", re.MULTILINE)

OMITTED_SECTIONS = ("## Make it yours\n", "## How fast it builds\n")
"""Sections of README that a new journal does not need."""

MAX_LENGTH = 100
"""Maximum characters of a name: it is part of page titles."""

UNDO = "git restore . && git clean -fd ."


def check_unchanged(root: Path) -> None:
    """Raise Refused if git could not restore what is about to be deleted."""
    try:
        command = ["git", "status", "--porcelain", "."]
        changed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        why = "git does not track this folder, or is not installed, so nothing could be undone; clone the repository"
        raise Refused(why) from error
    if changed:
        raise Refused(f"uncommitted files: {len(changed)}, such as {changed[0][3:]}; commit or delete them")


def short_line(text: str) -> str:
    """Return a name, a tagline or the title of a lane as one line. Raises Refused if it cannot be used."""
    line = unicodedata.normalize("NFC", " ".join(text.split()))
    if len(line) > MAX_LENGTH:
        raise Refused(f"`{excerpt(line)}` is {len(line)} characters long; shorten it to {MAX_LENGTH}")
    try:
        return one_line(line)
    except PydanticCustomError as error:
        raise Refused(f"`{excerpt(text)}` {error.message()}") from error


def parse_lanes(text: str) -> dict[str, str]:
    """Return the titles of lanes in ``text``, separated by commas, by file name. Raises Refused for an invalid one."""
    titles = [short_line(title) for title in text.split(",") if title.strip()]
    lanes = {file_name(title): title for title in titles}
    for name in {"", "index"} & {*lanes}:
        reason = "is reserved" if name else "has no Latin letter or digit for an address"
        raise Refused(f"`{lanes[name]}` {reason}; give the lane another title")
    if not titles or len(lanes) < len(titles):
        raise Refused("give lanes that differ in their Latin letters and digits, as in: Platform, Data, On call")
    return lanes


def start(
    root: Path, given: Mapping[str, str], ask: Callable[[str], str], now: Callable[[], datetime.datetime]
) -> list[str]:
    """Delete DEMO_CONTENT at ``root``, write the texts of a new journal, and return the lines to print for its owner.

    ``given`` may have NAME, TAGLINE and LANES; missing values are asked for. Raises Refused, with nothing changed.
    """
    check_unchanged(root)
    if not (root / TESTS).is_dir():
        raise Refused("this is already a journal of your own; change its name in conf.py, and its lanes in lanes/")
    name = short_line(given.get("NAME") or ask("Name of the journal: "))
    tagline = short_line(given.get("TAGLINE") or ask("Tagline, a few words: "))
    lanes = parse_lanes(given.get("LANES") or ask("Lanes, separated by commas: "))
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
    words = sorted({*re.findall(r"\w+", " ".join([name, tagline, *lanes.values()]).casefold())})
    identity = {"name": escaped(name), "tagline": escaped(tagline)}
    topics = "\n".join(f"- [{escaped(title)}](lanes/{lane}.md)" for lane, title in lanes.items())
    _head, *sections = SECTION.split((root / "README.md").read_text("utf-8"))
    software = "".join(section for section in sections if not section.startswith(OMITTED_SECTIONS))
    welcome = {"title": quoted(f"Welcome to {name}"), "lane": next(iter(lanes)), "date": now().date()}
    texts = {
        "conf.py": set_values((root / "conf.py").read_text("utf-8"), settings),
        "README.md": render_starter("README.md", software=software, **identity),
        "index.md": render_starter("index.md", topics=topics, **identity),
        "notes/welcome.md": render_starter("welcome.md", **welcome),
        "tests/published.txt": "",
        WORDS: "".join(f"{word}\n" for word in [*(root / WORDS).read_text("utf-8").split(), *words]),
    }
    for number, (lane, title) in enumerate(lanes.items(), start=1):
        path = f"lanes/{lane}.md"
        texts[path] = render_starter("lane.md", title=quoted(title), number=number, path=path)
    for pattern in DEMO_CONTENT:
        for demo in root.glob(pattern):
            shutil.rmtree(demo) if demo.is_dir() else demo.unlink()
    for path, text in texts.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, "utf-8")
    shutil.copy(STARTER / "social.png", root / "_static")
    return [
        f"This is now {name}. Its texts are index.md, lanes/ and notes/welcome.md; conf.py has its name and look.",
        "`make live` shows it. `make pictures` draws its preview image. Commit it: git add -A && git commit",
        f"To undo this before you commit: {UNDO}",
    ]


def set_values(conf: str, settings: Mapping[str, object]) -> str:
    """Return the text of ``conf.py`` with new values. Raises Refused if a setting is not on exactly one line."""
    for key, value in settings.items():
        line = f"{key} = {quoted(value)}".replace("\\", r"\\")  # re.sub reads escapes
        conf, count = re.subn(rf"(?m)^{key} = .*$", line, conf)
        if count != 1:
            raise Refused(f"conf.py has {count} lines that start with `{key} = `; it needs exactly one")
    return conf


def quoted(value: object) -> str:
    """Return a value as JSON, which is also valid YAML and Python."""
    return json.dumps(value, ensure_ascii=False)


def render_starter(template: str, **values: object) -> str:
    """Fill in the placeholders of a starter file."""
    return Template((STARTER / template).read_text("utf-8")).substitute(values)


def main(names: Sequence[str]) -> int:
    """Start a journal in the working directory with these environment variables; return the exit status."""
    try:
        print("\n".join(start(Path.cwd(), {name: os.environ[name] for name in names}, input, lambda: now_in(Path()))))
    except Refused as error:
        print(f"make start: {error}", file=sys.stderr)
    except (EOFError, KeyboardInterrupt):
        message = "nothing was changed; pass NAME=, TAGLINE= and LANES=, or answer the questions"
        print(f"\nmake start: {message}", file=sys.stderr)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
