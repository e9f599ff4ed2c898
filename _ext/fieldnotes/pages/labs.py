"""The pages of labs, and the results and figures that notes quote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.pages.lists import PAGE_SIZE
from fieldnotes.pages.parts import LABS, DerivedPage, View, frame, index_link, link
from fieldnotes.sources.problem import suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lab import Figure, Lab, Result


def lab_page(name: str) -> str:
    """The page of a lab, by the lab's name."""
    return f"labs/{name}"


def result(catalog: Catalog, name: str) -> Result | None:
    """The result that a note quotes as ``lab:key``; None if there is none."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].results.get(key) if lab in catalog.labs_by_name else None


def figure(catalog: Catalog, name: str) -> Figure | None:
    """The figure that a note shows as ``lab:figure``; None if there is none."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].figures.get(key) if lab in catalog.labs_by_name else None


def not_in_labs(catalog: Catalog, kind: str, name: str) -> str:
    """The message for a ``result`` or ``figure`` that no lab has.

    "" if a lab has it, or if the lab was left out because of its own files: these have been reported.
    """
    exists = figure(catalog, name) if kind == "figure" else result(catalog, name)
    if exists or name.partition(":")[0] in catalog.unfit_labs:
        return ""
    names = [f"{lab.name}:{key}" for lab in catalog.labs for key in (lab.figures if kind == "figure" else lab.results)]
    near = suggestion(name, names)
    hint = f"did you mean `{near}`?" if near else "write it as `lab:name`, by the folders in labs/"
    return f"`{name}` is not a {kind} of a lab; {hint}"


def figure_view(catalog: Catalog, name: str) -> View:
    """The drawing of a figure, its data, and a link to its lab. The figure must exist."""
    lab, drawn = catalog.labs_by_name[name.partition(":")[0]], figure(catalog, name)
    assert drawn
    head, *rows = drawn.rows
    return {
        "svg": drawn.svg,
        "alt": " ".join([f"{drawn.title}.", *drawn.description]),
        "title": drawn.title,
        "head": head,
        "rows": rows,
        "lab": {"title": lab.title, "page": lab_page(lab.name)},
    }


def lab_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """The page of each lab, then the list of labs."""
    for lab in catalog.labs:
        yield DerivedPage(lab_page(lab.name), "lab.html", _lab_view(catalog, lab))
    about = catalog.language.gettext("Small experiments behind the numbers, and the notes that quote them.")
    context = {
        **frame(catalog, index_link(catalog.language, LABS)["title"], about),
        "labs": [
            {
                "title": lab.title,
                "page": lab_page(lab.name),
                "shows": lab.shows[0],
                "figure": next((figure.svg for figure in lab.figures.values()), ""),
                "notes": _quoting_notes(catalog, lab),
            }
            for lab in catalog.labs
        ],
    }
    yield DerivedPage(LABS, "labs.html", context)


def _quoting_notes(catalog: Catalog, lab: Lab) -> list[View]:
    """The newest notes that quote a lab: a bounded number, so that the page does not grow with the journal."""
    return [link(note) for note in catalog.notes_by_lab[lab.name][:PAGE_SIZE]]


def _groups(lab: Lab) -> list[View]:
    """The results of a lab by the first part of their names; those that share it with no other come first, as one."""
    groups: dict[str, list[View]] = {}
    for key, value in lab.results.items():
        shown = {"name": key, "text": value.text, "value": value.value, "what": value.what}
        groups.setdefault(key.partition(".")[0], []).append({**shown, "tolerance": value.tolerance})
    single = [results[0] for results in groups.values() if len(results) == 1]
    folded = [{"name": name, "results": results} for name, results in groups.items() if len(results) > 1]
    return [*([{"name": "", "results": single}] if single else []), *folded]


def _lab_view(catalog: Catalog, lab: Lab) -> View:
    return {
        **frame(catalog, lab.title, lab.shows[0], index_link(catalog.language, LABS)),
        "lab": lab.model_dump(include={"rerun", "command", "date", "machine", "versions", "source"}),
        "shows": lab.shows,
        "limits": " ".join(lab.limits),
        "address": catalog.journal.file(f"labs/{lab.name}/lab.py"),
        "repository": catalog.journal.repository,
        "parameters": [
            {"name": name, "text": parameter.text, "what": parameter.what} for name, parameter in lab.parameters.items()
        ],
        "groups": _groups(lab),
        "figures": [figure_view(catalog, f"{lab.name}:{name}") for name in lab.figures],
        "notes": _quoting_notes(catalog, lab),
    }
