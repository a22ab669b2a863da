package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.testing.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program in a process of its own, as a user runs it. */
final class Program {
  private static final int KILLED = 128 + 9;
  private static final int PATIENCE_SECONDS = 120;

  private static final String MAIN = "dev.pgportage.cli.Main";

  private final List<String> arguments;
  private final Map<String, String> variables = new HashMap<>();
  private boolean packaged;

  private Program(List<String> arguments) {
    this.arguments = List.copyOf(arguments);
  }

  /**
   * How it ended.
   *
   * @param status its exit status
   * @param output what it printed on both streams
   */
  record Ended(int status, String output) {
    /** The result in its answer for programs, which may come after lines of progress. */
    JsonNode result() throws JsonProcessingException {
      return new JsonMapper().readTree(output.substring(output.indexOf("{\n"))).at("/result");
    }
  }

  /** The program with these arguments. */
  static Program of(List<String> arguments) {
    return new Program(arguments);
  }

  /** The same with one more option. */
  Program and(String option) {
    var more = new ArrayList<>(arguments);
    more.add(option);
    return new Program(more);
  }

  /** The same, but the jar that is handed out, rather than the classes just compiled. */
  Program packaged() {
    packaged = true;
    return this;
  }

  /** The same with a variable of its environment set. */
  Program with(String variable, String value) {
    variables.put(variable, value);
    return this;
  }

  /** Runs it until it is killed as it passes a point for the n-th time; fails if it never is. */
  Ended dieAt(CrashPoint point, int passage) {
    Ended ended = with("PGPORTAGE_CRASH_AT", point.label() + ":" + passage).run();
    assertThat(ended.status())
        .as("killed at %s: %s", point.label(), ended.output())
        .isEqualTo(KILLED);
    return ended;
  }

  /** The same, to stand still when it passes a point, until it is told to go on. */
  Program sleepingAt(CrashPoint point) {
    return with("PGPORTAGE_SLEEP_AT", point.label());
  }

  /** Runs it to its end. */
  Ended run() {
    try (Live live = start()) {
      return live.end();
    }
  }

  /** Starts it and returns at once. */
  Live start() {
    try {
      Path output = Files.createTempFile("pgportage-", ".out");
      return new Live(start(output), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program while it runs; killed by closing it. */
  record Live(Process process, Path output) implements AutoCloseable {
    /** Waits until it has printed a text. */
    Live awaitOutput(String text) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!printed().contains(text)) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new AssertionError("Never printed: " + text + "\n" + printed());
        }
        pause();
      }
      return this;
    }

    /** Sends it a signal, such as {@code INT} for Ctrl-C. */
    Live signal(String name) {
      try {
        int status =
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
        if (status != 0) {
          throw new AssertionError("kill -" + name + " ended with " + status);
        }
        return this;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    /** Waits until it stands still, as a process that SIGSTOP has reached. */
    Live awaitAsleep() {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      Path status = Path.of("/proc", Long.toString(process.pid()), "status");
      try {
        while (!Files.readString(status).contains("State:\tT")) {
          if (System.nanoTime() > end) {
            throw new AssertionError("It does not stand still:\n" + printed());
          }
          pause();
        }
        return this;
      } catch (IOException e) {
        throw new AssertionError(printed(), e);
      }
    }

    /** Waits for its end. */
    Ended end() {
      try {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new AssertionError("The program does not end:\n" + printed());
        }
        return new Ended(process.exitValue(), printed());
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    private String printed() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static void pause() {
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }

    @Override
    public void close() {
      try {
        process.destroyForcibly().waitFor();
        Files.delete(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  /** The program in a terminal of that size, where somebody watches it. */
  Terminal inTerminal(int columns, int rows) {
    return Terminal.open(columns, rows, line(), variables);
  }

  private List<String> line() {
    var line =
        new ArrayList<>(
            List.of(
                // Ctrl-C must work in it even where the tests run in the background.
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dpgportage.home=" + System.getProperty("pgportage.home")));
    line.addAll(packaged ? List.of("-jar", jar()) : List.of("-cp", classPath(), MAIN));
    line.addAll(arguments);
    return line;
  }

  private Process start(Path output) throws IOException {
    var builder =
        new ProcessBuilder(line()).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("PG") && !isClient(name));
    builder.environment().putAll(variables);
    Process process = builder.start();
    process.getOutputStream().close();
    return process;
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static String jar() {
    Path jar = Path.of(System.getProperty("pgportage.home", "target"), "pgportage.jar");
    if (!Files.exists(jar)) {
      throw new AssertionError("No " + jar + ": ./mvnw -DskipTests package");
    }
    return jar.toString();
  }

  private static boolean isClient(String name) {
    return name.equals("PGPORTAGE_PG_BIN");
  }
}
