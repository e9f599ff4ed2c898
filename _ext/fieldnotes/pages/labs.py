"""The pages of labs, and what notes quote of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.parts import HOME, LABS, PAGE, Derived, View, link, sidebar
from fieldnotes.sources.yaml_header import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lab import Figure, Lab, Result


def lab_page(name: str) -> str:
    """The page of a lab."""
    return f"labs/{name}"


def result(catalog: Catalog, name: str) -> Result | None:
    """The result that a note names as ``lab:key``, if there is one."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].results.get(key) if lab in catalog.labs_by_name else None


def figure(catalog: Catalog, name: str) -> Figure | None:
    """The figure that a note names as ``lab:figure``, if there is one."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].drawn.get(key) if lab in catalog.labs_by_name else None


def not_in_labs(catalog: Catalog, kind: str, name: str) -> str:
    """Say that no lab has this result or figure, and what may have been meant; nothing, where one has it.

    Nor is anything said where the lab's own files are what is to mend.
    """
    found = figure(catalog, name) if kind == "figure" else result(catalog, name)
    if found is not None or name.partition(":")[0] in catalog.unfit_labs:
        return ""
    names = [f"{lab.name}:{key}" for lab in catalog.labs for key in (lab.drawn if kind == "figure" else lab.results)]
    near = suggestion(name, names)
    hint = f"did you mean `{near}`?" if near else "write it as `lab:name`, by the folders in labs/"
    return f"`{name}` is not a {kind} of a lab; {hint}"


def quoted(catalog: Catalog) -> dict[str, tuple[str, str]]:
    """What a note can take from labs, by how it is written: a text, and the place on the lab's page that says more."""
    found = {}
    for lab in catalog.labs:
        page = f"{lab_page(lab.name)}.html"
        for key, value in lab.results.items():
            place = f"{page}#result-{key}"
            found[f"result {lab.name}:{key}"] = value.text, place
            found[f"number {lab.name}:{key}"] = value.bare, place
        for name, about in lab.drawn.items():
            found[f"lab-figure {lab.name}:{name}"] = " ".join([f"{about.title}.", *about.description]), page
    return found


def figure_view(catalog: Catalog, name: str) -> View:
    """What a page shows of a figure: its drawing, its data, and the way to its lab."""
    lab, drawn = catalog.labs_by_name[name.partition(":")[0]], figure(catalog, name)
    assert drawn
    head, *rows = drawn.rows
    return {
        "svg": drawn.svg,
        "title": drawn.title,
        "head": head,
        "rows": rows,
        "lab": {"title": lab.title, "page": lab_page(lab.name)},
    }


def _labs(catalog: Catalog) -> Iterator[Derived]:
    for lab in catalog.labs:
        yield Derived(lab_page(lab.name), "lab.html", _lab(catalog, lab))
    context = {
        "title": LABS["title"],
        "heading": LABS["title"],
        "description": "The small experiments of Built at Scale, and the notes that quote them.",
        "trail": [HOME, {"title": LABS["title"]}],
        "sidebar": sidebar(catalog),
        "labs": [
            {
                "title": lab.title,
                "page": lab_page(lab.name),
                "shows": " ".join(lab.shows),
                "notes": _quoting(catalog, lab),
            }
            for lab in catalog.labs
        ],
        "needs": ["figures.css"],
    }
    yield Derived(LABS["page"], "labs.html", context)


def _quoting(catalog: Catalog, lab: Lab) -> list[View]:
    """The notes that quote a lab, the newest of them: a page does not grow with their number."""
    return [link(note) for note in catalog.notes_by_lab[lab.name][:PAGE]]


def _lab(catalog: Catalog, lab: Lab) -> View:
    return {
        "title": lab.title,
        "heading": lab.title,
        "description": lab.shows[0],
        "trail": [HOME, LABS, {"title": lab.title}],
        "sidebar": sidebar(catalog),
        "lab": lab.model_dump(include={"rerun", "command", "date", "machine", "versions", "source"}),
        "shows": " ".join(lab.shows),
        "limits": " ".join(lab.limits),
        "parameters": [
            {"name": name, "text": parameter.text, "what": parameter.what} for name, parameter in lab.parameters.items()
        ],
        "results": [
            {"name": key, "text": found.text, "value": found.value, "what": found.what, "tolerance": found.tolerance}
            for key, found in lab.results.items()
        ],
        "figures": [figure_view(catalog, f"{lab.name}:{name}") for name in lab.drawn],
        "notes": _quoting(catalog, lab),
        "needs": ["figures.css", "pygments.css"],
    }
