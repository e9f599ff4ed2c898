"""What a label costs in a real Prometheus: memory for each series, for series that are gone, and for a query."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from record import Claim, Figure, Measured, Result, parameter
from spread import of_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chart import Chart

TITLE = "What a label costs in Prometheus"
QUESTION = "How much memory does Prometheus hold for a series, and for one that no longer exists?"
ANSWER = """A series holds {series.live} of heap, and takes {series.resident} of the machine's memory. Ten rollouts of
2,000 series leave {churn.series} in memory, which take {churn.times} times the heap of the 2,000 that are there."""
SHOWS = """An exporter of a few lines has a counter with a label for the user and one for the pod. A Prometheus on the
same machine scrapes it, with 1,000 to 30,000 series, and then tells its live heap after a forced garbage collection;
the kernel tells its resident memory. Then 2,000 series change their pod's name at each of ten scrapes, and a query
reads all of them. At last a scrape is one sample over its limit, and a relabeling drops the label of the user."""
LIMITS = """One version of Prometheus, the one that Debian has, for less than a minute: chunks are nearly empty, nothing
is written to blocks, and no series has been dropped from memory yet. Names of labels and values are short; the lab
tries one longer value. Resident memory depends on the load of the machine and on when Go collects garbage, and the
time of the query on the load. A rollout at every scrape is more than anybody has: it stands for a day of them."""
RERUN = "labs"
NEEDS = {"prometheus": "prometheus"}
QUICK = {"runs": 1}


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    runs: int = parameter(5, "runs, each with new servers")
    interval: int = parameter(2, "time between scrapes; half of it where pods change", "s")
    scrapes: int = parameter(2, "scrapes before memory is read")
    pods: int = parameter(50, "pods that the series are of")
    rolled: int = parameter(2_000, "series that change their pod's name")
    rollouts: int = parameter(10, "scrapes with a new name each")
    long: int = parameter(120, "letters of the long label")
    limit: int = parameter(2_000, "sample_limit of a scrape")
    queries: int = parameter(5, "times that a query is asked, of which the median counts")


SIZES = (1_000, 10_000, 20_000, 30_000)
METRIC = "requests_total"


@dataclass
class Exporter:
    """A target: so many series, with names of pods that change at each of the first scrapes."""

    series: int
    pods: int
    generations: int = 1
    letters: int = 0
    step: int = 7
    last: int = 0
    """After so many scrapes the target fails; 0 for never."""
    scrapes: int = 0

    def page(self) -> bytes:
        """The metrics as a scrape gets them."""
        generation = min(self.scrapes, self.generations - 1)
        pad = "x" * self.letters
        lines = (
            f'{METRIC}{{service="checkout",method="GET",code="200",pod="checkout-{generation:04x}-{at % self.pods:02d}"'
            f',user="u{at // self.pods:06d}{pad}"}} {100 + at // self.pods + self.step * self.scrapes}\n'
            for at in range(self.series)
        )
        return f"# TYPE {METRIC} counter\n{''.join(lines)}".encode()


@contextlib.contextmanager
def serving(exporter: Exporter) -> Iterator[int]:
    """Serve the exporter on this machine alone; gives its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if exporter.last and exporter.scrapes >= exporter.last:
                self.send_error(503)
                return
            page = exporter.page()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(page)
                exporter.scrapes += 1

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Prometheus:
    """A server that runs."""

    port: int
    pid: int

    def get(self, path: str) -> str:
        """The answer to a request."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return str(answer.read().decode("utf-8", "replace"))

    def own(self, name: str) -> float:
        """A metric of its own, summed over its labels."""
        return sum(map(float, re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", self.get("/metrics"), re.M)))

    def live(self) -> float:
        """Bytes of the heap that are in use after a collection, in megabytes."""
        self.get("/debug/pprof/heap?gc=1&debug=1")
        return self.own("go_memstats_alloc_bytes") / 1e6

    def resident(self) -> float:
        """Resident memory, as the kernel has it, in megabytes."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(re.findall(r"^VmRSS:\s+(\d+) kB$", status, re.M)[0]) * 1024 / 1e6

    def ask(self, query: str) -> tuple[float, float]:
        """The sum of a query's answer, and the seconds that it took."""
        answer = json.loads(self.get(f"/api/v1/query?stats=all&query={urllib.parse.quote(query)}"))
        values = [float(row["value"][1]) for row in answer["data"]["result"]]
        return sum(values), float(answer["data"]["stats"]["timings"]["evalTotalTime"])

    def time(self, query: str, times: int) -> float:
        """Milliseconds that a query takes, the median of so many times."""
        return 1000 * statistics.median(self.ask(query)[1] for _ in range(times))


