"""Gather the corpus from two releases of Python: ``python gather.py LIB-NEW LIB-OLD >docstrings.json``.

A docstring of Lib/ is taken whose summary line stands apart from the rest. Its examples are left out, the rest is cut
to ``WORDS`` words. Beside it stands what the older release had: ``=`` for the same, or nothing for a newer object.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EACH = 150
WORDS = 64
SOURCES = {
    "network": "email http urllib smtplib imaplib ftplib wsgiref socket socketserver ssl ipaddress mimetypes poplib",
    "concurrency": "asyncio threading concurrent multiprocessing queue subprocess selectors contextlib weakref sched",
    "text": "xml codecs _pyio json difflib configparser textwrap string re shutil zipfile bz2 lzma pathlib os tempfile "
    "tarfile gzip glob fnmatch base64 csv argparse pickle",
    "tools": "inspect unittest doctest importlib traceback bdb pdb dis typing enum functools ast cProfile "
    "pkgutil abc dataclasses warnings timeit site venv pydoc code runpy zipimport types graphlib",
}
APART = {"http.cookies", "xml.etree"}
"""Modules that have a license of their own, as have xmlrpc, logging, optparse, trace and platform."""


def docstrings(lib: Path) -> Iterator[tuple[str, str]]:
    """The name of every object of the packages in ``SOURCES`` that has a docstring, and the docstring."""
    for package in sorted(" ".join(SOURCES.values()).split()):
        for path in sorted([*lib.glob(f"{package}.py"), *lib.glob(f"{package}/**/*.py")]):
            module = ".".join(path.relative_to(lib).with_suffix("").parts).removesuffix(".__init__")
            if any(module.startswith(apart) for apart in APART):
                continue
            yield from inside(ast.parse(path.read_text(encoding="utf-8")), module)


def inside(node: ast.AST, name: str) -> Iterator[tuple[str, str]]:
    """The same for what is defined in a node."""
    for child in getattr(node, "body", []):
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            if found := ast.get_docstring(child):
                yield f"{name}.{child.name}", found
            yield from inside(child, f"{name}.{child.name}")


def parts(docstring: str) -> tuple[str, str] | None:
    """The summary and the rest, if both are there and are prose, and the rest does not repeat the summary."""
    summary, _, rest = docstring.partition("\n\n")
    summary = " ".join(summary.split())
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", rest) if ">>>" not in part]
    kept, words = [], 0
    for paragraph in paragraphs:
        cut = paragraph.split()[: WORDS - words]
        words += len(cut)
        kept += [" ".join(cut)] if cut else []
    text = "\n\n".join(kept)
    repeated = summary.lower().rstrip(".") in text.lower()
    fits = 4 <= len(summary.split()) <= 30 and words >= 15 and ">>>" not in summary and not repeated
    return (summary, text) if fits else None


def gather(new: Path, old: Path) -> list[dict[str, str]]:
    """The documents, as many of each source, spread evenly over its names."""
    before = dict(docstrings(old))
    of = {package: source for source, packages in SOURCES.items() for package in packages.split()}
    found: dict[str, dict[str, dict[str, str]]] = {source: {} for source in SOURCES}
    seen = set[str]()
    for name, docstring in docstrings(new):
        split = parts(docstring)
        if not split or not seen.isdisjoint(split):
            continue
        seen.update(split)
        source = of[name.partition(".")[0]]
        older = parts(before.get(name, "")) or ("", "")
        found[source][name] = {
            "id": name,
            "source": source,
            "summary": split[0],
            "text": split[1],
            "before": "=" if older[1] == split[1] else older[1],
        }
    sys.stderr.write(f"{ {source: len(all_) for source, all_ in found.items()} }\n")
    return [
        document
        for all_ in found.values()
        for number, document in enumerate(all_.values())
        if number * EACH // len(all_) != (number + 1) * EACH // len(all_)
    ]


if __name__ == "__main__":
    json.dump(gather(Path(sys.argv[1]), Path(sys.argv[2])), sys.stdout, indent=0, ensure_ascii=False)
