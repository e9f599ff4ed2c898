"""Validate a journal's settings in ``conf.py``: its name, look and links, and the rules for its texts."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from fieldnotes.sources.field_validators import Schema, Text, describe, field_error, one_line
from fieldnotes.sources.problem import Code, Problem, excerpt, suggestion

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping
    from pathlib import Path

URL = re.compile(r"https?://[^\s/<>\"'\[\]]+(/[^\s<>\"']*)?|mailto:[^\s<>\"'@]+@[^\s<>\"'@]+")

LINK = re.compile(r"(?P<text>[^<>]*?)\s*<(?P<address>[^<>\s]+)>|(?P<bare>[^<>]+)")

EDIT_PATHS = {"gitlab": ("-/edit", "-/blob"), "codeberg": ("_edit", "src/branch"), "gitea": ("_edit", "src/branch")}
"""The paths of repository hosts for editing and for showing a file, by a word in the host name."""


class Link(NamedTuple):
    """A link, written `text <address>`; either part may be missing."""

    text: str
    address: str

    @property
    def is_external(self) -> bool:
        """Whether it leads to a URL rather than to a page of the site."""
        return bool(URL.fullmatch(self.address))


def _link(value: object) -> Link:
    match = LINK.fullmatch(one_line(value))
    if not match:
        raise field_error(Code.SETTING, f"`{excerpt(str(value))}` is not a link; write it as `text <address>`")
    bare = match["bare"] or ""
    return Link(match["text"] or "", match["address"] or bare)


def _external(link: Link) -> Link:
    if not link.text or not link.is_external:
        shown = excerpt(link.address)
        raise field_error(Code.SETTING, f"`{shown}` needs a text and a URL; write it as `Forum <https://example.org/>`")
    return link


def _license(value: object) -> Link | None:
    if value == "":
        return None
    link = _link(value)
    return _external(link) if link.text else Link(link.address, "")


def _line(value: object) -> str:
    return "" if value == "" else one_line(value)


def _repository(address: str) -> str:
    if address and not (URL.fullmatch(address) and urlsplit(address).hostname):
        hint = "write the address of its page, such as https://example.org/team/journal"
        raise field_error(Code.SETTING, f"`{excerpt(address)}` is not a URL; {hint}")
    return address.rstrip("/").removesuffix(".git")


def _rule(name: str) -> str:
    if "." not in name and name not in set(Code):
        closest = suggestion(name, list(Code))
        hint = f"did you mean `{closest}`?" if closest else "CONTRIBUTING lists the rules"
        raise field_error(Code.SETTING, f"`{excerpt(name)}` is not a rule; {hint}")
    return name


def _synonyms(value: object) -> tuple[str, ...]:
    words = tuple(" ".join(word.lower().split()) for word in one_line(value).split("="))
    if len(words) < 2 or not all(words):
        raise field_error(Code.SETTING, f'`{excerpt(str(value))}` has no second word; write it as "k8s = Kubernetes"')
    return words


def _site(value: object) -> str:
    return f"{one_line(value).rstrip('/')}/"


Line = Annotated[str, BeforeValidator(_line)]
AnyLink = Annotated[Link, BeforeValidator(_link)]
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$"), AfterValidator(str.lower)]


class Settings(Schema):
    """The settings: ``name`` and ``author`` are Sphinx's `project` and `author`; others begin with `fieldnotes_`."""

    name: Text = "Journal"
    author: Text = "The authors"
    tagline: Line = ""
    description: Line = ""
    text_license: Annotated[Link | None, BeforeValidator(_license)] = None
    code_license: Annotated[Link | None, BeforeValidator(_license)] = None
    repository: Annotated[Line, AfterValidator(_repository)] = ""
    branch: Line = "main"
    navigation: tuple[AnyLink, ...] = ()
    social: tuple[Annotated[AnyLink, AfterValidator(_external)], ...] = ()
    accent: tuple[Color, Color] = ("#1d5f8a", "#7db8e0")
    mark: Line = ""
    rules: dict[Annotated[str, AfterValidator(_rule)], Literal["off", "advice", "error"]] = Field(default_factory=dict)
    synonyms: tuple[Annotated[tuple[str, ...], BeforeValidator(_synonyms)], ...] = ()
    """Groups of words that the search treats as equal, in lower case."""
    search_sites: tuple[Annotated[str, BeforeValidator(_site)], ...] = ()
    """The root addresses of other sites whose notes the search includes."""
    optional: tuple[Literal["summary", "tags"], ...] = ()

    @property
    def about(self) -> str:
        """The description of the journal, or else its tagline or name."""
        return self.description or self.tagline or self.name

    def file_url(self, path: str, *, edit: bool = False) -> str:
        """Return the URL that shows a file in the repository, or edits it; "" without a repository."""
        if not self.repository:
            return ""
        host = urlsplit(self.repository).hostname or ""
        paths = next((paths for word, paths in EDIT_PATHS.items() if word in host), ("edit", "blob"))
        return f"{self.repository}/{paths[0] if edit else paths[1]}/{self.branch}/{path}"


