"""Bring the posts of another system along: `make bring FROM=folder`. It overwrites nothing; DRY=1 writes nothing."""

from __future__ import annotations

import os
import posixpath
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import yaml

from fieldnotes.catalog import loading
from fieldnotes.commands.new import Refused, lane_of
from fieldnotes.commands.posts import Left, Post, day_of, former_of, keys_of, names_of, read, text_of
from fieldnotes.sources import build_date, note
from fieldnotes.sources.first_paragraph import summary_of
from fieldnotes.sources.frontmatter import FrontMatter, slug
from fieldnotes.sources.problem import Invalid, excerpt
from fieldnotes.sources.validators import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fieldnotes.catalog.model import Catalog

ROOTS = ("", "static", "assets", "public", "source", "content", "docs", "..", "../static", "../public", "../source")
"""Where an address that begins with a slash may begin, from the folder of posts."""


CODE = re.compile(
    r"^[ \t>]*(?P<fence>`{3,}|~{3,}).*?(?:\n[ \t>]*(?P=fence)[ \t]*$|\Z)"
    r"|(?<!`)(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`)",
    re.DOTALL | re.MULTILINE,
)
LINK = re.compile(
    r"""(?P<start>\]\(\s*<?|\b(?:src|href|poster)=["']|^\[[^\]\n]+\]:[ \t]+<?)"""
    r"""(?P<address>\{\{.+?\}\}[^\s)"'>]*|\{%.+?%\}[^\s)"'>]*|[^\s)"'>]+)""",
    re.MULTILINE,
)
WIKI = re.compile(r"(?P<image>!?)\[\[(?P<target>[^\]|#\n]+)(?P<anchor>#[^\]|\n]*)?(?:\|(?P<text>[^\]\n]*))?\]\]")
REFERENCE = re.compile(r"""\{[{%][<%]?\s*(?:relref|ref|post_url|link)\s+["']?([^"'\s>%]+)["']?\s*[>%]?[%}]\}""")
"""How Hugo and Jekyll name another post."""

LEFT_OVER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|!?\[\[.*?\]\]")


def fields_of(post: Post, lane: str, catalog: Catalog) -> dict[str, Any]:
    """The front matter of the note. Raises Left if the post has no date."""
    if heading := re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)", post.body):
        post.body = post.body[heading.end() :]
    title = text_of((post.values("title") or [heading[1] if heading else post.name.replace("-", " ").capitalize()])[0])
    day = next(filter(None, map(day_of, [*post.values("date"), post.day])), None)
    if day is None:
        raise Left("neither its front matter nor its name has a date; give it a `date`")
    lanes = {lane_of(name, catalog): name for name in [*names_of(post.values("lane")), *names_of(post.values("tags"))]}
    own = lane or next((name for name in lanes if name in catalog.lanes_by_name), "")
    if not own:
        own = catalog.lanes[0].name
        post.remarks.append(f"no key names a lane; it is in `{own}`, see `lane`")
    spelling = {tag.slug: tag.name for tag in catalog.tags}
    tags = {
        slug(name): spelling.get(slug(name), name) for name in names_of(post.values("tags")) if lanes.get(own) != name
    }
    fields: dict[str, Any] = {
        "title": title,
        "lane": own,
        "date": day,
        "summary": textwrap.shorten(text_of((post.values("summary") or [""])[0]), MAX_TEXT, placeholder=" …"),
        "tags": [name for key, name in tags.items() if key][:30] or [catalog.lanes_by_name[own].title],
    }
    changed = next(filter(None, map(day_of, post.values("updated"))), None)
    former = [path for name in names_of(post.values("formerly"), spaces=False) if (path := former_of(name))]
    more = {
        "updated": changed if changed and changed > day else None,
        "formerly": list(dict.fromkeys(former)),
        "authors": names_of(post.values("authors"), spaces=False) if "authors" in FrontMatter.model_fields else None,
        "draft": post.metadata.get("draft") is True
        or post.metadata.get("published") is False
        or "drafts/" in post.path,
    }
    return fields | {name: value for name, value in more.items() if value}


