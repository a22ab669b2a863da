package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What both databases must offer for changes to flow back from the target to the source after a
 * cutover; read without changing anything.
 */
public final class ReverseNeeds {
  /**
   * Something that is missing.
   *
   * @param side where
   * @param what what is missing, a sentence
   * @param fix what gives it
   */
  public record Need(Side side, String what, String fix) {
    @Override
    public String toString() {
      return what + " (" + fix + ")";
    }
  }

  private ReverseNeeds() {}

  /** What is missing on the target, from which changes would be read. */
  public static List<Need> ofTarget(Connection target) throws SQLException {
    var needs = new ArrayList<Need>();
    if (!text(target, "SELECT current_setting('wal_level')").equals("logical")) {
      needs.add(
          need(
              Side.TARGET,
              "The target's wal_level is not logical",
              "set wal_level = logical there and restart it"));
    }
    if (!isTrue(
        target,
        """
        SELECT rolsuper OR rolreplication OR EXISTS (
          SELECT FROM pg_roles g WHERE g.rolname IN ('rds_replication', 'rds_superuser')
            AND pg_has_role(g.oid, 'USAGE'))
        FROM pg_roles WHERE rolname = current_user
        """)) {
      needs.add(
          need(
              Side.TARGET,
              "The migration's role on the target may not replicate",
              "ALTER ROLE <role> REPLICATION"));
    }
    if (!isTrue(target, "SELECT has_database_privilege(current_database(), 'CREATE')")) {
      needs.add(
          need(
              Side.TARGET,
              "The migration's role may not create a publication on the target",
              "GRANT CREATE ON DATABASE <database> TO <role>"));
    }
    addFree(target, "max_replication_slots", "pg_replication_slots", needs);
    addFree(target, "max_wal_senders", "pg_stat_replication", needs);
    return needs;
  }

  private static void addFree(Connection target, String setting, String users, List<Need> needs)
      throws SQLException {
    if (!isTrue(
        target,
        "SELECT current_setting('" + setting + "')::int > (SELECT count(*) FROM " + users + ")")) {
      needs.add(
          need(
              Side.TARGET,
              "All of the target's " + setting + " are in use",
              "raise " + setting + " there and restart it"));
    }
  }

  /** What is missing on the source, which changes would be written to. */
  public static List<Need> ofSource(Connection source, ObjectSet objects) throws SQLException {
    var needs = new ArrayList<Need>();
    if (!isTrue(source, "SELECT has_database_privilege(current_database(), 'CREATE')")) {
      needs.add(
          need(
              Side.SOURCE,
              "The migration's role may not create a schema on the source, where the position of"
                  + " what flowed back is kept",
              "GRANT CREATE ON DATABASE <database> TO <role>"));
    }
    if (!mayRest(source)) {
      needs.add(
          need(
              Side.SOURCE,
              "The migration's role may not set session_replication_role on the source: triggers"
                  + " and foreign keys there would act on rows that the target's acted on already",
              "GRANT SET ON PARAMETER session_replication_role TO <role>, from PostgreSQL 15 on;"
                  + " on RDS and Aurora a member of rds_superuser may set it"));
    }
    addTables(source, objects, needs);
    addSequences(source, objects, needs);
    return needs;
  }

  private static final String REFUSED =
      """
      NOT (has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE')
        AND has_table_privilege(c.oid, 'DELETE') AND has_table_privilege(c.oid, 'TRUNCATE'))
      """;

  private static final String ACTING =
      """
      NOT pg_has_role(c.relowner, 'USAGE') AND (
        c.relforcerowsecurity
        OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid
          AND NOT t.tgisinternal AND t.tgenabled IN ('A', 'R'))
        OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = c.oid
          AND r.ev_enabled IN ('A', 'R')))
      """;

  private static void addTables(Connection source, ObjectSet objects, List<Need> needs)
      throws SQLException {
    List<QualifiedName> refused = tables(source, objects, REFUSED);
    if (!refused.isEmpty()) {
      needs.add(
          need(
              Side.SOURCE,
              "The migration's role may not write to tables of the source: " + refused,
              "GRANT INSERT, UPDATE, DELETE, TRUNCATE ON <tables> TO <role>"));
    }
    List<QualifiedName> acting = tables(source, objects, ACTING);
    if (!acting.isEmpty()) {
      needs.add(
          need(
              Side.SOURCE,
              "Triggers, rules or row security that act on replicated rows, too, could not rest on"
                  + " tables of the source: "
                  + acting,
              "GRANT <owner> TO <role>"));
    }
  }

  private static List<QualifiedName> tables(Connection source, ObjectSet objects, String condition)
      throws SQLException {
    Long[] oids =
        objects.rowHolders().stream().map(member -> member.table().oid()).toArray(Long[]::new);
    return Sql.query(
        source,
        "SELECT n.nspname, c.relname"
            + " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            + " WHERE c.oid = ANY (?::oid[]) AND "
            + condition
            + " ORDER BY 1, 2",
        row -> new QualifiedName(row.getString(1), row.getString(2)),
        source.createArrayOf("int8", oids));
  }

  private static void addSequences(Connection source, ObjectSet objects, List<Need> needs)
      throws SQLException {
    List<QualifiedName> refused = new ArrayList<>();
    for (Sequence sequence : objects.sequences()) {
      if (!isTrue(source, "SELECT has_sequence_privilege(?, 'UPDATE')", sequence.name().sql())) {
        refused.add(sequence.name());
      }
    }
    if (!refused.isEmpty()) {
      needs.add(
          need(
              Side.SOURCE,
              "The migration's role may not set sequences of the source: " + refused,
              "GRANT UPDATE ON SEQUENCE <sequences> TO <role>"));
    }
  }

  private static boolean mayRest(Connection source) throws SQLException {
    try {
      Sql.execute(source, "SET session_replication_role = replica");
      Sql.execute(source, "RESET session_replication_role");
      return true;
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
        return false;
      }
      throw e;
    }
  }

  private static Need need(Side side, String what, String fix) {
    return new Need(side, what, fix);
  }

  private static String text(Connection connection, String sql) throws SQLException {
    return Sql.queryText(connection, sql).orElse("");
  }

  private static boolean isTrue(Connection connection, String sql, Object... parameters)
      throws SQLException {
    return Sql.queryText(connection, sql, parameters).orElse("f").equals("t");
  }
}
