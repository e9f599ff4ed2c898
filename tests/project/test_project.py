"""The project's own files: requirements, hosting, and text that is not allowed in them."""

from __future__ import annotations

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

import checkout
import pytest
from conftest import ROOT, requirements
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

FILES = [path for path in checkout.files() if not path.startswith("notes/")]


def pinned(*files: str) -> dict[str, Requirement]:
    """The requirements in these files that apply to this Python, by name."""
    by_name = {}
    for file in files:
        for text in requirements(file):
            requirement = Requirement(text.partition("--hash")[0])
            if requirement.marker is None or requirement.marker.evaluate():
                by_name[canonicalize_name(requirement.name)] = requirement
    return by_name


def with_dependencies(names: list[str]) -> set[str]:
    """These distributions and, recursively, their dependencies on this Python."""
    distributions: set[str] = set()
    while names:
        name = canonicalize_name(names.pop())
        if name not in distributions:
            distributions.add(name)
            for text in importlib.metadata.requires(name) or []:
                requirement = Requirement(text)
                if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                    names.append(requirement.name)
    return distributions


@pytest.mark.parametrize(
    "files",
    [
        ["requirements.txt"],
        ["requirements.txt", "requirements/live.txt"],
        ["requirements.txt", "requirements/live.txt", "requirements/tests.txt"],
    ],
)
def test_every_dependency_is_pinned(files: list[str]) -> None:
    pins = pinned(*files)
    assert all(re.fullmatch(r"==[\w.]+", str(requirement.specifier)) for requirement in pins.values())
    assert with_dependencies(list(pins)) == set(pins)


SOURCES = sorted(path.removesuffix(".in") for path in FILES if path.endswith(".in"))


@pytest.mark.parametrize("file", SOURCES)
def test_pins_have_hashes_and_match_the_in_files(file: str) -> None:
    """`make requirements` was run after the last change to an `.in` file."""
    for text in requirements(f"{file}.txt"):
        assert re.fullmatch(r"[\w.\[\]-]+==\S+ +(; [^#]+? +)?(--hash=sha256:[0-9a-f]{64} *)+", text), text

    def version(text: str) -> tuple[str, str]:
        requirement = Requirement(text.partition("--hash")[0])
        return canonicalize_name(requirement.name), str(requirement.specifier)

    assert {version(text) for text in requirements(f"{file}.in")} <= {
        version(text) for text in requirements(f"{file}.txt")
    }


def test_requirements_contain_no_index() -> None:
    for file in SOURCES:
        text = (ROOT / f"{file}.in").read_text() + (ROOT / f"{file}.txt").read_text()
        assert not re.search(r"://|--(?:extra-)?index|--find-links|--trusted", text), file


def test_installed_versions_are_the_pinned_ones() -> None:
    for name, requirement in pinned("requirements/tests.txt").items():
        assert requirement.specifier.contains(importlib.metadata.version(name), prereleases=True), name


def test_read_the_docs_configuration_is_valid() -> None:
    """Against the schema that Read the Docs publishes."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.readthedocs"]
    subprocess.run([*command, str(ROOT / ".readthedocs.yaml")], check=True)


def test_read_the_docs_uses_the_requirements_and_fails_on_warnings() -> None:
    import yaml

    settings = yaml.safe_load((ROOT / ".readthedocs.yaml").read_text())
    assert settings["python"]["install"] == [{"requirements": "requirements.txt"}]
    assert settings["sphinx"]["fail_on_warning"] is True
    assert settings["build"]["tools"]["python"] in {"3.11", "3.12", "3.13", "3.14"}


def test_no_file_contains_an_absolute_path() -> None:
    absolute_path = re.compile(r"/(?:root|work|home|Users)/|[A-Z]:\\Users")
    texts = {path: Path(ROOT, path).read_bytes().decode("utf-8", "replace") for path in FILES}
    named = {path: absolute_path.findall(text) for path, text in texts.items() if absolute_path.search(text)}
    assert named == {}


def test_no_line_has_trailing_whitespace() -> None:
    for path in FILES:
        if path.endswith((".py", ".css", ".html", ".sh")):
            lines = Path(ROOT, path).read_text(encoding="utf-8").splitlines()
            assert [line for line in lines if line != line.rstrip()] == [], path


def test_pytest_collects_every_folder(tmp_path: Path) -> None:
    """By default it silently skips some folder names, such as ``build``."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    files = {path.parent.relative_to(ROOT) / "test_one.py" for path in (ROOT / "tests").rglob("test_*.py")}
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("def test_it() -> None: ...\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
    ]
    listed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert {line.partition("::")[0] for line in listed.splitlines() if "::" in line} == {str(file) for file in files}


def test_makefile_works_with_the_make_of_macos() -> None:
    """It is GNU make 3.81; https://lists.gnu.org/archive/html/info-gnu/ announces the features of 3.82, 4.0 and 4.3."""
    later = re.compile(
        r"^\.(ONESHELL|RECIPEPREFIX|SHELLFLAGS|EXTRA_PREREQS)|^\s*(undefine|private|unexport private)\b|:{2,3}=|!="
        r"|&:|^define \S+ *[:+?]?=|\$\((file|guile|intcmp|let) ",
        re.MULTILINE,
    )
    assert later.findall((ROOT / "Makefile").read_text()) == []
