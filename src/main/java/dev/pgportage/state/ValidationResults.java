package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest comparison of each table: at which LSN both sides were read, what was found, and up to
 * which LSN it is proven. A proof expires when {@link TableChangeLog} knows a later change.
 */
public final class ValidationResults {
  /**
   * One table's newest comparison.
   *
   * @param table the table
   * @param at the LSN at which both sides were read; empty for a source that stood still
   * @param sourceRows rows on the source
   * @param targetRows rows on the target
   * @param missing rows the target lacks
   * @param extra rows the source lacks
   * @param differing rows of one key with different values
   * @param digest of all the source's rows
   * @param readAt when the snapshots were taken that were read
   * @param finishedAt when it was done
   */
  public record Result(
      QualifiedName table,
      Optional<Lsn> at,
      long sourceRows,
      long targetRows,
      long missing,
      long extra,
      long differing,
      String digest,
      Instant readAt,
      Instant finishedAt) {
    /** Whether both sides are equal. */
    public boolean equal() {
      return missing == 0 && extra == 0 && differing == 0 && sourceRows == targetRows;
    }

    /** How many rows differ in any way. */
    public long differences() {
      return missing + extra + differing;
    }
  }

  /**
   * A result and how far it holds.
   *
   * @param result the comparison in which all of the table was read, or in which it differed
   * @param provenAt the LSN up to which both sides are proven equal, by reading all of it or since
   *     then what changed; empty if they differ
   * @param changedAt the LSN of a change that is later than the proof
   */
  public record Proof(Result result, Optional<Lsn> provenAt, Optional<Lsn> changedAt) {
    /** The LSN up to which it is proven, if nothing changed since. */
    public Optional<Lsn> holdsAt() {
      return changedAt.isPresent() ? Optional.empty() : provenAt;
    }
  }

  private final String migration;

  /** The results of a migration. */
  public ValidationResults(String migration) {
    this.migration = migration;
  }

  /** Keeps a result in place of the table's former one. */
  public void save(Connection connection, Result result) throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.validation (migration, schema_name, table_name, at_lsn, source_rows,
          target_rows, missing, extra, differing, digest, read_at, finished_at, proven_lsn)
        VALUES (?, ?, ?, ?::pg_lsn, ?, ?, ?, ?, ?, ?, ?::timestamptz, now(), ?::pg_lsn)
        ON CONFLICT (migration, schema_name, table_name) DO UPDATE SET
          at_lsn = excluded.at_lsn, source_rows = excluded.source_rows,
          target_rows = excluded.target_rows, missing = excluded.missing, extra = excluded.extra,
          differing = excluded.differing, digest = excluded.digest,
          read_at = excluded.read_at, finished_at = now(), proven_lsn = excluded.proven_lsn
        """,
        migration,
        result.table().schema(),
        result.table().name(),
        result.at().map(Lsn::toString).orElse(null),
        result.sourceRows(),
        result.targetRows(),
        result.missing(),
        result.extra(),
        result.differing(),
        result.digest(),
        result.readAt().toString(),
        result.equal() ? result.at().map(Lsn::toString).orElse(null) : null);
  }

  /**
   * Keeps what came of comparing a part of a table: if it is equal, the part that was not proven
   * any more.
   *
   * @param part counts of that part only
   */
  public void savePart(Connection connection, Result part) throws SQLException {
    int kept =
        Sql.update(
            connection,
            """
            UPDATE pgportage.validation SET proven_lsn = ?::pg_lsn, missing = ?, extra = ?,
              differing = ?, finished_at = CASE WHEN ? THEN finished_at ELSE now() END,
              read_at = CASE WHEN ? THEN read_at ELSE ?::timestamptz END
            WHERE migration = ? AND schema_name = ? AND table_name = ?
            """,
            part.equal() ? part.at().map(Lsn::toString).orElse(null) : null,
            part.missing(),
            part.extra(),
            part.differing(),
            part.equal(),
            part.equal(),
            part.readAt().toString(),
            migration,
            part.table().schema(),
            part.table().name());
    if (kept == 0) {
      save(connection, part);
    }
  }

  /** Forgets all of them, within the transaction that changes what the tables look like. */
  public void expire(Connection transaction) throws SQLException {
    Sql.update(transaction, "DELETE FROM pgportage.validation WHERE migration = ?", migration);
    // A sequence made anew does not stand where the former one of its name was set.
    Sql.update(transaction, "DELETE FROM pgportage.sequence_set WHERE migration = ?", migration);
    forgetUnfinished(transaction);
  }

  /** How far the newest result of each table holds. */
  public List<Proof> proofs(Connection connection) throws SQLException {
    Map<QualifiedName, Lsn> changes = new TableChangeLog(migration).all(connection);
    Map<QualifiedName, Lsn> proven = proven(connection);
    return all(connection).stream()
        .map(
            result -> {
              Optional<Lsn> at = Optional.ofNullable(proven.get(result.table()));
              Optional<Lsn> changed =
                  Optional.ofNullable(changes.get(result.table()))
                      .filter(lsn -> at.or(result::at).filter(p -> p.isBefore(lsn)).isPresent());
              return new Proof(result, at, changed);
            })
        .toList();
  }

  private Map<QualifiedName, Lsn> proven(Connection connection) throws SQLException {
    var proven = new HashMap<QualifiedName, Lsn>();
    Sql.query(
        connection,
        """
        SELECT schema_name, table_name, proven_lsn FROM pgportage.validation
        WHERE migration = ? AND proven_lsn IS NOT NULL
        """,
        row ->
            proven.put(
                new QualifiedName(row.getString(1), row.getString(2)), Lsn.parse(row.getString(3))),
        migration);
    return proven;
  }

  /** The newest result of every table compared so far. */
  private List<Result> all(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT schema_name, table_name, at_lsn, source_rows, target_rows, missing, extra,
          differing, digest, read_at, finished_at
        FROM pgportage.validation WHERE migration = ? ORDER BY schema_name, table_name
        """,
        row ->
            new Result(
                new QualifiedName(row.getString(1), row.getString(2)),
                Optional.ofNullable(row.getString(3)).map(Lsn::parse),
                row.getLong(4),
                row.getLong(5),
                row.getLong(6),
                row.getLong(7),
                row.getLong(8),
                row.getString(9),
                row.getTimestamp(10).toInstant(),
                row.getTimestamp(11).toInstant()),
        migration);
  }

  /** Forgets all results: they say nothing of what comes from now on. */
  public void forget(Connection transaction) throws SQLException {
    Sql.update(transaction, "DELETE FROM pgportage.validation WHERE migration = ?", migration);
    Sql.update(transaction, "DELETE FROM pgportage.table_change WHERE migration = ?", migration);
    forgetUnfinished(transaction);
  }

  private void forgetUnfinished(Connection transaction) throws SQLException {
    Sql.update(
        transaction, "DELETE FROM pgportage.validation_begun WHERE migration = ?", migration);
  }
}
