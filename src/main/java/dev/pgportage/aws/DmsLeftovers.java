package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What AWS DMS leaves in the databases: on the source its slot, the event trigger with its function
 * and audit table, the heartbeat table; on the target its control tables. Only what is certainly
 * DMS's is removed, and nothing while another task of DMS uses it.
 */
final class DmsLeftovers {
  /** How DMS names its slots: a part of the task's id, the database's OID, an id. */
  private static final String SLOT = "^[a-z0-9]{13,26}_[0-9]{8}_[0-9a-z_]+$";

  private static final int ID_PREFIX = 13;

  private final Database database;
  private final Optional<String> task;
  private final List<String> removed = new ArrayList<>();
  private final List<String> left = new ArrayList<>();

  /**
   * Leftovers of one database.
   *
   * @param task the last part of the task's ARN, which its slot is named by
   */
  DmsLeftovers(Endpoint endpoint, Optional<String> task) {
    this.database = new Database(endpoint, "pgportage-aws");
    this.task = task.map(id -> id.toLowerCase(Locale.ROOT));
  }

  /**
   * What came of it.
   *
   * @param removed what is gone
   * @param left what is still there, with the reason and the SQL
   */
  record Result(List<String> removed, List<String> left) {}

  /** Removes them, or in a rehearsal tells the statements. */
  Result remove(boolean rehearsal) {
    try (Connection session = database.open("leftovers")) {
      if (database.side() == Side.SOURCE) {
        removeSlots(session, rehearsal);
        if (isUsedByAnother(session)) {
          left.add("source: another DMS task reads this database; its objects stay");
          return new Result(removed, left);
        }
        drop(session, rehearsal, EVENT_TRIGGERS, "event trigger");
        drop(session, rehearsal, FUNCTIONS, "function");
        drop(session, rehearsal, PUBLICATIONS, "publication");
      }
      dropTables(session, rehearsal);
      drop(session, rehearsal, EMPTY_SCHEMAS, "schema");
      return new Result(removed, left);
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.CLEANUP_INCOMPLETE, "Removing what DMS left on the " + database.side());
    }
  }

  private static final String EVENT_TRIGGERS =
      """
      SELECT quote_ident(evtname), 'DROP EVENT TRIGGER ' || quote_ident(evtname)
      FROM pg_event_trigger WHERE evtname LIKE 'awsdms\\_%' ORDER BY 1
      """;

  private static final String FUNCTIONS =
      """
      SELECT p.oid::regprocedure::text, 'DROP FUNCTION ' || p.oid::regprocedure::text
      FROM pg_proc p WHERE p.proname LIKE 'awsdms\\_%' ORDER BY 1
      """;

  private static final String PUBLICATIONS =
      """
      SELECT quote_ident(pubname), 'DROP PUBLICATION ' || quote_ident(pubname)
      FROM pg_publication WHERE pubname LIKE 'awsdms\\_%' ORDER BY 1
      """;

  /** The one its control tables are in; without CASCADE nothing else can go with it. */
  private static final String EMPTY_SCHEMAS =
      """
      SELECT quote_ident(nspname), 'DROP SCHEMA ' || quote_ident(nspname)
      FROM pg_namespace n WHERE nspname = 'awsdms_control'
        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid) ORDER BY 1
      """;

  private static final String TABLES =
      """
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relname LIKE 'awsdms\\_%' ORDER BY 1, 2
      """;

  private void removeSlots(Connection session, boolean rehearsal) throws SQLException {
    List<String[]> slots =
        Sql.query(
            session,
            """
            SELECT slot_name, active::text FROM pg_replication_slots
            WHERE database = current_database() AND slot_name ~ ? ORDER BY 1
            """,
            row -> new String[] {row.getString(1), row.getString(2)},
            SLOT);
    for (String[] slot : slots) {
      String sql = "SELECT pg_drop_replication_slot(" + Quoting.literal(slot[0]) + ")";
      boolean ours =
          task.filter(
                  id -> id.length() >= ID_PREFIX && slot[0].startsWith(id.substring(0, ID_PREFIX)))
              .isPresent();
      if (ours && slot[1].equals("false")) {
        run(session, rehearsal, "replication slot " + slot[0], sql);
      } else if (slot[1].equals("false")) {
        left.add(
            "source: replication slot "
                + slot[0]
                + " looks like one of DMS's that nobody reads; if no task is to go on from it: "
                + sql);
      }
    }
  }

  private static boolean isUsedByAnother(Connection session) throws SQLException {
    return Sql.queryLong(
            session,
            """
            SELECT count(*) FROM pg_replication_slots
            WHERE database = current_database() AND active AND slot_name ~ ?
            """,
            SLOT)
        > 0;
  }

  private void drop(Connection session, boolean rehearsal, String query, String kind)
      throws SQLException {
    List<String[]> found =
        Sql.query(session, query, row -> new String[] {row.getString(1), row.getString(2)});
    for (String[] object : found) {
      run(session, rehearsal, kind + " " + object[0], object[1]);
    }
  }

  private void dropTables(Connection session, boolean rehearsal) throws SQLException {
    List<QualifiedName> tables =
        Sql.query(session, TABLES, row -> new QualifiedName(row.getString(1), row.getString(2)));
    for (QualifiedName table : tables) {
      String sql = "DROP TABLE " + table.sql();
      if (table.name().equals("awsdms_apply_exceptions") && hasRows(session, table)) {
        left.add(
            "target: " + table + " holds changes DMS could not apply; look at them, then: " + sql);
      } else {
        run(session, rehearsal, "table " + table, sql);
      }
    }
  }

  private static boolean hasRows(Connection session, QualifiedName table) throws SQLException {
    return Sql.queryText(session, "SELECT EXISTS (SELECT FROM " + table.sql() + ")::text")
        .filter("true"::equals)
        .isPresent();
  }

  private void run(Connection session, boolean rehearsal, String object, String sql) {
    String where = database.side() + ": ";
    if (rehearsal) {
      removed.add(where + sql);
      return;
    }
    try {
      Sql.execute(session, sql);
      removed.add(where + object);
    } catch (SQLException e) {
      MigrationException why =
          SqlFailures.translate(e, ErrorCode.CLEANUP_INCOMPLETE, "Removing " + object);
      left.add(where + object + ": " + why.what() + "; as its owner: " + sql);
    }
  }
}
