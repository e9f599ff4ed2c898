"""A note that passes `make check` never fails `make html`: the check reports every warning of the build."""

from __future__ import annotations

import os
import random
import re

import pytest
from conftest import DAY, Built, Site, note
from fieldnotes.commands import check as check_module
from processes import call

pytestmark = pytest.mark.slow

WARNING = re.compile(r"^(?:(?P<path>.+?):(?P<line>\d*): )?(?:WARNING|ERROR|CRITICAL): ", re.MULTILINE)

NOTES = 100 if "LONG" in os.environ else 60

PARTS = [
    # links and labels
    *("[a](gone.md)", "[a](other.html)", "[a](x{n}.md#nowhere)", "[a](#nowhere)", "[](#a-part)", "<project:gone.md>", "[a]()"),
    *("[a](../README.md)", "[a](diagrams)", "[a](/notes/x{n}.md)", "[a](x{n})", "[a](<with space.md>)", "[a](inv:gone)"),
    *("[a](tags/spark.html)", "[a](../feed.xml)", "[a](draft.md)", "[a](later.md)", "[](draft.md)", "[a](#in-draft)", "[a][b]\n\n[b]: gone.md"),
    *("(same)=\nText.", "(here)=\n## Part", "{#same}\nText.", "[a](#same)", "```{note}\n:name: same\n\nText.\n```"),
    *("{doc}`gone`", "{doc}`x{n}`", "{doc}`draft`", "{ref}`same`", "{ref}`gone`", "{any}`x{n}`", "{any}`gone`", "{numref}`same`", "{term}`gone`", "{eq}`gone`"),
    *("{download}`gone.zip`", "{download}`diagrams`", "{download}`picture.png`", "{page}`tags/gone`", "{page}`lanes/bigdata`", "{page}`tags/only-a-draft`"),
    *("{result}`speed:gone`", "{number}`gone:a`", "{result}`speed:change`", "```{lab-figure} speed:curve\n```", "```{lab-figure} speed:gone\n```"),
    *("```{lab-figure} speed:curve\nA.\n\nB.\n```", "```{lab-figure}\n```"),
    # pictures and drawings
    *("![a](gone.png)", "![](picture.png)", "![a](diagrams)", "![a](gr%C3%B6%C3%9Fe.png)", "![a](größe.png)", "![a](https://a.example/b.png)", "![a](picture.*)"),
    *("```{image} gone.png\n```", "```{figure} picture.png\n:scale: 50\n```", "```{figure} picture.png\n:width: wide\n```", "```{figure} gone.png\n:figclass: x\n\nA.\n```"),
    *("```{diagram} gone.svg\n:alt: A.\n```", "```{diagram} good.svg\n```", "```{diagram} good.svg\n:alt: A.\n\nB.\n\nC.\n```", "```{diagram}\n```", "![a](bad.pdf)", "![a](no-type.abc)"),
    # code
    *("```csvv\na\n```", "```json\n{{ not json\n```", "```python\ndef (:\n```", "```{{code-block}} gone\na\n```", "```{{code-block}} python\n:emphasize-lines: 9\n\na\n```"),
    *("```{{literalinclude}} gone.py\n```", "```{{include}} gone.md\n```", "```{{include}} other.md\n```", "```{{code-block}} python\n:lineno-start: a\n\na\n```", "``` yaml\na: [\n```"),
    # math
    *("{math}`\\nothing`", "{math}`}}`", "```{{math}}\n\\frac{1}\n```", "```{{math}}\n:label: same\n\na\n```", "```{{math}}\n\\begin{aligned}a\n```", "{math}`a` {math}`\\sqrt`"),
    # directives, roles and blocks
    *("```{{gone}}\n```", "{gone}`a`", "```{{note}}\n:gone: a\n\nA.\n```", "```{{note}}\n```", "```{{admonition}}\n```", "```{{toctree}}\ngone\n```"),
    *("```{{list-table}}\n* - a\n  - b\n* - c\n```", "```{{csv-table}}\na, b\n\"c\n```", "```{{only}} html\nA.\n```", "```{{raw}} gone\nA\n```", "```{{tags}} Spark\n```", "```{{rubric}}\n```"),
    *("```{{tab-set}}\nA\n```", "```{{grid}} 9 9\n```", "````{{grid}} 2\n```{{card}} A\n```\n````", "```{{dropdown}}\n:gone:\nA\n```", "```{{contents}}\n```", "```{{index}} a\n```", "```{{systems-map}} a b\n```"),
    *("```{{eval-rst}}\n`a\n```", "```{{eval-rst}}\n.. gone::\n```", "```{{glossary}}\na\n```", "```{{table}} A\nno table\n```", "{abbr}`a`", "{kbd}`a`", "{pep}`a`", "{rfc}`gone`"),
    *("```{{deprecated}}\n```", "```{{highlight}} gone\n```", "```{{math}}\n```", "````{{note}}\n```{{gone}}\n```\n````", "```{{figure-md}}\nA\n```", "```{{lane-grid}}\n```", "```{{latest-notes}}\nA\n```"),
    # footnotes, headings, HTML, lists
    *("A[^gone].", "A[^1].\n\n[^1]: B.", "[^2]: Alone.", "A[^3].\n\n[^3]: B.\n[^3]: C.", "A[^4].\n\n[^4]:", "A[^5].\n\n[^5]: B[^6].\n[^6]: C[^5]."),
    *("#### Deep", "##", "# Top", "## Part\n\n## Part", "### A part {#same}", "Setext\n===", "## `code` *a* [b](gone.md)"),
    *("<img src=gone.png>", "<!-- a -->", "<b>a", "<script>1</script>", "- a\n   - b\n  - c", "1. a\n3. b", "> a\nb", "| a |\n|---|\n| b | c |", "a\n: b\n\n  : c"),
    *("{.a .b}\nA", "{a=b}\nA", "[a]{.b}", "[a]{#same}", "`a`{l=gone}", "![a](picture.png){{w=wide}}", "+++", "% a", "---", "***"),
    # unclosed, or nested too deeply
    *("```python\na", ":::{{note}}\nA", "<!-- a", "```{{math}}\na", "~~~~{{note}}\n~~~{{tip}}\nA", "$$", "<div>", "- " * 30 + "a", ">" * 40 + " a", ":::{{note}}\n" * 40, "*a **b " * 40),
]  # fmt: skip
"""Parts of a text, most of them faulty. ``{n}`` is replaced with the number of another note."""


