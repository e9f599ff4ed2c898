"""Show math as MathML, which browsers read themselves: Sphinx's other ways load a script or make pictures."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

from fieldnotes.build.state import warn_at
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator

CONVERTER_FAULTS = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What docutils' converter raises for a closing brace that nothing opened, and the like."""


def visit_math(translator: HTML5Translator, node: nodes.math | nodes.math_block) -> None:
    """Write a formula as MathML; report one that docutils cannot convert, and show it as it was written."""
    is_block = isinstance(node, nodes.math_block)
    try:
        markup = _annotated(tex2mathml(node.astext(), as_block=is_block), node.astext())
    except (MathError, *CONVERTER_FAULTS) as error:
        reason = error if isinstance(error, MathError) else "its signs do not match"
        warn_at(node, Code.MATH, f"formula cannot be read: {reason}; write it in the LaTeX that docutils knows")
        markup = escape(nodes.unescape(node.astext()), quote=False)
    opening = translator.starttag(node, "div", CLASS="math") if is_block else ""
    translator.body.append(f"{opening}{markup}" + ("</div>\n" if is_block else ""))
    raise nodes.SkipNode


def _annotated(markup: str, tex: str) -> str:
    """MathML with the formula as it was written, for those who copy it and for the note's Markdown."""
    start, _, end = markup.partition(">")
    content, closing, _ = end.rpartition("</math>")
    note = f'<annotation encoding="application/x-tex" data-pagefind-ignore>{escape(tex, quote=False)}</annotation>'
    return f"{start}><semantics><mrow>{content}</mrow>{note}</semantics>{closing}"
