package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every grant of docs/privileges.md: enough together, and each one named when it is missing. */
class PrivilegesIT {
  private static final int VERSION = 15;

  private final EmbeddedServer server = Servers.version(VERSION);

  private TestRole migration;
  private TestRole tableOwner;
  private TestRole databaseOwner;
  private TestDatabase source;
  private TestDatabase target;

  /**
   * A grant of docs/privileges.md.
   *
   * @param documented as the document has it
   * @param grant gives it
   * @param revoke takes it
   * @param check whose finding names it
   * @param severity the finding's
   */
  private record Grant(
      String documented, String grant, String revoke, Check check, Severity severity) {}

  @BeforeEach
  void createDatabases() throws SQLException {
    migration = TestRole.login(server);
    tableOwner = TestRole.owner(server);
    databaseOwner = TestRole.owner(server);
    source = TestDatabase.source(VERSION);
    target = TestDatabase.target(VERSION);
    source.executeAsSuperuser(
        "ALTER DATABASE %s OWNER TO %s".formatted(source.name(), databaseOwner.sql()));
    for (TestDatabase database : List.of(source, target)) {
      database.executeAsSuperuser(
          """
          REVOKE ALL ON DATABASE %1$s FROM PUBLIC;
          GRANT CONNECT ON DATABASE %1$s TO %2$s, app, migrator
          """
              .formatted(database.name(), migration.sql()));
    }
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
    databaseOwner.close();
    tableOwner.close();
    migration.close();
  }

  private static final String TABLES =
      """
      CREATE SCHEMA "App s";
      CREATE TABLE "App s"."Item" (id serial PRIMARY KEY);
      CREATE TABLE public.plain (id int PRIMARY KEY);
      ALTER SCHEMA "App s" OWNER TO %1$s;
      ALTER TABLE "App s"."Item" OWNER TO %1$s;
      ALTER TABLE public.plain OWNER TO %1$s
      """;

  @Test
  void needsEachDocumentedGrantToReplicate() throws Exception {
    source.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    giveTarget();
    Assessed assessed = assessed();
    requireEach(
        assessed,
        source,
        List.of(
            new Grant(
                "ALTER ROLE pgportage_source REPLICATION;",
                "ALTER ROLE %1$s REPLICATION",
                "ALTER ROLE %1$s NOREPLICATION",
                ReplicationChecks.PRIVILEGE,
                Severity.BLOCKS),
            new Grant(
                "GRANT app_owner TO pgportage_source;",
                "GRANT %2$s TO %1$s",
                "REVOKE %2$s FROM %1$s",
                ReplicationChecks.OWNERSHIP,
                Severity.BLOCKS),
            new Grant(
                "GRANT database_owner TO pgportage_source;",
                "GRANT %3$s TO %1$s",
                "REVOKE %3$s FROM %1$s",
                FenceChecks.OWNER,
                Severity.BLOCKS),
            new Grant(
                "GRANT pg_signal_backend TO pgportage_source;",
                "GRANT pg_signal_backend TO %1$s",
                "REVOKE pg_signal_backend FROM %1$s",
                FenceChecks.SIGNAL,
                Severity.BLOCKS),
            new Grant(
                "GRANT pg_read_all_stats TO pgportage_source;",
                "GRANT pg_read_all_stats TO %1$s",
                "REVOKE pg_read_all_stats FROM %1$s",
                FenceChecks.VISIBILITY,
                Severity.WARNS)));
  }

  @Test
  void needsOnlyCreateOnTheDatabaseWhenTheFenceIsExternal() throws Exception {
    source.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    source.executeAsSuperuser(
        "ALTER ROLE %1$s REPLICATION; GRANT %2$s TO %1$s"
            .formatted(migration.sql(), tableOwner.sql()));
    giveTarget();
    requireEach(
        assessed().fence(Fence.EXTERNAL),
        source,
        List.of(
            new Grant(
                "GRANT CREATE ON DATABASE app TO pgportage_source;",
                "GRANT CREATE ON DATABASE %4$s TO %1$s",
                "REVOKE CREATE ON DATABASE %4$s FROM %1$s",
                ReplicationChecks.PUBLICATION_PRIVILEGE,
                Severity.BLOCKS)));
  }

  @Test
  void needsEachDocumentedGrantToRead() throws Exception {
    source.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    source.executeAsSuperuser("SELECT lo_create(4242)");
    giveTarget();
    requireEach(
        assessed().type(MigrationConfig.Type.FULL_LOAD),
        source,
        List.of(
            new Grant(
                "GRANT USAGE ON SCHEMA app TO pgportage_source;",
                "GRANT USAGE ON SCHEMA \"App s\" TO %1$s",
                "REVOKE USAGE ON SCHEMA \"App s\" FROM %1$s",
                ReadingChecks.READ_PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT SELECT ON ALL TABLES IN SCHEMA app TO pgportage_source;",
                "GRANT SELECT ON ALL TABLES IN SCHEMA \"App s\", public TO %1$s",
                "REVOKE SELECT ON ALL TABLES IN SCHEMA \"App s\", public FROM %1$s",
                ReadingChecks.READ_PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA app TO pgportage_source;",
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA \"App s\" TO %1$s",
                "REVOKE SELECT ON ALL SEQUENCES IN SCHEMA \"App s\" FROM %1$s",
                ReadingChecks.READ_PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT SELECT ON LARGE OBJECT 4242 TO pgportage_source;",
                "GRANT SELECT ON LARGE OBJECT 4242 TO %1$s",
                "REVOKE SELECT ON LARGE OBJECT 4242 FROM %1$s",
                ReadingChecks.LARGE_OBJECTS,
                Severity.BLOCKS)));
  }

