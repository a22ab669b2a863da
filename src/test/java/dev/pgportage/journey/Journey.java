package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One migration under test: its two databases, its {@code migration.yaml}, the ways to run it in
 * this process or in one of its own, and what must be true afterwards.
 */
final class Journey implements AutoCloseable {
  private final TestDatabase source;
  private final TestDatabase target;
  private final Path file;
  private final Path spools;
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, String> variables = new TreeMap<>();

  private Journey(TestDatabase source, TestDatabase target) throws IOException {
    this.source = source;
    this.target = target;
    file = Files.createTempFile("pgportage-", "-migration.yaml");
    spools = Files.createTempDirectory("pgportage-spools-");
    settings.put("spool.directory", spools.toString());
    settings.put("spool.keep_free", "0B");
    // Any test can be run with several streams: -Dpgportage.streams=3.
    Optional.ofNullable(System.getProperty("pgportage.streams"))
        .ifPresent(streams -> settings.put("apply.streams", streams));
    Files.writeString(
        file,
        """
        name: %s
        source: "%s"
        target: "%s"
        """
            .formatted(source.name(), source.url(), target.url()));
    if (!source.role().equals(TestDatabase.REVERSIBLE_SOURCE_ROLE)) {
      settings.put("cutover.reverse", "off");
    }
  }

  /** A migration between two databases, which are closed with it. */
  static Journey of(TestDatabase source, TestDatabase target) throws IOException {
    return new Journey(source, target);
  }

  /** A migration between fresh databases on the shared servers of two versions. */
  static Journey between(int sourceMajor, int targetMajor) throws SQLException, IOException {
    return of(TestDatabase.source(sourceMajor), TestDatabase.target(targetMajor));
  }

  /** A migration that can be rolled back, between fresh databases of two versions. */
  static Journey reversible(int sourceMajor, int targetMajor) throws SQLException, IOException {
    return of(
        TestDatabase.reversibleSource(Servers.version(sourceMajor)),
        TestDatabase.reversibleTarget(Servers.version(targetMajor)));
  }

  /** Sets a key of the file, such as {@code load.workers}. */
  Journey set(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Appends lines to the file, for what no option can say. */
  Journey append(String lines) throws IOException {
    Files.writeString(file, lines, StandardOpenOption.APPEND);
    return this;
  }

  /** Sets a variable of the environment the settings are read in. */
  Journey with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  TestDatabase source() {
    return source;
  }

  TestDatabase target() {
    return target;
  }

  /** What the spools lie in. */
  Path spools() {
    return spools;
  }

  /** The settings as the program reads them. */
  MigrationConfig config() {
    List<MigrationFile.Option> options =
        settings.entrySet().stream()
            .map(e -> new MigrationFile.Option("--set", e.getKey(), e.getValue()))
            .toList();
    return MigrationFile.read(file, options, new Environment(variables, Path.of("/nowhere")))
        .config();
  }

  /** The migration, to be commanded from this process. */
  Migration migration() {
    return new Migration(config(), Monitor.none());
  }

  /** The migration, to be commanded in a process of its own. */
  Program program(String command, String... options) {
    var line = new ArrayList<>(List.of(command.split(" ")));
    line.addAll(List.of("--config", file.toString()));
    settings.forEach((key, value) -> line.addAll(List.of("--set", key + "=" + value)));
    line.addAll(List.of(options));
    Program program = Program.of(line);
    variables.forEach(program::with);
    return program;
  }

  /** Validates by the program, which has to end with this status, and returns its result. */
  JsonNode validated(int status, String... options) throws JsonProcessingException {
    var all = new ArrayList<>(List.of("--output", "json"));
    all.addAll(List.of(options));
    Program.Ended ended = program("validate", all.toArray(String[]::new)).run();
    assertThat(ended.status()).as(ended.output()).isEqualTo(status);
    return ended.result();
  }

  /** Runs the migration to READY and no further. */
  Journey toReady() {
    assertThat(migration().migrate(Migration.Until.READY)).isEqualTo(Outcome.READY);
    return this;
  }

  /** Runs the migration on a thread of its own, until it is cut over. */
  Running start() {
    return new Running(this);
  }

  /** Runs the migration on a thread of its own, beyond the cutover. */
  Running startToEnd() {
    return new Running(this, Migration.Until.END);
  }

  /** Rolls back; by whoever runs the migration, or by this process. */
  Journey rollBack() {
    assertThat(migration().rollback().freezeMillis()).isNotNegative();
    return this;
  }

  /** Waits until whoever runs the migration has come to a phase. */
  Journey awaitPhase(String phase) throws SQLException, InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(2).toNanos();
    while (!phase.equals(phase())) {
      assertThat(System.nanoTime()).as(phase).isLessThan(end);
      Thread.sleep(50);
    }
    return this;
  }

  private String phase() throws SQLException {
    boolean begun =
        target.number("SELECT count(*) FROM pg_tables WHERE schemaname = 'pgportage'") > 0;
    return begun ? target.text("SELECT max(phase) FROM pgportage.migration").orElse("") : "";
  }

  /** Cuts over; by whoever runs the migration, or by this process. */
  Journey cutOver() {
    assertThat(migration().cutover().freezeMillis()).isNotNegative();
    return this;
  }

  /** Cleans up, and proves by SQL of its own that nothing is left on either side. */
  Journey cleanUp() throws SQLException {
    assertThat(migration().cleanup().left()).isEmpty();
    assertClean();
    return this;
  }

  /** No slot, publication, setting or schema of a migration is on either side. */
  void assertClean() throws SQLException {
    assertThat(Contents.traces(source)).as("traces on the source").isEmpty();
    assertThat(Contents.traces(target)).as("traces on the target").isEmpty();
    assertThat(spools).isEmptyDirectory();
  }

  /**
   * Computes materialized views of the source anew, behind the fence: the target's are fresh, those
   * of the source are as old as their last refresh.
   */
  Journey refreshOnSource(String... views) throws SQLException {
    for (String view : views) {
      source.refresh(view);
    }
    return this;
  }

  /** Both databases hold the same objects and the same rows, told by SQL of the tests' own. */
  Journey assertArrived() throws SQLException {
    assertSameSchema();
    assertSameRows();
    return this;
  }

  /** Both databases hold the same objects. */
  void assertSameSchema() throws SQLException {
    assertThat(Contents.differences(Contents.schema(source), Contents.schema(target)))
        .as("objects, source <> target")
        .isEmpty();
  }

  /** Both databases hold the same rows and large objects. */
  void assertSameRows() throws SQLException {
    assertThat(Contents.differences(Contents.rows(source), Contents.rows(target)))
        .as("rows, source <> target")
        .isEmpty();
  }

  /** Commands write the migration's record beside its settings. */
  private void deleteReports() throws IOException {
    String reports = "pgportage-" + source.name() + "-*.{html,json}";
    try (var files = Files.newDirectoryStream(directory(), reports)) {
      for (Path report : files) {
        Files.delete(report);
      }
    }
  }

  private Path directory() {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  @Override
  public void close() throws SQLException, IOException {
    Files.delete(file);
    deleteReports();
    try (Stream<Path> left = Files.walk(spools)) {
      for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
    try (target) {
      source.close();
    }
  }
}
