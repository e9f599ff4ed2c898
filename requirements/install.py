"""Install pinned requirements into a virtual environment: ``install.py FOLDER FILE``, as `make` runs it.

uv installs them, in a third of pip's processor time; pip installs uv. Both refuse a file without a pinned hash.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

UV = str(Path(__file__).with_name("uv.txt"))

SETTINGS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
}
"""pip's settings for package sources, and the equivalent environment variables of uv."""


def main(folder: str, file: str) -> None:
    """Create the environment in ``folder`` if it is missing, and install ``file`` into it."""
    if sys.version_info < (3, 11):  # noqa: UP036 - any Python may run this, before there is an environment
        sys.exit("The journal needs Python 3.11 or newer: make PYTHON=python3.12")
    print(f"Installing {file} into {folder}, once ...", flush=True)
    python, uv = f"{folder}/bin/python", f"{folder}/bin/uv"
    # An environment created here has no pip, and may be the active one: use the Python that it was created from.
    base = f"{sys.base_prefix}/bin/python3" if sys.prefix != sys.base_prefix else sys.executable
    has_pip = subprocess.run([base, "-c", "import pip"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not Path(python).exists():
        run(base, "-m", "venv", *(["--without-pip"] if has_pip else []), folder)  # Debian may have pip only there
    pip = [base if has_pip else python, "-m", "pip"]
    if not Path(uv).exists():
        run(*pip, "--python", python, "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", UV)
    install = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", python]
    run(*install, "-r", UV, "-r", file, environment=uv_environment(pip))


def uv_environment(pip: list[str]) -> dict[str, str]:
    """The environment that makes uv use the package sources of ``pip``; uv variables already set take precedence."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=True).stdout
    return uv_settings(listed) | os.environ


def uv_settings(listed: str) -> dict[str, str]:
    """Translate output of ``pip config list``, such as ``global.index-url='…'``, into uv's environment variables."""
    values = dict(line.split("=", 1) for line in listed.splitlines())
    settings = {"UV_INDEX_STRATEGY": "unsafe-best-match"}  # like pip: any index may have the file with the pinned hash
    for section in ("global", "install", ":env:"):  # later sections override earlier ones
        for name, variable in SETTINGS.items():
            if value := values.get(f"{section}.{name}"):
                separator = "," if name == "find-links" else " "
                settings[variable] = separator.join(str(ast.literal_eval(value)).split())
    return settings


def run(*command: str, environment: dict[str, str] | None = None) -> None:
    """Run a command, and exit with its status if it fails; it prints the reason itself."""
    if status := subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
