"""Segments in Lucene itself: what merging rewrites, and what a search pays for each segment."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import Figure, Measured, Result, parameter

if TYPE_CHECKING:
    from chart import Chart

TITLE = "Segments in Lucene: what merging rewrites, what a search pays"
SHOWS = """Lucene indexes the same documents with a refresh after every 100 of them, and with fewer refreshes, down to
one after every 20,000. Its two merge policies merge in the thread that indexes, so that counts of documents and bytes
repeat exactly; the model of the lab on merge debt is asked for the same. Then documents are put into a given number of
segments that are never merged, and a search for three words and one for an id are timed, in processor time."""
LIMITS = """One index of a few dozen megabytes in one process: no Elasticsearch, no replicas, no translog, no deletes,
and words that are given rather than analyzed. Lucene 8.7.0 is the one that Debian has; later ones may merge otherwise.
The index is in memory for the searches. Processor times are of a shared machine: only their ratios are quoted."""
RERUN = "labs"
NEEDS = {"java": "openjdk-17-jdk-headless", "/usr/share/java/lucene-core-8.7.0.jar": "liblucene8-java"}
QUICK = {"documents": 20_000, "searched": 20_000}

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
  static final int WORDS = 40_000, LENGTH = 40;
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
      AtomicLong sum = context.context == IOContext.Context.MERGE ? merged : flushed;
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

  static final FieldType TEXT = new FieldType(TextField.TYPE_NOT_STORED);

  static Document document(int id, Words words) {
    Document made = new Document();
    made.add(new StringField("id", Integer.toString(id, 36), Field.Store.NO));
    made.add(new Field("body", words, TEXT));
    made.add(new NumericDocValuesField("time", id));
    made.add(new StoredField("source", "{\"id\":" + id + ",\"message\":\"" + Long.toHexString(id * 0x9E3779B97F4A7C15L)
        + Long.toHexString(id * 0xBF58476D1CE4E5B9L) + "\"}"));
    return made;
  }

  static IndexWriterConfig config(MergePolicy policy) {
    policy.setNoCFSRatio(0);
    return new IndexWriterConfig(new NoAnalyzer()).setUseCompoundFile(false).setMergePolicy(policy)
        .setRAMBufferSizeMB(512);
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

  public static void main(String[] words) throws Exception {
    double sum = 0;
    for (int word = 0; word < WORDS; word++) UP_TO[word] = sum += 1.0 / (word + 1);
    TEXT.freeze();
    Path folder = Paths.get(words[0]);
    int documents = Integer.parseInt(words[1]), searched = Integer.parseInt(words[2]);
    long seed = Long.parseLong(words[3]);
    for (String every : words[4].split(",")) {
      int count = Integer.parseInt(every);
      refreshes(folder.resolve("tiered" + every), "tiered", new TieredMergePolicy(), documents, count, seed);
      LogByteSizeMergePolicy neighbors = new LogByteSizeMergePolicy();
      neighbors.setMergeFactor(32);
      neighbors.setMinMergeMB(2);
      neighbors.setMaxMergeMB(102400);
      refreshes(folder.resolve("time" + every), "time", neighbors, documents, count, seed);
    }
    for (String segments : words[5].split(",")) {
      searches(folder.resolve("segments" + segments), searched, Integer.parseInt(segments), seed);
    }
  }
}
"""


@dataclass(frozen=True)
class Parameters:
    """What the lab is set to."""

    seed: int = parameter(1, "seed of the words")
    documents: int = parameter(200_000, "documents that are indexed with refreshes")
    searched: int = parameter(100_000, "documents that are searched")
    lucene: str = parameter("8.7.0", "version of Lucene, as in Debian's package liblucene8-java")


EVERY = (100, 200, 500, 1000, 5000, 20_000)
SEGMENTS = (1, 10, 50, 100, 200, 400)
SAID = {"tiered": "tiered policy", "time": "time-based policy"}


