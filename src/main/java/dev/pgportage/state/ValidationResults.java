package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The newest proof of each table: at which LSN both sides were compared, and what was found. */
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
      Instant finishedAt) {
    /** Whether both sides are equal. */
    public boolean equal() {
      return missing == 0 && extra == 0 && differing == 0 && sourceRows == targetRows;
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
          target_rows, missing, extra, differing, digest, finished_at)
        VALUES (?, ?, ?, ?::pg_lsn, ?, ?, ?, ?, ?, ?, now())
        ON CONFLICT (migration, schema_name, table_name) DO UPDATE SET
          at_lsn = excluded.at_lsn, source_rows = excluded.source_rows,
          target_rows = excluded.target_rows, missing = excluded.missing, extra = excluded.extra,
          differing = excluded.differing, digest = excluded.digest, finished_at = now()
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
        result.digest());
  }

  /** The newest result of every table compared so far. */
  public List<Result> all(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT schema_name, table_name, at_lsn, source_rows, target_rows, missing, extra,
          differing, digest, finished_at
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
                row.getTimestamp(10).toInstant()),
        migration);
  }
}
