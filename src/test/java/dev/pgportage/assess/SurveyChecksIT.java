package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that look for one kind of thing: silent on a plain database, and finding that thing. */
class SurveyChecksIT {
  private static final String PLAIN =
      """
      CREATE TABLE item (id int PRIMARY KEY, a int, b text);
      CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item);
      INSERT INTO item VALUES (1, 1, 'x');
      ANALYZE
      """;

  private static TestDatabase source;
  private static TestDatabase odd;
  private static TestDatabase target;

  @BeforeAll
  static void createDatabases() throws SQLException {
    source = TestDatabase.source(15).execute(PLAIN);
    odd = TestDatabase.source(15).execute(PLAIN);
    target = TestDatabase.target(17);
  }

  @AfterAll
  static void dropDatabases() throws SQLException {
    target.close();
    odd.close();
    source.close();
  }

  static Stream<Arguments> things() {
    return Stream.of(
        arguments(
            CodeChecks.SECURITY_DEFINER,
            "CREATE FUNCTION \"F f\"() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1'",
            "public.\"F f\"()"),
        arguments(
            CodeChecks.SEARCH_PATH,
            """
            CREATE FUNCTION pos(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE
              AS 'BEGIN RETURN $1 > 0; END';
            ALTER TABLE item ADD CHECK (pos(a))
            """,
            "public.pos(integer)"),
        arguments(
            CodeChecks.SEARCH_PATH,
            """
            CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
            CREATE INDEX ON item (twice(a))
            """,
            "public.twice(integer)"),
        arguments(
            CodeChecks.SESSION_FEATURES,
            "CREATE FUNCTION l() RETURNS void LANGUAGE sql AS 'SELECT pg_advisory_lock(1)'",
            "public.l()"),
        arguments(
            CodeChecks.SYSTEM_COLUMNS,
            "CREATE VIEW \"V v\" AS SELECT ctid AS place FROM item",
            "public.\"V v\""),
        arguments(
            CodeChecks.TRIGGERS,
            """
            CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER "T t" BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION t()
            """,
            "public.item.\"T t\""),
        arguments(
            CodeChecks.PROVIDER_CALLS,
            """
            CREATE FUNCTION export() RETURNS void LANGUAGE plpgsql
              AS 'BEGIN PERFORM aws_s3.query_export_to_s3(1); END'
            """,
            "public.export()"),
        arguments(
            RoleChecks.PRIVILEGES,
            "GRANT SELECT ON item TO app; GRANT UPDATE (id) ON part TO PUBLIC",
            "app SELECT on 1 object of schema public"),
        arguments(
            RoleChecks.DEFAULT_PRIVILEGES,
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO app",
            "app_owner in schema public"),
        arguments(
            SourceHealthChecks.DEAD_ROWS,
            """
            INSERT INTO item SELECT i, i, 'x' FROM generate_series(2, 20000) AS i;
            DELETE FROM item WHERE id % 2 = 0
            """,
            "public.item"),
        arguments(
            SourceHealthChecks.NEVER_ANALYZED,
            "CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh"
                + " SELECT generate_series(1, 1000)",
            "public.fresh"),
        arguments(
            SourceHealthChecks.OTHER_TOOLS,
            "CREATE TABLE awsdms_ddl_audit (id int PRIMARY KEY); CREATE SCHEMA pgcopydb",
            "table public.awsdms_ddl_audit"),
        arguments(
            StructureChecks.KEY_TYPES,
            "CREATE TABLE late (id int PRIMARY KEY, item bigint CONSTRAINT \"C c\" REFERENCES item)",
            "public.late.\"C c\""),
        arguments(
            StructureChecks.DUPLICATE_INDEXES,
            "CREATE INDEX one ON item (a); CREATE INDEX \"T wo\" ON item (a)",
            "public.\"T wo\""),
        arguments(
            StructureChecks.REPLICATION_OBJECTS,
            "CREATE PUBLICATION \"P p\" FOR TABLE item",
            "publication \"P p\""),
        arguments(
            StructureChecks.SIMILAR_NAMES,
            "CREATE TABLE \"Item\" (id int PRIMARY KEY)",
            "public.\"Item\""),
        arguments(
            StructureChecks.POSTGIS,
            "CREATE DOMAIN geometry AS text; CREATE TABLE g (id int PRIMARY KEY, \"W w\" geometry)",
            "public.g.\"W w\""));
  }

