package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TargetChecksIT {
  private static final String ITEM = "CREATE TABLE item (id serial PRIMARY KEY)";

  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(15).execute(ITEM);
    target = TestDatabase.target(15);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  @Test
  void refusesTargetThatHoldsAnything() throws SQLException {
    target.executeAsSuperuser(
        """
        CREATE SCHEMA pscale_extensions; CREATE VIEW pscale_extensions.hypopg AS SELECT 1;
        CREATE SCHEMA pgportage; CREATE TABLE pgportage.migration (a int);
        CREATE EXTENSION citext; CREATE EXTENSION hstore SCHEMA public
        """);
    assertThat(Assessed.of(source, target).by(EmptinessCheck.EMPTY)).isEmpty();
    target.execute(
        """
        CREATE SCHEMA other;
        CREATE TABLE other."T t" (id serial PRIMARY KEY, name text UNIQUE);
        CREATE VIEW public.v AS SELECT 1;
        CREATE MATERIALIZED VIEW public.m AS SELECT 1;
        CREATE SEQUENCE public.s;
        CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TYPE public.e AS ENUM ('a');
        CREATE TYPE public.c AS (a int);
        CREATE TYPE public.r AS RANGE (SUBTYPE = float8);
        CREATE DOMAIN public.d AS int;
        CREATE COLLATION public.k FROM "C";
        CREATE TEXT SEARCH CONFIGURATION public.t (COPY = english);
        SELECT lo_create(123456)
        """);
    List<Finding> findings = Assessed.of(source, target).by(EmptinessCheck.EMPTY);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY);
    assertThat(findings.getFirst().severity()).isEqualTo(Severity.BLOCKS);
    assertThat(findings.getFirst().objects())
        .containsExactlyInAnyOrder(
            "table other.\"T t\"",
            "view public.v",
            "materialized view public.m",
            "sequence public.s",
            "type public.c",
            "routine public.f",
            "type public.e",
            "type public.r",
            "type public.d",
            "collation public.k",
            "text search configuration public.t",
            "large object 123456",
            "schema other");
    assertThat(Assessed.of(source, target).alreadyBegun().by(EmptinessCheck.EMPTY)).isEmpty();
    assertThat(Assessed.of(source, target).mode(Mode.EXISTING).by(EmptinessCheck.EMPTY)).isEmpty();
  }

  @Test
  void refusesTablesThatAreMissingOrHoldRows() throws SQLException {
    Assessed existing = Assessed.of(source, target).mode(Mode.EXISTING);
    List<Finding> findings = existing.by(TargetChecks.TABLES);
    assertThat(findings).extracting(Finding::code).containsExactly(ErrorCode.SCHEMA_DIFFERS);
    assertThat(findings.getFirst().objects()).containsExactly("public.item", "public.item_id_seq");
    target.execute(ITEM);
    assertThat(existing.by(TargetChecks.TABLES)).isEmpty();
    target.execute("INSERT INTO item VALUES (1)");
    findings = existing.by(TargetChecks.TABLES);
    assertThat(findings).extracting(Finding::code).containsExactly(ErrorCode.TARGET_NOT_EMPTY);
    assertThat(findings.getFirst().fix()).startsWith("TRUNCATE \"public\".\"item\";");
    assertThat(existing.alreadyBegun().by(TargetChecks.TABLES)).isEmpty();
    assertThat(existing.type(MigrationConfig.Type.CDC).by(TargetChecks.TABLES)).isEmpty();
    assertThat(existing.mode(Mode.TRUNCATE).by(TargetChecks.TABLES)).isEmpty();
  }

  @Test
  void takesNoViewForTable() throws SQLException {
    target.execute("CREATE VIEW item AS SELECT 1 AS id; CREATE SEQUENCE item_id_seq");
    assertThat(Assessed.of(source, target).mode(Mode.EXISTING).by(TargetChecks.TABLES))
        .extracting(Finding::objects)
        .containsExactly(List.of("public.item"));
  }

  @Test
  void tellsOfTriggersThatFireAlways() throws SQLException {
    target.execute(
        ITEM
            + """
            ;
            CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER usual AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION f();
            CREATE TRIGGER "Al ways" AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION f()
            """);
    Assessed existing = Assessed.of(source, target).mode(Mode.EXISTING);
    assertThat(existing.by(TargetChecks.TRIGGERS)).isEmpty();
    target.execute("ALTER TABLE item ENABLE ALWAYS TRIGGER \"Al ways\"");
    List<Finding> findings = existing.by(TargetChecks.TRIGGERS);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.INFORMS);
    assertThat(findings.getFirst().objects()).containsExactly("public.item.\"Al ways\"");
  }

  @Test
  void warnsOfSubscriptionsThatWriteToo() throws SQLException {
    target.executeAsSuperuser(
        "CREATE SUBSCRIPTION \"S s\" CONNECTION 'host=127.0.0.1 port=1' PUBLICATION p"
            + " WITH (connect = false, slot_name = NONE)");
    assertThat(Assessed.of(source, target).by(TargetChecks.SUBSCRIPTIONS)).isEmpty();
    target.executeAsSuperuser(
        "ALTER SUBSCRIPTION \"S s\" SET (slot_name = 's'); ALTER SUBSCRIPTION \"S s\" ENABLE");
    try {
      List<Finding> findings = Assessed.of(source, target).by(TargetChecks.SUBSCRIPTIONS);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
      target.executeAsSuperuser(findings.getFirst().fix());
      assertThat(Assessed.of(source, target).by(TargetChecks.SUBSCRIPTIONS)).isEmpty();
    } finally {
      try (var connection = target.superuser()) {
        Sql.execute(connection, "ALTER SUBSCRIPTION \"S s\" DISABLE");
        Sql.execute(connection, "ALTER SUBSCRIPTION \"S s\" SET (slot_name = NONE)");
        Sql.execute(connection, "DROP SUBSCRIPTION \"S s\"");
      }
    }
  }

  @Test
  void tellsWhetherTriggersCanBeSwitchedOffForSession() throws SQLException {
    assertThat(Assessed.of(source, target).by(TargetChecks.REPLICA_ROLE)).isEmpty();
    try (var plain = TestDatabase.plainTarget(15)) {
      List<Finding> findings = Assessed.of(source, plain).by(TargetChecks.REPLICA_ROLE);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.INFORMS);
      assertThat(findings.getFirst().fix())
          .isEqualTo("GRANT SET ON PARAMETER session_replication_role TO \"target_plain\";");
    }
  }

  @Test
  void warnsOfTargetThatBeginsReadOnly() throws SQLException {
    assertThat(Assessed.of(source, target).by(TargetChecks.READ_ONLY)).isEmpty();
    target.execute("ALTER DATABASE " + target.name() + " SET default_transaction_read_only = on");
    List<Finding> findings = Assessed.of(source, target).by(TargetChecks.READ_ONLY);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
    try (var superuser = target.superuser()) {
      Sql.execute(superuser, "SET default_transaction_read_only = off");
      Sql.execute(superuser, findings.getFirst().fix());
    }
    assertThat(Assessed.of(source, target).by(TargetChecks.READ_ONLY)).isEmpty();
  }
}
