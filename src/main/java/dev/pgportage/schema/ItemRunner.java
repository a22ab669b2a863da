package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.RestoredObjects;
import dev.pgportage.state.Run;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Runs items on the target, each in one transaction with the note that it is done, so that each is
 * made exactly once whenever the program dies. Thread-safe; each call needs a connection of its
 * own.
 */
final class ItemRunner {
  private static final int ATTEMPTS = 5;

  /** What pg_restore begins its session with, for those settings the server knows. */
  private static final String SESSION_SETTINGS =
      """
      SELECT set_config(name, value, false)
      FROM (VALUES
        ('search_path', ''), ('check_function_bodies', 'off'), ('default_tablespace', ''),
        ('default_table_access_method', 'heap'), ('default_transaction_deferrable', 'off')
      ) AS wanted (name, value)
      JOIN pg_settings USING (name)
      """;

  private final Database target;
  private final RestoredObjects restored;
  private final ResourceLedger ledger;
  private final SchemaPlan plan;
  private final Set<String> done = ConcurrentHashMap.newKeySet();

  /** A runner that knows what earlier runs have done. */
  ItemRunner(Database target, Run run, SchemaPlan plan) {
    this.target = target;
    this.plan = plan;
    restored = new RestoredObjects(run);
    ledger = new ResourceLedger(run.migration());
    try (Connection connection = target.open("schema")) {
      done.addAll(restored.read(connection));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Reading what is on the target already");
    }
  }

  /** Opens a session as pg_restore would have it, without auto-commit. */
  Connection open(String purpose) {
    Connection connection = target.open(purpose);
    try {
      Sql.query(connection, SESSION_SETTINGS, row -> row.getString(1));
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      MigrationException failure =
          SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Opening a session on the target");
      try {
        connection.close();
      } catch (SQLException second) {
        failure.addSuppressed(second);
      }
      throw failure;
    }
  }

  /** Runs items one after the other in a session of their own. */
  void runAll(List<SchemaItem> items) {
    if (items.stream().allMatch(this::isDone)) {
      return;
    }
    try (Connection connection = open("schema")) {
      items.forEach(item -> run(connection, item));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Closing a session on the target");
    }
  }

  /**
   * Runs items in one transaction, and something else at its end: all of it is done, or nothing.
   */
  void runTogether(List<SchemaItem> items, SchemaApplier.Last last) {
    try (Connection connection = open("schema")) {
      for (SchemaItem item : items) {
        if (!isDone(item)) {
          try {
            make(connection, item);
          } catch (SQLException e) {
            rollBack(connection, e);
            throw failure(item, e);
          }
        }
      }
      last.accept(connection);
      connection.commit();
      items.forEach(item -> done.add(item.key()));
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SCHEMA_APPLY_FAILED, "Opening the target");
    }
  }

  boolean isDone(SchemaItem item) {
    return done.contains(item.key());
  }

  /** Runs an item unless it is done. */
  void run(Connection connection, SchemaItem item) {
    for (int attempt = 1; !isDone(item); attempt++) {
      CrashPoint.SCHEMA_BEFORE_OBJECT.pass();
      try {
        make(connection, item);
        connection.commit();
        done.add(item.key());
        pointAfter(item.stage()).pass();
      } catch (SQLException e) {
        rollBack(connection, e);
        if (attempt == ATTEMPTS || !SqlStates.isTransient(e) || SqlStates.isConnectionFailure(e)) {
          throw failure(item, e);
        }
      }
    }
  }

  private void make(Connection connection, SchemaItem item) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      statement.execute(item.sql());
    }
    restored.save(connection, item.key());
    noteParking(connection, item);
  }

  /** What is taken off tables that were there before is in the ledger until it is back. */
  private void noteParking(Connection connection, SchemaItem item) throws SQLException {
    List<SchemaItem> back = PresentSchema.restoring(plan, item);
    if (!back.isEmpty()) {
      // A cleanup takes the newest first: what is run last must be the oldest.
      for (SchemaItem one : back.reversed()) {
        var resource =
            ledger.plan(connection, Side.TARGET, SchemaApplier.PARKED, one.key(), one.sql());
        ledger.made(connection, resource);
      }
      return;
    }
    if (PresentSchema.mayRestore(plan, item)) {
      for (var resource : ledger.open(connection, SchemaApplier.PARKED)) {
        if (resource.name().equals(item.key())) {
          ledger.undone(connection, resource);
        }
      }
    }
  }

  private static CrashPoint pointAfter(Stage stage) {
    return switch (stage) {
      case KEYS, INDEXES -> CrashPoint.INDEX_AFTER_BUILD;
      case FOREIGN_KEYS, VALIDATION -> CrashPoint.CONSTRAINT_AFTER_ADD;
      default -> CrashPoint.SCHEMA_AFTER_OBJECT;
    };
  }

  private static void rollBack(Connection connection, SQLException first) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      first.addSuppressed(e);
    }
  }

  static MigrationException failure(SchemaItem item, SQLException error) {
    String state = error.getSQLState() == null ? "" : error.getSQLState();
    ErrorCode code =
        state.startsWith("23") ? ErrorCode.CONSTRAINT_VIOLATED : ErrorCode.SCHEMA_APPLY_FAILED;
    String table = item.table().map(name -> " of " + name).orElse("");
    return SqlFailures.translate(error, code, "Making " + item + table + " on the target");
  }
}