  @ParameterizedTest
  @MethodSource("things")
  void findWhatTheyLookFor(Check check, String sql, String object) throws SQLException {
    assertThat(Assessed.of(source, target).by(check)).isEmpty();
    odd.execute(sql);
    assertFinds(check, object);
  }

  @Test
  void findWhatOnlySuperusersMake() throws SQLException {
    assertThat(Assessed.of(source, target).by(StructureChecks.SECURITY_LABELS)).isEmpty();
    odd.executeAsSuperuser(
        """
        INSERT INTO pg_seclabel SELECT 'item'::regclass, 'pg_class'::regclass, 0, 'guard', 'secret'
        """);
    assertFinds(StructureChecks.SECURITY_LABELS, "guard on table public.item");
  }

  @Test
  void findTablespaces() throws SQLException {
    assertThat(Assessed.of(source, target).by(StructureChecks.TABLESPACES)).isEmpty();
    try (var session = odd.superuser()) {
      Sql.execute(session, "SET allow_in_place_tablespaces = on");
      Sql.execute(session, "CREATE TABLESPACE \"S s\" LOCATION ''");
      Sql.execute(session, "CREATE TABLE public.placed (id int) TABLESPACE \"S s\"");
      try {
        assertFinds(StructureChecks.TABLESPACES, "public.placed (\"S s\")");
      } finally {
        Sql.execute(session, "DROP TABLE public.placed");
        Sql.execute(session, "DROP TABLESPACE \"S s\"");
      }
    }
  }

  @Test
  void findForeignKeysThatLeaveTheFilters() throws SQLException {
    assertThat(Assessed.of(source, target).by(StructureChecks.LEAVING_KEYS)).isEmpty();
    AssessmentContext all = Assessed.of(source, target).context();
    try (var session = all.source().open("test")) {
      var parts =
          ObjectSets.resolve(
              CatalogReader.read(session), new Filters(List.of("public.part"), List.of()), false);
      var context =
          new AssessmentContext(
              all.source(), all.target(), all.config(), parts, all.replication(), false);
      assertThat(Assessment.run(context, List.of(StructureChecks.LEAVING_KEYS)).report().findings())
          .flatExtracting(Finding::objects)
          .containsExactly("public.part.part_item_fkey to public.item");
    }
  }

  @Test
  void findCollationsOfAnotherVersion() throws SQLException {
    try (var newer = TestDatabase.source(17)) {
      newer.executeAsSuperuser(
          """
          CREATE COLLATION public."C c" (provider = builtin, locale = 'C.UTF-8');
          CREATE TABLE public.sorted (id int PRIMARY KEY, t text COLLATE public."C c")
          """);
      Assessed assessed = Assessed.of(newer, target);
      assertThat(assessed.by(SourceHealthChecks.COLLATION_VERSIONS)).isEmpty();
      newer.executeAsSuperuser("UPDATE pg_collation SET collversion = '0' WHERE collname = 'C c'");
      assertThat(assessed.by(SourceHealthChecks.COLLATION_VERSIONS).getFirst().remedies())
          .extracting(Remedy::sql)
          .containsExactly("ALTER COLLATION public.\"C c\" REFRESH VERSION;");
    }
  }

