"""Convert public collections of Markdown to notes, to measure the search on text not written for it."""

from __future__ import annotations

import datetime
import json
import re
import subprocess
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from corpus import LANES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Collection:
    """A public repository at a commit, and its folders of English Markdown; ``""`` is the whole repository.

    ``depth`` is the index of the folder in a path that gives a file's subject.
    """

    repository: str
    commit: str
    folders: tuple[str, ...]
    depth: int


COLLECTIONS = {
    "til": Collection("simonw/til", "8d908b6d36cdd27bc6464392435ac6223a00caac", ("",), 0),
    "otel": Collection(
        "open-telemetry/opentelemetry.io",
        "dd5997c8b9fafbf72ea6b8059ade242d88b8f118",
        ("content/en/docs/", "content/en/blog/"),
        3,
    ),
    "rust": Collection("rust-lang/blog.rust-lang.org", "0243724c2e50ad2b7ebd3d9dbc7cd88aed7605a3", ("content/",), 0),
}
"""Ranks are measured on ``til`` and ``otel``; what a first query loads, on 1,600 notes of all three."""

SHORTCODE = re.compile(r"<(script|style)\b.*?</\1>|\{\{[<%].*?[%>]\}\}|\{\{.*?\}\}|<!--.*?-->", re.DOTALL)
PICTURE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
LINK = re.compile(r"\[([^\[\]]+)\]\((?!https?://)[^()\s]*(?:\([^()]*\))?(?:\s+\"[^\"]*\")?\)|\[([^\[\]]+)\]\[[^\]]*\]")
TITLE = re.compile(r"^title\s*[:=]\s*(.+(?:\n {2,}.+)*)", re.MULTILINE)
MARKUP = re.compile(r"[`*_#>|\[\]]|\(https?://[^)]*\)|^\s*[-+]\s", re.MULTILINE)


def write_notes(name: str, clones: Path, folder: Path) -> int:
    """Write a collection into ``folder`` as notes, and return their number; clone its repository into ``clones``."""
    collection = COLLECTIONS[name]
    clone = clones / collection.repository.replace("/", "+")
    if not clone.exists():
        address = f"https://github.com/{collection.repository}"
        subprocess.run(["git", "clone", "-q", "--bare", address, str(clone)], check=True)
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    for path, text in _markdown(clone, collection.commit):
        home = next((home for home in collection.folders if path.startswith(home)), None)
        if home is None or path.startswith(".") or not (note := as_note(path, text, collection.depth, number)):
            continue
        slug = re.sub(r"[^a-z0-9]+", "-", path.removeprefix(home).removesuffix(".md").lower()).strip("-")
        (folder / f"{name}-{slug}.md").write_text(note, encoding="utf-8")
        number += 1
    return number


def _markdown(clone: Path, commit: str) -> Iterator[tuple[str, str]]:
    """Yield the path and text of each Markdown file of a commit, sorted by path."""
    git = ["git", f"--git-dir={clone}"]
    listed = subprocess.run([*git, "ls-tree", "-rz", "--name-only", commit], check=True, capture_output=True, text=True)
    paths = sorted(path for path in listed.stdout.split("\0") if path.endswith(".md") and "\n" not in path)
    names = "".join(f"{commit}:{path}\n" for path in paths).encode()
    stream = BytesIO(subprocess.run([*git, "cat-file", "--batch"], check=True, capture_output=True, input=names).stdout)
    for path in paths:
        size = int(stream.readline().split()[-1])
        yield path, stream.read(size + 1)[:-1].decode(errors="replace")


def as_note(path: str, text: str, depth: int, number: int) -> str | None:
    """Convert a Markdown file to a note; None if it has no title, or fewer than forty words."""
    head, body = "", text
    if match := re.match(r"(---|\+\+\+)\n(.*?)\n\1\n", text, re.DOTALL):
        head, body = match[2], text[match.end() :]
    heading = TITLE.search(head) or re.search(r"^# +(.+)$", body, re.MULTILINE)
    if not heading:
        return None
    title = " ".join(re.sub(r"[`*]", "", heading[1]).split()).strip("\"'>- ")
    body = body if head else body.replace(heading[0], "", 1)
    body = SHORTCODE.sub("", body)
    body = LINK.sub(lambda match: match[1] or match[2], PICTURE.sub(r"\1", body))
    plain = [
        " ".join(MARKUP.sub(" ", part).split())
        for part in re.sub(r"```.*?```", "", body, flags=re.DOTALL).split("\n\n")
    ]
    if not title or sum(len(part.split()) for part in plain) < 40:
        return None
    summary = next(part for part in plain if len(part.split()) > 4)[:250]
    folders = path.split("/")[:-1]
    subject = folders[min(depth, len(folders) - 1)] if folders else "notes"
    day = datetime.date(2026, 1, 1) - datetime.timedelta(days=number)
    fields = {"title": title, "lane": list(LANES)[number % 3], "date": str(day), "summary": summary, "tags": [subject]}
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False) if name != 'date' else value}"
        for name, value in fields.items()
    ]
    return "\n".join(["---", *lines, "---", "", body])
