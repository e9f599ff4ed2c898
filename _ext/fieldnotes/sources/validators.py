"""Validate single values, with messages for authors: each message continues the name of its field."""

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
"""Control characters, surrogates, overrides of the text's direction, and noncharacters."""

MAX_TEXT = 300
"""Characters of a one-line text: a longer title or summary is a mistake."""

TYPE_NAMES = {
    bool: "a yes/no value",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    tuple: "a list",
    dict: "a mapping",
}

WANTED = {"tuple_type": "a list", "dict_type": "a mapping", "int_type": "a number", "string_type": "text"}
"""What pydantic misses, by the type of its error."""


class Schema(BaseModel):
    """Base of the schemas: no field that is not declared, and no change after reading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def field_error(code: Code, message: str) -> PydanticCustomError:
    """Create the error that a validator raises; ``message`` continues "`title` …"."""
    return PydanticCustomError(code.value, "{message}", {"message": message})


def describe(error: ErrorDetails, hint: str) -> tuple[Code, str]:
    """Return the code and message of a validator's error; ``hint`` says what to do about one of pydantic's own."""
    if error["type"] in set(Code):
        return Code(error["type"]), error["msg"]
    if wanted := WANTED.get(error["type"]):
        return Code.TYPE, f"is {type_name(error['input'])}, not {wanted}; {hint}"
    return Code.VALUE, f"does not fit: {error['msg'][0].lower()}{error['msg'][1:]}; {hint}"


def type_name(value: object) -> str:
    """Name the type of a YAML or JSON value as an author would."""
    return TYPE_NAMES.get(type(value), "nothing")


def one_line(value: object) -> str:
    """Validate text, and fold it to one line in Unicode's composed form (NFC)."""
    if not isinstance(value, str):
        raise field_error(Code.TYPE, f"is {type_name(value)}, not text; put it in quotes")
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
"""Text on one line, not markup. It needs no quotes, though editors take `2026` and `no` for something else."""