SPHINX_NAMES = {"name": "project", "author": "author"}

NAMES = {field: SPHINX_NAMES.get(field, f"fieldnotes_{field}") for field in Settings.model_fields}
"""The name of each setting in ``conf.py``."""


def assignments(root: Path) -> dict[str, int]:
    """Return the line of each name that ``conf.py`` assigns."""
    path = root / "conf.py"
    tree = ast.parse(path.read_text(encoding="utf-8") if path.is_file() else "")
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {name.id: name.lineno for name in names}


def line_of(root: Path, texts: Iterable[str]) -> int:
    """Find the line of ``conf.py`` that one of ``texts`` refers to, trying them in order; 0 if none does.

    A text is a message or a line of code. It refers to a setting that it names, or else to a value that it quotes.
    """
    path, lines = root / "conf.py", assignments(root)
    conf = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    for text in texts:
        candidates = re.findall(r"(?:[`'\"]|\bconfig\.)(\w+)|\b(\w+_\w+)", text)
        for word in filter(None, (quoted or bare for quoted, bare in candidates)):
            if line := next((lines[name] for name in lines if name == word or name == f"myst_{word}"), 0):
                return line
        for word in re.findall(r"[`'\"](\S+?)[`'\"]|\bextension ([\w.]+)", text):
            quote = f'"{word[0] or word[1]}"'
            if line := next((number for number, line in enumerate(conf, 1) if quote in line.replace("'", '"')), 0):
                return line
    return 0


def read(values: Mapping[str, Any], lines: Mapping[str, int], known: Container[str]) -> tuple[Settings, list[Problem]]:
    """Validate settings, given by their names in ``conf.py``; an invalid one keeps its default.

    ``lines`` has the line of each name that ``conf.py`` assigns, and ``known`` the names of all settings.
    """
    given = {field: values[name] for field, name in NAMES.items() if values.get(name) is not None}
    problems = []
    for name in lines:
        if name.startswith("fieldnotes_") and name not in known:
            closest = suggestion(name, NAMES.values())
            hint = f"did you mean `{closest}`?" if closest else "remove it"
            problems.append(Problem("conf.py", lines[name], Code.SETTING, f"`{name}` is not a setting; {hint}"))
    try:
        return Settings.model_validate(given), problems
    except ValidationError as error:
        faults = {str(fault["loc"][0]): fault for fault in reversed(error.errors(include_url=False))}
    for field, fault in faults.items():
        name, default = NAMES[field], Settings.model_fields[field].get_default(call_default_factory=True)
        _code, message = describe(fault, f"write it as `{name} = {default!r}`" if default else "correct it")
        problems.append(Problem("conf.py", lines.get(name, 1), Code.SETTING, f"`{name}` {message}"))
    return Settings.model_validate({field: value for field, value in given.items() if field not in faults}), problems
