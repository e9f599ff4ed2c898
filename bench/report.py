"""Put what `make bench` and `make bench-live` measured into README, as tables and a plot.

python report.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from babel.lists import format_list

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench/results.json"
LIVE = ROOT / "bench/live.json"
README = ROOT / "README.md"
PLOT = ROOT / "pictures/bench.svg"
MARKS = "<!-- bench: made by `make bench` -->", "<!-- bench: end -->"

CASES = ("clean", "no change", "body edited", "title edited", "tag changed", "note added", "body edited, live")

CHECKS = {"check, clean": "from nothing", "check, no change": "no change", "check, body edited": "body edited"}
"""The cases of `make check`, and how README names them."""

THEMES = {"ink": ("#22252a", "#dfe2e4"), "quiet": ("#767c85", "#8b929a"), "lamp": ("#a03d0c", "#f0a35e")}
"""The plot's colors, in a light and in a dark page."""


def table(results: dict[str, Any]) -> str:
    """What README says of the benchmark, in Markdown."""
    rows = {(row["system"], row["case"], row["notes"]): row for row in results["rows"]}
    systems = list(dict.fromkeys(row["system"] for row in results["rows"]))
    compared = _compared(results)
    most = compared[-1]
    lines = [
        f"Processor seconds of a clean build, each size in one run ({results['machine']}; {_days(rows, compared)}):",
        "",
        "| | " + " | ".join(f"{size:,} notes" for size in compared) + " | most memory | HTML of a note | output |",
        "| --- |" + " ---: |" * (len(compared) + 3),
    ]
    for system in systems:
        found = [rows.get((system, "clean", size)) for size in compared]
        last = next(row for row in reversed(found) if row)
        size = f"{last['notes']:,} notes: " if last["notes"] != most else ""
        cells = [f"{row['cpu']:.1f}" if row else "–" for row in found]
        cells += [f"{size}{last['memory']:,.0f} MB", f"{last['page_bytes'] / 1000:.0f} kB"]
        cells += [f"{last['output_bytes'] / 1e6:,.0f} MB"]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    sizes = sorted({notes for system, case, notes in rows if system == "ours" and case == CASES[1]})
    lines += [
        "",
        "Ours after an edit, processor seconds and the part of a clean build:",
        "",
        "| | " + " | ".join(CASES) + " | most memory |",
        "| --- |" + " ---: |" * (len(CASES) + 1),
    ]
    for size in sizes:
        clean = rows["ours", "clean", size]
        cells = [f"{clean['cpu']:.1f}"]
        cells += [_part(rows["ours", case, size]["cpu"], clean["cpu"]) for case in CASES[1:]]
        lines.append(f"| {size:,} notes | " + " | ".join(cells) + f" | {clean['memory']:,.0f} MB |")
    return "\n".join(lines)


