"""Import posts from another system: `make bring FROM=folder`. No file is overwritten; with DRY=1, none is written."""

from __future__ import annotations

import email
import os
import posixpath
import re
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from textwrap import shorten
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from fieldnotes.catalog import loading
from fieldnotes.commands.new import NO_LANE, Refused, file_name, note_file
from fieldnotes.pages.shared import author_page, tag_page
from fieldnotes.sources import build_date, dates, files, front_matter_yaml, note
from fieldnotes.sources.field_validators import MAX_TEXT
from fieldnotes.sources.first_paragraph import summary_of
from fieldnotes.sources.front_matter_fields import FOREIGN_NAMES
from fieldnotes.sources.problem import Invalid, excerpt

ROOTS = ("", "static", "assets", "public", "source", "content", "docs")
"""Folders in which an address may start, below the folder of posts or its repository."""

PELICAN = re.compile(r"(?i)(title|date):.*\n([a-z_]+:.*\n|[ \t]+\S.*\n)*\s*\n")
"""Front matter without delimiters, in the form of email headers."""

TOML = re.compile(r"\+{3}[ \t]*(\n.*?)(?:^\+{3}[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)

MARKUP = re.compile(
    r"""(?P<code>^(?P<quote>[ \t]*>)?[ \t>]*(?P<fence>`{3,}|~{3,}).*(?:\n(?(quote)[ \t]*>).*)*?"""
    r"""(?:\n[ \t>]*(?P=fence)[ \t]*$|(?(quote)(?=\n(?![ \t]*>))|\Z)|\Z)"""
    r"""|(?<!`)(?P<tick>`+)(?!`)[^\n]+?(?<!`)(?P=tick)(?!`))"""
    r"""|(?P<image>!?)\[\[(?P<wiki>[^\]|\n]+)(?:\|(?P<text>[^\]\n]*))?\]\]"""
    r"""|(?P<start>\]\(\s*|\b(?:src|href|poster)=["']|^\[[^\]\n]+\]:[ \t]+)"""
    r"""(?P<address><[^<>\n]+>|(?:\{\{.+?\}\}|\{%.+?%\}|[^\s)"'>])+)"""
    r"""|^(?P<heading>#{1,6})(?=[ \t])|\{\{.*?\}\}|\{%.*?%\}""",
    re.MULTILINE,
)
"""Code, which is kept unchanged; wiki links; addresses; headings; and other foreign markup."""

REFERENCE = re.compile(
    r"""\{\{\s*site\.(?:base)?url\s*\}\}|\{(?:filename|static|attach)\}"""
    r"""|\{[{%][<%]?\s*(?:(?:relref|ref|post_url|link)\s+)?["']?([^"'\s<>%|{}]+)["']?[^{}]*\}?\}"""
)
"""References to a post, a file or the site, as Hugo, Jekyll and Pelican write them in an address."""


class Post(NamedTuple):
    """A post, the note that it becomes, its unknown keys, and the files to copy, by their path below ``notes/``."""

    path: str
    name: str
    fields: dict[str, Any]
    body: str
    remarks: list[str]
    unknown_keys: list[str]
    pictures: dict[str, Path]


def read_post(folder: Path, source: str, lanes: dict[str, str], lane: str, old: str, spelling: dict[str, str]) -> Post:
    """Read the post at ``source`` below a folder. Raises Invalid or Refused.

    ``spelling`` maps the page of each tag and author to its name; those of the post are added.
    """
    if source.lower().endswith(".rst"):
        raise Refused("is reStructuredText; convert it to Markdown, for example with pandoc")
    data = files.read_file(folder, source, files.MAX_BYTES, "correct it")
    given, body = split_front_matter(source, files.decode(source, data))
    stem = posixpath.basename(page_stem(source)) or folder.name
    given_name = [*given["slug"], re.sub(r"^\d{4}-\d\d?-\d\d?([-_ ]|$)", "", stem) or stem][0]
    name, date = file_name(given_name), next(filter(None, map(dates.guess, [*given["date"], stem, source])), None)
    if not name:
        raise Refused("has no Latin letter or digit in its name; add a `slug` to its front matter")
    if not date:
        raise Refused("has no date in its front matter or name; add a `date` to its front matter")
    heading = re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)", body)
    title = [*given["title"], heading[1] if heading else name.replace("-", " ").capitalize()][0]
    body = body[heading.end() :] if heading and heading[1] == title else body
    body = re.sub(r"\{% *highlight +(\w+)[^%]*%\}(\n.*?\n)\{% *endhighlight *%\}", r"```\1\2```", body, flags=re.DOTALL)
    lane = lane or named_lane(given, lanes)
    lane, is_unsure = lane or next(iter(lanes)), not lane and len(lanes) > 1
    remarks = [f"matches no lane and was put into `{lane}`; check `lane`"] if is_unsure else []
    tags = [tag for tag in given["tags"] if tag.casefold() not in {lane, lanes[lane].casefold()}] or [lanes[lane]]
    parts = {":year": f"{date:%Y}", ":month": f"{date:%m}", ":day": f"{date:%d}", ":title": given_name}
    addresses = [*given["formerly"], re.sub("|".join(parts), lambda part: parts[part[0]], old)]
    paths = dict.fromkeys(path_of(text) for text in addresses if "/" in text)
    fields = {
        "title": title,
        "lane": lane,
        "date": date,
        "summary": shorten([*given["summary"], ""][0], MAX_TEXT, placeholder=" …"),
        "tags": [*dict.fromkeys(spelling.setdefault(tag_page(tag), tag) for tag in tags)],
        "updated": next((each for each in map(dates.guess, given["updated"]) if each and each > date), None),
        "formerly": [re.sub(r"^/notes/(.+?)(\.html)?$", r"\1", path) for path in paths if re.match("/[^:*{]+$", path)],
        "authors": [*dict.fromkeys(spelling.setdefault(author_page(name), name) for name in given["authors"])],
        # Jekyll's `published: false` is a date here
        "draft": "drafts/" in source or "false" in given["date"] or "true" in map(str.lower, given["draft"]),
    }
    unknown_keys = [key for key, texts in given.items() if texts and key not in {*fields, "slug"}]
    fields = {name: value for name, value in fields.items() if value or name == "summary"}
    return Post(source, name, fields, body, remarks, unknown_keys, {})


