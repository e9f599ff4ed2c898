"""Mermaid and Graphviz drawings take their colors from the journal's tokens and contain only allowed markup."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from fieldnotes.sources import diagram_programs as drawing_module
from fieldnotes.sources.themed_svg import restyle

FLOW = """flowchart LR
  accDescr: Events go to a topic.
  subgraph in [Ingest]
    A[Producer] -->|events| B{Valid?}
  end
  B -- yes --> C[(Topic)]
  B -. no .-> D([Letters])
  classDef hot fill:#f96,stroke:#933,color:#fff
  class D hot
  click C "https://example.org"
"""

MERMAID = {
    "flow": FLOW,
    "front matter": "---\ntitle: A title\nconfig:\n  look: classic\n---\nflowchart TD\n  A --> B\n",
    "sequence": "sequenceDiagram\n  A->>+B: Ask\n  Note right of B: Thinks\n  B-->>-A: Answer\n",
    "class": "classDiagram\n  Animal <|-- Duck\n  Animal : +int age\n",
    "state": "stateDiagram-v2\n  [*] --> Still\n  Still --> [*]\n",
    "entities": "erDiagram\n  CAR ||--o{ DRIVER : allows\n  CAR { string make PK }\n",
    "gantt": "gantt\n  dateFormat YYYY-MM-DD\n  section A\n  One :crit, a1, 2026-01-01, 3d\n  Two :after a1, 2d\n",
    "pie": 'pie title Parts\n  "A" : 40\n  "B" : 60\n',
    "git": "gitGraph\n  commit\n  branch a\n  commit\n  checkout main\n  merge a\n",
    "timeline": "timeline\n  title A history\n  2004 : One : Two\n",
    "journey": "journey\n  title A day\n  section Work\n    Make tea: 5: Me\n",
    "mindmap": "mindmap\n  root((A))\n    B\n    C\n",
}

GRAPHS = {
    "colors": 'digraph { a [style=filled, fillcolor=red, fontcolor=white]; a -> b [color="#00f", label=x] }',
    "clusters": "digraph { subgraph cluster_a { label=A; style=filled; color=lightgrey; a } a -> b }",
    "html": 'digraph { a [shape=none label=<<TABLE><TR><TD BGCOLOR="yellow">x</TD></TR></TABLE>>]; a -> b }',
    "gradient": 'digraph { a [style=filled, fillcolor="red:blue"]; b [style=radial, fillcolor="white:gray"]; a -> b }',
    "link": 'digraph { a [URL="https://example.org", tooltip=t]; a -> b }',
}


def drawing(source: str) -> tuple[ElementTree.Element, str]:
    draw = drawing_module.graphviz if "graph {" in source else drawing_module.mermaid
    return restyle(draw(source), source)


@pytest.mark.parametrize("source", [*MERMAID.values(), *GRAPHS.values()], ids=[*MERMAID, *GRAPHS])
def test_drawing_uses_only_classes_of_the_journal(source: str) -> None:
    root, _description = drawing(source)
    assert {element.get(name, "none") for element in root.iter() for name in ("fill", "stroke")} == {"none"}
    text = ElementTree.tostring(root, encoding="unicode")
    assert not re.search(r"rgba?\(| style=|<style|<a |http|data-|font-family", text.replace("http://www.w3.org", ""))
    names = [name for element in root.iter() for name in element.get("class", "").split()]
    assert {name.partition("-")[0] for name in names} <= {"fill", "line"}
    assert len([*root.iter()]) > 5


def test_colors_of_the_author_become_the_accent() -> None:
    def accented(source: str) -> int:
        classes = [{*element.get("class", "").split()} for element in drawing(source)[0].iter()]
        return classes.count({"fill-wash", "line-lamp"})

    assert accented(FLOW) > 0
    assert accented(FLOW.replace("  class D hot\n", "")) == 0


@pytest.mark.parametrize("box", ["0 0 10", "0 0 ten 10", "0 0 nan 10", "0 0 inf 10", "0 0 -5 10", "0 0 0.2 10"])
def test_invalid_viewbox_is_reported_as_a_drawing_without_a_size(box: str) -> None:
    with pytest.raises(ValueError, match=r"^the result has no size$"):
        restyle(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"/>', "")


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('fill="red" style="fill: url(#a)"', {"class": "fill-wash"}),  # the style wins over the attribute
        ('fill="url(#a)" stroke="url(#b) red"', {"class": "fill-wash line-lamp"}),
        ('style="fill: oklch(50% 0.2 30); stroke: var(--x)"', {"class": "fill-wash line-lamp"}),
        ('style="fill: nonsense"', {"class": "fill-wash"}),
        ('fill="inherit" style="stroke: revert"', {}),
        ('fill="transparent" stroke="none"', {"fill": "none", "stroke": "none"}),
        ('fill="#eee" stroke="currentColor"', {"class": "fill-raised line-quiet"}),
        ('style="font-size: 1.2.3px"', {"font-size": "1.08/**/.3px"}),
    ],
)
def test_every_paint_of_a_shape_stays_visible(attributes: str, expected: dict[str, str]) -> None:
    root, _ = restyle(f'<svg xmlns="http://www.w3.org/2000/svg" width="9px" height="9"><rect {attributes}/></svg>', "")
    assert root[0].attrib == expected


def test_description_is_read_from_the_source() -> None:
    assert drawing(FLOW)[1] == "Events go to a topic."


def test_two_drawings_share_no_id() -> None:
    ids = [{element.get("id") for element in drawing(MERMAID[name])[0].iter()} - {None} for name in ("flow", "class")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_gantt_chart_hides_todays_line() -> None:
    root, _description = drawing(MERMAID["gantt"])
    assert any(element.get("display") == "none" for element in root.iter())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("flowchart LR\n A -- B ->", "Unterminated edge label"),
        ("nonsense\n A", "nonsense|[Nn]o diagram|detect"),
        ("digraph {\n a -> graph {", "syntax error in line 2"),
        ("digraph { a [label=<<B>>] }", "^mismatched tag in line 1, in label of node a$"),
        ('digraph { viewport="0,0,0"; a }', "^the result has no size$"),
        ('digraph { a [label="\x01"] }', "^the result is not valid SVG$"),
        ('flowchart LR\n A@{ img: "https://example.org/x.png" }', "^the result contains <image>$"),
    ],
)
def test_diagram_that_cannot_be_drawn_raises_the_reason(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        drawing(source)
