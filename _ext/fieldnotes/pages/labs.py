"""The pages of labs, and the results and figures that notes quote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from fieldnotes.pages.note_lists import PAGE_SIZE
from fieldnotes.pages.shared import LABS, DerivedPage, View, frame, index_link, link
from fieldnotes.sources import svg
from fieldnotes.sources.problem import Code, Problem, suggestion

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from fieldnotes.catalog.model import Catalog
    from fieldnotes.sources.lab_record import Claim, Figure, Lab, Parameter, Result

BOUNDED = re.compile(r"\b(?:at least|at most|more than|less than|within|below|above) \{\}")
"""A claim whose text already words its bound."""


def lab_page(name: str) -> str:
    """Return the name of a lab's page."""
    return f"labs/{name}"


def result(catalog: Catalog, name: str) -> Result | None:
    """Return the result that a note quotes as ``lab:key``; None if it does not exist."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].results.get(key) if lab in catalog.labs_by_name else None


class Quoted(NamedTuple):
    """A quoted result or claim: its text with and without the unit, its value, its tooltip, and its range."""

    text: str
    without_unit: str
    value: float
    about: str
    range: str = ""


def quote(catalog: Catalog, kind: str, name: str, *, spread: bool = False) -> Quoted | str:
    """Quote a result or claim ``lab:key``, with its range if ``spread``.

    Returns a message if that is not possible; "" if the problems of the lab are reported already.
    """
    if message := not_in_labs(catalog, kind, name):
        return message
    lab, _, key = name.partition(":")
    if lab in catalog.invalid_labs:
        return ""
    if kind == "claim":
        claim = catalog.labs_by_name[lab].claims[key]
        text = bound_in_words(catalog, claim)
        return Quoted(text, text, claim.value, claim_sentence(catalog, claim))
    quoted = catalog.labs_by_name[lab].results[key]
    if spread and not quoted.range:
        return f"`{name}` has no range; remove `spread`, or measure it over several seeds or runs"
    about = "; ".join(filter(None, [quoted.what, range_note(catalog, quoted)]))
    return Quoted(quoted.text, quoted.without_unit, quoted.value, about, f" ({quoted.range})" if spread else "")


def range_note(catalog: Catalog, result: Result) -> str:
    """Return in words what a result and its range summarize; "" if it has no range."""
    if not result.range:
        return ""
    if result.seeds:
        form = catalog.language.gettext("median of {count} seeds; nine in ten lie in the range")
    else:
        form = catalog.language.gettext("median of {count} runs, and their range")
    return form.format(count=result.seeds or result.runs)


def bound_in_words(catalog: Catalog, claim: Claim) -> str:
    """Return the bound of a claim in words, such as "at least 3"; *at most 0* is shown as "0"."""
    gettext = catalog.language.gettext
    if claim.most == 0:
        return claim.bound
    form = gettext("at least {bound}") if claim.most is None else gettext("at most {bound}")
    return form.format(bound=claim.bound)


def claim_sentence(catalog: Catalog, claim: Claim) -> str:
    """Return a claim as a sentence. Its text may word the bound itself, as in "takes at least {} times as long"."""
    return claim.says.replace("{}", claim.bound if BOUNDED.search(claim.says) else bound_in_words(catalog, claim))


def figure(catalog: Catalog, name: str) -> Figure | None:
    """Return the figure that a note shows as ``lab:figure``; None if it does not exist."""
    lab, _, key = name.partition(":")
    return catalog.labs_by_name[lab].figures.get(key) if lab in catalog.labs_by_name else None


def not_in_labs(catalog: Catalog, kind: str, name: str) -> str:
    """Return the message for a ``result``, ``claim`` or ``figure`` that no lab has.

    "" if a lab has it, or if the lab was left out because of problems in its files, which are reported already.
    """
    names = [f"{lab.name}:{key}" for lab in catalog.labs for key in getattr(lab, f"{kind}s")]
    if name in names or name.partition(":")[0] in catalog.invalid_labs:
        return ""
    closest = suggestion(name, names)
    hint = f"did you mean `{closest}`?" if closest else "write it as `lab:name`, where `lab` is a folder in labs/"
    return f"`{name}` is not a {kind} of a lab; {hint}"


def unknown_pictures(catalog: Catalog) -> Iterator[Problem]:
    """Yield a problem for each note whose `picture` is a figure that does not exist."""
    for note in catalog.notes:
        if ":" in note.picture and (message := not_in_labs(catalog, "figure", note.picture)):
            line, column = note.header.position("picture")
            yield Problem(note.header.path, line, Code.RESULT, f"`picture`: {message}", column)


def figure_view(catalog: Catalog, name: str) -> View:
    """Return the drawing of a figure, its data, and a link to its lab. The figure must exist."""
    lab, lab_figure = catalog.labs_by_name[name.partition(":")[0]], figure(catalog, name)
    assert lab_figure
    head, *rows = lab_figure.rows
    return {
        "svg": lab_figure.svg,
        "alt": " ".join([f"{lab_figure.title}.", *lab_figure.description]),
        "name": lab_figure.name,
        "title": lab_figure.title,
        "head": head,
        "rows": rows,
        "lab": {"title": lab.title, "page": lab_page(lab.name)},
    }


def exploration(catalog: Catalog, name: str) -> View | None:
    """Return the choices that a lab offers to readers, and the results of each; None if it offers none."""
    lab = catalog.labs_by_name.get(name)
    if not (lab and lab.grid):
        return None
    answers = {}
    for answer, about in lab.grid.answers.items():
        results = {keys: lab.results[state] for keys, state in lab.grid.states(answer).items()}
        states = {keys: one.text + (f" ({one.range})" if one.low != one.high else "") for keys, one in results.items()}
        first = states[" ".join(lab.grid.axes[axis].start for axis in about.axes)]
        answers[answer] = {"what": about.what, "axes": about.axes, "states": states, "first": first}
    return {
        "lab": {"title": lab.title, "page": lab_page(name)},
        "axes": lab.grid.model_dump()["axes"],
        "answers": answers,
    }


def lab_pages(catalog: Catalog) -> Iterator[DerivedPage]:
    """Yield the page of each lab, then the list of labs."""
    for lab in catalog.labs:
        yield DerivedPage(lab_page(lab.name), "lab.html", _lab_view(catalog, lab))
    about = catalog.language.gettext("Small experiments behind the numbers, and the notes that quote them.")
    context = {
        **frame(catalog, index_link(catalog.language, LABS)["title"], about),
        "labs": [
            {
                "title": lab.title,
                "page": lab_page(lab.name),
                "question": lab.question or lab.shows[0],
                "figure": _figure_without_text(lab),
                "notes": _quoting_notes(catalog, lab),
            }
            for lab in catalog.labs
        ],
    }
    yield DerivedPage(LABS, "labs.html", context)


def _figure_without_text(lab: Lab) -> str:
    """Return the first figure of a lab without its labels, which are illegible in a list; "" without figures."""
    return next((svg.without_text(ElementTree.fromstring(each.svg), lab.name) for each in lab.figures.values()), "")


def _quoting_notes(catalog: Catalog, lab: Lab) -> list[View]:
    """Return the newest notes that quote a lab: a bounded number, so the page does not grow with the journal."""
    return [link(note) for note in catalog.notes_by_lab[lab.name][:PAGE_SIZE]]


def _results(lab: Lab, quoted: Collection[str]) -> View:
    """Return the results of a lab: first those that notes quote, then the others by the first part of their names."""
    first, groups = list[View](), dict[str, list[View]]()
    for key, value in lab.results.items():
        tolerance = value.formatted(value.tolerance) if value.tolerance else ""
        view = {"name": key, "tolerance": tolerance, "text": value.text, "range": value.range}
        group = first if key in quoted else groups.setdefault(key.partition(".")[0], [])
        group.append({**view, **value.model_dump(include={"value", "what", "line", "seeds", "runs"})})
    return {"quoted": first, "groups": groups}


def _lab_view(catalog: Catalog, lab: Lab) -> View:
    quoted = {name.partition(":")[2] for note in catalog.notes_by_lab[lab.name] for name in note.quotes}
    return {
        **frame(catalog, lab.title, lab.question or lab.shows[0], index_link(catalog.language, LABS)),
        "lab": lab.model_dump(
            exclude={"texts", "figures", "results", "claims", "parameters", "grid", "files", "digests"}
        ),
        "source": lab.texts["lab.py"],
        "files": [file for file in lab.texts if not file.startswith("..")],
        "claims": [
            {"name": name, "says": claim_sentence(catalog, claim), **_quantity(claim)}
            for name, claim in lab.claims.items()
        ],
        "address": catalog.journal.file_url(f"labs/{lab.name}/lab.py"),
        "repository": catalog.journal.repository,
        "parameters": [{"name": name, **_quantity(parameter)} for name, parameter in lab.parameters.items()],
        "results": _results(lab, quoted),
        "figures": [figure_view(catalog, f"{lab.name}:{name}") for name in lab.figures],
        "notes": _quoting_notes(catalog, lab),
    }


def _quantity(item: Parameter | Claim) -> View:
    return {"text": item.text, **item.model_dump(include={"what", "line"})}
