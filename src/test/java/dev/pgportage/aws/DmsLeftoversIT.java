package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DmsLeftoversIT {
  private static final String TASK = "QZCBNW565VH2JG2KE5UXX42LS4";
  private static final String OWN_SLOT = "qzcbnw565vh2jg2k_00016402_8f3fa1b2";
  private static final String OTHER_SLOT = "abcdefghijklm_00016402_8f3fa1b2";

  /** As DMS's manual has them, owned by the role DMS logged in as. */
  private static final String OF_SOURCE =
      """
      SET ROLE migrator;
      CREATE TABLE public.awsdms_ddl_audit (c_key bigserial PRIMARY KEY, c_ddlqry text);
      CREATE TABLE public.awsdms_heartbeat (hb_key bigint PRIMARY KEY);
      CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql
        AS 'BEGIN END';
      CREATE TABLE public."awsdms%odd" (a int);
      CREATE TABLE public.awsdmsnot (a int);
      RESET ROLE;
      """;

  @Test
  void removesSlotAndObjectsFromSource() throws SQLException {
    try (var source = TestDatabase.source(15)) {
      source.executeAsSuperuser("GRANT CREATE ON SCHEMA public TO migrator");
      source.executeAsSuperuser(OF_SOURCE);
      makeSlot(source, OWN_SLOT);
      makeSlot(source, OTHER_SLOT);
      try {
        DmsLeftovers leftovers = new DmsLeftovers(source.endpoint(), Optional.of(TASK));
        assertThat(leftovers.remove(true).removed()).hasSize(4);
        assertThat(count(source)).isEqualTo(2);
        DmsLeftovers.Result result =
            new DmsLeftovers(source.endpoint(), Optional.of(TASK)).remove(false);
        assertThat(result.removed())
            .containsExactly(
                "source: replication slot " + OWN_SLOT,
                "source: function public.awsdms_intercept_ddl()",
                "source: table public.awsdms_ddl_audit",
                "source: table public.awsdms_heartbeat");
        assertThat(result.left()).singleElement().asString().contains(OTHER_SLOT, "looks like");
        assertThat(
                source.number(
                    "SELECT count(*) FROM pg_class WHERE relname LIKE 'awsdms%' AND relkind = 'r'"))
            .isEqualTo(2);
      } finally {
        source.executeAsSuperuser("SELECT pg_drop_replication_slot('" + OTHER_SLOT + "')");
      }
    }
  }

  @Test
  void tellsWhatOnlyTheOwnerMayRemove() throws SQLException {
    try (var source = TestDatabase.source(15)) {
      source.executeAsSuperuser(
          """
          CREATE FUNCTION public.awsdms_intercept_ddl() RETURNS event_trigger LANGUAGE plpgsql
            AS 'BEGIN END';
          CREATE EVENT TRIGGER awsdms_intercept_ddl ON ddl_command_end
            EXECUTE FUNCTION public.awsdms_intercept_ddl();
          """);
      DmsLeftovers.Result result =
          new DmsLeftovers(source.endpoint(), Optional.empty()).remove(false);
      assertThat(result.removed()).isEmpty();
      assertThat(result.left())
          .hasSize(2)
          .anyMatch(line -> line.contains("DROP EVENT TRIGGER awsdms_intercept_ddl"))
          .anyMatch(line -> line.contains("DROP FUNCTION public.awsdms_intercept_ddl()"));
      source.executeAsSuperuser("DROP EVENT TRIGGER awsdms_intercept_ddl");
    }
  }

  @Test
  void removesControlTablesFromTargetButNotUnappliedChanges() throws SQLException {
    try (var target = TestDatabase.target(17)) {
      target.execute(
          """
          CREATE SCHEMA awsdms_control;
          CREATE TABLE awsdms_control.awsdms_apply_exceptions ("TASK_NAME" text);
          CREATE TABLE public.awsdms_apply_exceptions ("TASK_NAME" text);
          INSERT INTO public.awsdms_apply_exceptions VALUES ('t');
          CREATE TABLE public.awsdms_validation_failures_v1 ("TASK_NAME" text);
          """);
      DmsLeftovers.Result result =
          new DmsLeftovers(target.endpoint(), Optional.of(TASK)).remove(false);
      assertThat(result.removed())
          .containsExactly(
              "target: table awsdms_control.awsdms_apply_exceptions",
              "target: table public.awsdms_validation_failures_v1",
              "target: schema awsdms_control");
      assertThat(result.left())
          .singleElement()
          .asString()
          .contains("public.awsdms_apply_exceptions holds changes DMS could not apply");
    }
  }

  private static void makeSlot(TestDatabase source, String name) throws SQLException {
    source.executeAsSuperuser(
        "SELECT pg_create_logical_replication_slot('" + name + "', 'pgoutput')");
  }

  private static long count(TestDatabase source) throws SQLException {
    return source.number(
        "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()");
  }
}
