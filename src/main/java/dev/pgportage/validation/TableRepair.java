package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.Table;
import dev.pgportage.validation.Comparison.Kind;
import dev.pgportage.validation.Differences.Found;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes tables of the target equal to a snapshot of the source: the rows that differ, and no
 * others, in one transaction of the target, after what takes it back was written down. Nothing may
 * write to the target meanwhile but this. Not thread-safe.
 */
public final class TableRepair {
  /** More rows than these are no accident; and the file that takes it back holds all of them. */
  private static final int MOST_ROWS = 100_000;

  private static final String PATIENCE = "5s";

  private static final String LOCK_TIMEOUT = "SET LOCAL lock_timeout = '" + PATIENCE + "'";

  private static final String HOLDERS =
      """
      SELECT string_agg(DISTINCT format('process %s (%s)', l.pid,
        coalesce(nullif(a.application_name, ''), a.usename::text, 'not visible to this role')), ', ')
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.relation = ?::regclass AND l.granted AND l.pid <> pg_backend_pid()
        AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """;

  private final ExportedSnapshot source;
  private final Connection target;
  private final UndoFile undo;

  /**
   * A repair.
   *
   * @param source what the tables are to be like
   * @param target a session within a transaction, in which {@link #lock} was called before its
   *     snapshot was taken
   */
  public TableRepair(ExportedSnapshot source, Connection target, UndoFile undo) {
    this.source = source;
    this.target = target;
    this.undo = undo;
  }

  /**
   * Keeps others from writing to tables until the transaction ends. Who else holds one is waited
   * for a moment only: nothing is replicated meanwhile.
   *
   * @throws MigrationException REPAIR_FAILED naming whoever holds a table
   */
  public static void lock(Connection target, List<Table> tables) {
    for (Table table : tables) {
      String name = table.name().sql();
      try {
        Sql.execute(target, LOCK_TIMEOUT + "; SAVEPOINT locking");
        Sql.execute(target, "LOCK TABLE ONLY " + name + " IN SHARE ROW EXCLUSIVE MODE");
        Sql.execute(target, "RELEASE SAVEPOINT locking");
      } catch (SQLException e) {
        if (SqlStates.is(e, SqlStates.LOCK_NOT_AVAILABLE)) {
          throw inUse(target, table, e);
        }
        throw SqlFailures.translate(
            e, ErrorCode.REPAIR_FAILED, "Keeping others from " + table.name() + " on the target");
      }
    }
  }

  private static MigrationException inUse(Connection target, Table table, SQLException cause) {
    String holders = "a session that is gone since";
    try {
      Sql.execute(target, "ROLLBACK TO SAVEPOINT locking");
      holders =
          Sql.queryText(target, HOLDERS, table.name().sql()).orElse("a session that is gone since");
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
    return new MigrationException(
        ErrorCode.REPAIR_FAILED,
        "Somebody uses %s on the target, and has not let it go within %s: %s. Nothing is changed"
            .formatted(table.name(), PATIENCE, holders),
        "End that session, or wait until it has ended; then run the repair again.",
        cause);
  }

  /**
   * Repairs one table.
   *
   * @param standing a snapshot of the target, taken after the lock
   * @throws MigrationException REPAIR_FAILED; the transaction must be rolled back then
   */
  public Repaired repair(ExportedSnapshot standing, Table table) {
    if (table.writtenColumns().isEmpty()) {
      throw new MigrationException(
          ErrorCode.REPAIR_FAILED, "Table " + table.name() + " has no columns to repair rows by");
    }
    var options = new Validator.Options(1, MOST_ROWS, Optional.empty());
    try (SessionPair sessions = SessionPair.open(source, standing, "repair");
        Connection rows = source.open("repair")) {
      Sql.execute(rows, LOCK_TIMEOUT);
      sessions.ask("Repairing " + table.name(), TableRepair::limitWaiting);
      var abilities = sessions.ask("Comparing both sides", HashFunction.Ability::of);
      HashFunction hash = HashFunction.common(abilities.source(), abilities.target());
      var paces = new TableComparer.Paces(new Pace(0), new Pace(0));
      Differences found = new TableComparer(sessions, hash, options, paces).differences(table);
      if (found.count() > found.listed().stream().mapToLong(Found::count).sum()) {
        throw new MigrationException(
            ErrorCode.REPAIR_FAILED,
            "%d rows of %s differ, more than are repaired one by one (%d)"
                .formatted(found.count(), table.name(), MOST_ROWS),
            "Find out what happened to the table; then load it again by a new migration.",
            null);
      }
      return change(table, rows, removed(table, hash, found), added(found));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.REPAIR_FAILED, "Repairing " + table.name());
    }
  }

  /** Replication stands still: whoever holds a table on either side must not hold that up. */
  private static Boolean limitWaiting(Connection connection) throws SQLException {
    Sql.execute(connection, LOCK_TIMEOUT);
    return Boolean.TRUE;
  }

  private Repaired change(
      Table table, Connection rows, List<String> removed, Map<String, Long> added)
      throws SQLException {
    var changing = new RowsToChange(table, target);
    List<String> back = removed.isEmpty() ? List.of() : changing.insertsOf(removed);
    if (!removed.isEmpty()) {
      changing.delete(removed);
    }
    if (!added.isEmpty()) {
      changing.copy(rows, added);
    }
    undo.add(changing.deleteOfInserted());
    back.forEach(undo::add);
    return new Repaired(
        table.name(), removed.size(), added.values().stream().mapToLong(Long::longValue).sum());
  }

  /** Where rows lie that the target must lose. */
  private List<String> removed(Table table, HashFunction hash, Differences found)
      throws SQLException {
    var places = new ArrayList<String>();
    var surplus = new HashMap<String, Long>();
    for (Found one : found.listed()) {
      if (one.kind() == Kind.DIFFERING || (one.kind() == Kind.EXTRA && one.count() == 1)) {
        places.add(one.target());
      } else if (one.kind() == Kind.EXTRA) {
        surplus.put(one.digest(), one.count());
      }
    }
    if (!surplus.isEmpty()) {
      // Equal rows of a table without a key: just so many of them, whichever.
      Query query = new TableSql(Subject.whole(table), hash).places(surplus.keySet());
      query.ask(
          target,
          row -> {
            while (row.next()) {
              String digest = row.getString(1);
              if (surplus.merge(digest, -1L, Long::sum) >= 0) {
                places.add(row.getString(2));
              }
            }
            return places;
          });
    }
    return places;
  }

  /** How often which rows of the source must come, by where they lie there. */
  private static Map<String, Long> added(Differences found) {
    var added = new LinkedHashMap<String, Long>();
    for (Found one : found.listed()) {
      if (one.kind() != Kind.EXTRA) {
        added.merge(one.source(), one.count(), Long::sum);
      }
    }
    return added;
  }
}
