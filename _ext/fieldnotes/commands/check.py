"""Print every finding in the journal's files, from a build that writes no pages: `make check`."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.build.check_builder import CheckBuilder
from fieldnotes.build.messages import MAX_REPEATS, PLACES_NAMED, Finding, messages_of_build, summarize_places
from fieldnotes.build.run_sphinx import run
from fieldnotes.build.state import catalog_of
from fieldnotes.sources.note import DRAFT
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


PASSED, FAILED, COULD_NOT_RUN = 0, 1, 2
"""Exit statuses."""

EARLY = re.compile(r"(?:conf\.py:(?P<line>\d+): )?(?:WARNING: |ERROR: )?(?P<message>.*)")
"""A warning that Sphinx prints before the builder exists."""

ADVICE = {code.value for code in Code if code.is_advice}


class CheckError(Exception):
    """The journal cannot be checked; the message says why."""


def check(root: Path, **settings: Any) -> list[Finding]:
    """Return every finding in the journal at ``root``, by path and line. Raises CheckError.

    The first build covers what is published, and reports all that a build of the site reports. If there are drafts or
    scheduled notes, a second build adds them: what only that one reports is advice, except in scheduled notes.

    Each is an incremental build with its own doctrees in ``_build/check``; ``CheckBuilder`` has the cost. ``settings``
    override values of ``conf.py``.
    """
    folder = root / "_build/check"
    builder, reported = build(root, folder / "doctrees", settings)
    catalog = catalog_of(builder.env)
    findings, in_drafts = {*reported}, set[Finding]()
    if catalog.hidden:
        if not (folder / "drafts").exists():  # continue from the documents that the first build read
            shutil.copytree(folder / "doctrees", folder / "drafts.part", dirs_exist_ok=True)
            (folder / "drafts.part").rename(folder / "drafts")  # so that a killed check leaves no partial copy there
        _builder, reported = build(root, folder / "drafts", {**settings, "fieldnotes_drafts": True})
        scheduled = {f"{name}.md" for name, state in catalog.unpublished.items() if state != DRAFT}
        in_drafts = {finding for finding in {*reported} - findings if finding.path not in scheduled}
    return sorted(
        finding._replace(is_advice=finding in in_drafts or _is_advice(finding.code, catalog.journal.rules))
        for finding in findings.union(reported)
    )


def _is_advice(code: str, rules: Mapping[str, str]) -> bool:
    """Whether a rule only advises, by default or by `fieldnotes_rules`."""
    return rules.get(code, "advice" if code in ADVICE else "error") == "advice"


def build(root: Path, doctrees: Path, settings: dict[str, Any]) -> tuple[CheckBuilder, list[Finding]]:
    """Build without pages; return the builder and the findings, none marked as advice yet. Raises CheckError."""
    settings = {"fieldnotes_editorial": True, "fieldnotes_advice": True, **settings}
    built = run(root, root / "_build/check/pages", doctrees, CheckBuilder.name, settings)
    if not built.app:
        raise CheckError("\n".join(built.lines))
    early = filter(None, map(EARLY.fullmatch, built.lines))
    configured = [Finding("conf.py", int(match["line"] or 1), 1, "sphinx", match["message"]) for match in early]
    assert isinstance(built.app.builder, CheckBuilder)
    return built.app.builder, [*configured, *messages_of_build().findings()]


def as_text(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a line ``path:line: code message`` for each fault, then for each piece of advice.

    Faults with the same message in more than ``MAX_REPEATS`` places are one line, as is the advice of one rule in more
    than ``PLACES_NAMED`` places, with the message of the first place; ``as_json`` has every message.
    """
    groups: dict[tuple[bool, str, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.code if finding.is_advice else ""):
        shared = "" if finding.is_advice else finding.message
        groups.setdefault((finding.is_advice, finding.code, shared), []).append(finding)
    for group in groups.values():
        places = [f"{finding.path}:{finding.line}" for finding in group]
        limit = PLACES_NAMED if group[0].is_advice else MAX_REPEATS
        more = summarize_places(places[1:]) if len(places) > limit else ""
        for finding in group[:1] if more else group:
            advice = "advice: " if finding.is_advice else ""
            yield f"{finding.path}:{finding.line}: {finding.code} {advice}{finding.message}{more}"


def as_json(findings: Sequence[Finding]) -> str:
    """Return a JSON list of all findings: path, line, column, code, message, and level (``fault`` or ``advice``)."""
    objects = [finding._asdict() for finding in findings]
    for each in objects:
        each["level"] = "advice" if each.pop("is_advice") else "fault"
    return json.dumps(objects, indent=1, ensure_ascii=False)


def main(arguments: Sequence[str]) -> int:
    """Check the journal in a folder, print the findings, and return the exit status: FAILED if one is a fault."""
    parser = argparse.ArgumentParser(prog="check", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path(), help="the folder of conf.py (default: .)")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args(arguments)
    try:
        if not (options.folder / "conf.py").is_file():
            raise CheckError(f"check: {options.folder} has no conf.py; give the folder of a journal")
        findings = check(options.folder.resolve())
    except CheckError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    faults = sum(not finding.is_advice for finding in findings)
    lines = [as_json(findings)] if options.format == "json" else as_text(findings)
    sys.stdout.writelines(f"{line}\n" for line in lines)
    print(f"{faults} to fix, {len(findings) - faults} to consider", file=sys.stderr)
    return FAILED if faults else PASSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
