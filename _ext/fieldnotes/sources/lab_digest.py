"""Digest the files of a lab, for its runner to store and its reader to compare. Imports only the standard library."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_digest(text: str) -> str:
    r"""Return the digest of a text with ``"\n"`` line endings: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def part_digests(record: Mapping[str, object]) -> dict[str, str]:
    """Return the digest of each part of ``results.json`` except ``digests``, whatever its white space and key order."""
    parts = sorted(record.keys() - {"digests"})
    return {part: text_digest(json.dumps(record[part], sort_keys=True)) for part in parts}
