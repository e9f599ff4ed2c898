"""What MyST would take minutes for is refused before it is parsed."""

from __future__ import annotations

import pytest
from fieldnotes.checks import markup
from fieldnotes.sources.problem import Code


def test_nested_refuses_a_block_full_of_brackets_without_parsing_it() -> None:
    text = f"Text.\n\n{'[' * (markup.MOST_BRACKETS + 1)}\n\nMore.\n"
    problem = markup.nested("notes/x.md", text, lambda _text: pytest.fail("it was parsed"))
    assert problem
    assert (problem.line, problem.code) == (3, Code.NESTING)
