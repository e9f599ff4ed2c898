"""Find the quantities in a text: its numbers except dates, versions, names and positions.

A quantity is written in digits, in words before a unit, ``times`` or ``fold``, or as a fraction such as *two thirds*.
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
SUPERSCRIPTS = "⁰¹²³⁴-⁹½⅓⅔¼¾⅛"

NUMBER = rf"(?:(?:\d[\d,]*(?<!,)(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?[{SUPERSCRIPTS}]*|[½⅓⅔¼¾⅛])"
QUANTITY = re.compile(
    rf"(?<![\w.,])(?<!\w-)(?<![^\W\d]/){NUMBER}(?:{UNIT}(?:/s)?\b)?(?![\w]|\.\d|\.x)"
    rf"|(?<=\w-){NUMBER}(?=\s?[%×]|\s?{UNIT}\b)(?:{UNIT}\b)?"
    rf"|(?i:\b(?:{WORDS}[ -])*{WORDS}(?=(?:[ -]and\ a\ half)?[ -]{MEASURE}\b|-(?:{TIME})\b))"
    rf"|(?i:\b{WORDS}-?fold\b|\b{WORDS}[ -](?:third|quarter|fifth|sixth|eighth|tenth)s\b"
    rf"|\b{WORDS}[ -](?:hundred|thousand|million|billion)\b)"
)

IN_CODE = re.compile(rf"[~≈<>≤≥=±−–\s-]*(?:\d{{1,3}}(?:,\d{{3}})+|\d[\d,.]*(?:[–-]\d[\d,.]*)?(?:\s?[%×]|\s{UNIT}))")
"""Inline code that is only a quantity; ``12`` and ``12s`` do not match, since they may be input to type."""

IN_MATH = re.compile(
    r"(?:\\(?:approx|sim|leq?|geq?)\s*)?\d[\d.,]*(?:\\%|\\times|(?:\\[,;: ]|~)*\\(?:mathrm|text)\{[^}]*\})?"
)
"""A formula that is only a quantity."""

COMPARISON = re.compile(rf"[ -]{COMPARED}|-?fold\b")
"""Words after a number that make it a comparison, hence a result rather than a setting."""

IN_TIME = re.compile(rf"(?:[ -]and a half)?[ -](?:{TIME})")
"""A unit of time after number words; together they may be a name: *the first fifteen minutes*."""

UNITLESS = rf"\b(?!,\d|\.\d|\s?[%×]|\s?{UNIT}\b|[\s-]{MEASURE}\b|\ times\b)"
MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
POSITION = (
    r"(?i:step|row|rule|rung|stage|node|rank|tier|signal|part|minute|chapter|column|figure|table|section|appendix|phase"
    r"|option|level|layer|question|example|page|line|port|status|code|issue|request|PR|RFC|ISO|IEEE|HTTP|go\ to)"
)
NOT_PRODUCTS = (
    r"(?:CPU|GPU|RAM|IO|IOPS|QPS|RPS|TPS|GC|SLO|SLA|AUC|MRR|NDCG|PSI|CV|KS|MTTR|RTT|TTL|TTFT|AWS|With|At|In|Of|From|By"
    r"|For|On|Above|Below|About|After|Over|Under|The|And|So)"
)
VERBS = (
    r"(?:is|was|has|does|needs|adds|runs|says|gives|takes|makes|uses|reads|writes|shows|comes|brings|drops|supports)"
)
NOT_QUANTITIES = re.compile(
    rf"""
      \d{{4}}-\d\d-\d\d | \b\d\d?/\d\d?/\d{{4}}\b | \b24/7\b                       # dates
    | \b\d\d?\ {MONTH}\b(?:\ (?:19|20)\d\d\b)? | \b{MONTH}\ (?:\d\d?,\ )?(?:19|20)\d\d\b
    | \b{MONTH}\ \d\d?\b{UNITLESS}(?!\ [a-z]+s\b)
    | (?<![\d.,-])(?:199\d|20(?!00)[0-3]\d)\b(?![,%×/]\S|\ per\b|\s(?!(?:{VERBS}|years)\b)[a-z]+s\b){UNITLESS}
    | \b(?:(?i:releases?|versions?)|Python|Java|Spark|Hadoop)\ (?:v|≥\ )?\d+(?:\.(?:\d+|x))*{UNITLESS}  # versions
    | (?<![.!?:]\ )(?<!^)\b(?!{NOT_PRODUCTS}\b)[A-Z][\w+\#]*\ (?:v|≥\ )?\d\d?(?:\.\d+|(?!\ (?:of|were|per|out)\b
        |\ (?!{VERBS}\b)[a-z]+s\b)){UNITLESS}
    | (?<!per\ )(?<!each\ )(?<!every\ )\b{POSITION}\ \#?\d+\b{UNITLESS}                  # positions
    | \b{POSITION}s\ \d+(?:(?:,\ |,?\ and\ |,?\ or\ |–)\d+)+\b{UNITLESS}
    | \b\d+-bit\b
    | (?<![\d.,/])[01]\b(?![\d.,]*\d|/\d|\s?%|\s?(?![×x]){UNIT}\b|\ percent\b)  # 0 and 1
    | \b\d?\d:\d\d\b | \b\d\d?\ ?[aApP]\.?[mM]\b | \b(?:19|20)\d0s\b                # times of day, and decades
    | (?<![\d.,])0\d\b                                                          # lanes
    """,
    re.VERBOSE,
)


def quantities(text: str) -> Iterator[re.Match[str]]:
    """Yield the matches of the quantities in a text."""
    yield from QUANTITY.finditer(NOT_QUANTITIES.sub(blank, text))


def blank(match: re.Match[str]) -> str:
    """Replace a match with as many spaces."""
    return " " * len(match[0])


def bare_number(quantity: str) -> str:
    """Strip the unit and the thousands separators, as in the results of a lab."""
    match = re.match(rf"[\d.]+(?:e[+-]?\d+)?[{SUPERSCRIPTS}]*", quantity.replace(",", ""))
    return match[0].rstrip(".") if match else quantity
