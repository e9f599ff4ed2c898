"""What MyST would take minutes for is refused before it is parsed."""

from __future__ import annotations

import pytest
from fieldnotes.checks import markup
from fieldnotes.sources.problem import Code


@pytest.mark.parametrize("sign", ["[", '"', "'"])
def test_nested_refuses_a_block_full_of_signs_without_parsing_it(sign: str) -> None:
    text = f"Text.\n\n{sign * (markup.MOST_SIGNS + 1)}\n\nMore.\n"
    problem = markup.nested("notes/x.md", text, lambda _text: pytest.fail("it was parsed"))
    assert problem
    assert (problem.line, problem.code) == (3, Code.NESTING)


def test_nested_takes_code_full_of_signs() -> None:
    quotes = '"' * (markup.MOST_SIGNS + 1)
    text = f"```json\n{quotes}\n```\n"
    assert markup.nested("notes/x.md", text, lambda _text: pytest.fail("it was parsed")) is None
