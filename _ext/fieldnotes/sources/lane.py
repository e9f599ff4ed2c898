"""Read a lane: its front matter and its address."""

from __future__ import annotations

from fieldnotes.sources import files, front_matter_yaml
from fieldnotes.sources.front_matter_fields import LaneFrontMatter
from fieldnotes.sources.problem import Code, Invalid, Problem


class Lane(LaneFrontMatter, front_matter_yaml.Document):
    """A lane of the journal, created by ``read``."""

    @property
    def name(self) -> str:
        """The name that notes give in their ``lane`` field."""
        return self.docname.removeprefix("lanes/")


def read(path: str, data: bytes) -> Lane:
    """Read the lane at ``path`` from its bytes. Raises Invalid with all of its problems."""
    if path.count("/") > 1:
        raise Invalid(Problem(path, 1, Code.ADDRESS, "is in a subfolder; move it to lanes/"))
    header, _body = front_matter_yaml.split(path, files.decode(path, data))
    return Lane.model_construct(**dict(header.parse(LaneFrontMatter)), docname=path.removesuffix(".md"), header=header)