def check_table(results: dict[str, Any]) -> str:
    """What README says of `make check`, in Markdown; nothing where it has not been measured."""
    rows = {(row["case"], row["notes"]): row for row in results["rows"] if row["case"] in CHECKS}
    if not rows:
        return ""
    sizes = sorted({notes for _case, notes in rows})
    lines = [
        f"Processor seconds of `make check` ({results['machine']}, {rows[next(iter(CHECKS)), sizes[0]]['date']}):",
        "",
        "| | " + " | ".join(CHECKS.values()) + " |",
        "| --- |" + " ---: |" * len(CHECKS),
    ]
    for size in sizes:
        cells = [f"{rows[case, size]['cpu']:.1f}" for case in CHECKS]
        lines.append(f"| {size:,} notes | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def live_table(live: dict[str, Any]) -> str:
    """What README says of `make live`, in Markdown."""
    lines = [
        f"Seconds from a save to the text on the page that is open, `make live` ({live['machine']}, {live['date']}):",
        "",
        "| | the middle save | the slowest |",
        "| --- | ---: | ---: |",
    ]
    for row in live["rows"]:
        name = f"this journal, {row['notes']} notes" if row["journal"] else f"{row['notes']:,} notes"
        lines.append(f"| {name} | {row['middle']:.1f} | {row['slowest']:.1f} |")
    return "\n".join(lines)


def _compared(results: dict[str, Any]) -> list[int]:
    """The sizes at which ours has been built beside its peers."""
    return sorted({row["notes"] for row in results["rows"] if row["system"] == "bare Sphinx"})


def _days(rows: dict[tuple[str, str, int], dict[str, Any]], sizes: list[int]) -> str:
    """When each size was measured."""
    days: dict[str, list[str]] = {}
    for size in sizes:
        days.setdefault(rows["ours", "clean", size]["date"], []).append(f"{size:,}")
    return "; ".join(f"{format_list(found, locale='en')} notes on {day}" for day, found in days.items())


def _part(cpu: float, clean: float) -> str:
    return f"{cpu:.1f} ({100 * cpu / clean:.1f} %)"


def plot(results: dict[str, Any]) -> str:
    """Processor seconds against notes, both on scales of powers, as an SVG that follows the reader's theme."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.family": "sans-serif"})
    figure = Figure(figsize=(7.2, 4.2))
    axes = figure.add_subplot()
    axes.set(xscale="log", yscale="log", xlabel="notes", ylabel="processor seconds of a clean build")
    ends: list[tuple[float, float, str]] = []
    for system in dict.fromkeys(row["system"] for row in results["rows"]):
        points = sorted(
            (r["notes"], r["cpu"]) for r in results["rows"] if (r["system"], r["case"]) == (system, "clean")
        )
        color = THEMES["lamp" if system == "ours" else "quiet"][0]
        axes.plot(*zip(*points, strict=True), color=color, linewidth=2.4 if system == "ours" else 1.2, marker="o", ms=4)
        ends.append((*points[-1], system))
    _label(axes, ends)
    axes.set_xticks(sizes := _compared(results), [f"{size:,}" for size in sizes])
    axes.set_yticks(ticks := [0.3, 1, 3, 10, 30, 100, 300], [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(right=axes.get_xlim()[1] * 1.8)
    axes.spines[["top", "right"]].set_visible(False)
    for part in (*axes.spines.values(), axes.xaxis.label, axes.yaxis.label):
        part.set_color(THEMES["ink"][0])
    axes.tick_params(colors=THEMES["ink"][0])
    figure.savefig(PLOT, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    text = PLOT.read_text()
    dark = "".join(
        f'[style*="{part}: {light}"]{{{part}:{dark}!important}}'
        for part in ("fill", "stroke")
        for light, dark in THEMES.values()
    )
    return text.replace("<defs>", f"<style>@media (prefers-color-scheme:dark){{{dark}}}</style>\n <defs>", 1)


def _label(axes: Any, ends: list[tuple[float, float, str]]) -> None:
    """Name each line at its end; names that would lie on each other are moved apart, the upper ones up."""
    below: dict[float, float] = {}
    for notes, cpu, system in sorted(ends):
        height = max(cpu, below.get(notes, 0) * 1.35)
        below[notes] = height
        color = THEMES["lamp" if system == "ours" else "quiet"][0]
        axes.annotate(system, (notes, height), (7, 0), textcoords="offset points", va="center", color=color)


def main() -> None:
    """Write README's part, or print it where README has none, and write the plot."""
    results = json.loads(RESULTS.read_text())
    parts = [table(results), check_table(results), live_table(json.loads(LIVE.read_text()))]
    tables = "\n\n".join(filter(None, parts))
    PLOT.write_text(plot(results))
    before, begin, rest = README.read_text().partition(MARKS[0])
    if not begin:  # the README of a journal of one's own
        print(tables)
        return
    README.write_text(f"{before}{begin}\n\n{tables}\n\n{MARKS[1]}{rest.split(MARKS[1])[1]}")


if __name__ == "__main__":
    main()
