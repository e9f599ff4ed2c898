"""Run a program of this environment that draws what a text describes, in a process of its own.

A process may fail, print and take its time without harm to a build.
"""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path

LONGEST = 20
"""Seconds after which a drawing counts as too large."""


def draw(name: str, options: list[str], source: str) -> str:
    """What a program makes of a source. Raises ValueError with what is wrong with it."""
    command = [str(Path(sysconfig.get_path("scripts"), name)), *options]
    try:
        done = subprocess.run(
            command, input=source, capture_output=True, encoding="utf-8", timeout=LONGEST, check=False
        )
    except FileNotFoundError as error:
        raise ValueError(f"this machine has no `{name}`") from error
    except subprocess.TimeoutExpired as error:
        raise ValueError(f"it takes longer than {LONGEST} s") from error
    if done.returncode or not done.stdout.strip():
        said = done.stderr.strip().splitlines() or ["nothing is drawn"]
        raise ValueError(said[-1].removeprefix(f"{name}: ").removeprefix("Error: ").replace("<stdin>: ", ""))
    return done.stdout
