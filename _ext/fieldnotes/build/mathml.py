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
    from collections.abc import Callable

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
    # \begin{split} or \begin{alignedat}{2} → \begin{aligned}
    (r"\\begin\{(?:alignedat\}\{\d+|split)\}", r"\\begin{aligned}"),
    (r"\\end\{(?:alignedat|split)\}", r"\\end{aligned}"),
    # \begin{alignat}{2}, \begin{eqnarray} or \begin{flalign} → \begin{align*}
    (r"\\begin\{(?:alignat\*?\}\{\d+|(?:eqnarray|flalign)\*?)\}", r"\\begin{align*}"),
    (r"\\end\{(?:alignat|eqnarray|flalign)\*?\}", r"\\end{align*}"),
    # \begin{smallmatrix} → \begin{matrix}
    (r"\\(begin|end)\{smallmatrix\}", r"\\\1{matrix}"),
    # \begin{equation} → \begin{equation*}: Sphinx numbers the formulas of a document consecutively
    (r"\\(begin|end)\{(align|equation|gather|multline)\}", r"\\\1{\2*}"),
    # \\[2em] → \\
    (r"\\\\\*?\[\s*-?[\d.]+\s*[a-z]+\s*\]", r"\\\\"),
    # \text{if $x$ holds} → \text{if }x\text{ holds}
    (r"\\(text\w*|mbox)\{([^{}$]*)\$([^$]*)\$", r"\\\1{\2}\3\\\1{"),
)
"""Patterns of syntax that math-core cannot parse, and their replacements."""

LABEL = re.compile(r"\\label\{([^{}]+)\}\s*")
REFERENCE = re.compile(r"\\(?:eq)?ref\{([^{}]*)\}")
INNER = re.compile(
    r"""
      \\begin\{(\w+\*?)\} (?:(?!\\begin\{).)*? \\end\{\1\}     # \begin{matrix} a \\ b \end{matrix}
    | (?<!\\begin)(?<!\\end)(?<!\\) \{ (?:\\.|[^{}\\])* \}     # {a \\ b}, but not \{a\}
    """,
    re.DOTALL | re.VERBOSE,
)
"""A group or an environment that contains no other."""

ANNOTATION = '<annotation encoding="application/x-tex">'


class LabelFormulas(SphinxTransform):
    """Make every label of a formula a target, and number the labeled formulas of a document in order.

    A formula has the label of its directive and those in its LaTeX, which are removed there. MyST gives an environment
    such as ``align`` a random label, which is replaced with the formula's position.
    """

    default_priority = 200

    def apply(self, **kwargs: Any) -> None:
        docname, equations, number = self.env.docname, self.env.domains.math_domain.equations, 0
        for index, node in enumerate([*self.document.findall(nodes.math_block)], start=1):
            in_latex = LABEL.findall(node.astext())
            node.children = [nodes.Text(LABEL.sub("", node.astext()))]
            if node.get("label") and "amsmath" in node["classes"]:
                self.remove_random_label(node)
                in_latex = in_latex or [f"{docname}:{index}"]
            for label in reversed(in_latex):  # the id of the formula is that of its nearest target
                self.add_label(node, label)
            labels = [name for name in (node.get("label"), *in_latex) if equations.get(name, ("", 0))[0] == docname]
            if labels:
                number += 1
                equations |= dict.fromkeys(labels, (docname, number))
                node["number"] = number

    def remove_random_label(self, node: nodes.math_block) -> None:
        """Remove a formula's label from the formula and from the domain, and the target that MyST put before it."""
        self.env.domains.math_domain.equations.pop(node["label"], None)
        del node["label"]
        before = node.parent[max(0, node.parent.index(node) - 1)]
        if isinstance(before, nodes.target) and "equation" in str(before["ids"]):
            node.parent.remove(before)

    def add_label(self, node: nodes.math_block, label: str) -> None:
        """Register a label of a formula, and insert a target before the formula, as Sphinx's directive does."""
        node.setdefault("label", label)
        self.env.domains.math_domain.note_equation(self.env.docname, label, location=node)
        target = nodes.target("", "", ids=[nodes.make_id(f"equation-{label}")])
        self.document.note_explicit_target(target)
        node.parent.insert(node.parent.index(node), target)


