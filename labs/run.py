"""Run labs and store their results: ``python labs/run.py [NAME …] [--out DIR] [--quick] [--seed N] [--renew]``.

Each ``labs/<name>/lab.py`` has its ``Parameters``, its ``TITLE``, ``SHOWS`` and ``LIMITS``, ``RERUN`` (the make target
that reruns it: ``test``, ``test-long`` or ``labs``), and ``measure``, which returns Measured. Optional: a ``QUESTION``
and an ``ANSWER``, in which ``{key}`` is replaced by a result; ``NEEDS``, the Debian package of each required command or
file; ``TAKES``, the Python packages whose version matters; and ``READS``, the files that it reads.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import csv
import datetime
import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import traceback
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "_ext")]

from fieldnotes.sources.lab_digest import part_digests, text_digest  # noqa: E402
from record import cell, described  # noqa: E402

if TYPE_CHECKING:
    from types import ModuleType

    from record import Measured, Result

ORDER = (
    *("title", "question", "answer", "shows", "limits", "rerun", "command", "needs", "date", "took", "commit"),
    *("machine", "versions", "parameters", "results", "claims", "figures", "grid", "files", "digests"),
)
"""The order of the parts of ``results.json``."""

NOT_DIGESTED = {"record", "chart"}
"""Modules of this folder that do not affect any number."""


class Failure(Exception):
    """A lab produced no results; the message is the reason, in one line."""


def main() -> None:
    """Run the given labs, or all; exit with 1 if one of them produced no results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="folders in labs/; all by default")
    parser.add_argument("--out", type=Path, help="a folder for the results, instead of labs/")
    parser.add_argument("--quick", action="store_true", help="a smaller run, for a quick look; needs --out")
    parser.add_argument("--seed", type=int, help="another seed; needs --out")
    parser.add_argument("--renew", action="store_true", help="accept this run even if it is within the tolerance")
    options = parser.parse_args()
    if (options.quick or options.seed is not None) and not options.out:
        parser.error("--quick and --seed change the results that notes quote; give a folder with --out")
    names = options.names or [path.parent.name for path in sorted(HERE.glob("*/lab.py"))]
    failed = []
    for number, name in enumerate(names, start=1):
        sys.stderr.write(f"[{number}/{len(names)}] {name} … ")
        sys.stderr.flush()
        try:
            report = run(name, options)
        except Failure as failure:
            report = str(failure)
            failed.append(name)
        except ModuleNotFoundError as error:
            report = f"not run; it needs the Python package {error.name}: `make lab` installs it"
            failed.append(name)
        except Exception:  # whatever a lab raises, the others still run
            report = traceback.format_exc().rstrip()
            failed.append(name)
        sys.stderr.write(f"{report}\n")
    if failed:
        sys.exit(f"no results from {', '.join(failed)}")


def run(name: str, options: argparse.Namespace) -> str:
    """Run a lab and store its results; return the duration and what is new. Raises Failure."""
    path = HERE / name / "lab.py"
    if not path.exists():
        names = ", ".join(path.parent.name for path in sorted(HERE.glob("*/lab.py")))
        raise Failure(f"there is no lab `{name}`; the labs are {names}")
    if missing := [f"{need}: apt-get install {package}" for need, package in needs(path).items() if not is_there(need)]:
        raise Failure(f"not run; it needs {', '.join(missing)}")
    lab = load(name)
    files = {file: text_digest(text) for file, text in code(path.parent, lab).items()}
    parameters = settings(lab, quick=options.quick, seed=options.seed)
    load_before, start = os.getloadavg()[0], time.monotonic()
    measured = lab.measure(parameters)
    took = time.monotonic() - start
    violated = [f"`{key}` ({claim.says}): {claim.value:g}" for key, claim in measured.claims.items() if not claim.holds]
    if violated and not options.out:
        raise Failure(f"ran for {took:.1f} s; violates {'; '.join(violated)}")
    folder = (options.out or HERE) / name
    folder.mkdir(parents=True, exist_ok=True)
    changes = keep(folder, lab, measured, parameters, files, (took, load_before), renew=options.renew)
    return "; violates ".join([f"{took:.1f} s, {changes}", *violated])


