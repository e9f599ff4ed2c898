"""Every number of a note leads to a lab or a source, or is said to be made up."""

from __future__ import annotations

import pytest
from fieldnotes.checks.numbers import loose_numbers
from fieldnotes.checks.prose import parse

SOURCE = "[the guide](https://example.org/guide)"
TABLE = "| A | B |\n| --- | --- |\n"


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        # prose
        ("It took 12 s.", ["12"]),
        ("It took 12s, 3 GB and 4.5%.", ["12s", "3", "4.5"]),
        ("From 1,200 to 3.4M events.", ["1,200", "3.4M"]),
        ("Between 21–31 s.", ["21", "31"]),
        ("## After 15 minutes", ["15"]),
        ("Nothing.\n\n- It took 12 s.", ["12"]),
        ("> It took 12 s.", ["12"]),
        # of a lab
        ("It took {result}`a:b`.", []),
        ("It took {number}`a:b` s of 12 s.", ["12"]),
        ("It took {number}`a:b` s at k = 1.25.", []),
        ("It takes k = 1.25.", ["1.25"]),
        ("It took {page}`12 <index>` s in 12 steps.", ["12"]),
        # with a source
        (f"It takes 12 s by {SOURCE}.", []),
        ("[12 s](https://example.org/guide)", []),
        (f"It takes 12 s by {SOURCE}. So two take 24.", ["24"]),
        (f"As {SOURCE} says.\nTwo take 24.", ["24"]),
        ("It takes 12 s, see [another note](other.md).", ["12"]),
        (f"It takes 12 s {SOURCE}.\n\nOr 13.", ["13"]),
        # made up
        ("A constructed example: it takes 12 s. Two take 24.", []),
        ("These are starting values: 12 s and 24 s.", []),
        (f"A constructed example:\n\n{TABLE}| a | 12 |", []),
        ("A constructed example:\n\n- it takes 12 s", []),
        (f"A constructed example.\n\nAnother.\n\n{TABLE}| a | 12 |", ["12"]),
        ("A constructed example.\n\nIt takes 12 s.", ["12"]),
        (f"A constructed example.\n\n## Next\n\n{TABLE}| a | 12 |", ["12"]),
        # tables
        (f"{TABLE}| a | 12 |\n| {SOURCE} | 13 |", ["12"]),
        (f"{TABLE}| 12 | {{number}}`a:b` |", []),
        (f"{TABLE}| 12 | 13 of {{number}}`a:b` |", ["13"]),
        ("| A | 12 |\n| --- | --- |\n| a | b |", ["12"]),
        # captions
        ("```{diagram} a.svg\n:alt: Of 11.\n\nIt takes 12 s.\n```", ["12"]),
        ("```{lab-figure} a:b\nA constructed example of 12 s.\n```", []),
        # no figures
        ("On 2026-10-19, in June 2023 and in 2021.", []),
        ("Spark 4.0, EMR 6.x, release 7.11.0 and HTTP 503.", []),
        ("S3, P99, p99, c1, B200, 8B and UTF-8.", []),
        ("Go to step 4, row 3, rules 8, 9 and 10, stage 2 and node 3.", []),
        ("Above 0 or below 1, but 1.5 and 0.5%.", ["1.5", "0.5"]),
        ("Run `sleep 12`.", []),
        ("```text\n12 × 13\n```", []),
        ("## Sources\n\n- 12 pages", []),
        ("1. First\n2. Second", []),
    ],
)
def test_which_numbers_are_loose(text: str, numbers: list[str]) -> None:
    assert [number for _line, number, _where in loose_numbers(parse(f"---\ntitle: 12\n---\n\n{text}\n"))] == numbers


def test_a_loose_number_is_told_with_its_line() -> None:
    text = f"---\ntitle: A\n---\n\nOne\nand 12.\n\n{TABLE}| a | 13 |\n\n```{{diagram}} a.svg\n:alt: A.\n\nOf 14.\n```\n"
    assert [(line, number) for line, number, _where in loose_numbers(parse(text))] == [
        (6, "12"),
        (10, "13"),
        (15, "14"),
    ]
