"""The info string of a fenced block, as several systems write it."""

from __future__ import annotations

import pytest
from fieldnotes.sources.fence_info import FenceInfo, parse


@pytest.mark.parametrize(
    ("text", "info"),
    [
        ("python", FenceInfo("python")),
        (" sh", FenceInfo("sh")),
        ('py title="a b.py" hl_lines="2 4-5" linenums="3"', FenceInfo("py", "a b.py", [2, 4, 5], 3)),
        ("js {1,3-4} showLineNumbers", FenceInfo("js", "", [1, 3, 4], 1)),
        ("js{2}", FenceInfo("js", "", [2])),
        ("jsx:title=src/a.jsx", FenceInfo("jsx", "src/a.jsx")),
        ('go {linenos=table,hl_lines=[2,"3-4"],linenostart=9}', FenceInfo("go", "", [2, 3, 4], 9)),
        ("go {linenos=false}", FenceInfo("go")),
        ("rust,ignore,edition2021", FenceInfo("rust")),
        ("{.python .numberLines}", FenceInfo("python", "", [], 1)),
        ("c++ filename=a.cc", FenceInfo("c++", "a.cc")),
        ('python exec="on"', FenceInfo("python", unknown=['exec="on"'])),
        (f"python linenums={'9' * 5000}", FenceInfo("python", unknown=[f"linenums={'9' * 5000}"])),
        ("python {1-9999} {2-99999} {3}", FenceInfo("python", "", [*range(1, 10_000), 3], 0, ["{2-99999}"])),
        ("python {0} {5-2} hl_lines=abc", FenceInfo("python", unknown=["{0}", "{5-2}", "hl_lines=abc"])),
        ("", None),
        ("{.python}", None),
        ("{code-block} python", None),
    ],
)
def test_parse_reads_the_options_of_each_system(text: str, info: FenceInfo | None) -> None:
    assert parse(text) == info
