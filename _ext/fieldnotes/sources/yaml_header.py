"""Read the front matter of a file, and check it against a schema.

It is read here alone: MyST is handed the text below it, so that no header is ever parsed in two ways.
"""

from __future__ import annotations

import codecs
import difflib
import errno
import re
import stat
import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from fieldnotes.sources.problem import Code, Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FENCE = re.compile(r"-{3}[ \t]*")


NO_CHARACTERS = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))


UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef{NO_CHARACTERS}]")
"""Control signs, halves of pairs, what turns the text around it, and what is no character at all."""


LONGEST = 300
"""Characters in a line of text: a title or a summary longer than this is a mistake."""


LONGEST_HEADER = 10_000
"""Characters of front matter: it also bounds how deep YAML can nest, which libyaml answers with a crash."""


YAML_HINT = "put a value that holds a colon, a # or another sign of YAML in quotes"


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's loader on libyaml, where its wheel has it: a tenth of the time."""


YAML_FAULTS = (ValueError, IndexError, KeyError, AttributeError, TypeError, OverflowError)
"""What YAML's own types raise on values that they cannot be made of."""


KINDS = {bool: "a yes/no value", int: "a number", float: "a number", list: "a list", dict: "a mapping"}


class Schema(BaseModel):
    """Front matter: no field but those declared, and no change after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


S = TypeVar("S", bound=Schema)


def kind(value: object) -> str:
    """Name the type of a YAML value as an author would."""
    return KINDS.get(type(value), "a date" if hasattr(value, "isoformat") else "of another kind")


def complaint(code: Code, message: str) -> PydanticCustomError:
    """Make the error that a validator raises; ``message`` follows the field's name."""
    return PydanticCustomError(code.value, "{message}", {"message": message})


def one_line(value: object) -> str:
    """Take text as one line, with its white space folded."""
    if not isinstance(value, str):
        raise complaint(Code.TYPE, f"is {kind(value)}, where text is wanted; put it in quotes")
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if all(unicodedata.category(char) in {"Cf", "Mn", "Zs"} for char in text[:80]):
        raise complaint(Code.EMPTY, "is empty; write something")
    if bad := UNPRINTABLE.search(text):
        raise complaint(Code.TEXT, f"holds the unprintable character U+{ord(bad[0]):04X}; remove it")
    if len(text) > LONGEST:
        raise complaint(Code.LONG, f"is {len(text)} characters long; keep it to {LONGEST}")
    return text


def listed(example: str) -> BeforeValidator:
    """Take a list; everything else is an error that says how to write one, as in ``example``."""

    def check(value: object) -> object:
        if value == []:
            raise complaint(Code.EMPTY, f"is empty; write at least one, as in `{example}`")
        if not isinstance(value, list):
            found = "text" if isinstance(value, str) else kind(value)
            raise complaint(Code.TYPE, f"is {found}, where a list is wanted; write it in brackets, as in `{example}`")
        return value

    return BeforeValidator(check)


Line = Annotated[
    str, BeforeValidator(one_line), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": LONGEST})
]


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """Find the one of ``known`` that ``word`` was meant to be, if one is near enough."""
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1)
    return folded[near[0]] if near else None


def bytes_of(path: Path) -> bytes:
    """Read a file whole. Raises OSError, for what is no file as well: a pipe would never end."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    return path.read_bytes()


def decode(path: str, data: bytes) -> str:
    """Decode UTF-8, with or without a BOM; every kind of line end becomes a newline."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Invalid(Problem(path, 1, Code.ENCODING, "is UTF-16; save the file as UTF-8"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
        message = f"byte 0x{data[error.start]:02X} is not UTF-8; save the file as UTF-8"
        raise Invalid(Problem(path, line, Code.ENCODING, message)) from error
    return re.sub(r"\r\n?", "\n", text)


def split(path: str, text: str) -> tuple[str, str]:
    """Split a decoded text into its front matter, fences included, and its body.

    Errors: no front matter; front matter that is not closed.
    """
    lines = text.split("\n")
    if not FENCE.fullmatch(lines[0]):
        message = "has no front matter; begin the file with a line `---`, the fields, and a line `---`"
        raise Invalid(Problem(path, 1, Code.NO_FRONT_MATTER, message))
    for number, line in enumerate(lines[1:], start=2):
        if line.startswith(("---", "...")):
            if not FENCE.fullmatch(line):
                break
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    message = "front matter is not closed; end it with a line `---`"
    raise Invalid(Problem(path, 1, Code.UNCLOSED, message))


def read(path: str, text: str, schema: type[S], context: Mapping[str, Any]) -> tuple[S, Lines]:
    """Read a decoded text's front matter as a ``schema``, and where its fields stand.

    ``context`` is what its validators need to know of the rest of the journal.
    Raises Invalid with all that is wrong, one problem a cause.
    """
    header, _body = split(path, text)
    lines = Lines(header)
    values = _values(path, header, lines)
    written = sum(bool(re.match(r"[^\s#].*:", line)) for line in header.split("\n"))
    odd = any(not isinstance(name, str) or not name.isprintable() for name in values)
    if odd or written > len(values) or re.search(r"^(\{|\? )|<<", header, re.MULTILINE):
        lines.check(path)
    empty = [name for name, value in values.items() if value is None]
    try:
        found = schema.model_validate(
            {name: value for name, value in values.items() if value is not None}, context=dict(context)
        )
    except ValidationError as error:
        problems = _problems(path, error.errors(include_url=False), empty, schema, lines)
        raise Invalid(*problems, draft=values.get("draft") is True) from error
    if empty:
        raise Invalid(*_problems(path, [], empty, schema, lines), draft=values.get("draft") is True)
    return found, lines


