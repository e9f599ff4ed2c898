"""Break a build at one of the files that it opens for writing: kill it, or simulate a full disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Built, Site

FAULT = '''

import errno, os, signal

def _at_an_opening(event, arguments, state={"count": 0, "inside": False}):
    """Break at one of the files below _build/ that a build opens for writing, and leave it empty."""
    if event != "open" or state["inside"] or not isinstance(arguments[0], (str, bytes, os.PathLike)):
        return
    path, writes = os.fsdecode(arguments[0]), (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR)
    if not writes or "/_build/" not in path:
        return
    state["count"] += 1
    with open(os.environ["COUNT"], "w") if not state.update(inside=True) else None as file:
        file.write(str(state["count"]))
    state["inside"] = False
    at = os.environ["BREAK_AT"]
    if state["count"] >= int(at) if at.isdigit() else path.endswith(at):
        if os.environ["BREAK"] == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        state["inside"] = True
        open(path, "wb").close()
        os.kill(os.getpid(), signal.SIGKILL)

if "BREAK" in os.environ:
    sys.addaudithook(_at_an_opening)
'''


def breakable(site: Site) -> None:
    """Make builds of a journal breakable."""
    site.write("conf.py", (site.root / "conf.py").read_text() + FAULT)


def break_build(site: Site, how: str, at: int | str) -> tuple[int, Built]:
    """Build until the file ``at``, a count of opened files or the end of a path; return the number of opened files."""
    count = site.root / "count"
    count.write_text("0")
    broken = {"BREAK": how, "BREAK_AT": str(at), "COUNT": str(count)}
    site.environment |= broken
    built = site.build()
    for name in broken:
        del site.environment[name]
    return int(count.read_text()), built
