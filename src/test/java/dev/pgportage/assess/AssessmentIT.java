package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.pgportage.ErrorCode;
import dev.pgportage.assess.AssessmentReport.Status;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.testing.Programs;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AssessmentIT {
  private static final String SHOP =
      """
      CREATE TABLE item (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
      CREATE TABLE "Order ""Line\""" ("Item" bigint REFERENCES item, at timestamptz PRIMARY KEY)
        PARTITION BY RANGE (at);
      CREATE TABLE line_old PARTITION OF "Order ""Line\""" FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
      INSERT INTO item (name) SELECT 'n' || i FROM generate_series(1, 100) i;
      ANALYZE
      """;

  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void findsNothingWhenAllIsWell(int major) throws Exception {
    try (var source = TestDatabase.source(major).execute(SHOP);
        var target = TestDatabase.target(major)) {
      if (major > 15) {
        target.execute(SHOP);
        target.execute("TRUNCATE item CASCADE");
      }
      // The machine's pg_dump is of version 15: newer sources have their schema applied by hand.
      var report =
          Assessed.of(source, target).mode(major > 15 ? Mode.EXISTING : Mode.MANAGED).report();
      assertThat(report.findings()).isEmpty();
      assertThat(report.blocks()).isFalse();
      assertThat(report.failure()).isEmpty();
      assertThat(report.outcomes())
          .allMatch(o -> o.status() == Status.PASSED || o.status() == Status.SKIPPED);
      assertThat(report.inventory().tables())
          .extracting(Inventory.Item::name)
          .containsExactly("public.\"Order \"\"Line\"\"\"", "public.item", "public.line_old");
      assertThat(report.inventory().rows()).isEqualTo(100);
      assertThat(report.inventory().sequences()).containsExactly("public.item_id_seq");
    }
  }

  @Test
  void makesOnlyTheChecksThatConcernFullLoad() throws Exception {
    try (var source = TestDatabase.source(15).execute(SHOP);
        var target = TestDatabase.target(15)) {
      var report = Assessed.of(source, target).type(MigrationConfig.Type.FULL_LOAD).report();
      assertThat(report.outcomes())
          .filteredOn(o -> o.status() == Status.SKIPPED)
          .extracting(AssessmentReport.Outcome::check)
          .contains("wal-level", "replication-slots", "wal-senders", "wal-sender-timeout")
          .doesNotContain("version", "target-privileges", "source-read-privileges");
    }
  }

  @Test
  void changesNothingOnEitherDatabase() throws Exception {
    try (var source =
            TestDatabase.source(15).execute(SHOP).executeAsSuperuser("CREATE EXTENSION pg_trgm");
        var target = TestDatabase.target(15)) {
      var sourceBefore = everything(source);
      var targetBefore = everything(target);
      Assessed.of(source, target).report();
      assertThat(everything(source)).isEqualTo(sourceBefore);
      assertThat(everything(target)).isEqualTo(targetBefore);
    }
  }

  @Test
  void refusesPgDumpOlderThanTheSource() throws Exception {
    try (var source = TestDatabase.source(16).execute(SHOP);
        var target = TestDatabase.target(16)) {
      var report = Assessed.of(source, target).report();
      assertThat(report.failure().orElseThrow().code()).isEqualTo(ErrorCode.PG_DUMP_TOO_OLD);
      assertThat(Assessed.of(source, target).alreadyBegun().report().blocks()).isFalse();
    }
  }

  @Test
  void namesObjectsTheTargetCannotHoldAndShowsThePlan() throws Exception {
    try (var role = TestRole.owner(Servers.version(15));
        var source = TestDatabase.source(15).execute(SHOP);
        var target = TestDatabase.target(16)) {
      source.execute("CREATE POLICY p ON item TO " + role.sql() + " USING (true)");
      var report = Assessed.of(source, target).report();
      assertThat(report.blocking()).extracting(Finding::check).containsExactly("schema");
      assertThat(report.blocking().getFirst().what()).contains(role.sql());
      assertThat(report.failure().orElseThrow().code()).isEqualTo(ErrorCode.SCHEMA_OBJECT_BLOCKED);
      assertThat(report.inventory().schema())
          .anySatisfy(item -> assertThat(item.decision()).isEqualTo(SchemaItem.Decision.BLOCK));
      assertThat(
              JsonMapper.builder().addModule(new Jdk8Module()).build().writeValueAsString(report))
          .contains("\"BLOCK\"");
    }
  }

  @Test
  void looksAtEveryKindOfObjectThatEverBrokeMigration() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      Programs.psql(
          source.writerUrl(), Path.of("src/test/resources/dev/pgportage/journey/torture.sql"));
      var report = Assessed.of(source, target).report();
      assertThat(report.blocking()).isEmpty();
      assertThat(report.outcomes()).noneMatch(outcome -> outcome.status() == Status.UNKNOWN);
      assertThat(report.findings())
          .extracting(Finding::check)
          .contains("replica-identity", "unlogged-tables", "large-objects", "generated-columns");
      assertThat(report.inventory().schema()).isNotEmpty();
    }
  }

  private static List<String> everything(TestDatabase database) throws Exception {
    try (var connection = database.superuser()) {
      return Sql.query(
          connection,
          """
          SELECT 'relation ' || relname || relpages FROM pg_class WHERE relkind = 'r'
             AND relnamespace <> 'pg_catalog'::regnamespace
          UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_t(oast_)?temp'
          UNION ALL SELECT 'extension ' || extname FROM pg_extension
          UNION ALL SELECT 'publication ' || pubname FROM pg_publication
          UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
             WHERE database = current_database()
          UNION ALL SELECT 'setting ' || setconfig::text FROM pg_db_role_setting
          UNION ALL SELECT 'lock ' || pid FROM pg_locks
             WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database
                                                         WHERE datname = current_database())
          ORDER BY 1
          """,
          row -> row.getString(1));
    }
  }

  @Test
  void countsFailedCheckAsItsWorst() throws Exception {
    try (var source = TestDatabase.source(15).execute(SHOP);
        var target = TestDatabase.target(15)) {
      Check broken =
          Check.named("broken", "Broken", Side.SOURCE)
              .worst(Severity.BLOCKS)
              .fix("Mend it.")
              .by(e -> e.texts("SELECT oid FROM pg_authid"));
      var report =
          Assessment.run(
                  Assessed.of(source, target).context(), List.of(broken, ServerChecks.VERSION))
              .report();
      assertThat(report.outcomes())
          .extracting(AssessmentReport.Outcome::status)
          .containsExactly(Status.UNKNOWN, Status.PASSED, Status.PASSED);
      assertThat(report.findings()).hasSize(1);
      assertThat(report.findings().getFirst().severity()).isEqualTo(Severity.BLOCKS);
      assertThat(report.findings().getFirst().what())
          .isEqualTo("Could not be checked: permission denied for table pg_authid (42501)");
      assertThat(report.failure().orElseThrow().code()).isEqualTo(ErrorCode.ASSESSMENT_BLOCKED);
    }
  }

  @Test
  void goesOnWithWholeSessionAfterCheckFailedInTransaction() throws Exception {
    try (var source = TestDatabase.source(15).execute(SHOP);
        var target = TestDatabase.target(15)) {
      Check broken =
          Check.named("broken", "Broken", Side.TARGET)
              .by(
                  e -> {
                    e.connection().setAutoCommit(false);
                    Sql.execute(e.connection(), "SELECT 1 / 0");
                  });
      var report =
          Assessment.run(
                  Assessed.of(source, target).context(), List.of(broken, TargetChecks.REPLICA_ROLE))
              .report();
      assertThat(report.outcomes().getLast().status()).isEqualTo(Status.PASSED);
    }
  }

  @Test
  void sortsTheWorstFirstAndFailsWithTheCodeTheyShare() throws Exception {
    try (var source =
            TestDatabase.source(15)
                .execute(
                    "CREATE TABLE keyless (a int); CREATE RULE r AS ON INSERT TO keyless DO ALSO NOTIFY x");
        var target = TestDatabase.target(15).execute("CREATE TABLE there (a int)")) {
      var report = Assessed.of(source, target).report();
      assertThat(report.findings())
          .extracting(Finding::severity)
          .isSorted()
          .containsSequence(Severity.BLOCKS, Severity.WARNS, Severity.INFORMS);
      assertThat(report.failure().orElseThrow().code()).isEqualTo(ErrorCode.TARGET_NOT_EMPTY);
      assertThat(report.failure().orElseThrow().what())
          .isEqualTo("The target holds table public.there (target-empty)");
    }
  }

  @Test
  void canBeWrittenAsJson() throws Exception {
    try (var source = TestDatabase.source(15).execute("CREATE TABLE keyless (a int)");
        var target = TestDatabase.target(15)) {
      var json =
          JsonMapper.builder()
              .addModule(new Jdk8Module())
              .build()
              .valueToTree(Assessed.of(source, target).report());
      var finding = json.get("findings").get(0);
      assertThat(finding.get("check").asText()).isEqualTo("replica-identity");
      assertThat(finding.get("severity").asText()).isEqualTo("WARNS");
      assertThat(finding.get("side").asText()).isEqualTo("SOURCE");
      assertThat(finding.get("objects").get(0).asText()).isEqualTo("public.keyless");
      assertThat(json.get("inventory").get("tables").get(0).get("replication").asText())
          .isEqualTo("RECOPIED");
      assertThat(json.toString()).doesNotContain(TestDatabase.PASSWORD);
    }
  }
}
