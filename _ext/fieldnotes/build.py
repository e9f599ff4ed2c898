"""Join the catalog to Sphinx's build: what happens at which event."""

from __future__ import annotations

import atexit
import gc
import logging as python_logging
import re
from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from docutils import nodes
from jinja2 import FileSystemBytecodeCache
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from fieldnotes import catalog, day, frontmatter, head, incremental, prose, sheets, site, views
from fieldnotes.directives import WARNING_TYPE, Datum, FigurePlace, catalog_of
from fieldnotes.problem import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docutils.nodes import Element, Node
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

    from fieldnotes.catalog import Catalog

logger = logging.getLogger(__name__)

ASSETS = {
    "sd-": ["sphinx-design.min.css", "furo-extensions.css"],
    "systems-map": ["home.css"],
    "sd-tab-set": ["design-tabs.js"],
    'class="diagram': ["diagrams.css"],
    'class="lab-': ["figures.css"],
    'class="tag-table': ["tags.css"],
    'class="highlight': [
        "copybutton.js",
        "clipboard.min.js",
        "pygments.css",
        "documentation_options.js",
    ],
}
"""Files that a page needs only if its body holds the text."""

SEARCH_PARTS = ("doctools.js", "sphinx_highlight.js")
"""What only Sphinx's own search needs; ``search-sphinx.js`` loads it there."""

RESTYLED = ("copybutton.css",)
"""Styles that ``journal.css`` has in other words."""

SOURCE = re.compile(r'\ssrc="([^"]*)"')
"""Where the tag of a script has it from."""

STYLE = re.compile(r'<[^<>]+\sstyle="([^"]*)"')
"""The style of a tag, as docutils writes it for the width of an image or a column."""


def warn(problem: Problem) -> None:
    """Report a problem as a Sphinx warning of our type, with a subtype of its own."""
    logger.warning(
        "%s",
        problem.message,
        location=f"{problem.path}:{problem.line}",
        type=WARNING_TYPE,
        subtype=problem.code.value,
    )


def load(app: Sphinx, config: Config) -> None:
    """Load the catalog (``config-inited``), and say what is wrong with the files."""
    known = incremental.known_notes(app)
    today, wrong = day.of(config.fieldnotes_today)
    loaded = catalog.load(Path(app.srcdir), today, known, drafts=config.fieldnotes_drafts)
    if loaded.known.digests != known.digests:
        incremental.keep_notes(app, loaded.known)
    app.fieldnotes_site, odd = site.at(config.project, config.html_baseurl, config.language)  # type: ignore[attr-defined]
    for problem in (*loaded.problems, *wrong, *odd):
        warn(problem)
    app.fieldnotes = loaded.catalog  # type: ignore[attr-defined]
    folders = {path for path in loaded.left_out if Path(app.srcdir, path).is_dir()}
    config.exclude_patterns += map(_pattern, sorted(folders))  # at once: a link in a circle has no end
    left_out = {path for path in loaded.left_out if path not in folders}
    # Sphinx would look for documents among what it has written.
    written = [Path(folder) for folder in (app.outdir, app.doctreedir)]
    left_out |= {folder.relative_to(app.srcdir).as_posix() for folder in written if folder.is_relative_to(app.srcdir)}
    app.fieldnotes_left_out = [*map(_pattern, sorted(left_out))]  # type: ignore[attr-defined]


def keep_templates(app: Sphinx) -> None:
    """Keep the compiled templates beside the doctrees (``builder-inited``): they are a tenth of what one page costs."""
    if isinstance(app.builder, incremental.Builder):
        folder = Path(app.doctreedir, "templates")
        folder.mkdir(parents=True, exist_ok=True)
        app.builder.templates.environment.bytecode_cache = FileSystemBytecodeCache(str(folder))


def _pattern(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)


def hand_out(app: Sphinx) -> None:
    """Give the catalog to Sphinx's environment, and hide from it the files that are left out (``builder-inited``).

    Sphinx reads every document again when ``exclude_patterns`` is not what it was, and compares it before this event:
    so that a note which is published costs no more than itself, it is changed only while Sphinx looks for files.
    """
    app.env.fieldnotes = app.fieldnotes  # type: ignore[attr-defined]
    app.fieldnotes_tags = {}  # type: ignore[attr-defined]
    app.fieldnotes_read = 0  # type: ignore[attr-defined]
    app.config.exclude_patterns = [*app.config.exclude_patterns, *app.fieldnotes_left_out]  # type: ignore[attr-defined]


