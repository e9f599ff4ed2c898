"""Show math as MathML, which browsers read themselves: Sphinx's other ways load a script or make pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml

from fieldnotes.build.state import warn_at
from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from sphinx.writers.html5 import HTML5Translator


CONVERTER_FAULTS = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What docutils' converter raises on a closing brace that nothing opened, and the like."""


def visit_math(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    translator.body.append(_mathml(node, as_block=False))
    raise nodes.SkipNode


def visit_math_block(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula in a line of its own."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(_mathml(node, as_block=True) + "</div>\n")
    raise nodes.SkipNode


def _mathml(node: nodes.math | nodes.math_block, *, as_block: bool) -> str:
    """MathML by docutils' own converter; what it cannot read is a warning, and stays as it was written."""
    try:
        markup: str = tex2mathml(node.astext(), as_block=as_block)
    except (MathError, *CONVERTER_FAULTS) as error:
        said = error if isinstance(error, MathError) else "its signs do not match"
        message = f"formula cannot be read: {said}; write it in the LaTeX that docutils knows"
        warn_at(node, Code.MATH, message)
        return nodes.unescape(node.astext()).replace("&", "&amp;").replace("<", "&lt;")
    return markup
