package dev.pgportage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class LeaseIT {
  @Test
  void keepsASecondRunOutUntilItIsClosed() throws SQLException {
    try (var fixture = TestDatabase.target(15)) {
      var database = new Database(fixture.endpoint(), "pgportage shop");
      enter(database);
      long first;
      try (Lease lease = StateStore.lease(database, "shop", "one")) {
        first = lease.run().epoch();
        assertThatThrownBy(() -> StateStore.lease(database, "shop", "two"))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> {
                  assertThat(e.code()).isEqualTo(ErrorCode.LEASE_HELD);
                  assertThat(e.what()).contains("one");
                });
        lease.check();
      }
      try (Lease lease = StateStore.lease(database, "shop", "two")) {
        assertThat(lease.run().epoch()).isGreaterThan(first);
      }
    }
  }

  @Test
  void aZombieCannotWriteAfterItsSuccessorBegan() throws SQLException {
    try (var fixture = TestDatabase.target(15)) {
      var database = new Database(fixture.endpoint(), "pgportage shop");
      enter(database);
      Run zombie = new Run("shop", 0);
      try (var other = new Database(fixture.endpoint(), "another application").open("x");
          Lease lease = StateStore.lease(database, "shop", "two")) {
        assertThatThrownBy(() -> new ApplyProgress(zombie).begin(other, Lsn.parse("0/1")))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.LEASE_LOST));
        new ApplyProgress(lease.run()).begin(other, Lsn.parse("0/1"));
        assertThat(new ApplyProgress(lease.run()).read(other)).hasValue(Lsn.parse("0/1"));
      }
    }
  }

  @Test
  void endsTheSessionsAFormerRunLeft() throws SQLException {
    try (var fixture = TestDatabase.target(15)) {
      var database = new Database(fixture.endpoint(), "pgportage shop");
      enter(database);
      try (var left = database.open("copy");
          var status = database.open("status");
          var lease = StateStore.lease(database, "shop", "two")) {
        lease.check();
        assertThat(left.isValid(5)).isFalse();
        assertThat(status.isValid(5)).isTrue();
      }
    }
  }

  @Test
  void noticesThatItsSessionIsGone() throws SQLException {
    try (var fixture = TestDatabase.target(15)) {
      var database = new Database(fixture.endpoint(), "pgportage shop");
      enter(database);
      try (Lease lease = StateStore.lease(database, "shop", "one")) {
        fixture.executeAsSuperuser(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'pgportage shop lease' AND datname = current_database()
            """);
        assertThatThrownBy(lease::check)
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_LOST));
      }
    }
  }

  private static void enter(Database database) throws SQLException {
    try (var connection = database.open("enter")) {
      StateStore.create(connection);
      StateStore.create(connection);
      StateStore.enter(connection, "shop", "cdc", "1/x", "hash");
      assertThat(StateStore.find(connection, "shop")).isPresent();
      assertThat(Sql.queryLong(connection, "SELECT count(*) FROM pgportage.migration"))
          .isEqualTo(1);
    }
  }
}
