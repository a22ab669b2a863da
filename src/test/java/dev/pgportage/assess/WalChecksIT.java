package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Sql;
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

class WalChecksIT {
  private static final int VERSION = 18;

  private static EmbeddedServer tight;

  private TestDatabase wrong;
  private TestDatabase right;
  private TestDatabase target;

  @BeforeAll
  static void startServerThatFailsThemAll() {
    tight =
        EmbeddedServer.start(
            Servers.options(VERSION)
                .with("wal_level", "replica")
                .with("max_replication_slots", "1")
                .with("max_wal_senders", "1")
                .with("wal_sender_timeout", "9999ms")
                .with("max_slot_wal_keep_size", "64MB")
                .with("idle_replication_slot_timeout", "1min")
                .with("max_prepared_transactions", "2"));
  }

  @AfterAll
  static void stopServer() {
    tight.close();
  }

  @BeforeEach
  void createDatabases() throws SQLException {
    wrong = TestDatabase.source(tight).execute("CREATE TABLE item (id int PRIMARY KEY)");
    right = TestDatabase.source(VERSION).execute("CREATE TABLE item (id int PRIMARY KEY)");
    target = TestDatabase.target(VERSION);
  }

  @AfterEach
  void dropDatabases() throws SQLException {
    target.close();
    right.close();
    wrong.close();
  }

