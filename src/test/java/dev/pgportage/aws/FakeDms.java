package dev.pgportage.aws;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * AWS DMS between two real databases: copies rows and nothing else, under the roles of the
 * migration, and leaves in both what DMS leaves. It knows only tables that the target has.
 */
public final class FakeDms {
  private static final String TABLES =
      """
      SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema|pgportage|awsdms)'
        AND c.relname !~ '^awsdms' ORDER BY 1, 2
      """;

  private final TestDatabase source;
  private final TestDatabase target;

  public FakeDms(TestDatabase source, TestDatabase target) {
    this.source = source;
    this.target = target;
  }

  /** Its slot and its own objects, as its manual has them, named after the task. */
  public String begin(String taskArn) throws SQLException {
    String id = taskArn.substring(taskArn.lastIndexOf(':') + 1).toLowerCase(Locale.ROOT);
    String slot = id.substring(0, 16) + "_00016402_8f3fa1b2";
    source.executeAsSuperuser("GRANT CREATE ON SCHEMA public TO migrator");
    try (Connection session = source.migrator()) {
      Sql.execute(
          session,
          """
          CREATE TABLE public.awsdms_ddl_audit (c_key bigserial PRIMARY KEY, c_ddlqry text);
          CREATE TABLE public.awsdms_heartbeat (hb_key bigint PRIMARY KEY);
          CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql
            AS 'BEGIN END';
          """);
      Sql.execute(session, "SELECT pg_create_logical_replication_slot('" + slot + "', 'pgoutput')");
    }
    try (Connection session = target.migrator()) {
      Sql.execute(
          session,
          """
          CREATE SCHEMA awsdms_control;
          CREATE TABLE awsdms_control.awsdms_apply_exceptions ("TASK_NAME" text);
          CREATE TABLE awsdms_control.awsdms_validation_failures_v1 ("TASK_NAME" text);
          """);
    }
    return slot;
  }

  /** Brings every table of the target to what the source's holds now. */
  public void carry() {
    try (Connection session = target.migrator()) {
      List<QualifiedName> tables =
          Sql.query(session, TABLES, row -> new QualifiedName(row.getString(1), row.getString(2)));
      for (QualifiedName table : tables) {
        String rows =
            source
                .text(
                    "SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text FROM "
                        + table.sql()
                        + " t")
                .orElseThrow();
        String columns =
            Sql.queryText(
                    session,
                    """
                    SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                    WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped
                      AND attgenerated = ''
                    """,
                    table.sql())
                .orElseThrow();
        Sql.execute(
            session,
            """
            DELETE FROM %1$s;
            INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE
              SELECT %2$s FROM jsonb_populate_recordset(NULL::%1$s, $rows$%3$s$rows$)
            """
                .formatted(table.sql(), columns, rows));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
