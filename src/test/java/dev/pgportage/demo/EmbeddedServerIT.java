package dev.pgportage.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.Servers;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddedServerIT {
  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void keepsCommittedRowsOverRestartAndCrash(int major) throws SQLException {
    try (var server = EmbeddedServer.start(Servers.options(major))) {
      int port = server.port();
      try (var connection = server.superuser("postgres")) {
        assertThat(Sql.queryText(connection, "SHOW server_version").orElseThrow())
            .startsWith(major + ".");
        assertThat(Sql.queryText(connection, "SHOW wal_level")).contains("logical");
        Sql.execute(connection, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
      }
      server.restart();
      insertAndCount(server, 2);
      server.stopImmediately();
      assertThatThrownBy(() -> server.superuser("postgres").close())
          .isInstanceOf(SQLException.class);
      server.start();
      insertAndCount(server, 3);
      assertThat(server.port()).isEqualTo(port);
    }
  }

  @Test
  void leavesNothingBehindWhenClosed() {
    var server = EmbeddedServer.start(Servers.options(17));
    Path directory = server.directory();
    int port = server.port();
    assertThat(directory).isDirectory();
    server.close();
    assertThat(directory).doesNotExist();
    assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
        .isInstanceOf(ConnectException.class);
    server.close();
  }

  @Test
  void keepsDirectoryTheUserNamed(@TempDir Path directory) throws SQLException {
    var options = Servers.options(18).in(directory);
    try (var server = EmbeddedServer.start(options);
        var connection = server.superuser("postgres")) {
      Sql.execute(connection, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)");
    }
    try (var server = EmbeddedServer.start(options)) {
      insertAndCount(server, 2);
    }
  }

  @Test
  void takesOtherSettingsWhenRestarted() throws SQLException {
    try (var server = EmbeddedServer.start(Servers.options(15).with("wal_level", "replica"))) {
      try (var connection = server.superuser("postgres")) {
        assertThat(Sql.queryText(connection, "SHOW wal_level")).contains("replica");
        assertThat(Sql.queryText(connection, "SHOW fsync")).contains("off");
      }
      server.restart(Map.of("work_mem", "5MB"));
      try (var connection = server.superuser("postgres")) {
        assertThat(Sql.queryText(connection, "SHOW wal_level")).contains("logical");
        assertThat(Sql.queryText(connection, "SHOW work_mem")).contains("5MB");
      }
    }
  }

  @Test
  void saysWhatIsWrongWhenServerDoesNotStart() {
    var options = Servers.options(16).with("no_such_setting", "1");
    assertThatThrownBy(() -> EmbeddedServer.start(options))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("The embedded PostgreSQL 16 does not start")
        .hasMessageContaining("no_such_setting");
  }

  @Test
  void saysWhichFileIsMissingWhenVersionIsUnknown() {
    assertThatThrownBy(() -> EmbeddedServer.start(Servers.options(9)))
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("postgres-9.jar");
  }

  private static void insertAndCount(EmbeddedServer server, int expected) throws SQLException {
    try (var connection = server.superuser("postgres")) {
      Sql.execute(connection, "INSERT INTO kept VALUES (1)");
      assertThat(Sql.queryLong(connection, "SELECT count(*) FROM kept")).isEqualTo(expected);
    }
  }
}
