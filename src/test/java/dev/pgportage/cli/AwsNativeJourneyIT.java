package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.aws.FakeWorkflows.Script;
import dev.pgportage.aws.ResolvedTemplate;
import dev.pgportage.aws.template.Engine;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole road by pgportage in a stack: what a container of the deployed template would run, this
 * JVM runs, with the variables the template gives it, between two real databases.
 */
class AwsNativeJourneyIT {
  private static final String SCHEMA =
      """
      CREATE TABLE public.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
      INSERT INTO public.customer (name) SELECT 'c' || g FROM generate_series(1, 50) g;
      """;
  private static final String COUNT = "SELECT count(*) FROM public.customer WHERE name = '%s'";

  @TempDir Path spools;

  @Tag("long")
  @Test
  void carriesDatabaseThereAndBack() throws Exception {
    try (var terminal =
        new AwsTerminal(
            TestDatabase.reversibleSource(dev.pgportage.testing.Servers.version(15)),
            TestDatabase.reversibleTarget(dev.pgportage.testing.Servers.version(17)))) {
      terminal.source.execute(SCHEMA);
      terminal.deploy(
          "--engine",
          "native",
          "--image",
          "123456789012.dkr.ecr.eu-central-1.amazonaws.com/pgportage:1",
          "--parameter",
          "Settings=spool.when_lost=reload,spool.directory=" + spools);
      Map<String, String> answers = terminal.aws.stacks.parameters(AwsTerminal.STACK);
      assertThat(answers)
          .containsEntry("MigrationName", AwsTerminal.NAME)
          .containsEntry("Include", "*.*")
          .containsEntry("Reverse", "on")
          .containsEntry("SourcePassword", TestDatabase.PASSWORD)
          .doesNotContainKey("MigrationBucketName");
      var containers = new Containers(terminal, answers);
      terminal.aws.workflows.whenStarted(containers::carryOut);
      goesThere(terminal, containers);
      comesBack(terminal, containers);
      leavesNothing(terminal);
    }
  }

  private static void goesThere(AwsTerminal terminal, Containers containers) throws Exception {
    terminal.aws.workflows.script(Script.ok("Run assess", "Run migrate", "Tell ready"));
    terminal.succeeds("start", "--follow");
    assertThat(terminal.err()).contains("Tell ready", "pgportage: full load");
    terminal.succeeds("status");
    assertThat(terminal.out())
        .contains("ACTIVE, 1 of 1 tasks run", "has reached a steady state", "latency");
    terminal.source.execute("INSERT INTO public.customer (name) VALUES ('there')");
    terminal.succeeds("cutover", "--dry-run");
    assertThat(terminal.err()).contains("would call  states:StartExecution");
    assertThat(terminal.isFenced()).isFalse();
    terminal.succeeds("cutover", "--yes");
    assertThat(containers.ran).containsExactly("assess", "migrate", "cutover");
    assertThat(terminal.isFenced()).isTrue();
    assertThat(terminal.target.number(COUNT.formatted("there"))).isOne();
  }

  private static void comesBack(AwsTerminal terminal, Containers containers) throws Exception {
    terminal.target.execute("INSERT INTO public.customer (name) VALUES ('back')");
    await(() -> terminal.source.number(COUNT.formatted("back")) == 1);
    terminal.succeeds("rollback", "--yes");
    assertThat(containers.ran.getLast()).isEqualTo("rollback");
    assertThat(terminal.isFenced()).isFalse();
    terminal.source.execute("INSERT INTO public.customer (name) VALUES ('again')");
    await(() -> terminal.target.number(COUNT.formatted("again")) == 1);
    assertThat(terminal.run("rollback", "--dry-run")).isZero();
  }

  private static void leavesNothing(AwsTerminal terminal) throws SQLException {
    terminal.aws.containers.task("arn:aws:ecs:e:1:task/c/beside");
    terminal.succeeds("delete", "--dry-run");
    assertThat(terminal.err())
        .contains("would call  ecs:UpdateService", "would call  ecs:StopTask")
        .contains("would call  states:StartExecution", "would call  cloudformation:DeleteStack");
    terminal.succeeds("delete", "--yes");
    assertThat(terminal.aws.containers.desired()).isZero();
    assertThat(terminal.aws.containers.running()).isZero();
    assertThat(terminal.aws.stacks.status(AwsTerminal.STACK)).hasValue("DELETE_COMPLETE");
    assertThat(AwsTerminal.traces(terminal.source)).isZero();
    assertThat(AwsTerminal.traces(terminal.target)).isZero();
  }

  private interface Condition {
    boolean holds() throws SQLException;
  }

  private static void await(Condition condition) throws SQLException, InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(50);
    }
  }

  /** Does what ECS would: runs the template's container with the words of a phase. */
  private static final class Containers {
    private final AwsTerminal terminal;
    private final ResolvedTemplate stack;
    private final JsonNode states;
    private final JsonNode container;
    private final TestShell service;
    private final List<String> ran = new ArrayList<>();
    private Thread running = new Thread();

    Containers(AwsTerminal terminal, Map<String, String> answers) throws IOException {
      this.terminal = terminal;
      stack =
          ResolvedTemplate.of(AwsTemplates.of(Engine.NATIVE).json(), answers, AwsTerminal.STACK);
      states =
          new JsonMapper()
              .readTree(stack.properties("MigrationStateMachine").path("DefinitionString").asText())
              .path("States");
      container = stack.properties("TaskDefinition").path("ContainerDefinitions").path(0);
      service = new TestShell(false, variables());
    }

    /** The secrets that ECS puts into the container's environment. */
    private Map<String, String> variables() {
      var secrets = new HashMap<String, String>();
      for (String side : List.of("SourceSecret", "TargetSecret")) {
        secrets.put(stack.physical(side), stack.properties(side).path("SecretString").asText());
      }
      var variables = new HashMap<String, String>();
      for (JsonNode secret : container.path("Secrets")) {
        variables.put(
            secret.path("Name").asText(),
            secrets.getOrDefault(secret.path("ValueFrom").asText(), "none"));
      }
      return variables;
    }

    void carryOut(String input) {
      if (input.contains("migrate")) {
        run("assess");
        run("migrate");
        running = new Thread(() -> service.run(words(container.path("Command"))));
        running.start();
        terminal.aws.containers.service(stack.physical("Service"), 1);
      } else if (input.contains("cleanup")) {
        service.shell().stop();
        join();
        run("cleanup");
      } else {
        run(input.contains("rollback") ? "rollback" : "cutover");
      }
    }

    private void run(String command) {
      var shell = new TestShell(false, variables());
      JsonNode overrides =
          states.path("Run " + command).at("/Parameters/Overrides/ContainerOverrides/0/Command");
      assertThat(shell.run(words(overrides)))
          .as(() -> command + "\n" + shell.out() + shell.err())
          .isZero();
      ran.add(command);
    }

    private void join() {
      try {
        running.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    private static String[] words(JsonNode command) {
      var words = new ArrayList<String>();
      command.forEach(word -> words.add(word.asText()));
      return words.toArray(String[]::new);
    }
  }
}
