"""A mistake in `conf.py` is reported in one line with its location, by `make html` and `make check` alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.commands import check
from fieldnotes.commands.html import html
from processes import call

if TYPE_CHECKING:
    import pytest
    from conftest import Site

MISTAKES = {
    "x = (": "ERROR: cannot be evaluated: SyntaxError: '(' was never closed; correct it",
    "import nothere": "ERROR: cannot be evaluated: ModuleNotFoundError: No module named 'nothere'; correct it",
    "language = name": "ERROR: cannot be evaluated: NameError: name 'name' is not defined; correct it",
    "raise SystemExit(3)": "ERROR: cannot be evaluated: SystemExit: 3; correct it",
    "def setup(app): raise SystemExit('no')": "ERROR: cannot be evaluated: SystemExit: no; correct it",
    "def setup(app): app.nothing": "ERROR: cannot be evaluated: AttributeError: 'Sphinx' object has no attribute",
    "html_theme = 'fuor'": "ERROR: no theme named 'fuor' found (missing theme.toml?); correct it",
    "extensions += ['nothere']": "ERROR: ModuleNotFoundError: No module named 'nothere'; correct it",
    "exclude_patterns = 7": "ERROR: TypeError: unsupported operand type(s) for +=: 'int' and 'list'; correct it",
    "html_js_files = 5": "ERROR: TypeError: 'int' object is not iterable; correct it",
    "html_static_path = ['nowhere']": "WARNING: html_static_path entry 'nowhere' does not exist; correct it",
    "html_baseurl = None": "WARNING: The config value `html_baseurl' has type `NoneType'; expected `str'; correct it",
}


def test_mistake_in_conf_py_is_reported_in_one_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    conf = site.root / "conf.py"
    right = conf.read_text(encoding="utf-8")
    line = right.count("\n") + 2
    for mistake, message in MISTAKES.items():
        conf.write_text(f"{right}\n{mistake}\n", encoding="utf-8")
        assert call(html, site.root, site.root / "_build") == 2
        printed = capsys.readouterr()
        assert (printed.out, printed.err.count("\n")) == ("", 1), printed.err
        assert printed.err.startswith(f"conf.py:{line}: {message}")
        assert call(check.main, [str(site.root)]) == 2
        assert capsys.readouterr() == ("", printed.err)


def test_warning_about_a_setting_has_its_line(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    mistakes = {
        "html_theme_options = {'abc': 1}": "unsupported theme option 'abc' given",
        "myst_heading_anchors = 99": "myst configuration invalid: 'heading_anchors' must be in ",
        "html_extra_path = ['nowhere']": "html_extra_path entry 'nowhere' does not exist",
    }
    conf = site.root / "conf.py"
    line = conf.read_text(encoding="utf-8").count("\n") + 1
    with conf.open("a", encoding="utf-8") as file:
        file.writelines(f"{mistake}\n" for mistake in mistakes)
    assert call(html, site.root, site.root / "_build") == 1
    reported = sorted(each for each in capsys.readouterr().err.splitlines() if each.startswith("conf.py:"))
    assert len(reported) == 3
    for number, (each, message) in enumerate(zip(reported, mistakes.values(), strict=True), start=line):
        assert each.startswith((f"conf.py:{number}: WARNING: {message}", f"conf.py:{number}: ERROR: {message}"))
        assert each.endswith("; correct it")
