"""A lane: the schema of its front matter."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from fieldnotes.checks import prose
from fieldnotes.sources import yaml_header
from fieldnotes.sources.problem import Code, Invalid, Problem
from fieldnotes.sources.yaml_header import Line, Schema, complaint, kind


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise complaint(Code.TYPE, f"is {kind(value)}; write a whole number from 1 to 99")
    if not 1 <= value <= 99:
        raise complaint(Code.LANE_NUMBER, "is out of range; write a whole number from 1 to 99")
    return value


class LaneFrontMatter(Schema):
    """The fields of a lane's front matter."""

    title: Line = Field(description="The lane's name.", examples=["BigData"])
    number: Annotated[int, BeforeValidator(_number)] = Field(
        description="Its place among the lanes, from 1.", examples=[3]
    )
    headline: Line = Field(
        description="What it is about, in one line.", examples=["Distributed lessons that still matter"]
    )
    description: Line = Field(description="The sentence under its headline.", examples=["EMR, Spark, and habits."])


class Lane(LaneFrontMatter):
    """A lane of the journal, with its address."""

    docname: str
    """The file's path without its suffix, as ``lanes/<name>``."""

    @property
    def name(self) -> str:
        """What a note's ``lane`` field says."""
        return self.docname.removeprefix("lanes/")


def read(path: str, data: bytes) -> tuple[Lane, yaml_header.Lines]:
    """Read the bytes of a lane at ``path``; raise Invalid with all that is wrong with it."""
    if path.count("/") > 1:
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is in a folder of its own; move it into lanes/"))
    text = yaml_header.decode(path, data)
    if deep := prose.nested(path, text):
        raise Invalid(deep)
    front_matter, lines = yaml_header.read(path, text, LaneFrontMatter, {})
    return Lane.model_construct(**dict(front_matter), docname=path.removesuffix(".md")), lines