def lucene(p: Parameters) -> list[dict[str, Any]]:
    """What the Java program prints: a record for each index and for each number of segments."""
    jar = Path(f"/usr/share/java/lucene-core-{p.lucene}.jar")
    if not jar.exists():
        raise SystemExit(f"there is no {jar}: install Debian's package liblucene8-java, and Java 17")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "Lab.java")
        source.write_text(JAVA, encoding="utf-8")
        lists = (",".join(map(str, numbers)) for numbers in (EVERY, SEGMENTS))
        settings = [folder, str(p.documents), str(p.searched), str(p.seed), *lists]
        command = ["java", "-Xmx1g", "-cp", str(jar), str(source), *settings]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def model(p: Parameters, policy: str, every: int, size: float) -> float:
    """Documents rewritten for each indexed, by the model, with ``size`` bytes for a document."""
    from run import load

    lab = load("merge-debt")
    settings = lab.Parameters(balanced=False)
    shard = lab.Shard(settings, lab.POLICIES[policy], inf)
    for _ in range(p.documents // every):
        shard.refresh(every * size / lab.MB)
        shard.run(1)
    return float(shard.rewritten / shard.flushed)


def measure(p: Parameters) -> Measured:
    """Index, search, and ask the model."""
    records = lucene(p)
    found: dict[str, Result] = {}
    rows: list[tuple[int, float, float, float, float]] = []
    farthest = 0.0
    for every in EVERY:
        row: list[float] = []
        for name, said in SAID.items():
            (record,) = (one for one in records if one.get("policy") == name and one["every"] == every)
            key, what = f"{name}.every{every}", f"a refresh every {every:,} documents, {said}"
            rewritten = record["rewritten"] / p.documents
            written = (record["flushed_bytes"] + record["merged_bytes"]) / record["bytes"]
            modeled = model(p, name, every, record["bytes"] / p.documents)
            found[f"{key}.rewritten"] = Result(
                round(rewritten, 4), f"documents rewritten for each indexed: {what}", "", ".1f"
            )
            found[f"{key}.written"] = Result(round(written, 4), f"bytes written over those kept: {what}", "", ".1f")
            found[f"{key}.merges"] = Result(record["merges"], f"merges: {what}")
            found[f"{key}.most"] = Result(record["most"], f"most segments: {what}")
            found[f"{key}.model"] = Result(round(modeled, 4), f"documents rewritten, by the model: {what}", "", ".1f")
            if rewritten:
                farthest = max(farthest, abs(modeled / rewritten - 1))
            row += [rewritten, modeled]
        rows.append((every, row[0], row[1], row[2], row[3]))
    found["model.farthest"] = Result(round(farthest, 4), "largest difference of the model from Lucene", "", ".0%")
    costs = {record["segments"]: record for record in records if "segments" in record}
    for segments in SEGMENTS:
        for kind, what in (("words", "a search for three words"), ("id", "a search for an id")):
            ratio = costs[segments][kind] / costs[1][kind]
            tolerance = 0.0 if segments == 1 else round(0.9 * ratio, 2)
            found[f"{kind}.n{segments}"] = Result(
                round(ratio, 2), f"processor time in {segments} segments over one: {what}", "", ".0f", tolerance
            )
        size = costs[segments]["bytes"] / costs[1]["bytes"]
        found[f"size.n{segments}"] = Result(round(size, 4), f"bytes in {segments} segments over one", "", ".2f")
    return Measured(
        found,
        {
            "rewritten": Figure(
                "Documents rewritten for each that is indexed, in Lucene and in the model",
                """Documents that merging rewrites for each document, against documents for each refresh, from 100 to
                20,000, on a logarithmic scale. With the tiered policy the line falls steeply from about twenty-three to
                about three at 1,000 documents, and then to none. With the time-based policy it falls from three to
                none. Crosses of the model lie on both lines.""",
                ["Documents per refresh", "tiered", "tiered, model", "time-based", "time-based, model"],
                [[every, *(round(value, 2) for value in values)] for every, *values in rows],
                lambda chart: draw_rewritten(chart, rows),
            ),
            "search-cost": Figure(
                "Processor time of a search, by segments",
                """Processor time over that in one segment against the number of segments, from 1 to 400, both on
                logarithmic scales, for the same documents. Both lines rise slowly up to 50 segments, where a
                search costs two to four times as much, and then more steeply, to about ten times or more in 400.""",
                ["Segments", "three words", "one id"],
                [
                    [segments, *(round(costs[segments][kind] / costs[1][kind], 1) for kind in ("words", "id"))]
                    for segments in SEGMENTS
                ],
                lambda chart: draw_costs(chart, costs),
            ),
        },
    )


def draw_rewritten(chart: Chart, rows: list[tuple[int, float, float, float, float]]) -> None:
    """Draw what Lucene rewrites as lines, and the model's as crosses."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    every = [row[0] for row in rows]
    for column, color in ((1, LAMP), (3, INK)):
        chart.line(every, [row[column] for row in rows], color)
        for row in rows:
            chart.axes.text(row[0], row[column + 1], "×", color=color, ha="center", va="center")
    chart.label(rows[1][0], rows[1][1], "tiered", color=LAMP, ha="left", va="bottom", xytext=(6, 4))
    chart.label(rows[0][0], 2 * rows[0][3], "time-based", xytext=(3, 0))
    chart.label(rows[3][0], rows[0][1] / 2, "× the model", side="right")
    chart.ticks("x", [100, 500, 5000, 20_000])
    chart.axes.set_xlim(every[0], every[-1])
    chart.axes.set_ylim(0, None)
    chart.measures("Documents rewritten for each indexed", "documents for each refresh")
    chart.margins(left=46, right=32)


def draw_costs(chart: Chart, costs: dict[int, dict[str, Any]]) -> None:
    """Draw the cost of both searches."""
    from chart import INK, LAMP

    chart.axes.set_xscale("log")
    chart.axes.set_yscale("log")
    for kind, text, color in (("words", "three words", LAMP), ("id", "one id", INK)):
        values = [costs[segments][kind] / costs[1][kind] for segments in SEGMENTS]
        chart.line(SEGMENTS, values, color)
        chart.label(SEGMENTS[-1], values[-1], text, color=color)
    chart.ticks("x", SEGMENTS)
    chart.ticks("y", [1, 3, 10, 30])
    chart.axes.set_xlim(1, 400)
    chart.measures("Processor time, over that in one segment", "segments with the same documents")
    chart.margins(left=36, right=92)