def needs(path: Path) -> dict[str, str]:
    """The commands and files that a lab needs, with their Debian packages, read without running the lab."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "NEEDS":
            packages: dict[str, str] = ast.literal_eval(node.value)
            return packages
    return {}


def is_there(need: str) -> bool:
    """Whether this machine has a command, or a file at an absolute path."""
    return Path(need).exists() if need.startswith("/") else shutil.which(need) is not None


def load(name: str) -> ModuleType:
    """Import a lab by the name of its folder."""
    spec = importlib.util.spec_from_file_location(f"lab_{name.replace('-', '_')}", HERE / name / "lab.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def settings(lab: ModuleType, *, quick: bool = False, seed: int | None = None) -> Any:
    """The parameters of a lab; with ``quick``, those of its ``QUICK``."""
    changes = dict(lab.QUICK) if quick else {}
    if seed is not None:
        changes["seed"] = seed
    return replace(lab.Parameters(), **changes)


def record(lab: ModuleType, name: str, measured: Measured, parameters: Any) -> dict[str, Any]:
    """The content of ``results.json``, except when and where the lab was run."""
    return {
        "title": lab.TITLE,
        "question": " ".join(getattr(lab, "QUESTION", "").split()),
        "answer": sentences(answer(getattr(lab, "ANSWER", ""), measured.results)),
        "shows": sentences(lab.SHOWS),
        "limits": sentences(lab.LIMITS),
        "rerun": lab.RERUN,
        "command": f"make lab NAME={name}",
        "needs": getattr(lab, "NEEDS", {}),
        "parameters": described(parameters),
        "results": {key: parts(result, "value") for key, result in measured.results.items()},
        "claims": {key: parts(claim, "value", "least", "most") for key, claim in measured.claims.items()},
        "figures": {
            key: {"title": figure.title, "description": sentences(figure.description)}
            for key, figure in measured.figures.items()
        },
        **({"grid": json.loads(json.dumps(asdict(measured.grid)))} if measured.grid else {}),
    }


def parts(item: Any, *always: str) -> dict[str, Any]:
    """The fields of a result or claim, without empty ones."""
    return {
        name: value
        for name, value in vars(item).items()
        if value is not None and (name in always or value not in ("", 0) or name in {"low", "high"})
    }


def sentences(text: str) -> list[str]:
    """Split a text into its sentences."""
    return re.split(r"(?<=[.?;:]) (?=\S)", " ".join(text.split())) if text else []


def answer(text: str, results: dict[str, Result]) -> str:
    """Fill results into an answer: ``{key}`` becomes the formatted value, with its unit and its range."""

    def shown(name: re.Match[str]) -> str:
        result = results[name[1]]
        value, *ends = (
            format(number, result.format).replace("-", "\N{MINUS SIGN}")
            for number in (result.value, result.low, result.high)
            if number is not None
        )
        spread = f" ({'–'.join(ends)})" if len({value, *ends}) > 1 else ""
        return f"{value} {result.unit}".rstrip() + spread

    return re.sub(r"\{([a-z0-9_.]+)\}", shown, text)


def tables(measured: Measured) -> dict[str, list[list[str]]]:
    """The table behind each figure, by its name."""
    return {
        name: [list(figure.head), *([cell(value) for value in row] for row in figure.rows)]
        for name, figure in measured.figures.items()
    }


def strayed(before: dict[str, Any], results: dict[str, Result]) -> list[str]:
    """The results that differ from the previous run, each with both values.

    A result with a tolerance may be that far from the previous value, in either direction. The median of several runs
    of an engine may be anywhere in their previous range.
    """
    changes = []
    for key in sorted(before.keys() | results.keys()):
        old, new = before.get(key, {}), results.get(key)
        if new is None or not old:
            changes.append(f"{key}: {old.get('value')} → {new and new.value}")
            continue
        low, high = (old["low"], old["high"]) if new.runs and "low" in old else (old["value"], old["value"])
        if not low - new.tolerance <= new.value <= high + new.tolerance:
            changes.append(f"{key}: {old['value']} → {new.value}")
    return changes


def keep(
    folder: Path,
    lab: ModuleType,
    measured: Measured,
    parameters: Any,
    files: dict[str, str],
    run_of: tuple[float, float],
    *,
    renew: bool = False,
) -> str:
    """Write the results of a run of these files; ``run_of`` is its seconds and the load before; return what is new.

    If the code is the same and all results are within their tolerance, ``results.json`` stays, with its date; so do the
    figures of a lab that measures a real engine, since they belong to that run. ``renew`` replaces both, for example to
    change how the figures are drawn.
    """
    from chart import Chart

    current = record(lab, folder.name, measured, parameters)
    path = folder / "results.json"
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    new = strayed(before.get("results", {}), measured.results)
    others = [part for part in current if part not in {"results", "claims", "answer"} or lab.RERUN != "labs"]
    same = not new and all(before.get("files", {}).get(file) == digest for file, digest in files.items())
    same = same and json.dumps([current[part] for part in others]) == json.dumps([before.get(part) for part in others])
    if same and lab.RERUN == "labs" and not renew:
        return "within the tolerance of the previous run, which stays with its figures; --renew accepts this one"
    for name, figure in measured.figures.items():
        chart = Chart(figure.height)
        figure.draw(chart)
        write(folder / f"{name}.svg", chart.svg())
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(tables(measured)[name])
        for kind in ("svg", "csv"):
            files[f"{name}.{kind}"] = text_digest((folder / f"{name}.{kind}").read_text(encoding="utf-8"))
    if same and not renew and files == before.get("files"):
        return "the same results"
    took, load_before = run_of
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    whole = {**current, "date": today, "took": round(took, 1), "commit": commit(), "machine": machine(load_before)}
    whole |= {"versions": versions(lab, measured), "files": files}
    whole["digests"] = part_digests(whole)
    write(path, json.dumps({key: whole[key] for key in ORDER if key in whole}, indent=1, ensure_ascii=False) + "\n")
    return "; ".join(["new results", *new[:10]])


def write(path: Path, text: str) -> None:
    """Write a UTF-8 file with Unix line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")


