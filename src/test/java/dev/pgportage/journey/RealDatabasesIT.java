package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.Programs;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The two real databases that lie in {@code shared/data} beside the project. */
class RealDatabasesIT {
  private static final Path DATA = Path.of("..", "shared", "data");
  private static final Pattern OF_PSQL_AND_DATABASE =
      Pattern.compile("(?m)^(\\\\c |DROP DATABASE |CREATE DATABASE ).*$");

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "northwind.sql, 14, UPDATE products SET units_in_stock = 7 WHERE product_id = 1",
    "chinook.sql, 11, UPDATE track SET name = 'Ærø' WHERE track_id = 1"
  })
  void areEqualByDumpAfterTheirMove(String file, int tables, String change) throws Exception {
    try (var journey = Journey.between(15, 15)) {
      load(file, journey.source());
      assertThat(
              journey.source().number("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
          .isEqualTo(tables);
      journey.toReady();
      journey.source().execute(change);
      journey.cutOver().cleanUp();
      assertThat(Dumps.differences(journey.source(), journey.target())).isEmpty();
      assertThat(Sequences.behind(journey.source(), journey.target(), 1000)).isEmpty();
      journey.assertArrived();
    }
  }

  private void load(String file, TestDatabase database) throws IOException {
    Path script = DATA.resolve(file);
    if (!Files.isReadable(script)) {
      throw new AssertionError(
          script.toAbsolutePath().normalize()
              + " is missing: put the project's shared/ directory beside the working copy");
    }
    Path plain = directory.resolve(file);
    Files.writeString(plain, OF_PSQL_AND_DATABASE.matcher(Files.readString(script)).replaceAll(""));
    Programs.psql(database.writerUrl(), plain);
  }
}
