"""Report known vulnerabilities of pinned packages: `make audit`. Exit with 1 for one, or for an unknown package."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Audit each file separately, since pip-audit refuses a package that two files list."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--strict", "--require-hashes", "--disable-pip", "-r"]
    status = 0
    for file in sorted(Path(__file__).parent.glob("*.txt")):  # live.txt includes requirements.txt
        print(f"{file.name}:", flush=True)
        status |= subprocess.run([*command, str(file)], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
