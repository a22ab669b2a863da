package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExportedSnapshotIT {
  private static long count(Database database, Snapshot snapshot) throws SQLException {
    try (var connection = database.open("reader")) {
      snapshot.begin(connection);
      return Sql.queryLong(connection, "SELECT count(*) FROM public.t");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void showsOneStateToEverySessionUntilItIsClosed(int major) throws Exception {
    try (var source = TestDatabase.source(major)) {
      source.execute("CREATE TABLE t AS SELECT generate_series(1, 3)");
      var database = new Database(source.endpoint(), "pgportage test");
      var exported = ExportedSnapshot.take(database);
      source.execute("INSERT INTO t VALUES (4)");
      assertThat(count(database, exported.snapshot())).isEqualTo(3);
      exported.requireAlive();
      exported.close();
      assertLost(() -> count(database, exported.snapshot()));
    }
  }

  @Test
  void outlivesTheSlotsSessionWhenAdopted() throws Exception {
    try (var source = TestDatabase.source(15)) {
      source.execute("CREATE TABLE t AS SELECT generate_series(1, 3)");
      var database = new Database(source.endpoint(), "pgportage test");
      ExportedSnapshot adopted;
      try (var replication = database.openReplication("slot")) {
        var slot = replication.createSlot("adopted_" + source.name(), true);
        adopted = ExportedSnapshot.adopt(database, Snapshot.of(slot));
        assertThat(adopted.snapshot().consistentPoint()).isEqualTo(slot.consistentPoint());
      }
      source.execute("INSERT INTO t VALUES (4)");
      try (adopted) {
        assertThat(count(database, adopted.snapshot())).isEqualTo(3);
      }
    }
  }

  @Test
  void cannotBeAdoptedWhenItIsGone() throws Exception {
    try (var source = TestDatabase.source(15)) {
      var database = new Database(source.endpoint(), "pgportage test");
      var gone = new Snapshot("00000003-0000001B-1", Lsn.ZERO);
      assertLost(() -> ExportedSnapshot.adopt(database, gone));
    }
  }

  private static void assertLost(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SNAPSHOT_LOST));
  }
}
