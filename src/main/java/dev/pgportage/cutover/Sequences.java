package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Sequence;
import dev.pgportage.state.SequencesSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Carries the values of sequences over: a stream of changes holds none of them. To be called behind
 * the fence, where the source's values stand still.
 */
public final class Sequences {
  private static final int PER_STATEMENT = 200;

  private Sequences() {}

  /**
   * Sets every sequence on the target ahead of the source's, in one transaction, and reads them
   * back.
   *
   * @param source a session on the source
   * @param target a session on the target in auto-commit mode
   * @param headroom how many values to leave out; 0 for exactly the same
   * @return how many were set
   * @throws MigrationException SEQUENCE_FAILED or PRIVILEGE_MISSING; the target is as before then
   */
  public static int carry(
      Connection source, Connection target, List<Sequence> sequences, long headroom) {
    List<SequenceValue> wanted =
        read(source, Side.SOURCE, sequences).stream().map(value -> value.ahead(headroom)).toList();
    try {
      target.setAutoCommit(false);
      try {
        for (int from = 0; from < wanted.size(); from += PER_STATEMENT) {
          set(target, wanted.subList(from, Math.min(wanted.size(), from + PER_STATEMENT)));
        }
        target.commit();
      } finally {
        target.rollback();
        target.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.SEQUENCE_FAILED, "Setting sequences on the " + Side.TARGET);
    }
    requireEqual(wanted, read(target, Side.TARGET, sequences));
    return wanted.size();
  }

  /**
   * The sequences that do not stand at the same value on both sides.
   *
   * @throws MigrationException SEQUENCE_FAILED or PRIVILEGE_MISSING
   */
  public static List<QualifiedName> differing(
      Connection source, Connection target, List<Sequence> sequences) {
    List<SequenceValue> ofSource = read(source, Side.SOURCE, sequences);
    List<SequenceValue> ofTarget = read(target, Side.TARGET, sequences);
    return IntStream.range(0, sequences.size())
        .filter(i -> !ofSource.get(i).equals(ofTarget.get(i)))
        .mapToObj(i -> sequences.get(i).name())
        .toList();
  }

  /** Where the target's sequences stand. */
  public static Map<QualifiedName, SequencesSet.Position> positions(
      Connection target, List<Sequence> sequences) {
    return read(target, Side.TARGET, sequences).stream()
        .collect(
            Collectors.toMap(
                value -> value.sequence().name(),
                value -> new SequencesSet.Position(value.lastValue(), value.called())));
  }

  private static void requireEqual(List<SequenceValue> wanted, List<SequenceValue> found) {
    String wrong =
        IntStream.range(0, wanted.size())
            .filter(i -> !wanted.get(i).equals(found.get(i)))
            .mapToObj(i -> wanted.get(i).sequence().name().toString())
            .collect(Collectors.joining(", "));
    if (!wrong.isEmpty()) {
      throw new MigrationException(
          ErrorCode.SEQUENCE_FAILED,
          "Sequences on the target changed while they were set: " + wrong,
          "Something uses the target already. Stop it, then run again.",
          null);
    }
  }

  private static List<SequenceValue> read(
      Connection connection, Side side, List<Sequence> sequences) {
    var values = new ArrayList<SequenceValue>();
    try {
      for (int from = 0; from < sequences.size(); from += PER_STATEMENT) {
        List<Sequence> some =
            sequences.subList(from, Math.min(sequences.size(), from + PER_STATEMENT));
        String sql =
            IntStream.range(0, some.size())
                .mapToObj(
                    i ->
                        String.format(
                            Locale.ROOT,
                            "SELECT %d, last_value, is_called FROM %s",
                            i,
                            some.get(i).name().sql()))
                .collect(Collectors.joining(" UNION ALL ", "", " ORDER BY 1"));
        values.addAll(
            Sql.query(
                connection,
                sql,
                row ->
                    new SequenceValue(some.get(row.getInt(1)), row.getLong(2), row.getBoolean(3))));
      }
      return values;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SEQUENCE_FAILED, "Reading sequences on the " + side);
    }
  }

  private static void set(Connection target, List<SequenceValue> values) throws SQLException {
    String rows =
        values.stream()
            .map(
                value ->
                    String.format(
                        Locale.ROOT,
                        "(%s, %d::bigint, %b)",
                        Quoting.literal(value.sequence().name().sql()),
                        value.lastValue(),
                        value.called()))
            .collect(Collectors.joining(", "));
    Sql.query(
        target,
        "SELECT setval(name::regclass, value, called) FROM (VALUES "
            + rows
            + ") AS wanted (name, value, called)",
        row -> row.getLong(1));
  }
}
