"""`tests/typescript.sh` checks the types of the scripts, or says why it cannot."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

NPM = """#!/bin/sh
mkdir -p node_modules/.bin
printf '#!/bin/sh\\nexit {status}\\n' >node_modules/.bin/tsc
chmod +x node_modules/.bin/tsc
echo >node_modules/.package-lock.json
echo installed >>log
"""
"""An `npm` that installs a `tsc` with this exit status."""

FAILING_NPM = "#!/bin/sh\necho npm error code {code} >&2\nexit 1\n"


def check_types(folder: Path, npm: str | None) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder, with this script as `npm`."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("chmod", "mkdir", "sh"):
        (programs / name).unlink(missing_ok=True)
        (programs / name).symlink_to(shutil.which(name) or name)
    if npm:
        (programs / "npm").write_text(npm)
        (programs / "npm").chmod(0o755)
    if not (folder / "package-lock.json").exists():
        (folder / "package-lock.json").touch()
    command = ["sh", str(ROOT / "tests/typescript.sh")]
    return subprocess.run(command, cwd=folder, env={"PATH": str(programs)}, capture_output=True, text=True)


@pytest.mark.parametrize("status", [0, 2])
def test_script_exits_with_the_status_of_tsc(tmp_path: Path, status: int) -> None:
    assert check_types(tmp_path, NPM.format(status=status)).returncode == status


def test_typescript_is_reinstalled_only_when_its_version_changes(tmp_path: Path) -> None:
    for _ in range(2):
        check_types(tmp_path, NPM.format(status=0))
    assert (tmp_path / "log").read_text() == "installed\n"
    changed = (tmp_path / "node_modules/.package-lock.json").stat().st_mtime + 1
    os.utime(tmp_path / "package-lock.json", (changed, changed))
    check_types(tmp_path, NPM.format(status=0))
    assert (tmp_path / "log").read_text() == "installed\n" * 2


@pytest.mark.parametrize(
    ("npm", "reason"),
    [(None, "npm is not installed"), (FAILING_NPM.format(code="ENOTFOUND"), "npm cannot load TypeScript")],
)
def test_script_without_typescript_says_why_in_one_line(tmp_path: Path, npm: str | None, reason: str) -> None:
    result = check_types(tmp_path, npm)
    assert result.returncode == 0
    assert result.stderr == f"The scripts' types are not checked: {reason}.\n"


def test_package_with_a_wrong_checksum_fails(tmp_path: Path) -> None:
    result = check_types(tmp_path, FAILING_NPM.format(code="EINTEGRITY"))
    assert (result.returncode, result.stderr) == (1, "npm error code EINTEGRITY\n")


def test_typescript_is_pinned_by_checksum_without_a_registry() -> None:
    version = json.loads((ROOT / "package.json").read_text())["devDependencies"]["typescript"]
    lock = (ROOT / "package-lock.json").read_text()
    package = json.loads(lock)["packages"]["node_modules/typescript"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert package["version"] == version
    assert package["integrity"].startswith("sha512-")
    assert "://" not in lock


def test_every_script_is_type_checked() -> None:
    settings = json.loads((ROOT / "tsconfig.json").read_text())
    assert settings["compilerOptions"]["strict"]
    assert settings["compilerOptions"]["checkJs"]
    checked = {path for pattern in settings["include"] for path in ROOT.glob(pattern)}
    scripts = {path for folder in ("_static", "_ext") for path in (ROOT / folder).rglob("*.js")}
    assert scripts <= checked