def visit_math(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Append the markup of a formula to the page. Raises SkipNode: its children are part of the markup."""
    if isinstance(node, nodes.math_block):
        translator.body.append(translator.starttag(node, "div", CLASS="math"))
        translator.body.append(f'<div class="formula">{_markup(node, is_block=True)}</div>')
        if node.get("number"):
            translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
            translator.add_permalink_ref(node, _("Link to this equation"))
            translator.body.append("</span>")
        translator.body.append("</div>\n")
    else:
        after = node.next_node(descend=False, siblings=True)
        is_closed = isinstance(after, nodes.Text) and after.startswith(tuple(",.;:!?)"))
        joiner = "\N{WORD JOINER}" if is_closed else ""  # no line begins with a comma
        translator.body.append(_markup(node, is_block=False) + joiner)
    raise nodes.SkipNode


def _markup(node: nodes.math | nodes.math_block, *, is_block: bool) -> str:
    """Return a formula as MathML; report a formula that cannot be converted, and return its source as code."""
    try:
        return convert(node.astext(), is_block)
    except ValueError as error:
        warn_at(node, Code.MATH, f"the formula cannot be parsed: {error}")
        return f"<code>{escape(nodes.unescape(node.astext()), quote=False)}</code>"


def convert(tex: str, is_block: bool) -> str:
    """Return the ``<math>`` element of a formula, as HTML and XML, with the LaTeX ``tex`` as its annotation.

    Raises ValueError: what is wrong, and what to do.
    """
    if len(tex) > MAX_LENGTH:
        raise ValueError(f"it is longer than {MAX_LENGTH} characters; split it")
    if match := REFERENCE.search(tex):
        raise ValueError(f"`{match[0]}` does not work in a formula; write `` {{eq}}`{match[1]}` `` in the text")
    latex = _with_rows(_until_stable(_rewrite, tex))
    try:
        markup = CONVERTER.convert_with_local_state(latex, displaystyle=is_block)
    except LatexError as error:
        reason = str(error).partition(": ")[2].rstrip(".")
        raise ValueError(f"{reason}; correct it, or use other commands") from error
    markup = re.sub(r"(?<=>)[<&](?=</)", lambda char: escape(char[0]), markup.partition(ANNOTATION)[0])
    markup = markup.replace("&ApplyFunction;", "\u2061")  # e-books are XML, which does not define this entity
    return f"{markup}{ANNOTATION}{escape(tex, quote=False)}</annotation></semantics></math>"


def _until_stable(step: Callable[[str], str], text: str) -> str:
    """Apply a step until it no longer changes the text."""
    while (changed := step(text)) != text:
        text = changed
    return text


def _rewrite(latex: str) -> str:
    for pattern, replacement in REWRITES:
        latex = re.sub(pattern, replacement, latex)
    return latex


def _with_rows(latex: str) -> str:
    r"""Return a formula in the environment that its rows need, or unchanged if it has one row without a ``\tag``.

    As in Sphinx, ``\\`` separates rows, and so does a blank line in a formula without environments.
    """
    outer = _until_stable(lambda text: INNER.sub("", text), latex)
    rows = [row for row in re.split(r"\n\s*\n", latex) if row.strip()] if "\\begin" not in latex else [latex]
    if len(rows) < 2 and "\\\\" not in outer and "\\tag" not in outer:
        return latex
    environment, content = "align*" if "\\tag" in outer else "aligned", "\\\\\n".join(rows)
    return f"\\begin{{{environment}}}{content}\\end{{{environment}}}"