@contextlib.contextmanager
def scraping(p: Parameters, target: int, *more: str) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes this port, until the block ends; ``more`` are lines of the scrape's settings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "prometheus.yml")
        settings = [
            "scrape_configs:",
            "  - job_name: lab",
            f"    scrape_interval: {p.interval}s",
            f"    scrape_timeout: {p.interval}s",
            f"    static_configs: [{{targets: ['127.0.0.1:{target}']}}]",
            *(f"    {line}" for line in more),
        ]
        config.write_text("\n".join([*settings, ""]), encoding="ascii")
        command = [
            *("prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data"),
            *(f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"),
        ]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            server = Prometheus(port, process.pid)
            until(lambda: "Ready" in server.get("/-/ready"))
            yield server
        finally:
            process.terminate()
            process.wait(30)


def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if true():
                return
        time.sleep(0.1)
    message = f"not so within {seconds:g} s"
    raise TimeoutError(message)


QUERY = f"sum(count_over_time({METRIC}[10m]))"


@dataclass(frozen=True)
class Reading:
    """What a server told: series in its head, live heap and resident memory in MB, and of the query milliseconds."""

    head: float
    live: float
    resident: float
    query: float
    samples: float


def read(p: Parameters, exporter: Exporter, scrapes: int, *, ask: bool = False) -> Reading:
    """Let a new server scrape so often, and read it; ``ask`` times the query too."""
    with serving(exporter) as target, scraping(p, target) as server:
        until(lambda: server.own("prometheus_tsdb_head_samples_appended_total") >= exporter.series * scrapes)
        until(lambda: not exporter.last or (exporter.scrapes >= exporter.last and server.ask("up")[0] == 0))
        resident, live, head = server.resident(), server.live(), server.own("prometheus_tsdb_head_series")
        query, samples = (server.time(QUERY, p.queries), server.ask(QUERY)[0]) if ask else (0.0, 0.0)
        return Reading(head, live, resident, query, samples)


def limited(p: Parameters, series: int) -> tuple[float, float]:
    """Scrape so many series under the limit: how many are stored, and whether the target counts as up."""
    exporter = Exporter(series, p.pods)
    with serving(exporter) as target, scraping(p, target, f"sample_limit: {p.limit}") as server:
        until(lambda: exporter.scrapes >= 2 and server.ask("count(up)")[0] == 1)
        return server.ask(f"count({METRIC})")[0], server.ask("up")[0]


def dropped(p: Parameters) -> tuple[float, float, float]:
    """Drop the user's label at the scrape: the share of the true sum that is stored, `up`, and refused samples."""
    exporter = Exporter(SIZES[0], p.pods, step=0)
    true = sum(100 + at // p.pods for at in range(exporter.series))
    rule = "metric_relabel_configs: [{regex: user, action: labeldrop}]"
    with serving(exporter) as target, scraping(p, target, rule) as server:
        until(lambda: server.ask(f"count({METRIC})")[0] > 0)
        stored = server.ask(f"sum({METRIC})")[0]
        refused = server.own("prometheus_target_scrapes_sample_duplicate_timestamp_total")
        return stored / true, server.ask("up")[0], refused


def once(p: Parameters) -> tuple[dict[str, Result], dict[int, Reading]]:
    """One run: what each server told. Servers that only hold memory run two at a time."""
    with ThreadPoolExecutor(2) as pool:
        held = {size: pool.submit(read, p, Exporter(size, p.pods), p.scrapes) for size in SIZES}
        long = pool.submit(read, p, Exporter(SIZES[1], p.pods, letters=p.long), p.scrapes)
        limits = [pool.submit(limited, p, series) for series in (p.limit, p.limit + 1)]
        without = pool.submit(dropped, p)
    sizes, wide = {size: one.result() for size, one in held.items()}, long.result()
    (within, over), (left, up, refused) = (one.result() for one in limits), without.result()
    fast = replace(p, interval=p.interval // 2)
    steady = read(fast, Exporter(p.rolled, p.pods, last=p.rollouts), p.rollouts, ask=True)
    rolling = Exporter(p.rolled, p.pods, generations=p.rollouts, last=p.rollouts)
    churn = read(fast, rolling, p.rollouts, ask=True)
    least, most = sizes[SIZES[0]], sizes[SIZES[-1]]
    between = SIZES[-1] - SIZES[0]
    start = least.live - SIZES[0] * (most.live - least.live) / between
    found = {
        "series.live": Result(
            round(1e6 * (most.live - least.live) / between),
            f"live heap for each series, between {SIZES[0]:,} and {SIZES[-1]:,}",
            "bytes",
        ),
        "series.resident": Result(
            round(1e6 * (most.resident - least.resident) / between),
            f"resident memory for each series, between {SIZES[0]:,} and {SIZES[-1]:,}",
            "bytes",
        ),
        "wide.more": Result(
            round(1e6 * (wide.live - sizes[SIZES[1]].live) / SIZES[1]),
            f"live heap that a label value longer by {p.long} letters adds to each series",
            "bytes",
        ),
    }
    for size, one in sizes.items():
        found[f"n{size}.live"] = Result(round(one.live, 1), f"live heap, {size:,} series", "MB", ".0f")
        found[f"n{size}.resident"] = Result(round(one.resident, 1), f"resident memory, {size:,} series", "MB", ".0f")
    for name, one, said in (("steady", steady, "no rollout"), ("churn", churn, "a rollout at each scrape")):
        what = f"{p.rolled:,} series at a time, {said}"
        found[f"{name}.series"] = Result(int(one.head), f"series in memory: {what}", "")
        found[f"{name}.live"] = Result(round(one.live, 1), f"live heap: {what}", "MB", ".0f")
        found[f"{name}.resident"] = Result(round(one.resident, 1), f"resident memory: {what}", "MB", ".0f")
        found[f"{name}.query"] = Result(round(one.query, 2), f"time of the query: {what}", "ms", ".0f")
        found[f"{name}.samples"] = Result(int(one.samples), f"samples that the query counts: {what}", "")
    found["churn.times"] = Result(
        round((churn.live - start) / (steady.live - start), 2),
        "heap for the series with rollouts over that without, both above an empty server",
        "",
        ".1f",
    )
    found["churn.slower"] = Result(
        round(churn.query / steady.query, 2), "time of the query, over that without", "", ".1f"
    )
    found["limit.within"] = Result(int(within[0]), f"series stored of {p.limit:,}, with that limit", "")
    found["limit.over"] = Result(int(over[0]), f"series stored of {p.limit + 1:,}, with a limit of {p.limit:,}", "")
    found["limit.up"] = Result(int(over[1]), "`up` of the target that is over its limit", "")
    found["dropped.left"] = Result(round(left, 4), "share of the true sum that is stored without the label", "", ".0%")
    found["dropped.up"] = Result(int(up), "`up` of the target whose label is dropped", "")
    found["dropped.refused"] = Result(int(refused), "duplicates that the server's own counter shows, without the label")
    return found, sizes


def measure(p: Parameters) -> Measured:
    """Run all servers several times."""
    version = subprocess.run(["prometheus", "--version"], capture_output=True, text=True, check=True)
    said = re.findall(r"version (\S+)|go version:\s+(\S+)", version.stdout + version.stderr)
    runs = [once(p) for _ in range(p.runs)]
    found = {key: of_runs([results[key] for results, _sizes in runs]) for key in runs[0][0]}
    rows = [
        [
            size,
            *(
                round(float(value), 1)
                for kind in ("live", "resident")
                for result in [found[f"n{size}.{kind}"]]
                for value in (result.value, result.low or 0, result.high or 0)
            ),
        ]
        for size in SIZES
    ]
    claims = {
        "live": Claim(
            "In each run a series held at least {} bytes of heap.",
            min(results["series.live"].value for results, _sizes in runs),
            least=1_000,
            format=",g",
        ),
        "churn": Claim(
            "In each run rollouts took at least {} times the heap of the same series without.",
            min(results["churn.times"].value for results, _sizes in runs),
            least=3,
        ),
        "limit": Claim(
            "A scrape of one sample more than its limit stored {} samples, in each run.",
            max(results["limit.over"].value for results, _sizes in runs),
            most=0,
        ),
    }
    figure = Figure(
        "Memory of a Prometheus by the series that it scrapes",
        """Live heap and resident memory in megabytes against the number of series, from 1,000 to 30,000. Both rise in a
        straight line, resident memory about twice as steeply and with a wider range.""",
        ["Series", "Live, MB", "Least", "Most", "Resident, MB", "Least", "Most"],
        rows,
        lambda chart: draw(chart, rows),
    )
    engines = {"Prometheus": said[0][0], "Go": said[-1][1].removeprefix("go")}
    return Measured(found, {"memory-by-series": figure}, claims, engines)


def draw(chart: Chart, rows: list[list[float]]) -> None:
    """Draw both kinds of memory with their ranges."""
    from chart import INK, LAMP

    series = [row[0] for row in rows]
    for column, text, color in ((1, "live heap", INK), (4, "resident", LAMP)):
        chart.band(series, [row[column + 1] for row in rows], [row[column + 2] for row in rows])
        chart.line(series, [row[column] for row in rows], color)
        chart.label(series[2], rows[2][column], text, color=color, side="above", ha="right", xytext=(-6, 6))
    chart.ticks("x", series)
    chart.axes.set_xlim(series[0], series[-1])
    chart.axes.set_ylim(0, None)
    chart.measures("Memory, MB", "series")
    chart.margins(left=46, right=32)
