"""A document on which Sphinx or an extension fails is reported and left out; the others are built without it."""

from __future__ import annotations

import re

import pytest
from comparing import differences
from conftest import DAY, Site, note
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call

pytestmark = pytest.mark.slow

CONF = '''
import multiprocessing
import os
from docutils import nodes
from docutils.parsers.rst import Directive

class Failing(Directive):
    """Fails during reading, or adds a node on which the writer fails: a reference without a target."""
    required_arguments = 1

    def run(self):
        if self.arguments == ["reading"]:
            raise KeyError("of an extension")
        reference = nodes.reference("", "A link")
        reference.line = self.lineno
        return [nodes.paragraph("", "", reference)]

def log_page(app, pagename, templatename, context, doctree):
    with open(app.doctreedir / "pages.log", "a") as log:
        print(pagename, file=log)
    if pagename == "pages/killed" and multiprocessing.parent_process():
        os._exit(9)

def setup(app):
    app.add_directive("failing", Failing)
    app.connect("html-page-context", log_page)
'''
"""An extension, appended to conf.py, that fails, and logs each page that Sphinx writes."""

FAILS_IN_READING = {
    "directive": ("```{failing} reading\n```", 1),
    "footnote": ("Text.[^1]\n\n````{tab-set}\n[^1]: A footnote.\n````", 3),
}
FAILS_IN_WRITING = {"node": ("```{index} word\n```\n\n```{failing} writing\n```", 4)}
IN_A_CYCLE = {"circle-1": ("```{toctree}\ncircle-2\n```", 1), "circle-2": ("```{toctree}\ncircle-1\n```", 1)}
HEADER = 8
"""Number of lines above the text of a note."""


def write(site: Site, *others: str) -> None:
    """Write two valid notes, one of which links to the other, and these faulty ones."""
    conf = (site.root / "conf.py").read_text()
    site.write("conf.py", conf + CONF)
    for name in others:
        body, _line = (FAILS_IN_READING | FAILS_IN_WRITING | IN_A_CYCLE)[name]
        site.write(f"notes/{name}.md", note(f"About {name}", body=body, tags=f"[Spark, Only {name}]"))
    site.write("notes/sound.md", note("Sound", body="See [it](other.md).", tags="[Spark]", date="2026-01-03"))
    site.write("notes/other.md", note("Other", tags="[Spark]"))


@pytest.mark.parametrize("options", [(), ("-j", "2")], ids=["one process", "two"])
def test_failing_document_is_reported_and_left_out(site: Site, options: tuple[str, ...]) -> None:
    failing = FAILS_IN_READING | FAILS_IN_WRITING
    write(site, *failing, *IN_A_CYCLE)
    site.write(
        "lanes/broken.md",
        "---\ntitle: Broken\nnumber: 9\nheadline: H.\ndescription: D.\n---\n\n```{failing} writing\n```\n",
    )
    site.write("notes/inside.md", note("Inside", lane="broken"))
    built = site.build(*options)
    assert built.status == 1
    assert "Traceback" not in built.log
    named = re.findall(
        r"^\S*/(\w+/\S+)\.md:(\d+): \S+ (?:cannot be (?:read|written): |a lane lists its notes)",
        built.log,
        re.MULTILINE,
    )
    lines = {f"notes/{name}": line + HEADER for name, (_body, line) in (failing | IN_A_CYCLE).items()}
    assert {name: int(line) for name, line in named} == lines | {"lanes/broken": 8}
    texts = {path: data.decode("utf-8", "replace") for path, data in built.files().items()}
    for path, text in texts.items():
        assert not [name for name in failing if f"About {name}" in text or f"Only {name}" in text], path
    assert {f"notes/{name}.html" for name in ("sound", "other", "inside", *IN_A_CYCLE)} <= texts.keys()
    assert "Inside" in texts["lanes/broken.html"]
    assert "broken.html" in texts["index.html"]
    checked = call(check_module.check, site.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    reported = {(finding.path, finding.line) for finding in checked if finding.code in {Code.FAILED, Code.TOCTREE}}
    assert reported == {(f"{name}.md", line) for name, line in (lines | {"lanes/broken": 8}).items()}


def test_failing_documents_are_left_out_until_fixed(site: Site) -> None:
    write(site)
    failing = FAILS_IN_READING | FAILS_IN_WRITING
    for name in failing:
        site.write(f"notes/to-{name}.md", note(f"To {name}", tags="[Spark]", body=f"See [it]({name}.md)."))
    for works in (True, False, True):
        for name, (body, _line) in failing.items():
            text = "See [it](sound.md)." if works else body
            site.write(f"notes/{name}.md", note(f"Of {name}", tags=f"[Spark, Rare {name}]", body=text))
        clean = site.build(out="clean", fresh=True)
        for built in (site.build(), site.build()):
            assert (built.status == 0) == works, built.log
            assert sorted(built.warnings) == sorted(clean.warnings)
            assert differences(built, clean) == []
            assert {name for name in failing if (built.out / f"notes/{name}.html").exists()} == {
                *(failing if works else ())
            }


@pytest.mark.parametrize(("name", "times"), [("zero", 1), ("killed", 2)])
def test_parallel_build_writes_the_others_once_unless_a_process_dies(site: Site, name: str, times: int) -> None:
    write(site)
    others = [f"pages/other-{number}" for number in range(12)]
    for page in (*others, f"pages/{name}"):
        body = "```{failing} writing\n```" if page == "pages/zero" else "Text."
        site.write(f"{page}.md", f"---\ntitle: The {page}\ndescription: D.\n---\n\n{body}\n")
    built = site.build("-j", "2")
    assert built.warnings == [line for line in built.warnings if "pages/zero.md:6: WARNING: cannot be written" in line]
    assert (built.status == 0) == (name == "killed"), built.log
    assert {f"{page}.html" for page in (*others, f"pages/{name}")} <= built.files().keys()
    written = (site.root / "_build/doctrees/pages.log").read_text().split()
    assert {page for page in others if not 1 <= written.count(page) <= times} == set()
