"""Draw Mermaid diagrams with mmdr, a Mermaid in Rust."""

from __future__ import annotations

import json
import re

from fieldnotes.sources import program
from fieldnotes.sources.themed_svg import COLORS

WORDS = {
    "ink": """
        primaryTextColor secondaryTextColor tertiaryTextColor textColor nodeTextColor titleColor actorTextColor
        signalTextColor labelTextColor loopTextColor noteTextColor classText stateLabelColor transitionLabelColor
        taskTextColor taskTextLightColor taskTextOutsideColor taskTextDarkColor taskTextClickableColor
        pieTitleTextColor pieSectionTextColor pieLegendTextColor commitLabelColor tagLabelColor errorTextColor
        quadrantTitleFill quadrant1TextFill quadrant2TextFill quadrant3TextFill quadrant4TextFill quadrantPointTextFill
        quadrantXAxisTextFill quadrantYAxisTextFill requirementTextColor relationLabelColor personBorder
        """,
    "quiet": """
        lineColor defaultLinkColor signalColor transitionColor specialStateColor innerEndBackground vertLineColor
        relationColor
        """,
    "edge": """
        primaryBorderColor secondaryBorderColor nodeBorder actorBorder labelBoxBorderColor activationBorderColor
        stateBorder compositeBorder taskBorderColor doneTaskBorderColor pieOuterStrokeColor tagLabelBorder
        quadrantInternalBorderStrokeFill quadrantExternalBorderStrokeFill requirementBorderColor
        """,
    "raised": """
        primaryColor mainBkg actorBkg stateBkg compositeTitleBackground taskBkgColor rowOdd tagLabelBackground
        attributeBackgroundColorOdd requirementBackground quadrant1Fill quadrant3Fill
        """,
    "sheet": """
        secondaryColor tertiaryColor clusterBkg labelBoxBkgColor activationBkgColor compositeBackground altBackground
        sectionBkgColor sectionBkgColor2 excludeBkgColor doneTaskBkgColor rowEven attributeBackgroundColorEven
        commitLabelBackground quadrant2Fill quadrant4Fill
        """,
    "paper": """
        background edgeLabelBackground sequenceNumberColor labelBackgroundColor altSectionBkgColor pieStrokeColor
        relationLabelBackground
        """,
    "lamp": "noteBorderColor activeTaskBorderColor critBorderColor todayLineColor quadrantPointFill",
    "wash": "noteBkgColor activeTaskBkgColor critBkgColor errorBkgColor",
    "rule": "tertiaryBorderColor clusterBorder actorLineColor gridColor",
}
"""Mermaid's theme variables, by the token that each is drawn in."""

SERIES = {
    "pie{}": ("wash", "sheet", "raised", "rule"),
    "cScale{}": ("raised", "sheet", "wash"),
    "cScaleLabel{}": ("ink",),
    "cScaleInv{}": ("edge",),
    "cScalePeer{}": ("edge",),
    "fillType{}": ("raised", "sheet", "wash"),
    "git{}": ("quiet", "lamp", "edge"),
    "gitInv{}": ("paper",),
    "gitBranchLabel{}": ("paper",),
}
"""Variables that are counted, and the tokens that they take in turn."""

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n.*?\n[ \t]*---[ \t]*\n", re.DOTALL)

ALT = re.compile(r"^[ \t]*%%[ \t]*alt:[ \t]*(.+)$", re.MULTILINE)
"""A comment that says in words what the diagram shows; Mermaid's own way is `accDescr`."""


def draw(source: str) -> str:
    """Draw a diagram as SVG, in the colors of ``themed_svg``. Raises ValueError with what is wrong with it.

    Cost: 90 ms, most of it the start of the program.
    """
    start = match.end() if (match := FRONT_MATTER.match(source)) else 0
    text = f"{source[:start]}%%{{init: {json.dumps(_settings())}}}%%\n{source[start:]}"
    return program.draw("mmdr", ["-i", "-", "-o", "-"], text)


def _settings() -> dict[str, object]:
    """Mermaid's settings: text as SVG, no HTML in it, and a color for each token."""
    variables = {name: COLORS[token] for token, names in WORDS.items() for name in names.split()}
    for name, tokens in SERIES.items():
        variables |= {name.format(number): COLORS[tokens[number % len(tokens)]] for number in range(13)}
    variables |= {"fontFamily": "Arial", "fontSize": "16px", "pieOpacity": "1"}
    labels = {"htmlLabels": False}
    kinds = {"flowchart": labels, "class": labels, "state": labels}
    return {"theme": "base", "look": "classic", **labels, **kinds, "themeVariables": variables}
