"""What MyST would take minutes for is refused before it is parsed."""

from __future__ import annotations

import pytest
from fieldnotes.checks import markup
from fieldnotes.sources.problem import Code


@pytest.mark.parametrize("sign", ["[", '"', "'"])
def test_crowded_refuses_a_block_full_of_signs(sign: str) -> None:
    problem = markup.crowded("notes/x.md", f"Text.\n\n{sign * (markup.MOST_SIGNS + 1)}\n\nMore.\n")
    assert problem
    assert (problem.line, problem.code) == (3, Code.NESTING)


def test_crowded_takes_code_full_of_signs() -> None:
    quotes = '"' * (markup.MOST_SIGNS + 1)
    assert markup.crowded("notes/x.md", f"```json\n{quotes}\n```\n") is None
