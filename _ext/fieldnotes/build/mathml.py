"""Render math as MathML, which browsers support natively; Sphinx's other renderers need a script or pictures."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util.math import get_node_equation_number

from fieldnotes.build.state import warn_at
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

MACROS = {
    "hdots": r"\ldots",
    "mathds": r"\mathbb{#1}",
    "mbox": r"\text{#1}",
    "pmb": r"\boldsymbol{#1}",
    "smash": "#1",
    "substack": r"\begin{subarray}{c}#1\end{subarray}",
    "widetilde": r"\tilde{#1}",
}
"""Commands that math-core 0.9 lacks, defined by commands that it has."""

CONVERTER = LatexToMathML(macros=MACROS, annotation=True, xml_namespace=True, fancy_error=False)

MAX_LENGTH = 4000
"""Maximum length of a formula in characters. About 10,000 open braces overflow math-core's stack, killing Sphinx."""

REWRITES = (
    (r"\\begin\{(?:alignedat\}\{\d+|split)\}", r"\\begin{aligned}"),
    (r"\\end\{(?:alignedat|split)\}", r"\\end{aligned}"),
    (r"\\begin\{(?:alignat\*?\}\{\d+|(?:eqnarray|flalign)\*?)\}", r"\\begin{align*}"),
    (r"\\end\{(?:alignat|eqnarray|flalign)\*?\}", r"\\end{align*}"),
    (r"\\(begin|end)\{smallmatrix\}", r"\\\1{matrix}"),
    (r"\\(begin|end)\{(align|equation|gather|multline)\}", r"\\\1{\2*}"),
    (r"\\\\\*?\[\s*-?[\d.]+\s*[a-z]+\s*\]", r"\\\\"),
    (r"\\(text\w*|mbox)\{([^{}$]*)\$([^$]*)\$", r"\\\1{\2}\3\\\1{"),
)
"""Rewrites of syntax that math-core cannot parse: environments, space below a row, ``\\text{if $x$}``.

Numbered environments become unnumbered: Sphinx numbers the formulas of a document consecutively.
"""

LABEL = re.compile(r"\\label\{([^{}]+)\}\s*")
REFERENCE = re.compile(r"\\(?:eq)?ref\{([^{}]*)\}")
INNER = re.compile(
    r"\\begin\{(\w+\*?)\}(?:(?!\\begin\{).)*?\\end\{\1\}|(?<!\\begin)(?<!\\end)(?<!\\)\{(?:\\.|[^{}\\])*\}", re.DOTALL
)
"""A group or an environment that contains no other."""

ANNOTATION = '<annotation encoding="application/x-tex">'


class LabelFormulas(SphinxTransform):
    """Remove labels from the LaTeX of formulas, and number the labeled formulas in order.

    MyST gives an environment such as ``align`` a random label, which is replaced with the formula's position.
    """

    default_priority = 200

    def apply(self, **kwargs: Any) -> None:
        docname, domain, number = self.env.docname, self.env.domains.math_domain, 0
        for index, node in enumerate([*self.document.findall(nodes.math_block)], start=1):
            labels = LABEL.findall(node.astext())
            random_label = node.get("label") if "amsmath" in node["classes"] else None
            if labels or random_label:
                domain.equations.pop(random_label or "", None)
                self.relabel(node, labels[0] if labels else f"{docname}:{index}")
            if node.get("label") and domain.equations.get(node["label"], ("", 0))[0] == docname:
                number += 1
                domain.equations[node["label"]] = (docname, number)
                node["number"] = number

    def relabel(self, node: nodes.math_block, label: str) -> None:
        """Label a formula as Sphinx's directive does."""
        text = LABEL.sub("", node.astext())
        node.children = [nodes.Text(text)]
        node["label"] = label
        self.env.domains.math_domain.note_equation(self.env.docname, label, location=node)
        place = node.parent.index(node)
        if place and isinstance(before := node.parent[place - 1], nodes.target) and "equation" in str(before["ids"]):
            node.parent.remove(before)
        target = nodes.target("", "", ids=[nodes.make_id(f"equation-{label}")])
        self.document.note_explicit_target(target)
        node.parent.insert(node.parent.index(node), target)


def visit_math(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML; report a formula that cannot be converted, and show its source."""
    is_block = isinstance(node, nodes.math_block)
    try:
        markup = convert(node.astext(), is_block)
    except ValueError as error:
        warn_at(node, Code.MATH, f"the formula cannot be parsed: {error}")
        markup = f"<code>{escape(nodes.unescape(node.astext()), quote=False)}</code>"
    if not isinstance(node, nodes.math_block):
        after = node.next_node(descend=False, siblings=True)
        is_closed = isinstance(after, nodes.Text) and after.startswith(tuple(",.;:!?)"))
        translator.body.append(markup + ("\N{WORD JOINER}" if is_closed else ""))  # no line begins with a comma
    else:
        translator.body.append(translator.starttag(node, "div", CLASS="math"))
        translator.body.append(f'<div class="formula">{markup}</div>')
        if node.get("number"):
            translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
            translator.add_permalink_ref(node, _("Link to this equation"))
            translator.body.append("</span>")
        translator.body.append("</div>\n")
    raise nodes.SkipNode


def convert(tex: str, is_block: bool) -> str:
    r"""Convert a formula to MathML, annotated with its LaTeX. Raises ValueError: what is wrong, and what to do.

    As in Sphinx, ``\\`` and blank lines separate the rows of a formula without an environment.
    """
    if len(tex) > MAX_LENGTH:
        raise ValueError(f"it is longer than {MAX_LENGTH} characters; split it")
    if match := REFERENCE.search(tex):
        raise ValueError(f"`{match[0]}` does not work in a formula; write `` {{eq}}`{match[1]}` `` in the text")
    latex, before = tex, ""
    while latex != before:
        before = latex
        for pattern, replacement in REWRITES:
            latex = re.sub(pattern, replacement, latex)
    outer, before = latex, ""
    while outer != before:
        outer, before = INNER.sub("", outer), outer
    rows = [row for row in re.split(r"\n\s*\n", latex) if row.strip()] if "\\begin" not in latex else [latex]
    if len(rows) > 1 or "\\\\" in outer or "\\tag" in outer:
        environment = "align*" if "\\tag" in outer else "aligned"
        latex = "\\\\\n".join(rows)
        latex = f"\\begin{{{environment}}}{latex}\\end{{{environment}}}"
    try:
        markup = CONVERTER.convert_with_local_state(latex, displaystyle=is_block)
    except LatexError as error:
        reason = str(error).partition(": ")[2].rstrip(".")
        raise ValueError(f"{reason}; correct it, or use other commands") from error
    markup = re.sub(r"(?<=>)[<&](?=</)", lambda char: escape(char[0]), markup.partition(ANNOTATION)[0])
    markup = markup.replace("&ApplyFunction;", "\u2061")  # e-books are XML, which does not define this entity
    return f"{markup}{ANNOTATION}{escape(tex, quote=False)}</annotation></semantics></math>"
