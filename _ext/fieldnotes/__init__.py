"""The journal's Sphinx extension: one catalog of notes; every view is a query on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the components of the extension, in the order of a build."""
    # Imported here so that the modules that do not need Sphinx can be used without it.
    from docutils import nodes

    from fieldnotes.build import (
        anchors,
        assets,
        book_builders,
        build_summary,
        cards,
        check_builder,
        diagrams,
        dialects,
        domain,
        drawings,
        explore,
        failures,
        figures,
        file_directives,
        glossary,
        incremental,
        initialize,
        mathml,
        messages,
        note_transforms,
        page_context,
        quotes,
        raw_html,
        system_errors,
        tables_and_consoles,
        text_direction,
    )
    from fieldnotes.search import index

    initialize.lock_output(app)

    app.add_config_value("fieldnotes_today", "", "", str)
    app.add_config_value("fieldnotes_timezone", "UTC", "", str)
    app.add_config_value("fieldnotes_drafts", False, "", bool)
    app.add_config_value("fieldnotes_index", True, "", bool)
    app.add_config_value("fieldnotes_advice", False, "", bool)
    initialize.add_settings(app)

    app.add_directive("toctree", cards.HomeToctree, override=True)
    app.add_directive("lane-grid", cards.LaneGrid)
    app.add_directive("lane-notes", cards.LaneNotes)
    app.add_directive("lane-threads", cards.LaneThreads)
    app.add_directive("latest-notes", cards.LatestNotes)
    app.add_directive("diagram", drawings.Diagram)
    app.add_directive("systems-map", drawings.SystemsMap)
    app.add_directive("video", drawings.Video)
    app.add_directive("tags", quotes.Tags, override=True)
    app.add_directive("lab-figure", quotes.LabFigure)
    app.add_role("page", quotes.PageRole())
    app.add_role("result", quotes.LabRole())
    app.add_role("number", quotes.LabRole())
    app.add_role("claim", quotes.LabRole())
    app.add_node(nodes.image, override=True, html=(figures.visit_image, None))
    app.add_node(domain.Datum, html=(quotes.visit_datum, quotes.depart_datum))

    app.add_domain(domain.FieldNotesDomain)
    app.add_builder(incremental.Builder, override=True)
    app.add_lexer("console", tables_and_consoles.ConsoleLexer)
    app.add_builder(incremental.DirectoryBuilder, override=True)
    app.add_builder(book_builders.EBook, override=True)
    app.add_html_math_renderer("mathml", (mathml.visit_math, None), (mathml.visit_math, None))

    app.connect("config-inited", initialize.tune_runtime)
    app.connect("config-inited", initialize.exclude_unreadable)
    app.connect("config-inited", initialize.apply_rules)
    app.connect("builder-inited", initialize.load_catalog, priority=100)
    app.connect("builder-inited", initialize.prepare_templates, priority=150)
    app.connect("builder-inited", incremental.discard_damaged, priority=200)
    app.connect("builder-inited", assets.bundle_stylesheets, priority=600)
    app.connect("builder-inited", book_builders.prepare_book, priority=450)
    app.connect("env-get-outdated", initialize.restore_exclude_patterns)
    app.connect("env-get-outdated", incremental.docs_to_read)
    app.connect("env-before-read-docs", incremental.begin_reading)
    app.add_source_parser(failures.Parser, override=True)
    app.add_transform(mathml.LabelFormulas)
    app.add_transform(anchors.NameFootnotes)
    app.add_transform(anchors.NameHeadings)
    app.add_transform(note_transforms.NoteFrame)
    app.add_transform(cards.ListDocuments)
    app.add_transform(anchors.PlaceFootnotes)
    app.add_transform(text_direction.MarkDirections)
    app.add_transform(tables_and_consoles.AlignNumbers)
    app.add_transform(note_transforms.FinishLinks)
    app.connect("doctree-read", domain.store_document)
    app.connect("doctree-read", glossary.store_terms)
    app.connect("doctree-read", quotes.count_drawings)
    app.connect("doctree-read", anchors.unlink_downloads, priority=600)
    app.connect("env-get-updated", domain.skip_numbering, priority=100)
    app.connect("env-get-updated", domain.assign_numbers, priority=900)
    app.connect("env-updated", incremental.settle_names, priority=100)
    app.connect("env-updated", failures.leave_out_unread)
    app.connect("env-updated", incremental.docs_to_write)
    app.add_post_transform(cards.RenderCards)
    app.add_post_transform(quotes.PlaceFigures)
    app.add_post_transform(figures.PlaceDrawings)
    app.add_post_transform(note_transforms.PlaceFreshness)
    app.add_post_transform(note_transforms.RemoveDuplicateIds)
    app.add_post_transform(glossary.LinkTerms)
    app.connect("html-page-context", page_context.page_context, priority=400)
    app.connect("html-collect-pages", page_context.collect_pages)
    app.connect("build-finished", system_errors.report_failure, priority=100)
    app.connect("build-finished", index.build_index, priority=590)
    app.connect("build-finished", incremental.finish, priority=600)
    app.connect("build-finished", failures.fail_build)
    app.connect("build-finished", build_summary.summarize, priority=999)

    messages.setup_messages(app)
    dialects.setup_dialects(app)
    diagrams.setup_diagrams(app)
    file_directives.setup_file_directives(app)
    raw_html.setup_raw_html(app)
    explore.setup_explorations(app)
    check_builder.setup_checks(app)

    return {"version": "1.0", "env_version": 9, "parallel_read_safe": True, "parallel_write_safe": True}
