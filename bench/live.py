"""Measure the time from saving a note to its new text in the browser, with `make live`, and store it.

python live.py [--sizes 1600] [--saves 10] [--out live.json]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import corpus
from measure import circumstances
from playwright.sync_api import sync_playwright
from search import chromium
from systems import ROOT, write_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

HERE = Path(__file__).parent
FILES = ("conf.py", "Makefile", "requirements.txt", "requirements", ".venv")
FOLDERS = ("_ext", "_static", "_templates", "lanes", "labs", "notes")


def main() -> None:
    """Measure this journal, and the benchmark's corpus at other sizes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[1600])
    parser.add_argument("--saves", type=int, default=10)
    parser.add_argument("--out", type=Path, default=HERE / "live.json")
    options = parser.parse_args()
    rows = [measure_saves(size, options.saves) for size in (None, *options.sizes)]
    result = {**circumstances(), "rows": rows}
    options.out.write_text(json.dumps(result, indent=1) + "\n")


def measure_saves(size: int | None, saves: int) -> dict[str, object]:
    """Seconds from a save to the new text on the open page: the median save, and the slowest."""
    with tempfile.TemporaryDirectory(prefix="live-") as name, sync_playwright() as playwright:
        folder = Path(name)
        if size is None:
            for part in FOLDERS:
                shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(ROOT / "index.md", folder)  # a symlink would lead out of the journal, with a warning
        else:
            write_journal(folder, corpus(size))
        for part in FILES:
            if not (folder / part).exists():
                (folder / part).symlink_to(ROOT / part)
        notes = sorted((folder / "notes").glob("*.md"))
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        with live(folder) as address:
            times = seconds(browser.new_page(), address, notes[len(notes) // 2], saves)
        browser.close()
    row = {"notes": len(notes), "journal": size is None, "middle": statistics.median(times), "slowest": max(times)}
    sys.stderr.write(f"{row}\n")
    return row


def seconds(page: Page, address: str, path: Path, saves: int) -> list[float]:
    """Return the seconds that each of ``saves`` saves of a note takes to show on its open page."""
    page.goto(f"{address}/notes/{path.stem}.html")
    times = []
    for number in range(saves + 1):
        time.sleep(1)
        start = time.monotonic()
        path.write_text(f"{path.read_text(encoding='utf-8')}\nSaved {number}.\n", encoding="utf-8")
        page.wait_for_selector(f"article >> text='Saved {number}.'", timeout=120_000)
        times.append(round(time.monotonic() - start, 2))
    return times[1:]  # the first save fills the caches


@contextmanager
def live(folder: Path) -> Iterator[str]:
    """Run `make live`, and yield its address once the journal is built."""
    command = ["make", "live"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout
            address = ""
            for line in process.stdout:
                if "WARNING" in line:
                    sys.exit(f"the journal to measure has a warning; correct it first: {line}")
                address = (re.findall(r"http://127\.0\.0\.1:\d+", line) or [address])[0]
                if "Serving" in line:
                    break
            else:
                sys.exit(f"{' '.join(command)} failed")
            time.sleep(5)  # it prints the line before it serves and watches
            yield address
        finally:
            os.killpg(process.pid, signal.SIGINT)


if __name__ == "__main__":
    main()
