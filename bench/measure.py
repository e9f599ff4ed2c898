"""Measure one command: the processor time of its whole process tree, wall time, and peak memory."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

INTERVAL = 0.2


@dataclass(frozen=True)
class Usage:
    """``cpu`` and ``wall`` in seconds; ``memory``, the peak sum over the process tree, in MB.

    Memory is proportional set size, sampled five times a second: pages shared by processes count once.
    """

    cpu: float
    wall: float
    memory: float


class CommandError(Exception):
    """A command of the benchmark failed: the command, and the end of its output."""


def circumstances() -> dict[str, str]:
    """Return the date, and a general description of the machine."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
    }


def measure(command: list[str], folder: Path) -> Usage:
    """Run ``command`` in ``folder``; raise CommandError if it fails."""
    start = time.monotonic()
    with open(folder / "output.log", "wb") as log:  # noqa: PTH123
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        peak = [0.0]
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(process.pid, peak, stop))
        watcher.start()
        _pid, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    stop.set()
    watcher.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = (folder / "output.log").read_text(errors="replace")[-2000:]
        raise CommandError(f"{' '.join(command)} failed with {process.returncode}:\n{tail}")
    return Usage(round(usage.ru_utime + usage.ru_stime, 2), round(wall, 2), round(peak[0], 1))


def _watch(pid: int, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(INTERVAL):
        total = 0
        try:
            root = psutil.Process(pid)
            for process in [root, *root.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
        except psutil.Error:
            return
        peak[0] = max(peak[0], total / 1e6)
