"""Draw Mermaid diagrams and Graphviz graphs, each by a program in a process of its own.

A process may fail, print and take its time without harm to a build. Both programs draw in grays, of which
``themed_svg`` makes the journal's colors.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

ENGINES = ("dot", "neato", "fdp", "sfdp", "circo", "twopi", "osage", "patchwork")

GRAPHVIZ = """
    -Gbgcolor=transparent -Gfontname=Arial -Gcolor=gray80 -Gpencolor=gray80
    -Nfontname=Arial -Nstyle=filled -Nfillcolor=gray93 -Ncolor=gray60
    -Efontname=Arial -Ecolor=gray35 -Earrowsize=0.8
    """.split()
"""Attributes of graphs, nodes and edges that set none themselves."""

SVG_LABELS = {"htmlLabels": False}

MERMAID = {
    **{"theme": "base", "look": "classic", **SVG_LABELS},
    **dict.fromkeys(("flowchart", "class", "state"), SVG_LABELS),
    "themeVariables": {
        **{"fontFamily": "Arial", "fontSize": "16px", "pieOpacity": "1"},
        **dict.fromkeys(("background", "edgeLabelBackground", "labelBackgroundColor", "pieStrokeColor"), "#ffffff"),
        **dict.fromkeys(("primaryColor", "mainBkg"), "#eeeeee"),
        **dict.fromkeys(("secondaryColor", "tertiaryColor", "clusterBkg"), "#f8f8f8"),
        **dict.fromkeys(("clusterBorder", "actorLineColor", "gridColor"), "#cccccc"),
        **dict.fromkeys(("primaryBorderColor", "secondaryBorderColor", "tertiaryBorderColor"), "#999999"),
        **{"lineColor": "#555555", "textColor": "#000000", "primaryTextColor": "#000000"},
        **{f"cScale{number}": "#eeeeee" for number in range(13)},
        **{f"git{number}": "#c4c4c4" for number in range(8)},
    },
}
"""Mermaid's settings: text as SVG, and the colors from which its theme `base` derives all others."""

FRONT_MATTER = re.compile(r"\s*---[ \t]*\n.*?\n[ \t]*---[ \t]*\n", re.DOTALL)

ALT = re.compile(r"^[ \t]*(?:%%|//|#)[ \t]*alt:[ \t]*(.+)$", re.MULTILINE)
"""A comment that says in words what a drawing shows; Mermaid's own way is `accDescr`."""

READS_FILES = re.compile(r"\b(shapefile|fontpath|imagepath|image|stylesheet|_background)\b\s*=", re.IGNORECASE)
"""Attributes that have Graphviz open a file, wherever it is."""

LONGEST = 20
"""Seconds after which a drawing counts as too large."""


def mermaid(source: str) -> str:
    """Draw a Mermaid diagram as SVG. Raises ValueError with what is wrong with it.

    Cost: 90 ms, most of it the start of the program.
    """
    start = match.end() if (match := FRONT_MATTER.match(source)) else 0
    text = f"{source[:start]}%%{{init: {json.dumps(MERMAID)}}}%%\n{source[start:]}"
    return _run([sys.executable, "-m", "mmdr", "-i", "-", "-o", "-"], text)


def graphviz(source: str, engine: str = "dot") -> str:
    """Draw a graph in the DOT language as SVG. Raises ValueError with what is wrong with it. Cost: 5 ms."""
    if name := READS_FILES.search(source):
        raise ValueError(f"`{name[1]}` opens a file; remove it")
    program = Path(sysconfig.get_path("scripts"), "graphviz-pure")
    return _run([str(program), "-Tsvg", f"-K{engine}", *GRAPHVIZ], source)


def _run(command: list[str], source: str) -> str:
    try:
        done = subprocess.run(
            command, input=source, capture_output=True, encoding="utf-8", timeout=LONGEST, check=False
        )
    except FileNotFoundError as error:
        raise ValueError(f"this machine has no `{command[0]}`") from error
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"it takes longer than {LONGEST} s") from error
    if done.returncode or not done.stdout.strip():
        said = done.stderr.strip().splitlines() or ["nothing is drawn"]
        raise ValueError(re.sub(r"^[\w-]+: (Error: )?|<stdin>: ", "", said[-1]))
    return done.stdout