def named_lane(given: dict[str, list[str]], lanes: dict[str, str]) -> str:
    """Return the first lane whose name or title is a category or tag of a post; "" if there is none."""
    categories = {text.casefold() for text in (*given["lane"], *given["tags"])}
    return next((name for name, title in lanes.items() if {name, title.casefold()} & categories), "")


def path_of(address: str) -> str:
    """Return the path of a former address, which may be a URL. Raises Refused for an invalid URL."""
    try:
        return f"/{urlsplit(address).path.lstrip('/')}"
    except ValueError as error:
        raise Refused(f"`{excerpt(address)}` is not a valid address; correct it") from error


def split_front_matter(path: str, text: str) -> tuple[defaultdict[str, list[str]], str]:
    """Return the texts of each field of a post, by the name of the note's field or else its own, and the body.

    Raises Invalid or Refused for invalid front matter.
    """
    header: dict[str, Any] = {}
    if PELICAN.match(text):
        message = email.message_from_string(text)
        header, text = {key: [value] for key, value in message.items()}, str(message.get_payload())
    elif front_matter_yaml.FENCE.match(text):
        yaml_header, text = front_matter_yaml.split(path, text)
        header = yaml_header.values()
    elif match := TOML.match(text):
        try:
            header, text = tomllib.loads(match[1]), text[match.end() :]
        except (ValueError, RecursionError) as error:
            raise Refused(f"front matter does not parse: {shorten(str(error), 80)}; correct it") from error
    nested = [header.pop(key) for key in ("date", "taxonomies") if isinstance(header.get(key), dict)]  # MkDocs, Zola
    given: defaultdict[str, list[str]] = defaultdict(list)
    for key, value in [item for fields in (header, *nested) for item in fields.items()]:
        name = FOREIGN_NAMES.get(key.lower(), key.lower())
        values = value if isinstance(value, list) else [value]
        texts = [str(each.get("name", each) if isinstance(each, dict) else each) for each in values]
        if name in {"lane", "tags"} and isinstance(value, str) and "," not in value:
            texts = value.split()  # as in Jekyll
        elif name in {"authors", "formerly", "lane", "tags"}:
            texts = ",".join(texts).split(",")
        given[name] += [line for each in texts if (line := " ".join(each.split())) not in {"", "~", "null"}]
    return given, text


