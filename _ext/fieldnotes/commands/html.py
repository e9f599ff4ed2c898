"""Build the site, print its warnings, and say whether it is fit to publish: `make html`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldnotes.build import build_summary
from fieldnotes.build.run_sphinx import run

if TYPE_CHECKING:
    from collections.abc import Sequence


def html(root: Path, folder: Path, processes: int = 1, **values: Any) -> int:
    """Build the journal in ``root`` into ``folder``, and return the exit status: warnings count as failures.

    Prints the warnings to stderr, and the summary of the build. ``values`` override those of ``conf.py``.
    """
    built = run(root, folder / "html", folder / "doctrees", "html", values, warningiserror=True, parallel=processes)
    sys.stderr.writelines(f"{line}\n" for line in built.lines)
    sys.stderr.flush()
    if built.app:
        print(build_summary.line(built.app))
    return built.status


def main(arguments: Sequence[str]) -> int:
    """Build the journal in the working directory into a folder, with a number of processes or `auto`."""
    folder, jobs = arguments
    if jobs != "auto" and not jobs.isdecimal():
        sys.exit(f"make html: JOBS is `{jobs}`; write a number of processes, or auto")
    try:
        return html(Path(), Path(folder), (os.cpu_count() or 1) if jobs == "auto" else int(jobs))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