def text(chance: random.Random) -> str:
    parts = chance.choices(PARTS, k=chance.choice([1, 1, 1, 2, 3, 5]))
    joined = "\n\n".join(chance.choice(["", "Text\n", "> ", "- "]) + part for part in parts)
    return joined.replace("{{", "{").replace("}}", "}").replace("{n}", str(chance.randrange(NOTES))) + "\n"


def write(site: Site, number: int, chance: random.Random) -> None:
    fields = chance.choice(
        [{}] * 12 + [{"draft": "true"}, {"date": "2027-01-01"}, {"lane": "gone"}, {"tags": "[Spark, spark]"}]
    )
    site.write(f"notes/x{number}.md", note(f"X{number}", **{"tags": "[Spark, YARN]", **fields, "body": text(chance)}))


@pytest.mark.parametrize("seed", range(int(os.environ.get("ROUNDS", "1"))))
def test_check_reports_every_warning_of_the_build(site: Site, seed: int) -> None:
    chance = random.Random(seed)
    prepare(site)
    for number in range(NOTES):
        write(site, number, chance)
    compare(site)
    for number in chance.sample(range(NOTES), 12):
        if chance.random() < 0.3:
            (site.root / f"notes/x{number}.md").unlink()
        else:
            write(site, number, chance)
    compare(site)


def prepare(site: Site) -> None:
    site.lab()
    site.write("notes/other.md", note("Other", tags="[Spark, YARN]", body="Other.\n"))
    site.write("notes/with space.md", note("With a space", tags="[Spark, YARN]", body="Other.\n"))
    site.write("notes/draft.md", note("Draft", tags="[Spark, Only a draft]", draft="true", body="(in-draft)=\nText.\n"))
    site.write("notes/later.md", note("Later", tags="[Spark, YARN]", date="2027-01-01", body="Text.\n"))
    site.write("notes/good.svg", "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'/>")
    site.write("notes/diagrams/a.txt", "")
    for name in ("picture.png", "größe.png", "bad.pdf", "no-type.abc"):
        site.write(f"notes/{name}", b"")


def compare(site: Site) -> None:
    warned = warnings(site, site.build())
    findings = call(check_module.check, site.root, fieldnotes_today=DAY, fieldnotes_spelling=False)
    faults = {(finding.path, finding.line, finding.code) for finding in findings if not finding.is_advice}
    assert warned - faults == set()
    assert len(warned) > 50


def warnings(site: Site, built: Built) -> set[tuple[str, int, str]]:
    """The warnings of a build, as (path, line, code) like the findings of a check."""
    matches = list(WARNING.finditer(built.log))
    ends = [*(warning.start() for warning in matches[1:]), len(built.log)]
    named = []
    for warning, end in zip(matches, ends, strict=True):
        types = re.search(r" \[([\w.-]+)\]$", built.log[warning.end() : end].rstrip())
        path = os.path.relpath(site.root / (warning["path"] or "conf.py"), site.root)
        named.append((path, int(warning["line"] or 1), types[1].removeprefix("fieldnotes.") if types else "sphinx"))
    return set(named)
