"""Complete the index of Sphinx's own search, which an incremental build leaves with too much and too little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sphinx.util.index_entries import split_index_msg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from sphinx.environment import BuildEnvironment


def complete_search_index(env: BuildEnvironment, path: Path) -> None:
    """Complete Sphinx's search index after an incremental build.

    Sphinx keeps words that no document has any more, and drops the index entries of documents that it does not write
    (https://github.com/sphinx-doc/sphinx/issues/12599).
    """
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    entries = env.domains.index_domain.entries
    if '":[]' not in text and not any(entries.values()):
        return
    head, tail = "Search.setIndex(", ")"
    index = json.loads(text.removeprefix(head).removesuffix(tail))
    for part in ("terms", "titleterms"):
        index[part] = {word: places for word, places in index[part].items() if places != []}
    index["indexentries"] = {}
    for number, docname in enumerate(index["docnames"]):
        for text, anchor, main in sorted({*_index_terms(entries.get(docname, ()))}):
            index["indexentries"].setdefault(text.lower(), []).append([number, anchor, main == "main"])
    path.write_text(head + json.dumps(index, separators=(",", ":"), sort_keys=True) + tail, encoding="utf-8")


def _index_terms(entries: Iterable[tuple[str, str, str, str, str | None]]) -> Iterator[tuple[str, str, str]]:
    """The texts by which a document is found in the index, each with its anchor and whether it is the main one."""
    for kind, value, anchor, main, _key in entries:
        yield from ((text, anchor or "", main) for text in split_index_msg(kind, value))
