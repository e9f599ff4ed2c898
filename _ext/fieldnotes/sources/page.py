"""Read a standalone page, such as About."""

from __future__ import annotations

from fieldnotes.sources import files, front_matter_yaml
from fieldnotes.sources.front_matter_fields import PageFrontMatter


class Page(PageFrontMatter, front_matter_yaml.Document):
    """A page that is neither a note nor a lane, created by ``read``."""


def read(path: str, data: bytes) -> Page:
    """Read the page at ``path`` from its bytes. Raises Invalid with all of its problems."""
    header, _body = front_matter_yaml.split(path, files.decode(path, data))
    fields = dict(header.parse(PageFrontMatter))
    return Page.model_construct(**fields, docname=path.removesuffix(".md"), header=header)
