"""The journal's own Sphinx extension: one catalog of notes, and every view a query on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register what the extension adds, in the order of a build."""
    # Imported here, so that the pure modules of this package can be used without Sphinx.
    from fieldnotes import build, directives, doctrees, incremental, mathml, search, sheets

    app.add_config_value("fieldnotes_today", "", "", str)
    app.add_config_value("fieldnotes_drafts", False, "", bool)
    app.add_config_value("fieldnotes_index", True, "", bool)

    app.add_directive("lane-grid", directives.LaneGrid)
    app.add_directive("lane-notes", directives.LaneNotes)
    app.add_directive("lane-threads", directives.LaneThreads)
    app.add_directive("latest-notes", directives.LatestNotes)
    app.add_directive("diagram", directives.Diagram)
    app.add_directive("systems-map", directives.SystemsMap)
    app.add_directive("tags", directives.Tags, override=True)
    app.add_directive("lab-figure", directives.LabFigure)
    app.add_role("page", directives.Page())
    app.add_role("result", directives.Quote())
    app.add_role("number", directives.Quote())
    app.add_node(directives.Datum, html=(directives.visit_datum, directives.depart_datum))

    app.add_builder(incremental.Builder, override=True)
    app.add_html_math_renderer("mathml", (mathml.visit_math, None), (mathml.visit_math_block, None))

    app.connect("config-inited", build.save_time)
    app.connect("config-inited", build.load)
    app.connect("builder-inited", build.hand_out)
    app.connect("builder-inited", build.keep_templates)
    app.connect("builder-inited", incremental.heed_warnings)
    app.connect("env-get-outdated", build.take_back)
    app.connect("env-get-outdated", incremental.reread)
    app.connect("env-before-read-docs", incremental.begin)
    app.connect("env-purge-doc", incremental.forget_references)
    app.connect("source-read", build.hand_over)
    app.add_transform(build.NoteFrame)
    app.add_transform(build.OutwardLinks)
    app.add_transform(build.Withheld)
    app.connect("doctree-read", incremental.note_references)
    app.connect("doctree-read", doctrees.pack, priority=999)
    app.connect("env-merge-info", incremental.merge_references)
    app.connect("env-updated", incremental.rewrite)
    app.connect("missing-reference", build.resolve_page)
    app.connect("missing-reference", build.resolve_result)
    app.add_post_transform(build.PlaceFigures)
    app.add_post_transform(build.PlaceFreshness)
    app.add_post_transform(doctrees.Unpack)
    app.connect("html-page-context", build.page_context, priority=400)
    app.connect("html-page-context", build.page_toc, priority=600)
    app.connect("html-page-context", doctrees.release, priority=999)
    app.connect("html-collect-pages", build.collect_pages)
    app.connect("build-finished", incremental.finish)
    app.connect("build-finished", sheets.write, priority=900)
    app.connect("build-finished", search.index)

    return {"version": "1.0", "env_version": 4, "parallel_read_safe": True, "parallel_write_safe": True}