def take_back(app: Sphinx, env: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Give ``exclude_patterns`` back as ``conf.py`` has it (``env-get-outdated``, once the files have been found)."""
    count = len(app.fieldnotes_left_out)  # type: ignore[attr-defined]
    app.config.exclude_patterns = app.config.exclude_patterns[: len(app.config.exclude_patterns) - count]
    return []


def save_time(app: Sphinx, config: Config) -> None:
    """Spare a build what only costs it time (``config-inited``, before Sphinx loads its environment).

    Its heap only grows, and Python's collector walks it again and again: what is loaded by now stays, and the
    thresholds, set in ``conf.py``, let the rest grow before it is walked. Nor need it be walked when Python ends, which
    took a quarter of a build of 1,600 notes that had nothing to do. Sphinx writes a debug record for each of its
    events, which nobody sees unless asked for with ``-v``.
    """
    gc.freeze()
    atexit.register(gc.freeze)
    if not app.verbosity:
        python_logging.getLogger(logging.NAMESPACE).setLevel(python_logging.INFO)


def hand_over(app: Sphinx, docname: str, source: list[str]) -> None:
    """Hand MyST the text of a note or lane (``source-read``): its title and its body, without the front matter.

    The title is escaped, for it is text and MyST reads markup. It takes the front matter's place line for line, so
    that warnings point to the right one. Below the text, a note's tags are given to sphinx-tags' directive, and a lane
    that does not say where its notes are to stand gets them.
    """
    found = catalog_of(app.env)
    note = found.note.get(docname)
    page = note or next((lane for lane in found.lanes if lane.docname == docname), None)
    if page is None:
        return
    header, body = frontmatter.split(docname, source[0])
    title = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", page.title)
    lines = "\n" * (header.count("\n") + 1)
    source[0] = f"# {title}{lines}{body}"
    if note:
        source[0] += f"\n\n~~~{{tags}} {', '.join(note.tags)}\n~~~\n"
    elif "{lane-notes}" not in body:
        source[0] += "\n\n~~~{lane-notes}\n~~~\n"


class NoteFrame(SphinxTransform):
    """Set a note's standfirst below its title, its tags below its text, all in one section, and footnotes near by."""

    default_priority = 700

    def apply(self, **kwargs: Any) -> None:
        note = catalog_of(self.env).note.get(self.env.docname)
        if note is None:
            return
        first, *others = [node for node in self.document.children if isinstance(node, nodes.section)]
        for section in others:
            self.take_in(first, section)
        first.insert(1, nodes.paragraph("", note.summary, classes=["standfirst"]))
        tags = [node for node in self.document.findall(nodes.paragraph) if node["classes"] == ["tags"]]
        if len(tags) != 1 or not isinstance(tags[0].parent, nodes.section):
            path = f"{note.docname}.md"
            text = frontmatter.decode(path, catalog.contents(Path(self.app.srcdir), path))
            warn(prose.unclosed(path, prose.parse_whole(text)[0]))
        for paragraph in tags:
            paragraph.parent.remove(paragraph)
            first.append(paragraph)
        self.place_footnotes()

    def place_footnotes(self) -> None:
        """Put each footnote below the block of its section that refers to it first, where it is read in passing."""
        below: dict[nodes.Element, list[nodes.footnote]] = {}
        footnotes = {name: note for note in self.document.findall(nodes.footnote) for name in note["ids"]}
        for reference in self.document.findall(nodes.footnote_reference) if footnotes else ():
            footnote = footnotes.pop(reference.get("refid", ""), None)
            block: nodes.Element = reference
            while not isinstance(block.parent, nodes.section | nodes.document):
                block = block.parent
            if footnote and footnote is not block:
                below.setdefault(block, []).append(footnote)
        for block, found in below.items():
            for footnote in found:
                footnote.parent.remove(footnote)
            place = block.parent.index(block) + 1
            block.parent[place:place] = found

    def take_in(self, first: nodes.section, section: nodes.section) -> None:
        """Put a section that an author began with a single ``#`` into the note's own, as one below its title."""
        self.document.remove(section)
        if section[0].astext() == first[0].astext():
            first.extend(section.children[1:])
        else:
            first.append(section)


class PlaceFreshness(SphinxPostTransform):
    """Say below a note's standfirst how far it still holds: as it is on the day of the build, so when it is written."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        found = catalog_of(self.env)
        note = found.note.get(self.env.docname)
        view = views.freshness(found, note) if note else None
        if view is None:
            return
        text = self.app.builder.templates.render("freshness.html", view)
        standfirst = next(node for node in self.document.findall(nodes.paragraph) if "standfirst" in node["classes"])
        place = standfirst.parent.index(standfirst) + 1
        standfirst.parent.insert(place, nodes.raw("", text, format="html", classes=["freshness", "no-search"]))


class Withheld(SphinxTransform):
    """Say which references lead to a note that is not published, and leave their text without a link."""

    default_priority = 702

    def apply(self, **kwargs: Any) -> None:
        found = catalog_of(self.env)
        if not found.hidden:
            return
        kinds = (addnodes.pending_xref, addnodes.download_reference)
        for node in [node for node in self.document.findall(nodes.Element) if isinstance(node, kinds)]:
            docname = incremental.document(self.env, node, found.hidden)
            if docname not in found.hidden:
                continue
            line, place = node.line, cast("nodes.Element", node)
            while line is None and place.parent is not None:
                place = place.parent
                line = place.line
            warn(Problem(f"{self.env.docname}.md", line or 1, Code.UNPUBLISHED, found.withheld(docname)))
            incremental.references_of(self.env).setdefault(self.env.docname, []).append(("doc", docname))
            node.replace_self(nodes.inline("", "", *node.children))


class OutwardLinks(SphinxTransform):
    """Give a page that a link leads to on another host no hold on the one that it came from."""

    default_priority = 701

    def apply(self, **kwargs: Any) -> None:
        for reference in self.document.findall(nodes.reference):
            if "://" in reference.get("refuri", ""):
                reference["rel"] = "noopener"


def resolve_page(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Element) -> Node | None:
    """Resolve a link to a page by its name (``missing-reference``), to a derived page as to a document."""
    if node["reftype"] != "page":
        return None
    page, hash_, place = node["reftarget"].partition("#")
    if message := views.no_page(catalog_of(env), page, env.found_docs):
        logger.warning("%s", message, location=node, type=WARNING_TYPE, subtype=Code.PAGE.value)
        return content
    uri = app.builder.get_relative_uri(node["refdoc"], page)
    return nodes.reference("", "", content, internal=True, refuri=f"{uri}{hash_}{place}")


def resolve_result(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: Element) -> Node | None:
    """Fill in a number that a note quotes (``missing-reference``), as a link to its row on the page of its lab."""
    kind, target = node["reftype"], node["reftarget"]
    if kind not in {"result", "number"}:
        return None
    found = views.result(catalog_of(env), target)
    if found is None:
        _unknown(node, target, "result", catalog_of(env))
        return nodes.literal("", target)
    lab, _, key = target.partition(":")
    uri = f"{app.builder.get_relative_uri(node['refdoc'], views.lab_page(lab))}#result-{key}"
    shown = found.text if kind == "result" else found.bare
    datum = Datum("", shown, value=str(found.value))
    return nodes.reference("", "", datum, internal=True, refuri=uri, classes=["lab-datum"], reftitle=found.what)


def _unknown(node: Element, target: str, kind: str, found: Catalog) -> None:
    """Say that no lab has what is quoted, unless the lab's own files are what is to mend."""
    if message := views.not_in_labs(found, kind, target):
        logger.warning("%s", message, location=node, type=WARNING_TYPE, subtype=Code.RESULT.value)


class PlaceFigures(SphinxPostTransform):
    """Put the figures of labs where notes want them: drawing, caption, and the data behind it."""

    default_priority = 5  # before Sphinx resolves references, for captions hold some
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        if not any(kind == "figure" for kind, _name in incremental.references_of(self.env).get(self.env.docname, [])):
            return
        found, seen = catalog_of(self.env), set()
        for place in list(self.document.findall(FigurePlace)):
            target = place["reftarget"]
            if views.figure(found, target) is None:
                _unknown(place, target, "figure", found)
                place.parent.remove(place)
                continue
            if target in seen:
                message = f"`{target}` stands on this page already; place it once"
                logger.warning("%s", message, location=place, type=WARNING_TYPE, subtype=Code.RESULT.value)
            seen.add(target)
            view = views.figure_view(found, target)
            view["lab"]["uri"] = self.app.builder.get_relative_uri(self.env.docname, view["lab"]["page"])
            figure = nodes.figure("", nodes.raw("", view["svg"], format="html"), classes=["lab-figure"])
            figure["ids"].append(target.replace(":", "-"))
            figure += place.children
            data = self.app.builder.templates.render("figure-data.html", view)
            figure += nodes.legend("", nodes.raw("", data, format="html"))
            place.replace_self(figure)


def page_context(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Give a page what it shows from the catalog (``html-page-context``), before Furo's own handler.

    Furo would render the whole toctree and parse it again for every page; its sidebar is ours, so it gets none.
    For ``toc`` see page_toc.
    """
    context["toctree"] = lambda **kwargs: ""
    context["our_toc"], context["toc"] = context.get("toc", ""), ""
    found = catalog_of(app.env)
    if doctree is not None:
        context.update(views.view(found, pagename), mentions=incremental.mentions(app).get(pagename))
        for ours, furos in {"before": "prev", "after": "next"}.items():
            target = context.get(ours)
            context[furos] = target and {
                "title": escape(target["title"]),
                "link": app.builder.get_relative_uri(pagename, target["page"]),
            }
    context.setdefault("sidebar", views.sidebar(found))
    for script in context.get("scripts", ()):
        app.add_js_file(script, loading_method="defer")
    if pagename == "search":
        context["unlisted"] = True
    context.update(head.head(app.fieldnotes_site, pagename, context))  # type: ignore[attr-defined]
    context["csp_hash"] = csp_hash
    body = str(context.get("body", ""))
    styles = STYLE.findall(body) if " style=" in body else []
    context["csp_styles"] = sorted({csp_hash(unescape(style)) for style in styles})
    if pagename == "404":
        _link_from_anywhere(context, app.fieldnotes_site.path)  # type: ignore[attr-defined]
    _keep_assets(app, context, body)


def _link_from_anywhere(context: dict[str, Any], root: str) -> None:
    """Make what a page links to right at whatever depth it is shown, and its links to itself lead nowhere else."""
    near, context["content_root"] = context["pathto"], root
    context["pathto"] = lambda *args, **options: root + near(*args, **options)
    for tag in ("css_tag", "js_tag"):
        context[tag] = partial(_rooted_tag, root, context[tag])


def _rooted_tag(root: str, make: Callable[[Any], str], asset: Any) -> str:
    return make(asset).replace('="_static/', f'="{root}_static/')


@cache
def csp_hash(text: str) -> str:
    """The source of a Content-Security-Policy that lets this inline text through, and no other."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _keep_assets(app: Sphinx, context: dict[str, Any], body: str) -> None:
    """Leave out the styles and scripts that a page has no use for, and make the tags of the others once a folder.

    Sphinx reads each file again for each page, to put its checksum into the tag.
    """
    needed = context.get("needs", ())
    marked = (name for mark, names in ASSETS.items() if mark not in body for name in names if name not in needed)
    unused = (*SEARCH_PARTS, *RESTYLED, *marked)
    for kind, tag in {"css_files": "css_tag", "script_files": "js_tag"}.items():
        context[kind] = [asset for asset in context[kind] if not str(asset.filename).endswith(unused)]
        context[tag] = partial(_tag, app.fieldnotes_tags, context["content_root"], context[tag])  # type: ignore[attr-defined]
    styles = {str(asset.filename).removeprefix("_static/"): asset for asset in context["css_files"]}
    sheet = sheets.fitting(name for name in styles if name in sheets.ORDER)
    others = [asset for name, asset in styles.items() if name not in sheets.SHEETS[sheet]]
    tags = (str(context["js_tag"](asset)) for asset in context["script_files"])
    context["later"] = [unescape(source[1]) for tag in tags if (source := SOURCE.search(tag))]
    context["css_files"] = [f"_static/{sheet}?v={_version(app)}", *others]


@incremental.once
def _version(app: Sphinx) -> str:
    return sheets.version(Path(app.outdir, "_static"))


def _tag(made: dict[tuple[str, str], str], root: str, make: Callable[[Any], str], asset: Any) -> str:
    key = (root, str(asset.filename))
    if key not in made:
        made[key] = make(asset)
    return made[key]


def page_toc(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put back the page's own contents (``html-page-context``), after Furo's handler.

    Furo asks Sphinx for them a second time, to see whether there is enough to show: Sphinx has counted them already.
    """
    context["toc"] = context.pop("our_toc")
    context["furo_hide_toc"] = not context.get("display_toc") or "hide-toc" in (context.get("meta") or {})


def collect_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Give Sphinx the pages made from the catalog alone (``html-collect-pages``), those that are not as they were."""
    for page in incremental.changed_pages(app):
        context = {**page.context, "title": escape(page.context["title"])}
        if page.template == "lab.html":
            highlighter = app.builder.highlighter  # type: ignore[attr-defined]
            context["source"] = highlighter.highlight_block(page.context["lab"]["source"], "python")
        yield page.pagename, context, page.template
