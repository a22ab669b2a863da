package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FenceChecksIT {
  private TestRole role;
  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    role = TestRole.login(Servers.version(15));
    source = TestDatabase.source(15).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(15);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
    role.close();
  }

  @Test
  void requiresTheOwnersPrivilegesToMakeTheSourceReadOnly() throws SQLException {
    assertPasses(FenceChecks.OWNER);
    source.executeAsSuperuser("ALTER DATABASE " + source.name() + " OWNER TO postgres");
    Finding finding = only(FenceChecks.OWNER);
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.fix())
        .isEqualTo(
            "GRANT \"postgres\" TO \"migrator\"; -- or stop the application yourself and set"
                + " cutover.fence: external");
    assertThat(Assessed.of(source, target).fence(Fence.EXTERNAL).by(FenceChecks.OWNER)).isEmpty();
  }

  @Test
  void requiresTheRightToEndSessions() throws SQLException {
    assertPasses(FenceChecks.SIGNAL);
    List<Finding> findings =
        Assessed.of(source, target).source(Assessed.as(role.name())).by(FenceChecks.SIGNAL);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().objects())
        .contains("app", "migrator")
        .doesNotContain("postgres");
    assertThat(findings.getFirst().fix()).startsWith("GRANT pg_signal_backend TO " + role.sql());
    source.executeAsSuperuser(findings.getFirst().fix());
    assertThat(Assessed.of(source, target).source(Assessed.as(role.name())).by(FenceChecks.SIGNAL))
        .isEmpty();
  }

  @Test
  void asksForNoSignalWhenOnlyItsOwnRolesMayConnect() throws SQLException {
    source.executeAsSuperuser(
        "REVOKE CONNECT ON DATABASE %1$s FROM PUBLIC; GRANT CONNECT ON DATABASE %1$s TO %2$s"
            .formatted(source.name(), role.sql()));
    source.executeAsSuperuser("GRANT app_owner, app, migrator, migrator_back TO " + role.sql());
    source.executeAsSuperuser("REVOKE pg_signal_backend FROM migrator");
    try {
      assertThat(
              Assessed.of(source, target).source(Assessed.as(role.name())).by(FenceChecks.SIGNAL))
          .isEmpty();
    } finally {
      source.executeAsSuperuser("GRANT pg_signal_backend TO migrator");
    }
  }

  @Test
  void findsRolesThatWouldWriteThroughTheFence() throws SQLException {
    assertPasses(FenceChecks.OVERRIDES);
    source.executeAsSuperuser(
        """
        ALTER ROLE %1$s SET default_transaction_read_only = off;
        ALTER ROLE app IN DATABASE %2$s SET default_transaction_read_only = off
        """
            .formatted(role.sql(), source.name()));
    Finding finding = only(FenceChecks.OVERRIDES);
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.code()).isEqualTo(ErrorCode.FENCE_BREACHED);
    assertThat(finding.objects()).containsExactlyInAnyOrder(role.name(), "app");
    source.executeAsSuperuser(finding.fix());
    assertPasses(FenceChecks.OVERRIDES);
  }

  @Test
  void takesASettingOnlyForWhatTheServerTakesIt() throws SQLException {
    source.executeAsSuperuser(
        """
        ALTER ROLE %1$s SET default_transaction_read_only = 'Tru';
        ALTER ROLE app_owner SET default_transaction_read_only = off
        """
            .formatted(role.sql()));
    try {
      assertPasses(FenceChecks.OVERRIDES);
    } finally {
      source.executeAsSuperuser("ALTER ROLE app_owner RESET default_transaction_read_only");
    }
  }

  @Test
  void findsASubscriptionThatWritesThere() throws SQLException {
    assertPasses(FenceChecks.WRITERS);
    source.executeAsSuperuser(
        "CREATE SUBSCRIPTION \"the feed\" CONNECTION 'host=127.0.0.1 port=1 dbname=x'"
            + " PUBLICATION p WITH (connect = false, slot_name = NONE, enabled = false)");
    assertPasses(FenceChecks.WRITERS);
    source.executeAsSuperuser(
        "UPDATE pg_subscription SET subenabled = true WHERE subname = 'the feed'");
    try {
      Finding finding = only(FenceChecks.WRITERS);
      assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
      source.executeAsSuperuser(finding.fix());
      assertPasses(FenceChecks.WRITERS);
    } finally {
      source.executeAsSuperuser("DROP SUBSCRIPTION \"the feed\"");
    }
  }

  @Test
  void warnsOfSuperusersAtWork() throws SQLException {
    assertPasses(FenceChecks.SUPERUSERS);
    try (var superuser = source.superuser()) {
      assertThat(superuser.isValid(1)).isTrue();
      Finding finding = only(FenceChecks.SUPERUSERS);
      assertThat(finding.severity()).isEqualTo(Severity.WARNS);
      assertThat(finding.what()).contains("(postgres)");
    }
  }

  @Test
  void warnsOfLargeObjectsThatAReadOnlyDatabaseDoesNotProtect() throws SQLException {
    assertPasses(FenceChecks.LARGE_OBJECTS);
    source.execute("SELECT lo_from_bytea(4711, 'content')");
    assertThat(only(FenceChecks.LARGE_OBJECTS).severity()).isEqualTo(Severity.WARNS);
    try (var behind = source.writer()) {
      Sql.execute(behind, "SET default_transaction_read_only = on");
      assertThatCode(() -> Sql.execute(behind, "SELECT lo_put(4711, 0, 'C')"))
          .doesNotThrowAnyException();
    }
  }

  private void assertPasses(Check check) throws SQLException {
    assertThat(Assessed.of(source, target).by(check)).isEmpty();
  }

  private Finding only(Check check) throws SQLException {
    List<Finding> findings = Assessed.of(source, target).by(check);
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }
}
