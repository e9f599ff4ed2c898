"""The glossary: the first use of each term in a note links to its definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conftest import note

if TYPE_CHECKING:
    from conftest import Site

GLOSSARY = """---
title: Terms
description: What words mean.
---

```{{glossary}}
burn rate
  {definition}

  [One](../notes/one.md#a-section)

SLO
objective
  What is promised.

spill
  Writing to disk.

tail
  The *slowest* few & last.
```
"""

TERMS = """Spill and [spill](two.md), `spill`, SPILL. A slo, two SLOs, an SLO, the objective.

## Burn rate

| burn rate |
| --- |
| burn rate |

> burn rate

**Burn rates** are no burn-rate; a burn rate. [Tails]{.other-sense} wag, and a tail.

## Sources

- Objective sources, {term}`burn rate`.
"""


def test_first_use_of_a_term_links_to_its_definition(site: Site) -> None:
    site.write("pages/terms.md", GLOSSARY.format(definition="How fast a budget is spent."))
    site.write("notes/one.md", note("One", body="A burn rate, the tail.\n\n## A section\n\nText of the tail.\n"))
    site.write("notes/two.md", note("Two", summary="On spill.", body=TERMS))
    site.write("notes/three.md", note("Three", body="The burn rate by {term}`its name <burn rate>`.\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")

    def terms(page: str) -> list[tuple[str, str]]:
        return [(link.get_text(), link["href"].split("#")[1]) for link in built.page(page).select("a.term")]

    assert terms("notes/one") == [("tail", "term-tail")]
    assert terms("notes/two") == [
        ("Spill", "term-spill"),
        ("SLOs", "term-SLO"),
        ("objective", "term-objective"),
        ("burn rate", "term-burn-rate"),
    ]
    assert terms("notes/three") == [("its name", "term-burn-rate")]
    (tail,) = built.page("notes/one").select("a.term")
    assert (tail["href"], tail["data-definition"]) == ("../pages/terms.html#term-tail", "The slowest few & last.")
    assert "term" not in str(built.page("pages/terms").select("dd a"))
    another = GLOSSARY.format(definition="How soon it is spent.").replace("spill\n", "text\n")
    site.write("pages/terms.md", another)
    built = site.build()
    assert terms("notes/one") == [("tail", "term-tail"), ("Text", "term-text")]
    assert terms("notes/two")[0] == ("SLOs", "term-SLO")
    assert built.page("notes/three").select_one("a.term")["data-definition"] == "How soon it is spent."
