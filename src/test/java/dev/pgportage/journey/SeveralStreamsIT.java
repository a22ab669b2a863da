package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/scaling.md says of very high write rates: one database, several migrations. */
class SeveralStreamsIT {
  private static final String TABLES =
      """
      CREATE TABLE left_item (id serial PRIMARY KEY, v text);
      CREATE TABLE right_item (id serial PRIMARY KEY, v text);
      """;

  @TempDir private Path directory;

  @Tag("long")
  @Test
  void carriesOneDatabaseByMigrationsOfDisjointTables() throws SQLException, IOException {
    try (Journey journey = Journey.between(15, 17)) {
      TestDatabase source = journey.source().execute(TABLES);
      TestDatabase target = journey.target().execute(TABLES);
      source.execute("INSERT INTO left_item (v) SELECT 'l' FROM generate_series(1, 300)");
      source.execute("INSERT INTO right_item (v) SELECT 'r' FROM generate_series(1, 300)");
      Path left = write("left", journey);
      Path right = write("right", journey);
      try (var one = program("migrate", left, "--no-ui").start();
          var other = program("migrate", right, "--no-ui").start()) {
        one.awaitOutput("Step ready begins");
        other.awaitOutput("Step ready begins");
        source.execute(
            """
            BEGIN;
            UPDATE left_item SET v = 'moved' WHERE id % 3 = 0;
            INSERT INTO right_item (v) SELECT 'more' FROM generate_series(1, 50);
            COMMIT
            """);
        one.signal("KILL");
      }
      var cutovers = new ArrayList<Program.Live>();
      for (Path file : List.of(left, right)) {
        cutovers.add(program("cutover", file, "--yes").start());
      }
      for (Program.Live cutover : cutovers) {
        try (cutover) {
          Program.Ended ended = cutover.end();
          assertThat(ended.status()).as(ended.output()).isZero();
        }
      }
      for (String table : List.of("left_item", "right_item")) {
        String sum =
            "SELECT count(*) || md5(string_agg(i::text, ',' ORDER BY id)) FROM " + table + " i";
        assertThat(target.text(sum)).isEqualTo(source.text(sum));
        assertThat(target.number("SELECT nextval('" + table + "_id_seq')")).isGreaterThan(1300);
      }
      for (Path file : List.of(left, right)) {
        Program.Ended clean = program("cleanup", file, "--no-report", "--yes").run();
        assertThat(clean.status()).as(clean.output()).isZero();
      }
      assertThat(Contents.traces(source)).isEmpty();
      assertThat(Contents.traces(target)).isEmpty();
    }
  }

  private Path write(String name, Journey journey) throws IOException {
    return Files.writeString(
        directory.resolve(name + ".yaml"),
        """
        name: %1$s
        source: "%2$s"
        target: "%3$s"
        filters: {include: ["public.%1$s_*"]}
        schema: {mode: existing}
        cutover: {fence: external, reverse: off}
        spool: {directory: "%4$s", keep_free: 0B}
        """
            .formatted(
                name, journey.source().url(), journey.target().url(), directory.resolve(name)));
  }

  private static Program program(String command, Path file, String... options) {
    var line = new ArrayList<>(List.of(command, "--config", file.toString()));
    line.addAll(List.of(options));
    return Program.of(line);
  }
}
