"""Parse the YAML front matter of a file, and find the line of each field.

MyST receives only the text below it, so no header is parsed in two ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import ValidationError

from fieldnotes.sources.field_validators import Schema, describe
from fieldnotes.sources.front_matter_fields import FOREIGN_NAMES
from fieldnotes.sources.problem import Code, Invalid, Problem, excerpt, suggestion

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

FENCE = re.compile(r"-{3}[ \t]*")

FORBIDDEN = re.compile("[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that YAML forbids, and those that are line breaks to YAML but not to every editor."""

MAX_HEADER = 10_000
"""Maximum characters of front matter. The limit also bounds its nesting: libyaml crashes on deep nesting."""

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""PyYAML's loader that yields only strings, lists and mappings; ten times faster if PyYAML was built with libyaml.

The schema converts the strings. By YAML's own types, the title 2026 is a number, the lane no is false, and the date
2026-13-01 is an error without a line.
"""

S = TypeVar("S", bound=Schema)


def split(path: str, text: str) -> tuple[Header, str]:
    """Split a decoded text into header and body. Raises Invalid if the header is missing or not closed."""
    lines = text.split("\n")
    if not FENCE.fullmatch(lines[0]):
        message = "has no front matter; begin the file with a line `---`, the fields, and a line `---`"
        raise Invalid(Problem(path, 1, Code.NO_FRONT_MATTER, message))
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith(("---", "...")):
            if not FENCE.fullmatch(line):
                break
            return Header(path, "\n".join(lines[:number])), "\n".join(lines[number:])
    message = "front matter is not closed; end it with a line `---`"
    raise Invalid(Problem(path, 1, Code.UNCLOSED, message))


@dataclass(frozen=True)
class Header:
    """The front matter of the file at ``path``; ``text`` includes its fences."""

    path: str
    text: str

    def parse(self, schema: type[S], fallback: Mapping[str, object] | None = None, **context: Any) -> S:
        """Validate the fields against ``schema``; ``context`` is passed to its validators.

        ``fallback`` has the values of fields that may be missing.

        Raises Invalid with all problems, sorted by line.
        """
        values = self.values()
        given = {name: value for name, value in values.items() if value not in ("", [])}
        problems = [
            self.problem(Code.EMPTY, f"`{excerpt(name)}` is empty; write something, or remove the line", name)
            for name in values.keys() - given.keys()
        ]
        try:
            front_matter = schema.model_validate({**(fallback or {}), **given}, context=context)
        except ValidationError as error:
            problems += self._problems(error, schema, values, context.get("lanes", ()))
        if problems:
            is_draft = str(values.get("draft")).lower() in {"1", "on", "t", "true", "y", "yes"}  # as pydantic parses it
            raise Invalid(*sorted(problems, key=lambda problem: problem.line), draft=is_draft)
        return front_matter

    def problem(self, code: Code, message: str, field: str, item: int | None = None) -> Problem:
        """Create a problem at a field, or at an item of its list."""
        line, column = self.position(field, item)
        return Problem(self.path, line, code, message, column)

    def position(self, field: str, item: int | None = None) -> tuple[int, int]:
        """Return the line and column of a field or of an item of its list; (1, 1) if the field is missing.

        The header must parse.
        """
        node = yaml.compose(self._yaml, Loader=LOADER)
        for key, value in node.value if node else ():
            if key.value == field:
                is_item = item is not None and isinstance(value, yaml.SequenceNode)
                mark = value.value[item].start_mark if is_item else key.start_mark
                return mark.line + 1, mark.column + 1
        return 1, 1

    @property
    def _yaml(self) -> str:
        """The header with its fences blanked, so that YAML's line numbers are those of the file."""
        return "\n".join(["", *self.text.split("\n")[1:-1], ""])

    def values(self) -> dict[str, Any]:
        """Return the value of each field as text, list or mapping. Raises Invalid if the header does not parse."""
        if bad := FORBIDDEN.search(self.text):
            message = f"front matter contains the unprintable character U+{ord(bad[0]):04X}; remove it"
            raise self._error(Code.TEXT, message, self.text.count("\n", 0, bad.start()) + 1)
        if len(self.text) > MAX_HEADER:
            raise self._error(Code.LONG, f"front matter is {len(self.text)} characters long; keep it to {MAX_HEADER}")
        loader = LOADER(self._yaml)
        try:
            node = loader.get_single_node()
            if node is None:
                return {}
            if not isinstance(node, yaml.MappingNode):
                message = "front matter is not a list of fields; write one `field: value` per line"
                raise self._error(Code.YAML, message, 2)
            names: set[str] = set()
            for key, _value in node.value:
                if (name := str(key.value)) in names:
                    raise self._error(Code.YAML, f"`{excerpt(name)}` appears twice; keep one", key.start_mark.line + 1)
                names.add(name)
            values: dict[str, Any] = loader.construct_document(node)
            return values
        except RecursionError as error:
            message = "front matter is nested too deeply; write each field on one line"
            raise self._error(Code.YAML, message) from error
        except (yaml.YAMLError, ValueError, OverflowError) as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            position = (mark.line + 1, mark.column + 1) if mark else ()
            hint = "put values that contain a colon, a # or other YAML syntax in quotes"
            message = f"front matter does not parse: {getattr(error, 'problem', error)}; {hint}"
            raise self._error(Code.YAML, message, *position) from error
        finally:
            loader.dispose()

    def _error(self, code: Code, message: str, line: int = 1, column: int = 1) -> Invalid:
        return Invalid(Problem(self.path, line, code, message, column))

    def _problems(
        self, error: ValidationError, schema: type[Schema], values: Container[str], lanes: Iterable[str]
    ) -> Iterator[Problem]:
        """Yield one problem for each cause: an empty or misspelled field is not reported as missing too."""
        faults = error.errors(include_url=False)
        fields = schema.model_fields
        unknown = {str(fault["loc"][0]) for fault in faults if fault["type"] == "extra_forbidden"}
        guesses = {name: _guess_field(name, list(fields)) for name in unknown}
        for fault in faults:
            name, *steps = map(str, fault["loc"])
            examples = fields[name].examples if name in fields else None
            examples = [*lanes][:1] or examples if name == "lane" else examples
            hint = f"as in `{name}: {examples[0]}`" if examples else ""
            if fault["type"] == "missing":
                if name not in values and name not in guesses.values():
                    yield Problem(self.path, 1, Code.MISSING, f"`{name}` is missing; add it, {hint}")
            elif name in unknown:
                closest = guesses[name]
                hint = f"did you mean `{closest}`?" if closest else f"the fields are {', '.join(fields)}"
                yield self.problem(Code.UNKNOWN, f"`{excerpt(name)}` is not a field; {hint}", name)
            else:
                item = int(steps[0]) if steps and steps[0].isdigit() else None
                label = f"`{name}`" if item is None else f"`{name}` item {item + 1}"
                code, message = describe(fault, f"write it {hint}" if hint else "correct it")
                yield self.problem(code, f"{label} {message}", name, item)


class Document(Schema):
    """A parsed file with a header."""

    docname: str
    """The path of the file without its extension; also the address of its page."""
    header: Header


def _guess_field(name: str, fields: list[str]) -> str | None:
    """Guess which field a misspelled or foreign name stands for; None if none is close."""
    foreign = FOREIGN_NAMES.get(name.lower())
    return foreign if foreign in fields else suggestion(name, fields)
