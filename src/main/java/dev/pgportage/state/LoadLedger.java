package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which tables and chunks are on the target. A chunk's row is written in the transaction that
 * copies the chunk, so it is in or out, whoever ran it.
 *
 * <p>Stateless but for its run; safe with any number of connections.
 */
public final class LoadLedger {
  /**
   * How a table is cut into chunks: chunk {@code i} holds the rows on pages {@code i * pages} up to
   * the next chunk's, the last one everything from there on.
   *
   * @param chunks how many there are, at least 1
   * @param pages pages of the heap in each but the last, at least 1
   */
  public record Cut(int chunks, long pages) {
    /** Checks the numbers. */
    public Cut {
      if (chunks < 1 || pages < 1) {
        throw new IllegalArgumentException(chunks + " chunks of " + pages + " pages");
      }
    }
  }

  private final Run run;

  /** The ledger of one run's migration. */
  public LoadLedger(Run run) {
    this.run = run;
  }

  /** The state of every planned table. */
  public Map<QualifiedName, TableState> tables(Connection connection) throws SQLException {
    var states = new LinkedHashMap<QualifiedName, TableState>();
    Sql.query(
            connection,
            """
            SELECT schema_name, table_name, state, snapshot_lsn FROM pgportage.relation
            WHERE migration = ? ORDER BY schema_name, table_name
            """,
            row -> Map.entry(nameOf(row), stateOf(row)),
            run.migration())
        .forEach(entry -> states.put(entry.getKey(), entry.getValue()));
    return states;
  }

