package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.state.ValidationResults.Result;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What validations that have not come to their end have done: the tables that were equal, and how
 * far each side of a large one was read. The next one of the same scope goes on from there; what a
 * table came to counts as long as {@link TableChangeLog} knows no later change of it.
 */
public final class UnfinishedValidations {
  /** The scope of what is compared for the sake of its proof, whoever wants that. */
  public static final String PROOFS = "proofs";

  private final String migration;

  /** Those of a migration. */
  public UnfinishedValidations(String migration) {
    this.migration = migration;
  }

  /**
   * A validation that begins or goes on.
   *
   * @param begunAt when it was begun
   * @param goesOn whether it was there already
   */
  public record Begun(Instant begunAt, boolean goesOn) {}

  /**
   * Begins one, or goes on with one that was at work within the last day; proofs go on always.
   *
   * @param scope what it compares
   * @param anew whether what is there does not count
   */
  public Begun begin(Connection connection, String scope, boolean anew) throws SQLException {
    Sql.update(
        connection,
        """
        DELETE FROM pgportage.validation_begun
        WHERE migration = ? AND scope = ?
          AND (? OR (scope <> ? AND worked_at < now() - interval '1 day'))
        """,
        migration,
        scope,
        anew,
        PROOFS);
    return Sql.queryFirst(
            connection,
            """
            INSERT INTO pgportage.validation_begun AS b (migration, scope) VALUES (?, ?)
            ON CONFLICT (migration, scope) DO UPDATE SET worked_at = now()
            RETURNING b.begun_at, b.xmax::text <> '0'
            """,
            row -> new Begun(row.getTimestamp(1).toInstant(), row.getBoolean(2)),
            migration,
            scope)
        .orElseThrow();
  }

  /** It came to its end. */
  public void finish(Connection connection, String scope) throws SQLException {
    Sql.update(
        connection,
        "DELETE FROM pgportage.validation_begun WHERE migration = ? AND scope = ?",
        migration,
        scope);
  }

  /** A table of it is equal on both sides. */
  public void keep(Connection connection, String scope, Result equal) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.validation_kept (migration, scope, schema_name, table_name, at_lsn,
          rows, digest, read_at, finished_at)
        VALUES (?, ?, ?, ?, ?::pg_lsn, ?, ?, ?::timestamptz, ?::timestamptz)
        ON CONFLICT (migration, scope, schema_name, table_name) DO UPDATE SET
          at_lsn = excluded.at_lsn, rows = excluded.rows, digest = excluded.digest,
          read_at = excluded.read_at, finished_at = excluded.finished_at
        """,
        migration,
        scope,
        equal.table().schema(),
        equal.table().name(),
        equal.at().orElseThrow().toString(),
        equal.sourceRows(),
        equal.digest(),
        equal.readAt().toString(),
        equal.finishedAt().toString());
    worked(connection, scope);
  }

  /** The tables of it that were equal and have not changed since. */
  public List<Result> kept(Connection connection, String scope) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT k.schema_name, k.table_name, k.at_lsn, k.rows, k.digest, k.read_at, k.finished_at
        FROM pgportage.validation_kept k
        WHERE k.migration = ? AND k.scope = ? AND NOT EXISTS (
          SELECT FROM pgportage.table_change c
          WHERE c.migration = k.migration AND c.schema_name = k.schema_name
            AND c.table_name = k.table_name AND c.changed_lsn > k.at_lsn)
        ORDER BY 1, 2
        """,
        UnfinishedValidations::kept,
        migration,
        scope);
  }

  private static Result kept(ResultSet row) throws SQLException {
    return new Result(
        new QualifiedName(row.getString(1), row.getString(2)),
        Optional.of(Lsn.parse(row.getString(3))),
        row.getLong(4),
        row.getLong(4),
        0,
        0,
        0,
        row.getString(5),
        row.getTimestamp(6).toInstant(),
        row.getTimestamp(7).toInstant());
  }

  /**
   * One side of a table is read so far.
   *
   * @param at the LSN it was read at
   */
  public void keep(Connection connection, String scope, QualifiedName table, PartRead part, Lsn at)
      throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.validation_part (migration, scope, schema_name, table_name, side,
          at_lsn, form, file, pages, rows, first_sum, second_sum)
        VALUES (?, ?, ?, ?, ?, ?::pg_lsn, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (migration, scope, schema_name, table_name, side) DO UPDATE SET
          at_lsn = excluded.at_lsn, form = excluded.form, file = excluded.file,
          pages = excluded.pages, rows = excluded.rows, first_sum = excluded.first_sum,
          second_sum = excluded.second_sum
        """,
        migration,
        scope,
        table.schema(),
        table.name(),
        part.side().name(),
        at.toString(),
        part.form(),
        part.file(),
        part.pages(),
        part.rows(),
        new BigDecimal(part.first()),
        new BigDecimal(part.second()));
    worked(connection, scope);
  }

  /** How far a side of a table was read, if the table has not changed since. */
  public Optional<PartRead> part(
      Connection connection, String scope, QualifiedName table, Side side) throws SQLException {
    return Sql.queryFirst(
        connection,
        """
        SELECT p.form, p.file, p.pages, p.rows, p.first_sum, p.second_sum
        FROM pgportage.validation_part p
        WHERE p.migration = ? AND p.scope = ? AND p.schema_name = ? AND p.table_name = ?
          AND p.side = ? AND NOT EXISTS (
            SELECT FROM pgportage.table_change c
            WHERE c.migration = p.migration AND c.schema_name = p.schema_name
              AND c.table_name = p.table_name AND c.changed_lsn > p.at_lsn)
        """,
        row ->
            new PartRead(
                side,
                row.getString(1),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getBigDecimal(5).toBigIntegerExact(),
                row.getBigDecimal(6).toBigIntegerExact()),
        migration,
        scope,
        table.schema(),
        table.name(),
        side.name());
  }

  /** A table was read to its end: how far it was read before does not matter any more. */
  public void dropParts(Connection connection, QualifiedName table) throws SQLException {
    drop(connection, "validation_part", table);
  }

  /** Nothing that was found out about a table holds any more, whoever found it out. */
  public void forget(Connection connection, QualifiedName table) throws SQLException {
    dropParts(connection, table);
    drop(connection, "validation_kept", table);
  }

  private void drop(Connection connection, String from, QualifiedName table) throws SQLException {
    Sql.update(
        connection,
        "DELETE FROM pgportage."
            + from
            + " WHERE migration = ? AND schema_name = ? AND table_name = ?",
        migration,
        table.schema(),
        table.name());
  }

  private void worked(Connection connection, String scope) throws SQLException {
    Sql.update(
        connection,
        "UPDATE pgportage.validation_begun SET worked_at = now() WHERE migration = ? AND scope = ?",
        migration,
        scope);
  }
}
