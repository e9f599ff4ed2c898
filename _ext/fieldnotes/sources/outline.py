"""Read the outline that `make new` gives a note, and find leftovers of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldnotes.sources import files, front_matter_yaml
from fieldnotes.sources.field_validators import Schema, Text

if TYPE_CHECKING:
    from pathlib import Path

FILE = "_templates/note.md"


class Outline(Schema):
    """The summary and text of a new note. Lines that begin with % are hints, which are comments to MyST."""

    summary: Text = "What it says, in one or two sentences."
    text: str = ""

    def leftovers(self, text: str) -> list[int]:
        """Return the line numbers, from 1, of the outline's hints in the text of a note."""
        hints = [line for line in self.text.split("\n") if line.startswith("%")]
        if not any(hint in text for hint in hints):  # ten times faster than checking each line
            return []
        return [number for number, line in enumerate(text.split("\n"), start=1) if line.strip() in hints]


def read(root: Path) -> Outline:
    """Read the outline in FILE; it is empty if there is no such file. Raises Invalid if it cannot be used."""
    if not (root / FILE).is_file():
        return Outline()
    text = files.decode(FILE, files.read_file(root, FILE, files.MAX_BYTES, "correct it or remove it"))
    header, body = front_matter_yaml.split(FILE, text)
    return header.parse(Outline).model_copy(update={"text": body})
