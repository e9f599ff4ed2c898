"""Report pinned packages with a known vulnerability: `make audit`. Exit with 1 for one, or for one that is unknown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Audit every file by itself, since pip-audit refuses a package that two files name."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--strict", "--require-hashes", "--disable-pip", "-r"]
    status = 0
    for file in sorted(Path(__file__).parent.glob("*.txt")):  # live.txt has all of requirements.txt
        print(f"{file.name}:", flush=True)
        status |= subprocess.run([*command, str(file)], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
