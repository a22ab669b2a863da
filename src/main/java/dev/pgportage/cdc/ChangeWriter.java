package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * Writes net changes within the target's open transaction. Not thread-safe.
 *
 * <p>Tables are updated in place until one of them meets a unique or exclusion constraint on the
 * way; that one is from then on updated by replacing, which no order of rows can disturb. A
 * savepoint before each attempt makes the second one start from the same rows.
 */
final class ChangeWriter {
  private final Connection connection;
  private final StagingTables staging;
  private final KeyedWriter keyedWriter;
  private final BagWriter bagWriter;
  private final Map<ReplicatedTable, TargetTable> targets = new HashMap<>();
  private final Set<QualifiedName> replaced = new HashSet<>();
  private @Nullable ReplicatedTable current;

  ChangeWriter(Connection connection, StagingTables staging) {
    this.connection = connection;
    this.staging = staging;
    this.keyedWriter = new KeyedWriter(connection, staging);
    this.bagWriter = new BagWriter(connection, staging);
  }

  /**
   * Writes all of it, exactly once.
   *
   * @throws MigrationException TARGET_DIVERGED, CONSTRAINT_VIOLATED, APPLY_FAILED or what the
   *     connection's failure is; the transaction must then be rolled back
   */
  void write(NetChanges changes) {
    try {
      prepare(changes);
      Sql.execute(connection, "SAVEPOINT pgportage_segment");
      while (!attempt(changes)) {
        Sql.execute(connection, "ROLLBACK TO SAVEPOINT pgportage_segment");
      }
      Sql.execute(connection, "RELEASE SAVEPOINT pgportage_segment");
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** Whatever is made here outlives a rollback to the savepoint. */
  private void prepare(NetChanges changes) throws SQLException {
    for (TableChanges table : changes.tables()) {
      current = table.table();
      if (!targets.containsKey(current)) {
        targets.put(current, TargetTable.of(current, connection));
      }
      if (table.touchesTarget()) {
        staging.of(target(current));
      }
    }
  }

  /** Writes once; false if it should be tried again with one more table updated by replacing. */
  private boolean attempt(NetChanges changes) throws SQLException {
    try {
      truncate(changes.truncated());
      for (TableChanges table : changes.tables()) {
        current = table.table();
        write(table);
      }
      return true;
    } catch (KeyedWriter.NeedsReplacing e) {
      replaced.add(e.table());
      return false;
    } catch (SQLException e) {
      QualifiedName table = conflictingTable(e);
      if (table == null || !replaced.add(table)) {
        throw e;
      }
      return false;
    }
  }

  private void write(TableChanges changes) throws SQLException, KeyedWriter.NeedsReplacing {
    TargetTable target = target(changes.table());
    switch (changes) {
      case BagChanges bag -> bagWriter.write(target, bag);
      case KeyedChanges keyed -> {
        if (replaced.contains(changes.table().name())) {
          keyedWriter.writeByReplacing(target, keyed);
        } else {
          keyedWriter.writeInPlace(target, keyed);
        }
      }
    }
  }

  /**
   * Empties tables. Sequences are left alone: they are set at cutover. TRUNCATE refuses tables that
   * others refer to, or with deferred checks pending; such are emptied row by row.
   */
  private void truncate(List<ReplicatedTable> tables) throws SQLException {
    if (tables.isEmpty()) {
      return;
    }
    current = tables.getFirst();
    Sql.execute(connection, "SAVEPOINT pgportage_truncate");
    try {
      String names =
          tables.stream()
              .map(table -> "ONLY " + table.name().sql())
              .collect(Collectors.joining(", "));
      Sql.execute(connection, "TRUNCATE " + names);
    } catch (SQLException e) {
      if (!SqlStates.is(e, "0A000") && !SqlStates.is(e, SqlStates.OBJECT_IN_USE)) {
        throw e;
      }
      Sql.execute(connection, "ROLLBACK TO SAVEPOINT pgportage_truncate");
      for (ReplicatedTable table : tables) {
        current = table;
        Sql.execute(connection, "DELETE FROM ONLY " + table.name().sql());
      }
    }
    Sql.execute(connection, "RELEASE SAVEPOINT pgportage_truncate");
  }

  private TargetTable target(ReplicatedTable table) {
    TargetTable target = targets.get(table);
    if (target == null) {
      throw new IllegalStateException("Not prepared: " + table);
    }
    return target;
  }

  private static @Nullable QualifiedName conflictingTable(SQLException error) {
    boolean conflict =
        SqlStates.is(error, SqlStates.UNIQUE_VIOLATION)
            || SqlStates.is(error, SqlStates.EXCLUSION_VIOLATION);
    if (!conflict || !(error instanceof PSQLException psql)) {
      return null;
    }
    var server = psql.getServerErrorMessage();
    if (server == null || server.getSchema() == null || server.getTable() == null) {
      return null;
    }
    return new QualifiedName(server.getSchema(), server.getTable());
  }

  /** What a failed statement means, with the table it was about. */
  MigrationException failure(SQLException error) {
    String what = "Applying changes to " + (current == null ? "the target" : current.describe());
    String state = error.getSQLState();
    return state != null && state.startsWith("23")
        ? new MigrationException(
            ErrorCode.CONSTRAINT_VIOLATED,
            what + ": " + SqlFailures.describe(error),
            "The target holds a row, or a constraint, that the source has not. Remove it, then run"
                + " the same command again.",
            error)
        : SqlFailures.translate(error, ErrorCode.APPLY_FAILED, what);
  }
}
