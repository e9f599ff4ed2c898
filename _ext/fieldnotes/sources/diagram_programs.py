"""Draw Mermaid diagrams and Graphviz graphs, each in a separate process.

A process may crash, print or hang without harming the build. Both programs draw in grays, which ``themed_svg`` turns
into the journal's colors.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ENGINES = ("dot", "neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork")

GRAPHVIZ_DEFAULTS = (
    *("-Gbgcolor=transparent", "-Gfontname=Arial", "-Gcolor=gray80", "-Gpencolor=gray80"),
    *("-Nfontname=Arial", "-Nstyle=filled", "-Nfillcolor=gray93", "-Ncolor=gray60"),
    *("-Efontname=Arial", "-Ecolor=gray35", "-Earrowsize=0.8"),
)
"""Default attributes of graphs, nodes and edges."""

SVG_LABELS = {"htmlLabels": False}

MERMAID_COLORS = {
    "#ffffff": ("background", "edgeLabelBackground", "labelBackgroundColor", "pieStrokeColor"),
    "#f8f8f8": ("secondaryColor", "tertiaryColor", "clusterBkg"),
    "#eeeeee": ("primaryColor", "mainBkg", *(f"cScale{number}" for number in range(13))),
    "#cccccc": ("clusterBorder", "actorLineColor", "gridColor"),
    "#c4c4c4": tuple(f"git{number}" for number in range(8)),
    "#999999": ("primaryBorderColor", "secondaryBorderColor", "tertiaryBorderColor"),
    "#555555": ("lineColor",),
    "#000000": ("textColor", "primaryTextColor"),
}
"""Variables of Mermaid's theme `base` by color; the theme derives all others from them."""

MERMAID_VARIABLES = {name: color for color, names in MERMAID_COLORS.items() for name in names}

MERMAID_CONFIG = {
    "theme": "base",
    "look": "classic",
    **SVG_LABELS,
    **dict.fromkeys(("flowchart", "class", "state"), SVG_LABELS),
    "themeVariables": {**MERMAID_VARIABLES, "fontFamily": "Arial", "fontSize": "16px", "pieOpacity": "1"},
}

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n.*?\n[ \t]*---[ \t]*\n", re.DOTALL)

ALT = re.compile(r"^[ \t]*(?:%%|//|#)[ \t]*alt:[ \t]*(.+)$", re.MULTILINE)
"""A comment with a diagram's alternative text; Mermaid's own syntax is `accDescr`."""

READS_FILES = re.compile(r"\b(shapefile|fontpath|imagepath|image|stylesheet|_background)\b\s*=", re.IGNORECASE)
"""Attributes that make Graphviz open a file, anywhere on the machine."""

TIMEOUT_SECONDS = 20
"""Time limit of a program; a diagram that takes longer is too large."""


def mermaid(source: str) -> str:
    """Draw a Mermaid diagram as SVG. Raises ValueError with the reason if that fails.

    Cost: 90 ms, most of it program startup.
    """
    start = match.end() if (match := FRONT_MATTER.match(source)) else 0
    text = f"{source[:start]}%%{{init: {json.dumps(MERMAID_CONFIG)}}}%%\n{source[start:]}"
    return _run([sys.executable, "-m", "mmdr", "-i", "-", "-o", "-"], text)


def graphviz(source: str, engine: str = "dot") -> str:
    """Draw a graph in the DOT language as SVG. Raises ValueError with the reason if that fails. Cost: 5 ms."""
    if name := READS_FILES.search(source):
        raise ValueError(f"`{name[1]}` opens a file, which is not allowed")
    program = Path(sysconfig.get_path("scripts"), "graphviz-pure")
    return _run([str(program), "-Tsvg", f"-K{engine}", *GRAPHVIZ_DEFAULTS], source)


def _run(command: list[str], source: str) -> str:
    try:
        result = subprocess.run(
            command, input=source, capture_output=True, encoding="utf-8", timeout=TIMEOUT_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise ValueError(f"`{command[0]}` is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"it takes longer than {TIMEOUT_SECONDS} s, so it is too large") from error
    if result.returncode or not result.stdout.strip():
        lines = result.stderr.strip().splitlines() or ["the program printed nothing"]
        reasons = [line.strip() for line in lines if line.startswith(("mmdr: ", "Error: ", "in label "))] or lines[-1:]
        raise ValueError(re.sub(r"\b(mmdr|Error): |<stdin>: ", "", ", ".join(reasons)))
    return result.stdout
