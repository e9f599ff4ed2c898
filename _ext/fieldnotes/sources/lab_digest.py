"""Digest the files of a lab: its runner stores what its reader compares. Needs the standard library alone."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_digest(text: str) -> str:
    r"""The digest of a text whose lines end with ``"\n"``: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def part_digests(record: Mapping[str, object]) -> dict[str, str]:
    """The digest of each part of ``results.json`` but ``digests`` itself, whatever its spaces and order."""
    parts = sorted(record.keys() - {"digests"})
    return {part: text_digest(json.dumps(record[part], sort_keys=True)) for part in parts}
