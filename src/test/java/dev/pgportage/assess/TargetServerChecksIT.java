package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TargetServerChecksIT {
  private static final int VERSION = 17;

  private static EmbeddedServer slow;

  private TestDatabase source;
  private TestDatabase target;
  private TestDatabase wrong;

  @BeforeAll
  static void startServerThatFailsThemAll() {
    slow =
        EmbeddedServer.start(
            Servers.options(VERSION)
                .with("autovacuum", "off")
                .with("max_wal_size", "32MB")
                .with("max_worker_processes", "2")
                .with("max_parallel_workers", "2")
                .with("logical_decoding_work_mem", "1MB")
                .with("max_locks_per_transaction", "10")
                .with("max_connections", "12"));
  }

  @AfterAll
  static void stopServer() {
    slow.close();
  }

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(VERSION).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(VERSION);
    wrong = TestDatabase.target(slow);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    wrong.close();
    target.close();
    source.close();
  }

  @Test
  void warnsOfAutovacuumThatIsOff() throws SQLException {
    assertFinds(TargetServerChecks.AUTOVACUUM, Severity.WARNS, "autovacuum");
  }

  @Test
  void tellsOfSettingsTheProfileNames() throws SQLException {
    assertFinds(TargetServerChecks.SETTINGS, Severity.INFORMS, "max_worker_processes");
  }

  @Test
  void tellsOfLittleRoomForWalWhenMuchIsLoaded() throws SQLException {
    assertThat(Assessed.of(source, wrong).by(TargetServerChecks.WAL_SIZE)).isEmpty();
    source.execute(
        """
        CREATE TABLE wide (id int PRIMARY KEY, t text);
        ALTER TABLE wide ALTER t SET STORAGE EXTERNAL;
        INSERT INTO wide SELECT i, repeat('x', 1000000) FROM generate_series(1, 40) AS i
        """);
    assertFinds(TargetServerChecks.WAL_SIZE, Severity.INFORMS, "max_wal_size");
  }

  @Test
  void tellsOfCommitsThatWaitForStandbys() throws SQLException {
    assertThat(Assessed.of(source, wrong).by(TargetServerChecks.SYNCHRONOUS)).isEmpty();
    alter("synchronous_standby_names = 'far'");
    try {
      assertFinds(TargetServerChecks.SYNCHRONOUS, Severity.INFORMS, "synchronous_standby_names");
    } finally {
      alter("synchronous_standby_names = ''");
    }
  }

  @Test
  void tellsOfSettingsThatWaitForRestart() throws SQLException {
    assertThat(Assessed.of(source, wrong).by(SourceHealthChecks.RESTART_PENDING)).isEmpty();
    alter("max_worker_processes = 3");
    assertThat(Assessed.of(source, wrong).by(SourceHealthChecks.RESTART_PENDING).getFirst())
        .satisfies(found -> assertThat(found.objects()).containsExactly("max_worker_processes"));
    alter("max_worker_processes = 2");
  }

  @Test
  void tellsOfLittleMemoryForDecoding() throws SQLException {
    assertThat(Assessed.of(source, target).by(SourceHealthChecks.DECODING_MEMORY)).isEmpty();
    try (var tight = TestDatabase.source(slow).execute("CREATE TABLE t ()")) {
      assertThat(Assessed.of(tight, target).by(SourceHealthChecks.DECODING_MEMORY))
          .extracting(Finding::what)
          .containsExactly("logical_decoding_work_mem is 1.0 MB");
    }
  }

  @Test
  void refusesMoreTablesThanThereIsRoomForLocks() throws SQLException {
    try (var tight = TestDatabase.source(slow).execute("CREATE TABLE t ()")) {
      assertThat(Assessed.of(tight, target).by(StructureChecks.LOCKS)).isEmpty();
      for (int part = 0; part < 5; part++) {
        // One transaction may not hold more locks than there is room for, either.
        tight.execute(
            "DO $$ BEGIN FOR i IN 1..30 LOOP EXECUTE format('CREATE TABLE t_%s_%s ()', "
                + part
                + ", i); END LOOP; END $$");
      }
      List<Finding> findings = Assessed.of(tight, target).by(StructureChecks.LOCKS);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
      assertThat(findings.getFirst().fix()).contains("max_locks_per_transaction to 128 or more");
    }
  }

  @Test
  void measureClocksAndTheWay() throws SQLException {
    assertThat(Assessed.of(source, target).by(TargetServerChecks.CLOCK)).isEmpty();
    assertThat(Assessed.of(source, target).by(TargetServerChecks.ROUND_TRIP)).isEmpty();
    assertThat(Assessed.of(source, target).by(TargetServerChecks.clock(Duration.ofSeconds(-10))))
        .hasSize(2);
    assertThat(Assessed.of(source, target).by(TargetServerChecks.roundTrip(Duration.ofNanos(-1))))
        .hasSize(2);
  }

  @Test
  void refusesBalancersBetweenServers() throws Exception {
    assertThat(Assessed.of(source, target).by(TargetServerChecks.SNAPSHOT)).isEmpty();
    try (var other = slow.superuser("postgres")) {
      Sql.execute(other, "CREATE DATABASE " + source.name());
      try (var balancer =
          TestProxy.balancing(
              source.server().port(), source.server().port(), slow.port(), slow.port())) {
        AssessmentContext direct = Assessed.of(source, target).context();
        Assessed through = Assessed.of(source, target).source(Assessed.at(balancer.port()));
        var context =
            new AssessmentContext(
                new dev.pgportage.pg.Database(through.source(), "test"),
                direct.target(),
                direct.config(),
                direct.objects(),
                direct.replication(),
                false);
        List<Finding> findings =
            Assessment.run(context, List.of(TargetServerChecks.SNAPSHOT)).report().findings();
        assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
      } finally {
        Sql.execute(other, "DROP DATABASE " + source.name() + " WITH (FORCE)");
      }
    }
  }

  @Test
  void recognisesProviders() throws SQLException {
    assertThat(profile(target)).isEqualTo("generic");
    target.executeAsSuperuser("CREATE SCHEMA pscale_extensions");
    assertThat(profile(target)).isEqualTo("planetscale");
    assertThat(Assessed.of(source, target).by(EmptinessCheck.EMPTY)).isEmpty();
    wrong.executeAsSuperuser("CREATE ROLE rds_superuser; CREATE ROLE rds_iam");
    assertThat(profile(wrong)).isEqualTo("rds");
    assertThat(Assessed.of(source, wrong).by(RoleChecks.TOKEN)).isEmpty();
    wrong.executeAsSuperuser("GRANT rds_iam TO target_migrator");
    assertThat(Assessed.of(source, wrong).by(RoleChecks.TOKEN))
        .extracting(Finding::severity)
        .containsExactly(Severity.BLOCKS);
    wrong.executeAsSuperuser("DROP ROLE rds_iam");
    assertThat(Assessed.of(source, wrong).report().inventory().target().provider())
        .isEqualTo("Amazon RDS for PostgreSQL");
    wrong.executeAsSuperuser(
        "CREATE FUNCTION pg_catalog.aurora_version() RETURNS text LANGUAGE sql AS 'SELECT 1::text'");
    assertThat(profile(wrong)).isEqualTo("aurora");
    wrong.executeAsSuperuser("DROP ROLE rds_superuser");
  }

  private static String profile(TestDatabase database) throws SQLException {
    try (var session = database.migrator()) {
      return Profiles.of(database.endpoint(), session).name();
    }
  }

  private static void alter(String setting) throws SQLException {
    try (var server = slow.superuser("postgres")) {
      Sql.execute(server, "SET synchronous_commit = local");
      Sql.execute(server, "ALTER SYSTEM SET " + setting);
      Sql.execute(server, "SELECT pg_reload_conf()");
      Sql.execute(server, "SELECT pg_sleep(0.2)");
    }
  }

  private void assertFinds(Check check, Severity severity, String object) throws SQLException {
    assertThat(Assessed.of(source, target).by(check)).isEmpty();
    List<Finding> findings = Assessed.of(source, wrong).by(check);
    assertThat(findings).extracting(Finding::severity).containsExactly(severity);
    assertThat(findings.getFirst().objects()).containsExactly(object);
  }
}