  @Test
  void requiresLogicalWal() throws SQLException {
    assertPasses(WalChecks.LEVEL);
    Finding finding = only(WalChecks.LEVEL);
    assertThat(finding.title()).isEqualTo("WAL Level Configuration");
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.code()).isEqualTo(ErrorCode.SOURCE_NOT_LOGICAL);
    assertThat(finding.what()).isEqualTo("wal_level is replica");
    assertThat(finding.fix()).startsWith("ALTER SYSTEM SET wal_level = 'logical';");
  }

  @Test
  void namesTheParameterOnAmazonsServers() throws SQLException {
    wrong.executeAsSuperuser("CREATE ROLE rds_superuser");
    try {
      assertThat(only(WalChecks.LEVEL).fix()).contains("rds.logical_replication = 1");
      assertThat(only(WalChecks.SLOTS).fix()).contains("parameter group");
      assertThat(only(WalChecks.SENDERS).fix()).contains("parameter group");
    } finally {
      wrong.executeAsSuperuser("DROP ROLE rds_superuser");
    }
  }

  @Test
  void requiresTwoFreeSlots() throws SQLException {
    assertPasses(WalChecks.SLOTS);
    Finding finding = only(WalChecks.SLOTS);
    assertThat(finding.title()).isEqualTo("Replication Slots Available");
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.what())
        .isEqualTo("max_replication_slots is 1 and 0 are taken; 2 free ones are needed");
    assertThat(finding.fix()).contains("max_replication_slots = 2");
  }

  @Test
  void countsOwnSlotAsThere() throws SQLException {
    try (var connection = right.superuser()) {
      long free = 20 - Sql.queryLong(connection, "SELECT count(*) FROM pg_replication_slots");
      for (int i = 2; i < free; i++) {
        createSlot(connection, "filler_" + i);
      }
      createSlot(connection, "pgportage_test");
      assertThat(Assessed.of(right, target).withOurSlotAndPublication().by(WalChecks.SLOTS))
          .isEmpty();
      assertThat(Assessed.of(right, target).by(WalChecks.SLOTS))
          .extracting(Finding::what)
          .containsExactly("max_replication_slots is 20 and 19 are taken; 2 free ones are needed");
    }
  }

  private static void createSlot(java.sql.Connection connection, String name) throws SQLException {
    Sql.query(
        connection,
        "SELECT pg_create_logical_replication_slot(?, 'pgoutput')",
        row -> row.getString(1),
        name);
  }

  @Test
  void requiresTwoSenders() throws SQLException {
    assertPasses(WalChecks.SENDERS);
    Finding finding = only(WalChecks.SENDERS);
    assertThat(finding.title()).isEqualTo("Maximum WAL Senders");
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.what())
        .isEqualTo("max_wal_senders is 1 and 0 are at work; 2 free ones are needed");
  }

  @Test
  void requiresTenSecondsOfPatience() throws SQLException {
    assertPasses(WalChecks.SENDER_TIMEOUT);
    Finding finding = only(WalChecks.SENDER_TIMEOUT);
    assertThat(finding.title()).isEqualTo("WAL Sender Timeout");
    assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
    assertThat(finding.what()).isEqualTo("wal_sender_timeout is 9999 ms, below 10000");
    try (var migrator = wrong.migrator()) {
      Sql.execute(migrator, finding.fix());
    }
    assertThat(Assessed.of(wrong, target).by(WalChecks.SENDER_TIMEOUT)).isEmpty();
  }

  @Test
  void takesZeroForNoTimeout() throws SQLException {
    setTimeout("0");
    assertPasses(WalChecks.SENDER_TIMEOUT);
    setTimeout("10000");
    assertPasses(WalChecks.SENDER_TIMEOUT);
    setTimeout("1");
    assertThat(Assessed.of(right, target).by(WalChecks.SENDER_TIMEOUT)).hasSize(1);
  }

  private void setTimeout(String value) throws SQLException {
    right.executeAsSuperuser(
        "ALTER ROLE migrator IN DATABASE " + right.name() + " SET wal_sender_timeout = " + value);
  }

  @Test
  void warnsOfLimitsThatInvalidateSlots() throws SQLException {
    assertPasses(WalChecks.KEEP_SIZE);
    assertThat(Assessed.of(wrong, target).by(WalChecks.KEEP_SIZE))
        .allMatch(finding -> finding.severity() == Severity.WARNS)
        .extracting(Finding::what)
        .containsExactly(
            "A slot may hold back 64.0 MB of WAL at most",
            "A slot nobody reads is invalidated after 60 seconds");
  }

  @Test
  void refusesPreparedTransactionsOfWhateverDatabase() throws SQLException {
    assertPasses(WalChecks.PREPARED);
    try (var other = TestDatabase.source(tight)) {
      other.execute("CREATE TABLE t (a int)");
      other.execute("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'it''s'");
      Finding finding = only(WalChecks.PREPARED);
      assertThat(finding.severity()).isEqualTo(Severity.BLOCKS);
      assertThat(finding.fix()).startsWith("ROLLBACK PREPARED 'it''s';").contains(other.name());
      other.executeAsSuperuser("ROLLBACK PREPARED 'it''s'");
    }
    assertThat(Assessed.of(wrong, target).by(WalChecks.PREPARED)).isEmpty();
  }

  @Test
  void warnsOfTransactionsOpenForTooLong() throws SQLException {
    try (var writer = right.writer()) {
      writer.setAutoCommit(false);
      long pid = Sql.queryLong(writer, "SELECT pg_backend_pid()");
      Sql.execute(writer, "INSERT INTO item VALUES (1)");
      assertPasses(WalChecks.LONG_TRANSACTIONS);
      List<Finding> findings =
          Assessed.of(right, target).by(WalChecks.longTransactions(Duration.ZERO));
      assertThat(findings).extracting(Finding::severity).containsOnly(Severity.WARNS);
      assertThat(findings.getFirst().objects()).contains("pid " + pid);
      assertThat(findings.getFirst().fix()).contains("SELECT pg_terminate_backend(" + pid + ");");
      writer.rollback();
    }
  }

  @Test
  void asksNothingOfWalWhenNothingIsReplicated() throws SQLException {
    Assessed fullLoad = Assessed.of(wrong, target).type(MigrationConfig.Type.FULL_LOAD);
    for (Check check :
        List.of(
            WalChecks.LEVEL,
            WalChecks.SLOTS,
            WalChecks.SENDERS,
            WalChecks.SENDER_TIMEOUT,
            WalChecks.KEEP_SIZE)) {
      assertThat(fullLoad.by(check)).isEmpty();
    }
  }

  private void assertPasses(Check check) throws SQLException {
    assertThat(Assessed.of(right, target).by(check)).isEmpty();
  }

  private Finding only(Check check) throws SQLException {
    List<Finding> findings = Assessed.of(wrong, target).by(check);
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }
}
