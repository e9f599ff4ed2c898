"""The journal's names are in its texts and in conf.py, and nowhere in the software."""

from __future__ import annotations

import re
import subprocess

from conftest import ROOT

TEXTS = re.compile(
    r"(notes|lanes|pages|tests/journal|labs/[^/]+/corpus)/|(README|index)\.md|conf\.py|LICENSE|tests/published\.txt"
)

EXAMPLES = re.compile(r"(tests|bench|labs)/")
"""The sample of the tests, the corpus of the benchmark, and labs may use the same lanes."""


def test_software_does_not_contain_the_names_of_the_journal() -> None:
    conf = (ROOT / "conf.py").read_text(encoding="utf-8")
    names = re.findall(r'^(?:project|fieldnotes_tagline) = "(.*)"$', conf, re.MULTILINE)
    lanes = [path.stem for path in ROOT.glob("lanes/*.md")]
    assert len(names) == 2
    assert lanes
    for path in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines():
        if not TEXTS.match(path) and (ROOT / path).is_file():
            text = (ROOT / path).read_bytes().decode("utf-8", "replace").lower()
            words = names if EXAMPLES.match(path) else [*names, *lanes]
            assert [word for word in words if word.lower() in text] == [], path
