package dev.pgportage.cdc;

import dev.pgportage.cdc.KeyedChanges.Lineage;
import dev.pgportage.cdc.KeyedChanges.Shape;
import dev.pgportage.pgoutput.Tuple;
import java.nio.ByteBuffer;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;
import org.postgresql.util.ByteStreamWriter;

/**
 * Updates of wide rows, one statement for each, many sent together. A staging table would have the
 * server write long values out of line twice; where rows are narrow one statement for all is faster
 * by far. Not thread-safe.
 */
final class WideUpdates {
  /** From this on, on average, PostgreSQL moves values of a row out of line. */
  private static final int WIDE_BYTES = 2_000;

  private static final String TEXT = "pg_catalog.convert_from(?, 'UTF8')";

  /**
   * What makes a value of bytes that need not become a string here first, by the fixed OIDs of
   * types: text, varchar, json, jsonb, bytea. Input functions, for a cast may be somebody's own.
   */
  private static final Map<Long, String> OF_BYTES =
      Map.of(
          25L, TEXT,
          1043L, TEXT,
          114L, "pg_catalog.json_in(pg_catalog.textout(" + TEXT + "))",
          3802L, "pg_catalog.jsonb_in(pg_catalog.textout(" + TEXT + "))",
          17L, "pg_catalog.byteain(pg_catalog.textout(" + TEXT + "))");

  /** How much of a row may become strings, of which there are several at a time. */
  private static final int MOST_STRING_BYTES = 64 << 10;

  private static final int MOST_ROWS = 256;
  private static final int MOST_BYTES = 4 << 20;

  /** What the bytes of no text in UTF-8 become, among others: such a value must not go as text. */
  private static final char REPLACEMENT = '\uFFFD';

  private final TargetTable table;
  private final List<Integer> assigned = new ArrayList<>();
  private final PreparedStatement statement;
  private int rows;
  private long bytes;
  private long updated;

  private WideUpdates(TargetTable table, Shape shape, Connection connection) throws SQLException {
    this.table = table;
    shape.present().stream().filter(i -> !table.key().contains(i)).forEach(assigned::add);
    String assignments = assigned.stream().map(this::assignment).collect(Collectors.joining(", "));
    this.statement =
        connection.prepareStatement(
            "UPDATE ONLY %s AS t SET %s WHERE %s"
                .formatted(table.sql(), assignments, table.keyIsGiven()));
  }

  private String assignment(int column) {
    return table.column(column) + " = " + OF_BYTES.getOrDefault(type(table, column), "?");
  }

  private static boolean isBytes(TargetTable table, int column) {
    return OF_BYTES.containsKey(type(table, column));
  }

  private static long type(TargetTable table, int column) {
    return table.table().columns().get(column).typeOid();
  }

  /**
   * Whether rows are so wide that they are better updated one by one, and can be: their keys stay,
   * and each value is a text that the driver can carry.
   */
  static boolean suit(TargetTable table, Shape shape, List<Lineage> lineages) {
    boolean plain =
        !shape.moved()
            && shape.present().stream().noneMatch(table.table()::isAlwaysIdentity)
            && shape.present().stream().anyMatch(i -> !table.key().contains(i));
    if (!plain) {
      return false;
    }
    long size = lineages.stream().mapToLong(lineage -> lineage.row().weight()).sum();
    if (size < (long) WIDE_BYTES * lineages.size()) {
      return false;
    }
    int[] strings = shape.present().stream().filter(i -> !isBytes(table, i)).toArray();
    return lineages.stream().allMatch(lineage -> areStrings(lineage.row(), strings));
  }

  /** Whether the driver can carry these columns as strings. */
  private static boolean areStrings(NetRow row, int[] columns) {
    long size = 0;
    for (int i : columns) {
      size += Math.max(0, row.known(i).length(i));
    }
    return size <= MOST_STRING_BYTES
        && Arrays.stream(columns)
            .filter(i -> !row.known(i).isNull(i))
            .noneMatch(i -> row.known(i).text(i).indexOf(REPLACEMENT) >= 0);
  }

  /**
   * Updates the rows.
   *
   * @throws SQLException the server's own, never one that tells a statement's values
   */
  static void write(TargetTable table, Shape shape, List<Lineage> lineages, Connection connection)
      throws SQLException {
    var updates = new WideUpdates(table, shape, connection);
    try (var statement = updates.statement) {
      // The session's statements are planned each time; these are all alike.
      statement.unwrap(PGStatement.class).setPrepareThreshold(1);
      for (Lineage lineage : lineages) {
        updates.add(lineage);
      }
      updates.send();
    }
    Counted.require(table, "update", lineages.size(), updates.updated);
  }

  private void add(Lineage lineage) throws SQLException {
    int parameter = 0;
    for (int column : assigned) {
      Tuple source = lineage.row().known(column);
      bytes += Math.max(0, source.length(column));
      parameter++;
      if (isBytes(table, column)) {
        setBytes(parameter, source, column);
      } else {
        setText(parameter, source.isNull(column) ? null : source.text(column));
      }
    }
    for (String key : lineage.key().texts()) {
      setText(++parameter, key);
    }
    statement.addBatch();
    if (++rows == MOST_ROWS || bytes >= MOST_BYTES) {
      send();
    }
  }

  /** Of the type that its column has. */
  private void setText(int parameter, @Nullable String value) throws SQLException {
    statement.setObject(parameter, value, Types.OTHER);
  }

  /** As they lie in the message, which nobody writes to. */
  private void setBytes(int parameter, Tuple source, int column) throws SQLException {
    if (source.isNull(column)) {
      statement.setNull(parameter, Types.BINARY);
    } else {
      var value = ByteBuffer.wrap(source.bytes(), source.start(column), source.length(column));
      statement.setObject(parameter, ByteStreamWriter.of(value));
    }
  }

  private void send() throws SQLException {
    try {
      for (int count : statement.executeBatch()) {
        updated += count;
      }
    } catch (BatchUpdateException e) {
      // Its own message may have the statement with its values.
      throw e.getCause() instanceof SQLException cause ? cause : new SQLException(e.getSQLState());
    }
    rows = 0;
    bytes = 0;
  }
}