def page_stem(path: str) -> str:
    """Remove ``index``, the extension and surrounding slashes from the path or address of a page."""
    return re.sub(r"((^|/)_?index)?(\.(md|mdx|markdown|html))?/?$", "", path).lstrip("/")


def translate(post: Post, folder: Path, posts: dict[str, Post], site: str) -> str:
    """Return the note's text as Markdown, with links to imported posts and pictures, or to the old ``site`` ("": none).

    Adds to ``post`` the pictures to copy, and a remark for whatever is not converted.
    """
    site_root = next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder.parent)
    levels = [len(match["heading"]) for match in MARKUP.finditer(post.body) if match["heading"]]
    is_unclear = re.search(r"\S\n(=+|-+)[ \t]*$|<pre", post.body, re.MULTILINE)  # setext headings, or code in HTML
    shift = 2 - min(levels) if levels and not is_unclear else 0

    def target(address: str) -> str:
        """Return the new address of a post or picture; "" if ``address`` leads to neither."""
        path, separator, anchor = address.partition("#")
        name, here = unquote(path).partition("?")[0].strip(), posixpath.dirname(post.path)
        for key in (name, posixpath.normpath(posixpath.join(here, name)), posixpath.basename(name.rstrip("/"))):
            if other := posts.get(page_stem(key).casefold()):
                return f"{other.name}.md{separator}{anchor}"
        bases = (folder / here, folder, site_root) if len(name) < files.MAX_NAME_BYTES else ()  # else no file's name
        for place in (base / root / name.lstrip("/") for base in bases for root in ROOTS):
            if place.is_file() and place.suffix not in {".md", ".html"} and place.resolve().is_relative_to(site_root):
                copy = f"{post.name}/{place.name}"
                while post.pictures.setdefault(copy, place) != place:
                    copy = copy.replace("/", "/other-")
                return copy if re.fullmatch(r"[\w./-]+", copy) else f"<{copy}>"
        return ""

    def replace(match: re.Match[str]) -> str:
        wiki, address = match["wiki"], (match["address"] or "").strip("<>")
        local = REFERENCE.sub(lambda name: name[1] or "", address).removeprefix(site.rstrip("/"))
        if match["code"] or re.match(r"[a-zA-Z][\w+.-]*:|//|#", local):
            return match[0]
        if match["heading"]:
            return "#" * min(len(match["heading"]) + shift, 6)
        if wiki and (new := target(wiki)):
            return f"{match['image']}[{match['text'] or wiki.partition('#')[0].strip()}]({new})"
        if address and (new := target(local) or (urljoin(site, local) if site and local[:1] in "/" else "")):
            return f"{match['start']}{new}"
        dead = "leads to no imported post or picture; correct the link"
        foreign = "was not converted; write it in MyST"
        post.remarks.append(f"`{excerpt(address or match[0])}` {dead if address else foreign}")
        return match[0]

    return MARKUP.sub(replace, post.body).strip() + "\n"


