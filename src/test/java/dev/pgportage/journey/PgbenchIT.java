package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PgbenchIT {
  private static final List<String> SUMS =
      List.of(
          "SELECT sum(abalance) FROM pgbench_accounts",
          "SELECT sum(bbalance) FROM pgbench_branches",
          "SELECT sum(tbalance) FROM pgbench_tellers",
          "SELECT sum(delta) FROM pgbench_history");

  @TempDir private Path directory;

  @Test
  void keepsTheFourSumsEqualWhenMovedUnderLoad() throws Exception {
    requirePgbench();
    try (var journey = Journey.between(15, 15)) {
      Programs.pgbench(journey.source().writerUrl(), "-i", "-q", "-s", "20");
      Path output = directory.resolve("pgbench.out");
      Process load =
          Programs.startPgbench(
              journey.source().writerUrl(), output, "-c", "4", "-j", "1", "-T", "600");
      try (var running = journey.start()) {
        running.awaitReady();
        assertThat(load.isAlive()).as(Files.readString(output)).isTrue();
        journey.cutOver();
        running.await();
      } finally {
        load.destroy();
        load.waitFor();
      }
      assertThat(journey.source().number("SELECT count(*) FROM pgbench_history"))
          .isGreaterThan(100);
      Map<String, String> sums = sums(journey.target());
      assertThat(sums).isEqualTo(sums(journey.source()));
      assertThat(List.copyOf(sums.values()))
          .as("TPC-B's consistency")
          .containsOnly(sums.get(SUMS.get(0)));
      journey.assertArrived().cleanUp();
    }
  }

  private static Map<String, String> sums(TestDatabase database) throws SQLException {
    var result = new TreeMap<String, String>();
    for (String query : SUMS) {
      result.put(query, database.text(query).orElse("none"));
    }
    return result;
  }

  private static void requirePgbench() throws Exception {
    var found = new ProcessBuilder("sh", "-c", "command -v pgbench").start();
    if (found.waitFor() != 0) {
      throw new AssertionError(
          "pgbench is missing: apt-get install postgresql-contrib postgresql-15");
    }
  }
}
