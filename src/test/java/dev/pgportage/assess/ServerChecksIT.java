package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import dev.pgportage.profile.Profiles;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServerChecksIT {
  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(16).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(16);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  @Test
  void warnsOfTargetOlderThanSource() throws SQLException {
    assertPasses(ServerChecks.VERSION);
    try (var older = TestDatabase.target(15)) {
      List<Finding> findings = Assessed.of(source, older).by(ServerChecks.VERSION);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
      assertThat(findings.getFirst().title()).isEqualTo("Database Version Compatibility");
      assertThat(findings.getFirst().what()).contains("older than the source (16.");
    }
  }

  @Test
  void refusesServersNobodyKnows() throws SQLException {
    assertThat(versionFinding(Side.SOURCE, 110022, 160001).severity()).isEqualTo(Severity.BLOCKS);
    assertThat(versionFinding(Side.TARGET, 160001, 190000).severity()).isEqualTo(Severity.WARNS);
  }

  private Finding versionFinding(Side side, int sourceVersion, int targetVersion)
      throws SQLException {
    AssessmentContext context = Assessed.of(source, target).context();
    try (var here = context.source().open("test");
        var there = context.target().open("test")) {
      var examination =
          new Examination(
              ServerChecks.VERSION,
              side,
              context,
              new Subjects(
                  new Session(
                      context.source(),
                      here,
                      new ServerVersion(sourceVersion),
                      "r",
                      "d",
                      Profiles.all().getLast()),
                  new Session(
                      context.target(),
                      there,
                      new ServerVersion(targetVersion),
                      "r",
                      "d",
                      Profiles.all().getLast())));
      ServerChecks.VERSION.body().examine(examination);
      assertThat(examination.findings()).hasSize(1);
      return examination.findings().getFirst();
    }
  }

  @Test
  void refusesToMigrateDatabaseOntoItself() throws SQLException {
    assertPasses(ServerChecks.SAME_DATABASE);
    List<Finding> findings =
        Assessed.of(source, target)
            .target(Assessed.in(source.name()))
            .target(Assessed.as(TestDatabase.SOURCE_ROLE))
            .by(ServerChecks.SAME_DATABASE);
    assertThat(findings).hasSize(1);
    assertThat(findings.getFirst().code()).isEqualTo(ErrorCode.SAME_DATABASE);
    assertThat(findings.getFirst().severity()).isEqualTo(Severity.BLOCKS);
  }

  @Test
  void refusesStandbysOnEitherSide() throws Exception {
    try (var standby = EmbeddedServer.start(Servers.options(16))) {
      var there = TestDatabase.source(standby).execute("CREATE TABLE item (id int PRIMARY KEY)");
      standby.stop();
      Files.createFile(standby.directory().resolve("data").resolve("standby.signal"));
      standby.start();
      assertPasses(ServerChecks.STANDBY);
      List<Finding> asSource = Assessed.of(there, target).by(ServerChecks.STANDBY);
      assertThat(asSource).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
      assertThat(asSource.getFirst().what()).contains("a publication and the fence could not");
      List<Finding> asTarget = Assessed.of(source, there).by(ServerChecks.STANDBY);
      assertThat(asTarget).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
      assertThat(
              Assessed.of(there, target)
                  .type(MigrationConfig.Type.FULL_LOAD)
                  .by(ServerChecks.STANDBY))
          .extracting(Finding::severity)
          .containsExactly(Severity.INFORMS);
    }
  }

  @Test
  void warnsOfProxyThatAnnouncesBackendsOfItsOwn() throws Exception {
    assertPasses(ServerChecks.POOLER);
    try (var proxy = new TestProxy(target.server().port(), 1)) {
      List<Finding> findings =
          Assessed.of(source, target).target(Assessed.at(proxy.port())).by(ServerChecks.POOLER);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
      assertThat(findings.getFirst().side()).isEqualTo(Side.TARGET);
    }
  }

  @Test
  void warnsOfConnectionsThatAreNotProtected() throws SQLException {
    assertPasses(ServerChecks.TLS);
    // The same machine, under an address that is not known to be it.
    List<Finding> findings =
        Assessed.of(source, target).target(Assessed.on("0.0.0.0")).by(ServerChecks.TLS);
    assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNS);
    assertThat(findings.getFirst().fix()).contains("sslmode=verify-full");
  }

  @Test
  void refusesPortOfPooler() throws Exception {
    try (var proxy = new TestProxy(source.server().port(), 0, 6432)) {
      List<Finding> findings =
          Assessed.of(source, target).source(Assessed.at(proxy.port())).by(ServerChecks.ENDPOINT);
      assertThat(findings).extracting(Finding::severity).containsExactly(Severity.BLOCKS);
      assertThat(findings.getFirst().side()).isEqualTo(Side.SOURCE);
      assertThat(findings.getFirst().fix()).contains("5432");
    }
  }

  @Test
  void countsConnectionsOfServerDatabaseAndRole() throws SQLException {
    assertPasses(ServerChecks.CONNECTIONS);
    assertThat(Assessed.of(source, target).workers(100).by(ServerChecks.CONNECTIONS))
        .allMatch(finding -> finding.code() == ErrorCode.TOO_MANY_CONNECTIONS)
        .allMatch(finding -> finding.severity() == Severity.BLOCKS)
        .extracting(Finding::side)
        .containsExactly(Side.SOURCE, Side.TARGET);
    source.executeAsSuperuser(
        "ALTER DATABASE %s CONNECTION LIMIT 9; ALTER ROLE migrator CONNECTION LIMIT 8"
            .formatted(source.name()));
    try {
      assertThat(Assessed.of(source, target).by(ServerChecks.CONNECTIONS))
          .extracting(Finding::what)
          .containsExactlyInAnyOrder(
              "the database's CONNECTION LIMIT leaves 9 connections free on the source; 10 are"
                  + " needed",
              "the role's CONNECTION LIMIT leaves 8 connections free on the source; 10 are needed");
    } finally {
      source.executeAsSuperuser("ALTER ROLE migrator CONNECTION LIMIT -1");
    }
  }

  private void assertPasses(Check check) throws SQLException {
    assertThat(Assessed.of(source, target).by(check)).isEmpty();
  }
}
