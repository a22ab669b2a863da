package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.spread.Wire;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.ChunkRounds.Sides;
import dev.pgportage.state.ValidationResults;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Whole tables summed up on other machines, each side by its own chunks of pages: the sums do not
 * depend on how rows lie. Only where the sums of both sides are equal is a table compared by that;
 * the others are left to whoever tells rows apart. Used by one thread.
 */
final class SpreadComparison {
  private static final int MOST_CHUNKS = 10_000;

  private final ExportedSnapshot source;
  private final ExportedSnapshot target;
  private final Validator.Options options;
  private final HashFunction hash;
  private final List<Subject> differing = new ArrayList<>();

  SpreadComparison(
      ExportedSnapshot source,
      ExportedSnapshot target,
      Validator.Options options,
      HashFunction hash) {
    this.source = source;
    this.target = target;
    this.options = options;
    this.hash = hash;
  }

  /** What a chunk belongs to. */
  private record Part(Tally tally, Side side) {}

  /** The sums of one table. */
  private static final class Tally {
    private final Subject subject;
    private final Map<Side, Summary> sums = new EnumMap<>(Side.class);
    private int left;
    private boolean begun;

    Tally(Subject subject) {
      this.subject = subject;
    }

    Summary of(Side side) {
      return sums.getOrDefault(side, new Summary(Map.of()));
    }
  }

  /**
   * Compares whole tables.
   *
   * @param observer told of a table when its first chunk has come, and asked whether to wait
   * @param equal told of each that is equal
   * @return those that are not, or perhaps are not
   */
  List<Subject> run(
      List<Subject> subjects,
      ChunkExecutor executor,
      Validator.Observer observer,
      BiConsumer<Subject, Comparison> equal) {
    var texts = new ArrayList<String>();
    var chunks = new ArrayList<ChunkRounds.Chunk>();
    var parts = new ArrayList<Part>();
    List<Tally> tallies = subjects.stream().map(Tally::new).toList();
    for (Side side : Side.values()) {
      cut(side, tallies, texts, chunks, parts);
    }
    int sessions = options.workers();
    executor.run(
        new ChunkExecutor.Work(
            new ChunkRounds.Round(SpreadSums.KIND, terms(), sessions, sessions), texts, chunks),
        new ChunkExecutor.Observer() {
          @Override
          public void done(int number, String outcome) {
            Part part = parts.get(number);
            Tally tally = part.tally();
            if (!tally.begun) {
              tally.begun = true;
              observer.started(tally.subject);
            }
            tally.sums.merge(
                part.side(), Wire.read(outcome, SummedChunk.class).summary(), Summary::plus);
            tally.left--;
            if (tally.left == 0) {
              judge(tally, equal);
            }
          }

          @Override
          public boolean held() {
            return observer.held();
          }
        });
    return List.copyOf(differing);
  }

  private String terms() {
    return Wire.write(new SumTerms(source.snapshot().name(), target.snapshot().name(), hash));
  }

  private void judge(Tally tally, BiConsumer<Subject, Comparison> equal) {
    Summary ofSource = tally.of(Side.SOURCE);
    Summary ofTarget = tally.of(Side.TARGET);
    if (!ofSource.equals(ofTarget)) {
      differing.add(tally.subject);
      return;
    }
    Table table = tally.subject.table();
    equal.accept(
        tally.subject,
        new Comparison(
            new ValidationResults.Result(
                table.name(),
                options.at(),
                ofSource.rows(),
                ofTarget.rows(),
                0,
                0,
                0,
                ofSource.digest(),
                target.takenAt(),
                Instant.now()),
            table.key().map(Table.Key::columns).orElse(List.of()),
            List.of(),
            Comparison.Extent.WHOLE));
  }

  private void cut(
      Side side,
      List<Tally> tallies,
      List<String> texts,
      List<ChunkRounds.Chunk> chunks,
      List<Part> parts) {
    ExportedSnapshot snapshot = side == Side.SOURCE ? source : target;
    Sides sides = side == Side.SOURCE ? Sides.SOURCE : Sides.TARGET;
    try (Connection connection = snapshot.open("validation")) {
      boolean ranges =
          connection.getMetaData().getDatabaseMajorVersion() >= SideReading.READS_RANGES;
      List<Table> tables = tallies.stream().map(tally -> tally.subject.table()).toList();
      List<Long> sizes =
          ranges ? pages(connection, tables) : Collections.nCopies(tables.size(), 1L);
      for (int t = 0; t < tables.size(); t++) {
        Tally tally = tallies.get(t);
        Table table = tables.get(t);
        long pages = Math.max(1, sizes.get(t));
        double bytesPerPage = Math.max(SideReading.PAGE_BYTES, (double) table.bytes() / pages);
        long each =
            Math.max(
                Math.ceilDiv(pages, (long) MOST_CHUNKS),
                (long) Math.max(1, options.chunkBytes() / bytesPerPage));
        int count = (int) Math.ceilDiv(pages, each);
        texts.add(Wire.write(new SumSubject(table, side, count, each)));
        tally.left += count;
        for (int i = 0; i < count; i++) {
          chunks.add(new ChunkRounds.Chunk(chunks.size(), texts.size() - 1, i, sides));
          parts.add(new Part(tally, side));
        }
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.VALIDATION_FAILED, "Cutting the tables of the " + side + " into chunks");
    }
  }

  /** How many pages each table has on this side, in their order; none if it is not there. */
  private static List<Long> pages(Connection connection, List<Table> tables) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT coalesce(pg_relation_size(to_regclass(name)), 0) / %d
        FROM unnest(?::text[]) WITH ORDINALITY AS t (name, place) ORDER BY place
        """
            .formatted(SideReading.PAGE_BYTES),
        row -> row.getLong(1),
        (Object) tables.stream().map(table -> table.name().sql()).toArray(String[]::new));
  }
}
