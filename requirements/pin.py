"""Pin the packages of the .in files and their dependencies, with the hash of every file: `make requirements`.

A pinned version stays until its line in an .in file changes. ``pin.py NAME`` upgrades one package that no .in file
lists, ``pin.py all`` every one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from install import uv_environment

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).with_name("uv"))

FILES = ["requirements", *(f"requirements/{name}" for name in ("uv", "live", "tests", "bench", "labs", "audit"))]
"""In this order: later files keep to the versions of those that they include."""


def main(names: list[str]) -> None:
    """Write each .txt file from its .in file, for every platform and for Python 3.11 and newer."""
    upgrade = ["--upgrade"] if names == ["all"] else [f"--upgrade-package={name}" for name in names]
    command = [UV, "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--annotation-style=line", "--custom-compile-command=make requirements", *upgrade]
    environment = uv_environment([sys.executable, "-m", "pip"])  # pip-audit depends on pip
    for file in FILES:
        subprocess.run([*command, f"{file}.in", f"--output-file={file}.txt"], cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