def translate(post: Post, folder: Path, posts: Mapping[str, Post]) -> str:
    """The text of the note: links between posts and to pictures lead to what they become, all else is as written."""

    def target(address: str) -> str | None:
        """What an address becomes; None if it is neither a post nor a picture."""
        path, sign, anchor = address.partition("#")
        name = unquote(path)
        inside = posixpath.normpath(
            posixpath.join(posixpath.dirname(post.path), name.lstrip("/") if name.startswith("/") else name)
        )
        for key in (name, inside, posixpath.basename(name.rstrip("/"))):
            if other := posts.get(re.sub(r"(/_?index)?\.(md|markdown|mdx|html)$|/$", "", key).strip("/").casefold()):
                return f"{other.name}.md{sign}{anchor}"
        places = (
            [folder / root / name.lstrip("/") for root in ROOTS]
            if name.startswith("/")
            else [folder / posixpath.dirname(post.path) / name]
        )
        for place in [
            place
            for place in [*places, folder / name]
            if place.is_file() and place.suffix.lower() not in {".md", ".html"}
        ]:
            copy = f"{post.name}/{place.name}"
            if place.resolve().is_relative_to(folder.parent.resolve()):
                post.pictures[copy] = place
                return copy if re.fullmatch(r"[\w./-]+", copy) else f"<{copy}>"
        return None

    def link(match: re.Match[str]) -> str:
        reference = REFERENCE.match(match["address"])
        address = reference[1] + match["address"][reference.end() :] if reference else match["address"]
        if re.match(r"[a-zA-Z][\w+.-]*:|//|#|\{", address):
            return match[0]
        if new := target(address):
            return match["start"].removesuffix("<") + new if new.startswith("<") else match["start"] + new
        post.remarks.append(f"`{excerpt(address)}` is neither a post nor a picture of that folder; correct the link")
        return match["start"] + address

    def wiki(match: re.Match[str]) -> str:
        new = target(match["target"].strip() + (match["anchor"] or ""))
        shown = match["text"] or match["target"].strip()
        return f"{match['image']}[{shown}]({new})" if new else match[0]

    parts, done = [], 0
    for code in [*CODE.finditer(post.body), None]:
        text = post.body[done : code.start() if code else None]
        text = LINK.sub(link, WIKI.sub(wiki, text))
        post.remarks += [f"`{excerpt(mark)}` is left as it is; write it in MyST" for mark in LEFT_OVER.findall(text)]
        parts += [text, code[0] if code else ""]
        done = code.end() if code else done
    return "".join(parts).strip() + "\n"


def bring(root: Path, folder: Path, lane: str, *, dry: bool) -> list[tuple[str, str, str]]:
    """Take all posts below a folder. Returns rows of a table: what became of a post, its path, and what to know of it.

    Raises Refused, before anything is written, if there is no folder, no post, or no lane.
    """
    catalog = loading.load(root, build_date.now("")[0], drafts=True).catalog
    lanes = {each.name: each.title for each in catalog.lanes}
    paths = [
        path for path in sorted(folder.rglob("*")) if path.suffix in {".md", ".markdown", ".mdx"} and path.is_file()
    ]
    paths = [path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    if not paths:
        raise Refused(f"{folder} has no Markdown files; give the folder of posts, as in FROM=../blog/_posts")
    if not lanes or (lane and lane not in lanes):
        raise Refused(f"`{lane}` is not a lane; the lanes are {', '.join(lanes) or 'none yet: write one in lanes/'}")
    rows, posts = [], []
    for path in paths:
        try:
            posts.append(read(folder, path))
        except Left as reason:
            rows.append(("left", path.relative_to(folder).as_posix(), str(reason)))
    known = {key: post for post in reversed(posts) for key in keys_of(post) if key}
    for post in posts:
        try:
            rows += [
                ("taken", post.path, f"notes/{post.name}.md"),
                *take(post, root, folder, known, lane, catalog, dry=dry),
            ]
        except Left as reason:
            rows.append(("left", post.path, str(reason)))
    return rows


def take(
    post: Post, root: Path, folder: Path, known: Mapping[str, Post], lane: str, catalog: Catalog, *, dry: bool
) -> list[tuple[str, str, str]]:
    """Write the note of a post, then its pictures; return a row for each thing to look at.

    Raises Left, with nothing written, if the note exists or the rules of front matter refuse it.
    """
    path, fields = f"notes/{post.name}.md", fields_of(post, lane, catalog)
    text = translate(post, folder, known)
    fields["summary"] = fields["summary"] or summary_of(text) or fields["title"]
    header = yaml.safe_dump(fields, allow_unicode=True, width=10_000, default_flow_style=None, sort_keys=False)
    data = f"---\n{header}---\n\n{text}".encode()
    try:
        note.read(path, data, {each.name: each.title for each in catalog.lanes})
    except Invalid as error:
        raise Left("; ".join(problem.message for problem in error.problems)) from error
    if (root / path).exists() or known[post.name.casefold()] is not post:
        raise Left(f"{path} exists already; rename one of the two")
    if not dry:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    for name, picture in post.pictures.items():
        copy = root / "notes" / name
        if copy.exists() and copy.read_bytes() != picture.read_bytes():
            post.remarks.append(f"notes/{name} exists already, and is another picture; rename one of the two")
        elif not dry:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(picture.read_bytes())
    return [("to look at", path, remark) for remark in dict.fromkeys(post.remarks)]


def main() -> int:
    """Bring the posts that the environment names, into the working directory; return the exit status."""
    folder = Path(os.environ.get("FROM", "")).expanduser()
    try:
        if not os.environ.get("FROM") or not folder.is_dir():
            raise Refused(f"`{folder}` is not a folder; give the folder of posts, as in FROM=../blog/_posts")
        rows = bring(Path.cwd(), folder.resolve(), os.environ.get("LANE", ""), dry=bool(os.environ.get("DRY")))
    except (Refused, OSError) as error:
        print(f"make bring: {error}", file=sys.stderr)
        return 1
    width = max(len(path) for _what, path, _why in rows)
    for what, path, why in rows:
        print(f"{what:10}  {path:{width}}  {why}")
    counts = ", ".join(f"{sum(row[0] == what for row in rows)} {what}" for what in ("taken", "to look at", "left"))
    print(f"{counts}. {'Nothing was written.' if os.environ.get('DRY') else '`make check` says what is left to mend.'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
