"""Validate single values. The messages are for authors; each continues the name of its field."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from fieldnotes.sources.problem import Code

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

NONCHARACTERS = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))

UNPRINTABLE = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef{NONCHARACTERS}]")
"""Control characters, surrogates, bidirectional overrides, and noncharacters."""

MAX_TEXT = 300
"""Maximum characters of a one-line text: a longer title or summary is a mistake."""

TYPE_NAMES = {
    bool: "a yes/no value",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
    type(None): "nothing",
}

EXPECTED_TYPES = {"tuple_type": "a list", "dict_type": "a mapping", "int_type": "a number", "string_type": "text"}
"""The expected type, by the type of pydantic's error."""


class Schema(BaseModel):
    """Base of the schemas: undeclared fields are errors, and instances are immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def field_error(code: Code, message: str) -> PydanticCustomError:
    """Create the error that a validator raises; ``message`` continues "`title` …"."""
    return PydanticCustomError(code.value, "{message}", {"message": message})


def describe(error: ErrorDetails, hint: str) -> tuple[Code, str]:
    """Return the code and message of a validation error; ``hint`` says what to do about pydantic's own errors."""
    if error["type"] in set(Code):
        return Code(error["type"]), error["msg"]
    if expected := EXPECTED_TYPES.get(error["type"]):
        return Code.TYPE, f"is {type_name(error['input'])}, not {expected}; {hint}"
    return Code.VALUE, f"is invalid: {error['msg'][0].lower()}{error['msg'][1:]}; {hint}"


def type_name(value: object) -> str:
    """Return what an author calls the type of a value of YAML, JSON or ``conf.py``."""
    return TYPE_NAMES.get(type(value), f"a Python object of the type {type(value).__name__}")


def one_line(value: object) -> str:
    """Validate a text, and fold it to one line in Unicode's composed form (NFC)."""
    if not isinstance(value, str):
        raise field_error(Code.TYPE, f"is {type_name(value)}, not text; write it as one text in quotes")
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    if all(unicodedata.category(char) in {"Cf", "Mn", "Zs"} for char in text[:80]):
        raise field_error(Code.EMPTY, "is empty; write something")
    if bad := UNPRINTABLE.search(text):
        raise field_error(Code.TEXT, f"contains the unprintable character U+{ord(bad[0]):04X}; remove it")
    if len(text) > MAX_TEXT:
        raise field_error(Code.LONG, f"is {len(text)} characters long; keep it to {MAX_TEXT}")
    return text


Text = Annotated[
    str,
    BeforeValidator(one_line),
    WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1, "maxLength": MAX_TEXT}),
]
"""One line of plain text. It needs no quotes, though editors parse `2026` and `no` as other types."""
