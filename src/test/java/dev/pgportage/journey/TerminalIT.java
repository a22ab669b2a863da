package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a person sees in a real terminal. */
class TerminalIT {
  private static final String TABLES =
      """
      CREATE TABLE item (id int PRIMARY KEY, v text);
      INSERT INTO item SELECT i, repeat('x', 50) FROM generate_series(1, 20000) i;
      CREATE TABLE "Weird ""Table\""" (id int PRIMARY KEY);
      """;
  private static final String READY = "[x] ready";
  private static final String COLOUR = "\u001b[3";

  @Test
  void showsTheSameOfAMigrationWhereItRunsAndElsewhere() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      try (Terminal own = journey.program("migrate", "--no-ui").inTerminal(100, 34)) {
        String shown = own.await(READY);
        keep("terminal-migrate", own);
        assertThat(shown)
            .contains("+ load ", "load 100 %", "lag ", "WAL held back ", "tables proven")
            .contains("READY: proven and replicating")
            .doesNotContain("\u001b");
        assertThat(own.coloured()).contains(COLOUR);
        // What is drawn below events leaves the last column free.
        try (Terminal other = journey.program("watch").with("NO_COLOR", "1").inTerminal(99, 34)) {
          String watched = other.await(READY);
          keep("terminal-watch", other);
          assertThat(facts(watched)).isEqualTo(facts(shown)).hasSizeGreaterThan(2);
          assertThat(other.coloured()).doesNotContain(COLOUR);
          other.press("q");
          other.press("C-c");
          other.await("[exit 0]");
          assertThat(other.screen()).doesNotContain("cutover:");
        }
        own.resize(60, 12);
        own.await("READY");
        own.press("C-c");
        own.await("[exit 4]");
        // What was drawn is taken away; what was told stays.
        assertThat(own.screen()).doesNotContain("cutover:", "───");
      }
      try (Terminal again =
          journey.program("migrate", "--no-ui").with("NO_COLOR", "1").inTerminal(100, 34)) {
        again.await(READY);
        assertThat(again.coloured()).doesNotContain(COLOUR);
        journey.cutOver();
        again.await("[exit 0]");
        keep("terminal-end", again);
        assertThat(again.all()).contains("Cut over.", "Report: ").doesNotContain("cutover:", "───");
        assertThat(again.coloured()).doesNotContain(COLOUR);
      }
    }
  }

  @Test
  void drawsNothingWhereNobodyWatches() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().execute(TABLES);
      var ended = journey.program("migrate", "--no-ui", "--until-ready").run();
      assertThat(ended.status()).as(ended.output()).isZero();
      assertThat(ended.output())
          .contains("READY: proven and replicating")
          .doesNotContain("\u001b", "\r", "cutover:");
    }
  }

  /** The steps and what is proven: they stand still at READY. */
  private static java.util.List<String> facts(String screen) {
    return screen
        .lines()
        .filter(line -> line.startsWith("+ ") || line.contains("tables proven"))
        .map(line -> line.replaceAll(" +> ready.*", "").stripTrailing())
        .toList();
  }

  private static void keep(String name, Terminal terminal) throws IOException {
    Path directory = Files.createDirectories(Path.of("target", "screenshots"));
    Files.writeString(directory.resolve(name + ".txt"), terminal.coloured());
  }
}
