"""Every number in a note links to a lab or a source, or is marked as constructed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import Site, note
from fieldnotes.commands import check as check_module
from fieldnotes.sources.problem import Code
from processes import call

if TYPE_CHECKING:
    from fieldnotes.build.messages import Finding

SOURCE = "[the guide](https://example.org/guide)"
TABLE = "| A | B |\n| --- | --- |\n"


LISTED = """## Sources

Read in May 2026.

- [The guide](https://example.org/guide), [twelve](https://example.org/12) and [seventeen](https://example.org/17)
"""

CASES = [
    # prose
    ("It took 12 s.", ["12"]),
    ("It took 12s, 3 GB and 4.5%.", ["12s", "3", "4.5"]),
    ("From 1,200 to 3.4M events.", ["1,200", "3.4M"]),
    ("Between 21–31 s.", ["21", "31"]),
    ("## After 15 minutes", ["15"]),
    ("Nothing.\n\n- It took 12 s.", ["12"]),
    ("> It took 12 s.", ["12"]),
    # from a lab
    ("It took {result}`a:b`.", []),
    ("It took {number}`a:b` s of 12 s.", ["12"]),
    ("It took {number}`a:b` s at 30 s and 25%, in 3 runs.", []),
    ("It took {number}`a:b` s at k = 1.25, or at 31 s.", ["1.25", "31"]),
    ("It took {number}`a:b` s. At 30 s it takes more.", []),
    ("It took {number}`a:b` s.\n\nAt 30 s it takes more.", ["30"]),
    ("```{lab-figure} a:curve\nAt 30 s and 31 s.\n```", ["31"]),
    ("| A | at 30 s |\n| --- | --- |\n| a | {number}`a:b` |", []),
    ("It took {number}`b:b` s at 30 s.", ["30"]),
    ("It took {page}`12 <index>` s in 12 steps.", ["12"]),
    # from a source
    (f"It takes 12 s by {SOURCE}.", []),
    ("[12 s](https://example.org/guide)", []),
    (f"It takes 12 s by {SOURCE}. So two take 24.", ["24"]),
    (f"As {SOURCE} says.\nTwo take 24.", ["24"]),
    ("It takes 12 s, see [another note](other.md).", ["12"]),
    (f"It takes 12 s {SOURCE}.\n\nOr 13.", ["13"]),
    ("It takes 12 s by [the guide](https://example.org/guide/#part).", []),
    ("It takes 12 s by [another](https://example.org/another).", ["12"]),
    ("It takes 12 s by [another](http://127.0.0.1/).", ["12"]),
    # constructed
    ("A constructed example: it takes 12 s. Two take 24.", ["24"]),
    ("Two take 24. A constructed example:\n\n- it takes 12 s", ["24"]),
    (f"A constructed example. It grows.\n\n{TABLE}| a | 12 |", ["12"]),
    (f"```{{table}} A constructed example\n{TABLE}| a | 12 |\n```", []),
    ("These are starting values: 12 s and 24 s.", []),
    (f"A constructed example:\n\n{TABLE}| a | 12 |", []),
    ("A constructed example:\n\n- it takes 12 s", []),
    (f"A constructed example.\n\nAnother.\n\n{TABLE}| a | 12 |", ["12"]),
    ("A constructed example.\n\nIt takes 12 s.", ["12"]),
    (f"A constructed example.\n\n## Next\n\n{TABLE}| a | 12 |", ["12"]),
    # tables
    (f"{TABLE}| a | 12 |\n| {SOURCE} | 13 |", ["12"]),
    (f"{TABLE}| 30 s | {{number}}`a:b` |", []),
    (f"{TABLE}| 12 | {{number}}`a:b` |", ["12"]),
    (f"{TABLE}| 30 | 13 of {{number}}`a:b` |", ["13"]),
    ("| A | 12 |\n| --- | --- |\n| a | b |", ["12"]),
    # captions
    ("```{diagram} a.svg\n:alt: Of 11.\n\nIt takes 12 s.\n```", ["11", "12"]),
    ("```{lab-figure} a:b\nA constructed example of 12 s.\n```", []),
    # drawings, whose numbers must also be in the text
    ("```{diagram} b.svg\n:alt: Of 11.\n\nText.\n```", ["11", "12"]),
    ("```{diagram} b.svg\n:alt: Of 11.\n\nText.\n```\n\nA constructed example has 11 and 12.", []),
    ("```{diagram} b.svg\n:alt: Of 11.\n\nA constructed example.\n```", []),
    ("![Of 11.](b.svg)", ["11"]),
    # words
    ("It took thirty seconds, or twenty-five percent.", ["thirty", "twenty-five"]),
    ("It is four times as fast, and two things follow from it at two times.", ["four"]),
    ("## The first fifteen minutes", []),
    ("See [the first fifteen minutes](other.md).", []),
    # code, HTML, units
    ("It took `12,500` of `99.5%`, with `12` and `12s`.", ["12,500", "99.5%"]),
    ("<p>It took <b>12 s</b></p>", ["12"]),
    ("<p>\n\nIt took <b>13</b> s.\n\n</p>", ["13"]),
    ("It sends 12GiB/s, 3Gbps, 4k and 5rps.", ["12GiB/s", "3Gbps", "4k", "5rps"]),
    # not measurements
    ("On 2026-10-19, in June 2023 and in 2021.", []),
    ("It cost 2000 dollars, in 2021 dollars. It was 2019% of Spark 37.5 times.", ["2000", "2021", "2019", "37.5"]),
    ("Spark 4.0, EMR 6.x, release 7.11.0 and HTTP 503.", []),
    ("S3, P99, p99, c1, B200, 8B and UTF-8.", []),
    ("Go to step 4, row 3, rules 8, 9 and 10, stage 2, part 5 and node 3.", []),
    ("Above 0 or below 1, but 1.5 and 0.5%.", ["1.5", "0.5"]),
    ("Run `sleep 12`.", []),
    ("```text\n12 × 13\n```", []),
    ("## Sources\n\n- 12 pages", []),
    ("1. First\n2. Second", []),
    # nested blocks
    (":::{note}\nIt took 12 s.\n:::", ["12"]),
    ("A constructed example:\n\n:::{note}\nIt took 12 s.\n:::", ["12"]),
    (":::{note}\nA constructed example:\n\n- it takes 12 s\n:::", []),
    ("```{admonition} After 12 s\nText.\n```", ["12"]),
    ("Text.[^a]\n\n[^a]: It took 12 s.", ["12"]),
    (f"```{{list-table}}\n* - a\n  - 12\n* - {SOURCE}\n  - 13\n```", ["12"]),
    ("Term\n: It took 12 s.", ["12"]),
    ("A constructed example:\n\nTerm\n: It takes 12 s.", []),
    ("- A constructed example:\n\n  - it takes 12 s\n- it takes 13 s", ["13"]),
    ("## Sources\n\n- 12 pages\n\n## After\n\nIt took 13 s.", ["13"]),
    ("It took {abbr}`12 s (seconds)` and {math}`n = 13`.", ["12"]),
    # phrasings that could evade the rule by accident
    ("It handled 1M events in 1 s, and 1% of 0.", ["1M", "1"]),
    ("Batches of 2000, 2048 tokens each, and 2024 MB.", ["2000", "2048", "2024"]),
    ("It fell from 4.2.", ["4.2"]),
    ("A usual CPU 2.3 and AUC 0.91.", ["2.3", "0.91"]),
    ("Of these nodes 40 failed, with rows 5,000 at a time and 12 lost in each node 12.", ["40", "5,000", "12"]),
    ("It is .5 at most, or -6 of a sub-10 ms call.", [".5", "6", "10"]),
    ("It lost 1/3 of them, or ½.", ["1", "3", "½"]),
    ("It lost 10⁶ rows, 1e6 of them after 12mins and 15μs.", ["10⁶", "1e6", "12mins", "15μs"]),
    ("It grew tenfold, by two thirds, and thirteen percent.", ["tenfold", "two", "thirteen"]),
    ("A ten-minute outage lost twelve gigabytes, two and a half hours late.", ["ten", "twelve", "two"]),
    ("## Forty percent of all jobs fail", ["Forty"]),
    ("It is [ten times faster](other.md).", ["ten"]),
    ("The index is constructed from 12 GB of logs.", ["12"]),
    ("The proposal of another team saves 12 ms.", ["12"]),
    (f"A constructed example:\n\n- it takes 12 s\n\n{TABLE}| a | 13 |", ["13"]),
    ("Text with <img src='b.svg' alt='Of 14 s'>.", ["14"]),
    ("<p title='Of 14 s'>Text</p>", ["14"]),
    ("It took `≈12 %` or `10–20 ms`.", ["≈12", "10–20"]),
    ("It took {math}`13` s, or $14\\,\\mathrm{ms}$.", ["13", "14\\,\\mathrm{ms}"]),
    ("It took {number}`a:b` s, 30 times less, at 30 s.", ["30"]),
    (":::{dropdown} After 12 s\nIt took 13 s.\n:::", ["12", "13"]),
    ("::::{tab-set}\n:::{tab-item} Of 12 s\nIt took 13 s.\n:::\n::::", ["12", "13"]),
    (":::{card} After 12 s\nIt took 13 s.\n+++\nOf 14 s.\n:::", ["12", "13", "14"]),
    ("```{epigraph}\nIt took 12 s.\n\n-- After 13 s\n```", ["12", "13"]),
    ("```{rubric} After 12 s\n```", ["12"]),
    ("```{topic} After 12 s\nIt took 13 s.\n```", ["12", "13"]),
    ("```{sidebar} After 12 s\nIt took 13 s.\n```", ["12", "13"]),
    ("```{figure} b.svg\n:alt: A.\n\nAfter 14 s.\n\nIt took 15 s.\n```", ["14", "15"]),
    ("```{csv-table} After 12 s\na, 13\n```", ["12", "13"]),
    ("- [ ] It took 12 s.\n- [x] And 13.", ["12", "13"]),
    (":a: It took 12 s.", ["12"]),
    ("```{line-block}\nIt took 12 s.\n```", ["12"]),
    ("<details><summary>After 12 s</summary>\n\nIt took 13 s.\n\n</details>", ["12", "13"]),
    ("| A | B |\n| --- | --- |\n| 12 ms, [another](https://example.org/another) | {number}`a:b` |", ["12"]),
    ("It took thirty\nseconds, or ten\u00a0percent.", ["thirty", "ten"]),
    ("It cost $1.2bn, and two million users, two orders of magnitude above.", ["1.2bn", "two", "two"]),
    # sentences that must not be reported
    ("See step\n4, and Java\n17 of 30\nJuly.", []),
    ("These are starting\nvalues: 12 s.", []),
    ("It was so in the 1990s, by ISO 8601, at 2 pm.", []),
    ("On 4 June 2026, on June 4, 2026, on July 30 and on 10/11/2026.", []),
    ("Java 17 runs a Kafka 3.7 broker, Postgres 16 and Debian 12 in release 9, or version 2.1.", []),
    ("It listens on port 8080, and ends with exit status 137 (signal 9).", []),
    ("See figure 2, Table 3, section 4 and Appendix 2 of RFC 9110.", []),
    ("It is open 24/7 over HTTP/2, TLS 1.3 and IPv4, on x86-64 and GPT-4, in 3D, with 64-bit ids.", []),
    ("Pull request 133946, issue 12, PR 57528, CVE-2024-3094 and Llama 3 405B.", []),
    ("The 1st, the 2nd and the 99th percentile.", []),
    ("It ran twice a day, with two executors, in one minute, at half of the load.", []),
    ("Minutes 0–8 come before steps 2 and 3, and Step 5 points at row 3.", []),
    ("In Q3 2026 it had 0 failures, and 1 in the year after.", []),
    ("A `refresh_interval` of `30s`, `max_retries = 5` and `n / 12`.", []),
    ("$$x = 12 y$$", []),
    ("The sum is $x^2 + 12$.", []),
    ("It takes the constructed stream of 12 keys.", []),
    ("Python 3.12 and Spark 4 are known; from 2.10.1 on it is another.", []),
    ("One in a hundred, a thousand at most, and a dozen of them.", []),
    ("The second of three, a third run, one half-open connection.", []),
]


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Finding]]:
    """The findings of loose numbers, by the path of each case's note."""
    site = Site(tmp_path_factory.mktemp("numbers") / "journal")
    settings = {"wait": (30, "s"), "share": (0.25, ""), "runs": (3, "")}
    site.lab(
        "a", 12.5, parameters={key: {"value": value, "what": key, "unit": u} for key, (value, u) in settings.items()}
    )
    site.lab("b", 12.5)
    svg = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 4 2'>"
    site.write("notes/a.svg", f"{svg}</svg>")
    site.write("notes/b.svg", f"{svg}<text>Of 12</text><text>13</text></svg>")
    for number, (text, _numbers) in enumerate(CASES):
        site.write(
            f"notes/x{number:03}.md",
            note(f"Case {chr(65 + number // 26)}{chr(97 + number % 26)}", body=f"{text}\n\n{LISTED}"),
        )
    site.write("notes/lines.md", note("Lines", body=LINES + LISTED))
    body = "It takes 14 s by {number}`a:time.median`, or\n12.75 s.\n"
    site.write("notes/title.md", note("After 12 s and 14 s", summary="Or 13 s, or 12.5 s.", body=body))
    by_path: dict[str, list[Finding]] = {}
    for finding in call(check_module.check, site.root, fieldnotes_today="2026-11-22", fieldnotes_spelling=False):
        if finding.code == Code.NUMBER:
            by_path.setdefault(finding.path, []).append(finding)
    return by_path


def shown(findings: list[Finding]) -> list[str]:
    return [finding.message.partition(" ")[0] for finding in findings]


@pytest.mark.parametrize("number", range(len(CASES)), ids=[text.split("\n")[0][:30] for text, _numbers in CASES])
def test_loose_numbers_are_reported(numbers: dict[str, list[Finding]], number: int) -> None:
    assert sorted(shown(numbers.get(f"notes/x{number:03}.md", []))) == sorted(CASES[number][1])


LINES = f"""
One 12, see [13](https://example.org/12)
and 12. Then `14`
14 or [other
15](other.md) 15.

> {TABLE.replace(chr(10), chr(10) + "> ")}| a | 12 |
> | b | `12` 12 |

- 16

  and [17
  17](https://example.org/17). But
  17.

```{{diagram}} a.svg
:alt: A.

Of
18.
```
"""


def test_loose_number_is_reported_on_its_line(numbers: dict[str, list[Finding]]) -> None:
    findings = numbers["notes/lines.md"]
    assert [(finding.line - 8, word) for finding, word in zip(findings, shown(findings), strict=True)] == [
        (4, "14"), (5, "15"), (9, "12"), (10, "12"), (12, "16"), (16, "17"), (22, "18"),
    ]  # fmt: skip


def test_number_in_a_title_is_reported_only_if_the_text_lacks_it(numbers: dict[str, list[Finding]]) -> None:
    findings = numbers["notes/title.md"]
    assert [(finding.line, word) for finding, word in zip(findings, shown(findings), strict=True)] == [
        (2, "12"),
        (5, "13"),
        (9, "14"),
        (10, "12.75"),
    ]
