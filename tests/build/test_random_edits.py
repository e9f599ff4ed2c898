"""After any edits, faults and accidents, a build leaves the files and prints the messages of a clean build."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest
from breaking import break_build, breakable
from comparing import differences
from writer import Writer

if TYPE_CHECKING:
    from conftest import Built, Site

pytestmark = pytest.mark.slow

FIRST = int(os.environ.get("SEED", "0"))
SEEDS = int(os.environ.get("SEEDS", "4"))
ROUNDS = int(os.environ.get("ROUNDS", "2"))
"""The first seed, the number of seeds, and the rounds of edits per seed; `make test-long` runs more."""


def two_builds(site: Site, jobs: str) -> None:
    """Build twice at the same time."""
    builds = [
        threading.Thread(target=site.build, args=("-j", jobs), kwargs={"server": name}) for name in ("first", "second")
    ]
    for build in builds:
        build.start()
    for build in builds:
        build.join()


def cause_accident(writer: Writer, built: Built, jobs: str) -> list[str]:
    """Damage the output, kill a build, run two builds, or do nothing; return what was done."""
    kind = writer.chance.choice(["nothing", "nothing", "damage", "damage", "kill", "two builds"])
    if kind == "damage":
        return writer.damage(built)
    if kind == "kill":
        at = int(300 ** writer.chance.random())
        break_build(writer.site, "kill", at)
        return [f"kill at {at}"]
    if kind == "two builds":
        two_builds(writer.site, jobs)
    return [kind]


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_build_after_random_edits_equals_a_clean_build(site: Site, seed: int) -> None:
    """Half of the seeds build in one process, half in two; the clean build uses one."""
    breakable(site)
    writer = Writer(site, seed)
    jobs = str(1 + seed % 2)
    built = site.build("-j", jobs)
    assert built.log == ""
    done: list[list[str]] = []
    for turn in range(ROUNDS):
        is_broken = turn % 3 == 1
        done.append(writer.edit() + (writer.spoil() if is_broken else []))
        done[-1] += cause_accident(writer, built, jobs)
        built = site.build("-j", jobs)
        clean = site.build(out="_clean", fresh=True)
        assert sorted(built.log.splitlines()) == sorted(clean.log.splitlines()), done
        assert differences(built, clean) == [], done
        assert built.status == clean.status, done
        assert is_broken or (built.status, built.log) == (0, ""), done
        if is_broken:
            writer.fix_faults()
