"""Bring the posts of another system along: `make bring FROM=folder`. It overwrites nothing; DRY=1 writes nothing."""

from __future__ import annotations

import os
import posixpath
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin

import yaml

from fieldnotes.catalog import loading
from fieldnotes.commands.new import Refused, lane_of
from fieldnotes.commands.posts import Left, Post, day_of, names_of, read, text_of
from fieldnotes.sources import build_date, note
from fieldnotes.sources.first_paragraph import summary_of
from fieldnotes.sources.frontmatter import slug
from fieldnotes.sources.problem import Invalid, excerpt
from fieldnotes.sources.validators import MAX_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fieldnotes.catalog.model import Catalog

ROOTS = ("", "static", "assets", "public", "source", "content", "docs", "..", "../static", "../public", "../source")
"""Where an address that begins with a slash may begin, from the folder of posts."""

MARKUP = re.compile(
    r"""(?P<code>^[ \t>]*(?P<fence>`{3,}|~{3,})[\s\S]*?(?:\n[ \t>]*(?P=fence)[ \t]*$|\Z)"""
    r"""|(?<!`)(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`))"""
    r"""|(?P<image>!?)\[\[(?P<wiki>[^\]|#\n]+)(?P<anchor>#[^\]|\n]*)?(?:\|(?P<text>[^\]\n]*))?\]\]"""
    r"""|(?P<start>\]\(\s*<?|\b(?:src|href|poster)=["']|^\[[^\]\n]+\]:[ \t]+<?)"""
    r"""(?P<address>\{\{.+?\}\}[^\s)"'>]*|\{%.+?%\}[^\s)"'>]*|[^\s)"'>]+)"""
    r"""|\{\{.*?\}\}|\{%.*?%\}""",
    re.MULTILINE,
)
"""Code, which stays as it is; wiki links; addresses; and what else is of another system."""

REFERENCE = re.compile(r"""\{[{%][<%]?\s*(?:relref|ref|post_url|link)\s+["']?([^"'\s>%]+)["']?\s*[>%]?[%}]\}""")
"""How Hugo and Jekyll name another post."""


def fields_of(post: Post, lane: str, catalog: Catalog) -> dict[str, Any]:
    """The front matter of the note."""
    given = post.fields
    if heading := re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)", post.body):
        post.body = post.body[heading.end() :]
    title = [*given["title"], heading[1] if heading else post.name.replace("-", " ").capitalize()][0]
    names = names_of(given["tags"])
    lanes = {lane_of(name, catalog): name for name in [*names_of(given["lane"]), *names]}
    own = lane or next((name for name in lanes if name in catalog.lanes_by_name), "")
    if not own:
        own = catalog.lanes[0].name
        if catalog.lanes[1:]:
            post.remarks.append(f"no key names a lane; it is in `{own}`, see `lane`")
    spelling = {tag.slug: tag.name for tag in catalog.tags}
    tags = {slug(name): spelling.get(slug(name), name) for name in names if lanes.get(own) != name}
    updated = next(filter(None, map(day_of, given["updated"])), post.day)
    fields: dict[str, Any] = {
        "title": text_of(title),
        "lane": own,
        "date": post.day,
        "summary": textwrap.shorten(text_of([*given["summary"], ""][0]), MAX_TEXT, placeholder=" …"),
        "tags": [name for key, name in tags.items() if key][:30] or [catalog.lanes_by_name[own].title],
    }
    more = {
        "updated": updated if updated > post.day else None,
        "formerly": post.former,
        "authors": names_of(given["authors"], spaces=False),
        "draft": True in given["draft"] or False in given["date"] or "drafts/" in post.path,
    }
    return fields | {name: value for name, value in more.items() if value}


def translate(post: Post, folder: Path, posts: Mapping[str, Post], site: str) -> str:
    """The text of the note: links between posts and to pictures lead to what they become, all else is as written.

    An address of the old ``site``, which may be "", is one of a post too; one of no post leads to the old site.
    """

    def target(address: str) -> str | None:
        """What an address becomes; None if it is neither a post nor a picture."""
        path, sign, anchor = address.partition("#")
        name, here = unquote(path), posixpath.dirname(post.path)
        for key in (name, posixpath.normpath(posixpath.join(here, name)), posixpath.basename(name.rstrip("/"))):
            if other := posts.get(re.sub(r"(/_?index)?\.(md|markdown|mdx|html)$|/$", "", key).strip("/").casefold()):
                return f"{other.name}.md{sign}{anchor}"
        for root in ROOTS if name.startswith("/") else (here, ""):
            place, copy = folder / root / name.lstrip("/"), f"{post.name}/{posixpath.basename(name)}"
            if (
                place.is_file()
                and place.suffix.lower() not in {".md", ".html"}
                and place.resolve().is_relative_to(folder.parent.resolve())
            ):
                post.pictures[copy] = place
                return copy if re.fullmatch(r"[\w./-]+", copy) else f"<{copy}>"
        return None

    def replace(match: re.Match[str]) -> str:
        if match["code"]:
            return match[0]
        if match["wiki"] and (new := target(match["wiki"].strip() + (match["anchor"] or ""))):
            return f"{match['image']}[{match['text'] or match['wiki'].strip()}]({new})"
        if not match["start"]:
            post.remarks.append(f"`{excerpt(match[0])}` is left as it is; write it in MyST")
            return match[0]
        reference = REFERENCE.match(match["address"])
        address = reference[1] + match["address"][reference.end() :] if reference else match["address"]
        local = address.removeprefix(site.rstrip("/")) if site else address
        if re.match(r"[a-zA-Z][\w+.-]*:|//|#|\{", local):
            return match[0]
        if not (new := target(local)):
            if site and local.startswith("/"):
                return f"{match['start']}{urljoin(site, local)}"
            post.remarks.append(
                f"`{excerpt(address)}` is neither a post nor a picture of that folder; correct the link"
            )
        start = match["start"].removesuffix("<") if new and new.startswith("<") else match["start"]
        return f"{start}{new or address}"

    return MARKUP.sub(replace, post.body).strip() + "\n"


