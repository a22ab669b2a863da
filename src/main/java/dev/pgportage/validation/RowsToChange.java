package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/**
 * One table's rows as SQL changes them: taken out of the target, put in from the source, and both
 * written down so that it can be taken back. Rows are named by where they lie. Not thread-safe.
 */
final class RowsToChange {
  private static final int ROWS_PER_STATEMENT = 500;

  private final Table table;
  private final Connection target;
  private final String name;
  private final String columns;

  RowsToChange(Table table, Connection target) {
    this.table = table;
    this.target = target;
    this.name = table.name().sql();
    this.columns =
        table.writtenColumnNames().stream()
            .map(Quoting::identifier)
            .collect(Collectors.joining(", "));
  }

  /** The statements that put rows of the target back where they will be gone. */
  List<String> insertsOf(List<String> places) throws SQLException {
    String literals =
        table.writtenColumnNames().stream()
            .map(column -> "format('%L', t." + Quoting.identifier(column) + ")")
            .collect(Collectors.joining(" || ', ' || ", "'(' || ", " || ')'"));
    List<String> rows =
        Sql.query(
            target,
            "SELECT %s FROM ONLY %s AS t WHERE t.ctid = ANY (?::tid[])".formatted(literals, name),
            row -> row.getString(1),
            array(places));
    requireCount("read", places.size(), rows.size());
    var statements = new ArrayList<String>();
    for (int from = 0; from < rows.size(); from += ROWS_PER_STATEMENT) {
      statements.add(
          rows.subList(from, Math.min(rows.size(), from + ROWS_PER_STATEMENT)).stream()
              .collect(
                  Collectors.joining(
                      ",\n",
                      "INSERT INTO " + name + " (" + columns + ") OVERRIDING SYSTEM VALUE VALUES\n",
                      ";\n")));
    }
    return statements;
  }

  /** Takes rows out of the target. */
  void delete(List<String> places) throws SQLException {
    int deleted =
        Sql.update(
            target,
            "DELETE FROM ONLY " + name + " AS t WHERE t.ctid = ANY (?::tid[])",
            array(places));
    requireCount("delete", places.size(), deleted);
  }

  /**
   * Puts rows of the source into the target.
   *
   * @param wanted how often each, by where it lies on the source
   */
  void copy(Connection source, Map<String, Long> wanted) throws SQLException {
    String rows =
        wanted.entrySet().stream()
            .map(row -> "('" + row.getKey() + "'::tid, " + row.getValue() + ")")
            .collect(Collectors.joining(", "));
    String from =
        """
        COPY (SELECT %s FROM ONLY %s AS t JOIN (VALUES %s) AS wanted (place, n)
          ON t.ctid = wanted.place CROSS JOIN LATERAL generate_series(1, wanted.n)) TO STDOUT
        """
            .formatted(sourceColumns(), name, rows);
    CopyOut out = source.unwrap(PGConnection.class).getCopyAPI().copyOut(from);
    CopyIn in =
        target
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + name + " (" + columns + ") FROM STDIN");
    try {
      byte[] piece;
      while ((piece = out.readFromCopy()) != null) {
        in.writeToCopy(piece, 0, piece.length);
      }
      long all = wanted.values().stream().mapToLong(Long::longValue).sum();
      requireCount("insert", all, in.endCopy());
    } finally {
      if (in.isActive()) {
        in.cancelCopy();
      }
    }
  }

  private String sourceColumns() {
    return table.writtenColumns().stream()
        .map(Column::name)
        .map(column -> "t." + Quoting.identifier(column))
        .collect(Collectors.joining(", "));
  }

  /**
   * The statement that takes out what this transaction has put in, if all of it is there still as
   * it is now.
   */
  String deleteOfInserted() throws SQLException {
    var images = new HashMap<String, Long>();
    Sql.query(
        target,
        """
        SELECT quote_literal(%s) FROM ONLY %s AS t
        WHERE t.xmin::text = (txid_current() %% 4294967296)::text
        """
            .formatted(image("t"), name),
        row -> images.merge(row.getString(1), 1L, Long::sum));
    if (images.isEmpty()) {
      return "";
    }
    String wanted =
        images.entrySet().stream()
            .map(image -> "(" + image.getKey() + ", " + image.getValue() + ")")
            .collect(Collectors.joining(",\n"));
    long all = images.values().stream().mapToLong(Long::longValue).sum();
    return guarded(wanted, all);
  }

  private String guarded(String wanted, long all) {
    String deed =
        """
        DECLARE deleted bigint;
        BEGIN
          WITH wanted (image, n) AS (VALUES
        %3$s
          ), found AS (
            SELECT t.ctid AS place, w.n,
              row_number() OVER (PARTITION BY w.image ORDER BY t.ctid) AS nth
            FROM ONLY %1$s AS t JOIN wanted AS w ON %2$s = w.image COLLATE "C"
          )
          DELETE FROM ONLY %1$s AS t USING found AS f WHERE t.ctid = f.place AND f.nth <= f.n;
          GET DIAGNOSTICS deleted = ROW_COUNT;
          IF deleted <> %4$d THEN
            RAISE EXCEPTION 'Rows of %% have changed since the repair; nothing is undone', %5$s;
          END IF;
        END
        """
            .formatted(name, image("t"), wanted, all, Quoting.literal(name));
    String quote = "$undo$";
    for (int i = 0; deed.contains(quote); i++) {
      quote = "$undo" + i + "$";
    }
    return "DO " + quote + "\n" + deed + quote + ";\n";
  }

  private String image(String alias) {
    return table.writtenColumnNames().stream()
        .map(column -> alias + "." + Quoting.identifier(column))
        .collect(Collectors.joining(", ", "ROW(", ")::text COLLATE \"C\""));
  }

  private void requireCount(String deed, long wanted, long found) {
    if (wanted != found) {
      throw new dev.pgportage.MigrationException(
          dev.pgportage.ErrorCode.REPAIR_FAILED,
          "Repairing %s: %d rows to %s, but %d were".formatted(table.name(), wanted, deed, found));
    }
  }

  private static String array(List<String> places) {
    return places.stream().collect(Collectors.joining("\",\"", "{\"", "\"}"));
  }
}