  @Test
  void findSlotsNobodyReads() throws SQLException {
    assertThat(
            Assessed.of(source, target).by(SourceHealthChecks.IDLE_SLOTS).stream()
                .flatMap(finding -> finding.objects().stream()))
        .noneMatch(slot -> slot.startsWith("idle_of_test"));
    odd.executeAsSuperuser("SELECT pg_create_logical_replication_slot('idle_of_test', 'pgoutput')");
    Finding finding = Assessed.of(odd, target).by(SourceHealthChecks.IDLE_SLOTS).getFirst();
    assertThat(finding.objects()).anyMatch(slot -> slot.startsWith("idle_of_test (keeps "));
    assertThat(finding.remedies())
        .extracting(Remedy::sql)
        .contains("SELECT pg_drop_replication_slot('idle_of_test');");
  }

  @Test
  void findOldTransactions() throws SQLException {
    assertThat(Assessed.of(source, target).by(SourceHealthChecks.TRANSACTION_AGE)).isEmpty();
    // A frozen horizon that far back is not waited for but written into the catalog.
    odd.executeAsSuperuser(
        """
        UPDATE pg_class SET relfrozenxid = (
          (txid_current() - 200000005) & 4294967295)::text::xid WHERE relname = 'item'
        """);
    Finding finding = Assessed.of(odd, target).by(SourceHealthChecks.TRANSACTION_AGE).getFirst();
    assertThat(finding.remedies())
        .extracting(Remedy::sql)
        .containsExactly("VACUUM (FREEZE) public.item;");
  }

  @Test
  void compareTheRolesOfBothServers() throws SQLException {
    assertThat(Assessed.of(source, target).by(RoleChecks.MISSING)).isEmpty();
    assertThat(Assessed.of(source, target).by(RoleChecks.SETTINGS)).isEmpty();
    odd.executeAsSuperuser(
        """
        CREATE ROLE "only Here"; GRANT SELECT ON item TO "only Here";
        ALTER ROLE app IN DATABASE %s SET search_path = "Odd one", public
        """
            .formatted(odd.name()));
    try {
      assertFinds(RoleChecks.MISSING, "\"only Here\"");
      assertThat(Assessed.of(source, target).by(SchemaChecks.SCHEMA)).isEmpty();
      odd.execute("CREATE POLICY p ON item TO \"only Here\" USING (true)");
      assertThat(Assessed.of(odd, target).by(SchemaChecks.SCHEMA))
          .extracting(Finding::what)
          .anyMatch(what -> what.endsWith("CREATE ROLE \"only Here\""));
      assertFinds(RoleChecks.SETTINGS, "app: search_path");
      Finding settings = Assessed.of(odd, target).by(RoleChecks.SETTINGS).getFirst();
      target.executeAsSuperuser(settings.fix());
      assertThat(Assessed.of(odd, target).by(RoleChecks.SETTINGS)).isEmpty();
    } finally {
      odd.executeAsSuperuser("DROP OWNED BY \"only Here\"; DROP ROLE \"only Here\"");
    }
  }

  @Test
  void findIndexesThatAreThereAlready() throws SQLException {
    try (var present = TestDatabase.target(17)) {
      present.execute("CREATE TABLE item (id int PRIMARY KEY, a int, b text)");
      Assessed existing = Assessed.of(source, present).mode(Mode.EXISTING);
      assertThat(existing.by(StructureChecks.TARGET_INDEXES)).isEmpty();
      present.execute("CREATE INDEX \"S s\" ON item (a)");
      assertThat(existing.by(StructureChecks.TARGET_INDEXES).getFirst().objects())
          .containsExactly("public.\"S s\"");
    }
  }

  private static void assertFinds(Check check, String object) throws SQLException {
    List<Finding> findings = Assessed.of(odd, target).by(check);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().severity())
        .isEqualTo(check.worst())
        .isNotEqualTo(Severity.BLOCKS);
    assertThat(findings.getFirst().objects()).contains(object);
    assertThat(findings.getFirst().fix()).isNotBlank();
  }
}
