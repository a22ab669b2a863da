package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BadInputIT {
  private static TestDatabase source;
  private static TestDatabase target;

  @BeforeAll
  static void start() throws SQLException {
    source = TestDatabase.source(15);
    target = TestDatabase.target(15);
    source.execute("CREATE TABLE public.item (id int PRIMARY KEY)");
  }

  @AfterAll
  static void stop() throws SQLException {
    source.close();
    target.close();
  }

  @Test
  void tellsWrongPassword() throws SQLException {
    fails(
        1,
        "AUTHENTICATION_FAILED: Cannot connect to the source",
        "--source",
        source.server().url(TestDatabase.SOURCE_ROLE, "hush", source.name()));
  }

  @Test
  void tellsUnknownHost() throws SQLException {
    fails(
        1,
        "HOST_UNKNOWN: Cannot connect to the source",
        "--source",
        "postgresql://u:hush@no-such-host.invalid/d");
  }

  @Test
  void tellsPortWhereNobodyListens() throws SQLException, IOException {
    int port;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    fails(
        1,
        "CONNECTION_REFUSED: Cannot connect to the target",
        "--target",
        "postgresql://u:hush@127.0.0.1:" + port + "/d");
  }

  @Test
  void tellsUnknownDatabase() throws SQLException {
    fails(
        1,
        "DATABASE_UNKNOWN: Cannot connect to the source",
        "--source",
        source.url().replace("/" + source.name() + "?", "/no_such?"));
  }

  @Test
  void tellsThatFiltersMatchNothing() throws SQLException {
    fails(2, "'nowhere.*' matches no table", "--set", "filters.include=nowhere.*");
  }

  @Test
  void tellsUnknownKey() throws SQLException {
    fails(2, "--set load.wrokers: load.wrokers: this key is not known", "--set", "load.wrokers=1");
  }

  @Test
  void tellsThatMigrationIsUnknown() throws SQLException {
    var shell = new TestShell();
    assertThat(shell.run("status", "--source", source.url(), "--target", target.url()))
        .isEqualTo(2);
    assertThat(shell.err()).contains("MIGRATION_UNKNOWN");
  }

  /** Runs assess and migrate: both fail alike, on one screen, and leave nothing. */
  private static void fails(int status, String expected, String... more) throws SQLException {
    for (String command : List.of("assess", "migrate")) {
      var shell = new TestShell();
      var line = new ArrayList<>(List.of(command));
      line.addAll(List.of(more));
      addUnlessGiven(line, "--source", source.url());
      addUnlessGiven(line, "--target", target.url());
      assertThat(shell.run(line.toArray(String[]::new))).as(shell.err()).isEqualTo(status);
      assertThat(shell.err())
          .contains(expected)
          .contains("exit status " + status)
          .doesNotContain("hush")
          .doesNotContain(TestDatabase.PASSWORD);
      assertThat(shell.err().lines()).hasSizeLessThan(20);
      assertThat(shell.out()).isEmpty();
    }
    assertThat(target.text("SELECT count(*)::text FROM pg_namespace WHERE nspname = 'pgportage'"))
        .contains("0");
    assertThat(source.text("SELECT count(*)::text FROM pg_publication")).contains("0");
    assertThat(
            source.text(
                "SELECT count(*)::text FROM pg_replication_slots WHERE database ="
                    + " current_database()"))
        .contains("0");
  }

  private static void addUnlessGiven(List<String> line, String option, String value) {
    if (!line.contains(option)) {
      line.add(option);
      line.add(value);
    }
  }
}