def code(folder: Path, lab: ModuleType) -> dict[str, str]:
    """The texts that determine a lab's numbers, by path from its folder: its code, and the files that it reads."""
    text = (folder / "lab.py").read_text(encoding="utf-8")
    imported = {node.module for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)} - NOT_DIGESTED
    names = [f"../{path.name}" for path in sorted(HERE.glob("*.py")) if path.stem in imported - {"run"}]
    return {
        "lab.py": text,
        **{name: (folder / name).read_text(encoding="utf-8") for name in (*names, *getattr(lab, "READS", ()))},
    }


def commit() -> str:
    """The commit of the code, with ``+`` if it was changed since; ``""`` without git."""
    git = ["git", "-C", str(HERE)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=False)
        changed = subprocess.run([*git, "status", "--porcelain", "*.py"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return head.stdout.strip() + ("+" if changed.stdout else "")


def machine(load_before: float) -> dict[str, str | float]:
    """The machine: processor model, cores, memory in gigabytes, system, and its load before the run."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        model = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": model,
        "cores": os.cpu_count() or 1,
        "memory": round(memory, 1),
        "system": f"{platform.system()} {platform.machine().replace('_', '-')}",
        "load": round(load_before, 1),
    }


def versions(lab: ModuleType, measured: Measured) -> dict[str, str]:
    """The versions of Python, of the packages in ``TAKES``, of matplotlib, and of the lab's engines."""
    names = (*getattr(lab, "TAKES", ()), "matplotlib")
    packages = {name: importlib.metadata.version(name) for name in names}
    return {"Python": platform.python_version(), **packages, **measured.engines}


if __name__ == "__main__":
    main()
