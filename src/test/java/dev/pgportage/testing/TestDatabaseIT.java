package dev.pgportage.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.pg.Sql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TestDatabaseIT {
  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void letsTheMigrationPublishAndFenceWhatTheApplicationOwns(int major) throws SQLException {
    try (var source = TestDatabase.source(major)) {
      source.execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)");
      assertThat(source.text("SELECT tableowner FROM pg_tables WHERE tablename = 'item'"))
          .contains("app_owner");
      try (var migrator = source.migrator()) {
        assertThat(Sql.queryText(migrator, "SHOW is_superuser")).contains("off");
        Sql.execute(migrator, "CREATE PUBLICATION p FOR TABLE item");
        Sql.query(
            migrator,
            "SELECT pg_create_logical_replication_slot('fixture_slot', 'pgoutput')",
            row -> row.getString(1));
        Sql.execute(
            migrator,
            "ALTER DATABASE " + source.name() + " SET default_transaction_read_only = on");
      }
      assertThatThrownBy(() -> source.execute("INSERT INTO item VALUES (2)"))
          .hasMessageContaining("read-only");
    }
    try (var connection = Servers.version(major).superuser("postgres")) {
      assertThat(
              Sql.queryLong(
                  connection,
                  "SELECT count(*) FROM pg_replication_slots WHERE slot_name = 'fixture_slot'"))
          .isZero();
    }
  }

  @Test
  void givesOnlyOneOfTheTargetRolesTheReplicationRole() throws SQLException {
    try (var target = TestDatabase.target(16);
        var plain = TestDatabase.plainTarget(16)) {
      assertThatCode(() -> target.execute("SET session_replication_role = replica"))
          .doesNotThrowAnyException();
      assertThatThrownBy(() -> plain.execute("SET session_replication_role = replica"))
          .hasMessageContaining("permission denied");
    }
  }

  @Test
  void refusesWrongPassword() throws SQLException {
    try (var source = TestDatabase.source(15)) {
      assertThatThrownBy(
              () -> source.server().connect(TestDatabase.SOURCE_ROLE, "wrong", source.name()))
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void comparesDumpsWhateverTheOrderOfRows(@TempDir Path directory) throws Exception {
    Path script = directory.resolve("script.sql");
    Files.writeString(script, "CREATE TABLE t (a text);\nCOPY t FROM stdin;\nx\ny\n\\.\n");
    try (var one = TestDatabase.source(15);
        var other = TestDatabase.source(15)) {
      Programs.psql(one.writerUrl(), script);
      other.execute("CREATE TABLE t (a text); INSERT INTO t VALUES ('y'), ('x')");
      assertThat(Programs.comparableDump(one.url()))
          .contains("COPY public.t (a) FROM stdin;\nx\ny\n")
          .isEqualTo(Programs.comparableDump(other.url()));
      other.execute("INSERT INTO t VALUES ('z')");
      assertThat(Programs.comparableDump(one.url()))
          .isNotEqualTo(Programs.comparableDump(other.url()));
    }
  }

  @Test
  void runsPgbenchAsTheApplication() throws SQLException {
    try (var source = TestDatabase.source(15)) {
      Programs.pgbench(source.writerUrl(), "-i", "-q", "-s", "1");
      assertThat(Programs.pgbench(source.writerUrl(), "-c", "1", "-t", "10"))
          .contains("number of failed transactions: 0");
      assertThat(source.number("SELECT count(*) FROM pgbench_history")).isEqualTo(10);
    }
  }
}
