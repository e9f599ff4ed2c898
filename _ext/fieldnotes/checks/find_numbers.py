"""Find the figures of a text: its numbers, but for those that date, name or place something.

A figure is written in digits, or in words before a unit, ``times`` or ``fold``, and as a fraction such as *two thirds*.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UNIT = (
    r"(?:[kKMGTP]i?B?|[kKMGT]?[Bb]ps|[kMG]?bits?|[nuµμm]s|secs?|mins?|hrs?|days?|yrs?|[smhdx]|×|fold|pct|[bm]n"
    r"|rps|qps|k?Hz|MHz|GHz|[kM]?W|pp)"
)
COMPARED = r"times\ (?:as|more|less|fewer|the|its|their|what|that|over|\w+er)"
TIME = r"(?:milli)?second|minute|hour|day|week|month|year"
MEASURE = (
    rf"(?:percent|per\ cent|{COMPARED}|(?:{TIME}|(?:kilo|mega|giga|tera|peta)?byte|dollar|euro)s|orders\ of\ magnitude)"
)
WORDS = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty"
    r"|forty|fifty|sixty|seventy|eighty|ninety|dozen|hundreds?|thousands?|millions?|billions?)"
)
RAISED = "⁰¹²³⁴-⁹½⅓⅔¼¾⅛"

NUMBER = rf"(?:(?:\d[\d,]*(?<!,)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?[{RAISED}]*|[½⅓⅔¼¾⅛])"
FIGURE = re.compile(
    rf"(?<![\w.,])(?<!\w-)(?<![^\W\d]/){NUMBER}(?:{UNIT}(?:/s)?\b)?(?![\w]|\.\d|\.x)"
    rf"|(?<=\w-){NUMBER}(?=\s?[%×]|\s?{UNIT}\b)(?:{UNIT}\b)?"
    rf"|(?i:\b(?:{WORDS}[ -])*{WORDS}(?=(?:[ -]and\ a\ half)?[ -]{MEASURE}\b|-(?:{TIME})\b))"
    rf"|(?i:\b{WORDS}-?fold\b|\b{WORDS}[ -](?:third|quarter|fifth|sixth|eighth|tenth)s\b"
    rf"|\b{WORDS}[ -](?:hundred|thousand|million|billion)\b)"
)

IN_CODE = re.compile(rf"[~≈<>≤≥=±−–\s-]*(?:\d{{1,3}}(?:,\d{{3}})+|\d[\d,.]*(?:[–-]\d[\d,.]*)?(?:\s?[%×]|\s{UNIT}))")
"""Inline code that is nothing but a figure; ``12`` and ``12s`` may be values to type."""

IN_MATH = re.compile(
    r"(?:\\(?:approx|sim|leq?|geq?)\s*)?\d[\d.,]*(?:\\%|\\times|(?:\\[,;: ]|~)*\\(?:mathrm|text)\{[^}]*\})?"
)
"""A formula that is nothing but a figure."""

COMPARISON = re.compile(rf"[ -]{COMPARED}|-?fold\b")
"""What follows on a figure that compares, and so is a finding and no setting."""

IN_TIME = re.compile(rf"(?:[ -]and a half)?[ -](?:{TIME})")
"""What follows on number words that count time, which may name a thing: *the first fifteen minutes*."""

ALONE = rf"\b(?!,\d|\.\d|\s?[%×]|\s?{UNIT}\b|[\s-]{MEASURE}\b|\ times\b)"
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
PLACE = (
    r"(?i:step|row|rule|rung|stage|node|rank|tier|signal|part|minute|chapter|column|figure|table|section|appendix|phase"
    r"|option|level|layer|question|example|page|line|port|status|code|issue|request|PR|RFC|ISO|IEEE|HTTP|go\ to)"
)
NO_NAME = (
    r"(?:CPU|GPU|RAM|IO|IOPS|QPS|RPS|TPS|GC|SLO|SLA|AUC|MRR|NDCG|PSI|CV|KS|MTTR|RTT|TTL|TTFT|AWS|With|At|In|Of|From|By"
    r"|For|On|Above|Below|About|After|Over|Under|The|And|So)"
)
VERBS = (
    r"(?:is|was|has|does|needs|adds|runs|says|gives|takes|makes|uses|reads|writes|shows|comes|brings|drops|supports)"
)
NO_FIGURE = re.compile(
    rf"""
      \d{{4}}-\d\d-\d\d | \b\d\d?/\d\d?/\d{{4}}\b | \b24/7\b                       # dates
    | \b\d\d?\ {MONTH}\b(?:\ (?:19|20)\d\d\b)? | \b{MONTH}\ (?:\d\d?,\ )?(?:19|20)\d\d\b
    | \b{MONTH}\ \d\d?\b{ALONE}(?!\ [a-z]+s\b)
    | (?<![\d.,-])(?:199\d|20(?!00)[0-3]\d)\b(?![,%×/]\S|\ per\b|\s(?!(?:{VERBS}|years)\b)[a-z]+s\b){ALONE}
    | \b(?:(?i:releases?|versions?)|Python|Java|Spark|Hadoop)\ (?:v|≥\ )?\d+(?:\.(?:\d+|x))*{ALONE}   # versions
    | (?<![.!?:]\ )(?<!^)\b(?!{NO_NAME}\b)[A-Z][\w+\#]*\ (?:v|≥\ )?\d\d?(?:\.\d+|(?!\ (?:of|were|per|out)\b
        |\ (?!{VERBS}\b)[a-z]+s\b)){ALONE}
    | (?<!per\ )(?<!each\ )(?<!every\ )\b{PLACE}\ \#?\d+\b{ALONE}                     # places
    | \b{PLACE}s\ \d+(?:(?:,\ |,?\ and\ |,?\ or\ |–)\d+)+\b{ALONE}
    | \b\d+-bit\b
    | (?<![\d.,/])[01]\b(?![\d.,]*\d|/\d|\s?%|\s?(?![×x]){UNIT}\b|\ percent\b)  # 0 and 1
    | \b\d?\d:\d\d\b | \b\d\d?\ ?[aApP]\.?[mM]\b | \b(?:19|20)\d0s\b                # times of day, and decades
    | (?<![\d.,])0\d\b                                                          # lanes
    """,
    re.VERBOSE,
)


def figures(text: str) -> Iterator[re.Match[str]]:
    """The figures of a text."""
    yield from FIGURE.finditer(NO_FIGURE.sub(blank, text))


def blank(match: re.Match[str]) -> str:
    """Spaces in place of a match."""
    return " " * len(match[0])


def bare_number(figure: str) -> str:
    """A figure without its unit and separators, as a lab has it."""
    match = re.match(rf"[\d.]+(?:e[+-]?\d+)?[{RAISED}]*", figure.replace(",", ""))
    return match[0].rstrip(".") if match else figure