  @Test
  void needsEachDocumentedGrantToMakeTheSchema() throws Exception {
    giveSource();
    requireEach(
        assessed(),
        target,
        List.of(
            new Grant(
                "GRANT CREATE ON DATABASE app TO pgportage_target;",
                "GRANT CREATE ON DATABASE %4$s TO %1$s",
                "REVOKE CREATE ON DATABASE %4$s FROM %1$s",
                TargetChecks.PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT TEMPORARY ON DATABASE app TO pgportage_target;",
                "GRANT TEMPORARY ON DATABASE %4$s TO %1$s",
                "REVOKE TEMPORARY ON DATABASE %4$s FROM %1$s",
                TargetChecks.PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT USAGE, CREATE ON SCHEMA public TO pgportage_target;",
                "GRANT USAGE, CREATE ON SCHEMA public TO %1$s",
                "REVOKE ALL ON SCHEMA public FROM %1$s",
                TargetChecks.PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT SET ON PARAMETER session_replication_role TO pgportage_target;",
                "GRANT SET ON PARAMETER session_replication_role TO %1$s",
                "REVOKE SET ON PARAMETER session_replication_role FROM %1$s",
                TargetChecks.REPLICA_ROLE,
                Severity.INFORMS)));
  }

  @Test
  void needsEachDocumentedGrantOnSchemaThatExists() throws Exception {
    giveSource();
    giveTarget();
    target.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    target.executeAsSuperuser("ALTER SCHEMA \"App s\" OWNER TO postgres");
    requireEach(
        assessed().mode(Mode.EXISTING),
        target,
        List.of(
            new Grant(
                "GRANT USAGE ON SCHEMA app TO pgportage_target;",
                "GRANT USAGE ON SCHEMA \"App s\" TO %1$s",
                "REVOKE USAGE ON SCHEMA \"App s\" FROM %1$s",
                TargetChecks.PRIVILEGES,
                Severity.BLOCKS),
            new Grant(
                "GRANT table_owner TO pgportage_target;",
                "GRANT %2$s TO %1$s",
                "REVOKE %2$s FROM %1$s",
                TargetChecks.PRIVILEGES,
                Severity.BLOCKS)));
  }

  @Test
  void saysThatTheRoleMayNotConnect() throws Exception {
    source.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    Assessed assessed = assessed();
    source.executeAsSuperuser(
        "REVOKE CONNECT ON DATABASE %s FROM %s".formatted(source.name(), migration.sql()));
    assertDocumented("GRANT CONNECT ON DATABASE app TO pgportage_source;");
    assertThatThrownBy(assessed::report)
        .isInstanceOfSatisfying(
            MigrationException.class,
            failure -> assertThat(failure.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING));
  }

  private Assessed assessed() {
    return Assessed.of(source, target)
        .source(Assessed.as(migration.name()))
        .target(Assessed.as(migration.name()));
  }

  private void giveSource() throws SQLException {
    source.executeAsSuperuser(TABLES.formatted(tableOwner.sql()));
    source.executeAsSuperuser(
        "ALTER ROLE %1$s REPLICATION; GRANT pg_read_all_stats, pg_signal_backend TO %1$s"
            .formatted(migration.sql()));
    source.executeAsSuperuser(
        "REASSIGN OWNED BY %1$s TO %2$s; GRANT %2$s TO %3$s"
            .formatted(tableOwner.sql(), databaseOwner.sql(), migration.sql()));
  }

  private void giveTarget() throws SQLException {
    target.executeAsSuperuser(
        """
        GRANT CREATE, TEMPORARY ON DATABASE %1$s TO %2$s;
        GRANT USAGE, CREATE ON SCHEMA public TO %2$s;
        GRANT SET ON PARAMETER session_replication_role TO %2$s
        """
            .formatted(target.name(), migration.sql()));
  }

  /** Gives all grants: nothing found. Takes each: it is named; what fixes it makes it good. */
  private void requireEach(Assessed assessed, TestDatabase database, List<Grant> grants)
      throws Exception {
    for (Grant grant : grants) {
      assertDocumented(grant.documented());
      run(database, grant.grant());
    }
    assertThat(problems(assessed)).isEmpty();
    for (Grant grant : grants) {
      run(database, grant.revoke());
      List<Finding> named = assessed.by(grant.check());
      assertThat(named)
          .as(grant.revoke())
          .isNotEmpty()
          .anyMatch(finding -> finding.severity() == grant.severity());
      for (Finding finding :
          named.stream().filter(f -> f.severity() == grant.severity()).toList()) {
        assertThat(finding.fix()).contains(migration.sql());
        database.executeAsSuperuser(finding.fix());
      }
      assertThat(problems(assessed)).as("after the fix of " + grant.revoke()).isEmpty();
    }
    for (Grant grant : grants) {
      run(database, grant.revoke());
    }
  }

  private static List<String> problems(Assessed assessed) throws SQLException {
    return assessed.report().findings().stream()
        .filter(
            finding ->
                finding.severity() == Severity.BLOCKS
                    || finding.check().equals(FenceChecks.VISIBILITY.id())
                    || finding.check().equals(TargetChecks.REPLICA_ROLE.id()))
        .map(Finding::what)
        .toList();
  }

  private void run(TestDatabase database, String sql) throws SQLException {
    database.executeAsSuperuser(
        sql.formatted(migration.sql(), tableOwner.sql(), databaseOwner.sql(), database.name()));
  }

  private static void assertDocumented(String grant) throws IOException {
    assertThat(Files.readString(Path.of("docs", "privileges.md"))).contains(grant);
  }
}