def bring(root: Path, folder: Path, lane: str, *, dry: bool, old: str = "") -> list[tuple[str, str, str]]:
    """Import all posts below a folder. Returns rows of a table: the status of a post, its path, and a remark.

    ``old`` is the pattern of their old addresses, such as `https://example.org/:year/:month/:title/`; "" if unknown.
    Raises Refused, before anything is written, if there is no folder, no post, no such lane, or if ``old`` is invalid.
    """
    catalog = loading.load(root, build_date.now("")[0], drafts=True).catalog
    sources = [] if root.resolve() in (folder, *folder.parents) else files.text_files(folder, "")
    lanes = {each.name: each.title for each in catalog.lanes}
    if not sources:
        raise Refused(f"`{folder}` is not a folder of posts from another system; give one, as in FROM=../blog/_posts")
    if not lanes:
        raise Refused(NO_LANE)
    if lane and lane not in lanes:
        raise Refused(f"`{lane}` is not a lane; the lanes are {', '.join(lanes)}")
    path_of(old)  # raises Refused before anything is read
    site = urljoin(old, "/") if ":" in old.partition("/")[0] else ""
    rows, posts, spelling = [], dict[str, Post](), {tag_page(tag.name): tag.name for tag in catalog.tags}
    spelling |= {author_page(author.name): author.name for author in catalog.authors}
    for source in sources:
        try:
            post = read_post(folder, source, lanes, lane, old, spelling)
            while post.name in posts:
                post = post._replace(name=f"{post.name}-{post.fields['date']}")
            posts[post.name] = post
        except (Invalid, Refused) as reason:
            rows.append(("skipped", source, str(reason)))
    posts_by_key = {post.fields["title"].casefold(): post for post in posts.values()}
    for post in posts.values():
        names = (*post.fields.get("formerly", ()), post.name, posixpath.basename(page_stem(post.path)), post.path)
        posts_by_key |= {page_stem(name).casefold(): post for name in names}
    for post in posts.values():
        try:
            write_note(post, root, translate(post, folder, posts_by_key, site), lanes, dry=dry)
        except (Invalid, Refused) as reason:
            rows.append(("skipped", post.path, str(reason)))
        except OSError as error:
            rows.append(("skipped", post.path, f"`{error.filename}`: {error.strerror}; check the file and its folder"))
        else:
            rows.append(("imported", post.path, f"notes/{post.name}.md"))
            rows += [("review", f"notes/{post.name}.md", remark) for remark in dict.fromkeys(post.remarks)]
    keys = Counter(key for post in posts.values() for key in post.unknown_keys)
    return [*rows, *(("review", f"`{key}:`", f"is not a field and was dropped; posts: {keys[key]}") for key in keys)]


def write_note(post: Post, root: Path, text: str, lanes: dict[str, str], *, dry: bool) -> None:
    """Write a note and its pictures. A missing summary becomes the first paragraph, or the title.

    Raises Invalid or Refused, with nothing written, if a file is invalid or exists; OSError, perhaps with some written.
    """
    path = f"notes/{post.name}.md"
    summary = post.fields["summary"] or summary_of(text) or post.fields["title"]
    contents = {path: note_file({**post.fields, "summary": summary}, f"\n{text}")}
    note.read(path, contents[path], lanes)
    contents |= {f"notes/{name}": picture.read_bytes() for name, picture in post.pictures.items()}
    if existing := [name for name in contents if (root / name).exists()]:
        raise Refused(f"{existing[0]} already exists; rename one of the two")
    for name, content in contents.items() if not dry else ():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def main() -> int:
    """Import posts into the working directory, with options from environment variables; return the exit status."""
    source, lane, old, dry = (os.environ.get(name, "") for name in ("FROM", "LANE", "OLD", "DRY"))
    try:
        rows = bring(Path.cwd(), Path(source).expanduser().resolve(), lane, dry=bool(dry), old=old)
    except (Refused, OSError, RuntimeError) as error:  # RuntimeError: an unknown home folder, or a cycle of links
        message = error if isinstance(error, Refused) else f"`{source}` cannot be read: {error}; give another folder"
        print(f"make bring: {message}", file=sys.stderr)
        return 1
    width, counts = max(len(path) for _status, path, _remark in rows), Counter(status for status, *_rest in rows)
    for status, path, remark in rows:
        print(f"{status:8}  {path:{width}}  {remark}")
    print(f"{counts['imported']} imported, {counts['review']} to review, {counts['skipped']} skipped.", end=" ")
    print("This was a dry run: nothing was written." if dry else "Run `make check` to see what is left to fix.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
