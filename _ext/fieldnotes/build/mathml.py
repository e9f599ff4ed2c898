"""Show math as MathML, which browsers read themselves: Sphinx's other ways load a script or make pictures."""

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
"""Commands that math-core 0.9 lacks, in terms of those that it has."""

CONVERTER = LatexToMathML(macros=MACROS, annotation=True, xml_namespace=True, fancy_error=False)

LONGEST = 4000
"""Characters of a formula. Some 10,000 open braces overflow math-core's stack, and end the process."""

REWRITTEN = (
    (r"\\begin\{(?:alignedat\}\{\d+|split)\}", r"\\begin{aligned}"),
    (r"\\end\{(?:alignedat|split)\}", r"\\end{aligned}"),
    (r"\\begin\{(?:alignat\*?\}\{\d+|(?:eqnarray|flalign)\*?)\}", r"\\begin{align*}"),
    (r"\\end\{(?:alignat|eqnarray|flalign)\*?\}", r"\\end{align*}"),
    (r"\\(begin|end)\{smallmatrix\}", r"\\\1{matrix}"),
    (r"\\(begin|end)\{(align|equation|gather|multline)\}", r"\\\1{\2*}"),
    (r"\\\\\*?\[\s*-?[\d.]+\s*[a-z]+\s*\]", r"\\\\"),
    (r"\\(text\w*|mbox)\{([^{}$]*)\$([^$]*)\$", r"\\\1{\2}\3\\\1{"),
)
"""What math-core does not read, as what it reads: environments, space below a row, ``\\text{if $x$}``.

An environment loses its numbers: Sphinx numbers formulas, and counts on through the document.
"""

LABEL = re.compile(r"\\label\{([^{}]+)\}\s*")
REFERENCE = re.compile(r"\\(?:eq)?ref\{([^{}]*)\}")
INNER = re.compile(
    r"\\begin\{(\w+\*?)\}(?:(?!\\begin\{).)*?\\end\{\1\}|(?<!\\begin)(?<!\\end)(?<!\\)\{(?:\\.|[^{}\\])*\}", re.DOTALL
)
"""A group or an environment without another one in it."""

ANNOTATION = '<annotation encoding="application/x-tex">'


class LabelFormulas(SphinxTransform):
    """Take labels from the LaTeX of formulas, and number the labeled formulas in their order.

    MyST gives an environment such as ``align`` a random label: its number is all that is kept of it.
    """

    default_priority = 200

    def apply(self, **kwargs: Any) -> None:
        docname, domain, number = self.env.docname, self.env.domains.math_domain, 0
        for index, node in enumerate([*self.document.findall(nodes.math_block)], start=1):
            written = LABEL.findall(node.astext())
            random = node.get("label") if "amsmath" in node["classes"] else None
            if written or random:
                domain.equations.pop(random or "", None)
                self.relabel(node, written[0] if written else f"{docname}:{index}")
            if node.get("label") and domain.equations.get(node["label"], ("", 0))[0] == docname:
                number += 1
                domain.equations[node["label"]] = (docname, number)
                node["number"] = number

    def relabel(self, node: nodes.math_block, label: str) -> None:
        """Give a formula this label, as Sphinx's directive does."""
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
    """Write a formula as MathML; report one that cannot be converted, and show it as it was written."""
    is_block = isinstance(node, nodes.math_block)
    try:
        markup = convert(node.astext(), is_block)
    except ValueError as error:
        warn_at(node, Code.MATH, f"formula cannot be read: {error}")
        markup = f"<code>{escape(nodes.unescape(node.astext()), quote=False)}</code>"
    if not isinstance(node, nodes.math_block):
        after = node.next_node(descend=False, siblings=True)
        is_closed = isinstance(after, nodes.Text) and after.startswith(tuple(",.;:!?)"))
        translator.body.append(markup + ("\N{WORD JOINER}" if is_closed else ""))  # else a line may begin with a comma
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
    r"""MathML of a formula, its LaTeX in the annotation. Raises ValueError: what is wrong, and what to do.

    As Sphinx has it, ``\\`` and blank lines part the rows of a formula without an environment.
    """
    if len(tex) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters; split it")
    if match := REFERENCE.search(tex):
        raise ValueError(f"`{match[0]}` refers to nothing; write `` {{eq}}`{match[1]}` `` in the text")
    read, before = tex, ""
    while read != before:
        before = read
        for pattern, replacement in REWRITTEN:
            read = re.sub(pattern, replacement, read)
    outer, before = read, ""
    while outer != before:
        outer, before = INNER.sub("", outer), outer
    rows = [row for row in re.split(r"\n\s*\n", read) if row.strip()] if "\\begin" not in read else [read]
    if len(rows) > 1 or "\\\\" in outer or "\\tag" in outer:
        environment = "align*" if "\\tag" in outer else "aligned"
        read = "\\\\\n".join(rows)
        read = f"\\begin{{{environment}}}{read}\\end{{{environment}}}"
    try:
        markup = CONVERTER.convert_with_local_state(read, displaystyle=is_block)
    except LatexError as error:
        reason = str(error).partition(": ")[2].rstrip(".")
        raise ValueError(f"{reason}; correct it, or write it with other commands") from error
    markup = re.sub(r"(?<=>)[<&](?=</)", lambda sign: escape(sign[0]), markup.partition(ANNOTATION)[0])
    markup = markup.replace("&ApplyFunction;", "\u2061")  # e-books are XML, which knows neither
    return f"{markup}{ANNOTATION}{escape(tex, quote=False)}</annotation></semantics></math>"
