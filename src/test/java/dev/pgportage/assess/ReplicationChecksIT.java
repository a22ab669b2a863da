package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicationChecksIT {
  private TestDatabase source;
  private TestDatabase target;

  @BeforeEach
  void createDatabases() throws SQLException {
    source = TestDatabase.source(15).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(15);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    source.close();
  }

  @Test
  void refusesSlotOfSomebodyElse() throws SQLException {
    createSlot("pgportage_test", "pgoutput");
    Finding finding = only(ReplicationChecks.SLOT_NAME);
    assertThat(finding.code()).isEqualTo(ErrorCode.SLOT_TAKEN);
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(
            Assessed.of(source, target).withOurSlotAndPublication().by(ReplicationChecks.SLOT_NAME))
        .isEmpty();
    source.executeAsSuperuser(finding.fix());
    assertPasses(ReplicationChecks.SLOT_NAME);
  }

  @Test
  void refusesPublicationOfSomebodyElse() throws SQLException {
    source.execute("CREATE PUBLICATION pgportage_test");
    Finding finding = only(ReplicationChecks.PUBLICATION_NAME);
    assertThat(finding.code()).isEqualTo(ErrorCode.PUBLICATION_TAKEN);
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(
            Assessed.of(source, target)
                .withOurSlotAndPublication()
                .by(ReplicationChecks.PUBLICATION_NAME))
        .isEmpty();
    source.execute(finding.fix());
    assertPasses(ReplicationChecks.PUBLICATION_NAME);
  }

  @Test
  void requiresGivenSlotThatCanBeRead() throws SQLException {
    Assessed given = Assessed.of(source, target).slot("given");
    assertThat(given.by(ReplicationChecks.GIVEN_SLOT))
        .extracting(Finding::code)
        .containsExactly(ErrorCode.SLOT_MISSING);
    createSlot("given", "test_decoding");
    assertThat(given.by(ReplicationChecks.GIVEN_SLOT))
        .extracting(Finding::code)
        .containsExactly(ErrorCode.SLOT_MISSING);
    source.executeAsSuperuser("SELECT pg_drop_replication_slot('given')");
    createSlot("given", "pgoutput");
    assertThat(given.by(ReplicationChecks.GIVEN_SLOT)).isEmpty();
  }

  @Test
  void refusesGivenSlotThatSomebodyReads() throws SQLException {
    createSlot("given", "pgoutput");
    source.execute("CREATE PUBLICATION p");
    Assessed given = Assessed.of(source, target).slot("given");
    try (var reader = given.context().source().openReplication("reader")) {
      var stream =
          reader.stream(
              "given", new Lsn(0), Map.of("proto_version", "1", "publication_names", "p"));
      assertThat(given.by(ReplicationChecks.GIVEN_SLOT))
          .extracting(Finding::code)
          .containsExactly(ErrorCode.SLOT_IN_USE);
      assertThat(given.alreadyBegun().by(ReplicationChecks.GIVEN_SLOT)).isEmpty();
      stream.close();
    }
  }

  @Test
  void tellsOfPublicationsOfAllTables() throws SQLException {
    assertPasses(ReplicationChecks.ALL_TABLES);
    source.executeAsSuperuser("CREATE PUBLICATION everything FOR ALL TABLES");
    Finding finding = only(ReplicationChecks.ALL_TABLES);
    assertThat(finding.severity()).isEqualTo(Severity.INFORMS);
    assertThat(finding.objects()).containsExactly("everything");
    source.executeAsSuperuser(finding.fix());
    assertPasses(ReplicationChecks.ALL_TABLES);
  }

  @Test
  void namesEveryOwnerWhosePrivilegesAreMissing() throws SQLException {
    source.executeAsSuperuser("CREATE TABLE public.\"Foreign\" (id int PRIMARY KEY)");
    Finding finding = only(ReplicationChecks.OWNERSHIP);
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.objects()).containsExactly("public.\"Foreign\"");
    assertThat(finding.fix()).isEqualTo("GRANT \"postgres\" TO \"migrator\";");
    source.executeAsSuperuser("ALTER TABLE public.\"Foreign\" OWNER TO app_owner");
    assertPasses(ReplicationChecks.OWNERSHIP);
  }

  @Test
  void asksNoOwnershipOfTablesThatAreNotPublished() throws SQLException {
    source.executeAsSuperuser("CREATE TABLE public.keyless (id int)");
    assertPasses(ReplicationChecks.OWNERSHIP);
  }

  @Test
  void requiresTheLagsMark() throws SQLException {
    source.executeAsSuperuser(
        "REVOKE EXECUTE ON FUNCTION pg_logical_emit_message(boolean, text, text) FROM PUBLIC");
    Finding finding = only(ReplicationChecks.PRIVILEGE);
    assertThat(finding.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);
    source.executeAsSuperuser(finding.fix());
    assertPasses(ReplicationChecks.PRIVILEGE);
  }

  private void createSlot(String name, String plugin) throws SQLException {
    try (var connection = source.superuser()) {
      Sql.query(
          connection,
          "SELECT pg_create_logical_replication_slot(?, ?)",
          row -> row.getString(1),
          name,
          plugin);
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