class Lines:
    """Where in the file each field and each item of a list stands."""

    def __init__(self, header: str) -> None:
        self._header = header

    def of(self, *place: object) -> int:
        """The line, from 1, of a field or of an item of it; 1 where there is none."""
        return self.place(*place)[0]

    def place(self, *place: object) -> tuple[int, int]:
        """The line and column, from 1, of a field or of an item of it; the file's first where there is none."""
        found = self._places.get(str(place[0]))
        if not found:
            return 1, 1
        key, value = found
        mark = key.start_mark
        if len(place) > 1 and isinstance(value, yaml.SequenceNode) and isinstance(place[1], int):
            mark = value.value[place[1]].start_mark
        return _line(mark), mark.column + 1

    def check(self, path: str) -> None:
        """Raise Invalid for a field that stands twice, or whose name is no text, as YAML lets them."""
        names: set[str] = set()
        for key, _value in self._nodes:
            line = _line(key.start_mark)
            if key.tag != "tag:yaml.org,2002:str" or not key.value.isprintable():
                message = f"`{printable(key.value)}` is not a field; remove it"
                raise Invalid(Problem(path, line, Code.UNKNOWN, message))
            if key.value in names:
                raise Invalid(Problem(path, line, Code.YAML, f"`{printable(key.value)}` stands twice; keep one"))
            names.add(key.value)

    def unreadable(self) -> tuple[str, int]:
        """The field whose value YAML can parse and not make a value of (a 13th month), and its line."""
        for key, value in self._nodes:
            try:
                yaml.load(yaml.serialize(value), Loader=LOADER)
            except (*YAML_FAULTS, RecursionError):
                return printable(key.value), _line(key.start_mark)
        return "front matter", 1

    @cached_property
    def _nodes(self) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        node = yaml.compose("\n".join(self._header.split("\n")[1:-1]), Loader=LOADER)
        if not isinstance(node, yaml.MappingNode):
            return []
        return [(key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]

    @cached_property
    def _places(self) -> dict[str, tuple[yaml.ScalarNode, yaml.Node]]:
        return {key.value: (key, value) for key, value in self._nodes}


def printable(name: str) -> str:
    """A name as it can stand in a line of a message."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _line(mark: yaml.Mark) -> int:
    """The line of the file for a place in the front matter without its fences."""
    return mark.line + 2


def _values(path: str, header: str, lines: Lines) -> dict[Any, Any]:
    def invalid(line: int, message: str, column: int = 1) -> Invalid:
        return Invalid(Problem(path, line, Code.YAML, message, column))

    if hidden := re.search("[\x85\u2028\u2029]", header) or yaml.reader.Reader.NON_PRINTABLE.search(header):
        line = header[: hidden.start()].count("\n") + 1
        message = f"front matter holds the unprintable character U+{ord(hidden[0]):04X}; remove it"
        raise Invalid(Problem(path, line, Code.TEXT, message))
    if not any(line and not line.startswith("#") for line in map(str.strip, header.split("\n")[1:-1])):
        return {}
    if len(header) > LONGEST_HEADER:
        message = f"front matter is {len(header)} characters long; keep it to {LONGEST_HEADER}"
        raise Invalid(Problem(path, 1, Code.LONG, message))
    try:
        values = yaml.load("\n".join(["", *header.split("\n")[1:-1], ""]), Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise invalid(line, f"front matter does not parse: {error.problem}; {YAML_HINT}", column) from error
    except RecursionError as error:
        raise invalid(1, "front matter is nested too deeply; write each field on a line") from error
    except (yaml.YAMLError, *YAML_FAULTS) as error:
        field, line = lines.unreadable()
        raise invalid(line, f"`{field}` cannot be read: {error}; correct it or put it in quotes") from error
    if not isinstance(values, dict):
        raise invalid(2, "front matter is not a list of fields; write `field: value`, a line each")
    return values


def _problems(
    path: str, errors: list[ErrorDetails], empty: list[Any], schema: type[Schema], lines: Lines
) -> list[Problem]:
    fields = list(schema.model_fields)
    meant = {
        suggestion(str(e["loc"][0]), fields)
        for e in errors
        if e["loc"] and e["type"] in {"extra_forbidden", "invalid_key"}
    }
    problems = [
        Problem(
            path, lines.of(name), Code.EMPTY, f"`{printable(str(name))}` is empty; write something, or remove the line"
        )
        for name in empty
    ]
    for error in errors:
        place = error["loc"] or ("front matter",)
        name = printable(str(place[0]))
        match error["type"]:
            case "missing" if name in meant or name in empty:
                continue
            case "missing":
                code, line, column = Code.MISSING, 1, 1
                example = (schema.model_fields[name].examples or [""])[0]
                message = f"`{name}` is missing; add it, as in `{name}: {example}`"
            case "extra_forbidden" | "invalid_key":
                code, (line, column) = Code.UNKNOWN, lines.place(*place)
                near = suggestion(name, fields)
                hint = f"did you mean `{near}`?" if near else f"the fields are {', '.join(fields)}"
                message = f"`{name}` is not a field; {hint}"
            case rule:
                line, column = lines.place(*place)
                item = f" item {place[1] + 1}" if len(place) > 1 and isinstance(place[1], int) else ""
                if rule in set(Code):
                    code, message = Code(rule), f"`{name}`{item} {error['msg']}"
                else:  # a rule of pydantic's own
                    rest = error["msg"][0].lower() + error["msg"][1:]
                    code, message = Code.VALUE, f"`{name}`{item} does not fit: {rest}; correct it"
        problems.append(Problem(path, line, code, message, column))
    return sorted(problems, key=lambda problem: problem.line)
