"""Tables of numbers, and console blocks."""

from __future__ import annotations

from conftest import Site, note

BODY = """
| what | when | number | share | kept | mixed |
| --- | --- | --- | --- | :-- | --- |
| a | late | 1,200 ms | 99.5% | 1 | 1 |
| b | | {result}`speed:time.median` | – | 2 | two |

| words | more |
| --- | --- |
| a | b |
| | b |

| rows | more |
| --- | --- |
| a | b |
| c | b |

| rule | fires after |
| --- | --- |
| fast | 0.9 |
| slow | 8.6 |
| ticket | never |

```console
# a remark
$ ls  # of this folder
output
# another
```

```console
# whoami
root
```
"""


def test_numeric_columns_are_right_aligned_and_first_column_is_header(site: Site) -> None:
    site.lab()
    site.write("notes/x.md", note("X", body=BODY))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    numbers, words, rows, rules = built.page("notes/x").select("article table.docutils")
    aligned = [["text-right" in cell.get("class", ()) for cell in row.select("th, td")] for row in numbers.select("tr")]
    assert aligned == [[False, False, True, True, False, False]] * 3
    assert [cell.get_text(strip=True) for cell in numbers.select("tbody th")] == ["a", "b"]
    assert words.select("tbody th, .text-right") == []
    assert [cell.get_text(strip=True) for cell in rows.select("tbody th")] == ["a", "c"]
    assert [cell.get_text(strip=True) for cell in rules.select("td.text-right")] == ["0.9", "8.6", "never"]


def test_comments_in_a_console_are_not_commands(site: Site) -> None:
    site.write("notes/x.md", note("X", body=BODY[BODY.index("```console") :]))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    session, root = built.page("notes/x").select("div.highlight-console pre")
    assert [part.get_text() for part in session.select(".go")] == ["# a remark", "output", "# another"]
    for part in session.select(".go, .gp"):
        part.decompose()
    assert session.get_text().strip() == "ls  # of this folder"
    assert [part.get_text() for part in root.select(".gp")] == ["# "]