def bring(root: Path, folder: Path, lane: str, *, dry: bool, old: str = "") -> list[tuple[str, str, str]]:
    """Take all posts below a folder. Returns rows of a table: what became of a post, its path, and what to know of it.

    ``old`` is the form of their old addresses, as `https://example.org/:year/:month/:title/`; "" if it is not known.
    Raises Refused, before anything is written, if there is no folder, no post, or no lane.
    """
    catalog = loading.load(root, build_date.now("")[0], drafts=True).catalog
    lanes = {each.name: each.title for each in catalog.lanes}
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in {".md", ".markdown", ".mdx"}]
    paths = [path for path in paths if path.is_file() and "/." not in f"/{path.relative_to(folder).as_posix()}"]
    if not paths:
        raise Refused(f"{folder} has no Markdown files; give the folder of posts, as in FROM=../blog/_posts")
    if not lanes or (lane and lane not in lanes):
        raise Refused(f"`{lane}` is not a lane; the lanes are {', '.join(lanes) or 'none yet: write one in lanes/'}")
    site = urljoin(old, "/") if ":" in old.partition("/")[0] else ""
    rows, posts = [], []
    for path in paths:
        try:
            posts.append(read(folder, path, old))
        except Left as reason:
            rows.append(("left", path.relative_to(folder).as_posix(), str(reason)))
    known = {name: post for post in reversed(posts) for name in post.names() if name}
    for post in posts:
        try:
            fields = fields_of(post, lane, catalog)
            text = translate(post, folder, known, site)
            fields["summary"] = fields["summary"] or summary_of(text) or fields["title"]
            take(post, root, fields, text, lanes, is_first=known[post.name.casefold()] is post, dry=dry)
            rows.append(("taken", post.path, f"notes/{post.name}.md"))
            rows += [("to look at", f"notes/{post.name}.md", remark) for remark in dict.fromkeys(post.remarks)]
        except Left as reason:
            rows.append(("left", post.path, str(reason)))
    return rows


def take(
    post: Post, root: Path, fields: dict[str, Any], text: str, lanes: Mapping[str, str], *, is_first: bool, dry: bool
) -> None:
    """Write the note of a post, then its pictures.

    Raises Left, with nothing written, if the note exists or the rules of front matter refuse it.
    """
    path = f"notes/{post.name}.md"
    header = yaml.safe_dump(fields, allow_unicode=True, width=10_000, default_flow_style=None, sort_keys=False)
    data = f"---\n{header}---\n\n{text}".encode()
    try:
        note.read(path, data, lanes)
    except Invalid as error:
        raise Left("; ".join(problem.message for problem in error.problems)) from error
    if (root / path).exists() or not is_first:
        raise Left(f"{path} exists already; rename one of the two")
    contents = {f"notes/{name}": picture.read_bytes() for name, picture in post.pictures.items()}
    for name in [name for name, content in contents.items() if (root / name).exists()]:
        if (root / name).read_bytes() != contents.pop(name):
            post.remarks.append(f"{name} exists already, and is another picture; rename one of the two")
    for name, content in {path: data, **contents}.items() if not dry else ():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def main() -> int:
    """Bring the posts that the environment names, into the working directory; return the exit status."""
    given = {name: os.environ.get(name, "") for name in ("FROM", "LANE", "OLD", "DRY")}
    folder, dry = Path(given["FROM"]).expanduser(), bool(given["DRY"])
    try:
        if not given["FROM"] or not folder.is_dir():
            raise Refused(f"`{folder}` is not a folder; give the folder of posts, as in FROM=../blog/_posts")
        rows = bring(Path.cwd(), folder.resolve(), given["LANE"], dry=dry, old=given["OLD"])
    except (Refused, OSError) as error:
        print(f"make bring: {error}", file=sys.stderr)
        return 1
    width = max(len(path) for _what, path, _why in rows)
    for what, path, why in rows:
        print(f"{what:10}  {path:{width}}  {why}")
    counts = ", ".join(f"{sum(row[0] == what for row in rows)} {what}" for what in ("taken", "to look at", "left"))
    print(f"{counts}. {'Nothing was written.' if dry else '`make check` says what is left to mend.'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
