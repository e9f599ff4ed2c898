"""The requirements that `make` installs, and their index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import install
import pin
import pytest
from conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("is_new", [True, False])
def test_install_requires_hashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_new: bool) -> None:
    if not is_new:
        (tmp_path / "bin").mkdir()
        for name in ("python", "uv"):
            (tmp_path / "bin" / name).touch()
    commands: list[list[str]] = []
    monkeypatch.setattr(install, "run", lambda *command, **options: commands.append([*command]))
    monkeypatch.setattr(install, "uv_environment", lambda pip: {})
    install.main(str(tmp_path), "requirements.txt")
    installs = [command for command in commands if "install" in command]
    assert len(commands) - len(installs) == is_new  # the other creates the environment
    assert [command[-1] for command in installs] == [install.UV] * is_new + ["requirements.txt"]
    assert all("--require-hashes" in command for command in installs)


def test_install_exits_with_the_status_of_a_failing_command() -> None:
    with pytest.raises(SystemExit) as end:
        install.run("sh", "-c", "exit 3")
    assert end.value.code == 3


LISTED = """\
:env:.cert='/certificates.pem'
:env:.disable-pip-version-check='1'
download.index-url='https://other.example/simple'
global.extra-index-url='\\nhttps://b.example/simple\\nhttps://c.example/simple'
global.find-links='/wheels /more-wheels'
global.index-url='https://a.example/simple'
install.index-url='https://me:it\\'s@d.example/simple'
"""


def test_uv_uses_the_indexes_of_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://me:it's@d.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_FIND_LINKS": "/wheels,/more-wheels",
        "SSL_CERT_FILE": "/certificates.pem",
    }
    (tmp_path / "listed").write_text(LISTED)
    assert install.uv_settings(LISTED) == settings
    for variable in settings:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example/simple")
    environment: dict[str, Any] = install.uv_environment(["sh", "-c", f"cat {tmp_path}/listed"])
    assert {name: environment[name] for name in settings} == {
        **settings,
        "UV_DEFAULT_INDEX": "https://mine.example/simple",
    }


def test_every_in_file_is_pinned() -> None:
    named = [path.relative_to(ROOT).with_suffix("") for path in (*ROOT.glob("*.in"), *ROOT.glob("requirements/*.in"))]
    assert sorted(pin.FILES) == sorted(map(str, named))
