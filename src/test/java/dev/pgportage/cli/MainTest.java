package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.config.Environment;
import dev.pgportage.config.MigrationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class MainTest {
  private static final String SOURCE = "postgresql://u:hush@127.0.0.1/shop";
  private static final String TARGET = "postgresql://u@127.0.0.1/new";

  @TempDir Path directory;
  private final TestShell shell = new TestShell();

  static Stream<String> commands() {
    return Commands.wanted(new TestShell().shell()).stream().map(CommandLine::getCommandName);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void explainsEveryCommandWithAnExample(String command) {
    assertThat(shell.run(command, "--help")).isZero();
    assertThat(shell.out())
        .startsWith("Usage: pgportage " + command)
        .containsPattern("Example:\n  pgportage " + command);
    // A command that only leads to others has no output of its own.
    assertThat(shell.out())
        .containsPattern("--output|\nCommands:")
        .containsPattern("--debug|\nCommands:");
    assertThat(shell.err()).isEmpty();
    assertThat(Commands.wanted(shell.shell(), command, "--help"))
        .extracting(CommandLine::getCommandName)
        .containsExactly(command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "plan",
        "assess",
        "migrate",
        "status",
        "ui",
        "validate",
        "cutover",
        "rollback",
        "report",
        "cleanup"
      })
  void explainsEveryCommandOfAFleetWithAnExample(String command) {
    assertThat(shell.run("fleet", command, "--help")).isZero();
    assertThat(shell.out())
        .startsWith("Usage: pgportage fleet " + command)
        .contains("Example:\n  pgportage fleet " + command, "--output", "--debug", "--group");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void asksWhichCommandOfAFleetIsMeant() {
    assertThat(shell.run("fleet")).isEqualTo(2);
    assertThat(shell.err()).contains("No fleet command given", "pgportage fleet --help");
  }

  @Test
  void explainsItself() {
    assertThat(shell.run("--help")).isZero();
    assertThat(shell.out()).contains("Example:").contains("Exit status: 0 done");
    assertThat(commands()).allMatch(command -> shell.out().contains("\n  " + command));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--version", "-V"})
  void tellsItsVersion(String option) {
    assertThat(shell.run(option)).isZero();
    assertThat(shell.out()).startsWith("pgportage ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | USAGE: No command given",
        "mirgate | Did you mean migrate?",
        "status --frob | USAGE: Unknown: --frob",
        "status postgresql://u:hush@h/d | USAGE: Unknown: an argument",
        "status --output xml | expected one of [text, json]",
        "status --set nothing | --set takes KEY=VALUE",
        "init | Missing required options",
        "init --source | 'pgportage init --help'",
        "status | There is no ./migration.yaml",
        "status --config /no/such.yaml | CONFIG_NOT_FOUND: /no/such.yaml does not exist"
      })
  void endsWithTwoWhenUsedWrongly(String line, String expected) {
    assertThat(shell.run(line.isEmpty() ? new String[0] : line.split(" ", -1))).isEqualTo(2);
    assertThat(shell.err()).contains(expected).contains("exit status 2").doesNotContain("hush");
    assertThat(shell.out()).isEmpty();
    assertThat(shell.err().lines()).hasSizeLessThan(10);
  }

  @Test
  void writesErrorAsJsonWhenAProgramReads() throws IOException {
    assertThat(shell.run("status", "--output", "json", "--source", "x")).isEqualTo(2);
    JsonNode answer = new JsonMapper().readTree(shell.out());
    assertThat(answer.path("command").asText()).isEqualTo("status");
    assertThat(answer.path("exit_status").asInt()).isEqualTo(2);
    assertThat(answer.path("error").path("code").asText()).isEqualTo("CONFIG_NOT_FOUND");
    assertThat(answer.path("error").path("documentation").asText())
        .isEqualTo("docs/errors.md#config_not_found");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void writesUsageErrorAsJsonWhenAProgramReads() throws IOException {
    assertThat(shell.run("status", "--output=json", "--frob")).isEqualTo(2);
    assertThat(new JsonMapper().readTree(shell.out()).path("error").path("code").asText())
        .isEqualTo("USAGE");
  }

  @Test
  void tellsEveryProblemOfTheFileWithItsPlace() throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("m.yaml"), "source: " + SOURCE + "\nlaod: {}\nload: {workers: no}\n");
    assertThat(shell.run("assess", "--config", file.toString())).isEqualTo(2);
    assertThat(shell.err())
        .startsWith("CONFIG_INVALID: 3 problems in the settings\n")
        .contains(file + ": target: is missing")
        .contains(file + ":2:1: laod: this key is not known (did you mean load?)")
        .contains(file + ":3:17: load.workers: 'no' is not allowed")
        .doesNotContain("hush");
  }

  @Test
  void writesFileThatIsReadBack() throws IOException {
    Path file = directory.resolve("m.yaml");
    assertThat(
            shell.run("init", "--source", SOURCE, "--target", TARGET, "--config", file.toString()))
        .isZero();
    assertThat(shell.out()).contains("Wrote " + file).contains("PGPORTAGE_SOURCE_PASSWORD");
    assertThat(Files.readString(file)).doesNotContain("hush");
    var environment = new Environment(Map.of(), directory);
    assertThat(MigrationFile.read(file, List.of(), environment).config().name()).isEqualTo("shop");
  }

  @Test
  void neverOverwritesFile() throws IOException {
    Path file = Files.writeString(directory.resolve("m.yaml"), "mine");
    assertThat(
            shell.run("init", "--source", SOURCE, "--target", TARGET, "--config", file.toString()))
        .isEqualTo(2);
    assertThat(file).hasContent("mine");
    assertThat(shell.err()).contains("exists already");
  }

  @Test
  void refusesNameThatDoesNotFit() {
    assertThat(
            shell.run(
                "init",
                "--source",
                SOURCE,
                "--target",
                TARGET,
                "--name",
                "Not-It",
                "--config",
                directory.resolve("m.yaml").toString()))
        .isEqualTo(2);
    assertThat(directory).isEmptyDirectory();
    assertThat(shell.err()).contains("--name: name: is not allowed");
  }
}