  /** The state of one table; empty if it is not planned. */
  public Optional<TableState> table(Connection connection, QualifiedName table)
      throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT schema_name, table_name, state, snapshot_lsn FROM pgportage.relation
        WHERE migration = ? AND schema_name = ? AND table_name = ?
        """,
        LoadLedger::stateOf,
        run.migration(),
        table.schema(),
        table.name());
  }

  /** Plans a table; does nothing if it is planned already. */
  public void plan(Connection connection, QualifiedName table, long bytes, long rows)
      throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.relation
          (migration, schema_name, table_name, state, planned_bytes, planned_rows)
        VALUES (?, ?, ?, 'planned', ?, ?) ON CONFLICT DO NOTHING
        """,
        run.migration(),
        table.schema(),
        table.name(),
        bytes,
        rows);
  }

  /** Saves a table's state; within a transaction, together with what led to it. */
  public void save(Connection connection, QualifiedName table, TableState state)
      throws SQLException {
    Fencing.check(connection, run);
    String snapshot =
        switch (state) {
          case TableState.Planned() -> null;
          case TableState.Copying(Lsn lsn) -> lsn.toString();
          case TableState.Copied(Lsn lsn) -> lsn.toString();
        };
    Sql.update(
        connection,
        """
        UPDATE pgportage.relation SET state = ?, snapshot_lsn = ?::pg_lsn, changed_at = now()
        WHERE migration = ? AND schema_name = ? AND table_name = ?
        """,
        labelOf(state),
        snapshot,
        run.migration(),
        table.schema(),
        table.name());
  }

  /**
   * Saves how a table is cut, within the transaction that begins its copying.
   *
   * @param file which of the source's files it is that is cut
   */
  public void saveCut(Connection transaction, QualifiedName table, Cut cut, long file)
      throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        UPDATE pgportage.relation SET cut_chunks = ?, cut_pages = ?, cut_file = ?
        WHERE migration = ? AND schema_name = ? AND table_name = ?
        """,
        cut.chunks(),
        cut.pages(),
        file,
        run.migration(),
        table.schema(),
        table.name());
  }

  /** How the tables whose copying has begun are cut. */
  public Map<QualifiedName, Cut> cuts(Connection connection) throws SQLException {
    var cuts = new TreeMap<QualifiedName, Cut>();
    Sql.query(
            connection,
            """
            SELECT schema_name, table_name, cut_chunks, cut_pages FROM pgportage.relation
            WHERE migration = ? AND cut_chunks IS NOT NULL
            """,
            row -> Map.entry(nameOf(row), new Cut(row.getInt(3), row.getLong(4))),
            run.migration())
        .forEach(entry -> cuts.put(entry.getKey(), entry.getValue()));
    return cuts;
  }

  /** Which of the source's files was cut; 0 if none was. */
  public long cutFile(Connection connection, QualifiedName table) throws SQLException {
    return Sql.queryFirst(
            connection,
            """
            SELECT coalesce(cut_file, 0) FROM pgportage.relation
            WHERE migration = ? AND schema_name = ? AND table_name = ?
            """,
            row -> row.getLong(1),
            run.migration(),
            table.schema(),
            table.name())
        .orElse(0L);
  }

  /** Counts rows of a chunk that came, or went if it is negative, since it was copied. */
  public void addRows(Connection transaction, QualifiedName table, int chunk, long more)
      throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        UPDATE pgportage.chunk SET rows = rows + ?
        WHERE migration = ? AND schema_name = ? AND table_name = ? AND number = ?
        """,
        more,
        run.migration(),
        table.schema(),
        table.name(),
        chunk);
  }

  /** The numbers of a table's chunks that are on the target. */
  public Set<Integer> chunks(Connection connection, QualifiedName table) throws SQLException {
    return new TreeSet<>(
        Sql.query(
            connection,
            """
            SELECT number FROM pgportage.chunk
            WHERE migration = ? AND schema_name = ? AND table_name = ?
            """,
            row -> row.getInt(1),
            run.migration(),
            table.schema(),
            table.name()));
  }

  /** Whether a chunk is on the target. */
  public boolean hasChunk(Connection connection, QualifiedName table, int number)
      throws SQLException {
    return Sql.queryFirst(
            connection,
            """
            SELECT number FROM pgportage.chunk
            WHERE migration = ? AND schema_name = ? AND table_name = ? AND number = ?
            """,
            row -> row.getInt(1),
            run.migration(),
            table.schema(),
            table.name(),
            number)
        .isPresent();
  }

  /** Rows copied so far, per table. */
  public Map<QualifiedName, Long> copiedRows(Connection connection) throws SQLException {
    var rows = new TreeMap<QualifiedName, Long>();
    Sql.query(
            connection,
            """
            SELECT schema_name, table_name, sum(rows)::bigint FROM pgportage.chunk
            WHERE migration = ? GROUP BY 1, 2
            """,
            row -> Map.entry(nameOf(row), row.getLong(3)),
            run.migration())
        .forEach(entry -> rows.put(entry.getKey(), entry.getValue()));
    return rows;
  }

  /** Writes a chunk's row within the transaction that copied the chunk. */
  public void saveChunk(
      Connection transaction, QualifiedName table, int number, long rows, long bytes)
      throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        """
        INSERT INTO pgportage.chunk (migration, schema_name, table_name, number, rows, bytes)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        run.migration(),
        table.schema(),
        table.name(),
        number,
        rows,
        bytes);
  }

  /** Forgets a table and its chunks, within the transaction that empties or drops the table. */
  public void forget(Connection transaction, QualifiedName table) throws SQLException {
    forgetChunks(transaction, table);
    Sql.update(
        transaction,
        "DELETE FROM pgportage.relation WHERE migration = ? AND schema_name = ? AND table_name = ?",
        run.migration(),
        table.schema(),
        table.name());
  }

  /** Tells a table by another name from now on. */
  public void rename(Connection transaction, QualifiedName former, QualifiedName table)
      throws SQLException {
    Fencing.check(transaction, run);
    for (String ledger : List.of("relation", "chunk")) {
      Sql.update(
          transaction,
          "UPDATE pgportage."
              + ledger
              + " SET schema_name = ?, table_name = ?"
              + " WHERE migration = ? AND schema_name = ? AND table_name = ?",
          table.schema(),
          table.name(),
          run.migration(),
          former.schema(),
          former.name());
    }
  }

  /** Forgets a table's chunks within the transaction that empties the table. */
  public void forgetChunks(Connection transaction, QualifiedName table) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        "DELETE FROM pgportage.chunk WHERE migration = ? AND schema_name = ? AND table_name = ?",
        run.migration(),
        table.schema(),
        table.name());
  }

  private static QualifiedName nameOf(ResultSet row) throws SQLException {
    return new QualifiedName(row.getString(1), row.getString(2));
  }

  private static TableState stateOf(ResultSet row) throws SQLException {
    String lsn = row.getString(4);
    return switch (row.getString(3)) {
      case "planned" -> new TableState.Planned();
      case "copying" -> new TableState.Copying(Lsn.parse(lsn));
      case "copied" -> new TableState.Copied(Lsn.parse(lsn));
      default -> throw new IllegalStateException("Unknown table state: " + row.getString(3));
    };
  }

  private static String labelOf(TableState state) {
    return switch (state) {
      case TableState.Planned _ -> "planned";
      case TableState.Copying _ -> "copying";
      case TableState.Copied _ -> "copied";
    };
  }
}
